"""Blank areas as a file: CSV, GeoPackage or an Excel workbook."""

import csv
import io
import tempfile
import warnings
from pathlib import Path
from typing import Literal

import shapely

from wenqu.messages import say
from wenqu.reports.plain_sheet import plain_sheet
from wenqu.services.blank_areas import DAY, REACH, blank_areas
from wenqu.services.city_state import CityState
from wenqu.store.database import Store

Form = Literal["csv", "gpkg", "xlsx"]
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "gpkg": "application/geopackage+sqlite3",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
COLUMNS = ("id", "district", "premises", "people", "sewage_m3_d", "area_m2", "distance_m", "reach_m")


def export_blank(
    store: Store, state: CityState, form: Form, language: str = "zh", reach: float = REACH, name: str = ""
) -> bytes:
    """Return the blank areas of a city as the bytes of a file."""
    areas = blank_areas(store, state, reach, name).areas
    rows: list[list[object]] = [
        [one.id, one.asset, one.premises, round(one.people), round(one.sewage * DAY, 2), round(one.area, 1),
         round(one.distance, 1), one.reach]
        for one in areas
    ]  # fmt: skip
    if form == "gpkg":
        return _geopackage(rows, [one.border for one in areas], state.network.city.crs)
    heads = [say(f"blank.column.{column}", language) for column in COLUMNS]
    note = say("profile.simulated", language) if state.network.city.simulated else ""
    return _csv(heads, rows) if form == "csv" else plain_sheet(heads, rows, note)


def _csv(heads: list[str], rows: list[list[object]]) -> bytes:
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows(rows)
    return sink.getvalue().encode("utf-8-sig")  # Excel in China opens it as UTF-8 only with the mark


def _geopackage(rows: list[list[object]], borders: list[str], crs: str) -> bytes:
    import pyarrow as pa
    import pyogrio

    columns = {name: [row[place] for row in rows] for place, name in enumerate(COLUMNS)}
    columns["geometry"] = [shapely.to_wkb(shapely.multipolygons([_parts(border)])[0]) for border in borders]
    kinds = [pa.string(), pa.string(), pa.int64(), *([pa.float64()] * 5), pa.binary()]
    table = pa.table(
        {name: pa.array(values, kind) for (name, values), kind in zip(columns.items(), kinds, strict=True)}
    )
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "'crs' was not provided")  # a city may not know its own yet
        path = Path(folder) / "blank.gpkg"
        pyogrio.write_arrow(
            table, path, layer="blank_area", driver="GPKG", geometry_name="geometry",
            geometry_type="MultiPolygon", crs=crs or None,
        )  # fmt: skip
        return path.read_bytes()


def _parts(border: str) -> list[shapely.Geometry]:
    return list(shapely.get_parts(shapely.from_wkt(border)))
