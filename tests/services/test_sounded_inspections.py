"""Deposits follow the newest sonar, and a sonar follows the bore that the network knows; all by hand."""

import pytest

from wenqu.network.edits import Edit
from wenqu.records.inspection import Inspection
from wenqu.services.city_state import Cities
from wenqu.services.filed_records import grades
from wenqu.services.import_network import import_network
from wenqu.services.mend_queue import rewrite_row
from wenqu.services.problem_evidence import evidence_of
from wenqu.services.rights import LOCAL
from wenqu.services.settle_after_edit import edit_and_settle
from wenqu.services.take_in_inspections import from_disk, let_in
from wenqu.services.view_inspections import show_inspection
from wenqu.store.database import open_store
from wenqu.store.waiting import Waiting

CITY = "demo"


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path / "store")
    yield opened
    opened.close()


@pytest.fixture
def deliver(store, tmp_path):
    """Return what takes lists in."""
    count = iter(range(100))

    def give(files):
        home, folder = tmp_path / f"in-{next(count)}", tmp_path / f"work-{next(count)}"
        home.mkdir()
        folder.mkdir()
        for name, content in files.items():
            (home / name).write_bytes(content)
        made = from_disk(store, [home], folder, CITY, LOCAL, 1 << 24)
        return let_in(store, made, folder, LOCAL, "survey", "d1", 1 << 24, lambda _: None)

    return give


def inspections(store):
    return store.records(CITY, "inspection", Inspection)


def test_a_newer_sonar_takes_the_place_of_the_deposits_that_a_camera_saw_and_an_older_one_does_not(
    store, deliver, crew
):
    crew.put_city(store)  # P1: 50 m long, 0.4 m high
    camera = (
        "管段编号,起始井号,终止井号,检测日期,检测方法,距离(m),缺陷代码,等级,缺陷长度\n"
        "P1,A,B,2026-05-04,CCTV,3,CJ,4,40\nP1,A,B,2026-05-04,CCTV,10,PL,3,\n"
    )
    deliver({"CCTV.csv": camera.encode()})

    def sonar(day, deep):
        rows = ["管段编号,起始井号,终止井号,检测日期,检测方法,距离(m),积泥深度(mm)"]
        rows += [f"P1,A,B,{day},声纳检测,{at},{deep}" for at in (0, 50)]
        deliver({f"声纳{day}.csv": "\n".join(rows).encode()})
        return grades(store, Cities(store).state(CITY))["P1"]

    # CJ 4 scores 10: G = 10, Ⅳ; PL 3 scores 5: F = 5, Ⅲ
    older = sonar("2026-03-01", 100)
    assert (older.G, older.functional_grade, older.F, older.structural_grade) == (10.0, 4, 5.0, 3)
    # 100 mm of 400 mm is 25 %: CJ 1, 0.5: G = 0.5, Ⅰ. The structure stays what the camera saw.
    newer = sonar("2026-08-01", 100)
    assert (newer.G, newer.functional_grade, newer.F, newer.structural_grade) == (0.5, 1, 5.0, 3)
    state = Cities(store).state(CITY)
    film, _, sound = (one.id for one in inspections(store))
    shown = show_inspection(store, state, film, "zh")
    assert (shown["grade"]["G"], [one["id"] for one in shown["counts"]["sounded"]]) == (0.5, [sound])
    assert [row["code"] for row in shown["defects"]] == ["CJ", "PL"]  # the camera's rows stay as written
    # 240 mm is 60 %: CJ 4: a problem of the function, whose evidence is the sonar of that day
    assert sonar("2026-09-01", 240).G == 10.0
    found = evidence_of(store, Cities(store).state(CITY))
    [silted] = [one for one in found if one.kind == "functional"]
    assert (silted.found_on, silted.evidence[0]) == ("2026-09-01", f"inspection:{inspections(store)[-1].id}")
    [broken] = [one for one in found if one.kind == "structural"]
    assert (broken.found_on, broken.evidence[0]) == ("2026-05-04", f"inspection:{film}")


