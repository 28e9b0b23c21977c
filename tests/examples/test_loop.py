"""The example city goes through works, proof and upkeep: every page has something to show."""

from collections import Counter

import pytest

from wenqu.errors import Refused
from wenqu.examples.city import example_city
from wenqu.examples.city.writing import write_city
from wenqu.examples.loop.play import play_loop
from wenqu.network.model import City
from wenqu.records.acceptance import WITHDRAWN
from wenqu.records.order import OrderEvent
from wenqu.records.problem import ProblemEvent
from wenqu.services.city_state import Cities, CityState
from wenqu.services.find_problems import find_problems
from wenqu.services.gate_pipes import gate_of
from wenqu.services.grade_city import grade_city
from wenqu.services.inspection_media import media_path
from wenqu.services.money_ledger import kept_accounts, money_ledger
from wenqu.services.problem_ledger import ledger
from wenqu.services.rights import LOCAL
from wenqu.services.score_differences import score_differences
from wenqu.services.seen_inspections import handed_inspections, inspection_of
from wenqu.services.sign_figure import signed_figure
from wenqu.services.upkeep_orders import orders
from wenqu.services.verify_documents import verify_documents
from wenqu.services.verify_figures import verify_figures
from wenqu.services.view_backward import view_backward
from wenqu.services.view_consultations import view_consultations
from wenqu.services.view_documents import Sought, view_documents
from wenqu.services.view_figures import view_bridge, view_figures, view_stage
from wenqu.services.view_money import view_money
from wenqu.services.works_ledger import works_ledger
from wenqu.store.database import open_store
from wenqu.store.moments import now
from wenqu.works.money.payable import least_left, limit
from wenqu.works.problem_tables import states

CITY = "example"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    made = open_store(str(tmp_path_factory.mktemp("loop") / "store"))
    city = example_city(conduits=1500, seed=1)
    write_city(made, city.network.city, city, "tester")
    grade_city(made, CITY, who="tester")
    find_problems(made, CityState(made.network(CITY)), person=LOCAL)
    yield made
    made.close()


@pytest.fixture(scope="module")
def played(store):
    return play_loop(store, CITY, who="tester")


@pytest.fixture(scope="module")
def state(store, played):
    assert not played.existed
    return CityState(store.network(CITY))


def test_a_second_time_nothing_happens(store, state):
    version = store.version(CITY)
    assert play_loop(store, CITY, who="tester").existed
    assert store.version(CITY) == version == state.network.version


def test_nothing_invented_comes_into_a_real_city(store, state):
    assert state.network.city.simulated
    with store.change("real", who="tester", why="city") as change:
        change.put_city(City("real", crs="EPSG:4549"))
    with pytest.raises(Refused, match="example-real-city"):
        play_loop(store, "real", who="tester")


def test_what_is_accepted_passed_the_gate_and_what_is_refused_says_what_lacks(store, state, played):
    works = works_ledger(store, state)
    assert len(works.accepted) == played.accepted >= 5
    for asset, one in works.accepted.items():
        assert {proof.kind for proof in one.proofs} >= {"material", "closed_water", "cctv", "as_built"}, asset
        assert gate_of(store, state, asset, works).open
    shut = {one.asset for one in works.as_built} - set(works.accepted)
    lacks = {lack.code for asset in shut for lack in gate_of(store, state, asset, works).lacks}
    assert {"closed-water-leaks", "cctv-before"} <= lacks
    assert any(one.verdict == WITHDRAWN for one in works.acceptances)


def test_every_state_of_a_problem_and_of_an_order_is_there(store, state):
    assert set(states()) == {one.state for one in ledger(store, CITY).values()}
    assert state.network.city.code == CITY
    found = Counter(one.state for one in orders(store, CITY).values())
    assert set(found) == {"issued", "accepted", "started", "done", "closed", "cancelled"}


def test_all_of_it_says_that_it_is_simulated(store, state):
    works = works_ledger(store, state)
    rows = [*works.projects.values(), *works.material, *works.hidden, *works.closed_water, *works.as_built,
            *works.acceptances, *store.records(CITY, "problem_event", ProblemEvent),
            *store.records(CITY, "order_event", OrderEvent)]  # fmt: skip
    assert all(row.simulated for row in rows)
    assert all("模拟" in project.name for project in works.projects.values())


