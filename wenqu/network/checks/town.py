"""Do all points lie in the city, and if not, which slip explains it?"""

from collections.abc import Iterator

import numpy as np
import shapely
from pyproj import CRS, Transformer

from wenqu.network.checks.telling import Found
from wenqu.network.checks.thresholds import threshold
from wenqu.network.checks.whole import Flags, Whole, is_one_of, numbers
from wenqu.network.geometry import Floats, Ints, centres, geometries_from
from wenqu.network.schema import asset_type
from wenqu.network.shifted_maps import wgs84_from_gcj02

ENOUGH = 8  # nodes, to speak of far away
LEAST, MOST = 80.0, 1500.0  # [m] GCJ-02 moves a point by 100 to 700
FITS = 5.0  # [m]
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
    spans = whole.spans("node")
    for found in check_place(whole):
        if found.of in spans:
            out[spans[found.of].start + found.rows] = True
    return out


def _place(whole: Whole) -> Iterator[Found]:
    yield from _shifted(whole)
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


def _shifted(whole: Whole) -> Iterator[Found]:
    """Yield nodes that lie where a shifted web map (GCJ-02) draws them, as all their links say."""
    graph, drawn = whole.topology, whole.drawn
    if not whole.network.city.crs or not whole.in_metres or not len(graph.link_from):
        return
    known = np.flatnonzero((graph.link_from >= 0) & (graph.link_to >= 0))
    length = numbers(whole.network, "link", "length")[known]
    start, end = (nodes[known] for nodes in (graph.link_from, graph.link_to))
    stretched = np.hypot(*(drawn.nodes[start] - drawn.nodes[end]).T) - length > LEAST
    told = np.zeros(len(graph.node_ids), dtype=np.int64)
    for nodes, at in ((start, drawn.first), (end, drawn.last)):
        off = np.hypot(*(at[known] - drawn.nodes[nodes]).T)
        told += np.bincount(nodes[stretched | ((off > LEAST) & (off < MOST))], minlength=len(told))
    degree = np.bincount(start, minlength=len(told)) + np.bincount(end, minlength=len(told))
    nodes = np.flatnonzero((degree > 0) & (told == degree))
    if len(nodes):
        moved = _unshifted(whole.network.city.crs, drawn.nodes[nodes])
        yield from _agreed(whole, nodes, moved, (known, length))


def _unshifted(crs: str, places: Floats) -> Floats:
    turn = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    lonlat = np.column_stack(turn.transform(places[:, 0], places[:, 1], errcheck=False))
    true = wgs84_from_gcj02(lonlat)
    x, y = turn.transform(true[:, 0], true[:, 1], direction="INVERSE", errcheck=False)
    return np.column_stack([x, y])


def _agreed(whole: Whole, nodes: Ints, moved: Floats, surveyed: tuple[Ints, Floats]) -> Iterator[Found]:
    """Yield the nodes whose links all fit once they are moved: by their drawn end or their length."""
    graph, drawn = whole.topology, whole.drawn
    known, length = surveyed
    place = np.full((len(graph.node_ids), 2), np.nan)
    place[nodes] = moved
    misfits = np.zeros(len(place), dtype=np.int64)
    for side, own, other in (
        (drawn.first, graph.link_from[known], graph.link_to[known]),
        (drawn.last, graph.link_to[known], graph.link_from[known]),
    ):
        fits = np.hypot(*(side[known] - place[own]).T) <= FITS
        away = np.hypot(*(place[own] - drawn.nodes[other]).T)
        fits |= np.abs(away - length) <= np.maximum(FITS, 0.1 * length)
        misfits += np.bincount(own[~fits], minlength=len(place))
    fit = (misfits[nodes] == 0) & (np.hypot(*(moved - drawn.nodes[nodes]).T) > LEAST)
    for type_, span in whole.spans("node").items():
        here = fit & (nodes >= span.start) & (nodes < span.stop)
        at, to = drawn.nodes[nodes[here]], moved[here]
        away = np.hypot(*(to - at).T)
        facts = {"x": at[:, 0], "y": at[:, 1], "to_x": to[:, 0], "to_y": to[:, 1], "distance": away}
        yield Found("geometry.shifted", type_, nodes[here] - span.start, {**facts, "slip": "shifted"})


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


def middle(nodes: Floats) -> Floats | None:
    """Return the lower quartile, median and upper quartile of places, None where there are too few."""
    there = nodes[~np.isnan(nodes[:, 0])]
    return np.percentile(there, [25, 50, 75], axis=0) if len(there) >= ENOUGH else None


def _far(whole: Whole, type_: str, places: Floats) -> Iterator[Found]:
    """Yield nodes more than ten interquartile ranges away from the middle of all."""
    found = whole.once("middle", lambda: middle(whole.drawn.nodes))
    if found is None:
        return
    low, mid, high = found
    span = np.max(high - low)  # a city along a river is narrow one way, not far the other
    if not span:
        return
    away = np.max(np.abs(places - mid), axis=1)
    rows = np.flatnonzero(away > threshold("far") * span)
    facts = {"distance": away[rows], "x": places[rows, 0], "y": places[rows, 1]}
    yield Found("geometry.far-away", type_, rows, facts)
