"""What does one statement say, since when, and by which deed did it come about? Its form and its history."""

from collections.abc import Mapping, Sequence
from typing import Any

from wenqu.network.schema import Field
from wenqu.records.registry import RecordKind, fixed, gone, opens, page_of, record_kinds
from wenqu.services.attachments import attachments_of
from wenqu.services.city_state import CityState
from wenqu.services.describe_registers import describe_field
from wenqu.services.record_checks import ends, reasoned
from wenqu.services.record_rights import may_write
from wenqu.services.register_form import at_border
from wenqu.services.register_tables import named, plain, standing
from wenqu.services.seen_records import key_of, may_read, reader_of, seen_filings, seen_records
from wenqu.store.database import Store
from wenqu.store.records import Filing

Filed = tuple[Any, Filing]


def read_record(store: Store, state: CityState, name: str, id_: str) -> dict[str, object]:
    """Return the fields of one statement in border units, its files, and what speaks of it.

    An id that is not there gives an empty form with the defaults of the table.
    """
    kind = record_kinds()[name]
    filed = _of(store, state, kind, id_) if id_ else []
    row, number = (filed[-1][0], filed[-1][1].number) if filed else (None, 0)
    row = None if gone(row) else row
    city = state.network.city.code
    return {
        "type": name,
        "id": id_,
        "geometry": "none",
        "there": row is not None,
        "based_on": number,
        "naming": list(kind.key) if kind.keyed else [],
        "ends": bool(kind.written) and ends(kind),
        "reasoned": reasoned(kind),
        "fields": [{**describe_field(entry), "value": value_of(entry, row),
                    "fixed": not opens(kind, entry) if row is None else fixed(kind, entry)}
                   for entry in kind.fields if entry.name != "id"],
        "extra": {},
        "shape": [],
        "files": attachments_of(reader_of(store).whole, city, name, id_) if row is not None else [],
        "may": may_write(store, state, kind, row),
        "written": bool(kind.written),
        "filed": bool(kind.filed),
        "made": kind.made,
        "deed": kind.deed or None,
        "screen": page_of(kind, row),
        "related": _related(store, state, kind, row) if row is not None else [],
    }  # fmt: skip


def value_of(entry: Field, row: Any) -> object:
    """Return a value of a statement as people read it; of none the default of the table."""
    if row is None:
        return entry.default or None
    value = plain(entry, getattr(row, entry.name))
    if isinstance(value, float) and value != value:  # noqa: PLR0124 - NaN
        return None
    return at_border(entry, value)


def _of(store: Store, state: CityState, kind: RecordKind, id_: str) -> list[Filed]:
    """Return every statement under a name, oldest first."""
    filed = seen_filings(store, state, kind)
    found = [pair for pair in filed if key_of(kind, pair[0]) == id_]
    if found:
        return found
    rows = standing(kind, seen_records(store, state, kind))  # one of several alike, or without a name
    chosen = next((row for row, own in zip(rows, named(kind, rows), strict=True) if own == id_), None)
    return [pair for pair in filed if pair[0] == chosen][-1:] if chosen is not None else []


def _related(store: Store, state: CityState, kind: RecordKind, row: Any) -> list[dict[str, object]]:
    """Return which other registers speak of a statement, and how to list what they say."""
    own = getattr(row, "id", key_of(kind, row))
    city, person = state.network.city.code, reader_of(store).person
    found = []
    for other in record_kinds().values():
        field, of = other.within
        if of != kind.name or not may_read(person, city, other):
            continue
        name = field or kind.name
        if other.field(name) is None:
            continue
        rows = seen_records(store, state, other)
        count = sum(str(getattr(one, name)) == own for one in rows)
        if count:
            label = {"zh": other.zh, "en": other.en}
            found.append({"register": other.name, "label": label, "where": f"{name}={own}", "count": count})
    return found


def record_history(store: Store, state: CityState, name: str, id_: str) -> list[dict[str, object]]:
    """Return every statement under a name, newest first, with what it says otherwise than the one before."""
    kind = record_kinds()[name]
    told: list[dict[str, object]] = []
    before: Any = None
    shown = [one for one in kind.fields if not (kind.written and kind.keyed and fixed(kind, one))]
    for row, filing in _of(store, state, kind, id_):
        changes = [] if gone(row) and kind.keyed else differences(shown, before, row)
        told.append(
            {
                "number": filing.number, "at": filing.at, "until": "", "who": filing.who,
                "why": filing.why, "made": before is None, "gone": gone(row), "changes": changes,
                "shape": None, "undo": bool(kind.written),
            }
        )  # fmt: skip
        if len(told) > 1:
            told[-2]["until"] = filing.at
        before = None if gone(row) else row
    return told[::-1]


def differences(fields: Sequence[Field], before: Any, now: Any) -> list[dict[str, object]]:
    """Return the fields in which two statements differ, in border units."""
    pairs: Mapping[str, tuple[object, object]] = {
        entry.name: (None if before is None else value_of(entry, before), value_of(entry, now))
        for entry in fields
    }
    return [{"field": name, "before": old, "after": new} for name, (old, new) in pairs.items() if old != new]
