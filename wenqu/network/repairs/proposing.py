"""What is proposed for a finding, best first?"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from wenqu.issues import Issue
from wenqu.network.formats.assembling import BadRow
from wenqu.network.model import Network
from wenqu.network.repairs import drawings, ends, figures, heights, parts, places, refused
from wenqu.network.repairs.repair import Repair
from wenqu.network.repairs.seeing import Seeing, kept
from wenqu.network.topology import Topology, topology

Proposing = Callable[[Seeing, Issue], Iterator[Repair]]
# One row a rule; each yields its proposals best first, "keep as it is" is added where the rule allows it.
PROPOSALS: dict[str, Proposing] = {
    **ends.PROPOSALS,
    **parts.PROPOSALS,
    **heights.PROPOSALS,
    **figures.PROPOSALS,
    **drawings.PROPOSALS,
    **places.PROPOSALS,
}


class Proposer:
    """Proposes repairs in one network, as it is."""

    def __init__(
        self, network: Network, graph: Topology | None = None, known: Mapping[str, Any] | None = None
    ) -> None:
        self.seen = Seeing(network, topology(network) if graph is None else graph, known)

    def proposals(self, issue: Issue) -> tuple[Repair, ...]:
        """Return the proposals for a finding of ``check_all`` in this network, best first."""
        propose = PROPOSALS.get(issue.code)
        found = propose(self.seen, issue) if propose and issue.asset else iter(())
        return (*found, *kept(issue))

    def refused(self, row: BadRow) -> tuple[Repair, ...]:
        """Return the proposals for a row that the reader refused."""
        return tuple(refused.proposals(self.seen, row))
