"""From the source to the plant, and whether sealing can suffice."""

import numpy as np
import pytest

from wenqu.diagnosis.plant_dilution import (
    PlantWaters,
    allowed_clean_share,
    arriving,
    decay_loss,
    margins,
    plant_dilution,
)
from wenqu.errors import NotEnoughData


def waters(**changes):
    # 100 m³/s of sewage made, 80 arrive; 40 groundwater, 20 river, 10 rain; 200, 5, 10, 10 mg/L; 15 % decays
    base = {
        "flow": np.array([80.0, 40.0, 20.0]),
        "flow_covariance": np.diag([16.0, 9.0, 4.0]),
        "generated": (100.0, 3.0),
        "rain": (10.0, 2.0),
        "concentration": np.array([0.200, 0.005, 0.010, 0.010]),
        "concentration_sd": np.array([0.010, 0.002, 0.003, 0.003]),
        "loss": (0.15, 0.03),
        "measured": (0.090, 0.003),
        "target": 0.100,
    }
    return PlantWaters(**{**base, **changes})


def test_heart_t22_sewage_of_200_with_15_percent_decay_and_42_percent_clean_water_arrives_with_100_7():
    assert arriving(200, 0.15, 0.42, 5) == pytest.approx(100.7)


def test_a_cubic_metre_kept_out_brings_95_grams_and_one_brought_in_100():
    assert margins(200, 5, 100) == (95, 100)  # heart T21: 0.095 and 0.100 kg/d per m³


@pytest.mark.parametrize(("source", "share"), [(200, 0.42), (150, 0.22)])
def test_the_clean_share_that_a_target_of_100_allows(source, share):
    assert allowed_clean_share(source, 0.15, 5, 100) == pytest.approx(share, abs=0.006)


def test_the_steps_are_those_of_a_hand_calculation():
    steps = {step.key: step for step in plant_dilution(waters()).steps}
    # 200 → 170 → (100·170 + 40·5)/140 = 122.857 → (17 200 + 200)/160 = 108.75 → (17 400 + 100)/170 = 102.941
    # → less 20 of sewage: (17 500 - 3400)/150 = 94.0; measured 90
    levels = [round(step.level * 1000, 3) for step in plant_dilution(waters()).steps]
    assert levels == [200, 170, 122.857, 108.75, 102.941, 94.0, 90, 90]
    assert steps["missing"].change * 1000 == pytest.approx(94.0 - 102.941, abs=1e-3)
    assert steps["unexplained"].change * 1000 == pytest.approx(-4.0)
    changes = [step.change for step in plant_dilution(waters()).steps[1:-1]]
    assert 0.200 + sum(changes) == pytest.approx(0.090)


def test_every_step_lies_in_its_interval_and_the_seed_fixes_it():
    found = plant_dilution(waters())
    for step in found.steps:
        assert step.low <= step.change <= step.high
    assert found == plant_dilution(waters())


def test_sealing_suffices_where_the_sealed_sewer_would_carry_170():
    found = plant_dilution(waters())
    assert found.verdict == "sealing-suffices"
    assert found.sealed == pytest.approx(0.170)
    assert found.verdict_chance > 0.99


def test_no_amount_of_sealing_suffices_where_the_source_brings_120():
    # 120 · 0.85 = 102 < 105
    found = plant_dilution(waters(concentration=np.array([0.120, 0.005, 0.010, 0.010])))
    assert found.verdict == "sealing-cannot-suffice"
    assert found.verdict_chance < 0.5
    assert found.sealed == pytest.approx(0.102)


def test_a_target_is_judged_by_the_means_of_days_where_they_are_known():
    """Weighted by the hour the plant receives 105 mg/L, by days 98: the waterfall ends at 105, not met."""
    found = plant_dilution(waters(measured=(0.105, 0.002), assessed=0.098))
    assert found.steps[-1].level == pytest.approx(0.105)
    assert found.verdict != "meets"
    assert plant_dilution(waters(measured=(0.095, 0.002), assessed=0.101)).verdict == "meets"


def test_a_plant_that_meets_its_target_says_so():
    assert plant_dilution(waters(measured=(0.105, 0.002))).verdict == "meets"


@pytest.mark.parametrize(("target", "said"), [(0.02, "likely"), (0.4, "unlikely")])
def test_where_nobody_measures_no_target_is_met_but_by_guess(target, said):
    found = plant_dilution(waters(measured=(np.nan, np.nan), target=target))
    assert found.unmeasured == said
    assert found.verdict != "meets"


def test_what_may_be_above_or_below_the_target_is_not_known():
    free = plant_dilution(waters(measured=(np.nan, np.nan)))
    middle = free.steps[-1].level
    assert plant_dilution(waters(measured=(np.nan, np.nan), target=middle)).unmeasured == "open"
    assert plant_dilution(waters()).unmeasured == ""


def test_the_share_of_clean_water_has_an_interval():
    found = plant_dilution(waters())
    assert 0 <= found.clean_share_low < found.clean_share < found.clean_share_high <= 1


def test_without_a_reading_the_waterfall_ends_with_what_is_expected():
    steps = plant_dilution(waters(measured=(np.nan, np.nan))).steps
    assert [step.key for step in steps][-2:] == ["missing", "arriving"]
    assert steps[-1].level == pytest.approx(0.094)


def test_decay_grows_with_the_way_and_the_warmth():
    assert decay_loss(0.0)[0] == 0
    assert decay_loss(6 * 3600)[0] == pytest.approx(1 - np.exp(-0.3))
    assert decay_loss(6 * 3600, 25)[0] > decay_loss(6 * 3600)[0] > decay_loss(3 * 3600)[0]


def test_a_plant_without_sewage_has_no_waterfall():
    with pytest.raises(NotEnoughData):
        plant_dilution(waters(flow=np.zeros(3)))
