"""What do the rows of a file of money say? Headings in either language, cells as people write them."""

import math
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

from wenqu.errors import BadInput
from wenqu.messages import LANGUAGES, sentences
from wenqu.network.formats.proposing import plain
from wenqu.services.money_forms import (
    ContractForm,
    FundForm,
    FundingForm,
    PaymentForm,
    PriceForm,
    VariationForm,
)
from wenqu.services.money_tables import GIVEN, WORDS
from wenqu.survey.formats.list_tables import grids_of

MOST = 2000  # rows of a file
PARTS = re.compile(r"[;；,，、\s]+")
PRICE = re.compile(r"([^:：]+)[:：](?:(\d*)[-–](\d*)[:：])?([\d.]+)")
FORMS: Mapping[str, type] = {
    "funds": FundForm, "contracts": ContractForm, "variations": VariationForm, "payments": PaymentForm,
}  # fmt: skip


def rows_of(table: str, name: str, content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a file that are not empty, each with its number and its cells by column.

    Raises
    ------
    BadInput
        ``money-table``, ``money-columns`` or ``money-empty``.
    """
    if table not in GIVEN:
        raise BadInput("money-table", table=table, known=", ".join(GIVEN))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"money{Path(name).suffix.lower() or '.csv'}"
        path.write_bytes(content)
        grids, _, _ = grids_of(path)
    needed = {column for column, must in GIVEN[table] if must}
    best: set[str] = needed
    for grid in grids:
        cells = [[cell.text.strip() for cell in row] for row in grid.rows]
        for at, row in enumerate(cells[:20]):
            columns = {place: known for place, text in enumerate(row) if (known := _column(table, text))}
            lacking = needed - set(columns.values())
            if not lacking:
                some = [
                    (number, {columns[place]: text for place, text in enumerate(line) if place in columns})
                    for number, line in enumerate(cells[at + 1 :], start=grid.first + at + 1)
                    if any(line)
                ]
                some = [(number, line) for number, line in some if _is_row(line)]
                if not some:
                    raise BadInput("money-empty", file=name)
                if len(some) > MOST:
                    raise BadInput("money-long", file=name, rows=len(some), most=MOST)
                yield from some
                return
            best = min(best, lacking, key=len)
    raise BadInput("money-columns", file=name, missing=", ".join(sorted(best)))


def _is_row(line: Mapping[str, str]) -> bool:
    """Tell whether a line says something: more than one cell, as a line of sums or a note would have."""
    return sum(1 for text in line.values() if text) > 1


@cache
def _headings(table: str) -> dict[str, str]:
    found = {}
    for column, _ in GIVEN[table]:
        found[plain(column)] = column
        for language in LANGUAGES:
            text = sentences(language)[f"money.column.{column}"]
            found[plain(text)] = column
            found[plain(re.sub(r"[（(].*?[)）]", "", text))] = column
    return found


def _column(table: str, text: str) -> str:
    known = _headings(table)
    bare = text.rstrip("* ＊")
    return known.get(plain(bare), known.get(plain(re.sub(r"[（(].*?[)）]", "", bare)), ""))


@cache
def _words(group: str) -> dict[str, str]:
    """Return the codes of a list of words: by code and by word in either language."""
    prefix = f"{group}."
    found = {}
    for language in LANGUAGES:
        for key, text in sentences(language).items():
            if key.startswith(prefix):
                code = key.removeprefix(prefix)
                found[code] = code
                found[text] = code
    return found


def form_of(table: str, cells: Mapping[str, str]) -> Any:
    """Return what a row states.

    Raises
    ------
    BadInput
        A cell cannot be read as what its column holds (``money-cell``).
    """
    made: dict[str, Any] = {}
    for column, _ in GIVEN[table]:
        text = cells.get(column, "").strip()
        if text:
            made[column] = _read(column, text)
    form = FORMS[table]
    given = {entry.name for entry in fields(form)}
    for column, must in GIVEN[table]:
        if must and column not in made:
            raise BadInput("money-cell", column=column, value="", asked=column)
    return form(**{name: value for name, value in made.items() if name in given})


def _read(column: str, text: str) -> Any:
    reader = READERS.get(column)
    if reader is not None:
        return reader(column, text)
    if column in WORDS:
        return _words(WORDS[column]).get(text, text)
    return text


def _number(column: str, text: str) -> float:
    bare = re.sub(r"[,，\s元¥￥]", "", text)
    factor = 1.0
    if bare.endswith("%"):
        bare, factor = bare[:-1], 0.01
    elif bare.endswith("万"):
        bare, factor = bare[:-1], 1e4
    try:
        value = round(float(bare) * factor, 6)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise BadInput("money-cell", column=column, value=text, asked="1234.56")
    return value


def _whole(column: str, text: str) -> int:
    value = _number(column, text)
    if value != int(value):
        raise BadInput("money-cell", column=column, value=text, asked="2026")
    return int(value)


def _day(column: str, text: str) -> str:
    found = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]00:00(?::00)?)?", text)
    if not found:
        raise BadInput("money-cell", column=column, value=text, asked="2026-03-31")
    year, month, day = found.groups()
    return f"{year}-{int(month):02d}-{int(day):02d}"


def _list(column: str, text: str) -> tuple[str, ...]:
    some = tuple(part for part in PARTS.split(text) if part)
    return tuple(_words(WORDS[column]).get(one, one) for one in some) if column in WORDS else some


def _prices(column: str, text: str) -> tuple[PriceForm, ...]:
    found = []
    for part in re.split(r"[;；]", text):
        if not part.strip():
            continue
        match = PRICE.fullmatch(part.strip())
        if not match:
            raise BadInput("money-cell", column=column, value=part, asked="cipp:300-600:1500")
        method, low, high, price = match.groups()
        found.append(
            PriceForm(
                method.strip(), _number(column, price), float(low or 0) / 1000,
                float(high) / 1000 if high else None,
            )
        )  # fmt: skip
    return tuple(found)


def _funding(column: str, text: str) -> tuple[FundingForm, ...]:
    found = []
    for part in re.split(r"[;；]", text):
        fund, sign, amount = part.replace("：", ":").rpartition(":")
        if part.strip() and not sign:
            raise BadInput("money-cell", column=column, value=part, asked="F1:100000")
        if part.strip():
            found.append(FundingForm(fund.strip(), _number(column, amount)))
    return tuple(found)


READERS: Mapping[str, Callable[[str, str], Any]] = {
    **dict.fromkeys(("amount", "price", "advance", "recovered", "progress", "retention"), _number),
    **dict.fromkeys(("year", "defect_days"), _whole),
    **dict.fromkeys(("date", "signed", "begins", "ends"), _day),
    **dict.fromkeys(("uses", "pipes"), _list),
    "prices": _prices,
    "funding": _funding,
}
