"""What the command line says of a crew's papers: doubts and what lacks by name, no news as no news."""

from wenqu.cli import output
from wenqu.issues import Issue, Place, Weight
from wenqu.network.model import City, assets
from wenqu.store.database import open_store

HEAD = "管段编号,起始井号,终止井号,检测日期,距离,缺陷代码,等级,照片\n"


def city(folder):
    store = open_store(folder)
    with store.change("demo", who="tester", why="network") as change:
        change.put_city(City("demo"))
        change.put(assets("manhole", ["A", "B"], {}))
        change.put(assets("conduit", ["P1"], {"from_id": ["A"], "to_id": ["B"], "length": [50.0]}))
    store.close()


def test_a_long_list_of_doubts_names_each_kind(wenqu, capsys):
    wenqu("--help")  # the language of the sentences
    many = [
        Issue("crew.no-level", Weight.FAULT, "conduit", f"P{row}", Place("a.csv", "1", row), {
            "table": "1", "row": row, "code": "PL",
        })
        for row in range(output.SHOWN + 2)
    ]  # fmt: skip
    output.show_issues(many)
    counted = capsys.readouterr().out.split("crew.no-level")[0].splitlines()[-1]
    assert "Level missing" in counted


def test_a_delivery_names_what_lacks_and_says_when_nothing_is_new(wenqu, tmp_path):
    city(tmp_path / "store")
    (tmp_path / "a.csv").write_text(HEAD + "P1,A,B,2026-05-04,5,PL,3,shot 1.jpg\n", encoding="utf-8")
    (tmp_path / "other.jpg").write_bytes(b"\xff\xd8\xff nobody names it")
    said = wenqu("inspections", "take-in", "a.csv", "other.jpg", "--city", "demo").out
    assert "1 inspections filed" in said
    assert "Named by a report and not delivered: shot 1.jpg" in said
    assert "Named by no report: other.jpg" in said
    said = wenqu("inspections", "take-in", "a.csv", "other.jpg", "--city", "demo").out
    assert "Nothing is new, the city has not changed: 1 known" in " ".join(said.split())
    assert "(change" not in said


def test_a_report_is_written_under_an_ending_that_it_has(wenqu, tmp_path):
    city(tmp_path / "store")
    assert "no inspections yet" in wenqu("inspections", "report", "--city", "demo", "--out", "a.docx").err
    (tmp_path / "a.csv").write_text(HEAD + "P1,A,B,2026-05-04,5,PL,3,\n", encoding="utf-8")
    wenqu("inspections", "take-in", "a.csv", "--city", "demo")
    said = wenqu("inspections", "report", "--city", "demo", "--out", "a.pdf")
    assert said.code != 0
    assert ".docx, .xlsx" in said.err
    assert not (tmp_path / "a.pdf").exists()
    said = wenqu("inspections", "report", "--city", "demo", "--out", "a.docx", "--inspection", "nope")
    assert "no inspection nope" in said.err
    assert wenqu("inspections", "report", "--city", "demo", "--out", "a.docx").code == 0
    assert (tmp_path / "a.docx").read_bytes().startswith(b"PK")


def test_an_inspection_is_shown_with_the_words_of_its_codes(wenqu, tmp_path):
    city(tmp_path / "store")
    (tmp_path / "a.csv").write_text(HEAD + "P1,A,B,2026-05-04,5,PL,3,\n", encoding="utf-8")
    (tmp_path / "m.csv").write_text("检查井编号,检查日期,井盖破损\nA,2026-05-22,是\n", encoding="utf-8")
    wenqu("inspections", "take-in", "a.csv", "m.csv", "--city", "demo")
    assert "PL fracture" in wenqu("inspections", "show", "P1 2026-05-04", "--city", "demo").out
    said = wenqu("inspections", "show", "A 2026-05-22", "--city", "demo").out
    assert "A: manhole check, 2026-05-22." in said
    assert "from -" not in said
