"""What does a survey in the text format of EN 13508-2 say? Blocks #A (how it is written), #B, #C, #Z."""

import codecs
import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from wenqu.errors import FileUnreadable
from wenqu.issues import Issue, Place, Weight
from wenqu.network.formats.encodings import text_of_bytes
from wenqu.records.inspection import Defect, Inspection
from wenqu.standards.observations import EN
from wenqu.survey.check_seen import check_seen, closed, issue_at, media_of, with_own_ids
from wenqu.survey.delivery import Peek, SeenAsset, SurveyDelivery
from wenqu.survey.values import NAN, day, film_second, number, quantities, ring, time_of_day, trimmed

NAME = "EN 13508-2"
EDITION = "2003+A1:2011"
METHODS = {"A": "visual", "B": "cctv", "C": "qv"}  # ABE, from memory
DIRECTIONS = {"A": "downstream", "B": "upstream"}
# Header codes that have a field of ours; every other is kept as a fact under its own code.
FIELDS = {"AAA", "AAB", "ADA", "CAA"} | {f"{of}B{field}" for of in "AC" for field in "AFGHPS"}
KNOWN_COLUMNS = "ABCDEFGHIJKLMN"


@dataclass(slots=True)
class Dialect:
    """How the file says that it is written."""

    encoding: str = "UTF-8"
    separator: str = ","
    decimal: str = "."
    quote: str = '"'

    def cells(self, line: str) -> list[str]:
        """Return the cells of one line."""
        quote = {"quotechar": self.quote} if self.quote else {"quoting": csv.QUOTE_NONE}
        [cells] = csv.reader([line], delimiter=self.separator, strict=False, **quote)  # type: ignore[call-overload]
        return [str(cell) for cell in cells]


@dataclass(slots=True)
class Block:
    """One inspection while its lines come in."""

    line: int  # of its first line, counted from 1
    header: dict[str, str] = field(default_factory=dict)
    columns: list[str] = field(default_factory=list)
    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    ended: bool = False


def recognises(peek: Peek) -> bool:
    """Tell whether a file is such a text: it says so in its first lines."""
    start = peek.head[:4096].replace(b"\x00", b"")
    return b"#A" in start and (b"#B" in peek.head.replace(b"\x00", b"") or b"#C=" in start)


def read(path: Path) -> SurveyDelivery:
    """Return the inspections of a text file; rows that cannot be right are kept and said.

    Raises
    ------
    FileUnreadable
        It holds no inspection.
    """
    text, dialect, issues = _text(path)
    seen: list[SeenAsset] = []
    for block in _blocks(text, dialect, path.name, issues):
        if not block.header and not block.rows:
            continue
        where = Place(path.name, row=block.line)
        if not block.ended:
            issues.append(issue_at("survey.no-end", Weight.DOUBT, where))
        asset = _asset(block, dialect, path.name, issues)
        asset, open_issues = closed(asset, where)
        seen.append(asset)
        length = number(block.header.get("ABQ", ""), dialect.decimal)
        issues += [*open_issues, *check_seen(asset, where, length)]
    if not seen:
        raise FileUnreadable("no-inspection", path=path.name)
    own, again = with_own_ids(seen, path.name)
    return SurveyDelivery(NAME, f"{EN} {own[0].inspection.edition}", dialect.encoding, own, (*issues, *again))


def _dialect(start: str) -> Dialect:
    """Return how the file says in its #A lines that it is written."""
    told = dict(line.split("=", 1) for line in start.splitlines() if line.startswith("#A") and "=" in line)
    return Dialect(
        told.get("#A1", "UTF-8").split(":")[0].strip(),
        told.get("#A3", "")[:1] or ",",
        told.get("#A4", "").strip()[:1] or ".",
        told.get("#A5", '"').strip()[:1],
    )


def _text(path: Path) -> tuple[str, Dialect, list[Issue]]:
    """Return the text, decoded as it says or, where that fails, as its bytes are."""
    data = path.read_bytes()
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf"))
    told = text_of_bytes(data) if marked else None
    dialect = _dialect(told.text[:2048] if told else data[:2048].decode("latin-1"))
    if told is None:
        try:
            return data.decode(codecs.lookup(dialect.encoding).name), dialect, []
        except (LookupError, UnicodeDecodeError):
            told = text_of_bytes(data)
    issues = []
    if told.encoding.name.casefold() != dialect.encoding.casefold() and not told.encoding.plain:
        facts = {"said": dialect.encoding, "used": told.encoding.name}
        issues.append(issue_at("survey.encoding", Weight.NOTE, Place(path.name, row=1), **facts))
    issues += [
        issue_at("survey.broken-text", Weight.FAULT, Place(path.name, row=line)) for line in told.broken
    ]
    dialect.encoding = told.encoding.name
    return told.text, dialect, issues


