"""The example city is diagnosed without its truth, and then compared with it."""

import numpy as np
import pytest

from wenqu.examples.city import example_city
from wenqu.examples.city.mixing import Mixer
from wenqu.examples.city.sampled import end_members
from wenqu.series.events import dry_days
from wenqu.services.diagnose_city import diagnose_city
from wenqu.services.dry_weather import daily_rain_of, period_of
from wenqu.store.database import open_store

CONDUITS, SEED, DAYS = 1500, 2, 75


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """Return the diagnosis and the true dry-weather flows of each place (4 waters, M)."""
    city = example_city(CONDUITS, SEED)
    code = city.network.city.code
    store = open_store(str(tmp_path_factory.mktemp("store")))
    with store.change(code, who="test", why="survey") as change:
        change.put_city(city.network.city)
        for table in city.network.tables.values():
            change.put(table)
        change.write_document("endmembers.csv", end_members(SEED).encode())
    store.write_series(code, list(city.series(DAYS)))
    found = diagnose_city(store, code, who="test")
    rain = daily_rain_of(store, code, period_of(store, code))
    places = np.arange(len(city.meters))
    parts = Mixer(city.sources, city.grown.sky, city.seed, 24 * DAYS).passing(places).parts
    daily = parts.reshape(4, len(places), DAYS, 24).mean(axis=3)
    dry = np.isin(np.arange(rain.days[-1] - DAYS + 1, rain.days[-1] + 1), rain.days[dry_days(rain)])
    yield found, dict(zip(city.meters, daily[:, :, dry].mean(axis=2).T, strict=True))
    store.close()


def rows(found, method, quantity):
    return {row.asset: row for row in found.findings if (row.method, row.quantity) == (method, quantity)}


def relative_error(found, truth, method):
    """Return Σ|estimate - truth| / Σ truth of the extraneous water over all places."""
    said = rows(found, method, "extraneous")
    clean = {id_: parts[1:].sum() for id_, parts in truth.items() if id_ in said}
    return sum(abs(said[id_].value - true) for id_, true in clean.items()) / sum(clean.values())


def test_every_place_with_readings_is_diagnosed(judged):
    found, truth = judged
    assert rows(found, "joint_inversion", "extraneous").keys() == truth.keys()
    assert found.meters == len(truth)
    assert found.simulated


def test_the_posterior_errs_less_than_the_night_minimum_net_of_sewage(judged):
    found, truth = judged
    night, ours = (relative_error(found, truth, name) for name in ("night_flow", "joint_inversion"))
    assert ours < night
    assert ours < 0.5 * relative_error(found, truth, "night_flow_raw")
    assert ours < 0.2


def test_the_intervals_hold_the_truth(judged):
    found, truth = judged
    said = {name: rows(found, "joint_inversion", name) for name in ("extraneous", "sewage")}
    held = []
    for id_, (sewage, *clean) in truth.items():
        row = said["extraneous"][id_]
        held.append(row.low <= sum(clean) <= row.high)
        held.append(said["sewage"][id_].low <= sewage <= said["sewage"][id_].high)
    assert np.mean(held) >= 0.85


def test_every_plant_has_its_waterfall_and_three_manholes(judged):
    found, _ = judged
    plants = rows(found, "plant_dilution", "sealed")
    assert len(plants) >= 3
    for id_ in plants:
        picks = [
            row for row in found.findings if row.method == "next_measurement" and row.facts["plant"] == id_
        ]
        assert 1 <= len(picks) <= 3
