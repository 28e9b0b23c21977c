"""The schedule of a programme: who sees what of it, what a delay leads to, and what is stored when."""

import csv
import io
import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date, timedelta

import openpyxl
import pytest
from fastapi.testclient import TestClient

from tests.services.test_figures_frozen import CITY, EAST, ROLES, store  # noqa: F401 - the fixture
from wenqu.api.router import make_api
from wenqu.errors import BadInput, NotEnoughData, Refused, Unknown
from wenqu.network.model import assets
from wenqu.planning.rules import LengthRule, default_rules, rules_text
from wenqu.records.acceptance import ACCEPTED, Acceptance, AsBuilt
from wenqu.records.programme import Measure, PlantOutlook, Programme
from wenqu.records.project import Lot, Party, PipeWork, Project
from wenqu.records.team import Team
from wenqu.services.city_state import Cities
from wenqu.services.export_schedule import schedule_file
from wenqu.services.lot_schedule import lot_schedule
from wenqu.services.programme_tables import keep_table
from wenqu.services.rights import Grant, Person
from wenqu.services.seen_city import SeenCities
from wenqu.services.slip_schedule import Late, file_delay, take_back_delay, view_slip
from wenqu.services.view_schedule import view_schedule
from wenqu.store.moments import now

YEAR = now().year
NEXT, THEN = str(YEAR + 1), str(YEAR + 2)
HEAD_OF_EAST = Person("head", (Grant("district", "c", "E"),))
STRANGER = Person("stranger", (Grant("city_office", "other"),))


def measure(pipe, method, window, district, flow=0.0):
    return Measure(
        f"{pipe}:{method}", pipe, "conduit", pipe, method, window, 1e5, 100.0, district, "P", flow, 0.0
    )


def programme():
    rules = replace(
        default_rules(YEAR + 1), lengths=(LengthRule(NEXT, 0.9),), must_by=NEXT, shares=(), default=False
    )
    said = json.loads(rules_text(rules)) | {"problem_length_m": {"": 100.0, "E": 100.0}}
    outlook = tuple(
        PlantOutlook("P", year, 0.09, 0.0095, 0.0095 / 0.09, 0.1, meets=True) for year in (NEXT, THEN)
    )
    return Programme(
        "g1", "proved",
        (measure("p1", "open_cut", NEXT, "E", 0.01), measure("p2", "cipp", NEXT, "E"),
         measure("p3", "open_cut", THEN, "W")),
        outlook, rules.windows, 3e5, 3e5, 0.0, 1.0, json.dumps(said), "default x",
    )  # fmt: skip


@pytest.fixture
def city(store):  # noqa: F811
    with store.change("c", who="x", why="plan") as change:
        change.add_records("programme", [programme()])
    return Cities(store)


def told(city, person=CITY):
    return view_schedule(city, "c", person)


def lots(city, person=CITY):
    return {lot["id"]: lot for lot in told(city, person)["lots"]}


DUG = f"{NEXT}-E-trench-1"


def test_the_register_of_teams_stands_beside_the_crews_that_are_counted_with(city):
    none = told(city)["teams"]
    assert (none["count"], none["crews"] > 0) == (0, True)
    made = (
        Team("T1", "East", "repair", 20.0, "E"), Team("T2", "West", "repair", 30.0, "W"),
        Team("T3", "late", "repair", 50.0, "E", begins="2999-01-01"), Team("T4", "film", "survey", 900.0),
        Team("T5", "gone", "repair", 0.0),
    )  # fmt: skip
    with city.whole.store.change("c", who="x", why="teams") as change:
        change.add_records("team", made)
    assert told(city)["teams"] == {"count": 2, "m_per_day": 50.0, "crews": none["crews"]}
    assert told(city, HEAD_OF_EAST)["teams"]["m_per_day"] == 20.0  # a district reads its own


def test_a_city_without_a_programme_has_no_schedule(store):  # noqa: F811
    with pytest.raises(NotEnoughData, match="no-programme"):
        told(Cities(store))


def test_each_lot_is_of_one_year_district_and_trade_and_built_in_its_year(city):
    found = lots(city)
    assert sorted(found) == [f"{NEXT}-E-lining-1", DUG, f"{THEN}-W-trench-1"]
    for lot in found.values():
        works = next(task for task in lot["tasks"] if task["step"] == "works")
        assert f"{lot['window']}-01-01" <= works["begins"] <= works["ends"] <= lot["ends"]
        assert (lot["state"] == "late") == (lot["ends"] > lot["due"])
        days, length = (sum(part[k] for part in lot["months"].values()) for k in (0, 1))
        assert days == pytest.approx(lot["days"])
        assert length == pytest.approx(100.0)
    assert found[DUG]["days"] == pytest.approx(0.08 * 100 + 3), "open cut of 100 m: the price table"
    assert [task["step"] for task in found[DUG]["tasks"]] == [
        "design", "land", "permit", "tender", "procure", "works", "test", "accept",
    ]  # fmt: skip
    assert told(city)["proof"]["late"] == told(city)["proof"]["least"]


