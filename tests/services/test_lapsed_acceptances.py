"""A later failed test or a later bad film undoes an acceptance, from that day on and not before."""

import shutil
from dataclasses import replace
from datetime import date

import pytest

from tests.services.test_figures_frozen import CITY, CREW, figure, look, prove, small_city, works
from wenqu.errors import BadInput, Refused
from wenqu.records.acceptance import ClosedWaterTest
from wenqu.records.inspection import Defect
from wenqu.records.withdrawal import Withdrawal
from wenqu.services.accept_pipes import accept_pipe, withdraw_acceptance
from wenqu.services.city_state import CityState
from wenqu.services.file_works import file_proof
from wenqu.services.indicators import repaired
from wenqu.services.programme_accounts import stage_account
from wenqu.services.standing_acceptances import spells, standings
from wenqu.services.view_projects import view_project, view_projects
from wenqu.store.database import open_store
from wenqu.supervision.pace import pace

WHOLE = (100_000, 100_000)
NONE = (0, 100_000)
TEST = ClosedWaterTest("T2", "X", "L1", ("p1",), "2026-02-01", 2.1, 90_000.0, 1800.0, 0.5)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("works")
    made = small_city(path)
    works(made)
    prove(made)
    film(made, look("i9", "p1", "2025-07-01"))
    accept_pipe(made, "c", "p1", person=CITY, day="2025-08-01")
    made.close()
    return path / "store"


@pytest.fixture
def store(folder, tmp_path):
    made = open_store(str(shutil.copytree(folder, tmp_path / "store")))
    yield made
    made.close()


def state(store):
    return CityState(store.network("c"))


def film(store, *looks):
    with store.change("c", who="tester", why="film") as change:
        change.add_records("inspection", looks)


def on(store, day):
    return stage_account(store, state(store), "accepted", day).whole().length_mm


def test_a_later_test_that_leaks_undoes_it_from_its_day(store):
    assert figure(store, "accepted") == WHOLE
    file_proof(store, "c", TEST, person=CREW)
    assert figure(store, "accepted") == NONE
    stands = standings(store, state(store))["p1"]
    assert (stands.until, stands.lapse.lack.code) == ("2026-02-01", "closed-water-leaks")
    assert (on(store, "2026-01-31"), on(store, "2026-02-01")) == (100_000, 0), "earlier days are unchanged"


def test_figures_as_they_were_known_before_do_not_move(store):
    before = store.network("c").version
    moment = store.changes("c", limit=1)[0].at
    file_proof(store, "c", TEST, person=CREW)
    then = CityState(store.network("c", as_of=moment))
    assert stage_account(store, then, "accepted", "2026-06-01").whole().length_mm == 100_000
    assert store.network("c").version > before


def test_a_later_test_that_was_made_badly_or_passes_undoes_nothing(store):
    file_proof(store, "c", replace(TEST, head=0.5, water=0.001), person=CREW)
    file_proof(store, "c", replace(TEST, id="T3", water=0.001), person=CREW)
    assert figure(store, "accepted") == WHOLE


def test_an_older_test_that_is_handed_in_late_undoes_nothing(store):
    file_proof(store, "c", replace(TEST, date="2025-06-15"), person=CREW)
    assert figure(store, "accepted") == WHOLE, "the test of 2025-06-20 came after it and passed"


def test_a_later_film_of_grade_three_undoes_it_and_a_good_one_does_not(store):
    film(store, look("i10", "p1", "2026-01-10", Defect("p1", "CJ", 1, 9.0)))
    assert figure(store, "accepted") == WHOLE
    film(store, look("i11", "p1", "2026-03-10", Defect("p1", "PL", 4, 9.0)))
    stands = standings(store, state(store))["p1"]
    assert (stands.until, stands.lapse.proof.id, stands.lapse.lack.code) == (
        "2026-03-10", "i11", "cctv-grade",
    )  # fmt: skip
    assert figure(store, "accepted") == NONE


def test_it_does_not_rise_by_itself_but_is_accepted_anew(store):
    file_proof(store, "c", TEST, person=CREW)
    with pytest.raises(Refused, match="acceptance-lacks"):
        accept_pipe(store, "c", "p1", person=CITY)
    file_proof(store, "c", replace(TEST, id="T3", date="2026-02-20", water=0.001), person=CREW)
    assert figure(store, "accepted") == NONE
    accept_pipe(store, "c", "p1", person=CITY, day="2026-03-01")
    assert figure(store, "accepted") == WHOLE
    with pytest.raises(Refused, match="accepted-already"):
        accept_pipe(store, "c", "p1", person=CITY)


