"""Which places should drain to a sewer? Drainage users and villages on file, or a delivered list."""

import csv
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely

from wenqu.diagnosis.defaults import default
from wenqu.errors import BadInput, FileMissing
from wenqu.network.geometry import Floats, centres
from wenqu.records.blank_area import Premises
from wenqu.services.asked_network import RETURNED, sources_of
from wenqu.services.city_state import CityState, transformed
from wenqu.store.database import Store

KIND = "premises"
ON_FILE = "on-file"
DAY = 86400.0
# Columns by the names that deliveries use; the first that is there counts.
X = ("x", "lon", "lng", "longitude", "经度", "横坐标", "东坐标")
Y = ("y", "lat", "latitude", "纬度", "纵坐标", "北坐标")
PEOPLE = ("population", "people", "pop", "persons", "人口", "人数", "常住人口")
FLOW = ("flow_m3_d", "water_m3_d", "flow", "用水量", "日用水量", "水量")
NAME = ("id", "name", "编号", "名称", "户号", "表号")
TREATED = ("to_plant", "own_facility", "shared_facility", "reuse")


@dataclass(frozen=True, slots=True)
class Places:
    """The n places that are asked about."""

    source: str  # ON_FILE, or the name of the delivery
    ids: npt.NDArray[np.object_]  # (n,)
    where: Floats  # (n, 2) in the city's coordinate system, NaN where unknown
    people: Floats  # (n,) 0 where unknown
    sewage: Floats  # (n,) [m³/s]
    joined: npt.NDArray[np.bool_]  # (n,) known to be connected, however far the pipe is drawn
    known: npt.NDArray[np.bool_]  # (n,) people or flow is known


def places_on_file(state: CityState) -> Places:
    """Return the drainage users and the villages of a city as places."""
    table, villages = state.network.table("source"), state.network.table("village")
    sources = sources_of(state)
    homes = villages.column("households")
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = 1.0 - np.nan_to_num(villages.column("connected_households") / homes)
    people = np.nan_to_num(villages.column("population")) * np.clip(apart, 0.0, 1.0)
    cared = np.isin(villages.column("treatment"), TREATED)
    cared |= np.array([value is not None for value in villages.column("connects_to")], dtype=bool)
    cared |= np.array([value is not None for value in villages.column("facility")], dtype=bool)
    sewage = np.concatenate([sources.sewage, people * sewage_of_a_person()])
    everyone = np.concatenate([sources.people, people])
    return Places(
        ON_FILE,
        np.concatenate([table.ids, villages.ids]),
        np.concatenate([centres(table.shapes), centres(villages.shapes)]),
        everyone,
        sewage,
        np.concatenate([sources.node >= 0, cared]),
        (everyone > 0) | (sewage > 0),
    )


def sewage_of_a_person() -> float:
    """Return the sewage of a person where no water use is known. [m³/s]"""
    return default("person_water") * RETURNED


def delivered_places(given: Premises) -> Places:
    """Return a delivery as places: nobody says which of them are connected."""
    people, sewage = np.array(given.people), np.array(given.sewage)
    guessed = np.where(np.isnan(sewage), np.nan_to_num(people) * sewage_of_a_person(), sewage)
    return Places(
        given.name,
        np.array(given.ids, dtype=object),
        np.column_stack([given.x, given.y]) if given.ids else np.empty((0, 2)),
        np.nan_to_num(people),
        guessed,
        np.zeros(len(given.ids), dtype=np.bool_),
        np.isfinite(people) | np.isfinite(sewage),
    )


def places_of(store: Store, state: CityState, name: str = "") -> Places:
    """Return the last delivery of that name, or the places on file.

    Raises
    ------
    BadInput
        No delivery has this name.
    """
    if name in {"", ON_FILE}:
        return state.once("places", lambda: places_on_file(state))
    for given in reversed(deliveries(store, state)):
        if given.name == name:
            return delivered_places(given)
    raise BadInput("no-premises", name=name)


def deliveries(store: Store, state: CityState) -> list[Premises]:
    """Return every delivery of places, oldest first."""
    city, moment = state.network.city.code, state.network.as_of or None
    return state.once("premises", lambda: store.records(city, KIND, Premises, as_of=moment))


def file_premises(store: Store, city: str, path: Path, crs: str = "", *, who: str) -> Premises:
    """Read a delivery of buildings, meters or a population grid, and file it.

    Parameters
    ----------
    path
        CSV with columns for x and y (or longitude and latitude), or any file of points or polygons.
    crs
        Coordinate system of the file, when it names none.

    Raises
    ------
    BadInput
        The columns or the coordinate system are missing.
    """
    if not path.is_file():
        raise FileMissing(path=str(path))
    columns, there, own = _read_csv(path) if path.suffix.lower() == ".csv" else _read_shapes(path)
    target = store.city(city).crs
    source = crs or own or target
    if not source:
        raise BadInput("premises-crs", path=path.name)
    if np.abs(there[np.isfinite(there).all(axis=1)]).max(initial=0.0) <= 180 and not (crs or own):
        source = "EPSG:4326"
    placed = transformed(there, source, target) if target and source != target else there
    people = _numbers(columns, PEOPLE, len(there))
    flow = _numbers(columns, FLOW, len(there)) / DAY
    names = next((columns[name] for name in NAME if name in columns), None)
    ids = [str(value) for value in names or range(1, len(there) + 1)]
    made = Premises(
        path.name, datetime.now(tz=UTC).isoformat(timespec="seconds"), tuple(ids),
        tuple(placed[:, 0].tolist()), tuple(placed[:, 1].tolist()), tuple(people.tolist()),
        tuple(flow.tolist()), target,
    )  # fmt: skip
    with store.change(city, who=who, why=f"premises {path.name}") as change:
        change.add_records(KIND, [made])
    return made


Columns = dict[str, list[object]]


def _read_csv(path: Path) -> tuple[Columns, Floats, str]:
    raw = path.read_bytes()
    text = raw.decode("utf-8-sig") if _is_utf8(raw) else raw.decode("gb18030")
    rows = list(csv.DictReader(text.splitlines()))
    columns: Columns = {}
    for name in rows[0] if rows else ():
        columns[(name or "").strip().casefold()] = [row[name] for row in rows]
    if not any(name in columns for name in X) or not any(name in columns for name in Y):
        raise BadInput("premises-columns", path=path.name, found=", ".join(columns))
    x, y = _numbers(columns, X, len(rows)), _numbers(columns, Y, len(rows))
    degrees = any(name in columns for name in (*X[1:5], *Y[1:4])) and "x" not in columns
    return columns, np.column_stack([x, y]), "EPSG:4326" if degrees else ""


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return True


def _read_shapes(path: Path) -> tuple[Columns, Floats, str]:
    import pyogrio

    meta, _, shapes, values = pyogrio.raw.read(path, force_2d=True)
    middle = shapely.centroid(shapely.from_wkb(shapes))
    columns = {
        str(name).casefold(): list(column) for name, column in zip(meta["fields"], values, strict=True)
    }
    return columns, np.column_stack([shapely.get_x(middle), shapely.get_y(middle)]), str(meta["crs"] or "")


def _numbers(columns: Columns, names: tuple[str, ...], size: int) -> Floats:
    for name in names:
        if name in columns:
            return np.array([_number(value) for value in columns[name]], dtype=np.float64)
    return np.full(size, np.nan)


def _number(value: object) -> float:
    try:
        return float(str(value).replace(",", "")) if value not in {None, ""} else float("nan")
    except ValueError:
        return float("nan")
