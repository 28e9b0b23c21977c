"""The example city is sound, repeatable, of any size, and says everywhere that it is invented."""

import hashlib

import numpy as np
import pytest
from pyproj import Transformer

from wenqu.examples.city import example_city
from wenqu.examples.city.land import DISTRICTS
from wenqu.issues import Weight
from wenqu.network.checks.registry import check_all
from wenqu.network.model import summary
from wenqu.network.schema import asset_type, asset_types, code_lists
from wenqu.network.topology import topology
from wenqu.network.traces import first_below
from wenqu.standards.condition import condition_rules


@pytest.fixture(scope="module")
def city():
    return example_city(conduits=600, seed=1)


def digest(network):
    sums = hashlib.sha256()
    for name in sorted(network.tables):
        table = network.tables[name]
        sums.update(repr((name, list(table.ids))).encode())
        sums.update(np.ascontiguousarray(table.shapes.coords).tobytes())
        for field in sorted(table.fields):
            column = table.fields[field]
            sums.update(repr(list(column)).encode() if column.dtype == object else column.tobytes())
    return sums.hexdigest()


def test_the_same_seed_grows_the_same_city_and_another_seed_another(city):
    assert digest(example_city(conduits=600, seed=1).network) == digest(city.network)
    assert digest(example_city(conduits=600, seed=2).network) != digest(city.network)


def test_the_same_seed_gives_the_same_readings_and_inspections(city):
    again = example_city(conduits=600, seed=1)
    assert again.inspections == city.inspections
    for one, other in zip(city.series(days=3), again.series(days=3), strict=True):
        assert (one.asset, one.quantity) == (other.asset, other.quantity)
        assert np.array_equal(one.values, other.values)
        assert np.array_equal(one.times, other.times)


@pytest.mark.parametrize("conduits", [600, 1500, 4000, 12000])
def test_it_has_about_as_many_conduits_as_asked_for(conduits):
    found = len(example_city(conduits=conduits, seed=3).network.table("conduit"))
    assert abs(found - conduits) <= 0.02 * conduits


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_every_manhole_reaches_a_plant_or_an_outfall_and_every_sewer_for_sewage_a_plant(seed):
    network = example_city(conduits=900, seed=seed).network
    graph = topology(network)
    assert (graph.link_from >= 0).all()
    assert (graph.link_to >= 0).all()
    manhole = graph.node_type == "manhole"
    ends = np.isin(graph.node_type, ["plant", "outfall"])
    assert (first_below(graph, ends)[manhole] >= 0).all()
    # but for the chambers behind an overflow weir, which lead to the river
    table = network.table("manhole")
    sewage = np.isin(table.column("system"), ["sanitary", "combined"]) & (table.column("kind") != "overflow")
    reached = first_below(graph, graph.node_type == "plant")[manhole]
    assert sewage.any()
    assert (reached[sewage[graph.node_row[manhole]]] >= 0).all()


@pytest.mark.parametrize("seed", [1, 5])
def test_the_checks_find_no_fault_and_only_the_slopes_that_were_turned_on_purpose(seed):
    made = example_city(conduits=1200, seed=seed)
    issues = list(check_all(made.network))
    assert [issue for issue in issues if issue.weight in {Weight.BLOCK, Weight.FAULT}] == []
    rising = {issue.asset for issue in issues if issue.code == "elevation.adverse-slope"}
    assert rising == {flaw.id for flaw in made.flaws if flaw.what == "adverse slope"}
    kinds = {issue.code for issue in issues if issue.asset not in {flaw.id for flaw in made.flaws}}
    assert kinds <= {
        "attribute.missing-material",  # counted over the table
        "attribute.missing-year",
        "geometry.crossing",  # outlets lead straight to the river, through what lies in their way
    }
    crossed = [
        (issue.asset, str(issue.facts["other"])) for issue in issues if issue.code == "geometry.crossing"
    ]
    assert all(any(id_.startswith("LG") for id_ in pair) for pair in crossed)


