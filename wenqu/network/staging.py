"""Which rows of a delivery enter, which are mended by rule, and which wait, with what proposed?

Every finding at a delivered asset is classed by the column ``class`` of ``checks/rules.csv``:

- ``mend``: its first proposal is certain and is done at once (``Staged.mended``); where no proposal is
  certain it is treated as ``queue`` or ``flag``, by the column ``otherwise``;
- ``queue``: the row waits outside (``Staged.queued``), with the Edit that would make it;
- ``flag``: the row enters (``Staged.tables``) and the finding is listed with proposals (``Staged.flagged``).

No good row is lost: when a manhole waits, its pipes enter if they can; only a pipe that would end at a
manhole that is nowhere else waits with it (``stage.waits``, ``Queued.waits_for``).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

import numpy as np

from wenqu.issues import Issue, Weight
from wenqu.network.checks.registry import find_all
from wenqu.network.checks.telling import Found, assets_of, issues_of, rule, rule_table
from wenqu.network.edits import Edit, applied, edit_of, plain
from wenqu.network.formats.assembling import BadRow
from wenqu.network.merging import filled_up, merged, split_off
from wenqu.network.model import Assets, City, Network
from wenqu.network.repairs.proposing import Proposer
from wenqu.network.repairs.repair import Repair, Sure
from wenqu.network.repairs.seeing import Seeing
from wenqu.network.repairs.snapping import snapped_shapes, snaps
from wenqu.network.schema import asset_type, types_of
from wenqu.progress import Progress, part, silent

NEAR_MISS = "geometry.near-miss"
MISPLACED = frozenset({"geometry.swapped-axes", "geometry.wrong-zone", "geometry.shifted"})
Asset = tuple[str, str]  # type and id
Strange = Callable[[Network, Mapping[str, set[str]]], Iterable[Issue]]


@dataclass(frozen=True, slots=True)
class Mended:
    """One finding that was put right by rule."""

    issue: Issue
    repair: Repair
    was: dict[str, object]  # by field, as delivered
    now: dict[str, object]


@dataclass(frozen=True, slots=True)
class Queued:
    """One row that waits outside."""

    issue: Issue  # why
    edit: Edit | None  # makes the asset as far as it could be read; None: not even its type is known
    proposals: tuple[Repair, ...] = ()  # apply on top of ``edit``; best first
    raw: dict[str, object] = field(default_factory=dict)  # the row as it came, when the reader refused it
    waits_for: tuple[Asset, ...] = ()  # nodes in the queue; it follows when they are in


@dataclass(frozen=True, slots=True)
class Flagged:
    """One finding at an asset that entered."""

    issue: Issue
    proposals: tuple[Repair, ...] = ()


@dataclass(frozen=True, slots=True)
class Staged:
    """What becomes of a delivery."""

    tables: dict[str, Assets]  # enter, mended; in types and ids of the delivery
    mended: tuple[Mended, ...]
    queued: tuple[Queued, ...]
    flagged: tuple[Flagged, ...]


def stage(  # noqa: PLR0913 what, into what, and what is said about it
    before: Network,
    incoming: Mapping[str, Assets],
    bad: Sequence[BadRow] = (),
    *,
    city: City | None = None,
    confirmed: Iterable[tuple[str, str, str]] = (),
    strange: Strange | None = None,
    most: int = 100_000,
    progress: Progress = silent,
) -> Staged:
    """Return what enters, what was mended, what waits and what is doubtful.

    Parameters
    ----------
    before
        The city as it is; delivered assets stand for those of the same type and id; what they do
        not speak of stays as it is.
    incoming
        What was read, in the coordinate system of the city.
    bad
        Rows that the reader refused.
    city
        The city as it will be, when the delivery tells its coordinate system; otherwise that of ``before``.
    confirmed
        (rule, type, id) that a person has confirmed: those are not told again.
    strange
        Finds, in the network as it would be, those delivered assets (ids by type) that may not enter for
        another reason than a rule: each waits, to be let in by somebody.
    most
        Findings of one rule that are mended or flagged one by one; every row that has to wait waits.
    """
    city = city or before.city
    incoming = {type_: filled_up(before.table(type_), table) for type_, table in incoming.items()}
    ours = {type_: {str(id_) for id_ in table.ids} for type_, table in incoming.items()}
    quiet = frozenset(confirmed)
    whole = Network(city, merged(before.tables, incoming), before.as_of)
    whole, mended = _mended(whole, ours, quiet, most, part(progress, 0.0, 0.5))
    told = [
        Queued(issue, _edit(whole, issue.type, issue.asset), (let_in(issue),))
        for issue in (strange(whole, ours) if strange else ())
    ]
    return _classed((before, whole), ours, bad, mended, told, (quiet, most), part(progress, 0.5, 1.0))


def let_in(issue: Issue) -> Repair:
    """Return the proposal that an asset enters as it is, by somebody who may."""
    return Repair(issue.code, "let-in", issue.type, issue.asset)


def _ours(issue: Issue, ours: Mapping[str, set[str]]) -> bool:
    return bool(issue.asset) and issue.asset in ours.get(issue.type, ())


def _mended(
    whole: Network,
    ours: Mapping[str, set[str]],
    confirmed: frozenset[tuple[str, str, str]],
    most: int,
    progress: Progress,
) -> tuple[Network, list[Mended]]:
    """Return the network with every certain repair of a ``mend`` rule done, and the list of them."""
    done: list[Mended] = []
    touched: set[Asset] = set()
    for places in (True, False):  # nothing is drawn to a place before the place is right
        if places or done:
            proposer = Proposer(whole)
            step = part(progress, 0.0, 0.6) if places else part(progress, 0.6, 0.8)
            told = _ticking(find_all(proposer.seen, confirmed), step)
            found = [one for one in told if rule(one.code).class_ == "mend"]
        edits: list[Edit] = []
        for one in found:
            if (one.code in MISPLACED) is not places:
                continue
            if one.code == NEAR_MISS:
                whole = _snapped(whole, proposer.seen, _untouched(proposer.seen, one, ours, touched), done)
                continue
            some = list(_mends(proposer, islice(issues_of(proposer.seen, one), most), ours, touched))
            done += [Mended(issue, first, *_difference(whole, first.edits)) for issue, first in some]
            edits += [edit for _, first in some for edit in first.edits]
        whole = with_edits(whole, edits) if edits else whole
    progress(0.8)
    return whole, done


def _ticking(every: Iterable[Found], progress: Progress) -> Iterator[Found]:
    """Yield what rules find, and tell how many rules have spoken."""
    for number, found in enumerate(every):
        progress(min(number / len(rule_table()), 1.0))
        yield found


def _mends(
    proposer: Proposer, issues: Iterable[Issue], ours: Mapping[str, set[str]], touched: set[Asset]
) -> Iterator[tuple[Issue, Repair]]:
    """Yield the certain repairs of delivered assets that nothing has mended yet, and touch them."""
    for issue in issues:
        first = next(iter(proposer.proposals(issue)), None) if _ours(issue, ours) else None
        if first is None or first.sure is not Sure.CERTAIN:
            continue
        about = {(edit.type, edit.id) for edit in first.edits}
        if about & touched or any(id_ not in ours.get(type_, ()) for type_, id_ in about):
            continue  # what is in the store already is nobody's to mend by the way
        touched |= about
        yield issue, first


def _untouched(seen: Seeing, found: Found, ours: Mapping[str, set[str]], touched: set[Asset]) -> Found:
    """Return the breaches at delivered assets that nothing has mended yet, and touch them."""
    types, ids = assets_of(seen, found)
    kept = []
    for n, place in enumerate(zip(types.tolist(), ids.tolist(), strict=True)):
        if place[1] in ours.get(place[0], ()) and place not in touched:
            touched.add(place)
            kept.append(n)
    return found.take(np.array(kept, dtype=np.int64))


def _snapped(whole: Network, seen: Seeing, found: Found, done: list[Mended]) -> Network:
    """Return the network with drawings drawn to their manholes, as is the most frequent repair by far."""
    shapes = snapped_shapes(seen, whole, found.rows)
    issues = list(issues_of(seen, found))
    repairs = snaps(issues, shapes, seen.topology.link_row[found.rows])
    done += [Mended(issue, one, {}, {}) for issue, one in zip(issues, repairs, strict=True)]
    tables = {type_: replace(whole.table(type_), shapes=some) for type_, some in shapes.items()}
    return replace(whole, tables={**whole.tables, **tables})


def with_edits(network: Network, edits: Sequence[Edit]) -> Network:
    """Return the network after some edits."""
    gone: dict[str, set[str]] = {}
    for edit in edits:
        if edit.gone:
            gone.setdefault(edit.type, set()).add(edit.id)
    tables = merged(network.tables, applied(network, edits))
    for type_, ids in gone.items():
        tables[type_] = split_off(tables[type_], ids)[0]
    return Network(network.city, tables, network.as_of)


def _difference(network: Network, edits: Sequence[Edit]) -> tuple[dict[str, object], dict[str, object]]:
    was: dict[str, object] = {}
    now: dict[str, object] = {}
    for edit in edits:
        row = network.row(edit.type, edit.id)
        table = network.table(edit.type)
        was |= {name: plain(table.column(name)[row]) for name in edit.fields}
        now |= edit.fields
    return was, now


def _classed(
    networks: tuple[Network, Network],
    ours: Mapping[str, set[str]],
    bad: Sequence[BadRow],
    mended: Sequence[Mended],
    strange: Sequence[Queued],
    asked: tuple[frozenset[tuple[str, str, str]], int],
    progress: Progress,
) -> Staged:
    before, whole = networks
    proposer = Proposer(whole)
    confirmed, most = asked
    queued = list(strange)
    flagged: list[Flagged] = []
    waiting: dict[str, set[str]] = {}
    for entry in strange:
        waiting.setdefault(entry.issue.type, set()).add(entry.issue.asset)
    for found in _ticking(find_all(proposer.seen, confirmed), part(progress, 0.0, 0.6)):
        out = rule(found.code).stays_out
        told = islice(issues_of(proposer.seen, found), None if out else most)  # each that stays out waits
        for issue in (one for one in told if _ours(one, ours)):
            proposals = proposer.proposals(issue)
            if out:
                queued.append(Queued(issue, _edit(whole, issue.type, issue.asset), proposals))
                waiting.setdefault(issue.type, set()).add(issue.asset)
            else:
                flagged.append(Flagged(issue, proposals))
    progress(0.6)
    refused = [Queued(row.issue, row.edit, proposer.refused(row), row.raw) for row in bad]
    outside = {(entry.edit.type, entry.edit.id) for entry in refused if entry.edit}
    outside |= {(type_, id_) for type_, ids in waiting.items() for id_ in ids}
    follow = list(_following((before, whole), ours, outside, waiting))
    for entry in follow:
        waiting.setdefault(entry.issue.type, set()).add(entry.issue.asset)
    tables = {
        type_: split_off(split_off(whole.table(type_), ids)[1], waiting.get(type_, set()))[0]
        for type_, ids in ours.items()
    }
    stay = tuple(entry for entry in flagged if entry.issue.asset not in waiting.get(entry.issue.type, ()))
    return Staged(tables, tuple(mended), (*refused, *_once(queued), *follow), stay)


def _once(queued: Iterable[Queued]) -> list[Queued]:
    """Return one entry an asset and rule: a row may break a rule at both of its ends."""
    first: dict[tuple[str, str, str], Queued] = {}
    for entry in queued:
        first.setdefault((entry.issue.code, entry.issue.type, entry.issue.asset), entry)
    return list(first.values())


def _following(
    networks: tuple[Network, Network],
    ours: Mapping[str, set[str]],
    outside: set[Asset],
    waiting: Mapping[str, set[str]],
) -> Iterable[Queued]:
    """Yield the links that would end at a node which waits outside and is not in the city yet."""
    before, whole = networks
    nodes = {id_ for type_, id_ in outside if asset_type(type_).role == "node"}
    nodes -= {str(id_) for type_ in types_of("node") for id_ in before.table(type_).ids}
    for type_ in types_of("node"):  # a row that repeats a number waits, the first of that number enters
        nodes -= set(whole.table(type_).ids.astype(str).tolist()) - waiting.get(type_, set())
    if not nodes:
        return
    for type_ in types_of("link"):
        table = whole.table(type_)
        ends = (table.column("from_id"), table.column("to_id"))
        meets = np.array([a in nodes or b in nodes for a, b in zip(*ends, strict=True)], dtype=bool)
        for row in np.flatnonzero(meets):
            id_ = table.ids[row]
            if id_ not in ours.get(type_, ()) or id_ in waiting.get(type_, ()):
                continue
            names = [str(end[row]) for end in ends if end[row] in nodes]
            issue = Issue("stage.waits", Weight.BLOCK, type_, str(id_), facts={"nodes": ", ".join(names)})
            named = tuple(sorted(place for place in outside if place[1] in names))
            yield Queued(issue, _edit(whole, type_, str(id_)), waits_for=named)


def _edit(network: Network, type_: str, id_: str) -> Edit:
    return edit_of(network.table(type_), network.row(type_, id_))
