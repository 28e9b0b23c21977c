"""How does a delivered column become a column of a field's kind, and which of its values cannot?"""

import csv
import datetime as dt
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from wenqu.network.formats.plain_texts import all_plain
from wenqu.network.formats.script_forms import simplified
from wenqu.network.model import Column, Later, missing_column
from wenqu.network.schema import Field, code_lists, schema_family
from wenqu.units import factor

YES = {"1", "1.0", "true", "t", "yes", "y", "是", "有", "√"}
NO = {"0", "0.0", "false", "f", "no", "n", "否", "无", "×"}
DATE = re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[-T ].*)?$")
COMPACT_DATE = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
SIZE = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*[xX×*＊]\s*(\d+(?:\.\d+)?)\s*$")  # width × height
SAMPLE = 2000  # rows that tell whether a column repeats itself
DAY_ZERO = dt.date(1899, 12, 30)  # of spreadsheets, from March 1900 on
DAY_NUMBER = re.compile(r"^\d{5}(\.\d+)?$")
NONE = np.empty(0, np.int64)  # rows
NOTHING = {"", "-", "--", "/", "null", "none", "nan", "无数据", "不详", "未知", "<null>"}
LONGEST = max(map(len, NOTHING))


@dataclass(frozen=True, slots=True)
class Converted:
    """A column of a field's kind, and the rows whose value could not be read."""

    held: Column | Later
    failed: npt.NDArray[np.int64]

    @property
    def values(self) -> Column:
        """Return the column itself."""
        return self.held.make() if isinstance(self.held, Later) else self.held


class _Bad:
    """Stands for a value that cannot be read."""


_BAD = _Bad()
Reader = Callable[[object], object]


@cache
def foreign_codes() -> dict[tuple[str, str], dict[str, str]]:
    """Return the codes of other schemas: (schema, list) → delivered code → ours."""
    text = (files("wenqu.network") / "assets" / "code_maps.csv").read_text(encoding="utf-8")
    found: dict[tuple[str, str], dict[str, str]] = {}
    for row in csv.DictReader(text.splitlines()):
        found.setdefault((row["schema"], row["list"]), {})[row["foreign"].casefold()] = row["code"]
    return found


def known_codes(list_: str, schema: str, own: Mapping[str, str], type_: str = "") -> dict[str, str]:
    """Return every spelling of a code list's values, casefolded, with our code.

    The map's own codes win over our codes, these over labels in both languages, over the lists of the
    delivery's schema (one of its own for a type stands for the whole list), over the letters of CJJ 61-2017,
    over the words that crews use (砼, 方沟).
    """
    spellings: dict[str, str] = dict(foreign_codes().get(("spoken", list_), {}))
    spellings |= foreign_codes().get(("cjj61", list_), {})
    for name in reversed(schema_family(schema)):
        own_list = foreign_codes().get((name, f"{type_}.{list_}"))
        spellings |= own_list or foreign_codes().get((name, list_), {})
    for code, entry in code_lists()[list_].items():
        spellings |= {entry.zh.casefold(): code, entry.en.casefold(): code}
    spellings |= {code.casefold(): code for code in code_lists()[list_]}
    return spellings | {key.casefold(): code for key, code in own.items()}