def test_what_is_let_begins_with_its_works_and_what_is_accepted_is_done(city):
    parties = tuple(Party(role, body) for role, body in ROLES.items())
    works = (PipeWork("p1", "open_cut"), PipeWork("p2", "cipp"))
    project = Project(
        "X", "工程", (Lot("L1", "一标", works),), parties, "E", f"{YEAR}-01-01", f"{THEN}-06-30"
    )
    day = now().date().isoformat()
    with city.store.change("c", who="x", why="works") as change:
        change.add_records("project", [project])
        change.add_records("as_built", [AsBuilt("b2", "X", "L1", "p2", day, "open_cut")])
        change.add_records(
            "acceptance", [Acceptance("y", "X", "L1", "p1", day, ACCEPTED, "city", (), ("r",))]
        )
    found = lots(city)
    assert sorted(found) == [f"{THEN}-W-trench-1", "X/L1"]
    let = found["X/L1"]
    assert [task["step"] for task in let["tasks"]] == ["works", "test", "accept"]
    assert (let["days"], let["count"], let["let"], let["due"]) == (0, 1, True, f"{THEN}-06-30")
    assert let["name"]["zh"] == "工程 一标"
    assert told(city)["done"] == {"count": 1, "length": 100.0}
    length = next(one for one in told(city)["reach"] if one["rule"] == "length")
    assert (length["reached"], length["kept"]) == (1.0, True)


def test_a_delay_is_told_and_nothing_is_stored(city):
    version = city.store.version("c")
    small = view_slip(city, "c", CITY, Late(DUG, "test", 1))
    assert [one["lot"] for one in small["moved"]] == [DUG]
    far = view_slip(city, "c", CITY, Late(DUG, "works", 400))
    assert far["missed"], "a year and more is beyond every date"
    missed = {one["rule"]: one for one in far["missed"]}
    assert missed["length"]["short"] == pytest.approx(90.0)
    assert missed["must"]["short"] == pytest.approx(100.0)
    # with 0.01 m³/s of clean water more the plant receives 95 mg/L instead of 105.6
    assert missed["plant"]["reached"] == pytest.approx(95.0)
    moved = {one["lot"]: one for one in far["moved"]}
    assert moved[DUG]["late"] > 0
    assert moved[DUG]["why"] == "slip"
    assert far["late"][1]["lots"] >= 1
    assert city.store.version("c") == version
    assert lots(city)[DUG]["why"] == ""


def test_a_delay_in_the_spare_days_moves_nothing(city):
    found = view_slip(city, "c", CITY, Late(f"{THEN}-W-trench-1", "design", 1))
    assert found["absorbed"]
    assert found["moved"] == found["reach"] == found["missed"] == []


@pytest.mark.parametrize(
    ("late", "error"),
    [
        (Late("nowhere", "works", 5), Unknown),
        (Late(DUG, "party", 5), Unknown),
        (Late(DUG, "works", 0), BadInput),
        (Late(DUG, "works", 99_999), BadInput),
    ],
)
def test_nonsense_is_said_to_be_so(city, late, error):
    with pytest.raises(error):
        view_slip(city, "c", CITY, late)


def test_a_confirmed_delay_counts_until_it_is_taken_back(city):
    before = lots(city)[DUG]["ends"]
    with pytest.raises(BadInput, match="slip-reason"):
        file_delay(city.store, city.state("c"), Late(DUG, "works", 30), person=CITY, reason=" ")
    made = file_delay(city.store, city.state("c"), Late(DUG, "works", 30), person=CITY, reason="征迁未完")
    after = lots(city)[DUG]
    works = next(task for task in after["tasks"] if task["step"] == "works")
    assert works["ends"] == made.until
    assert after["ends"] > before
    stated = told(city)["delays"]
    assert [(one["lot"], one["reason"], one["by"], one["there"]) for one in stated] == [
        (DUG, "征迁未完", CITY.account, True)
    ]
    take_back_delay(city.store, city.state("c"), DUG, "works", person=CITY, reason="已交地")
    assert (lots(city)[DUG]["ends"], told(city)["delays"]) == (before, [])
    with pytest.raises(Unknown):
        take_back_delay(city.store, city.state("c"), DUG, "works", person=CITY, reason="again")


