"""Orders of upkeep, by hand: issued, reported, sent twice, too late, approved, scored."""

import numpy as np
import pytest
from fastapi.testclient import TestClient

from wenqu.api.router import make_api
from wenqu.errors import BadInput, Refused, Unknown
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, assets
from wenqu.operation.order_tables import SAME, checklist, kinds, score_items, states, steps
from wenqu.records.order import Order
from wenqu.services.city_state import Cities, CityState
from wenqu.services.papers import paper_content
from wenqu.services.problem_ledger import ledger
from wenqu.services.report_order import report_and_ring
from wenqu.services.rights import Grant, Person
from wenqu.services.seen_city import SeenCities
from wenqu.services.upkeep_orders import Report, issue_order, orders, report_order, seen_by
from wenqu.services.view_orders import view_order, view_orders, view_scores
from wenqu.services.view_problems import view_alarms
from wenqu.store.database import open_store
from wenqu.store.moments import now

OFFICE = Person("office", (Grant("city_office", "c"),))
EAST = Person("east", (Grant("district", "c", "E"),))
WEST = Person("west", (Grant("district", "c", "W"),))
CREW = Person("crew", (Grant("operator", "c", "", "group"),))
OTHERS = Person("others", (Grant("operator", "c", "", "another"),))
READER = Person("reader", (Grant("bureau", "c"),))
DONE = {
    "hours": 3.5, "quantities": {"length": 100.0, "silt": 1.2},
    "answers": {item.name: "ok" for item in checklist("dredging")},
    "before": ("a.jpg",), "after": ("b.jpg",), "place": (121.4, 28.6),
}  # fmt: skip


@pytest.fixture
def store(tmp_path):
    made = open_store(str(tmp_path / "store"))
    lines = np.array([[0, 0], [100, 0]], dtype=float)
    with made.change("c", who="tester", why="tables") as change:
        change.put_city(City("c", crs="EPSG:4549"))
        change.put(assets("zone", ["E", "W"], {"kind": ["district", "district"]}))
        change.put(assets("manhole", list("ab"), {}, Shapes.points(lines)))
        columns = {"from_id": ["a"], "to_id": ["b"], "system": ["sanitary"], "district": ["E"]}
        change.put(assets("conduit", ["p"], columns, Shapes.lines(lines, np.array([0, 2]))))
    yield made
    made.close()


def state(store):
    return CityState(store.network("c"))


def issued(store, who=EAST, **facts):
    given = {
        "id": "",
        "kind": "dredging",
        "assets": ("conduit/p",),
        "body": "group",
        "due": "2026-03-10",
    } | facts
    return issue_order(store, state(store), Order(**given), person=who).order.id


def tell(store, id_, step, who=CREW, **facts):
    return report_order(store, "c", id_, Report(step, **facts), person=who)


def test_the_tables_hang_together():
    for step in steps().values():
        assert set(step.from_) <= set(states())
        assert step.to == SAME or step.to in states()
    assert all(checklist(kind) for kind in kinds())
    assert sum(item.weight for item in score_items()) == 100


def test_an_order_is_done_and_approved_by_another(store):
    id_ = issued(store)
    assert orders(store, "c")[id_].order.length == 100.0
    assert orders(store, "c")[id_].order.district == "E"
    tell(store, id_, "start")
    with pytest.raises(BadInput, match="order-needs") as caught:
        tell(store, id_, "done", hours=1)
    assert caught.value.facts["needs"] == "checklist, photos"
    assert tell(store, id_, "done", **DONE).state == "done"
    with pytest.raises(Refused):
        tell(store, id_, "approve", CREW)
    made = tell(store, id_, "approve", EAST)
    assert (made.state, made.summed()) == ("closed", (3.5, {"length": 100.0, "silt": 1.2}))


def test_who_may_not_cannot(store):
    for person in (READER, CREW, WEST):
        with pytest.raises(Refused):
            issued(store, person)
    id_ = issued(store)
    for person in (READER, OTHERS, WEST, Person("")):
        with pytest.raises((Refused, Unknown)):
            tell(store, id_, "start", person)
    assert seen_by(OTHERS, "c", orders(store, "c")) == {}
    assert set(seen_by(CREW, "c", orders(store, "c"))) == {id_}
    for wrong in ({"kind": "dance"}, {"body": " "}, {"assets": ()}):
        with pytest.raises(BadInput):
            issued(store, **wrong)
    with pytest.raises(Unknown):
        issued(store, assets=("conduit/none",))