def converted(
    column: pa.Array, entry: Field, unit: str = "", codes: Mapping[str, str] | None = None
) -> Converted:
    """Return a delivered column as one of the field's kind; each distinct value is read once."""
    kind = column.type
    if entry.kind == "number" and (pa.types.is_floating(kind) or pa.types.is_integer(kind)):
        numbers = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        scale = factor(unit) if unit else 1.0
        failed = NONE
        if not np.isfinite(numbers).all():
            endless = np.isinf(numbers)
            numbers, failed = np.where(endless, np.nan, numbers), np.flatnonzero(endless)
        return Converted(numbers if scale == 1.0 else numbers * scale, failed)
    if entry.kind in {"text", "asset"}:
        if all_plain(column):
            return Converted(Later(partial(texts_of, column), missing=not len(column)), NONE)
        if _repeats(column):
            return Converted(_spread(*_pool(column.dictionary_encode(), text_of)), NONE)
        return Converted(texts_of(column), NONE)
    read = _reader(entry, unit, codes or {})
    distinct, places = _pool(column.dictionary_encode(), read)
    bad = np.array([value is _BAD for value in distinct], dtype=bool)
    failed = np.flatnonzero(bad[places]) if bad.any() else NONE
    pool = missing_column(entry.kind, len(distinct))
    for row, value in enumerate(distinct):
        if value is not _BAD and value is not None:
            pool[row] = value
    return Converted(pool[places] if pool.dtype != np.object_ else _spread(pool, places), failed)


def _pool(encoded: pa.DictionaryArray, read: Reader) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.int32]]:
    """Return what each distinct value says, None last, and which of them stands in each row."""
    pool = np.empty(len(encoded.dictionary) + 1, dtype=object)
    pool[:-1] = [read(value) for value in encoded.dictionary.to_pylist()]
    return pool, encoded.indices.fill_null(len(pool) - 1).to_numpy(zero_copy_only=False)


def _spread(pool: Column, places: npt.NDArray[np.int32]) -> Later:
    """Return a column of a few distinct values, to be made when it is asked for."""
    filled = np.array([value is not None for value in pool], dtype=bool)
    missing = not len(places) or (not filled[places[0]] and not filled[places].any())
    return Later(partial(np.take, pool, places), missing=missing)


def _reader(entry: Field, unit: str, codes: Mapping[str, str]) -> Reader:
    scale = factor(unit) if unit else 1.0
    readers: dict[str, Reader] = {
        "number": lambda value: _number(value, scale),
        "integer": _year if entry.name == "year" else _integer,
        "boolean": _boolean,
        "date": _date,
        "code": lambda value: _code(value, codes),
        "codes": lambda value: _codes(value, codes),
    }
    return readers[entry.kind]


def text_of(value: object) -> str | None:
    """Return a value as trimmed text; whole floats lose their point; nothing written is None."""
    if isinstance(value, str):
        text = value.strip()
        return text if len(text) > LONGEST or text.casefold() not in NOTHING else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, float) and math.isnan(value):
        return None
    text = str(value).strip() if value is not None else ""
    return None if text.casefold() in NOTHING else text


def texts_of(column: pa.Array) -> npt.NDArray[np.object_]:
    """Return a whole column as ``text_of`` its values, None where nothing is written."""
    if not _is_text(column.type) or _repeats(column):
        pool, places = _pool(column.dictionary_encode(), text_of)
        return np.asarray(pool[places])
    if all_plain(column):
        return np.asarray(column.to_numpy(zero_copy_only=False))
    trimmed = pc.utf8_trim_whitespace(column)
    nothing = pc.is_in(pc.utf8_lower(trimmed), value_set=pa.array(sorted(NOTHING), column.type))
    return np.asarray(pc.if_else(nothing, None, trimmed).to_numpy(zero_copy_only=False))


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _repeats(column: pa.Array) -> bool:
    """Tell whether a column says the same again and again, going by its first rows."""
    if pa.types.is_dictionary(column.type):
        return True
    first = column[:SAMPLE]
    return len(first) == SAMPLE and len(first.unique()) * 2 < SAMPLE


def _number(value: object, scale: float) -> object:
    text = text_of(value)
    if text is None:
        return None
    try:
        number = float(text.replace(",", "").upper().removeprefix("DN"))
    except ValueError:
        return _BAD
    return number * scale if math.isfinite(number) else _BAD


def _integer(value: object) -> object:
    number = _number(value, 1.0)
    return number if not isinstance(number, float) or number.is_integer() else _BAD


