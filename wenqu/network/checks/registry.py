"""Which rules are there, and what do they find in a network?"""

from collections import Counter
from collections.abc import Callable, Iterator

from wenqu.issues import Issue
from wenqu.network.checks.attributes import check_attributes
from wenqu.network.checks.connectivity import check_connectivity
from wenqu.network.checks.elevations import check_elevations
from wenqu.network.checks.geometry import check_geometry
from wenqu.network.checks.telling import of_table
from wenqu.network.model import Network
from wenqu.network.topology import Topology, topology

Check = Callable[[Network, Topology], Iterator[Issue]]
# A new family is one more row here; a new rule is a row of rules.csv and its sentences in checks.toml.
FAMILIES: dict[str, Check] = {
    "connectivity": check_connectivity,
    "elevation": check_elevations,
    "attribute": check_attributes,
    "geometry": check_geometry,
}


def check_all(network: Network, graph: Topology | None = None, most: int = 1000) -> Iterator[Issue]:
    """Yield what all rules find; of each rule at most ``most`` one by one, the rest as a count."""
    graph = topology(network) if graph is None else graph
    for check in FAMILIES.values():
        told: Counter[str] = Counter()
        for issue in check(network, graph):
            told[issue.code] += 1
            if told[issue.code] <= most:
                yield issue
        for code, count in told.items():
            if count > most:
                yield of_table("check.more-like-it", "", rule=code, count=count - most)