def test_a_delay_of_another_programme_does_not_count(city):
    file_delay(city.store, city.state("c"), Late(DUG, "works", 30), person=CITY, reason="x")
    with city.store.change("c", who="x", why="plan") as change:
        change.add_records("programme", [replace(programme(), id="g2")])
    assert [one["there"] for one in told(city)["delays"]] == [False], "it is told and does not count"
    assert lots(city)[DUG]["why"] == ""
    with pytest.raises(Unknown):
        take_back_delay(city.store, city.state("c"), DUG, "works", person=CITY, reason="x")


def test_a_delay_of_a_lot_under_contract_counts_whatever_the_programme(city):
    parties = tuple(Party(role, body) for role, body in ROLES.items())
    part = Lot("L1", "一标", (PipeWork("p1", "open_cut"),))
    with city.store.change("c", who="x", why="works") as change:
        change.add_records("project", [Project("X", "工程", (part,), parties, "E", "", f"{THEN}-06-30")])
    file_delay(city.store, city.state("c"), Late("X/L1", "works", 30), person=CITY, reason="雨")
    ends = lots(city)["X/L1"]["ends"]
    with city.store.change("c", who="x", why="plan") as change:
        change.add_records("programme", [replace(programme(), id="g2")])
    assert lots(city)["X/L1"]["ends"] == ends
    assert [one["there"] for one in told(city)["delays"]] == [True]


def test_who_reads_one_district_sees_its_lots_and_the_sums_of_the_city(city):
    seen = SeenCities(city, EAST)
    found = view_schedule(seen, "c", EAST)
    assert {lot["district"] for lot in found["lots"]} == {"E"}
    assert {link["lot"] for chain in found["chains"] for link in chain["links"]} <= {
        lot["id"] for lot in found["lots"]
    }
    assert sum(chain["hidden"] for chain in found["chains"]) > 0
    assert "W" not in found["districts"]
    assert {one["rule"] for one in found["reach"]} == {"length", "must"}, "no plant lies in the district"
    with pytest.raises(Unknown):
        view_slip(seen, "c", EAST, Late(f"{THEN}-W-trench-1", "works", 30))
    with pytest.raises(Refused):
        view_schedule(SeenCities(city, STRANGER), "c", STRANGER)


def test_the_plants_of_other_districts_are_not_named(city):
    with city.store.change("c", who="x", why="plants") as change:
        change.put(assets("plant", ["PE", "PW"], {"district": ["E", "W"], "name": ["东厂", None]}))
    assert told(city)["plants"] == {"PE": "东厂", "PW": "PW"}
    assert view_schedule(SeenCities(city, EAST), "c", EAST)["plants"] == {"PE": "东厂"}


def test_only_who_decides_there_states_a_delay(city):
    state = city.state("c")
    made = file_delay(city.store, state, Late(DUG, "works", 9), person=HEAD_OF_EAST, reason="x")
    assert made.district == "E"
    with pytest.raises(Refused):
        file_delay(
            city.store,
            city.state("c"),
            Late(f"{THEN}-W-trench-1", "works", 9),
            person=HEAD_OF_EAST,
            reason="x",
        )
    reader = Person("reader", (Grant("public_reader", "c"),))
    with pytest.raises(Refused):
        file_delay(city.store, city.state("c"), Late(DUG, "works", 9), person=reader, reason="x")


def test_the_city_sets_its_steps_crews_and_closed_roads(city):
    before = lots(city)[DUG]
    step = {"step": "permit", "ground": "any", "after": "design", "days": "200", "source": "本市"}
    keep_table(city.store, "c", "lot_steps", [step], person=CITY, reason="许可慢")
    after = {task["step"]: task for task in lots(city)[DUG]["tasks"]}
    assert after["permit"]["days"] == 200
    assert after["works"]["begins"] > next(t["begins"] for t in before["tasks"] if t["step"] == "works")
    keep_table(city.store, "c", "lot_steps", [], person=CITY, reason="撤回")
    trade = {"trade": "trench", "methods": "open_cut|cipp", "ground": "trench", "crews": "5", "lot_days": "8"}
    keep_table(city.store, "c", "trades", [trade], person=CITY, reason="自有班组")
    assert sorted(lots(city)) == [DUG, f"{NEXT}-E-trench-2", f"{THEN}-W-trench-1"]
    assert {one["pool"]: one["crews"] for one in told(city)["pools"]} == {"trench": 5}
    with pytest.raises(BadInput, match="lot-step-circle"):
        keep_table(
            city.store,
            "c",
            "lot_steps",
            [{**step, "step": "design", "after": "accept"}],
            person=CITY,
            reason="x",
        )
    road = {"road": "R", "ground": "any", "since": "2027-05-01", "until": "2027-04-01", "source": "x"}
    with pytest.raises(BadInput, match="own-row"):
        keep_table(city.store, "c", "closures", [road], person=CITY, reason="x")