def _year(value: object) -> object:
    text = text_of(value)
    if text is None:
        return None
    return float(text[:4]) if re.match(r"^\d{4}(\D|$)", text) or COMPACT_DATE.match(text) else _BAD


def _boolean(value: object) -> object:
    text = text_of(value)
    if text is None:
        return None
    if text.casefold() in YES:
        return 1
    return 0 if text.casefold() in NO else _BAD


def is_day_number(value: object) -> bool:
    """Tell whether a value may be a date as spreadsheets count days (1954 to 2119)."""
    text = value.strip() if isinstance(value, str) else text_of(value) or ""
    return bool(DAY_NUMBER.match(text)) and 20_000 <= float(text) <= 80_000


def _date(value: object) -> object:
    text = text_of(value)
    if text is None:
        return None
    if is_day_number(text):
        return (DAY_ZERO + dt.timedelta(days=int(text.partition(".")[0]))).isoformat()
    match = DATE.match(text) or COMPACT_DATE.match(text)
    if not match or not (1 <= int(match[2]) <= 12 and 1 <= int(match[3]) <= 31):
        return _BAD
    return f"{match[1]}-{int(match[2]):02d}-{int(match[3]):02d}"


def _code(value: object, codes: Mapping[str, str]) -> object:
    text = text_of(value)
    return None if text is None else _meant(codes, text)


def _codes(value: object, codes: Mapping[str, str]) -> object:
    text = text_of(value)
    if text is None:
        return None
    found = [_meant(codes, part.strip()) for part in re.split(r"[,;|、，；]", text) if part.strip()]
    return _BAD if _BAD in found else "|".join(str(code) for code in found)


def _meant(codes: Mapping[str, str], text: str) -> object:
    """Return the code that a spelling stands for, in simplified or traditional characters."""
    folded = text.casefold()
    return codes.get(folded) or codes.get(simplified(folded), _BAD)


def sizes(column: pa.Array, unit: str) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return widths and heights of sections written as "1000X800" (width × height), NaN where not. [m]"""
    encoded = column.cast(pa.string()).dictionary_encode()
    scale = factor(unit) if unit else 1.0
    pairs = np.full((len(encoded.dictionary) + 1, 2), np.nan)
    for row, text in enumerate(encoded.dictionary.to_pylist()):
        match = SIZE.match(text)
        if match:
            pairs[row] = float(match[1]) * scale, float(match[2]) * scale
    places = pc.fill_null(encoded.indices, len(encoded.dictionary)).to_numpy(zero_copy_only=False)
    return pairs[places, 0], pairs[places, 1]


def as_delivered(column: pa.Array, wanted: str = "") -> npt.NDArray[Any]:
    """Return a column that nobody knows as it came: numbers as numbers, all else as text or None.

    ``wanted`` names the kind (number, integer, boolean, text) that a format of bare text lost.
    """
    column = _as_wanted(column, wanted)
    kind = column.type
    if pa.types.is_dictionary(kind):
        names = np.array([*column.dictionary.to_pylist(), None], dtype=object)
        return np.asarray(names[column.indices.fill_null(len(names) - 1).to_numpy(zero_copy_only=False)])
    if pa.types.is_floating(kind) and pc.any(pc.is_inf(column)).as_py():
        column = column.cast(pa.string())
    elif pa.types.is_floating(kind) or (pa.types.is_integer(kind) and not column.null_count):
        return np.asarray(column.to_numpy(zero_copy_only=False))
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind) or pa.types.is_time(kind):
        column = column.cast(pa.string())
    values = np.empty(len(column), dtype=object)
    values[:] = column.to_pylist()
    return values


def _as_wanted(column: pa.Array, wanted: str) -> pa.Array:
    type_ = {"number": pa.float64(), "integer": pa.int64(), "boolean": pa.bool_(), "text": pa.string()}.get(
        wanted
    )
    if type_ is None or column.type == type_:
        return column
    try:
        return column.cast(type_)
    except pa.ArrowInvalid:  # edited since it was written
        return column
