"""Which districts, catchments, metering zones and blocks is the example city divided into?"""

from dataclasses import dataclass

import numpy as np
import shapely

from wenqu.examples.city.blocks import Blocks
from wenqu.examples.city.land import DISTRICTS, Floats, Land
from wenqu.examples.city.parcels import Ground, Polygons, cell_polygons, outline_polygon
from wenqu.examples.city.sums import sums
from wenqu.network.geometry import shapes_from
from wenqu.network.model import Assets, assets

DISTRICT_NAMES = ("方塘区", "天光区", "云影县")


@dataclass(slots=True)
class _Zones:
    """Rows of the zone table."""

    ids: list[str]
    shapes: list[shapely.Geometry]
    rows: list[dict[str, object]]

    def add(self, id_: str, shape: shapely.Geometry, **fields: object) -> None:
        """Add one zone if it has any ground."""
        if shape is None or shape.is_empty or shape.area < 1.0:
            return
        self.ids.append(id_)
        self.shapes.append(shape)
        self.rows.append({"area": round(float(shape.area), 0), **fields})


def _people(water: Floats) -> Floats:
    """Return the people of every block from the water they use at 200 L a day, all trades together."""
    return np.round(water * 86400 / 0.2)


def _district_zones(made: _Zones, frame: Land, ground: Ground, people: Floats) -> None:
    total = float(people.sum())
    made.add("WQ", ground.outline, name="问渠市", kind="city", population=total, responsible="问渠市治水办")
    keys = np.array(sorted(ground.faces), dtype=np.int64)
    owner = frame.district(keys)
    for number, code in enumerate(DISTRICTS):
        shape = shapely.union_all([ground.faces[int(key)] for key in keys[owner == number]])
        made.add(
            code, shape, name=DISTRICT_NAMES[number], kind="district", parent="WQ", code=f"99010{number + 1}",
            population=float(people[number]), built_up_area=round(float(shape.area) * 0.82, 0),
            responsible=f"{DISTRICT_NAMES[number]}人民政府", district=code,
        )  # fmt: skip


def zone_table(
    frame: Land,
    ground: Ground,
    city: Blocks,
    numbers: tuple[Floats, dict[int, str]],
    origin: Floats,
) -> Assets:
    """Return all zones; ``numbers`` are the water use of every block [m³/s] and the plant of every cell."""
    water, plants = numbers
    people = _people(water)
    of_district = frame.district(frame.compartment(city.x, city.y))
    codes = [DISTRICTS[row] for row in of_district]
    made = _Zones([], [], [])
    _district_zones(made, frame, ground, sums(of_district, people, 3))
    for number, (cell, plant) in enumerate(sorted(plants.items()), start=1):
        inside = city.cell == cell
        made.add(
            f"PQ{number:02d}", ground.cells[cell], name=f"{number}号污水系统片区", kind="sewershed",
            plant=plant, population=float(people[inside].sum()),
            water_supply=float(water[inside].sum()) * 1.12,
            district=codes[int(np.argmax(inside))],
        )  # fmt: skip
    pieces = (frame.mains + 1) * (frame.canals + 1)
    for cell, shape in ground.cells.items():
        if cell >= pieces:
            made.add(f"YQ{cell - pieces + 1:02d}", shape, name=f"活水工业园{cell - pieces + 1}期",
            kind="park",
                     responsible="问渠市经信局", district="TG")  # fmt: skip
    shapes = cell_polygons(ground, city.x, city.y, city.cell)
    _metering_zones(made, city, (shapes, codes), (water, people, plants))
    _other_zones(made, frame, ground, city, (shapes, codes))
    for row, shape in enumerate(shapes):
        made.add(
            f"DY{row + 1:04d}", shape, name=f"{row + 1}号排水单元", kind="block",
            parent=f"JL{city.group[row] + 1:03d}", population=float(people[row]), district=codes[row],
            water_supply=float(water[row]) * 1.12, plant=plants.get(int(city.cell[row])),
        )  # fmt: skip
    names = sorted({name for row in made.rows for name in row})
    columns = {name: [row.get(name) for row in made.rows] for name in names}
    drawn = shapes_from(np.array(made.shapes, dtype=object))
    return assets("zone", made.ids, columns, drawn.with_coords(drawn.coords + origin))


def _metering_zones(
    made: _Zones,
    city: Blocks,
    drawn: tuple[Polygons, list[str]],
    numbers: tuple[Floats, Floats, dict[int, str]],
) -> None:
    shapes, codes = drawn
    water, people, plants = numbers
    for group in range(city.groups):
        rows = np.flatnonzero(city.group == group)
        there = [shapes[row] for row in rows if shapes[row] is not None]
        made.add(
            f"JL{group + 1:03d}", shapely.union_all(there), name=f"{group + 1}号计量分区", kind="metering",
            parent=codes[rows[0]], district=codes[rows[0]], plant=plants.get(int(city.cell[rows[0]])),
            population=float(people[rows].sum()), water_supply=float(water[rows].sum()) * 1.12,
        )  # fmt: skip


def _other_zones(
    made: _Zones, frame: Land, ground: Ground, city: Blocks, drawn: tuple[Polygons, list[str]]
) -> None:
    """Add two compliance zones, three areas without sewers at the fringe and two that flood."""
    shapes, codes = drawn
    for number, group in enumerate(dict.fromkeys((0, city.groups - 1)), start=1):
        rows = np.flatnonzero(city.group == group)
        there = [shapes[row] for row in rows if shapes[row] is not None]
        done = number == 1
        made.add(
            f"DB{number:02d}", shapely.union_all(there), name=f"{'半亩' if done else '徘徊'}污水零直排达标区",
            kind="compliance", district=codes[rows[0]], parent=codes[rows[0]], showcase=done,
            accepted_on="2024-11-20" if done else None, accept_by=None if done else "2025-12-31",
            responsible=f"{DISTRICT_NAMES[DISTRICTS.index(codes[rows[0]])]}治水办",
        )  # fmt: skip
    middle = shapely.Point(frame.width / 2, frame.height / 2)
    inner = outline_polygon(frame, 1.01)
    fringe = ground.outline.difference(inner)
    for number, angle in enumerate((0.9, 2.5, 5.2), start=1):
        way = shapely.LineString(
            [middle, (middle.x + 2 * frame.width * np.cos(angle), middle.y + 2 * frame.width * np.sin(angle))]
        )
        spot = way.intersection(fringe)
        if spot.is_empty:
            continue
        shape = spot.interpolate(0.5, normalized=True).buffer(0.055 * frame.height).intersection(fringe)
        point = shape.representative_point()
        place = frame.compartment(np.array([point.x]), np.array([point.y]))
        made.add(
            f"KB{number:02d}", shape, name=f"{number}号管网空白区", kind="blank",
            population=180 * number + 240,
            district=DISTRICTS[int(frame.district(place)[0])], responsible="所在街道",
        )  # fmt: skip
    for number, row in enumerate((len(city.x) // 3, 2 * len(city.x) // 3), start=1):
        shape = shapely.Point(city.x[row], city.y[row]).buffer(140)
        made.add(f"YL{number:02d}", shape, name=f"{number}号易涝点", kind="flood_prone", district=codes[row])