def test_the_works_wait_for_a_closed_road(city):
    from wenqu.network.model import assets

    ids, ends = ["p1", "p2", "p3"], f"{NEXT}-10-31"
    with city.store.change("c", who="x", why="roads") as change:
        table, _ = change.standing("conduit", ids)
        change.put(assets("conduit", ids, {**table.fields, "road": ["R", "R", "S"]}, table.shapes))
    road = {"road": "R", "ground": "any", "since": f"{YEAR}-01-01", "until": ends, "source": "大修"}
    keep_table(city.store, "c", "closures", [road], person=CITY, reason="大修")
    lot = lots(city)[DUG]
    works = next(task for task in lot["tasks"] if task["step"] == "works")
    assert works["begins"] > ends
    assert lot["closed"] == [[f"{YEAR}-01-01", ends]]


def test_files_hold_every_lot_and_step(city):
    found = lots(city)
    count = sum(len(lot["tasks"]) for lot in found.values())
    book = openpyxl.load_workbook(io.BytesIO(schedule_file(city, "c", CITY, "xlsx", "zh").body))
    assert book.sheetnames[0] == "标段"
    assert {row[0] for row in book["标段"].iter_rows(min_row=2, values_only=True)} >= {
        lot["name"]["zh"] for lot in found.values()
    }
    rows = list(csv.reader(schedule_file(city, "c", CITY, "csv", "en").body.decode("utf-8-sig").splitlines()))
    assert (rows[0][0], len(rows)) == ("lot", count + 1)
    ics = schedule_file(city, "c", CITY, "ics", "zh").body.decode()
    assert ics.count("BEGIN:VEVENT") == ics.count("END:VEVENT") == count
    assert all(len(line.encode()) <= 75 for line in ics.split("\r\n"))
    tree = ET.fromstring(schedule_file(city, "c", CITY, "xml", "en").body)  # noqa: S314 - our own
    name = "{http://schemas.microsoft.com/project}"
    tasks = tree.findall(f"{name}Tasks/{name}Task")
    uids = [int(task.findtext(f"{name}UID")) for task in tasks]
    assert len(set(uids)) == len(tasks) == count + len(found)
    for link in tree.iter(f"{name}PredecessorUID"):
        assert int(link.text) in uids


def test_the_routes_do_the_same_and_refuse_what_is_forbidden(city):
    client = TestClient(make_api(city), base_url="http://127.0.0.1")
    path = "/api/v1/cities/c/schedule"
    assert {lot["id"] for lot in client.get(path).json()["lots"]} == set(lots(city))
    asked = {"lot": DUG, "step": "works", "days": 30}
    assert client.get(f"{path}/slip", params=asked).json()["moved"][0]["lot"] == DUG
    assert client.get(f"{path}/slip", params={**asked, "days": 0}).status_code == 422
    assert client.get(f"{path}/slip", params={**asked, "lot": "x"}).status_code == 404
    assert client.get(f"{path}/file", params={"form": "xlsx"}).headers["content-type"].endswith("sheet")
    assert client.get(f"{path}/file", params={"form": "exe"}).status_code == 422
    assert client.post(f"{path}/delays", json={**asked, "reason": ""}).status_code == 422
    assert client.post(f"{path}/delays", json={**asked, "reason": "雨"}).status_code == 201
    assert (
        client.post(f"{path}/delays/back", json={"lot": DUG, "step": "works", "reason": "晴"}).status_code
        == 201
    )


def test_the_schedule_of_a_past_day_knows_no_later_delay(city):
    moment = city.store.changes("c", limit=1)[0].at
    file_delay(city.store, city.state("c"), Late(DUG, "works", 30), person=CITY, reason="x")
    assert lot_schedule(city.store, city.state("c", moment)).delays == ()
    assert len(lot_schedule(city.store, city.state("c")).delays) == 1


def test_today_and_the_holidays_are_those_of_the_calendar(city):
    found = told(city)
    assert found["day"] == now().date().isoformat()
    off = {row["date"] for row in found["calendar"]["days"] if row["kind"] == "holiday"}
    for lot in found["lots"]:
        for task in lot["tasks"]:
            assert task["begins"] not in off
            assert task["ends"] not in off
            assert date.fromisoformat(task["begins"]) > now().date() - timedelta(days=1)
