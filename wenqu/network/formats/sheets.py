"""Where in a sheet do the headings stand, and what are its columns?

Survey firms put titles above the headings, merge cells, write units below, leave blanks behind and
type full-width digits. What was understood is said; nothing is thrown away silently.
"""

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from wenqu.errors import BadInput
from wenqu.issues import Issue, Place, Weight
from wenqu.network.formats.encodings import Encoding
from wenqu.network.formats.proposing import known_names, plain, without_unit
from wenqu.network.formats.raw import RawLayer
from wenqu.network.geometry import Shapes
from wenqu.units import FACTORS

SEARCHED = 30  # rows in which the headings are looked for
WIDEST = 2000  # columns; a wider sheet is not a table of assets
NARROWED = re.compile(r"^[\x20-\x7e\uff01-\uff5e\u3000]+$")
WHOLE = re.compile(r"^-?(0|[1-9]\d{0,17})$")
TOTAL = re.compile(r"^(本页|本表)?(合计|总计|小计|总和|累计)[::]?$|^(sub|grand)?total:?$", re.IGNORECASE)
SIGNED = re.compile(r"^(制表|填表|审核|校核|校对|复核|填报|制图)(人|单位|日期)?[::]")
LONGEST_WORD = 40  # letters of a cell that may say that its row describes nothing
UNIT_WORDS = {"米", "毫米", "厘米", "公里", "年", *FACTORS}

