"""What is expected of each pipe before anything is measured."""

import numpy as np
import pytest

from wenqu.diagnosis.defaults import default, defaults
from wenqu.diagnosis.expected_groundwater import groundwater_weights
from wenqu.diagnosis.expected_inflow import balance, expected_inflow, outermost
from wenqu.diagnosis.expected_river import river_levels, river_weights
from wenqu.diagnosis.expected_sewage import expected_sewage
from wenqu.diagnosis.pipe_columns import pipes, upstream_inverts
from wenqu.diagnosis.pipe_order import pipe_order
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, Network, assets
from wenqu.network.topology import topology

# a --1--> b --2--> c --3--> P --9--> o2     b --w(weir)--> o     s --7--> o (storm)     d --5(pressure)--> c
LINKS = {
    "1": ("a", "b"),
    "2": ("b", "c"),
    "3": ("c", "P"),
    "9": ("P", "o2"),
    "7": ("s", "o"),
    "5": ("d", "c"),
}


def net(**more):
    coords = {"a": (0, 0), "b": (100, 0), "c": (200, 0), "d": (200, 500), "s": (0, 20)}
    tables = {
        "manhole": assets(
            "manhole",
            coords,
            {"invert_level": [1.0] * 4 + [None], "ground_level": [4.0] * 5, "depth": [2.0] * 5},
            Shapes.points(np.array(list(coords.values()), float)),
        ),
        "plant": assets("plant", ["P"], {}),
        "outfall": assets("outfall", ["o", "o2"], {"invert_level": [0.5, 0.5], "receiving": ["R", "R"]}),
        "weir": assets("weir", ["w"], {"from_id": ["b"], "to_id": ["o"]}),
        "conduit": assets(
            "conduit",
            LINKS,
            {
                "from_id": [a for a, _ in LINKS.values()],
                "to_id": [b for _, b in LINKS.values()],
                "length": [100.0, 300.0, 50.0, 20.0, 80.0, 400.0],
                "pressure": [None, None, None, None, None, "pressure"],
                "groundwater_class": ["above", "below", None, None, None, None],
                "year": [2015, 1970, None, None, None, None],
                "from_offset": [0.2, None, None, None, None, None],
            },
        ),
        "source": assets(
            "source",
            ["u1", "u2", "u3", "u4", "u5"],
            {
                "water_use": [0.01, 0.02, 0.04, None, 0.1],
                "return_ratio": [0.8, None, 0.9, 0.9, 0.9],
                "connects_to": ["a", "2", "b", "a", "nowhere"],
                "connection": [None, "connected", "to_river", None, None],
            },
        ),
    }
    return Network(City("x"), {**tables, **more})


def made(network):
    topo = topology(network)
    return pipes(network, topo, pipe_order(topo))


def by_id(there, values):
    return {
        there.topology.link_ids[link]: value for link, value in zip(there.order.link, values, strict=True)
    }


def test_only_gravity_sewers_to_a_plant_take_in_water():
    there = made(net())
    counted = by_id(there, there.counted)
    assert {id_ for id_, taken in counted.items() if taken} == {"1", "2", "3"}
    assert not counted["5"]
    assert not counted["7"]
    assert not counted["9"]
    assert by_id(there, there.plant)["9"] == -1


def test_a_pipes_invert_is_its_own_or_that_of_its_manhole():
    inverts = by_id(made(net()), upstream_inverts(made(net())))
    assert inverts["1"] == pytest.approx(1.2)
    assert inverts["2"] == 1.0
    assert inverts["7"] == 2.0  # ground 4 less depth 2


def test_sewage_is_water_use_by_return_ratio_where_it_connects():
    there = made(net())
    found = expected_sewage(there)
    assert by_id(there, found.generated)["1"] == pytest.approx(0.008)
    assert by_id(there, found.generated)["2"] == pytest.approx(0.02 * 0.85 + 0.036)
    assert by_id(there, found.connected)["2"] == pytest.approx(0.017)  # u3 goes straight to the river
    assert found.origin == "sources"
    codes = {issue.code: issue.facts for issue in found.issues}
    assert codes["diagnosis.source-without-water"] == {"count": 1, "first": "u4"}
    assert codes["diagnosis.source-nowhere"] == {"count": 1, "first": "u5"}


def test_without_users_the_people_of_the_catchments_count():
    catchments = assets("catchment", ["k"], {"outlet_id": ["a"], "population": [1000]})
    there = made(net(source=assets("source", [], {}), catchment=catchments))
    found = expected_sewage(there)
    assert by_id(there, found.connected)["1"] * 86400 == pytest.approx(1000 * 0.15 * 0.85)
    assert found.origin == "catchments"


