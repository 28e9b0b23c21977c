"""How do the manholes and conduits along streets become tables of assets?"""

import numpy as np

from wenqu.examples.city.ages import IMPORTANCE, MATERIALS, SOILS, Ages, groundwater_classes
from wenqu.examples.city.drains import SYSTEMS
from wenqu.examples.city.land import DISTRICTS, Floats, Ints
from wenqu.examples.city.marks import Names
from wenqu.examples.city.skeleton import Levels, Skeleton
from wenqu.examples.city.standing import GROUP
from wenqu.examples.city.streets import Streets
from wenqu.network.geometry import Shapes
from wenqu.network.model import Assets, Column, missing_column
from wenqu.network.schema import asset_type

BODIES = ("方塘区排水管理所", "天光区排水管理所", "云影县排水管理所")


def _coded(codes: tuple[str, ...], rows: Ints) -> Column:
    return np.array(codes, dtype=object)[rows]


def manhole_table(
    plan: Streets, laid: tuple[Skeleton, Levels], marks: tuple[Names, Ints], origin: Floats
) -> Assets:
    """Return all manholes along streets."""
    pipes, depth = laid
    ids, district = marks
    bottom = np.round(depth.bottom, 3)
    ground = np.round(pipes.ground, 3)
    ends = np.bincount(pipes.start, minlength=len(ids)) + np.bincount(pipes.end, minlength=len(ids))
    styles = ("one_way", "one_way", "two_way_straight", "three_way", "four_way", "five_way", "more_ways")
    fields: dict[str, Column] = {
        "system": SYSTEMS[pipes.system],
        "kind": np.full(len(ids), "inspection", dtype=object),
        "style": _coded(styles, np.minimum(ends, 6)),
        "ground_level": ground,
        "invert_level": bottom,
        "depth": np.round(ground - bottom, 3),
        "cover_material": _coded(("cast_iron", "concrete"), (np.arange(len(ids)) % 11 == 3).astype(np.int64)),
        "road": np.array(plan.road_names, dtype=object)[plan.road[pipes.street]],
        "district": _coded(DISTRICTS, district),
        "status": np.full(len(ids), "in_use", dtype=object),
        "owner": np.full(len(ids), GROUP, dtype=object),
        "keeper": _coded(BODIES, district),
        "data_source": np.full(len(ids), "field_survey", dtype=object),
        "surveyed_on": np.full(len(ids), "2023-11-30", dtype=object),
    }
    return Assets("manhole", ids, fields, Shapes.points(np.column_stack([pipes.x, pipes.y]) + origin))


def conduit_table(
    plan: Streets,
    laid: tuple[Skeleton, Levels],
    marks: tuple[Names, Names, Ints],
    known: Ages,
    origin: Floats,
) -> Assets:
    """Return all conduits along streets; ``marks`` are the ids of manholes and conduits and the districts."""
    pipes, depth = laid
    manholes, ids, of_manhole = marks
    size, district = len(ids), of_manhole[pipes.start]
    upper, lower = np.round(depth.upper, 3), np.round(depth.lower, 3)
    length = np.round(pipes.length, 2)
    cover = [
        np.round(pipes.ground[side] - level - pipes.diameter, 2)
        for side, level in ((pipes.start, upper), (pipes.end, lower))
    ]
    fields: dict[str, Column] = {
        "from_id": manholes[pipes.start],
        "to_id": manholes[pipes.end],
        "system": SYSTEMS[pipes.of_system],
        "length": length,
        "shape": np.full(size, "circular", dtype=object),
        "height": pipes.diameter,
        "width": pipes.diameter,
        "barrels": np.ones(size),
        "roughness": np.where(np.isin(known.material, (3, 4)), 0.011, 0.013),
        "from_invert": upper,
        "to_invert": lower,
        "from_cover": cover[0],
        "to_cover": cover[1],
        "slope": np.round((upper - lower) / length, 5),
        "material": _coded(MATERIALS, known.material),
        "pressure": np.full(size, "gravity", dtype=object),
        "property": np.full(size, "municipal", dtype=object),
        "importance": _coded(IMPORTANCE, known.importance),
        "soil": _coded(SOILS, known.soil),
        "groundwater_class": groundwater_classes(known.head, pipes.diameter),
        "year": known.year.astype(np.float64),
        "road": np.array(plan.road_names, dtype=object)[plan.road[pipes.of_street]],
        "district": _coded(DISTRICTS, district),
        "status": np.full(size, "in_use", dtype=object),
        "owner": np.full(size, GROUP, dtype=object),
        "keeper": _coded(BODIES, district),
        "data_source": _coded(("field_survey", "as_built_drawing"), (known.year > 2012).astype(np.int64)),
        "surveyed_on": np.full(size, "2023-11-30", dtype=object),
    }
    ends = np.stack([pipes.start, pipes.end], axis=1).ravel()
    coords = np.column_stack([pipes.x[ends], pipes.y[ends]]) + origin
    return Assets("conduit", ids, fields, Shapes.lines(coords, np.arange(size + 1) * 2))


def joined(first: Assets, second: Assets) -> Assets:
    """Return two tables of one type as one: the rows of ``first``, then those of ``second``."""
    if not len(second):
        return first
    kind = asset_type(first.type)
    columns = {}
    for name in {**first.fields, **second.fields}:
        parts = [
            table.fields.get(name, missing_column(kind.field(name).kind, len(table)))
            for table in (first, second)
        ]
        columns[name] = np.concatenate(parts)
    a, b = first.shapes, second.shapes
    shapes = Shapes(
        np.concatenate([a.coords, b.coords]),
        np.concatenate([a.parts, b.parts[1:] + a.parts[-1]]),
        np.concatenate([a.assets, b.assets[1:] + a.assets[-1]]),
    )
    return Assets(first.type, np.concatenate([first.ids, second.ids]), columns, shapes)
