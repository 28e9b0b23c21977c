"""Packages of a small city: why each method fits or not, and what hands change stays in the next plan."""

import pytest

from tests.services.plan_case import build
from tests.services.test_plan_city import CODE
from wenqu.errors import BadInput, Refused, Unknown
from wenqu.services.city_state import CityState
from wenqu.services.migration_told import migration_told
from wenqu.services.package_hands import call_otherwise, hands_of, let_go, put_together, undo
from wenqu.services.plan_assumptions import keep_assumptions
from wenqu.services.plan_city import plan_city
from wenqu.services.rights import LOCAL, Grant, Person
from wenqu.services.view_options import options_of_asset, options_of_package
from wenqu.services.view_packages import view_packages

OFFICE = Person("office", (Grant("city_office", CODE),))
DISTRICT = Person("district", (Grant("district", CODE, "D"),))
OTHER = Person("other", (Grant("district", CODE, "W"),))
READER = Person("reader", (Grant("public_reader", CODE),))


@pytest.fixture
def store(tmp_path):
    made = build(tmp_path / "store")
    yield made
    made.close()


def state(store):
    return CityState(store.network(CODE))


def reasons(store, id_, type_="conduit"):
    found = options_of_asset(store, state(store), type_, id_, None)
    return {one["method"]: one for one in found["places"][0]["methods"]}


def packages(store, **more):
    told = view_packages(store, state(store), OFFICE, more.get("seen"))
    return {row["id"]: row["members"] for row in told["rows"] if row["kind"] == "conduit"}


def test_each_method_says_with_numbers_why_it_fits_or_not(store):
    at = reasons(store, "C0")  # DN400, grade Ⅳ, 100 m, 3 m deep
    assert at["pipe_bursting"]["fits"]
    # (250 + 6250·0.4) yuan/m × 100 m; 60 000 once
    assert (at["pipe_bursting"]["cost"], at["pipe_bursting"]["mobilisation"]) == (275_000, 60_000)
    # 0.517 of 2 L/s
    assert at["pipe_bursting"]["clean_m3_per_d"] == pytest.approx(0.517 * 2 * 86.4)
    assert at["cipp"]["reason"] == "grade"
    assert at["cipp"]["facts"] == {"value": "Ⅳ", "limit": "Ⅲ"}
    assert at["spiral_wound"]["facts"] == {"value": 400, "limit": 450}
    assert at["separation"]["reason"] == "grade"
    assert at["flap_valve"]["reason"] == "other-site"
    unseen = reasons(store, "C2")
    assert (unseen["joint_grouting"]["reason"], unseen["joint_grouting"]["facts"]["limit"]) == (
        "grade-unknown",
        "Ⅱ",
    )
    assert options_of_asset(store, state(store), "conduit", "CY", None)["places"] == []


def test_the_programme_marks_what_it_took(store):
    plan_city(store, CODE, who="planner")
    found = options_of_package(store, state(store), "C0", None)
    assert found["places"][0]["chosen"]["method"] == "pipe_bursting"
    assert [one["method"] for one in found["options"] if one["chosen"]] == ["pipe_bursting"]
    with pytest.raises(Unknown, match="package"):
        options_of_package(store, state(store), "nowhere", None)


def test_what_a_hand_put_together_stays_when_the_plan_is_made_anew(store):
    assert packages(store) == {"C0": ["C0"], "C1": ["C1"], "C2": ["C2"]}
    put_together(store, state(store), ["C0", "C1"], "一标", person=OFFICE)
    assert packages(store) == {"一标": ["C0", "C1"], "C2": ["C2"]}
    made = plan_city(store, CODE, who="planner").programme
    assert {one.asset for one in made.measures if one.package == "一标"} == {"C0", "C1"}
    call_otherwise(store, state(store), "一标", "二标", person=OFFICE)
    call_otherwise(store, state(store), "C2", "三标", person=OFFICE)  # one that no hand had made
    assert packages(store) == {"二标": ["C0", "C1"], "三标": ["C2"]}
    put_together(store, state(store), ["C1"], "四标", person=OFFICE)  # split off
    assert packages(store) == {"二标": ["C0"], "四标": ["C1"], "三标": ["C2"]}
    undo(store, state(store), person=OFFICE)
    assert packages(store) == {"二标": ["C0", "C1"], "三标": ["C2"]}
    let_go(store, state(store), "二标", person=OFFICE)
    assert packages(store) == {"C0": ["C0"], "C1": ["C1"], "三标": ["C2"]}
    told = view_packages(store, state(store), OFFICE, None)
    assert len(told["steps"]) == 6
    assert told["steps"][0]["by"] == "office"


def test_pipes_that_do_not_touch_are_kept_and_told(store):
    assert put_together(store, state(store), ["C0", "C2"], "x", person=OFFICE) == [
        {"note": "apart", "parts": 2}
    ]


@pytest.mark.parametrize(
    ("ids", "name", "reason"),
    [
        (["C0", "nowhere"], "x", "package-asset"),
        (["C0", "CY"], "x", "package-asset"),
        (["C0"], "C1", "package-taken"),
        (["C0"], "a:b", "package-name"),
        ([], "x", "package-empty"),
    ],
)
def test_what_cannot_be_one_package_is_refused_and_nothing_is_kept(store, ids, name, reason):
    with pytest.raises(BadInput) as caught:
        put_together(store, state(store), ids, name, person=OFFICE)
    assert caught.value.reason == reason
    assert hands_of(store, CODE) == {}


def test_a_district_bundles_its_own_pipes_and_nobody_elses(store):
    put_together(store, state(store), ["C0", "C1"], "x", person=DISTRICT)
    for person in (OTHER, READER, Person("")):
        with pytest.raises(Refused):
            put_together(store, state(store), ["C2"], "y", person=person)
        with pytest.raises(Refused):
            undo(store, state(store), person=person)
    assert hands_of(store, CODE) == {"x": ("C0", "C1")}


def test_a_part_of_the_city_is_told_of_its_own_pipes(store):
    assert packages(store, seen={"C1"}) == {"C1": ["C1"]}
    put_together(store, state(store), ["C0", "C1"], "x", person=OFFICE)
    found = options_of_package(store, state(store), "x", {"C1"})
    assert ([one["asset"] for one in found["places"]], found["hidden"], found["options"]) == (["C1"], 1, [])
    assert found["places"][0]["members"] == ["C1"]


def test_migration_is_told_against_the_coupled_effect(store):
    plan_city(store, CODE, who="planner")
    assert migration_told(store, state(store)) is None  # left out in this city
    keep_assumptions(store, CODE, {"migration": 0.4, "package_from": 5000}, person=LOCAL, reason="x")
    made = plan_city(store, CODE, who="planner").programme
    sealed = [one for one in made.measures if one.asset in {"C0", "C1", "C2"} and one.flow_removed > 0]
    told = migration_told(store, state(store))
    # five conduits of 100 m are the block (C0 to C4): alone 1 - 0.4·0.8 = 0.68, together 1 - 0.4·(1 - k/5)
    together = 1 - 0.4 * (1 - len(sealed) / 5)
    assert told["planned_m3_per_d"] == pytest.approx(86400 * sum(one.flow_removed for one in sealed))
    assert 1 + told["more"] == pytest.approx(together / 0.68)
