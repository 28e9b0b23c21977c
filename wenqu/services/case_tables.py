"""How is one table of a case folder read: any encoding, bad rows told and left out, good ones kept?"""

import codecs
import csv as plain_csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from wenqu.errors import FileUnreadable
from wenqu.issues import Issue, Place, Weight
from wenqu.network.formats.encodings import text_of_bytes

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
TOLD = 20  # bad rows of one kind that are told one by one
PIECE = 1 << 24  # bytes of text that are looked at together
LONGEST_HEAD = 1 << 16  # bytes
NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
COMMA = r"^[+-]?\d+,\d+$"  # a comma for the point
NO_THOUSANDS = r"^[+-]?(0,\d+|\d+,(\d{1,2}|\d{4,}))$"  # surely so
SEPARATORS = (",", ";", "\t")


@dataclass
class CaseTable:
    """Columns of text with the number of the record that each row was. R rows."""

    file: str
    columns: dict[str, pa.Array]
    lines: npt.NDArray[np.int64]  # (R,) numbers of records, the heading being 1
    issues: list[Issue] = field(default_factory=list)
    records: int = 0  # rows of the file with all that were left out, its heading not counted
    encoding: str = "UTF-8"
    begins: npt.NDArray[np.int64] | None = None  # by record: the line of the file that it begins on

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.lines)

    def texts(self, name: str) -> npt.NDArray[np.object_]:
        """Return a column as texts, "" where blank or absent. (R,)"""
        if name not in self.columns:
            return np.full(len(self), "", dtype=object)
        return np.asarray(self.columns[name].to_numpy(zero_copy_only=False), dtype=object)

    def numbers(self, name: str, *, needed: bool = False) -> Floats:
        """Return a column as numbers, NaN where blank, absent or unreadable; the unreadable are told. (R,)"""
        found = np.full(len(self), np.nan)
        if name not in self.columns or not len(self):
            return found
        column = self.columns[name]
        fits = pc.match_substring_regex(column, NUMBER).to_numpy(zero_copy_only=False)
        blank = pc.equal(column, "").to_numpy(zero_copy_only=False)
        if not (fits | blank).all():
            column, fits = self._pointed(name, column, fits)
        found[fits] = column.filter(pa.array(fits)).cast(pa.float64()).to_numpy()
        endless = np.isinf(found)
        found[endless], fits = np.nan, fits & ~endless
        self.tell("case.not-a-number", ~fits & (~blank | needed), column=name)
        return found

    def _pointed(self, name: str, column: pa.Array, fits: Mask) -> tuple[pa.Array, Mask]:
        """Return a column with points for its decimal commas, when they are surely no thousands."""
        commas = pc.match_substring_regex(column, COMMA).to_numpy(zero_copy_only=False)
        sure = pc.any(pc.match_substring_regex(column, NO_THOUSANDS)).as_py()
        if not sure or pc.any(pc.match_substring(column.filter(pa.array(fits)), ".")).as_py():
            return column, fits
        facts: dict[str, object] = {"file": self.file, "column": name, "rows": int(commas.sum())}
        self.issues.append(Issue("case.decimal-comma", Weight.NOTE, place=Place(self.file), facts=facts))
        return pc.if_else(pa.array(commas), pc.replace_substring(column, ",", "."), column), fits | commas

    def tell(self, code: str, rows: Mask, weight: Weight = Weight.FAULT, **facts: object) -> None:
        """File what is wrong with some rows: the first by themselves, the rest as their number."""
        at = np.flatnonzero(rows)
        for row in at[:TOLD]:
            place = Place(self.file, "", self.line(row))
            self.issues.append(
                Issue(code, weight, place=place, facts={"file": self.file, "rows": 1, **facts})
            )
        if len(at) > TOLD:
            more = {"file": self.file, "rows": len(at) - TOLD, **facts}
            place = Place(self.file, "", self.line(at[TOLD]))
            self.issues.append(Issue(code, weight, place=place, facts=more))

    def line(self, row: int) -> int:
        """Return the line of the file on which a row begins: blank lines and breaks within quotes count."""
        number = int(self.lines[row])
        return number if self.begins is None else int(self.begins[number - 1])

    def keep(self, rows: Mask) -> None:
        """Leave out all other rows."""
        if rows.all():
            return
        kept = pa.array(rows)
        self.columns = {name: column.filter(kept) for name, column in self.columns.items()}
        self.lines = self.lines[rows]


