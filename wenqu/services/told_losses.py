"""What would a download not give back of a register or a selection? Told before it is taken."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from wenqu.errors import BadInput
from wenqu.issues import Issue, Weight
from wenqu.messages import LANGUAGES, say
from wenqu.network.formats.losses import MORE, column_losses, losses, lost
from wenqu.services.city_state import CityState
from wenqu.services.list_register import Asked, columns_of, filled, found_rows
from wenqu.services.register_files import DRAWN, FORMULA, MEDIA, chosen_table
from wenqu.services.register_tables import Rows, register, rows_of_register
from wenqu.services.select_assets import Selection, chosen
from wenqu.store.database import Store

CELL = 32_767  # characters of a cell of a workbook


def register_losses(
    store: Store, state: CityState, name: str, asked: Asked, kind: str
) -> list[dict[str, object]]:
    """Return what the file of a register would not give back, each with its sentences in both languages.

    What a reader leaves out by choice (shapes of a list, columns that are not shown) is a ``note``.

    Raises
    ------
    BadInput
        There is no such format (``export-kind``).
    """
    rows = rows_of_register(store, state, name)
    if kind not in MEDIA:
        raise BadInput("export-kind", kind=kind, known=", ".join(MEDIA))
    found = found_rows(rows, asked)
    if not len(found):
        return []
    names = columns_of(rows, asked.columns)
    if kind in DRAWN and rows.register.of == "assets":
        table = chosen_table(state, rows, found, names)
        told = column_losses(name, {"id": table.ids, **table.fields, **table.extra}, kind)
        return _rows([*told, *_left_out(state, rows, names, table.extra)])
    columns = {one: rows.column(one)[found] for one in names}
    told = column_losses(name, columns, kind)
    if kind == "csv":
        told += lost("export.apostrophes", name, {one: _count(of, _is_armed) for one, of in columns.items()})
    if kind == "xlsx":
        told += lost("export.cells-long", name, {one: _count(of, _is_long) for one, of in columns.items()})
    return _rows([*told, *_shapes(state, rows, found, kind), *_left_out(state, rows, names, ())])


def selection_losses(state: CityState, made: Selection, kind: str) -> list[dict[str, object]]:
    """Return what the file of a selection would not give back."""
    tables = chosen(state, made.ids)
    return _rows(losses(replace(state.network, tables=tables), kind))


def _rows(issues: Sequence[Issue]) -> list[dict[str, object]]:
    return [
        {
            "code": one.code,
            "type": one.type,
            "says": {
                language: say(f"issue.{one.code}.says", language, **_facts(one, language))
                for language in LANGUAGES
            },
            "remedy": {language: say(f"issue.{one.code}.remedy", language) for language in LANGUAGES},
            "note": one.weight is Weight.NOTE,
        }
        for one in issues
    ]


def _facts(one: Issue, language: str) -> dict[str, object]:
    """Return the facts of a loss with the columns as their headings name them."""
    if "columns" not in one.facts:
        return dict(one.facts)
    labels = {entry.name: str(getattr(entry, language)) for entry in register(one.type).fields}
    names = str(one.facts["columns"]).removesuffix(MORE)
    told = say("page.list_and", language).join(labels.get(name, name) for name in names.split(", "))
    return {**one.facts, "columns": told + (MORE if names != one.facts["columns"] else "")}


def _shapes(state: CityState, rows: Rows, found: np.typing.NDArray[np.int64], kind: str) -> list[Issue]:
    if kind in DRAWN or rows.register.of != "assets" or rows.register.geometry == "none":
        return []
    drawn = int(np.count_nonzero(np.diff(state.network.table(rows.register.name).shapes.assets)[found]))
    return [Issue("export.shapes", Weight.NOTE, rows.register.name, facts={"count": drawn})] if drawn else []


def _left_out(state: CityState, rows: Rows, names: Sequence[str], own: Collection[str]) -> list[Issue]:
    gone = [one for one in filled(rows) if one not in names]
    if rows.register.of == "assets":  # columns of the city's own go with all others, in drawn forms
        gone += [one for one in state.network.table(rows.register.name).extra if one not in own]
    return [
        Issue(one.code, Weight.NOTE, one.type, facts=one.facts)
        for one in lost("export.columns-left-out", rows.register.name, dict.fromkeys(gone, 1))
    ]


def _count(values: Any, wanted: Any) -> int:
    return sum(wanted(one) for one in values if isinstance(one, str)) if values.dtype == object else 0


def _is_armed(value: str) -> bool:
    return value[:1] in FORMULA


def _is_long(value: str) -> bool:
    return len(value) > CELL
