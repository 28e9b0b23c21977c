"""What is unsure of a small city's repairs, and a programme that asks for more than the mean."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.services.plan_case import BOTH, CODE, GROUND_CV, RIVER_CV, build
from wenqu.diagnosis.defaults import default
from wenqu.planning.costs import read_catalogue
from wenqu.planning.rules import default_rules
from wenqu.records.finding import Finding
from wenqu.services.city_state import CityState
from wenqu.services.plan_city import gather_evidence, plan_city
from wenqu.services.plan_doubts import YEARS, city_doubts
from wenqu.services.plan_sites import gather_sites


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    made = build(tmp_path_factory.mktemp("doubts") / "store", bod=0.096, spread=0.004)
    yield made
    made.close()


def doubts_of(store):
    state = CityState(store.network(CODE))
    known = gather_evidence(store, state)
    sites = gather_sites(known, default_rules(2025))
    return city_doubts(store, state, known, sites, read_catalogue()), sites


def test_every_site_varies_with_its_area_and_water(store):
    doubts, sites = doubts_of(store)
    assert doubts.together
    assert doubts.factors == (("B1", "groundwater"), ("B1", "river"))
    assert doubts.covariance == pytest.approx(np.array([[GROUND_CV**2, BOTH], [BOTH, RIVER_CV**2]]))
    of = dict(zip(zip(sites.kind, sites.ids, strict=True), doubts.site_factor, strict=True))
    assert of["conduit", "C1"] == 0
    assert of["outfall", "O"] == 1


def test_a_plants_mean_is_as_unsure_as_its_months_and_years(store):
    # twelve monthly means of 96 ± 4 by turns: sd 4·√(12/11), over √12; and 5 % of 96 from year to year
    doubts, _ = doubts_of(store)
    read = 0.004 * np.sqrt(12 / 11) / np.sqrt(12)
    assert doubts.plant_sd[0] == pytest.approx(np.hypot(read, YEARS * 0.096), rel=0.02)


def test_without_a_filed_covariance_areas_stand_alone_and_it_is_said(tmp_path):
    low, high = 0.007 * (1 - 1.645 * 0.4), 0.007 * (1 + 1.645 * 0.4)
    told = Finding(
        "conduit", "C4", "joint_inversion", "area_groundwater", 0.007, low, high, "m³/s", simulated=True
    )
    store = build(tmp_path / "store", filed=False, findings=[replace(told, asset_type="meter", asset="B1")])
    doubts, sites = doubts_of(store)
    store.close()
    assert not doubts.together
    assert doubts.covariance == pytest.approx(np.array([[0.16]]))
    of = dict(zip(sites.ids, zip(doubts.site_factor, doubts.site_cv, strict=True), strict=True))
    assert of["C1"][0] == 0
    assert of["O"] == (
        -1,
        default("effect_cv"),
    )  # of the river nothing was told: as works that nobody verified


def test_a_rule_of_probability_costs_more_and_is_written_with_the_rules(store, tmp_path):
    plain = plan_city(store, CODE, who="planner").programme
    rules = tmp_path / "rules.json"
    rules.write_text(json.dumps({"probability": 0.85}), encoding="utf-8")
    sure = plan_city(store, CODE, who="planner", rules=rules).programme
    assert sure.cost > plain.cost
    assert json.loads(sure.rules)["probability"] == 0.85
    assert sure.outlook[-1].concentration > plain.outlook[-1].concentration
    assert sure.bound <= sure.cost
    again = plan_city(store, CODE, who="planner").programme  # the rules stay the city's
    assert again.cost == pytest.approx(sure.cost)
