"""The rows of the meters, by hand."""

import numpy as np
import pytest

from wenqu.diagnosis.defaults import default
from wenqu.diagnosis.end_member_table import EndMember
from wenqu.diagnosis.meter_evidence import MeterEvidence, Tracer
from wenqu.diagnosis.observation_rows import (
    Sighting,
    expected_split,
    flow_sd,
    observation_rows,
    usable_tracers,
)
from wenqu.diagnosis.observers import Observer
from wenqu.series.events import Daily

TABLE = {
    ("sewage", "nh3n"): EndMember(0.040, 0.004, "x"),
    ("groundwater", "nh3n"): EndMember(0.001, 0.0005, "x"),
    ("river", "nh3n"): EndMember(0.002, 0.0005, "x"),
    ("sewage", "cod"): EndMember(0.4, 0.04, "x"),
    ("groundwater", "cod"): EndMember(0.01, 0.0, "x"),
    ("river", "cod"): EndMember(0.02, 0.0, "x"),
}


def sighting(id_, first, last, flow, tracers=None, length=6000.0):
    days = np.datetime64("2024-05-01") + np.arange(40)
    daily = Daily(days, np.full(40, flow), np.ones(40))
    seen = MeterEvidence(
        daily, np.ones(40, bool), False, flow, 0.02, 25, np.full(40, flow), tracers or {}, 0.0
    )
    observer = Observer(id_, "meter", "conduit", id_, (("flow", id_),), 0, first, last, 0.1, 0.05)
    return Sighting(observer, seen, length)


def test_the_error_of_a_dry_flow_is_bias_random_error_and_scatter():
    # 5 % of 2 = 0.1; 10 % of 2 over 25 days = 0.04; scatter 0.02
    assert flow_sd(sighting("M", 0, 5, 2.0)) == pytest.approx(np.sqrt(0.1**2 + 0.04**2 + 0.02**2))


def test_a_mixing_row_says_that_load_is_concentration_times_flow():
    entry = sighting("M", 0, 5, 2.0, {"nh3n": Tracer(0.025, 0.001, 20)})
    split = np.array([[1.2, 0.6, 0.2]])
    rows = observation_rows([entry], ["nh3n"], TABLE, split)
    assert rows.weights[0].tolist() == [1, 1, 1]
    size = 2.0 * 0.040  # the row is divided by the greatest load it could have
    np.testing.assert_allclose(rows.weights[1] * size, [0.040 - 0.025, 0.001 - 0.025, 0.002 - 0.025])
    blocks = 6000 / default("block_length")
    loads = np.array([0.040 * 1.2, 0.001 * 0.6, 0.002 * 0.2])
    noise = (0.001 * 2.0) ** 2 + default("local_scatter") ** 2 * (loads**2).sum() / blocks
    assert rows.noise[1] * size**2 == pytest.approx(noise)
    np.testing.assert_allclose(rows.shared[1] * size, [0.004 * 1.2, 0.0005 * 0.6, 0.0005 * 0.2])
    assert not rows.shared[0].any()


def test_cod_decays_and_takes_no_part_and_a_tracer_without_end_member_is_named():
    entry = sighting("M", 0, 5, 2.0, {name: Tracer(0.1, 0.01, 9) for name in ("nh3n", "cod", "conductivity")})
    used, issues = usable_tracers([entry], TABLE)
    assert used == ("nh3n",)
    assert [issue.facts["tracer"] for issue in issues] == ["conductivity"]


def test_the_first_split_is_the_prior_scaled_to_the_measured_flow():
    split = expected_split([sighting("M", 0, 5, 3.0)], np.array([[1.0, 0.4, 0.1]]))
    np.testing.assert_allclose(split, [[2.0, 0.8, 0.2]])
