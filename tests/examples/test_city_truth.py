"""The truth of the example city agrees with itself and with the readings, and no method can reach it."""

import ast
from pathlib import Path

import numpy as np
import pytest

import wenqu
from wenqu.errors import FileMissing
from wenqu.examples.city import example_city
from wenqu.examples.city.mixing import Mixer
from wenqu.examples.city.observed import partial_depth
from wenqu.examples.city.truth import Truth, dry_hours, read_truth, truth, write_truth
from wenqu.examples.city.waves import LEAD, PER_HOUR, emission


@pytest.fixture(scope="module")
def city():
    return example_city(conduits=600, seed=1)


@pytest.fixture(scope="module")
def known(city):
    return truth(city)


def test_what_enters_conduits_and_manholes_is_what_the_plants_receive(city, known):
    balance = city.grown.balance
    assert known.groundwater.sum() == pytest.approx(known.plant_parts[1].sum(), rel=1e-9)
    assert known.place_flow.sum() == pytest.approx(known.plant_parts[2].sum(), rel=1e-9)
    assert balance.sewage.sum() == pytest.approx(known.plant_parts[0].sum(), rel=1e-9)


def test_the_readings_of_a_plant_are_the_truth_times_its_meters_bias(city, known):
    """A year of noise of 3 % leaves less than 0.2 %; gaps, spikes and frozen hours add up to about 1 %."""
    flows = {series.asset: series for series in city.series() if series.quantity == "flow"}
    for plant in city.plants:
        meter = city.meters[city.on_ids.index(plant)]
        row = list(known.meter).index(meter)
        true = known.meter_parts[:, row].sum()
        read = np.clip(flows[plant].values, 0, 4 * true)  # what is above is a spike
        assert read.mean() / (1 + known.meter_bias[row]) == pytest.approx(true, rel=0.02)


def test_a_meter_below_reads_at_least_what_the_meters_above_read(known, city):
    total = known.meter_parts.sum(axis=0)
    for row, below in enumerate(city.points.below):
        if below >= 0:
            assert total[below] >= total[row]


def test_losses_and_what_arrives_make_what_the_users_discharge(known, city):
    arrived = known.plant_parts[0].sum()
    assert known.block_lost.sum() + arrived == pytest.approx(known.block_generated.sum(), rel=1e-9)
    assert (known.block_lost >= -1e-12).all()


def test_groundwater_enters_only_below_the_water_table_and_more_where_pipes_are_broken(city, known):
    head, swing = city.grown.ages.head, city.grown.sky.water_table.max()
    assert (known.groundwater[head + swing <= 0] == 0).all()
    wear, pipes = city.grown.wear, city.laid.pipes
    open_ = np.bincount(wear.conduit, wear.level >= 3, minlength=len(head)) > 0
    wet = (head > 0) & (pipes.of_system > 0)
    conductance = city.grown.balance.conductance
    assert conductance[wet & open_].mean() > 3 * conductance[wet & ~open_].mean()


def test_the_river_enters_only_where_the_sewer_lies_below_it(city):
    laid, places = city.laid, city.grown.balance.intrusion
    assert len(places) >= 1
    assert (laid.depth.bottom[places] < laid.frame.water_level(laid.pipes.x[places])).all()


def test_storm_sewers_carry_no_sewage_and_take_no_groundwater(city, known):
    storm = city.laid.pipes.of_system == 0
    assert known.groundwater[storm].sum() == known.sewage[storm].sum() == 0


def test_travelling_the_day_gets_later_and_flatter(city):
    """Sewage at a place is the users' wave delayed by each one's way: by hand for one plant."""
    row = city.meters.index(city.meters[city.on_ids.index(city.plants[0])])
    sky, given = city.grown.sky, city.sources
    moved = Mixer(given, sky, city.seed, hours=48).passing(np.array([row])).parts[0, 0]
    areas = np.flatnonzero(given.upstream[row])
    wave, first = emission(city.seed), LEAD + (sky.times.size - 48) * PER_HOUR
    behind = given.lag[row] / 900.0
    assert behind < 1e-9  # a plant lies at the end of its own way
    by_hand = np.zeros(48)
    for kind in range(3):
        for area in areas:
            for lag, amount in enumerate(given.sewage[kind, area]):
                by_hand += amount * wave[kind, first - lag + PER_HOUR * np.arange(48)]
    assert moved == pytest.approx(by_hand, rel=1e-12)
    at_once = sum(given.sewage[kind, areas].sum() * wave[kind, first:][::4][:48] for kind in range(3))
    assert moved.std() < at_once.std()


def test_a_circular_conduit_is_half_full_at_half_its_full_flow():
    """Manning with constant n: at half depth the area is half and the radius that of the full pipe."""
    assert partial_depth(np.array([0.5]))[0] == pytest.approx(0.5, abs=1e-3)
    assert partial_depth(np.array([1.0]))[0] == pytest.approx(0.82, abs=0.005)  # Chow 1959, figure 6-5


def test_a_dry_day_has_two_dry_days_before_it():
    rain = np.zeros(24 * 5)
    rain[30] = 2e-3 / 3600  # 2 mm in an hour of the second day
    assert dry_hours(rain).reshape(5, 24).all(axis=1).tolist() == [True, False, False, False, True]


def test_truth_comes_back_from_its_folder_as_it_was_written(city, known, tmp_path):
    write_truth(city, tmp_path / "truth")
    back = read_truth(tmp_path / "truth")
    for name in Truth.__slots__:
        assert np.array_equal(getattr(back, name), getattr(known, name)), name
    with pytest.raises(FileMissing):
        read_truth(tmp_path)


def test_no_part_of_wenqu_but_the_examples_knows_how_to_read_the_truth():
    root = Path(wenqu.__file__).parent
    readers = set()
    for path in root.rglob("*.py"):
        inside = path.relative_to(root).as_posix()
        if inside.startswith("examples/"):
            continue
        text = path.read_text(encoding="utf-8")
        if "truth" not in text:
            continue
        names = set()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom):
                names |= {f"{node.module}.{alias.name}" for alias in node.names}
            elif isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
        if any("examples.city.truth" in name or name.endswith("read_truth") for name in names):
            readers.add(inside)
        if "truth.npz" in text or "truth.json" in text:
            readers.add(inside)
    assert readers == set()
