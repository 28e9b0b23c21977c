"""What do repairs cost in a city, who set that when and why, and what would a change of it change?"""

import csv
import io
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from wenqu.errors import BadInput
from wenqu.issues import Issue, Weight
from wenqu.planning.costs import (
    Catalogue,
    check_catalogue,
    columns,
    default_text,
    parsed_catalogue,
    read_catalogue,
)
from wenqu.planning.price_doubts import price_doubts
from wenqu.reports.plain_sheet import plain_sheet
from wenqu.services.learned_prices import PRICES as DOCUMENT
from wenqu.services.plan_tables import PRICES, Version, demand_planner, file_table, version, versions
from wenqu.services.rights import Person
from wenqu.store.changes import OpenChange
from wenqu.store.database import Store
from wenqu.survey.formats.list_tables import grids_of

Row = Mapping[str, str]


def own_text(store: Store, city: str, as_of: str | None = None) -> str | None:
    """Return the price table of a city as text, None where it has none of its own."""
    own = store.document(city, DOCUMENT, as_of)
    return None if own is None else own.decode("utf-8-sig")


def faults(book: Catalogue) -> list[Issue]:
    """Return everything that is wrong or far from the default in a price table."""
    found = list(check_catalogue(book))
    wrong = {issue.asset for issue in found}
    return found + [one for one in price_doubts(book, read_catalogue()) if one.asset not in wrong]


def checked_prices(text: str) -> Catalogue:
    """Return a price table that a programme may be made with.

    Raises
    ------
    BadInput
        A column is missing, a row holds nonsense, or a unit was mistaken (元 for 万元).
    """
    book = read_catalogue(text)
    mistaken = [one for one in price_doubts(book, read_catalogue()) if one.weight is Weight.BLOCK]
    if mistaken:
        raise BadInput("catalogue-unit", **mistaken[0].facts, method=mistaken[0].asset, faults=len(mistaken))
    return book


def text_of(rows: Sequence[Row]) -> str:
    """Return rows as the CSV text of a price table.

    Raises
    ------
    BadInput
        There is no row, or a column of no known name.
    """
    strange = {name for row in rows for name in row} - set(columns())
    if strange:
        raise BadInput("catalogue-strange", names=", ".join(sorted(strange)), known=", ".join(columns()))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns(), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(
        {name: " ".join(str(value or "").split()) for name, value in row.items()} for row in rows
    )
    return out.getvalue()


def rows_of(text: str) -> list[dict[str, str]]:
    """Return the rows of a price table as texts, every column there."""
    rows = csv.DictReader(text.lstrip("\ufeff").splitlines())
    return [{name: (row.get(name) or "").strip() for name in columns()} for row in rows]


