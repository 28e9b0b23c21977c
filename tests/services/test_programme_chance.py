"""The chance of the programme that stands, and the surer one beside it: on the plan and in the cockpit."""

import pytest

from tests.services.plan_case import CODE, build
from tests.services.test_plan_choices import CLERK, OFFICE
from wenqu.records.programme import Programme
from wenqu.services.choices_asked import Wanted
from wenqu.services.choose_plan import choose_plan
from wenqu.services.city_state import Cities, CityState
from wenqu.services.cockpit import cockpit
from wenqu.services.file_replan import file_replan
from wenqu.services.plan_choices import work_out_choices
from wenqu.services.plan_city import plan_city
from wenqu.services.programme_chance import told_chance
from wenqu.services.replan_asked import Asked
from wenqu.services.replan_city import replan_city
from wenqu.services.rights import LOCAL
from wenqu.services.seen_city import SeenCities
from wenqu.services.view_plan import view_plan
from wenqu.services.view_replan import view_proposal

SURER = Wanted(probabilities=(0.8,), budget=1, later=0, share=0, knowing=0, draws=2)


@pytest.fixture
def planned(tmp_path):
    """Return a city whose plant is unsure, with the default programme."""
    store = build(tmp_path / "store", bod=0.096, spread=0.004)
    plan_city(store, CODE, who="planner")
    yield store
    store.close()


def told(store):
    return told_chance(store, CityState(store.network(CODE)))


def test_a_programme_of_the_means_is_filed_with_its_chance_and_asks_for_alternatives(planned):
    found = told(planned)
    assert found["programme"] == planned.records(CODE, "programme", Programme)[-1].id
    assert found["span"][0] < found["chance"] < found["span"][1]
    assert (found["chance"], found["draws"]) == (
        pytest.approx(0.73, abs=0.05),
        1000,
    )  # whole packages overshoot
    assert (found["worked_out"], found["surer"]) == (False, None)
    state = CityState(planned.network(CODE))
    assert view_plan(planned, state)["chance"] == found
    assert cockpit(planned, state, None, "")["programme"] == found


def test_the_surer_alternative_stands_beside_it_until_it_is_chosen(planned):
    work_out_choices(planned, CODE, SURER, who="planner")
    before = told(planned)
    assert before["surer"]["chance"] > before["chance"]
    assert before["surer"]["cost"] > before["cost"]
    choose_plan(planned, CODE, before["surer"]["id"], person=OFFICE, reason="surer")
    after = told(planned)
    assert after["chance"] == before["surer"]["chance"]
    assert (after["surer"], after["likely"]) == (None, True)


def test_a_proposal_tells_its_chance_and_takes_it_along_when_filed(planned):
    before = told(planned)["chance"]
    made = replan_city(planned, CODE, Asked(rules='{"probability": 0.8}'), who="planner", seconds=10)
    shown = view_proposal(planned, CityState(planned.network(CODE)), made.id, LOCAL, "zh")["chance"]
    assert shown["before"]["chance"] == before < shown["after"]["chance"]
    file_replan(planned, CODE, made.id, why="surer", person=OFFICE)
    assert told(planned)["chance"] == shown["after"]["chance"]


def test_who_sees_a_part_of_the_city_is_told_no_chance_of_the_whole(planned):
    assert told(SeenCities(Cities(planned), CLERK).store) is None


def test_rules_that_ask_nothing_of_the_plants_have_no_chance(tmp_path):
    store = build(tmp_path / "store", bod=0.096, spread=0.004)
    rules = tmp_path / "rules.json"
    rules.write_text('{"capacity_share": []}')
    plan_city(store, CODE, rules=rules, who="planner")
    assert told(store) is None
    store.close()
