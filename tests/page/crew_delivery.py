"""All that crews hand over, in one folder: every form that is read, and what is wrong with some of it."""

import io

import numpy as np
import openpyxl

from tests.network.formats.jet import Table, write_mdb
from tests.survey.formats import test_isybau as isybau
from tests.survey.formats import test_m150 as m150
from tests.survey.formats import test_pacp as pacp
from tests.survey.formats import test_wincan as wincan
from wenqu.examples.crew_papers import defect, png, report, row, sheet
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, assets
from wenqu.protocols.word_file import Box, Picture
from wenqu.store.database import open_store
from wenqu.survey.formats import read

CITY = "crew"
PIPES = {  # id: from, to, length [m], height [m], importance, soil
    "W12-W13": ("W12", "W13", 25.0, 0.8, "trunk_road", "ordinary"),
    "W13-W14": ("W13", "W14", 25.0, 0.8, "trunk_road", "ordinary"),
    "X1-X2": ("X1", "X2", 20.0, 0.5, "other_road", "ordinary"),
    "M1-M2": ("M1", "M2", 20.0, 1.2, "central", "ordinary"),
    "Q1-Q2": ("Q1", "Q2", 30.0, 0.4, "trunk_road", "ordinary"),
    "H1": ("S1", "S9", 31.0, 0.3, "", ""),  # ISYBAU 2013
    "H2": ("S2", "S9", 31.0, 0.3, "", ""),  # ISYBAU 2017
    "D1": ("S1", "S2", 31.0, 0.3, "", ""),  # DWA-M 150
    "06-001": ("S1", "S2", 40.0, 0.3, "", ""),  # WinCan
    "P-7": ("M1", "M2", 30.48, 0.3, "", ""),  # PACP
}
HEAD = ["管段编号", "起始井号", "终止井号", "检测日期", "检测方法", "距离（m）", "缺陷代码", "等级"]


def write_city(folder, kwb):
    """Write the pipes of the crew, and those of the public survey where it is at hand."""
    rows = dict(PIPES)
    if kwb.is_file():
        for one in read(kwb).seen:
            told = one.inspection
            rows[told.asset] = (told.start, told.end, 60.0, 0.3, "", "")
    nodes = sorted({name for one in rows.values() for name in one[:2]})
    place = {name: (499000.0 + 60 * at, 3171000.0) for at, name in enumerate(nodes)}
    ends = np.array([place[name] for one in rows.values() for name in one[:2]])
    begin, end, length, height, importance, soil = zip(*rows.values(), strict=True)
    store = open_store(folder)
    with store.change(CITY, who="tester", why="network") as change:
        change.put_city(City(CITY, "样城", "Crew", "EPSG:4549"))
        change.put(assets("manhole", nodes, {}, Shapes.points(np.array([place[name] for name in nodes]))))
        table = {
            "from_id": begin, "to_id": end, "length": length, "height": height,
            "importance": [one or None for one in importance], "soil": [one or None for one in soil],
        }  # fmt: skip
        change.put(assets("conduit", list(rows), table, Shapes.lines(ends, np.arange(0, len(ends) + 1, 2))))
    store.close()


def workbook(path, *rows):
    """Write a list of defects."""
    book = openpyxl.Workbook()
    for one in (HEAD, *rows):
        book.active.append(one)
    book.save(path)
    return path


def photo(shade):
    """Return a row with a picture."""
    return row(Box("照片1", span=8, pictures=(Picture(f"P{shade}.png", png(shade)),)))


def word():
    """Return a report of two pipes with a picture each."""
    rows = [
        defect("2.0", "PL", "5", "3", "破碎", "1"),
        defect("8.0", "SL", "2", "2"),
        defect("15", "CK", "0.5", "1"),
    ]
    first = sheet(rows=rows, photos=[photo(3)])
    second = sheet(
        start="W13", end="W14", rows=[defect("4.0", "CJ", "2", "2", "淤积", "1")], photos=[photo(9)]
    )
    return report("检测成果表", first, "检测成果表", second)


def write_good(folder, kwb):
    """Write what can be read: a crew's docx, xlsx and mdb, and every exchange form."""
    folder.mkdir()
    (folder / "检测报告.docx").write_bytes(word())
    rows = [["X1-X2", "X1", "X2", "2026-05-04", "CCTV", at, "PL", 4] for at in (5.0, 6.2)]
    workbook(folder / "五月.xlsx", *rows)
    rows = [("M1-M2", "M1", "M2", "2026-05-04", "CCTV", "0-20", "JG", "4")]
    write_mdb(folder / "五月.mdb", {"缺陷": Table([(name, "text") for name in HEAD], rows)})
    for number, version, space in ((1, "2013-02", isybau.OFD), (2, "2017-07", isybau.BFR)):
        parts = (isybau.PIPE.format(n=number), isybau.MANHOLE) if number == 1 else (isybau.PIPE.format(n=2),)
        text = isybau.document(version, space, parts)
        (folder / f"isybau-{version[:4]}.xml").write_bytes(text.encode("latin-1"))
    text = m150.TEXT.replace("<HG001>H1<", "<HG001>D1<").replace("<HG001>H2<", "<HG001>D2<")
    (folder / "m150.xml").write_bytes(text.encode("latin-1"))
    wincan.project(folder / "wincan.db3", wincan.EN_ROWS)
    pacp.database(folder / "pacp.mdb")
    if kwb.is_file():
        (folder / kwb.name).write_bytes(kwb.read_bytes())


def write_bad(folder, crew):
    """Write what is cut short, unknown, told twice, or beyond the end of its pipe."""
    folder.mkdir()
    (folder / "断.docx").write_bytes(word()[:700])
    whole = io.BytesIO(word()).getvalue()
    (folder / "乱.docx").write_bytes(whole[:400] + b"#" * 300 + whole[700:])
    (folder / "断.xml").write_bytes(b'<?xml version="1.0"?><Identifikation><Version>2013-02</Version><Dat')
    unknown = crew.survey_text(
        crew.block("Q1-Q2", "Q1", "Q2", 30.0, (5.0, "XYZ", "", ""), (61.0, "BAB", "", ""))
    )
    (folder / "欧标.txt").write_bytes(unknown)
    workbook(
        folder / "两次.xlsx",
        ["Q1-Q2", "Q1", "Q2", "2026-05-06", "CCTV", 3.0, "PL", 2],
        ["Q1-Q2", "Q1", "Q2", "2026-05-07", "CCTV", 4.0, "PL", 2],
    )
