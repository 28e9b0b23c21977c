"""Do all points lie in the city, and if not, which slip explains it?"""

from collections.abc import Iterator

import numpy as np
import shapely
from pyproj import CRS, Transformer

from wenqu.network.checks.telling import Found
from wenqu.network.checks.thresholds import threshold
from wenqu.network.checks.whole import Flags, Whole, is_one_of
from wenqu.network.geometry import Floats, Ints, centres, geometries_from
from wenqu.network.schema import asset_type, types_of

ENOUGH = 8  # nodes, to speak of far away
MILLION = 1e6  # [m] a zone number stands in front of the easting in millions
NEIGHBOURS = (-1, 1)  # zones beside the city's own
DEGREES = "EPSG:4490"  # CGCS2000 longitude and latitude
FIRST3, LAST3 = 4534, 4554  # EPSG numbers of the CGCS2000 3-degree zones without a zone number


def check_place(whole: Whole) -> tuple[Found, ...]:
    """Return points outside the city's districts, by the slip that explains each; else far from the rest."""
    return whole.once("place", lambda: tuple(_place(whole)))


def out_of_town(whole: Whole) -> Flags:
    """Return the nodes whose place cannot be right: nothing is to be measured from there. (N,)"""
    graph = whole.topology
    out = np.zeros(len(graph.node_ids), dtype=bool)
    firsts = {type_: np.flatnonzero(graph.node_type == type_)[:1] for type_ in types_of("node")}
    for found in check_place(whole):
        if found.of in firsts and len(found.rows):
            out[int(firsts[found.of][0]) + found.rows] = True
    return out


def _place(whole: Whole) -> Iterator[Found]:
    town = _town(whole)
    for type_, table in whole.network.tables.items():
        if asset_type(type_).geometry != "point" or not len(table):
            continue
        places = centres(table.shapes)
        if town is None:
            if asset_type(type_).role == "node":
                yield from _far(whole, type_, places)
            continue
        out = np.flatnonzero(~np.isnan(places[:, 0]) & ~_inside(town, places))
        yield from _explained(whole, town, type_, (out, places[out]))


def _town(whole: Whole) -> tuple[Floats, shapely.Geometry] | None:
    """Return the box and the outline of all districts with a margin, None where there are none."""
    if not whole.in_metres:
        return None
    table = whole.network.table("zone")
    districts = table.take(is_one_of(table.column("kind"), ("district",)))
    shapes = [shape for shape in geometries_from(districts.shapes, "polygon") if shape is not None]
    if not shapes:
        return None
    margin = threshold("outside")
    outline = shapely.make_valid(shapely.union_all(shapely.make_valid(np.array(shapes, dtype=object))))
    wide = shapely.simplify(shapely.buffer(outline, margin, quad_segs=2), margin / 20)
    shapely.prepare(wide)
    return np.array(shapely.bounds(wide)), wide


def _inside(town: tuple[Floats, shapely.Geometry], places: Floats) -> Flags:
    box, outline = town
    near = np.array((places >= box[:2]).all(axis=1) & (places <= box[2:]).all(axis=1))
    rows = np.flatnonzero(near)
    near[rows] = shapely.contains_xy(outline, places[rows])
    return np.asarray(near)


def _explained(
    whole: Whole, town: tuple[Floats, shapely.Geometry], type_: str, out: tuple[Ints, Floats]
) -> Iterator[Found]:
    rows, places = out
    left = np.ones(len(rows), dtype=bool)
    for slip, moved in slips(whole.network.city.crs, places):
        fits = left & _inside(town, moved)
        left &= ~fits
        code = "geometry.swapped-axes" if slip == "swapped" else "geometry.wrong-zone"
        facts = {"x": places[fits, 0], "y": places[fits, 1], "to_x": moved[fits, 0], "to_y": moved[fits, 1]}
        yield Found(code, type_, rows[fits], {**facts, "slip": slip})
    centre = shapely.get_coordinates(shapely.centroid(town[1]))[0]
    away = np.hypot(*(places[left] - centre).T)
    facts = {"distance": away, "x": places[left, 0], "y": places[left, 1]}
    yield Found("geometry.outside", type_, rows[left], facts)


def slips(crs: str, places: Floats) -> Iterator[tuple[str, Floats]]:
    """Yield each slip that moves points, and where they would be without it; NaN where it makes no sense."""
    if not len(places):
        return
    yield "swapped", places[:, ::-1]
    zone = np.floor(places[:, 0] / MILLION)
    yield "prefix", np.column_stack([np.where(zone > 0, places[:, 0] - zone * MILLION, np.nan), places[:, 1]])
    for source in _other_systems(crs):
        turn = Transformer.from_crs(source, crs, always_xy=True, only_best=False)
        yield source, np.column_stack(turn.transform(places[:, 0], places[:, 1], errcheck=False))


def _other_systems(crs: str) -> list[str]:
    """Return degrees, and the zones beside the city's own."""
    if not crs:
        return []
    number = CRS.from_user_input(crs).to_epsg()
    beside = []
    if number is not None and FIRST3 <= number <= LAST3:
        beside = [f"EPSG:{number + step}" for step in NEIGHBOURS if FIRST3 <= number + step <= LAST3]
    return [DEGREES, *beside]


def _far(whole: Whole, type_: str, places: Floats) -> Iterator[Found]:
    """Yield nodes more than ten interquartile ranges away from the middle of all."""
    all_ = whole.drawn.nodes[~np.isnan(whole.drawn.nodes[:, 0])]
    if len(all_) < ENOUGH:
        return
    low, middle, high = whole.once("middle", lambda: np.percentile(all_, [25, 50, 75], axis=0))
    span = np.max(high - low)  # a city along a river is narrow one way, not far the other
    if not span:
        return
    away = np.max(np.abs(places - middle), axis=1)
    rows = np.flatnonzero(away > threshold("far") * span)
    facts = {"distance": away[rows], "x": places[rows, 0], "y": places[rows, 1]}
    yield Found("geometry.far-away", type_, rows, facts)
