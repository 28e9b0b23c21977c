"""Which pipe did a crew go through? Cases whose answer can be read off a sketch of six pipes."""

import math

import numpy as np
import pytest

from wenqu.network.model import City, Network, assets
from wenqu.survey.matching import Sought, match, pipe_index

#  A --P1 30 m--> B --P2 40 m--> C      B ==P3 40 m / P4 55 m==> C      C --P5--> OUT
PIPES = {
    "P1": ("A", "B", 30.0),
    "P2": ("B", "C", 40.0),
    "P4": ("B", "C", 55.0),
    "YS-07": ("C", "OUT", 25.0),
    "D-E": ("D", "E", 20.0),
}


@pytest.fixture(scope="module")
def index():
    begin, end, length = zip(*PIPES.values(), strict=True)
    pipes = assets(
        "conduit",
        list(PIPES),
        {"from_id": begin, "to_id": end, "length": length},
        extra={"管段号": np.array(["甲-1", None, None, None, None], dtype=object)},
    )
    manholes = assets("manhole", ["A", "B", "C", "D", "E"], {"name": ["W001", "W002", "W003", None, None]})
    network = Network(
        City("x"), {"conduit": pipes, "manhole": manholes, "outfall": assets("outfall", ["OUT"], {})}
    )
    return pipe_index(network)


@pytest.mark.parametrize(
    ("sought", "asset", "by", "direction"),
    [
        (Sought("P1"), "P1", "code", ""),
        (Sought("ｐ１ "), "P1", "code", ""),
        (Sought("甲－1"), "P1", "code", ""),
        (Sought("", "A", "B"), "P1", "manholes", "downstream"),
        (Sought("", "W002", "W001"), "P1", "manholes", "upstream"),
        (Sought("W001~W002"), "P1", "manholes", ""),
        (Sought("ys—07", "OUT", "C"), "YS-07", "code", "upstream"),
        (Sought("", "B", "C", 54.6), "P4", "length", "downstream"),
        (Sought("unknown", "D", "E"), "D-E", "manholes", "downstream"),
    ],
)
def test_a_pipe_is_known_by_its_names_its_manholes_and_its_length(index, sought, asset, by, direction):
    found = match(index, sought)
    assert (found.asset, found.by, found.direction) == (asset, by, direction)


@pytest.mark.parametrize(
    ("sought", "trouble", "maybe"),
    [
        (Sought("", "B", "C"), "several", {"P2", "P4"}),
        (Sought("", "B", "C", 47.0), "several", {"P2", "P4"}),
        (Sought("P1", "C", "OUT"), "contradiction", {"P1", "YS-07"}),
        (Sought("nothing like it"), "unknown", set()),
        (Sought("YS7", "x", "y"), "unknown", {"YS-07"}),
        (Sought("?", "A", "nowhere"), "unknown", {"P1"}),
    ],
)
def test_what_is_not_sure_is_not_decided_and_the_possible_pipes_are_named(index, sought, trouble, maybe):
    found = match(index, sought)
    assert (found.asset, found.trouble) == ("", trouble)
    assert {one.asset for one in found.proposals} == maybe


def test_the_likelier_pipe_stands_first(index):
    found = match(index, Sought("?", "C", "nowhere", 25.2))
    assert found.proposals[0].asset == "YS-07"


def test_a_manhole_is_known_by_its_number_or_its_name(index):
    assert match(index, Sought("W003", type="manhole")).asset == "C"
    assert match(index, Sought("", "c", type="manhole")).asset == "C"
    assert match(index, Sought("Z", type="manhole")).trouble == "unknown"


def test_a_city_without_pipes_knows_none():
    found = match(pipe_index(Network(City("x"), {})), Sought("P1", "A", "B", math.nan))
    assert (found.asset, found.trouble, found.proposals) == ("", "unknown", ())


def streets():
    """Return pipes of two roads whose codes differ by a letter."""
    ids = ["WS-0417", "WS-0471", "WS-0427", "WS-0900"]
    roads = ["East Road", "West Road", "West Road", "East Road"]
    pipes = assets("conduit", ids, {"length": [30.0, 30.0, 45.0, 30.0], "road": roads})
    return pipe_index(Network(City("x"), {"conduit": pipes, "manhole": assets("manhole", ["KJ-105"], {})}))


@pytest.mark.parametrize(
    ("sought", "maybe"),
    [
        (Sought("WS-0147"), ["WS-0417"]),  # two letters swapped
        (Sought("WS-417x"), ["WS-0417"]),  # one too many
        (Sought("WS-047"), ["WS-0417", "WS-0427", "WS-0471"]),  # one missing
        (Sought("WS-0407", length=44.0), ["WS-0427", "WS-0417"]),  # one wrong: that of the length first
        (Sought("WS-0407", road=" west road"), ["WS-0427"]),  # only those of the road it names
        (Sought("WS-0407", road="no such road"), ["WS-0417", "WS-0427"]),
        (Sought("WX-1417"), []),  # two letters wrong: that is a guess
        (Sought("KJ-106", type="manhole"), ["KJ-105"]),
    ],
)
def test_a_mistyped_code_is_proposed_and_never_taken(sought, maybe):
    found = match(streets(), sought)
    assert (found.asset, found.trouble) == ("", "unknown")
    assert [one.asset for one in found.proposals] == maybe
    assert {one.why for one in found.proposals} <= {"mistyped"}


@pytest.mark.parametrize("written", ["C井", "检查井C", "c#井", "C号检查井", "C#"])
def test_a_manhole_written_with_the_word_for_what_it_is_is_known(index, written):
    assert match(index, Sought(written, type="manhole")).asset == "C"
    assert match(index, Sought("", "B井", written, 40.0)).asset == "P2"
    assert match(index, Sought(f"B井-{written}", length=40.0)).asset == "P2"