def test_a_sonar_without_a_bore_has_no_grade_until_the_network_knows_one_and_follows_it(store, deliver, crew):
    crew.put_city(store)

    def bore(value):
        edit_and_settle(
            store, CITY, None, [Edit("conduit", "P1", {"height": value})], person=LOCAL, why="measured"
        )
        return grades(store, Cities(store).state(CITY)).get("P1")

    bore(None)
    rows = ["管段编号,起始井号,终止井号,检测日期,检测方法,距离(m),积泥深度(mm)"]
    rows += [f"P1,A,B,2026-05-04,声纳检测,{at},100" for at in (0, 50)]
    deliver({"声纳.csv": "\n".join(rows).encode()})
    [one] = inspections(store)
    state = Cities(store).state(CITY)
    unknown = grades(store, state)["P1"]
    assert (unknown.functional_grade, unknown.structural_grade, unknown.MI) == (0, 0, None)
    told = show_inspection(store, state, one.id, "zh")["grade"]["told"]
    assert "测得了积泥深度，但不知道管径，功能性状况不评级：补上管径后重新评级。" in told
    # 100 mm of 400 mm is 25 %, CJ 1 (0.5); of 240 mm 42 %, CJ 3 (5); of 150 mm 67 %, CJ 4 (10)
    assert (bore(0.4).G, bore(0.24).G, bore(0.15).G) == (0.5, 5.0, 10.0)
    shown = show_inspection(store, Cities(store).state(CITY), one.id, "zh")
    assert [(row["code"], row["level"]) for row in shown["defects"]] == [("CJ", 4)]
    assert (bore(None).functional_grade, bore(0.4).functional_grade) == (0, 1)
    before = store.version(CITY)
    edit_and_settle(store, CITY, None, [Edit("conduit", "P1", {"road": "人民路"})], person=LOCAL, why="named")
    assert store.version(CITY) == before + 1  # a name moves no grade, and none is stated again


def test_a_bore_that_is_mended_in_the_queue_moves_the_grade(store, deliver, crew):
    crew.put_city(store)
    rows = ["管段编号,起始井号,终止井号,检测日期,检测方法,距离(m),积泥深度(mm)"]
    rows += [f"P1,A,B,2026-05-04,声纳检测,{at},100" for at in (0, 50)]
    deliver({"声纳.csv": "\n".join(rows).encode()})
    doubt = Waiting("attributes.odd-height", "doubt", True, "conduit", "P1", body={"facts": {}})
    with store.change(CITY, who="tester", why="a doubt") as change:
        change.add_waiting([doubt])
    [row] = [one for one in store.waiting(CITY) if one.asset == "P1"]
    rewrite_row(store, store.network(CITY), row.id, {"height": 0.15}, who="tester", why="measured")
    assert grades(store, Cities(store).state(CITY))["P1"].G == 10.0  # 100 mm of 150 mm: CJ 4


def test_a_delivery_of_the_network_with_another_bore_moves_the_grade(store, deliver, tmp_path):
    model = tmp_path / "model.inp"
    model.write_text(MODEL.format(bore=0.4), encoding="utf-8")
    import_network(store, model, CITY, who="tester", why="census")
    rows = ["管段编号,起始井号,终止井号,检测日期,检测方法,距离(m),积泥深度(mm)"]
    rows += [f"C1,J1,O1,2026-05-04,声纳检测,{at},100" for at in (0, 100)]
    deliver({"声纳.csv": "\n".join(rows).encode()})
    assert grades(store, Cities(store).state(CITY))["C1"].G == 0.5
    model.write_text(MODEL.format(bore=0.24), encoding="utf-8")
    import_network(store, model, CITY, who="tester", why="measured again")
    assert grades(store, Cities(store).state(CITY))["C1"].G == 5.0


MODEL = """[TITLE]
A small model, CRS EPSG:4549
[OPTIONS]
FLOW_UNITS CMS
[JUNCTIONS]
J1 3.0 2.0 0 0 0
[OUTFALLS]
O1 2.5 FREE NO
[CONDUITS]
C1 J1 O1 100 0.013 0 0 0 0
[XSECTIONS]
C1 CIRCULAR {bore} 0 0 0 1
[COORDINATES]
J1 499000 3171000
O1 499100 3171000
"""
