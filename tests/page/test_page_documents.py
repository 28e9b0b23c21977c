"""The register of official documents and a round of consultation, as an office walks through them."""

import io

import pytest
import python_calamine

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
TABLE = "提出单位,意见内容,采纳情况,理由\n西区,分期安排,采纳,\n市建设局,早些,不采纳,工期\n,没有单位,,\n"


def begun(visit, title):
    page = visit.page
    visit.go("documents?tab=register&lang=zh&theme=light")
    page.get_by_role("button", name="登记公文").first.click()
    page.get_by_role("textbox", name="标题").fill(title)
    page.get_by_label("有关部门").check()
    page.locator("form").get_by_role("button", name="登记公文").click()
    page.get_by_role("heading", name=title).wait_for()


def filed(visit, reason="初稿"):
    page = visit.page
    page.get_by_role("button", name="登记新版本").first.click()
    form = page.get_by_role("form", name="登记新版本")
    form.get_by_role("button", name="上传文件").click()
    plan = {"name": "方案.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 plan"}
    form.locator("input[type=file]").set_input_files(plan)
    form.get_by_label("缘由").fill(reason)
    form.get_by_role("button", name="登记新版本").click()
    page.locator("article", has_text="v1").wait_for()


def test_a_document_is_begun_filed_signed_and_proved(visit):
    page = visit.page
    begun(visit, "东区实施方案")
    filed(visit)
    text = page.locator("section[aria-label^='D-']").inner_text()
    assert "SHA-256" in text
    assert "拟稿" in text
    assert "○ 有关部门" in text
    assert not page.get_by_role("group", name="下一步").count()  # who drafted checks nothing
    with page.expect_download() as taken:
        page.get_by_role("link", name="方案.pdf").click()
    assert taken.value.path().read_bytes() == b"%PDF-1.7 plan"
    page.get_by_role("button", name="验证全部版本").click()
    page.get_by_text("个版本全部通过").wait_for()
    assert page.locator("tr", has_text="东区实施方案").count() == 1
    assert not visit.complaints


def test_a_round_is_asked_taken_in_mended_and_written(visit):
    page = visit.page
    begun(visit, "征求意见稿")
    filed(visit)
    page.get_by_role("button", name="征求意见", exact=True).click()
    form = page.get_by_role("form", name="征求意见")
    form.get_by_label("有关部门").check()
    form.get_by_label("截止日期").fill("2099-01-01")
    form.get_by_role("button", name="就 v1 征求意见").click()
    page.get_by_text("还没有意见").wait_for()
    table = {"name": "意见.csv", "mimeType": "text/csv", "buffer": TABLE.encode()}
    page.get_by_label("读入意见表").set_input_files(table)
    page.get_by_text("登记意见 2 条").wait_for()
    page.get_by_text("共收到反馈意见 2 条，采纳 1 条").wait_for()
    assert "没有提出单位" in visit.text()
    page.get_by_role("button", name="更正").click()
    mend = page.get_by_role("form", name="提意见")
    mend.get_by_label("提出单位").fill("市财政局")
    mend.get_by_role("button", name="更正").click()
    page.get_by_text("共收到反馈意见 3 条，采纳 1 条").wait_for()
    page.get_by_role("button", name="决定", exact=True).click()
    decide = page.get_by_role("form", name="决定第 3 条意见")
    decide.get_by_role("button", name="部分采纳").click()
    decide.get_by_label("理由").fill("资金")
    decide.get_by_role("button", name="保存").click()
    page.get_by_text("部分采纳 1").wait_for()
    with page.expect_download() as taken:
        page.get_by_role("button", name="XLSX").click()
    book = python_calamine.load_workbook(io.BytesIO(taken.value.path().read_bytes()))
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[0][0] == "《征求意见稿》意见采纳情况表"
    assert [row[5] for row in rows[3:6]] == ["采纳", "未采纳", "部分采纳"]
    page.get_by_role("button", name="结束征求").click()
    page.get_by_text("已结束").first.wait_for()
    assert not visit.complaints


def test_register_and_opinions_fit_a_phone(visit):
    visit.page.set_viewport_size(PHONE)
    for tab, sign in (("register", "Register"), ("opinions", "Consultation")):
        visit.go(f"documents?tab={tab}&lang=en&theme=dark")
        assert sign in visit.text()
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert not visit.complaints


def test_a_paper_of_the_data_is_filed_from_where_it_is_read(visit):
    page = visit.page
    visit.go("documents?tab=papers&lang=zh&theme=light")
    title = page.locator("article h1").inner_text()
    page.get_by_role("button", name="登记为公文版本").click()
    form = page.get_by_role("form", name="登记为公文版本")
    form.get_by_label("缘由").fill("初稿")
    form.get_by_role("button", name="登记新版本").click()
    page.get_by_role("heading", name=title).wait_for()
    version = page.locator("article", has_text="v1").first
    version.get_by_text("文中的数字").wait_for()
    assert ".docx" in version.inner_text()
    assert not visit.complaints