def test_nothing_is_dated_ahead_of_its_filing(store, state):
    today = now().date().isoformat()
    works = works_ledger(store, state)
    papers = (*works.closed_water, *works.as_built, *works.acceptances, *works.hidden, *works.material)
    assert all(one.date <= today for one in papers)


def test_a_percentage_opens_to_the_second_of_a_film_and_to_a_closed_water_test(store, state):
    rows = [row for row in view_stage(store, state, "problem")["rows"] if row["counts"]]
    looks = [proof["id"] for row in rows for proof in row["proofs"] if proof["id"].startswith("FC")]
    whole = inspection_of(store, state, looks[0])
    assert all(defect.film and defect.film_at is not None for defect in whole.defects)
    handed = handed_inspections(store, state)[whole.id]
    path, media = media_path(store, state, whole.id, whole.file, handed, "")
    assert media == "video/webm"
    assert path.read_bytes()[:4] == b"\x1a\x45\xdf\xa3"
    accepted = [row for row in view_stage(store, state, "accepted")["rows"] if row["counts"]]
    assert all({"closed_water", "cctv"} <= {proof["kind"] for proof in row["proofs"]} for row in accepted)


def test_some_scores_of_the_crew_are_misread_and_each_difference_has_its_cause(store, state):
    found = score_differences(store, state, "en")
    handed = handed_inspections(store, state)
    stated = [one for some in handed.values() for one in some if one.stated]
    assert len(stated) > 20
    assert 0 < found["pipes"] < found["compared"]
    causes = {one["cause"] for one in found["causes"]}
    assert causes & {"sum", "no_weight", "density_by_F", "always_factors"}
    assert "unknown" not in causes


def test_what_was_found_stays_found_when_works_made_it_good(store, state):
    stages = view_figures(store, state)["stages"]
    assert stages["problem"]["whole"]["count"] == stages["accepted"]["whole"]["of_count"]
    assert 0 < stages["accepted"]["whole"]["length_mm"] < stages["repaired"]["whole"]["length_mm"]


def test_lists_are_frozen_twice_with_a_bridge_and_the_figures_hold(store, state):
    lists = view_figures(store, state)["lists"]
    assert [one["version"] for one in lists["surveyed"]] == [1, 2]
    assert view_bridge(store, state, "surveyed")["rows"] == []
    said = verify_figures(signed_figure(store, state, "accepted"))
    assert said["facts"]["simulated"] is True
    first, second = lists["surveyed"]
    assert second["length_mm"] - first["length_mm"] == 400


def test_teams_have_a_backward_schedule(store, state):
    repair = view_backward(Cities(store), state.network.city.code, LOCAL)["works"]["repair"]
    assert repair["districts"]
    assert all(row["teams"] for row in repair["districts"])


def test_money_of_the_example_is_paid_by_the_rules_and_says_it_is_simulated(store, state, played):
    money = money_ledger(store, state)
    accounts = kept_accounts(store, state)
    assert len(accounts) >= 3
    assert len(money.payments) >= 6
    every = (*money.funds.values(), *money.contracts.values(), *money.variations.values())
    assert all(row.simulated for row in (*every, *money.payments.values(), *money.refused.values()))
    for one in accounts.values():
        for payment in money.of_contract(one.contract.id):
            day = payment.date
            allowed = limit(one.book, day, one.drawn_by(day))
            assert one.paid_by(day) <= allowed.total, payment.id
            assert all(pipe.on(day) for pipe in one.book.pipes if pipe.pipe in payment.pipes)
    for fund in money.funds.values():
        assert least_left(fund.amount, money.of_fund(fund.id), fund.date) >= 0
    told = view_money(store, state, LOCAL, "zh")
    codes = {one["code"] for one in told["warnings"]}
    assert "overpaid" in codes, "the acceptance that is taken back today was paid for yesterday"
    assert told["totals"]["over"] > 0
    assert told["refused"]


def test_the_documents_of_the_example_are_proved_and_count_as_the_first_seed_does(store, state):
    told = view_consultations(store, state, LOCAL)["rows"][0]["totals"]
    assert (told["opinions"], told["adopted"], told["partly"], told["refused"], told["open"]) == (
        23,
        9,
        4,
        10,
        0,
    )
    rows = view_documents(store, state, LOCAL, Sought())["rows"]
    assert {row["kind"]: row["state"] for row in rows} == {"implementation": "draft", "bulletin": "archived"}
    found = verify_documents(store, CITY, LOCAL)
    assert (found["count"], found["broken"]) == (2, 0)
