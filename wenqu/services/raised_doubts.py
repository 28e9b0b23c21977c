"""Which doubts does a repair raise where it was done: what no rule said before and one says now?"""

from collections.abc import Iterable, Iterator, Sequence

from wenqu.issues import Issue
from wenqu.network.checks.connectivity import check_ways
from wenqu.network.checks.registry import AFAR, Confirmed, find_all, found_afar, found_near
from wenqu.network.checks.telling import Found, issues_of
from wenqu.network.edits import Edit
from wenqu.network.repairs.proposing import Proposer
from wenqu.network.schema import types_of
from wenqu.network.staging import Flagged, with_edits
from wenqu.network.surroundings import Surroundings, moves_water
from wenqu.network.topology import topology
from wenqu.services.waiting_rows import TOLD, doubt_row
from wenqu.store.database import Store
from wenqu.store.waiting import Sought, Waiting

AFAR_MOST = 300_000  # links of a city up to which the rules that look at the whole are asked at once
FEW = 500  # ids asked for at once


def raised_doubts(
    store: Store,
    around: Surroundings,
    edits: Sequence[Edit],
    confirmed: Iterable[Confirmed],
    waited: Sequence[Edit] = (),
    but: Iterable[int] = (),
) -> tuple[Waiting, ...]:
    """Return a row for the queue for everything that some edits make doubtful, with what may mend it.

    In a city of more than ``AFAR_MOST`` links the rules ``AFAR`` wait for the next delivery.

    Parameters
    ----------
    waited
        The edits of rows that waited outside and never enter: for their sake rules were silent.
    but
        Open rows that the edits answer.
    """
    if not edits and not waited:
        return ()
    quiet = frozenset(confirmed)
    both = (_near(around, edits, waited, quiet), _afar(around, edits, waited, quiet))
    told = {_key(one.issue): one for some in both for one in some}
    answered = set(but)
    ids = sorted({asset for _, _, asset in told})
    for first in range(0, len(ids), FEW):
        few = tuple(ids[first : first + FEW])
        for row in store.waiting(around.network.city.code, Sought(assets=few)):
            if row.id not in answered:
                told.pop((row.rule, row.type, row.asset), None)
    return tuple(doubt_row(one) for one in told.values())


def _key(issue: Issue) -> Confirmed:
    return (issue.code, issue.type, issue.asset)


def _near(
    around: Surroundings, edits: Sequence[Edit], waited: Sequence[Edit], quiet: frozenset[Confirmed]
) -> Iterator[Flagged]:
    every = [*waited, *edits]
    felt = around.felt(every)
    part = around.around(felt, every)
    before = found_near(with_edits(part, waited), around.known)
    after = with_edits(part, edits)
    proposer = Proposer(after, topology(after), around.known)
    for one in _told(proposer, find_all(proposer.seen, quiet)):
        key = _key(one.issue)
        if key[0] not in AFAR and key not in before and key[2] in felt.get(key[1], ()):
            yield one


def _afar(
    around: Surroundings, edits: Sequence[Edit], waited: Sequence[Edit], quiet: frozenset[Confirmed]
) -> Iterator[Flagged]:
    links = sum(len(around.network.table(type_)) for type_ in types_of("link"))
    if links > AFAR_MOST or not moves_water([*waited, *edits]):
        return
    before = found_afar(with_edits(around.network, waited) if waited else around.network)
    proposer = Proposer(with_edits(around.network, edits))
    for one in _told(proposer, check_ways(proposer.seen)):
        key = _key(one.issue)
        if key not in before and key not in quiet:
            yield one


def _told(proposer: Proposer, every: Iterable[Found]) -> Iterator[Flagged]:
    for found in every:
        for issue in issues_of(proposer.seen, found):
            if issue.asset and issue.weight in TOLD:
                yield Flagged(issue, proposer.proposals(issue))
