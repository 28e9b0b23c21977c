"""The city that the demonstration shows: six thousand conduits, and all that was promised of it."""

import numpy as np
import pytest

from wenqu.examples.city import example_city
from wenqu.examples.city.truth import truth
from wenqu.network.model import link_lengths
from wenqu.units import from_si


@pytest.fixture(scope="module")
def city():
    return example_city()


@pytest.fixture(scope="module")
def readings(city):
    return {(series.asset, series.quantity): series for series in city.series()}


def test_it_has_what_was_promised(city):
    network = city.network
    expected = {
        "plant": 5,
        "station": 12,
        "outfall": 60,
        "reach": 8,
        "source": 800,
        "conduit": 6000,
        "pump": 36,
    }
    assert {name: len(network.table(name)) for name in expected} == expected
    length = link_lengths(network.table("conduit")).sum()
    assert from_si(length, "km") == pytest.approx(220, abs=15)
    zone = network.table("zone")
    assert list(zone.column("name")[zone.column("kind") == "district"]) == ["方塘区", "天光区", "云影县"]
    kinds = set(zone.column("kind"))
    assert kinds == {
        "city", "district", "sewershed", "metering", "compliance", "block", "park", "blank", "flood_prone",
    }  # fmt: skip
    assert (zone.column("kind") == "compliance").sum() == 2
    measures = list(network.table("gauge").column("measures"))
    assert [measures.count(name) for name in ("rain", "river_stage", "groundwater")] == [2, 3, 3]
    on = [str(on_id) for on_id in network.table("meter").column("on_id")]
    assert sum(id_ in set(city.conduits) for id_ in on) == 30
    assert len(on) == 30 + 12 + 5
    assert 1 <= len(network.table("storage")) <= 3


def test_users_have_the_trades_of_the_programme_and_some_lack_their_permit(city):
    source = city.network.table("source")
    trades = set(source.column("trade"))
    seed_list = {
        "market", "small_restaurant", "night_stall", "farmhouse_inn", "hairdresser", "bath", "car_repair",
        "laundry", "clinic", "building_site", "waste_transfer",
    }  # fmt: skip
    assert seed_list | {"household", "industry"} <= trades
    needs = source.column("needs_permit") == 1
    there = np.array([number is not None for number in source.column("permit_no")])
    assert not there[~needs].any()
    assert 0.1 < 1 - there[needs].mean() < 0.6
    ends = [value for value in source.column("permit_to") if value is not None]
    assert any(value < "2025-06-30" for value in ends)
    assert any(value > "2026-06-30" for value in ends)


def test_two_of_five_plants_receive_more_than_100_milligrams_of_bod(city, readings):
    above = 0
    for plant in city.plants:
        flow, bod = readings[plant, "flow"], readings[plant, "bod5"]
        _, left, right = np.intersect1d(flow.times, bod.times, return_indices=True)
        load = (flow.values[left] * bod.values[right]).sum()
        above += from_si(load / flow.values[left].sum(), "mg/L") > 100
    assert above == 2


def test_the_extraneous_share_the_losses_and_the_places_are_those_of_the_brief(city):
    known = truth(city)
    assert 0.35 <= known.extraneous_share <= 0.45
    assert len(known.place) == 5
    lost = city.grown.balance.lost_share
    inhabited = known.block_generated > 0
    assert (lost[inhabited] > 0).mean() == pytest.approx(0.2, abs=0.03)
    assert lost[lost > 0].min() >= 0.2
    assert lost.max() <= 0.8
    assert city.inspected.mean() == pytest.approx(0.45, abs=0.04)


def test_a_year_has_two_and_a_half_million_readings_with_faults_in_them(city, readings):
    count = sum(len(series) for series in readings.values())
    assert count == pytest.approx(2.5e6, rel=0.03)
    assert len(readings) == city.series_count
    assert sum(quantity == "supply" for _, quantity in readings) > 5
    flows = [series for (_, quantity), series in readings.items() if quantity == "flow"]
    hours = 365 * 24
    assert sum(len(series) < hours for series in flows) > 0.9 * len(flows)  # gaps
    assert any((series.values < 0).any() for series in flows)  # blips
    assert any(series.values.max() > 4 * np.median(series.values) for series in flows)  # spikes
    frozen = [np.diff(series.values) == 0 for series in flows]
    assert any(np.convolve(same, np.ones(12), "valid").max() == 12 for same in frozen)
    level = [series for (_, quantity), series in readings.items() if quantity == "level"]
    assert all((series.values >= 0).all() for series in level)


def test_the_end_members_on_file_are_samples_and_not_the_truth(city):
    from wenqu.diagnosis.end_member_table import end_member_table
    from wenqu.examples.city.lists import rows
    from wenqu.examples.city.sampled import end_members

    table, issues = end_member_table(end_members(city.seed))
    assert issues == []
    for row in rows("mixture"):
        found = table[row["kind"], row["tracer"]]
        true = float(row["mean"]) * (1e-3 if row["unit"] == "mg/L" else 1e-4)
        assert found.status == "sampled"
        assert found.mean != pytest.approx(true, rel=1e-4)
        assert found.mean == pytest.approx(true, rel=0.5)
