"""Where have people and water no sewer within reach, and how did that shrink?"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree

from wenqu.network.geometry import Floats, Shapes, geometries_from
from wenqu.network.within_reach import clusters, first_year_within
from wenqu.records.blank_area import BlankArea
from wenqu.services.city_state import CityState
from wenqu.services.conduit_facts import year_built
from wenqu.services.served_places import Places, places_of
from wenqu.services.sight import are_districts
from wenqu.store.database import Store
from wenqu.store.moments import now

REACH = 50.0  # [m] assumed: a longer house connection is a sewer of its own; no standard names a figure
CARRIES = ("sanitary", "combined")
NOT_THERE = ("planned", "under_construction", "abandoned")
KIND = "blank_area"
YEARS, LONGEST = 24, 60  # points of the history at most, and years it looks back
DAY = 86400.0
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Blank:
    """What has no sewer within reach: the places, their areas, and the years."""

    places: Places
    since: Floats  # (n,) year since when a pipe is within reach, -inf always, NaN never
    rows: Ints  # places without
    area: Ints  # (len(rows),) number of the area of each
    areas: tuple[BlankArea, ...]


def blank_areas(store: Store, state: CityState, reach: float = REACH, name: str = "") -> Blank:
    """Return the areas without a sewer within ``reach``; made once for each reach and list of places."""
    return state.once(f"blank {reach} {name}", lambda: _blank(state, places_of(store, state, name), reach))


def sewers(state: CityState) -> tuple[Shapes, Floats]:
    """Return the lines that carry sewage and the year since when each is there (-inf: not known)."""
    conduits = state.network.table("conduit")
    chosen = np.isin(conduits.column("system"), CARRIES) & ~np.isin(conduits.column("status"), NOT_THERE)
    some = conduits.take(np.flatnonzero(chosen))
    years = year_built(some)
    return some.shapes, np.where(np.isnan(years), -np.inf, years)


def _blank(state: CityState, places: Places, reach: float) -> Blank:
    lines, years = state.once("sewers", lambda: sewers(state))
    since = first_year_within(places.where, lines, years, reach)
    since[places.joined & np.isnan(since)] = -np.inf
    rows = np.flatnonzero(np.isnan(since) & np.isfinite(places.where).all(axis=1))
    area = clusters(places.where[rows], 2 * reach)
    return Blank(places, since, rows, area, _areas(state, places, (rows, area), (lines, reach)))


def _areas(
    state: CityState, places: Places, blank: tuple[Ints, Ints], about: tuple[Shapes, float]
) -> tuple[BlankArea, ...]:
    (rows, area), (lines, reach) = blank, about
    where = places.where[rows]
    district = _districts(state, where)
    far = (
        cKDTree(lines.coords).query(where)[0]
        if len(lines.coords) and len(rows)
        else np.full(len(rows), np.nan)
    )
    if not len(rows):
        return ()
    order = np.argsort(area, kind="stable")
    starts = np.flatnonzero(np.diff(area[order], prepend=-1))
    found = []
    for low, high in zip(starts, [*starts[1:], len(order)], strict=True):
        mine = order[low:high]
        border = _border(where[mine], reach)
        zones, counts = np.unique(district[mine].astype(str), return_counts=True)
        found.append(
            BlankArea(
                "",
                str(zones[np.argmax(counts)]),
                "zone",
                reach,
                len(mine),
                float(places.people[rows[mine]].sum()),
                float(places.sewage[rows[mine]].sum()),
                float(border.area),
                float(far[mine].min()),
                shapely.to_wkt(border, rounding_precision=2),
                places.source,
                state.network.as_of,
                state.network.city.simulated,
            )
        )
    ranked = sorted(range(len(found)), key=lambda one: (-found[one].people, -found[one].sewage))
    place = np.empty(len(found), np.int64)
    place[ranked] = np.arange(len(found))
    area[:] = place[area] if len(area) else area
    return tuple(replace(found[one], id=f"KB{number + 1:03d}") for number, one in enumerate(ranked))


def _border(where: Floats, reach: float) -> shapely.Geometry:
    """Return the union of circles of the reach round the places; places that stand close share one."""
    cell = np.unique(np.round(where / (reach / 2)), axis=0) * (reach / 2)
    some = where if len(where) <= len(cell) else cell
    return shapely.simplify(
        shapely.union_all(shapely.buffer(shapely.points(some), reach, quad_segs=8)), reach / 100
    )


def _districts(state: CityState, where: Floats) -> npt.NDArray[np.object_]:
    """Return the district that each place lies in, "" for none."""
    table = state.network.table("zone")
    rows = np.flatnonzero(are_districts(table))
    found = np.full(len(where), "", dtype=object)
    shapes = geometries_from(table.shapes.take(rows), "polygon")
    for row, shape in zip(rows, shapes, strict=True):
        if shape is not None:
            shapely.prepare(shape)
            found[shapely.contains_xy(shape, *where.T)] = table.ids[row]
    return found


def blank_answer(store: Store, state: CityState, reach: float = REACH, name: str = "") -> dict[str, object]:
    """Return the areas, totals, districts and history of what has no sewer within reach.

    Returns
    -------
    dict
        source, reach_m, totals (premises, people and sewage: of all and without a sewer), unjoined (within
        reach but not connected), districts, areas (largest first), history (by year), geometry (areas as
        GeoJSON in WGS 84), notes (message keys of assumptions).
    """
    found = blank_areas(store, state, reach, name)
    places, rows = found.places, found.rows
    near = ~np.isnan(found.since) & ~places.joined
    polygons = [_degrees(state, shapely.from_wkt(one.border)) for one in found.areas]
    return {
        "source": places.source,
        "reach_m": reach,
        "totals": {
            "premises": len(places.ids),
            "people": _sum(places.people),
            "sewage_m3_s": _sum(places.sewage),
            "blank_premises": len(rows),
            "blank_people": _sum(places.people[rows]),
            "blank_sewage_m3_s": _sum(places.sewage[rows]),
            "area_m2": _sum(np.array([one.area for one in found.areas])),
            "unplaced": int(np.count_nonzero(~np.isfinite(places.where).all(axis=1) & ~places.joined)),
            "unknown": int(np.count_nonzero(~places.known[rows])),
        },
        "unjoined": {
            "premises": int(near.sum()) if places.source == "on-file" else 0,
            "people": _sum(places.people[near]) if places.source == "on-file" else 0.0,
        },
        "districts": _by_district(state, found),
        "areas": [_told(one) for one in found.areas],
        "history": history(found, int(state.network.as_of[:4] or now().year)),
        "geometry": {
            "type": "FeatureCollection",
            "features": [
                {"type": "Feature", "properties": {"id": one.id, "people": one.people}, "geometry": shape}
                for one, shape in zip(found.areas, polygons, strict=True)
            ],
        },
        "notes": ["blank.reach", "blank.systems", "blank.people", "blank.history"],
        "simulated": state.network.city.simulated,
    }


def _told(one: BlankArea) -> dict[str, object]:
    return {
        "id": one.id,
        "district": one.asset or None,
        "premises": one.premises,
        "people": round(one.people),
        "sewage_m3_s": round(one.sewage, 9),
        "area_m2": round(one.area, 1),
        "distance_m": round(one.distance, 1),
    }


def _sum(values: Floats) -> float:
    return round(float(values.sum()), 9)


def _by_district(state: CityState, found: Blank) -> list[dict[str, object]]:
    table = state.network.table("zone")
    names = dict(zip(table.ids, table.column("name"), strict=True))
    rows: dict[str, list[float]] = {}
    for one in found.areas:
        row = rows.setdefault(one.asset, [0, 0.0, 0.0, 0.0])
        for place, value in enumerate((one.premises, one.people, one.sewage, one.area)):
            row[place] += value
    return [
        {
            "district": zone or None,
            "name": names.get(zone),
            "premises": int(premises),
            "people": round(people),
            "sewage_m3_s": round(sewage, 9),
            "area_m2": round(area, 1),
        }
        for zone, (premises, people, sewage, area) in sorted(rows.items(), key=lambda item: -item[1][1])
    ]


def history(found: Blank, year: int) -> list[dict[str, object]]:
    """Return what of today's places had no sewer in reach by the end of each year (about 24 of them)."""
    since = np.where(np.isnan(found.since), np.inf, found.since)
    placed = np.isfinite(found.places.where).all(axis=1)
    rows: list[dict[str, object]] = []
    known = since[np.isfinite(since)]
    first = max(int(known.min()) - 1, year - LONGEST) if len(known) else year
    step = max(1, -(-(year - first) // YEARS))
    for then in range(year - (year - first) // step * step, year + 1, step):
        without = (since > then) & placed
        rows.append(
            {
                "year": then,
                "premises": int(without.sum()),
                "people": round(float(found.places.people[without].sum())),
                "sewage_m3_s": _sum(found.places.sewage[without]),
            }
        )
    return rows


def _degrees(state: CityState, shape: shapely.Geometry) -> dict[str, object]:
    import orjson

    turned = shapely.transform(shape, lambda coords: state.place(coords, "EPSG:4326"))
    told: dict[str, object] = orjson.loads(shapely.to_geojson(turned))
    return told


def file_blank_areas(
    store: Store, city: str, reach: float = REACH, name: str = "", *, who: str
) -> tuple[BlankArea, ...]:
    """Find the blank areas of today and file them, so that later ones can be held against them."""
    state = CityState(store.network(city))
    found = blank_areas(store, state, reach, name).areas
    with store.change(city, who=who, why="blank areas") as change:
        change.add_records(KIND, found)
    return found
