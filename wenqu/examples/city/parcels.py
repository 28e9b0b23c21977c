"""Which ground lies between the rivers of the example city, and which of it is nearest to each place?"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from wenqu.examples.city.land import Floats, Ints, Land
from wenqu.examples.city.rivers import Reach

Polygons = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Ground:
    """The land as polygons: what lies between the rivers, inside the outline."""

    outline: shapely.Geometry
    cells: dict[int, shapely.Geometry]  # by cell of the streets
    faces: dict[int, shapely.Geometry]  # by compartment


def outline_polygon(frame: Land, margin: float) -> shapely.Geometry:
    """Return the edge of the built-up land, ``margin`` times as far out. [m]"""
    angle = np.linspace(0, 2 * np.pi, 181)[:-1]
    ragged = 1 + 0.05 * np.sin(5 * angle + frame.phases[6]) + 0.04 * np.sin(9 * angle + frame.phases[7])
    spread = np.abs(np.cos(angle)) ** 3.2 + np.abs(np.sin(angle)) ** 3.2
    radius = (ragged / spread) ** (1 / 3.2) * margin
    x = (1 + radius * np.cos(angle)) * frame.width / 2
    y = (1 + radius * np.sin(angle)) * frame.height / 2
    return shapely.Polygon(np.column_stack([x, y]))


def land_polygons(frame: Land, course: list[Reach]) -> Ground:
    """Cut the land along its rivers and take out the industrial parks."""
    outline = outline_polygon(frame, 1.09)
    water = shapely.union_all(
        [shapely.LineString(reach.line).buffer(reach.half_width, quad_segs=2) for reach in course]
    )
    dry = outline.difference(water)
    faces: dict[int, shapely.Geometry] = {}
    for piece in shapely.get_parts(dry):
        point = piece.representative_point()
        key = int(frame.compartment(np.array([point.x]), np.array([point.y]))[0])
        faces[key] = faces[key].union(piece) if key in faces else piece
    pieces = (frame.mains + 1) * (frame.canals + 1)
    cells = dict(faces)
    for number, (west, south, east, north) in enumerate(frame.parks()):
        middle = np.array([(west + east) / 2]), np.array([(south + north) / 2])
        key = int(frame.compartment(*middle)[0])
        park = shapely.box(west, south, east, north)
        if key in cells:
            cells[pieces + number] = faces[key].intersection(park)
            cells[key] = cells[key].difference(park)
    return Ground(outline, cells, faces)


def cell_polygons(ground: Ground, x: Floats, y: Floats, cell: Ints) -> Polygons:
    """Return for every point the part of its cell that is nearest to it. (n,)"""
    made = np.full(len(x), None, dtype=object)
    for key in np.unique(cell):
        rows = np.flatnonzero(cell == key)
        land = ground.cells.get(int(key))
        if land is None:
            continue
        if len(rows) == 1:
            made[rows[0]] = land
            continue
        points = shapely.MultiPoint(np.column_stack([x[rows], y[rows]]))
        parts = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=land.envelope))
        tree = shapely.STRtree(parts)
        inside = tree.query(shapely.points(x[rows], y[rows]), predicate="within")
        shapely.prepare(land)
        whole = shapely.contains_properly(land, parts[inside[1]])
        cut = parts[inside[1]].copy()
        cut[~whole] = shapely.intersection(cut[~whole], land)
        made[rows[inside[0]]] = cut
    return made
