"""A delivery of inspections enters: matched, joined from both ends, waiting, known already, refused."""

import zipfile
from pathlib import Path

import pytest

from wenqu.errors import BadInput, Cancelled, FileMissing
from wenqu.network.model import City, assets
from wenqu.records.handed import Handed
from wenqu.records.inspection import Inspection
from wenqu.services.city_state import Cities
from wenqu.services.decide_queue import decide
from wenqu.services.inspection_media import source_path
from wenqu.services.let_in_inspections import settle_inspections
from wenqu.services.rights import LOCAL, Grant, Person
from wenqu.services.survey_coverage import coverage
from wenqu.services.take_in_inspections import from_disk, let_in, summary_of
from wenqu.services.view_inspections import Asked, list_inspections, show_inspection
from wenqu.services.view_problems import view_alarms
from wenqu.services.view_queue import row_of
from wenqu.services.waiting_rows import repairs_from
from wenqu.store.database import open_store

CITY = "demo"
JPEG = b"\xff\xd8\xff a picture"
MOST = 1 << 24
NORTH = Person("clerk", (Grant("district", CITY, "north"),))


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path / "store")
    yield opened
    opened.close()


@pytest.fixture
def deliver(store, tmp_path):
    """Return what takes files in as a person and tells what was found and filed."""
    count = iter(range(100))

    def give(files, person=LOCAL, most=MOST):
        home = tmp_path / f"in-{next(count)}"
        for name, content in files.items():
            path = home / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        folder = tmp_path / f"work-{next(count)}"
        folder.mkdir()
        made = from_disk(store, [home], folder, CITY, person, most)
        return summary_of(made), let_in(store, made, folder, person, "survey", "d1", most, lambda _: None)

    return give


def inspections(store):
    return store.records(CITY, "inspection", Inspection)


def waiting(store):
    return [row for row in store.waiting(CITY) if row.rule.startswith("match.")]


