"""A city whose map leads a part into the wrong branch, and meters that a river holds back."""

from dataclasses import replace

import numpy as np
import pytest

from tests.services.test_diagnose_city import CODE, DAYS, HEADS, TRUTH, fill, network, readings, times
from wenqu.issues import Issue
from wenqu.network.geometry import Shapes
from wenqu.network.model import assets
from wenqu.series.model import series
from wenqu.services import city_topology, joint_city
from wenqu.services.city_topology import mean_stage
from wenqu.services.diagnose_city import diagnose_city
from wenqu.store.database import open_store


def wrong_map(*, drawn):
    """Return the city with four fifths of branch A drawn into branch B."""
    net = network()
    table = net.table("conduit")
    ends = table.column("to_id").copy()
    ends[list(table.ids).index("cA15")] = "B05"
    columns = {name: table.column(name) for name in ("from_id", "length", "height", "year")}
    tables = {**net.tables, "conduit": assets("conduit", list(table.ids), {**columns, "to_id": ends})}
    if drawn:  # branches lie 60 m apart
        names = list(net.table("manhole").ids)
        row = {"A": 0.0, "B": 60.0, "C": 120.0, "T": 60.0}
        at = [
            (50.0 * int(name[1:]) + (50.0 * HEADS if name[0] == "T" else 0.0), row[name[0]]) for name in names
        ]
        shapes = Shapes.points(np.array(at) + np.array([499000.0, 3171000.0]))
        levels = {"invert_level": net.table("manhole").column("invert_level")}
        tables["manhole"] = assets("manhole", names, levels, shapes)
    return replace(net, tables=tables)


def told(tmp_path, net, given):
    store = open_store(str(tmp_path / "store"))
    fill(store, net, given)
    found = diagnose_city(store, CODE, who="test")
    filed = list(store.records(CODE, "diagnosis-issue", Issue, last_run=True))
    store.close()
    return found, filed


@pytest.mark.parametrize("drawn", [False, True])
def test_a_branch_that_is_drawn_into_another_is_doubted_with_the_manhole_that_decides_it(tmp_path, drawn):
    _, filed = told(tmp_path, wrong_map(drawn=drawn), readings(np.random.default_rng(8)))
    doubts = [issue for issue in filed if issue.code == "map.may-be-wrong"]
    first = doubts[0].facts
    assert (first["now"], first["other"]) == ("MB", "MA")
    assert str(first["conduit"])[:2] in ("cA", "cB")  # by size alone: meters cannot tell them apart
    assert first["evidence"] == "map.evidence-very-strong"
    part = 0.8 * (TRUTH["A"][0] + TRUTH["A"][2]) * 86400
    assert first["moved"] == pytest.approx(part, rel=0.35)


def test_a_branch_drawn_into_one_of_another_batch_is_doubted_too(tmp_path, monkeypatch):
    monkeypatch.setattr(joint_city, "MOST", 1)
    _, filed = told(tmp_path, wrong_map(drawn=True), readings(np.random.default_rng(8)))
    first = next(issue for issue in filed if issue.code == "map.may-be-wrong").facts
    assert (first["now"], first["other"]) == ("MB", "MA")


def test_a_map_without_coordinates_and_many_areas_is_not_asked_and_that_is_told_once(tmp_path, monkeypatch):
    monkeypatch.setattr(city_topology, "MANY", 1)
    monkeypatch.setattr(joint_city, "MOST", 2)
    _, filed = told(tmp_path, wrong_map(drawn=False), readings(np.random.default_rng(8)))
    assert [issue.code for issue in filed].count("map.not-asked") == 1
    assert "map.may-be-wrong" not in {issue.code for issue in filed}


def test_a_right_map_in_batches_is_not_doubted(tmp_path, monkeypatch):
    monkeypatch.setattr(joint_city, "MOST", 1)
    net = wrong_map(drawn=True)
    right = replace(net, tables={**net.tables, "conduit": network().table("conduit")})
    _, filed = told(tmp_path, right, readings(np.random.default_rng(8)))
    assert "map.may-be-wrong" not in {issue.code for issue in filed}


def test_a_meter_whose_flow_falls_as_the_river_rises_is_told(tmp_path):
    hours = np.arange(24 * DAYS)
    level = 0.5 * np.sin(2 * np.pi * hours / (24 * 7.3))
    river = series("G", "river_stage", times(), 3 + level, simulated=True)
    given = [
        series(one.asset, one.quantity, one.times, one.values - 0.02 * level, simulated=True)
        if (one.asset, one.quantity) == ("MA", "flow")
        else one
        for one in readings(np.random.default_rng(8))
    ]
    found, _ = told(tmp_path, network(), [*given, river])
    assert {issue.asset for issue in found.issues if issue.code == "backwater.held"} == {"MA"}


def test_the_stage_of_several_gauges_is_their_mean_and_none_is_none():
    one = series("a", "river_stage", times()[:48], np.arange(48.0))
    other = series("b", "river_stage", times()[24:72], np.arange(48.0) + 100)
    both = mean_stage([one, other])
    assert len(both) == 72
    assert both.values[0] == pytest.approx(-23.5)
    assert mean_stage([]) is None
