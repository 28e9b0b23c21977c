"""Which rules are there, and what do they find in a network?"""

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from wenqu.issues import Issue
from wenqu.network.checks.attributes import check_attributes
from wenqu.network.checks.connectivity import check_connectivity
from wenqu.network.checks.elevations import check_elevations
from wenqu.network.checks.geometry import check_geometry
from wenqu.network.checks.telling import Found, issues_of, of_table, without
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


def find_all(whole: Whole, confirmed: Iterable[Confirmed] = ()) -> Iterator[Found]:
    """Yield what all rules find, in columns: a ``Found`` a rule (and side of a link), never an empty one."""
    quiet = tuple(confirmed)
    for check in FAMILIES.values():
        for found in check(whole):
            told = without(whole, found, quiet)
            if len(told.rows):
                yield told


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