def _blocks(text: str, dialect: Dialect, file: str, issues: list[Issue]) -> Iterator[Block]:
    block, head = Block(1), list[str]()
    for count, raw in enumerate(text.split("\n"), 1):
        line = raw.rstrip("\r")
        if line.startswith("#B"):
            if block.columns:  # a new header without the end of the last
                yield block
                block = Block(count)
            block.line = block.line if block.header else count
            head = dialect.cells(line.partition("=")[2])
        elif line.startswith("#C"):
            block.columns, head = dialect.cells(line.partition("=")[2]), []
        elif line.startswith("#Z"):
            block.ended = True
            yield block
            block, head = Block(count + 1), []
        elif line.startswith("#A") or not line.strip():
            continue
        elif head:
            values = dialect.cells(line)
            block.header |= {
                key.strip(): value.strip() for key, value in zip(head, values, strict=False) if value.strip()
            }
            if len(values) != len(head):
                facts = {"cells": len(values), "columns": len(head)}
                issues.append(issue_at("survey.row-shape", Weight.FAULT, Place(file, row=count), **facts))
            head = []
        elif block.columns:
            block.rows.append((count, dialect.cells(line)))
        else:
            issues.append(issue_at("survey.stray-line", Weight.FAULT, Place(file, row=count), text=line[:80]))
    yield block


def _asset(block: Block, dialect: Dialect, file: str, issues: list[Issue]) -> SeenAsset:
    head = block.header
    manhole = "CAA" in head and "AAA" not in head
    of = "C" if manhole else "A"
    asset = head.get("CAA" if manhole else "AAA", "")
    standard, _, edition = head.get(f"{of}BA", f"{EN}:{EDITION}").partition(":")
    date, time = day(head.get(f"{of}BF", "")), time_of_day(head.get(f"{of}BG", ""))
    start, end = _ends(head)
    key = " ".join(part for part in (asset or f"{start}-{end}", date, time) if part)
    rows = tuple(_rows(block, dialect, file, (asset, date, key), issues))
    method = "manhole" if manhole else METHODS.get(head.get("ABE", ""), "cctv")
    film = head.get(f"{of}BS", "")
    length = _length(rows, number(head.get("ABQ", ""), dialect.decimal))
    inspection = Inspection(
        key, asset, method, date, length, DIRECTIONS.get(head.get("AAK", ""), ""),
        head.get(f"{of}BH", ""), film, standard.strip(), edition.strip() or EDITION, rows,
        asset_type="manhole" if manhole else "conduit", start=start, end=end,
        time=time, reason=head.get(f"{of}BP", ""), weather=head.get("ADA", ""),
    )  # fmt: skip
    facts = {code: value for code, value in head.items() if code not in FIELDS}
    media = media_of(film, [(row.film, row.picture) for row in rows])
    return SeenAsset(inspection, start, end, {}, facts, f"{file}:{block.line}", media)


def _ends(head: Mapping[str, str]) -> tuple[str, str]:
    """Return the manholes where the camera went in and towards which it went."""
    one, two = head.get("AAD", ""), head.get("AAF", "")
    start = head.get("AAB", "") or (two if head.get("AAK") == "B" else one)
    return start, (one if start == two else two) if start in (one, two) else ""


def _length(rows: Sequence[Defect], expected: float) -> float:
    """Return the length really seen: up to the finish node, else the farthest row, else as expected. [m]"""
    ends = [row.start for row in rows if row.code in ("BCE", "BDC")] or [row.start for row in rows]
    known = [place for place in ends if math.isfinite(place)]
    return max(known) if known else expected


def _rows(
    block: Block, dialect: Dialect, file: str, of: tuple[str, str, str], issues: list[Issue]
) -> Iterator[Defect]:
    asset, date, key = of
    for line, cells in block.rows:
        if len(cells) != len(block.columns):
            facts = {"cells": len(cells), "columns": len(block.columns)}
            issues.append(issue_at("survey.row-shape", Weight.FAULT, Place(file, row=line), **facts))
        found = dict(zip(block.columns, cells, strict=False))
        cell = {letter: found.pop(letter, "").strip() for letter in KNOWN_COLUMNS}
        beyond = [f"{name}={value}" for name, value in found.items() if value.strip()]
        beyond += [value for value in cells[len(block.columns) :] if value.strip()]
        place = number(cell["I"], dialect.decimal) if cell["I"] else NAN
        second = film_second(cell["N"])
        lost = [cell["I"]] if cell["I"] and math.isnan(place) else []
        yield Defect(
            asset, cell["A"], 0, place, 0.0, date, key, ring(cell["G"], cell["H"]),
            " ".join(part for part in (cell["F"], *lost, *beyond) if part), cell["M"],
            characters=trimmed(cell["B"], cell["C"]),
            quantities=quantities(cell["D"], cell["E"], decimal=dialect.decimal),
            joint=cell["K"].upper() == "A", continuous=cell["J"].upper(),
            film=cell["N"] if second is None else "", film_at=second, part=cell["L"],
        )  # fmt: skip
