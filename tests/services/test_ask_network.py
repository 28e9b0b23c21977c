"""Questions to a hand-made network with a loop, a bifurcation, a pump and a weir.

U1,U2 → A ─c1→ B ─c2→ D ─c5→ S ═p1═> E ─c6→ P (plant)
               └─c3→ C ─c4→ D            └ w1 (weir) → O (outfall)
loop: D → C by c7;   U3 → F ─c8→ G ─c9→ P
"""

import numpy as np
import pytest

from wenqu.errors import NotEnoughData, UnknownAsset
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, Network, assets
from wenqu.services.ask_path import ask_path
from wenqu.services.ask_plant import ask_plant
from wenqu.services.ask_shut import ask_shut
from wenqu.services.ask_sources import ask_sources
from wenqu.services.city_state import CityState
from wenqu.services.isolate_district import isolate_district

PLACES = {"A": (0, 0), "B": (100, 0), "C": (150, 50), "D": (200, 0), "S": (300, 0), "E": (400, 0),
          "P": (500, 0), "O": (400, 100), "F": (300, -80), "G": (400, -80)}  # fmt: skip
PIPES = {"c1": "AB", "c2": "BD", "c3": "BC", "c4": "CD", "c5": "DS", "c6": "EP", "c7": "DC", "c8": "FG",
         "c9": "GP"}  # fmt: skip


def points(names):
    return Shapes.points(np.array([PLACES[name] for name in names], dtype=float))


def lines(pairs):
    coords = np.array([PLACES[name] for pair in pairs for name in pair], dtype=float)
    return Shapes.lines(coords, np.arange(0, 2 * len(pairs) + 1, 2))


@pytest.fixture(scope="module")
def state():
    ends = list(PIPES.values())
    ring = np.array([[-50, -200], [350, -200], [350, 200], [-50, 200], [-50, -200]], dtype=float)
    tables = [
        assets("manhole", list("ABCDEFG"), {}, points("ABCDEFG")),
        assets("station", ["S"], {"name": ["东泵站"]}, points("S")),
        assets("plant", ["P"], {"name": ["一厂"]}, points("P")),
        assets("outfall", ["O"], {}, points("O")),
        assets("conduit", list(PIPES), {"from_id": [a for a, _ in ends], "to_id": [b for _, b in ends],
               "length": [100.0, 100.0, 70.0, 70.0, 100.0, 100.0, 70.0, 100.0, 130.0],
               "height": [0.3, 0.4, 0.3, 0.3, 0.4, 0.5, 0.2, 0.3, 0.3]}, lines(ends)),
        assets("pump", ["p1"], {"from_id": ["S"], "to_id": ["E"]}, lines(["SE"])),
        assets("weir", ["w1"], {"from_id": ["E"], "to_id": ["O"]}, lines(["EO"])),
        assets("zone", ["Z"], {"kind": ["district"]}, Shapes.lines(ring, np.array([0, 5]))),
        assets("source", ["U1", "U2", "U3", "U4"], {
            "connects_to": ["A", "c1", "F", None], "water_use": [0.01, 0.02, 0.005, 1.0],
            "return_ratio": [None, 1.0, 0.8, None], "trade": ["catering", "catering", "textile", None],
            "key_user": [0, 1, None, None], "population": [10, 20, 30, 40]}),
    ]  # fmt: skip
    return CityState(Network(City("asked"), {table.type: table for table in tables}))


def test_the_shortest_way_runs_past_the_bifurcation_and_through_the_pump(state):
    found = ask_path(state, "A", "P")
    assert found["nodes"] == ["A", "B", "D", "S", "E", "P"]
    assert found["links"] == ["c1", "c2", "c5", "p1", "c6"]
    assert found["shortest_m"] == 500.0  # the pump counts by its drawn line


def test_all_ways_hold_the_branch_too_but_not_the_way_to_the_outfall(state):
    found = ask_path(state, "A", "P", "all")
    assert set(found["nodes"]) == set("ABCDSEP")
    assert set(found["links"]) == {"c1", "c2", "c3", "c4", "c7", "c5", "p1", "c6"}


def test_a_way_asked_against_the_flow_is_turned_and_says_so(state):
    found = ask_path(state, "P", "A")
    assert found["turned"] is True
    assert found["nodes"][0] == "A"
    with pytest.raises(NotEnoughData) as caught:
        ask_path(state, "F", "A")
    assert caught.value.facts == {"start": "F", "end": "A"}


def test_a_source_reaches_its_plant_and_could_overflow_at_the_weir(state):
    found = ask_plant(state, "U1")
    assert found["plant"]["id"] == "P"
    assert found["plant"]["length_m"] == 500.0
    assert [end["id"] for end in found["others"]] == ["O"]
    assert found["plant"]["low_s"] < found["plant"]["time_s"] < found["plant"]["high_s"]


