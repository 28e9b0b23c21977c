"""A change of a few assets, judged by what lies around them, is judged as in the whole network."""

import numpy as np
import pytest

from wenqu.examples.broken_delivery import broken_delivery
from wenqu.examples.city.whole import example_city
from wenqu.network.checks.registry import AFAR, check_all, found_afar, found_near
from wenqu.network.edits import Edit
from wenqu.network.model import Network
from wenqu.network.repairs.proposing import Proposer
from wenqu.network.staging import with_edits
from wenqu.network.surroundings import Surroundings, moves_water


@pytest.fixture(scope="module")
def broken():
    """Return a city with bad rows of every rule."""
    network, _ = broken_delivery(example_city(conduits=250, seed=1).network, 1)
    return network


def first_repairs(network):
    """Return the edits of the first repair of one finding of each rule."""
    proposer, seen = Proposer(network), set()
    for issue in check_all(network):
        if issue.asset and issue.code not in seen:
            seen.add(issue.code)
            some = next((one.edits for one in proposer.proposals(issue) if one.edits), ())
            if some:
                yield f"{issue.code} {issue.asset}", some


def random_edits(network, size):
    """Return changes as people make them: moved, joined elsewhere, raised, widened, closed, drawn anew."""
    draw = np.random.default_rng(3)
    pipes, wells = network.table("conduit"), network.table("manhole")
    for number in range(size):
        pipe, well = (str(draw.choice(table.ids)) for table in (pipes, wells))
        place = wells.shapes.coords[wells.shapes.assets[network.row("manhole", well)]]
        line = pipes.shapes.of(network.row("conduit", pipe))
        line = line[0] if isinstance(line, tuple) else line
        yield (
            Edit("conduit", pipe, {"to_id": well}),
            Edit("manhole", well, parts=(place[None] + draw.normal(0, 10.0 ** (number % 5), 2),)),
            Edit("conduit", pipe, {"from_invert": float(draw.uniform(-5, 9))}),
            Edit("manhole", well, {"invert_level": float(draw.uniform(-5, 9))}),
            Edit("conduit", pipe, {"height": float(draw.choice([0.2, 2.0, 30.0])), "system": None}),
            Edit("conduit", pipe, gone=True),
            Edit("manhole", well, gone=True),
            Edit("conduit", pipe, parts=(line[::-1] + 3.0,)),
            Edit("conduit", pipe, {"from_id": None}),
        )[number % 9 :][:1]


def districts_gone(network):
    return Network(network.city, {name: table for name, table in network.tables.items() if name != "zone"})


@pytest.mark.parametrize("without", [None, "districts"])
def test_what_an_edit_makes_and_settles_is_seen_around_it(broken, without):
    network = districts_gone(broken) if without else broken
    edits = [("random", some) for some in random_edits(network, 18)]
    edits += [] if without else list(first_repairs(network))
    before, afar = found_near(network, {}), found_afar(network)
    for name, some in edits:
        around = Surroundings(network)
        felt = around.felt(some)
        after = with_edits(network, some)
        whole = found_near(after, {})
        near = found_near(with_edits(around.around(felt, some), some), around.known)
        strangers = [key for key in before ^ whole if key[2] and key[2] not in felt.get(key[1], ())]
        assert not strangers, (name, some)
        mine = [{key for key in found if key[2] in felt.get(key[1], ())} for found in (near, whole)]
        assert mine[0] == mine[1], (name, some)
        assert moves_water(some) or found_afar(after) == afar, (name, some)
    assert {key[0] for key in afar} == AFAR if not without else True


def test_only_a_small_part_is_looked_at(broken):
    around = Surroundings(broken)
    pipe = str(broken.table("conduit").ids[7])
    part = around.around(around.felt([Edit("conduit", pipe, {"height": 1.0})]))
    assert 0 < sum(len(table) for name, table in part.tables.items() if name != "zone") < 200


def test_a_taken_name_is_known_in_a_part(broken):
    names = Surroundings(broken).known["names"]
    assert str(broken.table("manhole").ids[-1]) in names
    assert "nobody" not in names
    assert len(names) == sum(len(table) for table in broken.tables.values())