Cell = object
Rows = Sequence[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A grid of cells as a file gives it."""

    file: str
    name: str
    rows: Rows
    merged: tuple[tuple[tuple[int, int], tuple[int, int]], ...] = ()  # (row, column) first and last
    encoding: Encoding | None = None
    crs: str = ""
    typed: bool = True  # numbers are numbers; False: all cells are text
    ours: bool = False  # we wrote it: the first row holds the headings, and cells are as they stand
    headed: bool = False  # the first row holds the headings, whoever wrote it
    first: int = 1  # number of the first row in the file
    notes: list[Issue] = field(default_factory=list)


def layer_of_sheet(sheet: Sheet) -> tuple[RawLayer | None, list[Issue]]:
    """Return a sheet as a layer without shapes, None when it holds no table, and what was noticed.

    Raises
    ------
    BadInput
        It has more columns than any table of assets.
    """
    rows = [list(row) for row in sheet.rows[: SEARCHED + 3]]
    width = max((_filled(row) for row in rows), default=0)
    if width > WIDEST:
        raise BadInput("too-wide", path=sheet.file, layer=sheet.name, count=width, most=WIDEST)
    at, depth, names = (
        (0, 1, [str(cell) for cell in rows[0]])
        if (sheet.ours or sheet.headed) and rows
        else _headings(rows, sheet.merged)
    )
    if not names or len(sheet.rows) <= at + depth:
        return None, []
    body = [row for row in enumerate(sheet.rows[at + depth :], at + depth) if any(_there(c) for c in row[1])]
    place = Place(sheet.file, sheet.name)
    issues: list[Issue] = []
    if not sheet.ours:
        body, told = _assets_alone(sheet, body)
        issues += told
    if not body:
        return None, []
    if at or depth > 1:
        facts: dict[str, object] = {"row": sheet.first + at, "depth": depth}
        issues.append(Issue("table.headings-below", Weight.NOTE, place=place, facts=facts))
    width = max(len(names), *(len(row) for _, row in body))
    if width > WIDEST:
        raise BadInput("too-wide", path=sheet.file, layer=sheet.name, count=width, most=WIDEST)
    cells = [[row[column] if column < len(row) else None for _, row in body] for column in range(width)]
    numbers = [sheet.first + number for number, _ in body]
    columns, narrowed = _columns(_named(names, width), cells, sheet)
    if narrowed:
        column, row, count = narrowed
        facts = {"count": count, "column": column}
        where = Place(sheet.file, sheet.name, numbers[row])
        issues.append(Issue("table.full-width", Weight.NOTE, place=where, facts=facts))
    size = len(body)
    layer = RawLayer(
        sheet.file,
        sheet.name,
        columns,
        Shapes.empty(size),
        np.repeat(np.array([""], dtype=object), size),
        np.array(numbers, dtype=np.int64),
        sheet.crs,
        sheet.encoding,
    )
    return layer, issues


def _there(cell: Cell) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


def _filled(row: Sequence[Cell]) -> int:
    """Return the number of cells up to the last that holds something."""
    return max((place + 1 for place, cell in enumerate(row) if _there(cell)), default=0)


def _assets_alone(
    sheet: Sheet, body: list[tuple[int, Sequence[Cell]]]
) -> tuple[list[tuple[int, Sequence[Cell]]], list[Issue]]:
    """Return the rows without those that describe no asset, and what those say."""
    aside = {number: row for number, row in body if _is_no_asset(row)}
    issues = []
    for number, row in aside.items():
        facts: dict[str, object] = {"says": " ".join(text for text in _texts(row) if text)}
        place = Place(sheet.file, sheet.name, sheet.first + number)
        issues.append(Issue("table.no-asset", Weight.NOTE, place=place, facts=facts))
    return [entry for entry in body if entry[0] not in aside] if aside else body, issues


def _is_no_asset(row: Sequence[Cell]) -> bool:
    """Tell whether a row adds the others up, or is signed, instead of describing something."""
    first = next((cell for cell in row if _there(cell)), None)
    if not isinstance(first, str) or len(first) > LONGEST_WORD:
        return False
    word = heading(first).replace(" ", "")
    return bool(TOTAL.match(word) or SIGNED.match(word))


def _texts(row: Sequence[Cell]) -> list[str]:
    return [heading(cell) for cell in row]


def heading(cell: Cell) -> str:
    """Return a heading without line breaks, outer blanks and full-width letters."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text_of_cell(cell) or "")).strip()


def _headings(
    rows: list[list[Cell]], merged: tuple[tuple[tuple[int, int], tuple[int, int]], ...]
) -> tuple[int, int, list[str]]:
    """Return the row of the headings, how many rows they take (two levels, units below), and the names."""
    best, at = 0.0, -1
    for place, row in enumerate(rows[:SEARCHED]):
        score = _score(_texts(row), row) - 0.01 * place
        if score > best + 1e-9:
            best, at = score, place
    if at < 0:
        return 0, 0, []
    names = _texts(_spread(rows, at, merged))
    depth = 1
    below = rows[at + 1] if at + 1 < len(rows) else []
    joined = _joined(names, _texts(below))
    if merged and _only_text(below) and _known(joined) > _known(names) and any(_texts(below)):
        names, depth = joined, 2
    units = _texts(rows[at + depth]) if at + depth < len(rows) else []
    if any(units) and all(not text or text.strip("()（）") in UNIT_WORDS for text in units):
        padded = [*units, *[""] * (len(names) - len(units))]
        names = [
            f"{name}({unit.strip('()（）')})" if unit else name
            for name, unit in zip(names, padded, strict=False)
        ]
        depth += 1
    return at, depth, names


def _spread(
    rows: list[list[Cell]], at: int, merged: tuple[tuple[tuple[int, int], tuple[int, int]], ...]
) -> list[Cell]:
    """Return a row with the value of each merged block in all of its cells."""
    row = list(rows[at])
    for (top, left), (bottom, right) in merged:
        if top <= at <= bottom:
            value = rows[top][left] if left < len(rows[top]) else None
            row += [None] * (right + 1 - len(row))
            row[left : right + 1] = [value] * (right + 1 - left)
    return row


def _joined(above: list[str], below: list[str]) -> list[str]:
    size = max(len(above), len(below))
    top = [*above, *[""] * (size - len(above))]
    low = [*below, *[""] * (size - len(below))]
    return [one if one == two or not two else f"{one}{two}" for one, two in zip(top, low, strict=True)]


def _only_text(row: Sequence[Cell]) -> bool:
    return all(cell is None or isinstance(cell, str) for cell in row)


def _known(names: list[str]) -> int:
    known = known_names()
    return sum(plain(name) in known or plain(without_unit(name)[0]) in known for name in set(names) if name)


def _score(names: list[str], row: Sequence[Cell]) -> float:
    distinct = {name for name, cell in zip(names, row, strict=True) if name and isinstance(cell, str)}
    words = [name for name in distinct if not re.fullmatch(r"[-+\d.,:/ ]+", name)]
    return (3.0 * _known(words) + len(words)) if len(words) > 1 or len(names) == 1 else 0.0


def _named(names: list[str], width: int) -> list[str]:
    """Return a name of its own for each column."""
    made: list[str] = []
    taken: set[str] = set()
    for place in range(width):
        name = names[place] if place < len(names) and names[place] else f"#{letters(place)}"
        own, number = name, 2
        while own in taken:
            own, number = f"{name}#{number}", number + 1
        taken.add(own)
        made.append(own)
    return made


def letters(place: int) -> str:
    """Return the letters of a spreadsheet's column, counted from 0."""
    text = ""
    place += 1
    while place:
        place, left = divmod(place - 1, 26)
        text = chr(65 + left) + text
    return text


def _columns(
    names: list[str], cells: list[list[Cell]], sheet: Sheet
) -> tuple[dict[str, pa.Array], tuple[str, int, int] | None]:
    """Return the columns that hold anything, and where full-width characters were made narrow."""
    made: dict[str, pa.Array] = {}
    seen: tuple[str, int, int] | None = None
    for name, values in zip(names, cells, strict=True):
        if name.startswith("#") and not any(map(_there, values)):
            continue
        if not sheet.ours:
            places = [row for row, cell in enumerate(values) if _is_wide(cell)]
            for row in places:
                values[row] = unicodedata.normalize("NFKC", str(values[row])).strip()
            if places:
                seen = (seen[0], seen[1], seen[2] + len(places)) if seen else (name, places[0], len(places))
        made[name] = column_of_cells(values, typed=sheet.typed)
    return made, seen


def _is_wide(cell: Cell) -> bool:
    """Tell whether a text is nothing but full-width forms of plain characters (and plain ones)."""
    return isinstance(cell, str) and not cell.isascii() and bool(NARROWED.match(cell))


def text_of_cell(cell: Cell) -> str | None:
    """Return a cell as text: whole numbers without a point, dates as 2024-06-01."""
    if cell is None or isinstance(cell, str):
        return cell if cell is None or cell.strip() else None
    if isinstance(cell, float):
        if math.isnan(cell):
            return None
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        whole = not (cell.hour or cell.minute or cell.second or cell.microsecond)
        return cell.date().isoformat() if whole else cell.isoformat(sep=" ")
    return cell.isoformat() if isinstance(cell, dt.date | dt.time) else str(cell)


def column_of_cells(cells: list[Cell], *, typed: bool) -> pa.Array:
    """Return cells as one column: numbers if all are (in text only if no digit is lost), else text."""
    there = [cell if _there(cell) else None for cell in cells]
    kinds = {type(cell) for cell in there if cell is not None}
    if kinds == {bool}:
        return pa.array(there, pa.bool_())
    if kinds and kinds <= {int, float}:
        return _numbers([None if cell is None else float(str(cell)) for cell in there])
    if typed or kinds != {str}:
        return pa.array([text_of_cell(cell) for cell in there], pa.string())
    texts = [None if cell is None else str(cell) for cell in there]
    if all(text is None or WHOLE.match(text) for text in texts):
        return pa.array([None if text is None else int(text) for text in texts], pa.int64())
    if all(text is None or _same_number(text) for text in texts):
        return pa.array([None if text is None else float(text) for text in texts], pa.float64())
    return pa.array(texts, pa.string())


def _numbers(values: list[float | None]) -> pa.Array:
    finite = [None if value is None or not math.isfinite(value) else value for value in values]
    if all(value is None or (value.is_integer() and abs(value) < 2**53) for value in finite):
        return pa.array([None if value is None else int(value) for value in finite], pa.int64())
    return pa.array(finite, pa.float64())


def _same_number(text: str) -> bool:
    """Tell whether a text is a number that is written back as it stands."""
    try:
        number = float(text)
    except ValueError:
        return False
    return math.isfinite(number) and (repr(number) == text or bool(WHOLE.match(text)))
