"""Which rules are there, and what do they find in a network?"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from wenqu.issues import Issue
from wenqu.network.checks.attributes import check_attributes
from wenqu.network.checks.connectivity import check_connectivity, check_ways
from wenqu.network.checks.elevations import check_elevations
from wenqu.network.checks.geometry import check_geometry
from wenqu.network.checks.telling import Found, assets_of, issues_of, of_table, without
from wenqu.network.checks.whole import Whole
from wenqu.network.model import Network
from wenqu.network.topology import Topology, topology

Check = Callable[[Whole], Iterator[Found]]
Confirmed = tuple[str, str, str]  # rule, type, id: a person said that it is right as it is
# A new family is one more row here; a new rule is a row of rules.csv and its sentences in checks.toml.
FAMILIES: dict[str, Check] = {
    "connectivity": check_connectivity,
    "elevation": check_elevations,
    "attribute": check_attributes,
    "geometry": check_geometry,
}
# What these find hangs on the whole network; every other finding on what lies around its asset.
AFAR = frozenset({"connectivity.dead-end", "connectivity.isolated", "connectivity.loop"})


def find_all(whole: Whole, confirmed: Iterable[Confirmed] = ()) -> Iterator[Found]:
    """Yield what all rules find, in columns: a ``Found`` a rule (and side of a link), never an empty one."""
    quiet = tuple(confirmed)
    for check in FAMILIES.values():
        for found in check(whole):
            told = without(whole, found, quiet)
            if len(told.rows):
                yield told


def found_afar(network: Network) -> set[Confirmed]:
    """Return rule, type and id of what the rules ``AFAR`` find."""
    whole = Whole(network, topology(network))
    return {key for found in check_ways(whole) for key in _keys(whole, found)}


def found_near(network: Network, known: Mapping[str, Any]) -> set[Confirmed]:
    """Return rule, type and id of what all other rules find in a part of a city.

    Parameters
    ----------
    known
        What they ask of the whole city.
    """
    whole = Whole(network, topology(network), known)
    every = {key for found in find_all(whole) for key in _keys(whole, found)}
    return {key for key in every if key[0] not in AFAR}


def found_everywhere(
    network: Network, graph: Topology | None = None, confirmed: Iterable[Confirmed] = ()
) -> Iterator[Confirmed]:
    """Yield rule, type and id of all that ``check_all`` finds, however much, without a word of it."""
    whole = Whole(network, topology(network) if graph is None else graph)
    for found in find_all(whole, confirmed):
        yield from _keys(whole, found)


def _keys(whole: Whole, found: Found) -> Iterator[Confirmed]:
    types, ids = assets_of(whole, found)
    yield from ((found.code, str(type_), str(id_)) for type_, id_ in zip(types, ids, strict=True))


def check_all(
    network: Network,
    graph: Topology | None = None,
    most: int = 1000,
    confirmed: Iterable[Confirmed] = (),
) -> Iterator[Issue]:
    """Yield what all rules find; of each rule at most ``most`` one by one, the rest as a count.

    Parameters
    ----------
    network
        The city as it is.
    graph
        Its topology, when it is at hand.
    most
        Issues of one rule told one by one.
    confirmed
        (rule, type, id) that a person has confirmed: those stay untold.
    """
    whole = Whole(network, topology(network) if graph is None else graph)
    counts: dict[str, int] = {}
    for found in find_all(whole, confirmed):
        told = counts.get(found.code, 0)
        counts[found.code] = told + len(found.rows)
        if told < most:
            yield from issues_of(whole, found.take(np.arange(min(most - told, len(found.rows)))))
    for code, count in counts.items():
        if count > most:
            yield from issues_of(whole, of_table("check.more-like-it", "", rule=code, count=count - most))