def test_sources_above_an_outfall_come_nearest_first_with_flow_and_time(state):
    found = ask_sources(state, "O", velocity=0.5)
    assert [row["id"] for row in found["rows"]] == ["U2", "U1"]
    # U2 enters where c1 ends: 100 (c2) + 100 (c5) + 100 (p1) + 100 (w1); U1 100 m more
    assert [row["distance_m"] for row in found["rows"]] == [400.0, 500.0]
    assert [row["time_s"] for row in found["rows"]] == [800.0, 1000.0]
    assert found["totals"]["sewage_m3_s"] == pytest.approx(0.01 * 0.85 + 0.02)
    assert found["totals"]["key_users"] == 1
    assert found["trades"] == [{"trade": "catering", "sources": 2, "sewage_m3_s": pytest.approx(0.0285)}]
    assert found["method"]["links"]["given"] == 6  # c1 c2 c4 c5 p1 w1


def test_what_crosses_the_border_is_told_with_what_lies_behind_it(state):
    found = isolate_district(state, "Z")
    assert found["into"] == []
    assert [link["id"] for link in found["out_of"]] == ["c8", "p1"]
    behind = {link["id"]: link["above"] for link in found["out_of"]}
    assert behind["p1"] == {"nodes": 5, "sources": 2, "people": 30.0, "sewage_m3_s": pytest.approx(0.0285)}
    assert behind["c8"]["sources"] == 1
    assert found["inside"]["sources"] == 3
    assert found["plants"] == [{"id": "P", "nodes": 6}]


def test_shutting_one_of_two_ways_takes_no_outlet(state):
    found = ask_shut(state, "c2")
    assert found["lost"]["nodes"] == 0
    assert found["spared"]["nodes"] == 2
    assert [link["id"] for link in found["ways_out"]] == ["c3"]


def test_shutting_the_station_strands_all_above_it_and_names_where_to_pump(state):
    found = ask_shut(state, "S")
    assert set(found["nodes"]) == set("ABCDS")
    assert found["lost"] == {"nodes": 5, "sources": 2, "people": 30.0, "sewage_m3_s": pytest.approx(0.0285)}
    assert found["detours"][0]["id"] == "F"
    assert found["detours"][0]["distance_m"] == 80.0


def test_shutting_the_pipe_to_the_plant_leaves_the_weir(state):
    found = ask_shut(state, "c6")
    assert found["lost"]["nodes"] == 0
    assert [link["id"] for link in found["ways_out"]] == ["w1"]


def test_a_manhole_that_is_shut_keeps_what_has_another_way(state):
    found = ask_shut(state, "G")
    assert set(found["nodes"]) == {"F", "G"}
    assert ask_shut(state, "B")["lost"]["nodes"] == 2


def test_asking_of_what_is_not_there_says_so(state):
    for question in (ask_plant, ask_sources, ask_shut):
        with pytest.raises(UnknownAsset) as caught:
            question(state, "nowhere")
        assert caught.value.key == "error.unknown-asset.any", "not that it hangs on nothing"


def test_who_enters_on_the_shut_pipe_itself_loses_his_outlet_too(state):
    found = ask_shut(state, "c1")  # U1 stands at its upper end, U2 enters along it; B below still drains
    assert found["lost"] == {"nodes": 1, "sources": 2, "people": 30.0, "sewage_m3_s": pytest.approx(0.0285)}
    assert found["spared"]["sources"] == 0


def test_a_drainage_user_cannot_be_shut_and_that_is_what_is_said(state):
    with pytest.raises(UnknownAsset) as caught:
        ask_shut(state, "U1")
    assert caught.value.key == "error.unknown-asset.not-shut"
    assert caught.value.facts == {"type": "source", "id": "U1"}


def test_what_had_no_outlet_is_not_said_to_be_sound_when_it_is_shut():
    made = Network(
        City("lost"),
        {
            "manhole": assets("manhole", ["A", "B", "C"], {"name": [None, None, "末井"]}),
            "conduit": assets("conduit", ["p", "q"], {"from_id": ["A", "B"], "to_id": ["B", "C"]}),
            "source": assets("source", ["U"], {"connects_to": ["A"], "population": [7]}),
        },
    )
    found = ask_shut(CityState(made), "q")
    assert (found["lost"]["nodes"], found["spared"]["nodes"]) == (0, 0)
    assert found["without"] == {"nodes": 2, "sources": 1, "people": 7.0, "sewage_m3_s": 0.0}
    answer = ask_plant(CityState(made), "A")
    assert (answer["plant"], answer["others"]) == (None, [])
    assert answer["end"] == {"type": "manhole", "id": "C", "name": "末井"}


def test_the_end_of_the_main_way_is_told_where_it_is_no_plant(state):
    assert ask_plant(state, "A")["end"] is None
    assert ask_plant(state, "O")["end"] == {"type": "outfall", "id": "O", "name": None}
    assert ask_shut(state, "c2")["without"]["nodes"] == 0
