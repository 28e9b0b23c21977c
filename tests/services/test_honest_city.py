"""What is said of a city that knows little: no bills, no tracers, a river level, meters that disagree."""

import numpy as np
import pytest

from tests.services.test_diagnose_city import CODE, DAYS, TRUTH, fill, network, pick, readings, times
from wenqu.issues import Place
from wenqu.messages import LANGUAGES, say
from wenqu.network.model import Network, assets
from wenqu.series.model import series
from wenqu.services import joint_city
from wenqu.services.diagnose_city import diagnose_city, read_posterior
from wenqu.store.database import open_store

TRACERS = ("nh3n", "conductivity")


def diagnosed(folder, net, given):
    """Return the diagnosis and the posterior of the pipes; every sentence of it reads in both languages."""
    store = open_store(str(folder))
    fill(store, net, given)
    found = diagnose_city(store, CODE, who="test")
    pipes = read_posterior(store, CODE)
    store.close()
    for language in LANGUAGES:
        for code in found.identifiability.codes:
            assert "{" not in say(code, language)
        for issue in found.issues:
            assert "{" not in say(f"issue.{issue.code}.says", language, **issue.facts)
    told = [row for row in found.findings if row.method == "joint_inversion"]
    assert all(np.isfinite([row.value, row.low, row.high]).all() for row in told)
    assert all(row.low <= row.value <= row.high for row in told)
    for values in (pipes.groundwater, pipes.groundwater_sd, pipes.river, pipes.river_sd, pipes.lost):
        assert (values >= 0).all()
    return found, pipes


def without(net, *types):
    return Network(net.city, {name: table for name, table in net.tables.items() if name not in types})


def flows(seed=8):
    return [row for row in readings(np.random.default_rng(seed)) if row.quantity not in TRACERS]


def codes(found):
    return {issue.code for issue in found.issues} | set(found.identifiability.codes)


def test_without_tracers_and_levels_waves_and_bills_speak_and_that_is_said(tmp_path):
    found, _ = diagnosed(tmp_path, network(), flows())
    assert codes(found) >= {"diagnosis.identify.rank-1", "diagnosis.identify.levels-none"}
    for branch, (_, _, ground, river) in TRUTH.items():
        row = pick(found.findings, "joint_inversion", f"M{branch}", "extraneous")
        assert row.low <= ground + river <= row.high
        assert row.facts["data_share"] > 0.5
        both = [
            pick(found.findings, "joint_inversion", f"M{branch}", name) for name in ("groundwater", "river")
        ]
        # which of the two it is, nobody knows: their intervals hold the truth and are wide
        assert both[0].low <= ground <= both[0].high
        assert both[1].low <= river <= both[1].high or river > 0


def test_without_bills_nothing_is_said_of_missing_sewage(tmp_path):
    found, pipes = diagnosed(tmp_path, without(network(), "source"), readings(np.random.default_rng(8)))
    assert "diagnosis.identify.no-water-use" in codes(found)
    assert not [
        row for row in found.findings if row.method == "joint_inversion" and "missing" in row.quantity
    ]
    assert not pipes.lost.any()
    for branch, (_, _, ground, river) in TRUTH.items():
        row = pick(found.findings, "joint_inversion", f"M{branch}", "extraneous")
        assert row.low <= ground + river <= row.high


def test_a_river_level_alone_finds_what_follows_it_and_says_what_stays_unknown(tmp_path):
    net = network()
    gauges = assets("gauge", ["G", "GR"], {"measures": ["rain", "river_stage"], "on_id": [None, "R"]})
    stage = 0.4 * np.sin(2 * np.pi * np.arange(24 * DAYS) / (24 * 13))
    rises = {"MB": TRUTH["B"][3] * stage, "P": TRUTH["B"][3] * stage}  # doubles with the river, per metre
    given = []
    for row in flows():
        more = rises.get(row.asset) if row.quantity == "flow" else None
        values = row.values if more is None else row.values + more
        given.append(series(row.asset, row.quantity, row.times, values, simulated=True))
    given.append(series("GR", "river_stage", times(), 3.0 + stage, simulated=True))
    found, _ = diagnosed(tmp_path, Network(net.city, {**net.tables, "gauge": gauges}), given)
    assert "diagnosis.identify.levels-river_stage" in codes(found)
    rivers = {b: pick(found.findings, "joint_inversion", f"M{b}", "river") for b in TRUTH}
    assert rivers["B"].value > 0.005
    assert rivers["B"].value > 5 * max(rivers["A"].value, rivers["C"].value)
    assert "series:GR/river_stage" in rivers["B"].inputs