def text_of_file(content: bytes, name: str) -> str:
    """Return the price table in a CSV file of any usual encoding, or in the first sheet of a workbook.

    Raises
    ------
    FileUnreadable
        It is empty, locked or damaged.
    BadInput
        No row of it is the heading of a price table (``catalogue-columns``).
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"prices{Path(name).suffix.lower() or '.csv'}"
        path.write_bytes(content)
        grids, _, _ = grids_of(path)
    for grid in grids:
        cells = [[cell.text.strip() for cell in row] for row in grid.rows]
        head = next((n for n, row in enumerate(cells) if "method" in row and "price_a" in row), None)
        if head is not None:
            names = cells[head]
            rows = [dict(zip(names, row, strict=False)) for row in cells[head + 1 :]]
            return text_of([{k: v for k, v in row.items() if k} for row in rows if row.get("site")])
    raise BadInput("catalogue-columns", missing="method, price_a")


def difference(before: str, after: str) -> list[dict[str, Any]]:
    """Return what of a price table is another: methods added, removed, and the changed fields of others."""
    old, new = ({row["method"]: row for row in rows_of(text)} for text in (before, after))
    found: list[dict[str, Any]] = []
    for key in [*old, *(key for key in new if key not in old)]:
        one, other = old.get(key), new.get(key)
        row = other or one or {}
        if one is None or other is None:
            kind, fields = ("added" if one is None else "removed"), []
        else:
            kind = "changed"
            fields = [
                {"field": name, "before": one[name], "after": other[name]}
                for name in columns()
                if not _same(one[name], other[name])
            ]
        if kind != "changed" or fields:
            found.append({"method": key, "zh": row["zh"], "en": row["en"], "kind": kind, "fields": fields})
    return found


def _same(one: str, other: str) -> bool:
    try:
        return float(one) == float(other)
    except ValueError:
        return one == other


def preview(store: Store, city: str, text: str) -> dict[str, Any]:
    """Return what a table would change and what is wrong with it; nothing is kept.

    Raises
    ------
    BadInput
        It lacks a column or has a strange one.
    """
    found = faults(parsed_catalogue(text))
    return {
        "issues": [told_issue(one) for one in found],
        "blocked": any(one.weight is Weight.BLOCK for one in found),
        "difference": difference(own_text(store, city) or default_text(), text),
        "rows": rows_of(text),
    }


def told_issue(one: Issue) -> dict[str, Any]:
    """Return an issue of a row of the table for page and program."""
    return {
        "code": one.code,
        "weight": one.weight,
        "method": one.asset,
        "row": one.place.row,
        "facts": one.facts,
    }


def keep_prices(
    store: Store, city: str, text: str, *, person: Person, reason: str, base: str = ""
) -> dict[str, Any]:
    """Keep a price table as the city's, and return its edition with what it changed.

    Parameters
    ----------
    base
        Edition that it was edited from; "" to keep it whatever stands.

    Raises
    ------
    BadInput
        No reason is given, the table holds nonsense, or another was kept meanwhile (``prices-moved``).
    Refused
        The person does not decide for the whole city.
    """
    demand_planner(person, city, reason, DOCUMENT)
    book = checked_prices(text)
    before = own_text(store, city)
    stands = read_catalogue(before).edition
    if base and base != stands:
        raise BadInput("prices-moved", base=base, stands=stands)
    changed = difference(before or default_text(), text)
    with store.change(city, who=person.account, why=f"{DOCUMENT}: {reason}") as change:
        id_ = write_prices(change, text, reason, store.city(city).simulated)
    return {"id": id_, "edition": book.edition, "difference": changed}


def write_prices(change: OpenChange, text: str, reason: str, simulated: bool) -> str:
    """Write a checked price table within a change: the city's document, and a version with its reason."""
    change.write_document(DOCUMENT, text.encode(), "text/csv")
    return file_table(change, PRICES, text, reason, simulated)


def restore_prices(store: Store, city: str, id_: str, *, person: Person, reason: str) -> dict[str, Any]:
    """Keep a former version again, "default" for Wenqu's table; nothing is lost by it.

    Raises
    ------
    Unknown
        There is no such version.
    """
    text = default_text() if id_ == "default" else version(versions(store, city, PRICES), id_).text
    return keep_prices(store, city, text, person=person, reason=reason)


def told_versions(some: Sequence[Version]) -> list[dict[str, Any]]:
    """Return the versions with what each changed of the one before, newest first."""
    found = []
    for place, one in enumerate(some):
        before = some[place + 1].text if place + 1 < len(some) else default_text()
        found.append(
            {
                "id": one.id,
                "at": one.at,
                "by": one.by,
                "reason": one.reason,
                "edition": parsed_catalogue(one.text).edition,
                "difference": difference(before, one.text),
            }
        )
    return found


def prices_file(store: Store, city: str, form: str, as_of: str | None = None) -> bytes:
    """Return the table that holds as a file to edit and give back: csv or xlsx."""
    text = own_text(store, city, as_of) or default_text()
    if form == "csv":
        return ("\ufeff" + text).encode()
    names = columns()
    return plain_sheet(names, [[_cell(row[name]) for name in names] for row in rows_of(text)])


def _cell(value: str) -> float | str:
    try:
        return float(value)
    except ValueError:
        return value
