"""What does a reader see of the meters that were last proposed for a city, and as which file?"""

import csv
import io
import tempfile
from pathlib import Path
from typing import Any, Literal

import numpy as np
import orjson

from wenqu.messages import say
from wenqu.reports.plain_sheet import plain_sheet
from wenqu.services.city_state import CityState
from wenqu.services.place_meters import DOCUMENT, MOST, STAKES
from wenqu.services.rights import Person, reach
from wenqu.services.search_belief import place_of, spots
from wenqu.store.database import Store

Form = Literal["csv", "gpkg", "xlsx"]
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "gpkg": "application/geopackage+sqlite3",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
DEGREES = "EPSG:4326"
COLUMNS = (
    "rank", "manhole", "cost_yuan", "taken", "left", "bound", "above_m", "flow_m3_per_d", "flow_sd_m3_per_d",
    "unit_outlet", "unit_m", "unit_sd_before_m3_per_d", "unit_sd_after_m3_per_d",
)  # fmt: skip


def may_place(person: Person, city: str) -> bool:
    """Tell whether a person may have meters proposed: who decides in all of the city."""
    return reach(person, "decide", city).whole


def view_placement(store: Store, state: CityState, person: Person) -> dict[str, Any]:
    """Return the proposal that was filed last, with the manholes that the reader may see.

    Parameters
    ----------
    store
        The whole store: the proposal is one of the whole city.
    state
        What the person may see of it.
    """
    city, moment = state.network.city.code, state.network.as_of or None
    content = store.document(city, DOCUMENT, moment)
    base = {"may_place": not moment and may_place(person, city), "most": MOST, "stakes": list(STAKES)}
    if content is None:
        return {**base, "found": None, "standing": []}
    told = orjson.loads(content)
    whole = len(told["picks"])
    told["picks"] = [_pick(state, one) for one in told["picks"] if _seen(state, one["asset"])]
    told["hidden"] = whole - len(told["picks"])
    return {**base, "found": told, "standing": _standing(state)}


def _pick(state: CityState, one: dict[str, Any]) -> dict[str, Any]:
    outlet = one["unit_outlet"] if _seen(state, one["unit_outlet"]) else ""
    return {**one, "unit_outlet": outlet, "at": _at(state, one["asset"])}


def _seen(state: CityState, asset: str) -> bool:
    type_, _, id_ = asset.partition("/")
    return state.network.known_row(type_, id_) is not None


def _at(state: CityState, asset: str) -> list[float] | None:
    place = place_of(state, asset)
    at = spots(state)[place] if place >= 0 else np.full(2, np.nan)
    if not np.isfinite(at).all():
        return None
    return [float(value) for value in np.round(state.place(at[None], DEGREES)[0], 7)]


def _standing(state: CityState) -> list[dict[str, Any]]:
    """Return the meters that stand, where they are known to be."""
    table, topology = state.network.table("meter"), state.topology
    found = []
    for id_, on_id in zip(table.ids.tolist(), table.column("on_id").tolist(), strict=True):
        node, link = topology.find(str(on_id or ""))
        if node < 0 and link >= 0:
            node = int(topology.link_to[link])
        at = None if node < 0 else _at(state, f"{topology.node_type[node]}/{topology.node_ids[node]}")
        if at is not None:
            found.append({"id": str(id_), "at": at})
    return found


def export_placement(store: Store, state: CityState, person: Person, form: Form, language: str) -> bytes:
    """Return the proposed meters as the bytes of a file; without a proposal it has no rows."""
    found = view_placement(store, state, person)["found"]
    picks = found["picks"] if found else []
    rows: list[list[Any]] = [
        [one["asset"].partition("/")[2] if name == "manhole" else _plain(one[name]) for name in COLUMNS]
        for one in picks
    ]
    if form == "gpkg":
        places = np.array([_own(state, one["asset"]) for one in picks]).reshape(-1, 2)
        return _geopackage(rows, places, state.network.city.crs)
    heads = [say(f"placement.column.{name}", language) for name in COLUMNS]
    if form == "csv":
        sink = io.StringIO()
        csv.writer(sink, lineterminator="\r\n").writerows([heads, *rows])
        return sink.getvalue().encode("utf-8-sig")  # Excel in China opens it as UTF-8 only with the mark
    note = say("profile.simulated", language) if found and found["simulated"] else ""
    return plain_sheet(heads, rows, note)


def _plain(value: Any) -> Any:
    return round(value, 4) if isinstance(value, float) else value


def _own(state: CityState, asset: str) -> list[float]:
    place = place_of(state, asset)
    return spots(state)[place].tolist() if place >= 0 else [float("nan")] * 2


def _geopackage(rows: list[list[Any]], places: Any, crs: str) -> bytes:
    import pyarrow as pa
    import pyogrio
    import shapely

    columns: dict[str, Any] = {name: [row[at] for row in rows] for at, name in enumerate(COLUMNS)}
    texts = {"manhole", "unit_outlet"}
    kinds = [
        pa.string() if name in texts else pa.int64() if name == "rank" else pa.float64() for name in COLUMNS
    ]
    made = {name: pa.array(columns[name], kind) for name, kind in zip(COLUMNS, kinds, strict=True)}
    made["geometry"] = pa.array([bytes(one) for one in shapely.to_wkb(shapely.points(places))], pa.binary())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "meters.gpkg"
        pyogrio.write_arrow(
            pa.table(made), path, layer="meters", driver="GPKG", geometry_name="geometry",
            geometry_type="Point", crs=crs or None,
        )  # fmt: skip
        return path.read_bytes()