def test_gravity_conduits_fall_and_lie_deep_enough(city):
    table = city.network.table("conduit")
    flawed = np.isin(table.ids, [flaw.id for flaw in city.flaws])
    drawn = (table.column("pressure") == "gravity") & ~flawed
    assert (table.column("from_invert") > table.column("to_invert"))[drawn].all()
    cover = table.column("from_cover")[drawn]
    assert np.nanmin(cover) >= 0.89  # laid with 0.9 m, written to the centimetre


def test_sewers_do_not_shrink_downstream_except_where_a_bore_was_written_wrong(city):
    pipes = city.laid.pipes
    largest = np.zeros(len(pipes.x))
    np.maximum.at(largest, pipes.end, pipes.diameter)
    shrunk = pipes.diameter < largest[pipes.start] - 1e-9
    assert not shrunk.any()
    written = city.network.table("conduit").column("height")[: len(pipes.start)]
    wrong = set(city.conduits[written < pipes.diameter])
    assert wrong == {flaw.id for flaw in city.flaws if flaw.what == "bore shrinks"}


def test_every_value_fits_the_tables_of_the_asset_types(city):
    network = city.network
    ids = {name: set(table.ids) for name, table in network.tables.items()}
    for name, table in network.tables.items():
        assert len(ids[name]) == len(table.ids), name
        for field in asset_type(name).fields:
            column = table.column(field.name)
            if field.required:
                assert all(value is not None for value in column), (name, field.name)
            given = {value for value in column if value is not None} if column.dtype == object else set()
            if field.kind == "code":
                assert given <= set(code_lists()[field.of[0]]), (name, field.name, given)
            if field.kind == "codes":
                parts = {part for value in given for part in value.split("|")}
                assert parts <= set(code_lists()[field.of[0]]), (name, field.name)
            if field.kind == "asset":
                assert given <= set().union(*(ids.get(of, set()) for of in field.of)), (name, field.name)
            if field.kind == "date":
                assert all(np.datetime64(value).astype(str) == value for value in given), (name, field.name)
            if field.name == "district":
                assert given <= set(DISTRICTS), (name, given)


def test_it_has_every_type_of_asset():
    counts = summary(example_city(conduits=3000, seed=1).network)["counts"]
    assert counts.keys() == asset_types().keys()


def test_everything_says_that_it_is_invented(city):
    assert city.network.city.simulated
    assert all(inspection.simulated for inspection in city.inspections)
    assert all(series.simulated for series in city.series(days=1))
    assert (city.network.table("meter").column("simulated") == 1).all()


def test_it_lies_in_open_sea(city):
    """No land is within 90 km of 123.5° E, 29.2° N: the nearest islands are those of Zhoushan and Taizhou."""
    turn = Transformer.from_crs(city.network.city.crs, "EPSG:4490", always_xy=True)
    east, north = turn.transform(*city.network.table("manhole").shapes.coords.T)
    assert np.abs(east - 123.5).max() < 0.3
    assert np.abs(north - 29.2).max() < 0.3


def test_old_pipes_in_soft_ground_are_the_broken_ones(city):
    made = example_city(conduits=6000, seed=7)
    count = np.bincount(made.grown.wear.conduit, minlength=len(made.conduits)) / made.laid.pipes.length
    year = made.grown.ages.year
    assert count[year < 1995].mean() > 1.8 * count[year > 2012].mean()
    muck, ordinary = made.grown.ages.soil == 2, made.grown.ages.soil == 0
    assert count[muck].mean() > 1.2 * count[ordinary].mean()


def test_the_standard_knows_every_defect_and_level_that_was_written_down(city):
    kinds = condition_rules().kinds
    seen = {(defect.code, defect.level) for one in city.inspections for defect in one.defects}
    assert len(seen) > 20
    assert all(kinds[code].scores[level - 1] > 0 for code, level in seen)
    assert all(d.start >= 0 and d.end <= one.length + 0.05 for one in city.inspections for d in one.defects)
