"""Which repairs are done for some waiting rows: one after another, each seeing the one before?"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from wenqu.network.checks.registry import AFAR
from wenqu.network.edits import Edit
from wenqu.network.model import Network
from wenqu.network.repairs.proposing import Proposer
from wenqu.network.repairs.repair import Repair
from wenqu.network.staging import with_edits
from wenqu.network.surroundings import Surroundings
from wenqu.network.topology import topology
from wenqu.services.waiting_rows import edit_from, issue_of, repairs_from
from wenqu.store.waiting import Waiting

Asset = tuple[str, str]
ROUNDS = 12  # repairs that touch one asset are done one after another
MOST_NEAR = 60  # rows or edits up to which only what lies around them is looked at
NAMING = ("other", "node", "link", "start", "end")  # facts that name another asset


@dataclass(frozen=True, slots=True)
class Part:
    """A network in which rows are repaired, and what is known of the city of which it may be a part."""

    network: Network
    known: Mapping[str, Any] = field(default_factory=dict)


def part_about(around: Surroundings, rows: Sequence[Waiting]) -> Part:
    """Return what a few rows have to do with; the whole network where they are many, or ask for it."""
    if len(rows) > MOST_NEAR or any(row.rule in AFAR for row in rows):
        return Part(around.network)
    own = [edit for row in rows if (edit := own_edit(row)) is not None]
    assets: dict[str, set[str]] = {}
    for row in rows:
        facts = row.body.get("facts") or {}
        named = {value for name, value in facts.items() if name in NAMING and isinstance(value, str)}
        assets.setdefault(row.type, set()).update({row.asset, *named})
    return Part(around.around(assets, own), around.known)


def repaired(
    part: Part, rows: Sequence[Waiting], key: str
) -> tuple[Network, list[Edit], list[int], list[int]]:
    """Return the network after the repairs, all edits, and which rows were and were not repaired."""
    done: list[int] = []
    edits: list[Edit] = []
    left = list(rows)
    network = part.network
    for _ in range(ROUNDS):
        now: list[Edit] = []
        touched: set[Asset] = set()
        later: list[Waiting] = []
        propose = _proposing(Part(network, part.known), left)
        for row in left:
            chosen = _chosen(propose(row), key)
            if chosen is None:
                continue
            some = _edits_of(row, chosen)
            about = {(edit.type, edit.id) for edit in some}
            if about & touched:
                later.append(row)
                continue
            touched |= about
            now += some
            done.append(row.id)
        if not now:
            break
        network = with_edits(network, now)
        edits += now
        left = [without_edit(row) if (row.type, row.asset) in touched else row for row in later]
        if not left:
            break
    mended = set(done)
    return network, edits, done, [row.id for row in rows if row.id not in mended]


def _proposing(part: Part, rows: Sequence[Waiting]) -> Callable[[Waiting], tuple[Repair, ...]]:
    """Return what proposes repairs for rows in the network as it is now, waiting rows put in it for trial."""
    trial = [edit for row in rows if (edit := own_edit(row)) is not None]
    whole = with_edits(part.network, last_of_each(trial)) if trial else part.network
    proposer = Proposer(whole, topology(whole), part.known)

    def propose(row: Waiting) -> tuple[Repair, ...]:
        if row.rule.startswith("format.") or not is_there(whole, row):
            return repairs_from(row.body.get("proposals", ()))
        return proposer.proposals(issue_of(row)) or repairs_from(row.body.get("proposals", ()))

    return propose


def _chosen(proposals: Iterable[Repair], key: str) -> Repair | None:
    return next((one for one in proposals if (key in {one.key, one.name} if key else not one.confirms)), None)


def _edits_of(row: Waiting, repair: Repair) -> list[Edit]:
    """Return the row's own edit and the repair's; a waiting row that is dropped never enters."""
    own = own_edit(row)
    if repair.instead or own is None:
        return list(repair.edits)
    if any(edit.gone and (edit.type, edit.id) == (own.type, own.id) for edit in repair.edits):
        return [edit for edit in repair.edits if (edit.type, edit.id) != (own.type, own.id)]
    return [own, *repair.edits]


def lost(edits: Iterable[Edit]) -> set[Asset]:
    """Return the assets that some edits take away and do not make again as another type."""
    last = {(edit.type, edit.id): edit for edit in edits}
    made = {edit.id for edit in last.values() if not edit.gone}
    return {name for name, edit in last.items() if edit.gone and edit.id not in made}


def without_edit(row: Waiting) -> Waiting:
    """Return a row whose asset is in the city: it has no edit of its own any more."""
    return replace(row, body={**row.body, "edit": None})


def is_there(network: Network, row: Waiting) -> bool:
    """Tell whether the asset of a row is in the city."""
    return bool(row.type) and bool((network.table(row.type).ids == row.asset).any())


def own_edit(row: Waiting) -> Edit | None:
    """Return the edit that lets a waiting row in as it is, or changes its asset to what was delivered."""
    if row.inside or row.rule.startswith("format."):
        return None
    return edit_from(row.body.get("edit"))


def last_of_each(edits: Iterable[Edit]) -> list[Edit]:
    """Return of each asset the last of its edits."""
    return list({(edit.type, edit.id): edit for edit in edits}.values())
