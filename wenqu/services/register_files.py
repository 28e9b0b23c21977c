"""A register as a file: exactly the rows and columns that are listed, and the empty sheet to fill in."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from wenqu.errors import BadInput
from wenqu.messages import say
from wenqu.network.formats.workbooks import LISTS
from wenqu.network.formats.writing import write_geojson, write_geopackage
from wenqu.network.model import Assets, Network
from wenqu.network.schema import Code, Field
from wenqu.records.registry import every_code_list, opens, record_kinds
from wenqu.services.city_state import CityState
from wenqu.services.draw_records import drawn_records
from wenqu.services.list_register import Asked, cells, columns_of, found_rows, sorted_rows
from wenqu.services.register_tables import ID, Rows, register, rows_of_register
from wenqu.store.database import Store

MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "gpkg": "application/geopackage+sqlite3",
    "geojson": "application/geo+json",
}
DRAWN = {"gpkg": write_geopackage, "geojson": write_geojson}
FORMULA = {"=", "+", "-", "@", "\t"}  # so begins what a spreadsheet takes for a formula
LAST_ROW = 1_048_575  # rows below the heading that a sheet has
FILLED = 5000  # rows of a template that check what is typed
FIRST = re.compile(r"(?:(?<=^)|(?<=[;,] ))[a-z0-9_.]+(?=$|[ ,;])")  # word of each part of a text
PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


@dataclass(frozen=True, slots=True)
class RegisterFile:
    """What is handed out."""

    content: bytes
    rows: int


def export_register(
    store: Store, state: CityState, name: str, asked: Asked, kind: str, language: str
) -> RegisterFile:
    """Return what is listed as CSV, XLSX, GeoPackage or GeoJSON.

    Drawn forms of all columns (``columns=*``) hold those too that nobody knows.

    Raises
    ------
    BadInput
        There is no such format (``export-kind``).
    Refused
        GeoJSON needs degrees, and the city's coordinate system is not known.
    """
    rows = rows_of_register(store, state, name)
    if kind not in MEDIA:
        raise BadInput("export-kind", kind=kind, known=", ".join(MEDIA))
    found = found_rows(rows, asked)
    order = sorted_rows(rows, found, asked.sort, len(found)) if len(found) else found
    names = columns_of(rows, asked.columns)
    if kind in DRAWN and rows.register.of == "records":
        return RegisterFile(drawn_records(rows, order, names, kind), len(order))
    if kind in DRAWN:
        return RegisterFile(_drawn(state, rows, order, names, kind), len(order))
    table = [
        [told_in_words(rows.register.field(one), value, language) for value in cells(rows, one, order)]
        for one in names
    ]
    head = [heading(rows.register.field(one), language) for one in names]
    lines = zip(*table, strict=True) if table else iter(())
    title = getattr(rows.register, language)
    content = _csv(head, lines) if kind == "csv" else _xlsx(head, list(lines), title)
    return RegisterFile(content, len(order))


def heading(entry: Field, language: str) -> str:
    """Return the heading of a column with its unit."""
    named = str(getattr(entry, language))
    return f"{named} ({entry.border})" if entry.border else named


def told_in_words(entry: Field, value: object, language: str) -> object:
    """Return a value as it is read: codes by their words, yes and no in the language."""
    if isinstance(value, bool):
        return say("register.yes" if value else "register.no", language)
    if value is None:
        return None
    if entry.kind in {"code", "codes"} and entry.of:
        known = every_code_list().get(entry.of[0], {})
        some = str(value).split("|")
        return "; ".join(getattr(known[one], language) if one in known else str(one) for one in some)
    if entry.kind == "text" and entry.of:
        return worded(str(value), every_code_list()[entry.of[0]], language)
    return value if isinstance(value, int | float) else str(value).replace("\0", "")


def worded(text: str, known: Mapping[str, Code], language: str) -> str:
    """Return a text of several parts with the code that begins a part by its word.

    Examples
    --------
    >>> roles = {"owner": Code("owner", "建设单位", "owner", "")}
    >>> worded("owner 水务集团; 其他", roles, "zh")
    '建设单位 水务集团; 其他'
    """
    return FIRST.sub(lambda one: str(getattr(known.get(one[0], None), language, one[0])), text)


def _csv(head: Sequence[str], lines: Any) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([_unarmed(value) for value in line] for line in lines)
    return b"\xef\xbb\xbf" + out.getvalue().encode()  # spreadsheets take it for UTF-8 by this mark


def _unarmed(value: object) -> object:
    """Return a text that a spreadsheet does not take for a formula, a whole number without a point."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return f"'{value}" if isinstance(value, str) and value[:1] in FORMULA else value


