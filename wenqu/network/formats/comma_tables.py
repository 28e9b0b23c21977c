"""How is a table of text (CSV, tabs, semicolons) read, whatever its encoding, and written?"""

import csv
import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import shapely
from pyproj import CRS

from wenqu.errors import BadInput, FileUnreadable
from wenqu.issues import Issue, Place, Weight
from wenqu.network.formats.delivered import Delivered
from wenqu.network.formats.encodings import Text, text_of_bytes
from wenqu.network.formats.fieldmap import FieldMap, fieldmap_of, write_fieldmap
from wenqu.network.formats.raw import named_crs
from wenqu.network.formats.sheets import Sheet, layer_of_sheet
from wenqu.network.formats.writing import Outgoing, outgoing, used
from wenqu.network.model import Network

DELIMITERS = ",\t;|，"
LONGEST = 1 << 24  # characters of one cell
TOLD = 50  # lines of a wrong encoding that are told one by one


def layers_of_csv(path: Path, encoding: str = "") -> Delivered:
    """Return a table of text as one layer without shapes; ``encoding`` is the one that a person chose.

    Raises
    ------
    FileUnreadable
        It is empty, binary, or holds no table.
    """
    data = path.read_bytes()
    if not data.strip():
        raise FileUnreadable("empty", path=str(path))
    text = text_of_bytes(data, encoding)
    if "\x00" in text.text[:4096]:
        raise FileUnreadable("not-text", path=str(path))
    beside = path.with_suffix(".fieldmap.json")
    own = fieldmap_of(beside.read_bytes(), beside.name) if beside.is_file() else None
    csv.field_size_limit(LONGEST)
    try:
        rows, open_at = _rows(text.text, _delimiter(text.text))
    except csv.Error as error:
        raise FileUnreadable("table", path=str(path), said=str(error)) from None
    sheet = Sheet(
        path.name, path.stem, rows, (), text.encoding, _crs(path), typed=False, ours=own is not None
    )
    layer, issues = layer_of_sheet(sheet)
    if layer is None:
        raise FileUnreadable("no-table", path=str(path))
    if open_at:
        place = Place(path.name, path.stem, open_at)
        issues = [Issue("table.open-quote", Weight.DOUBT, place=place, facts={"row": open_at}), *issues]
    return Delivered([layer], [*_encoding_issues(path, text), *issues], fieldmap=own)


def _rows(text: str, delimiter: str) -> tuple[list[list[str]], int]:
    """Return the rows of a table, and the line on which a quote opens that never closes (0: none).

    Such a quote would swallow all that follows; so from there on each line is a row.
    """
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    before = begin = 0
    for row in reader:
        rows.append(row)
        begin, before = before, reader.line_num
    lines = list(io.StringIO(text, newline=""))
    if before - begin < 2 or "".join(lines[begin:]).count('"') % 2 == 0:
        return rows, 0
    rest = csv.reader(lines[begin:], delimiter=delimiter, quoting=csv.QUOTE_NONE)
    return [*rows[:-1], *([cell.strip('"') for cell in row] for row in rest)], begin + 1


def _crs(path: Path) -> str:
    beside = path.with_suffix(".prj")
    if not beside.is_file():
        return ""
    try:
        return named_crs(beside.read_text(encoding="utf-8", errors="replace").strip())
    except BadInput:
        return ""


def _delimiter(text: str) -> str:
    """Return the sign that parts most lines into the same number of cells, more than one."""
    lines = [line for line in text[:65536].splitlines()[:50] if line.strip()]

    def fits(sign: str) -> tuple[int, int]:
        counts = [line.count(sign) for line in lines]
        usual = max(set(counts), key=counts.count, default=0)
        return (counts.count(usual) if usual else 0, usual)

    return max(DELIMITERS, key=fits) if lines else ","


def _encoding_issues(path: Path, text: Text) -> list[Issue]:
    """Return an Issue for each line that is not in the encoding of the rest."""
    issues = []
    for code, lines in (("table.other-encoding", text.foreign), ("table.broken-bytes", text.broken)):
        for line in lines[:TOLD]:
            place = Place(path.name, path.stem, line)
            facts: dict[str, object] = {"encoding": text.encoding.name, "count": len(lines)}
            issues.append(Issue(code, Weight.DOUBT, place=place, facts=facts))
    return issues


def write_csv(path: Path, network: Network) -> list[Path]:
    """Write one table for each asset type (``<stem>-<type>.csv``; one type: ``<stem>.csv``), UTF-8 with mark.

    Shapes are WKT in a column; beside each lie the field map and the coordinate system (.prj).
    """
    tables, written = used(network), []
    for table in tables:
        own = path if len(tables) == 1 else path.with_name(f"{path.stem}-{table.type}{path.suffix}")
        entry = outgoing(table, limit=0, layer=own.stem)
        _write_table(own, entry)
        beside = own.with_suffix(".fieldmap.json")
        write_fieldmap(beside, FieldMap((entry.as_text(),)))
        written += [own, beside]
        if network.city.crs:
            prj = own.with_suffix(".prj")
            prj.write_text(CRS(network.city.crs).to_wkt(), encoding="utf-8")
            written.append(prj)
    return written


def _write_table(path: Path, entry: Outgoing) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(entry.table.column_names)
        columns = [cells(entry.table.column(name)) for name in entry.table.column_names]
        writer.writerows(zip(*columns, strict=True))


def cells(column: pa.ChunkedArray) -> list[object]:
    """Return a column as cells; shapes as WKT, absent values as None."""
    if pa.types.is_binary(column.type):
        drawn = shapely.from_wkb(np.array(column.to_pylist(), dtype=object))
        return [None if shape is None else shapely.to_wkt(shape, rounding_precision=30) for shape in drawn]
    return list(column.to_pylist())