def test_without_users_and_people_nothing_is_invented():
    found = expected_sewage(made(net(source=assets("source", [], {}))))
    assert found.connected.sum() == 0
    assert found.origin == "length"
    assert [issue.code for issue in found.issues] == ["diagnosis.no-water-use"]


def test_groundwater_goes_by_length_class_and_age_or_grade():
    there = made(net())
    weights = by_id(there, groundwater_weights(there, 2024))
    assert weights["1"] == pytest.approx(100 * 1.5 * 0.5)  # above the crown, nine years old
    assert weights["2"] == pytest.approx(300 * 0.15 * 1.6)
    assert weights["3"] == pytest.approx(50)
    graded = by_id(there, groundwater_weights(there, 2024, {"3": 4, "1": 1}))
    assert graded["3"] == pytest.approx(50 * 3.5)
    assert graded["1"] == pytest.approx(100 * 1.5 * 0.4)


def test_the_river_enters_through_an_overflow_that_lies_below_it():
    there = made(net())
    assert by_id(there, river_weights(there, {"R": 2.0}))["2"] == 1.0  # at b, into the pipe that leaves it
    hidden = default("hidden_river_weight")  # 100 m below the river, with inlets nobody knows of
    assert by_id(there, river_weights(there, {"R": 2.0}))["1"] == hidden
    assert not river_weights(there, {"R": 0.1}).any()
    assert by_id(there, river_weights(there, {}))["2"] == 0.5  # nobody knows the level


def test_a_flap_keeps_most_of_the_river_out():
    flapped = assets(
        "outfall", ["o", "o2"], {"invert_level": [0.5, 0.5], "receiving": ["R", "R"], "flap": [1, 1]}
    )
    there = made(net(outfall=flapped))
    assert by_id(there, river_weights(there, {"R": 2.0}))["2"] == default("flap_share")


def test_a_sewer_beside_and_below_the_river_may_take_it_in():
    line = Shapes.lines(np.array([[-50.0, 30.0], [120.0, 30.0]]), np.array([0, 2]))
    there = made(net(reach=assets("reach", ["R"], {"normal_level": [3.0]}, line)))
    weights = by_id(there, river_weights(there, river_levels(there.network, {})))
    assert weights["1"] == pytest.approx(default("near_river_weight"))
    assert weights["3"] == default("hidden_river_weight") / 2  # 50 m away from the bank


def test_a_gauge_on_the_reach_replaces_its_normal_level():
    network = net(
        reach=assets("reach", ["R"], {"normal_level": [3.0]}),
        gauge=assets("gauge", ["G"], {"on_id": ["R"], "measures": ["river_stage"]}),
    )
    assert river_levels(network, {"G": 2.2}) == {"R": 2.2}
    assert river_levels(network, {}) == {"R": 3.0}


def test_outermost_meters_are_those_inside_no_other():
    first, last = np.array([0, 2, 0, 20]), np.array([10, 5, 10, 30])
    assert outermost(first, last).tolist() == [True, False, False, True]


def test_the_prior_holds_what_the_plant_leaves_over_and_a_block_is_as_unsure_as_the_defaults_say():
    there = made(net())
    sewage = expected_sewage(there)
    place = {id_: row for row, id_ in enumerate(by_id(there, there.length))}
    known = balance(np.array([0]), np.array([len(place)]), np.array([0.1]), sewage.connected)
    assert known.clean == pytest.approx(0.1 - 0.025)
    ground, river = groundwater_weights(there, 2024), river_weights(there, {"R": 2.0})
    prior = expected_inflow(there, sewage, ground, river, known)
    assert prior.mean[1].sum() == pytest.approx(0.8 * 0.075)
    assert prior.mean[2].sum() == pytest.approx(0.2 * 0.075)
    assert prior.mean[2, place["2"]] == pytest.approx(0.2 * 0.075, rel=0.01)
    # 450 m are less than one block: the whole has the block's coefficient of variation
    assert np.sqrt(prior.variance[1].sum()) == pytest.approx(default("groundwater_block_cv") * 0.06)


def test_without_water_use_sewage_is_a_share_of_the_flow():
    known = balance(np.array([0]), np.array([5]), np.array([0.1]), np.zeros(5))
    assert known.sewage == pytest.approx(0.06)
    assert known.clean == pytest.approx(0.04)


def test_every_default_says_how_well_it_is_known():
    for entry in defaults().values():
        assert entry.zh
        assert entry.en
        assert entry.status in {"verified", "single source", "memory", "default"}
        assert entry.standard or entry.status == "default"
    assert default("decay_rate") == pytest.approx(0.05 / 3600)