def test_what_a_phone_sends_twice_counts_once_and_what_comes_too_late_is_kept_apart(store):
    id_ = issued(store)
    tell(store, id_, "start")
    late = {**DONE, "id": "from-the-phone", "written_at": "2026-03-09T10:00:00"}
    tell(store, id_, "done", **late)
    assert tell(store, id_, "done", **late).summed()[0] == 3.5
    tell(store, id_, "approve", OFFICE)
    kept = tell(store, id_, "done", hours=9, note="mine", id="another", written_at="2026-03-09T11:00:00")
    assert (kept.state, kept.summed()[0], [event.note for event in kept.apart]) == ("closed", 3.5, ["mine"])
    with pytest.raises(Refused):
        tell(store, id_, "done", **DONE)  # who is there now is told at once
    assert view_orders(store, state(store), OFFICE)["rows"][0]["apart"] == 1


def test_bad_numbers_and_answers_are_refused(store):
    id_ = issued(store)
    for wrong in ({"hours": -1}, {"quantities": {"silt": -2}}, {"answers": {"gas": "perhaps"}}):
        with pytest.raises(BadInput):
            tell(store, id_, "start", **wrong)
    with pytest.raises(Unknown):
        tell(store, id_, "fly")


def test_the_score_of_a_body_is_as_by_hand(store):
    first, second, third = (issued(store, due=f"2026-03-{day}") for day in ("10", "12", "14"))
    issued(store, body="another", due="2026-05-01")
    cancelled = issued(store)
    tell(store, cancelled, "cancel", OFFICE, note="double")
    for id_, day in ((first, "2026-03-09T10:00"), (second, "2026-03-20T10:00")):
        tell(store, id_, "start")
        tell(store, id_, "done", written_at=day, **DONE)
    tell(store, second, "send_back", OFFICE, note="dirty")
    tell(store, second, "done", written_at="2026-03-21T10:00", hours=1)
    for id_ in (first, second):
        tell(store, id_, "approve", OFFICE)
    (score, _) = sorted(
        view_scores(store, state(store), OFFICE, "2026-03-01", "2026-03-31")["bodies"],
        key=lambda one: one["body"], reverse=True,
    )  # fmt: skip
    shares = {item["name"]: item["share"] for item in score["items"]}
    assert shares == {
        "on_time": pytest.approx(1 / 3),
        "done": pytest.approx(2 / 3),
        "right_first": 0.5,
        "proved": 1.0,
    }
    assert score["score"] == pytest.approx(35 / 3 + 25 * 2 / 3 + 25 / 2 + 15)
    assert {item["name"]: item["good"] for item in score["items"]}["on_time"] == (first,)
    assert score["hours"] == 8.0
    assert third not in {id_ for item in score["items"] if item["name"] == "proved" for id_ in item["whole"]}


def test_the_routes_do_the_same(store):
    with TestClient(make_api(Cities(store)), base_url="http://127.0.0.1") as face:
        home, origin = "/api/v1/cities/c/orders", {"Origin": "http://127.0.0.1"}
        given = {"kind": "patrol", "assets": ["conduit/p"], "body": "group", "planned_on": "2026-03-02"}
        id_ = face.post(home, json=given, headers=origin).json()["id"]
        told = face.get(home, params={"day": "2026-03-02"}).json()
        assert (told["count"], told["days"]) == (1, {"2026-03-02": 1})
        done = {"step": "start", "hours": 1}
        assert face.post(f"{home}/{id_}/reports", json=done, headers=origin).json()["state"] == "started"
        bad = {"step": "done", "hours": -1}
        assert face.post(f"{home}/{id_}/reports", json=bad, headers=origin).status_code == 422
        assert face.get(f"{home}/none").status_code == 404
        period = {"since": "2026-01-01", "until": "2026-12-31"}
        assert face.get(f"{home}/scores", params=period).json()["bodies"][0]["body"] == "group"
    assert view_order(store, state(store), id_, OFFICE)["steps"]


def bulletin(store, person=None):
    month = now().isoformat()[:7]
    if person is None:
        content = paper_content(store, state(store), "month", month, "en")
    else:
        seen = SeenCities(Cities(store), person)
        content = paper_content(seen.store, seen.state("c"), "month", month, "en", whole=store)
    return {key: one.value for key, one in content.facts.items() if key.startswith("orders.")}