def read_table(path: Path, needed: Sequence[str], *, only: bool = False) -> CaseTable:
    """Return a CSV file as columns of text, its headings without case and spaces; ``only`` the needed ones.

    Raises
    ------
    FileUnreadable
        It is absent, empty or binary, lacks one of the ``needed`` columns or has it twice, or a quote
        that is never closed makes its rows one.
    """
    if not path.is_file():
        raise FileUnreadable("absent", path=path.name)
    content, encoding, above = _as_utf8(path)
    heads, separator = _heads(path, content, needed)
    bad: list[int] = []
    swallowed: dict[int, int] = {}  # lines that a quote without its end made one row

    def uneven(row: csv.InvalidRow) -> str:
        bad.append(int(row.number or 0))
        swallowed[bad[-1]] = row.text.strip().count("\n")
        return "skip"

    # one thread: only then pyarrow knows the numbers of uneven rows
    read = csv.ReadOptions(use_threads=False, column_names=heads, skip_rows=1)
    convert = csv.ConvertOptions(
        column_types=dict.fromkeys(heads, pa.string()),
        strings_can_be_null=False,
        include_columns=list(needed) if only else None,
    )
    parse = csv.ParseOptions(delimiter=separator, invalid_row_handler=uneven, ignore_empty_lines=True)
    try:
        table = csv.read_csv(pa.BufferReader(content), read, parse, convert)
    except pa.ArrowInvalid as error:
        raise FileUnreadable("open-quote", path=path.name, line=_open_quote(content) + above) from error
    rows, names, columns = table.num_rows, table.column_names, {}
    begins = _begins(content, rows + len(bad), above, separator)
    del content  # with millions of rows there is no room for file, table and trimmed columns at once
    for name in names:
        column, table = table.column(0), table.remove_column(0)
        if name:
            columns[name] = pc.utf8_trim_whitespace(column).combine_chunks()
    lines = np.arange(2, rows + len(bad) + 2)
    if bad:
        lines = np.setdiff1d(lines, np.array(bad, dtype=np.int64), assume_unique=True)
    if len(lines) != rows:
        lines = np.arange(2, rows + 2)
    found = CaseTable(path.name, columns, lines.astype(np.int64), [], rows + len(bad), encoding, begins)
    for record in bad[:TOLD]:
        more = swallowed[record]
        line = record if begins is None or record > len(begins) else int(begins[record - 1])
        facts: dict[str, object] = {"file": path.name, "rows": 1, "more": more}
        code = "case.open-quote" if more else "case.uneven-row"
        found.issues.append(Issue(code, Weight.FAULT, place=Place(path.name, "", line), facts=facts))
    return found


def _heads(path: Path, content: bytes, needed: Sequence[str]) -> tuple[list[str], str]:
    """Return the headings in lower case, the ``needed`` ones each once, and what stands between cells."""
    first = content[:LONGEST_HEAD].partition(b"\n")[0].decode("utf-8", "replace").rstrip("\r")
    separator = max(SEPARATORS, key=first.count)
    heads = [head.strip().strip('"').lower() for head in first.split(separator)]
    absent = [name for name in needed if name not in heads]
    if absent:
        raise FileUnreadable("columns", path=path.name, missing=", ".join(absent), found=", ".join(heads))
    again = [name for name in needed if heads.count(name) > 1]
    if again:
        raise FileUnreadable("heads-twice", path=path.name, names=", ".join(again))
    return heads, separator


def _begins(content: bytes, records: int, above: int, separator: str) -> npt.NDArray[np.int64] | None:
    """Return the line on which the heading and each record begin, None where that is the record's number.

    ``above`` blank lines were taken away before the content. (records + 1,)
    """
    if not above and content.rstrip().count(b"\n") == records:
        return None
    begins, before = [], 0
    reader = plain_csv.reader(io.TextIOWrapper(io.BytesIO(content), "utf-8", newline=""), delimiter=separator)
    try:
        for cells in reader:
            if cells:
                begins.append(before + 1 + above)
            before = reader.line_num
    except plain_csv.Error:  # a quote that never closes made a cell too long to read: what follows is told
        begins.append(before + 1 + above)
    begins += begins[-1:] * (records + 1 - len(begins))
    return np.array(begins[: records + 1], dtype=np.int64)


def _open_quote(content: bytes) -> int:
    """Return the first line on which a quote is opened but not closed, 1 when there is none."""
    for number, line in enumerate(io.BytesIO(content), 1):
        if line.count(b'"') % 2:
            return number
    return 1


def _as_utf8(path: Path) -> tuple[bytes, str, int]:
    """Return a text as UTF-8 without what is blank before it, its encoding, and how many lines that were."""
    raw = path.read_bytes()
    check = codecs.getincrementaldecoder("utf-8")()
    try:
        for begin in range(0, len(raw), PIECE):
            check.decode(raw[begin : begin + PIECE])
        check.decode(b"", final=True)
        content, encoding = raw.removeprefix(codecs.BOM_UTF8).lstrip(), "UTF-8"
        above = raw[: len(raw) - len(content)].count(b"\n")
    except UnicodeDecodeError:
        decoded = text_of_bytes(raw)
        content, encoding = decoded.text.strip().encode("utf-8"), decoded.encoding.name
        above = decoded.text[: len(decoded.text) - len(decoded.text.lstrip())].count("\n")
    if not content:
        raise FileUnreadable("empty", path=path.name)
    if b"\x00" in content[:4096]:
        raise FileUnreadable("not-text", path=path.name)
    return content, encoding, above