def packed(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path.read_bytes()


def test_two_surveys_from_both_ends_with_pictures_are_one_pipe(store, deliver, crew):
    crew.put_city(store)
    told, done = deliver(
        {
            "survey.txt": crew.survey_text(
                crew.block("P1", "A", "B", 30.0, (5.0, "BAB", "1.jpg", ""), (30.0, "BBC", "", "")),
                crew.block("P1", "B", "A", 25.0, (12.0, "BAF", "2", ""), date="2026-05-03", way="B"),
            ),
            "pictures/1.jpg": JPEG,
            "pictures/2.jpg": JPEG,  # the same content: kept once
            "pictures/9.jpg": b"\xff\xd8\xff nobody names it",
        }
    )
    assert told["counts"] == {"new": 2, "more": 0, "same": 0, "waiting": 0, "elsewhere": 0}
    assert (told["media"], told["missing"]) == (2, 0)
    assert [name.rpartition("/")[2] for name in told["strays"]] == ["9.jpg"]
    assert (len(done.inspections), done.assets, done.documents) == (2, ("P1",), 2)
    documents = [entry for entry in store.documents(CITY) if entry.name.startswith("inspections/")]
    assert len({entry.sha256 for entry in documents}) == 1
    state = Cities(store).state(CITY)
    found = show_inspection(store, state, done.inspections[0], "en")
    assert (found["axis"]["start"], found["axis"]["covered"], found["axis"]["gap"]) == (
        "A",
        42.0,
        (30.0, 38.0),
    )
    assert [(row["code"], row["start"], row["written"]) for row in found["defects"]] == [
        ("BAB", 5.0, 5.0),
        ("BBC", 30.0, 30.0),
        ("BAF", 38.0, 12.0),
    ]
    assert found["defects"][2]["picture"]["here"]
    listed = list_inspections(store, state, Asked(text="p1", most=1))
    assert (listed["count"], len(listed["rows"])) == (2, 1)
    both = [one for one in inspections(store) if one.asset == "P1"]
    assert listed["sums"]["length"] == sum(one.length for one in both)  # of all, not of the page
    assert listed["sums"]["defects"] == sum(len(one.defects) for one in both)
    (north, south) = coverage(store, state)
    assert (north["pipes"], north["length"], north["surveyed"], north["seen"]) == (3, 150.0, 1, 42.0)
    assert (south["surveyed"], south["share"]) == (0, 0.0)


def test_the_same_delivery_again_changes_nothing_and_pictures_that_come_later_are_added(store, deliver, crew):
    crew.put_city(store)
    text = crew.survey_text(crew.block("P1", "A", "B", 50.0, (5.0, "BAB", "1.jpg", "")))
    told, _ = deliver({"survey.txt": text})
    assert (told["counts"]["new"], told["missing"]) == (1, 1)
    version = store.version(CITY)
    told, done = deliver({"again.txt": text})
    assert told["counts"] == {"new": 0, "more": 0, "same": 1, "waiting": 0, "elsewhere": 0}
    assert (store.version(CITY), done.number, done.same, done.changed) == (version, version, 1, False)
    told, _ = deliver({"again.txt": text, "1.jpg": JPEG})
    assert told["counts"]["more"] == 1
    assert len(inspections(store)) == 1
    state = Cities(store).state(CITY)
    found = show_inspection(store, state, inspections(store)[0].id, "en")
    assert found["defects"][0]["picture"]["here"]


def test_an_acceptance_that_is_called_off_leaves_no_file_in_the_store(store, crew, tmp_path):
    crew.put_city(store)
    home, folder = tmp_path / "given", tmp_path / "work"
    home.mkdir()
    folder.mkdir()
    shot = (5.0, "BAB", "1.jpg", ""), (9.0, "BAF", "2.jpg", "")
    (home / "survey.txt").write_bytes(crew.survey_text(crew.block("P1", "A", "B", 50.0, *shot)))
    for name in ("1.jpg", "2.jpg"):
        (home / name).write_bytes(JPEG + name.encode())
    made = from_disk(store, [home], folder, CITY, LOCAL, MOST)

    def files():
        return {path.name for path in (tmp_path / "store").rglob("*") if len(path.name) == 64}

    def called_off(share):
        if share > 0.3:
            raise Cancelled

    before = files()
    with pytest.raises(Cancelled):
        let_in(store, made, folder, LOCAL, "survey", "d1", MOST, called_off)
    assert files() == before
    assert inspections(store) == []
    assert let_in(store, made, folder, LOCAL, "survey", "d1", MOST, lambda _: None).documents == 2


def test_a_survey_of_an_unknown_pipe_waits_and_one_click_lets_it_in(store, deliver, crew):
    crew.put_city(store)
    told, done = deliver(
        {
            "survey.txt": crew.survey_text(crew.block("K9", "x", "C", 50.0, (7.0, "BAB", "1.jpg", ""))),
            "1.jpg": JPEG,
        }
    )
    assert (told["counts"]["waiting"], told["troubles"], done.waiting) == (1, {"unknown": 1}, 1)
    assert inspections(store) == []
    (row,) = waiting(store)
    assert (row.rule, row.asset, row.inside) == ("match.unknown-asset", "K9", False)
    names = [f"{one['key']}:{'|'.join(one['facts'].values())}" for one in row.body["proposals"]]
    assert names == ["inspection-is-of:P2|one-manhole|50.0 m", "inspection-is-of:P3|one-manhole|50.0 m"]
    asked = {"act": "confirm", "ids": [row.id], "key": names[1], "why": "asked the crew"}
    made = decide(Cities(store), CITY, asked, LOCAL)
    assert made.repaired == (row.id,)
    assert [(one.asset, one.defects[0].asset) for one in inspections(store)] == [("P3", "P3")]
    assert waiting(store) == []
    (handed,) = store.records(CITY, "handed", Handed)
    assert (handed.name, handed.matched, list(handed.media)) == ("K9", "hand", ["1.jpg"])
    assert store.document(CITY, handed.media["1.jpg"]) == JPEG


def test_a_row_that_waits_says_where_it_was_as_far_as_it_says_it(store, deliver, crew):
    crew.put_city(store)
    patrol = "巡查日期,巡查人,地点,发现问题\n2026-05-23,王五,解放路,路面塌陷\n".encode()
    deliver(
        {"p.csv": patrol, "s.txt": crew.survey_text(crew.block("K9", "x", "y", 50.0, (7.0, "BAB", "", "")))}
    )
    state = Cities(store).state(CITY)
    says = [row_of(row, state, language)["says"] for row in waiting(store) for language in ("zh", "en")]
    assert "（K9，x 至 y，2026-05-01，1 处缺陷）" in " ".join(says)
    assert "(K9, x to y, 2026-05-01, 1 defects)" in " ".join(says)
    assert "（2026-05-23，1 处缺陷）" in " ".join(says)
    assert not any("- 至 -" in text or "[" in text for text in says)


def test_a_pipe_seen_by_a_lesser_method_alone_says_what_its_grade_rests_on(store, deliver, crew):
    crew.put_city(store)
    rows = "管段编号,起始井号,终止井号,检测日期,检测方式,距离,缺陷代码,等级\n"
    deliver({"a.csv": (rows + "P1,A,B,2026-05-04,QV,4,CJ,2\nP2,B,C,2026-05-04,CCTV,4,CJ,2\n").encode()})
    state = Cities(store).state(CITY)
    shown = [show_inspection(store, state, one.id, "zh") for one in inspections(store)]
    assert [(one["asset"], (one["counts"]["weak"] or {}).get("clause")) for one in shown] == [
        ("P1", "ch. 6"), ("P2", None),
    ]  # fmt: skip
    assert "仅用于初步判定" in shown[0]["counts"]["weak"]["says"]


def test_a_pipe_that_nobody_has_is_refused_with_a_sentence(store, deliver, crew):
    crew.put_city(store)
    deliver({"survey.txt": crew.survey_text(crew.block("K9", "x", "y", 50.0, (7.0, "BAB", "", "")))})
    (row,) = waiting(store)
    with pytest.raises(BadInput) as caught:
        decide(
            Cities(store),
            CITY,
            {"act": "repair", "ids": [row.id], "key": "inspection-is-of:nope|hand|"},
            LOCAL,
        )
    assert caught.value.key == "error.bad-input.inspection-no-asset"
    assert len(waiting(store)) == 1


def test_a_survey_that_waits_enters_when_its_pipe_has_come(store, deliver, crew):
    crew.put_city(store, "P1")
    text = crew.survey_text(crew.block("P2", "B", "C", 50.0, (7.0, "BAB", "", "")))
    deliver({"survey.txt": text})
    assert len(waiting(store)) == 1
    deliver({"survey.txt": text})
    assert len(waiting(store)) == 1  # it does not wait twice
    with store.change(CITY, who="tester", why="more pipes") as change:
        change.put(crew.pipes("P2"))
    assert settle_inspections(store, CITY, who="tester", why="import").changed == {"inspection": 1}
    assert [one.asset for one in inspections(store)] == ["P2"]
    assert waiting(store) == []
    told, _ = deliver({"survey.txt": text})
    assert told["counts"]["same"] == 1


def test_one_number_twice_a_defect_beyond_the_end_and_too_much_seen_lose_nothing(store, deliver, crew):
    crew.put_city(store)
    deliver({"a.txt": crew.survey_text(crew.block("P1", "A", "B", 50.0, (5.0, "BAB", "", "")))})
    told, _ = deliver({"b.txt": crew.survey_text(crew.block("P1", "A", "B", 50.0, (61.5, "BAF", "", "")))})
    assert [one["code"] for one in told["issues"]].count("match.same-number") == 1
    assert {"match.beyond-end", "match.longer"} <= {one["code"] for one in told["issues"]}
    assert [one.id for one in inspections(store)] == ["P1 2026-05-01 10:00", "P1 2026-05-01 10:00~2"]
    assert inspections(store)[1].defects[0].start == 61.5


def test_a_defect_beyond_the_end_is_told_once_with_its_row(store, deliver, crew):
    crew.put_city(store)
    rows = "管段编号,起始井号,终止井号,检测日期,检测长度,距离,缺陷代码,等级\n"
    told, _ = deliver({"列表/a.csv": (rows + "P1,A,B,2026-05-04,49,60,PL,3\n").encode()})
    beyond = [one for one in told["issues"] if one["code"].endswith("beyond-end")]
    ((_, file, row),) = [(one["code"], one["file"].partition("/")[2], one["row"]) for one in beyond]
    assert (beyond[0]["code"], file, row) == ("match.beyond-end", "列表/a.csv", 2)
    assert beyond[0]["facts"]["length"] == 50.0  # that of the city, not what the list says was seen


def test_beyond_the_length_that_a_file_gives_is_told_where_the_pipe_is_longer(store, deliver, crew):
    crew.put_city(store)
    rows = "管段编号,起始井号,终止井号,检测日期,检测长度,距离,缺陷代码,等级\n"
    told, _ = deliver({"a.csv": (rows + "P1,A,B,2026-05-04,20,40,PL,3\n").encode()})
    assert [one["code"] for one in told["issues"]] == ["crew.beyond-end"]


def test_a_pipe_beyond_ones_district_waits_for_somebody_who_may(store, deliver, crew):
    crew.put_city(store)
    two = crew.survey_text(
        crew.block("P1", "A", "B", 50.0, (5.0, "BAB", "1.jpg", "")),
        crew.block("Q1", "E", "F", 60.0, (6.0, "BAB", "", ""), number=2),
    )
    told, done = deliver({"survey.txt": two, "1.jpg": JPEG}, NORTH)
    assert (told["counts"]["new"], told["counts"]["elsewhere"], done.waiting) == (1, 1, 1)
    assert [one.asset for one in inspections(store)] == ["P1"]
    (row,) = waiting(store)
    assert (row.rule, row.asset) == ("match.elsewhere", "Q1")
    assert decide(Cities(store), CITY, {"act": "repair", "ids": [row.id]}, LOCAL).repaired == (row.id,)
    assert [one.asset for one in inspections(store)] == ["P1", "Q1"]


def test_an_emergency_beyond_ones_district_rings_for_those_who_may_see_it(store, deliver, crew):
    crew.put_city(store)
    rows = "管段编号,起始井号,终止井号,检测日期,检测长度,距离,缺陷代码,等级\n"
    both = f"{rows}P1,A,B,2026-05-04,50,9,PL,4\nQ1,E,F,2026-05-04,60,9,PL,4\n".encode()
    _, done = deliver({"a.csv": both}, NORTH)
    assert (len(done.alarms), done.handed_on, done.waiting) == (1, 1, 1)
    office = Person("office", (Grant("city_office", CITY),))
    seen = [[row["asset"] for row in view_alarms(store, CITY, one)["rows"]] for one in (NORTH, office)]
    assert (seen[0], sorted(seen[1])) == (["P1"], ["P1", "Q1"])
    _, again = deliver({"a.csv": both}, NORTH)
    assert (again.alarms, again.handed_on) == ((), 0)
    (row,) = waiting(store)
    decide(Cities(store), CITY, {"act": "repair", "ids": [row.id]}, LOCAL)
    assert len(view_alarms(store, CITY, office)["rows"]) == 2  # let in, it does not ring anew


def test_a_patrol_of_facilities_finds_pipes_and_manholes_and_proposes_for_a_slip(store, deliver, crew):
    crew.put_city(store)
    with store.change(CITY, who="tester", why="long codes") as change:
        change.put(assets("manhole", ["WS-0417"], {"district": ["north"]}))
    rows = "巡查日期,设施编号,存在问题\n2026-05-04,P1,路面沉陷\n2026-05-04,B,井盖缺失\n"
    _, done = deliver({"巡查.csv": f"{rows}2026-05-04,WS-0471,井盖缺失\n".encode()})
    assert [(one.asset_type, one.asset, one.method) for one in inspections(store)] == [
        ("conduit", "P1", "patrol"), ("manhole", "B", "patrol"),
    ]  # fmt: skip
    assert done.waiting == 1  # one letter off: proposed to nobody's pipe, taken by nobody


def test_the_silt_that_a_sonar_met_is_graded_by_the_table_and_drawn(store, deliver, crew):
    crew.put_city(store)  # P1: 50 m long, 0.4 m high
    rows = ["管段编号,起始井号,终止井号,检测日期,检测方法,距离(m),积泥深度(mm)"]
    rows += [
        f"P1,A,B,2026-05-04,声纳检测,{at},{deep}" for at, deep in ((0, 40), (10, 120), (20, 180), (50, 0))
    ]
    _, done = deliver({"声纳.csv": "\n".join(rows).encode()})
    [one] = inspections(store)
    # 20 % of 0.4 m is 0.08 m: passed at 10 · 40/80 = 5 m and at 20 + 30 · 100/180 = 36.67 m; 0.18/0.4 = 45 %
    assert [(row.code, row.level, row.start, row.length) for row in one.defects] == [("CJ", 3, 5.0, 31.67)]
    assert (one.method, one.length, done.graded) == ("sonar", 50.0, 1)
    state = Cities(store).state(CITY)
    shown = show_inspection(store, state, one.id, "zh")
    assert "<polygon" in shown["drawing"]
    assert (shown["grade"]["G"], shown["grade"]["functional_grade"]) == (5.0, 3)  # CJ 3 scores 5
    assert (shown["grade"]["structural_grade"], shown["grade"]["RI"]) == (0, None)  # it sees no structure
    assert "这种检测方法看不到结构，不评级：没有记录缺陷不等于没有缺陷。" in shown["grade"]["told"]
    [row] = list_inspections(store, state, Asked())["rows"]
    assert (row["structural_grade"], row["functional_grade"]) == (0, 3)
    _, again = deliver({"声纳.csv": "\n".join(rows).encode()})
    assert (again.same, len(inspections(store))) == (1, 1)


def test_a_sonar_profile_that_waits_is_graded_when_its_pipe_is_named(store, deliver, crew):
    crew.put_city(store)
    rows = ["管段编号,检测日期,检测方法,距离(m),积泥深度(mm)"]
    rows += [f"P-001,2026-05-04,声纳检测,{at},{deep}" for at, deep in ((0, 100), (10, 100))]
    deliver({"声纳.csv": "\n".join(rows).encode()})
    [row] = waiting(store)
    asked = {"act": "repair", "ids": [row.id], "key": "inspection-is-of:P1|hand|50"}
    decide(Cities(store), CITY, asked, LOCAL)
    [one] = inspections(store)
    assert [(row.code, row.level, row.length) for row in one.defects] == [("CJ", 1, 10.0)]  # 0.1/0.4 = 25 %


def test_manholes_named_in_the_words_of_a_patrol_are_found_and_an_unknown_one_waits_with_a_proposal(
    store, deliver, crew
):
    crew.put_city(store)
    with store.change(CITY, who="tester", why="long codes") as change:
        change.put(assets("manhole", ["W1023", "W1024"], {"district": ["north"] * 2}))
        ends = {"from_id": ["W1023"], "to_id": ["W1024"], "district": ["north"]}
        change.put(assets("conduit", ["P9"], ends))
    rows = [
        "巡查日期,位置,存在问题",
        "2026-05-04,W1023井,井盖缺失",  # the place names it
        "2026-05-05,人民路口,W1024检查井井盖破损",  # the finding names it
        "2026-05-06,W1023井至W1024井,路面沉陷",  # two: the pipe between them
        "2026-05-07,人民路口,W1042井冒溢",  # a slip of the hand
        "2026-05-08,人民路口,P2管段路面塌陷",
    ]
    _, done = deliver({"巡查.csv": "\n".join(rows).encode()})
    assert {
        (one.date[-2:], one.asset_type, one.asset, one.defects[0].code) for one in inspections(store)
    } == {
        ("04", "manhole", "W1023", "cover_missing"),
        ("05", "manhole", "W1024", "cover_broken"),
        ("06", "conduit", "P9", "finding"),
        ("08", "conduit", "P2", "finding"),
    }
    assert done.waiting == 1
    [row] = waiting(store)
    assert (row.type, row.asset) == ("manhole", "W1042")
    assert [one.facts["pipe"] for one in repairs_from(row.body["proposals"])] == ["W1024"]


def test_a_mistyped_code_of_a_list_without_manholes_waits_with_the_nearest_codes(store, deliver, crew):
    crew.put_city(store)
    with store.change(CITY, who="tester", why="long codes") as change:
        codes = ["WS-0417", "WS-0471", "WS-0800"]
        change.put(
            assets("conduit", codes, {"road": ["东大街", "西大街", "西大街"], "district": ["north"] * 3})
        )
    rows = "管段编号,检测地点,检测日期,检测长度,距离,缺陷代码,等级\n"
    deliver({"a.csv": f"{rows}WS-0147,,2026-05-04,50,9,PL,2\nWS-0477,西大街,2026-05-04,50,9,PL,2\n".encode()})
    named = [(row.asset, repairs_from(row.body["proposals"])) for row in waiting(store)]
    found = {asset: [one.facts["pipe"] for one in proposals] for asset, proposals in named}
    assert found == {"WS-0147": ["WS-0417"], "WS-0477": ["WS-0471"]}
    assert inspections(store) == []


def test_damaged_files_are_told_and_the_good_one_beside_them_enters(store, deliver, crew):
    crew.put_city(store)
    whole = crew.survey_text(crew.block("P1", "A", "B", 50.0, (5.0, "BAB", "", "")))
    told, done = deliver(
        {
            "good.txt": whole,
            "cut.txt": whole[:-3],
            "report.docx": b"PK\x03\x04 torn",
            "table.xlsx": b"PK\x03\x04 torn",
            "list.mdb": b"torn\x00\x01",
            "empty.docx": b"",
            "cut.xml": b'<?xml version="1.0"?><Identifikation><Version>2013-02</Version><Dat',
            "cut too.xml": b'<?xml version="1.0"?><Identifikation><Datenkollektive>'
            b"<InspizierteAbwassertechnischeAnlage><Objektbezeichnung>P",
            "notes.md": b"hello",
        }
    )
    assert len(inspections(store)) == 1
    assert told["counts"]["new"] == 1
    assert {report["file"].rpartition("/")[2]: report["error"] for report in told["reports"]} == {
        "good.txt": "", "cut.txt": "", "notes.md": "",
        "report.docx": "error.file-unreadable.word-damaged",
        "table.xlsx": "error.file-unreadable.workbook",
        "list.mdb": "error.file-unreadable.not-text",
        "empty.docx": "error.file-unreadable.empty",
        "cut.xml": "error.file-unreadable.xml-torn", "cut too.xml": "error.file-unreadable.xml-torn",
    }  # fmt: skip
    kept = {
        entry.name.rpartition("/")[2]
        for entry in store.documents(CITY)
        if entry.name.startswith("deliveries/d1/")
    }
    assert kept == {
        "good.txt",
        "cut.txt",
        "notes.md",
        "report.docx",
        "table.xlsx",
        "list.mdb",
        "empty.docx",
        "cut.xml",
        "cut too.xml",
    }
    (handed,) = store.records(CITY, "handed", Handed)
    state = Cities(store).state(CITY)
    source = source_path(store, state, handed.inspection, "d1", [handed])
    assert source.read_bytes() == whole[:-3]  # as it came: the cut one was read first
    assert done.number > 0


def test_what_holds_no_report_is_refused_with_a_sentence(store, deliver, crew):
    crew.put_city(store)
    with pytest.raises(BadInput) as caught:
        deliver({"a.jpg": JPEG, "notes.md": b"hello"})
    assert caught.value.key == "error.bad-input.inspections-none"
    with pytest.raises(FileMissing):
        from_disk(store, [Path("nowhere.docx")], Path(), CITY, LOCAL, MOST)


def test_an_archive_keeps_its_folders_and_nothing_leads_out_of_them(store, deliver, crew, tmp_path):
    crew.put_city(store)
    text = crew.survey_text(
        crew.block("P1", "A", "B", 50.0, (5.0, "BAB", "1.jpg", "")),
        crew.block("P2", "B", "C", 50.0, (5.0, "BAB", "1.jpg", ""), number=2),
    )
    content = packed(
        tmp_path / "x.zip",
        {
            "survey.txt": text,
            "P1/1.jpg": JPEG,
            "P2/1.jpg": b"\xff\xd8\xff another",
            "../../outside.jpg": JPEG,
            "/etc/cron.d/x.jpg": JPEG,
        },
    )
    told, _ = deliver({"delivery.zip": content})
    assert (told["counts"]["new"], told["media"]) == (2, 2)
    handed = {one.asset: one for one in store.records(CITY, "handed", Handed)}
    assert store.document(CITY, handed["P2"].media["1.jpg"]).endswith(b"another")
    assert not (tmp_path / "outside.jpg").exists()
    assert not Path("/etc/cron.d/x.jpg").exists()


def test_a_bomb_is_refused_before_it_is_unpacked(store, deliver, crew, tmp_path):
    crew.put_city(store)
    bomb = packed(tmp_path / "bomb.zip", {"zeros.txt": bytes(MOST + 1)})
    assert len(bomb) < MOST / 100
    with pytest.raises(BadInput) as caught:
        deliver({"bomb.zip": bomb})
    assert caught.value.key == "error.bad-input.inspections-large"


def test_a_report_that_would_swell_is_not_opened(store, deliver, crew, tmp_path):
    crew.put_city(store)
    bomb = packed(tmp_path / "bomb.docx", {"word/document.xml": bytes(MOST + 1)})
    told, _ = deliver({"bomb.docx": bomb, "a.txt": crew.survey_text(crew.block("P1", "A", "B", 50.0))})
    (swollen,) = [one for one in told["reports"] if one["error"]]
    assert swollen["error"] == "error.file-unreadable.inspections-swollen"


def test_an_invented_city_takes_inspections_as_invented(store, deliver, crew):
    crew.put_city(store)
    with store.change("play", who="tester", why="network") as change:
        change.put_city(City("play", simulated=True))
        change.put(crew.pipes("P1"))
    told, _ = deliver({"survey.txt": crew.survey_text(crew.block("P1", "A", "B", 50.0))})
    assert told["counts"]["new"] == 1