def test_meters_that_contradict_one_another_are_named_and_trusted_less(tmp_path):
    net = network()
    places = {"on_id": ["cA19", "cA18", "cB19", "cC19"], "bias_error": [0.03] * 4, "flow_error": [0.05] * 4}
    meters = assets("meter", ["MA", "MX", "MB", "MC"], places)
    given = readings(np.random.default_rng(8))
    one = next(row for row in given if (row.asset, row.quantity) == ("MA", "flow"))
    given.append(series("MX", "flow", one.times, 1.6 * one.values, simulated=True))  # 50 m above, 60 % more
    found, _ = diagnosed(tmp_path, Network(net.city, {**net.tables, "meter": meters}), given)
    odd = {issue.asset for issue in found.issues if issue.code == "diagnosis.meter-contradicts"}
    assert odd & {"MA", "MX"}
    assert not odd & {"MB", "MC"}
    # what the others say is not spoilt
    row = pick(found.findings, "joint_inversion", "MC", "extraneous")
    assert row.low <= TRUTH["C"][2] <= row.high
    assert {issue.asset for issue in found.issues if issue.code == "case.meter-not-believed"} <= {"MA", "MX"}
    marked = {row.asset for row in found.findings if row.facts.get("contradicts")}
    assert marked == odd
    biased = pick(found.findings, "joint_inversion", "MX", "meter_bias")
    assert biased.value > pick(found.findings, "joint_inversion", "MA", "meter_bias").value


def test_an_outlet_that_reads_a_third_is_no_missing_sewage(tmp_path):
    """The plant's meter reads a third of what three meters bring to it: it alone is wrong."""
    given = [
        series("P", "flow", row.times, row.values / 3, simulated=True)
        if (row.asset, row.quantity) == ("P", "flow") else row
        for row in readings(np.random.default_rng(8))
    ]  # fmt: skip
    found, _ = diagnosed(tmp_path, network(), given)
    not_believed = [issue for issue in found.issues if issue.code == "case.meter-not-believed"]
    assert [issue.asset for issue in not_believed] == ["P"]
    assert not_believed[0].place == Place()
    for name, (_, _, ground, river) in TRUTH.items():
        row = pick(found.findings, "joint_inversion", f"M{name}", "extraneous")
        assert row.low <= ground + river <= row.high


def test_without_any_meter_no_plant_is_said_to_meet_its_target(tmp_path):
    found, _ = diagnosed(tmp_path, without(network(), "meter"), [])
    notes = [row.notes for row in found.findings if row.quantity == "sealed"]
    assert notes
    assert all(one[0].startswith("diagnosis.verdict.unmeasured-") for one in notes)
    assert not any("diagnosis.verdict.meets" in one for one in notes)


def test_a_meter_that_is_read_once_a_day_takes_part(tmp_path):
    given = []
    for row in flows():
        if (row.asset, row.quantity) == ("MA", "flow"):
            daily = row.values.reshape(DAYS, 24).mean(axis=1)
            row = series("MA", "flow", row.times[::24], daily, simulated=True)  # noqa: PLW2901
        given.append(row)
    found, _ = diagnosed(tmp_path, network(), given)
    assert pick(found.findings, "joint_inversion", "MA", "extraneous").value == pytest.approx(0.02, abs=0.012)


@pytest.mark.parametrize("most", [2, 1])  # all four in one batch, as none lies above another; one each
def test_many_meters_solved_in_batches_answer_like_all_at_once(most, tmp_path, monkeypatch):
    given = readings(np.random.default_rng(8))
    whole, _ = diagnosed(tmp_path / "whole", network(), given)
    monkeypatch.setattr(joint_city, "MOST", most)
    parts, _ = diagnosed(tmp_path / "parts", network(), given)
    for meter in ("MA", "MB", "MC", "P"):
        for quantity in ("extraneous", "sewage"):
            one, other = (
                pick(found.findings, "joint_inversion", meter, quantity) for found in (whole, parts)
            )
            assert other.value == pytest.approx(one.value, abs=0.5 * (one.high - one.low))
