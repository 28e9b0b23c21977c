"""One register of a city as a file: CSV, GeoJSON or GeoPackage."""

import csv
import io
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from wenqu.errors import BadInput
from wenqu.network.formats.writing import write_geojson, write_geopackage
from wenqu.network.geometry import centres
from wenqu.network.model import Assets, Network
from wenqu.network.schema import asset_type
from wenqu.services.city_state import CityState

MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
}


@dataclass(frozen=True, slots=True)
class Download:
    """A file that is handed out."""

    name: str
    media: str
    content: bytes
    rows: int


def download(state: CityState, type_: str, form: str) -> Download:
    """Return all assets of one type that the state shows, as a file.

    Raises
    ------
    BadInput
        There is no such form (``parameter``).
    Refused
        The form needs coordinates in degrees and the city's system is not known.
    UnknownType
        There is no such asset type.
    """
    if form not in MEDIA:
        raise BadInput("parameter", name="form", value=form[:20], known=", ".join(MEDIA))
    city, table = state.network.city, state.network.table(asset_type(type_).name)
    name = f"{city.code}-{type_}.{form}"
    content = _csv(state, table) if form == "csv" else _geodata(state.network, table, form)
    return Download(name, MEDIA[form], content, len(table))


def _geodata(network: Network, table: Assets, form: str) -> bytes:
    write = write_geojson if form == "geojson" else write_geopackage
    with tempfile.TemporaryDirectory(prefix="wenqu-") as folder:
        path = Path(folder) / f"assets.{form}"
        write(path, replace(network, tables={table.type: table} if len(table) else {}))
        return path.read_bytes() if path.is_file() else b""


def _csv(state: CityState, table: Assets) -> bytes:
    """Return a table for spreadsheets: identity, fields in SI with their unit, the place in degrees."""
    kind = asset_type(table.type)
    shown = [entry for entry in kind.fields if entry.name in table.fields]
    heads = [
        "id",
        *(f"{entry.name} [{entry.unit}]" if entry.unit not in {"", "-"} else entry.name for entry in shown),
    ]
    columns: list[list[Any]] = [table.ids.tolist()]
    columns += [_cells(table.fields[entry.name], entry.kind) for entry in shown]
    for name, column in table.extra.items():
        heads.append(name)
        columns.append(_cells(column, ""))
    if state.network.city.crs and kind.geometry != "none":
        middle = centres(table.shapes)
        there = ~np.isnan(middle).any(axis=1)
        degrees = np.full_like(middle, np.nan)
        degrees[there] = state.place(middle[there], "EPSG:4326")
        heads += ["longitude", "latitude"]
        columns += [_cells(np.round(part, 7), "number") for part in degrees.T]
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\r\n")
    write.writerow(heads)
    write.writerows(zip(*columns, strict=True))
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _cells(column: np.ndarray[Any, Any], kind: str) -> list[Any]:
    if kind == "boolean":
        return ["" if value < 0 else ("true" if value else "false") for value in column.tolist()]
    return ["" if value is None or value != value else _harmless(value) for value in column.tolist()]  # noqa: PLR0124


def _harmless(value: object) -> object:
    """Return a text that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value
