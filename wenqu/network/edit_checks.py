"""Does what somebody typed fit the fields of its type? Each misfit is named with its field."""

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from wenqu.issues import Issue, Weight
from wenqu.network.edits import Edit
from wenqu.network.schema import Code, Field, asset_type, code_lists

KIND_CODES = {
    "number": "not-a-number",
    "integer": "not-whole",
    "boolean": "not-yes-or-no",
    "date": "not-a-date",
}


@dataclass(frozen=True, slots=True)
class Range:
    """The believable values of one field, both ends included. SI."""

    lowest: float
    highest: float


@cache
def ranges() -> dict[tuple[str, str], Range]:
    """Return the believable range by (field, unit), from ``ranges.csv``."""
    text = (files("wenqu.network") / "ranges.csv").read_text(encoding="utf-8")
    return {
        (row["field"], row["unit"]): Range(float(row["lowest"]), float(row["highest"]))
        for row in csv.DictReader(text.splitlines())
    }


def range_of(entry: Field) -> Range | None:
    """Return the believable range of a field, None when the table names none."""
    return ranges().get((entry.name, entry.unit))


def references(edit: Edit) -> Iterator[tuple[Field, str]]:
    """Yield the assets that an edit points to, each with the field that does."""
    for entry in asset_type(edit.type).fields:
        value = edit.fields.get(entry.name)
        if entry.kind == "asset" and isinstance(value, str) and value:
            yield entry, value


def check_edit(
    edit: Edit, before: Mapping[str, object] | None, there: Mapping[str, set[str]]
) -> Iterator[Issue]:
    """Yield what keeps an edit from being written, and what is doubtful in it.

    Parameters
    ----------
    before
        The fields as they are; None for an asset that is to be made.
    there
        Ids that exist, by asset type, of those that the edit points to.
    """
    if not edit.gone:
        yield from check_fields(asset_type(edit.type).fields, edit, before, there, code_lists())


def check_fields(
    of: Sequence[Field],
    edit: Edit,
    before: Mapping[str, object] | None,
    there: Mapping[str, set[str]],
    lists: Mapping[str, Mapping[str, Code]],
) -> Iterator[Issue]:
    """Yield what in a row does not fit the fields of its table, be it of assets or of statements.

    Parameters
    ----------
    lists
        Code lists by name, each by code.
    """
    for entry in of:
        value = edit.fields.get(entry.name)
        if entry.name in edit.fields and value is not None:
            yield from _value(edit, entry, value, there, lists)
        elif entry.required and (entry.name in edit.fields or before is None):
            yield _issue("required", edit, entry)


def _value(
    edit: Edit,
    entry: Field,
    value: object,
    there: Mapping[str, set[str]],
    lists: Mapping[str, Mapping[str, Code]],
) -> Iterator[Issue]:
    if not _fits(entry, value):
        yield _issue(KIND_CODES.get(entry.kind, "not-text"), edit, entry, value=value)
    elif entry.kind in {"code", "codes"}:
        some = str(value).split("|") if entry.kind == "codes" else [str(value)]  # several stand a|b
        strange = [code for code in some if code not in lists.get(entry.of[0], {})]
        if strange:
            yield _issue("unknown-code", edit, entry, value=", ".join(map(str, strange)))
    elif entry.kind == "asset" and not any(value in there.get(type_, ()) for type_ in entry.of):
        yield _issue("no-such-asset", edit, entry, value=value)
    elif isinstance(value, int | float):
        span = range_of(entry)
        if span is not None and not span.lowest <= value <= span.highest:
            told = {"value": value, "lowest": span.lowest, "highest": span.highest}
            facts = {name: entry.at_border(one) for name, one in told.items()} | {"unit": entry.border}
            yield _issue("out-of-range", edit, entry, **facts)


def _fits(entry: Field, value: object) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if entry.kind == "number":
        return number
    if entry.kind == "integer":
        return number and float(value) == int(value)  # type: ignore[arg-type, call-overload]
    if entry.kind == "boolean":
        return isinstance(value, bool) or value in {0, 1}
    return isinstance(value, str) and (entry.kind != "date" or _is_date(value))


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == len("2026-01-31")


def _issue(reason: str, edit: Edit, entry: Field, **facts: object) -> Issue:
    return Issue(f"edit.{reason}", Weight.BLOCK, edit.type, edit.id, facts={"field": entry.name, **facts})
