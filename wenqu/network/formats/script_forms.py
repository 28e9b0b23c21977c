"""How are words in traditional characters compared with words in simplified ones?

Headings and code values of surveys only: a heading 管徑 is the field 管径, a material 鑄鐵 is 铸铁. What is
written in free text stays as it was written.
"""

# Each pair: simplified, traditional. The characters of the known headings, labels and code words.
PAIRS = (
    "东東丢丟义義乐樂乡鄉乱亂产產仅僅会會侧側关關养養内內农農冲沖决決况況净淨减減则則刚剛别別办辦务務动動区區医醫单單"
    "压壓厌厭厕廁厂廠县縣参參双雙发發变變号號后後启啟员員响響园園围圍国國图圖圆圓场場块塊坝壩坠墜墙牆声聲处處备備头頭"
    "夹夾学學宽寬宾賓对對导導尔爾层層属屬岛島幂冪库庫应應废廢开開弃棄弯彎异異强強径徑态態总總悬懸户戶扩擴扬揚抛拋护護"
    "报報拟擬损損换換掺摻采採数數断斷无無时時暂暫术術杂雜权權条條来來松鬆栅柵标標树樹样樣档檔桩樁检檢椭橢横橫残殘气氣"
    "汇匯沟溝没沒浆漿测測涝澇淀澱渗滲温溫湿濕潜潛点點烧燒牵牽状狀独獨环環现現电電畅暢监監盖蓋码碼砖磚碍礙积積称稱稳穩"
    "窥窺竖豎筑築篮籃类類粪糞红紅级級纬緯纳納纵縱纹紋线線组組终終经經结結绕繞绘繪给給统統维維综綜绿綠缔締编編缘緣缝縫"
    "缠纏缩縮联聯胀脹脱脫艺藝节節获獲营營虚虛蚀蝕衬襯装裝见見规規视視计計讫訖许許论論设設证證评評识識诊診试試话話误誤"
    "调調责責账賬质質贸貿资資车車转轉轻輕辆輛输輸边邊达達迁遷过過运運进進远遠连連钢鋼钻鑽铁鐵铸鑄链鏈锁鎖锈鏽错錯镇鎮"
    "镜鏡长長门門闭閉间間闸閘阀閥阳陽随隨顶頂项項预預频頻风風饮飲馆館马馬驶駛驾駕验驗黄黃范範复複复復里裡价價并並庄莊注註台臺"
)
SIMPLIFIED = {ord(PAIRS[at + 1]): PAIRS[at] for at in range(0, len(PAIRS), 2)}


def simplified(text: str) -> str:
    """Return a word with the traditional characters of known headings and codes in their simplified form.

    Examples
    --------
    >>> simplified("管徑")
    '管径'
    """
    return text if text.isascii() else text.translate(SIMPLIFIED)