def _xlsx(head: Sequence[str], lines: Sequence[Sequence[object]], title: str) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, **PLAIN})
    bold = book.add_format(
        {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E0EDF5", "bottom": 1}
    )
    for number, first in enumerate(range(0, max(len(lines), 1), LAST_ROW), 1):
        sheet = book.add_worksheet(title[:28] if number == 1 else f"{title[:24]} {number}")
        sheet.write_row(0, 0, head, bold)
        sheet.freeze_panes(1, 1)
        part = lines[first : first + LAST_ROW]
        for row, line in enumerate(part, 1):
            for column, value in enumerate(line):
                if value is not None:
                    sheet.write(row, column, value)
        sheet.autofilter(0, 0, max(len(part), 1), max(len(head) - 1, 0))
        sheet.set_column(0, max(len(head) - 1, 0), 16)
    book.close()
    return out.getvalue()


def _drawn(
    state: CityState, rows: Rows, order: np.typing.NDArray[np.int64], names: Sequence[str], kind: str
) -> bytes:
    table = chosen_table(state, rows, order, names)
    with TemporaryDirectory(prefix="wenqu-") as folder:
        path = Path(folder) / f"register.{kind}"
        DRAWN[kind](path, Network(state.network.city, {table.type: table}))
        return path.read_bytes() if path.exists() else b""


def chosen_table(
    state: CityState, rows: Rows, order: np.typing.NDArray[np.int64], names: Sequence[str]
) -> Assets:
    """Return rows and columns of a register of assets; columns that nobody knows go with all others only."""
    table = state.network.table(rows.register.name).take(order)
    kept = {name: column for name, column in table.fields.items() if name in names}
    extra = table.extra if len(kept) == len(table.fields) else {}
    return replace(table, fields=kept, extra=extra)


def template(name: str, language: str) -> bytes:
    """Return an empty sheet to fill in: headings in both languages with units, codes as drop-downs.

    Raises
    ------
    BadInput
        The rows of the register come about by a deed, which is named (``template``).
    """
    import xlsxwriter

    which = register(name)
    fields = template_fields(name)
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, **PLAIN})
    sheet, lists = book.add_worksheet(name), book.add_worksheet(LISTS)
    needed = book.add_format(
        {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#FDE9D9", "bottom": 1}
    )
    plain = book.add_format(
        {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E0EDF5", "bottom": 1}
    )
    columns = [*fields, *_coordinates(which.geometry)]
    for column, entry in enumerate(columns):
        sheet.write(0, column, template_heading(entry), needed if entry.required else plain)
        sheet.write_comment(0, column, _comment(entry, language))
        _drop_down(sheet, lists, column, entry)
    lists.hide()  # what is hidden is no data
    sheet.set_column(0, len(columns) - 1, 18)
    sheet.set_row(0, 48)
    sheet.freeze_panes(1, 1)
    book.close()
    return out.getvalue()


def template_fields(name: str) -> list[Field]:
    """Return the columns of a register that people fill in, the id first where a row has one.

    Raises
    ------
    BadInput
        The rows of the register come about by a deed, which is named (``template``).
    """
    which = register(name)
    if which.of == "assets":
        return list(which.fields)
    kind = record_kinds()[name]
    if not (kind.written or kind.filed):
        raise BadInput("template", register=kind.name, deed=kind.deed["en"])
    open_ = [entry for entry in which.fields[1:] if opens(kind, entry)]
    return open_ if kind.keyed else [which.fields[0], *open_]


def template_heading(entry: Field) -> str:
    """Return the heading of a column in both languages, with its unit."""
    unit = f" ({entry.border})" if entry.border else ""
    return f"{entry.zh} {entry.en}{unit}"


def _coordinates(geometry: str) -> tuple[Field, ...]:
    if geometry != "point":
        return ()
    return (
        Field("x", "number", (), "m", "", False, "横坐标", "easting", ""),
        Field("y", "number", (), "m", "", False, "纵坐标", "northing", ""),
    )


def _comment(entry: Field, language: str) -> str:
    told = [f"{entry.name} · {say(f'register.kind.{entry.kind}', language)}"]
    if entry.required:
        told.append(say("register.required", language))
    if entry.kind == "asset":
        told.append(" | ".join(entry.of))
    example = _example(entry)
    if example is not None:
        told.append(say("register.example", language, value=example))
    if entry.source:
        told.append(entry.source)
    return "\n".join(told)


def _drop_down(sheet: Any, lists: Any, column: int, entry: Field) -> None:
    """Let a column take only the words of its code list; the words stand on the sheet of codes."""
    rule: dict[str, Any] = {}
    if entry.kind == "boolean":
        rule = {"validate": "list", "source": ["是", "否"]}
    elif entry.kind == "code" and entry.of:
        words = [one.zh for one in every_code_list()[entry.of[0]].values()]
        lists.write(0, column, entry.of[0])
        lists.write_column(1, column, words)
        letters = _letters(column)
        rule = {"validate": "list", "source": f"={LISTS}!${letters}$2:${letters}${len(words) + 1}"}
    elif entry.kind in {"number", "integer"}:
        rule = {"validate": "decimal" if entry.kind == "number" else "integer", "criteria": "between",
                "minimum": -1e9, "maximum": 1e9}  # fmt: skip
    if rule:
        sheet.data_validation(1, column, FILLED, column, {**rule, "ignore_blank": True})


def _letters(column: int) -> str:
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(column))


def _example(entry: Field) -> object:
    if entry is ID:
        return "WS-0001"
    if entry.kind == "code" and entry.of:
        words = every_code_list()[entry.of[0]]
        return words[entry.default].zh if entry.default in words else next(iter(words.values())).zh
    if entry.kind == "boolean":
        return None
    if entry.kind == "asset":
        return "WS-0002" if entry.required else None
    return "2020-01-31" if entry.kind == "date" else None
