"""What waits to be mended, and what becomes of it: repaired, dismissed or confirmed, each as one change."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from wenqu.errors import BadInput, Refused
from wenqu.network.edits import Edit
from wenqu.network.geometry import Floats
from wenqu.network.model import Network
from wenqu.network.staging import with_edits
from wenqu.network.surroundings import Surroundings
from wenqu.services.chosen_repairs import (
    MOST_NEAR,
    is_there,
    last_of_each,
    lost,
    own_edit,
    part_about,
    repaired,
    without_edit,
)
from wenqu.services.grade_again import grade_edited
from wenqu.services.raised_doubts import raised_doubts
from wenqu.services.rewritten_rows import rewritten
from wenqu.services.rights import Person
from wenqu.services.settled_rows import settled_around, settled_rows
from wenqu.services.undo_change import undo_change
from wenqu.store.changes import OpenChange
from wenqu.store.database import Store
from wenqu.store.waiting import Sought, Waiting

WAITS = "stage.waits"
ORPHAN = "connectivity.orphan-manhole"  # its pipes may be on their way
MOST_RAISING = 3000  # edits up to which it is told what they make doubtful


@dataclass(frozen=True, slots=True)
class Mending:
    """What was done to the queue."""

    number: int  # of the change
    repaired: tuple[int, ...] = ()
    followed: tuple[int, ...] = ()  # rows that waited for what was repaired
    left: tuple[int, ...] = ()  # rows without the repair that was asked for
    changed: dict[str, int] = field(default_factory=dict)  # assets by type
    settled: tuple[int, ...] = ()  # doubts that went away with it
    raised: int = 0  # doubts that came with it


def repair_rows(
    store: Store,
    network: Network,
    ids: Sequence[int],
    *,
    key: str = "",
    closing: int = 0,
    who: str,
    why: str,
) -> Mending:
    """Apply a repair to each of some open rows, in one change.

    Parameters
    ----------
    network
        The city as it is.
    key
        Which of a row's proposals (``Repair.name``, or ``Repair.key`` for the first such); "" is the first
        that changes something.
    closing
        How many assets several rows together may take out of the city: somebody was told the number
        and agreed. One row alone was looked at, and may.

    Raises
    ------
    Refused
        The city has changed meanwhile (``queue-stale``); more assets would be taken out than was agreed
        to (``queue-closes``, with the number).
    BadInput
        None of the rows is open with such a repair (``queue-nothing``).
    """
    code = network.city.code
    rows = _rows(store, network, ids)
    around = Surroundings(network)
    _, edits, done, left = repaired(part_about(around, rows), rows, key)
    if not done:
        raise BadInput("queue-nothing", city=code)
    waited = _waited(rows, done, edits)
    if len(rows) > 1:
        _demand_agreed(network, (*edits, *(replace(edit, gone=True) for edit in waited)), rows, closing)
    follow, edits = _with_followers(store, network, edits)
    settled, raised = _doubts(store, around, edits, done, waited)
    with store.change(code, who=who, why=why) as change:
        if change.number - 1 != network.version:
            raise Refused("queue-stale", city=code)
        counts = _written(change, _edited(around, edits), edits)
        change.decide(done, "repaired", why)
        if follow:
            change.decide(follow, "repaired", why)
        if settled:
            change.decide(settled, "settled", why)
        change.add_waiting(raised)
    grade_edited(store, code, edits, who=who)
    left = [id_ for id_ in left if id_ not in settled]
    return Mending(change.number, tuple(done), tuple(follow), tuple(left), counts, settled, len(raised))


def _demand_agreed(network: Network, edits: Iterable[Edit], rows: Sequence[Waiting], closing: int) -> None:
    """Refuse to take away in one go more assets, in the city or waiting, than a person has agreed to."""
    gone = lost(edits)
    if len(gone) > closing:
        bare = any(row.rule == ORPHAN for row in rows)
        reason = "queue-closes-orphans" if bare else "queue-closes"
        raise Refused(reason, city=network.city.code, count=len(gone))


def _edited(around: Surroundings, edits: Sequence[Edit]) -> Network:
    """Return a network that has the assets of some edits."""
    assets: dict[str, set[str]] = {}
    for edit in edits:
        assets.setdefault(edit.type, set()).add(edit.id)
    return around.only(assets)


def _waited(rows: Iterable[Waiting], decided: Iterable[int], edits: Iterable[Edit] = ()) -> list[Edit]:
    """Return the edits of rows that waited outside and never enter."""
    left, enter = set(decided), {(edit.type, edit.id) for edit in edits if not edit.gone}
    own = [edit for row in rows if row.id in left and (edit := own_edit(row)) is not None]
    return last_of_each(edit for edit in own if (edit.type, edit.id) not in enter)


def _doubts(
    store: Store, around: Surroundings, edits: Sequence[Edit], but: Sequence[int], waited: Sequence[Edit] = ()
) -> tuple[tuple[int, ...], tuple[Waiting, ...]]:
    """Return the doubts that some edits settle, by a look around where they are few, and those they raise."""
    confirmed = store.confirmed(around.network.city.code)
    few = len(edits) <= MOST_RAISING
    raised = raised_doubts(store, around, edits, confirmed, waited, but) if few else ()
    if not edits:
        return (), raised
    if len(edits) <= MOST_NEAR:
        return settled_around(store, around, edits, confirmed, but), raised
    return settled_rows(store, with_edits(around.network, edits), confirmed, but), raised


def _rows(store: Store, network: Network, ids: Sequence[int]) -> list[Waiting]:
    """Return open rows; one whose asset has entered since it came has no edit of its own any more."""
    code = network.city.code
    rows = [row for few in _few(ids) for row in store.waiting(code, Sought(ids=few))]
    return [without_edit(row) if _entered_since(store, network, row) else row for row in rows]


def _entered_since(store: Store, network: Network, row: Waiting) -> bool:
    if row.inside or not is_there(network, row):
        return False
    return (
        max(version.number for version in store.history(network.city.code, row.type, row.asset)) > row.change
    )


def _few(ids: Sequence[int], size: int = 500) -> Iterator[tuple[int, ...]]:
    for first in range(0, len(ids), size):
        yield tuple(ids[first : first + size])


def _with_followers(store: Store, network: Network, edits: Sequence[Edit]) -> tuple[list[int], list[Edit]]:
    """Return the rows that waited only for what some edits let in, and all edits together."""
    made = {(edit.type, edit.id) for edit in edits if not edit.gone}
    ids, more = [], []
    for row in store.waiting(network.city.code, Sought(rule=WAITS, inside=False)) if made else ():
        waited = {(str(type_), str(id_)) for type_, id_ in row.body.get("waits_for", ())}
        there = all(one in made or bool((network.table(one[0]).ids == one[1]).any()) for one in waited)
        own = own_edit(row)
        if waited & made and there and own is not None and not _entered_since(store, network, row):
            ids.append(row.id)
            more.append(own)
    return ids, [*edits, *more]


def _written(change: OpenChange, network: Network, edits: Sequence[Edit]) -> dict[str, int]:
    """Write what edits make of a network: only the assets that they touch."""
    after = with_edits(network, edits)
    touched: dict[str, set[str]] = {}
    for edit in edits:
        touched.setdefault(edit.type, set()).add(edit.id)
    counts = {}
    for type_, ids in touched.items():
        before = {str(id_) for id_ in network.table(type_).ids} & ids
        table = after.table(type_)
        stay = [row for row, id_ in enumerate(table.ids) if str(id_) in ids]
        gone = sorted(before - {str(table.ids[row]) for row in stay})
        if stay:
            change.put(table.take(np.array(stay, dtype=np.int64)))
        if gone:
            change.close(type_, gone)
        counts[type_] = len(stay) + len(gone)
    return counts


def confirm_rows(store: Store, network: Network, ids: Sequence[int], *, who: str, why: str) -> Mending:
    """Say that findings are right as they are; a waiting row enters, and the rule is silent from now on."""
    code = network.city.code
    rows = _rows(store, network, ids)
    own = last_of_each(edit for row in rows if (edit := own_edit(row)) is not None)
    _demand_some(rows, code)
    follow, own = _with_followers(store, network, own)
    with store.change(code, who=who, why=why) as change:
        if own and change.number - 1 != network.version:
            raise Refused("queue-stale", city=code)
        counts = _written(change, _edited(Surroundings(network), own), own) if own else {}
        change.decide([row.id for row in rows], "confirmed", why)
        if follow:
            change.decide(follow, "repaired", why)
    grade_edited(store, code, own, who=who)
    return Mending(change.number, tuple(row.id for row in rows), tuple(follow), changed=counts)


def dismiss_rows(store: Store, network: Network, ids: Sequence[int], *, who: str, why: str) -> Mending:
    """Leave rows aside for good, with a reason: nothing becomes of them."""
    code = network.city.code
    rows = [row for few in _few(ids) for row in store.waiting(code, Sought(ids=few))]
    _demand_some(rows, code)
    done = tuple(row.id for row in rows)
    _, raised = _doubts(store, Surroundings(network), (), done, _waited(rows, done))
    with store.change(code, who=who, why=why) as change:
        change.decide(done, "dismissed", why)
        change.add_waiting(raised)
    return Mending(change.number, done, raised=len(raised))


def rewrite_row(
    store: Store,
    network: Network,
    id_: int,
    fields: Mapping[str, object],
    *,
    parts: tuple[Floats, ...] | None = None,
    who: str,
    why: str,
) -> Mending:
    """Correct fields, and the shape, of one row by hand and let it in.

    A doubt about an asset inside is only settled where its rule is silent now.

    Parameters
    ----------
    fields
        In SI; ``id`` is another identity for a row that waits outside.
    parts
        The new shape in the city's coordinate system; None leaves it.

    Raises
    ------
    BadInput
        The row is not open, or not even its type is known; its identity is another asset's
        (``queue-taken``).
    """
    code = network.city.code
    rows = _rows(store, network, (id_,))
    _demand_some(rows, code)
    row = rows[0]
    edit = rewritten(network, row, fields, parts)
    follow, edits = _with_followers(store, network, [edit])
    around = Surroundings(network)
    settled, raised = _doubts(store, around, edits, ())
    done = not row.inside or row.rule.startswith("format.") or id_ in settled
    with store.change(code, who=who, why=why) as change:
        if change.number - 1 != network.version:
            raise Refused("queue-stale", city=code)
        counts = _written(change, _edited(around, edits), edits)
        change.decide([*([id_] if done else []), *follow], "repaired", why)
        change.decide([one for one in settled if one != id_], "settled", why)
        change.add_waiting(raised)
    grade_edited(store, code, edits, who=who)
    left = () if done else (id_,)
    return Mending(change.number, (id_,) if done else (), tuple(follow), left, counts, settled, len(raised))


def undo_mending(store: Store, city: str, number: int, *, person: Person, who: str, why: str) -> Mending:
    """Take a decision back: the reverse change of the assets, and its rows are open again.

    Raises
    ------
    BadInput
        The change decided no row, or its rows are open again (``queue-undo``).
    Refused
        Later edits stand on it.
    """
    ids = store.decided_in(city, number)
    if not ids:
        raise BadInput("queue-undo", city=city, number=number)
    if store.touched(city, number):
        undo_change(store, city, number, person=person, who=who, why=why)
    with store.change(city, who=who, why=why) as change:
        change.decide(ids, "open", why)
    return Mending(change.number, tuple(ids))


def _demand_some(rows: Sequence[object], city: str) -> None:
    if not rows:
        raise BadInput("queue-nothing", city=city)