def test_the_bulletin_counts_the_orders_of_the_month_and_what_was_done(store):
    assert not bulletin(store)  # a sentence says that there are none
    first, second = issued(store, due="2099-12-31"), issued(store, due="2099-12-31")
    tell(store, first, "accept")
    tell(store, first, "start")
    tell(store, first, "done", **DONE)
    tell(store, first, "send_back", who=EAST, note="again")
    tell(store, first, "done", **DONE)
    tell(store, first, "approve", who=EAST)
    tell(store, second, "accept")
    found = bulletin(store)
    names = ("issued", "approved", "open", "sent_back", "overdue")
    counted = {name: found[f"orders.{name}"] for name in names}
    assert counted == {"issued": 2, "approved": 1, "open": 1, "sent_back": 1, "overdue": 0}
    assert found["orders.issued.before"] == 0
    assert found["orders.dredging.order_hours"] == pytest.approx(7.0)
    assert found["orders.dredging.order_length"] == pytest.approx(200.0)
    assert found["orders.dredging.order_silt"] == pytest.approx(2.4)


def test_the_bulletin_of_a_district_holds_its_orders_with_their_steps_and_no_others(store):
    id_ = issued(store)
    for step in ("accept", "start"):
        tell(store, id_, step)
    tell(store, id_, "done", **DONE)
    tell(store, id_, "approve", who=EAST)
    assert bulletin(store, EAST)["orders.approved"] == 1
    assert not bulletin(store, WEST)


def ring(store, id_, **facts):
    given = Report("progress", answers={"covers": "fault", "discharge": "fault"}, **facts)
    return report_and_ring(store, "c", id_, given, person=CREW)[1]


def test_a_missing_cover_of_the_checklist_rings_with_the_report_and_waits_for_no_click(store):
    id_ = issued(store, kind="patrol")
    tell(store, id_, "start")
    place = tuple(state(store).placed(state(store).network.table("manhole").shapes, "EPSG:4326").coords[1])
    alarms = ring(store, id_, place=place, id="r-1")
    (life,) = ledger(store, "c").values()  # a mis-connection is no emergency: it waits for a click
    problem = life.problem
    assert (problem.asset_type, problem.asset, problem.kind) == ("manhole", "b", "cover")
    assert (problem.origin, problem.evidence, problem.by) == ("patrol", (f"order:{id_}",), "crew")
    assert [row["id"] for row in view_alarms(store, "c", OFFICE)["rows"]] == list(alarms)
    assert ring(store, id_, place=place, id="r-1") == ()  # sent twice
    told = view_order(store, state(store), id_, CREW)
    assert [one["id"] for one in told["problems"]] == [problem.id]
    assert told["places"] == {"covers": ["manhole/a", "manhole/b"], "discharge": ["conduit/p"]}
    assert len(ledger(store, "c")) == 1


def test_where_nobody_knows_which_cover_it_rings_too_and_says_so(store):
    id_ = issued(store, kind="patrol")
    tell(store, id_, "start")
    assert len(ring(store, id_)) == 1
    (life,) = ledger(store, "c").values()
    assert (life.problem.asset, "位置待核" in life.problem.what) == ("a", True)


def test_an_order_is_issued_by_who_decides_in_the_district_of_each_asset(store):
    for who, assets_, district in (
        (WEST, ("conduit/p",), "W"), (WEST, ("zone/W", "conduit/p"), ""), (EAST, ("zone/W",), "E"),
        (EAST, ("manhole/a",), ""),
    ):  # fmt: skip
        with pytest.raises(Refused):
            issued(store, who, assets=assets_, district=district)
    assert orders(store, "c") == {}
    both = issued(store, OFFICE, assets=("zone/W", "conduit/p"))
    assert orders(store, "c")[both].order.district == ""


@pytest.mark.parametrize(
    "days", [{"due": ""}, {"due": "2026-13-45"}, {"planned_on": "2026-02-30"}, {"planned_on": "2026-03-11"}]
)
def test_an_order_has_a_day_of_the_calendar_and_is_planned_before_its_date(store, days):
    with pytest.raises(BadInput, match="order-date"):
        issued(store, **days)


def test_an_order_without_a_date_is_late_after_its_planned_day(store):
    id_ = issued(store, due="", planned_on="2026-03-09")
    one = orders(store, "c")[id_]
    assert (one.overdue("2026-03-09"), one.overdue("2026-03-10")) == (False, True)
    (body,) = view_scores(store, state(store), OFFICE, "2026-03-01", "2026-03-31")["bodies"]
    assert next(item for item in body["items"] if item["name"] == "on_time")["share"] == 0


def test_a_time_that_no_device_can_have_written_is_refused(store):
    with pytest.raises(BadInput, match="moment"):
        tell(store, issued(store), "start", written_at="this morning")
