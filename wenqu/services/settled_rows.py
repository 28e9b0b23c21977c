"""Which rows of the queue does new material answer: doubts that are none any more, rows that can enter?"""

from collections.abc import Iterable, Mapping, Sequence

from wenqu.network.checks.registry import AFAR, found_afar, found_everywhere, found_near
from wenqu.network.edits import Edit, applied
from wenqu.network.merging import amid, merged
from wenqu.network.model import Assets, Network
from wenqu.network.staging import with_edits
from wenqu.network.surroundings import Surroundings, moves_water
from wenqu.services.waiting_rows import edit_from
from wenqu.store.database import Store
from wenqu.store.waiting import Sought

FEW = 500  # ids asked for at once


def settled_rows(
    store: Store, after: Network, confirmed: Iterable[tuple[str, str, str]] = (), but: Iterable[int] = ()
) -> tuple[int, ...]:
    """Return the open doubts about assets inside that no rule finds in the network as it becomes."""
    left_out = set(but)
    rows = [
        row
        for row in store.waiting(after.city.code, Sought(inside=True))
        if row.id not in left_out and not row.rule.startswith("format.")  # the reader's own doubts stay
    ]
    if not rows:
        return ()
    found = set(found_everywhere(after, None, frozenset(confirmed)))
    return tuple(row.id for row in rows if (row.rule, row.type, row.asset) not in found)


def settled_around(
    store: Store,
    around: Surroundings,
    edits: Sequence[Edit],
    confirmed: Iterable[tuple[str, str, str]] = (),
    but: Iterable[int] = (),
) -> tuple[int, ...]:
    """Return what ``settled_rows`` returns after a few edits, without a look at what they cannot change."""
    city, left_out, felt = around.network.city.code, set(but), around.felt(edits)
    ids = sorted(set().union(*felt.values()))
    near = [
        row
        for first in range(0, len(ids), FEW)
        for row in store.waiting(city, Sought(inside=True, assets=tuple(ids[first : first + FEW])))
        if row.asset in felt.get(row.type, ()) and row.rule not in AFAR and not row.rule.startswith("format.")
    ]
    far = [row for rule in AFAR for row in store.waiting(city, Sought(inside=True, rule=rule))]
    far = far if moves_water(edits) else []
    found: set[tuple[str, str, str]] = set()
    if near:
        found |= found_near(with_edits(around.around(felt, edits), edits), around.known)
    if far:
        found |= found_afar(with_edits(around.network, edits))
    found -= set(confirmed)
    rows = sorted(row.id for row in [*near, *far] if (row.rule, row.type, row.asset) not in found)
    return tuple(id_ for id_ in rows if id_ not in left_out)


def with_waiting(store: Store, before: Network, incoming: Mapping[str, Assets]) -> dict[str, Assets]:
    """Return what comes in with the rows that wait for something: perhaps it comes now."""
    edits: dict[tuple[str, str], Edit] = {}
    for row in store.waiting(before.city.code, Sought(inside=False)):
        edit = None if row.rule.startswith("format.") else edit_from(row.body.get("edit"))
        if edit is not None:
            edits[edit.type, edit.id] = edit
    tables = dict(incoming)
    for type_ in dict.fromkeys(type_ for type_, _ in edits):
        some = applied(Network(before.city, {}), [edit for edit in edits.values() if edit.type == type_])[
            type_
        ]
        known = [table.ids for table in (incoming.get(type_), before.tables.get(type_)) if table is not None]
        for ids in known:
            some = some.take(~amid(some, ids))
        tables = merged(tables, {type_: some}) if len(some) else tables
    return tables
