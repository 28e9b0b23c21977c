"""Take back what a change stated of rows of a register: what stood before is stated again."""

from collections.abc import Sequence
from typing import Any

from wenqu.errors import Refused
from wenqu.records.registry import RecordKind, record_kinds
from wenqu.services.edit_assets import EditReport
from wenqu.services.edit_records import district_of
from wenqu.services.held_rows import filings, put_rows
from wenqu.services.record_rights import demand_write
from wenqu.services.rights import Person
from wenqu.services.seen_records import key_of, reader_of
from wenqu.services.state_row import ended, row_changes, stamped
from wenqu.store.database import Store
from wenqu.store.records import Filing

Filed = tuple[Any, Filing]
NAMED = 5  # rows named in a refusal


def undo_records(
    store: Store, city: str, number: int, *, person: Person, why: str, who: str = ""
) -> EditReport | None:
    """State again what stood before a change; None where it stated no row that may be stated anew.

    Raises
    ------
    Refused
        Later statements stand on it (``undo-later``), it made a row that cannot end (``undo-new``), or the
        rights of the person do not reach there.
    """
    whole = reader_of(store).whole
    for kind in record_kinds().values():
        if not kind.written:
            continue
        filed = filings(whole, city, kind)
        mine = {key_of(kind, row) for row, filing in filed if filing.number == number}
        if not mine:
            continue
        for row, _ in filed:
            if key_of(kind, row) in mine:
                demand_write(person, kind, city, district_of(row))
        _demand_last(city, number, kind, [pair for pair in filed if key_of(kind, pair[0]) in mine])
        now, old = ({key_of(kind, row): row for row, filing in filed if filing.number <= to}
                    for to in (number, number - 1))  # fmt: skip
        rows = [old.get(key) or ended(kind, now[key], number) for key in sorted(mine)]
        changes = [
            one for row in rows for one in row_changes(kind, key_of(kind, row), now[key_of(kind, row)], row)
        ]
        with whole.change(city, who=who or person.account, why=why or "-") as change:
            told = [stamped(kind, row, by=who or person.account, why=why) for row in rows]
            put_rows(change, whole, city, kind, told, reason=why)
            return EditReport(True, change.number, tuple(changes))
    return None


def _demand_last(city: str, number: int, kind: RecordKind, filed: Sequence[Filed]) -> None:
    later = [(row, filing) for row, filing in filed if filing.number > number]
    if later:
        names = ", ".join(dict.fromkeys(f"{kind.name} {key_of(kind, row)}" for row, _ in later[:NAMED]))
        by = ", ".join(sorted({filing.who for _, filing in later})) or "-"
        raise Refused("undo-later", city=city, number=number, count=len(later), assets=names, who=by)