def test_accepted_anew_it_still_counts_on_the_days_before_it_was_undone(store):
    file_proof(store, "c", TEST, person=CREW)
    file_proof(store, "c", replace(TEST, id="T3", date="2026-02-20", water=0.001), person=CREW)
    accept_pipe(store, "c", "p1", person=CITY, day="2026-03-01")
    days = ["2025-07-31", "2025-08-01", "2026-01-31", "2026-02-01", "2026-02-28", "2026-03-01"]
    assert [on(store, day) for day in days] == [0, 100_000, 100_000, 0, 0, 100_000]
    known = state(store)
    dated = [stage_account(store, known, "accepted", day).since for day in (days[2], days[5])]
    assert dated == [("2025-08-01",), ("2026-03-01",)], "from its new day only when that had come"
    first, last = spells(store, state(store))["p1"]
    assert (first.until, first.lapse.proof.id, last.until) == ("2026-02-01", "T2", "")


def test_gains_read_every_acceptance_what_was_lost_is_lost_and_what_came_back_comes_once(store):
    file_proof(store, "c", TEST, person=CREW)
    file_proof(store, "c", replace(TEST, id="T3", date="2026-02-20", water=0.001), person=CREW)
    accept_pipe(store, "c", "p1", person=CITY, day="2026-03-01")
    made = repaired(store, state(store), date(2026, 3, 10))
    spans = made.gains(date(2026, 3, 10))  # 2025-08-01 lies 222 days back, 2026-02-01 37, 2026-03-01 nine
    assert {at: gain for at, gain in enumerate(spans) if gain} == {4: 1.0, 10: -1.0, 11: 1.0}
    assert pace(spans) == pytest.approx(365.25 / 360)


def test_undone_before_it_was_taken_back_it_counts_until_the_proof(store):
    file_proof(store, "c", TEST, person=CREW)
    withdraw_acceptance(store, "c", "p1", person=CITY, reason="it leaks")
    assert (on(store, "2026-01-31"), on(store, "2026-02-01")) == (100_000, 0)


def test_the_film_that_it_rests_on_is_withdrawn(store):
    gone = Withdrawal("p1", "i9", "another pipe", "tester", "2026-04-01T08:00:00")
    with store.change("c", who="tester", why="wrong pipe") as change:
        change.add_records("withdrawal", [gone])
    stands = standings(store, state(store))["p1"]
    assert (stands.until, stands.lapse.lack.code) == ("2026-04-01", "cctv-withdrawn")


def test_the_project_says_what_lapsed_and_why(store):
    file_proof(store, "c", TEST, person=CREW)
    row = view_projects(store, state(store), CITY, None)["rows"][0]
    assert (row["whole"]["count"], row["built"]["count"], row["accepted"]["count"], row["lapsed"]) == (
        1,
        1,
        0,
        1,
    )
    one = view_project(store, state(store), "X", CITY, None, "en")
    accepted = one["lots"][0]["pipes"][0]["accepted"]
    assert (accepted["stands"], accepted["until"], accepted["proof"]["id"]) == (False, "2026-02-01", "T2")
    assert "500.0 L" in accepted["says"]


def test_a_project_on_a_past_day_has_what_is_stated_by_then_whenever_it_was_filed(store):
    file_proof(store, "c", TEST, person=CREW)

    def seen(day):
        row = view_projects(store, state(store), CITY, None, on=day)["rows"][0]
        return row["built"]["count"], row["accepted"]["count"], row["lapsed"]

    assert [seen(day) for day in ("2025-01-01", "2025-07-15", "2025-08-01", "2026-02-01")] == [
        (0, 0, 0), (1, 0, 0), (1, 1, 0), (1, 0, 1),
    ]  # fmt: skip
    pipe = view_project(store, state(store), "X", CITY, None, "en", "2025-07-15")["lots"][0]["pipes"][0]
    strip = {one["key"]: one["state"] for one in pipe["strip"]}
    assert (strip["cctv"], strip["closed_water"], pipe["accepted"]) == ("met", "met", None)
    early = view_project(store, state(store), "X", CITY, None, "en", "2025-01-01")["lots"][0]["pipes"][0]
    assert {one["key"] for one in early["strip"] if one["state"] == "met"} <= {"parties"}
    with pytest.raises(BadInput, match="figure-ahead"):
        view_projects(store, state(store), CITY, None, on="2999-01-01")


def test_taken_back_it_counts_until_that_day(store):
    made = withdraw_acceptance(store, "c", "p1", person=CITY, reason="signed in error")
    assert figure(store, "accepted") == NONE
    assert on(store, "2025-09-01") == 100_000
    assert standings(store, state(store))["p1"].taken_back == made
