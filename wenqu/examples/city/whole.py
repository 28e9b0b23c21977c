"""What is the example city? Its network, its inspections, its readings and the truth beneath."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from wenqu.examples.city import yard
from wenqu.examples.city.balance import flow_at
from wenqu.examples.city.catchments import catchment_table
from wenqu.examples.city.draft import Draft
from wenqu.examples.city.flaws import Flaw, with_flaws
from wenqu.examples.city.growing import Grown, grow
from wenqu.examples.city.land import CRS, Floats
from wenqu.examples.city.laying import Laid, lay
from wenqu.examples.city.lifts import add_stations
from wenqu.examples.city.marks import Names, conduit_ids, districts_of, manhole_ids
from wenqu.examples.city.metered import laboratory_series, supply_series
from wenqu.examples.city.mixing import Mixer, Sources, sources
from wenqu.examples.city.observed import gauge_series, place_series
from wenqu.examples.city.outlets import add_plants, add_storm_outfalls
from wenqu.examples.city.overflows import add_overflows, add_station_overflows
from wenqu.examples.city.parcels import cell_polygons, land_polygons
from wenqu.examples.city.points import Points, points
from wenqu.examples.city.rivers import Reach, reaches
from wenqu.examples.city.seen import inspected, inspections
from wenqu.examples.city.standing import Base, base
from wenqu.examples.city.sums import sums
from wenqu.examples.city.tables import conduit_table, joined, manhole_table
from wenqu.examples.city.users import source_table
from wenqu.examples.city.weather import HOURS
from wenqu.examples.city.zones import zone_table
from wenqu.network.geometry import centres
from wenqu.network.model import Assets, City, Network
from wenqu.records.inspection import Inspection
from wenqu.series.model import Series

CITY = City("example", "问渠市", "Wenqu City", CRS, simulated=True)


@dataclass(frozen=True)
class ExampleCity:
    """A fictional city from one seed. What a survey would deliver, and beneath it what no survey knows."""

    network: Network
    asked: int  # conduits asked for
    seed: int
    laid: Laid
    grown: Grown
    manholes: Names  # (N,) ids of the manholes along streets
    conduits: Names  # (C,) ids of the conduits along streets
    points: Points
    meters: list[str]  # (M,) ids, in the order of the points
    on_ids: list[str]  # (M,) what each meter stands on
    plants: list[str]  # (P,) ids
    flaws: list[Flaw]

    @property
    def owners(self) -> list[str]:
        """Under which id the readings of each place stand: the meter's, the station's, the plant's."""
        rows = zip(self.meters, self.on_ids, self.points.kind, strict=True)
        return [meter if kind == 0 else on for meter, on, kind in rows]

    @cached_property
    def sources(self) -> Sources:
        """What enters between measured places."""
        laid, grown = self.laid, self.grown
        lives, measured = (grown.people, grown.blocks), (self.points, grown.sky)
        return sources((laid.pipes, laid.way), lives, grown.ages, grown.balance, measured, self.seed)

    @cached_property
    def inspected(self) -> npt.NDArray[np.bool_]:
        """Which conduits along streets were inspected. (C,)"""
        return inspected(self.laid.pipes, districts_of(self.laid.frame, self.laid.pipes), self.seed)

    @cached_property
    def inspections(self) -> list[Inspection]:
        """The inspection records, about 45 % of the conduits."""
        return inspections(self.laid.pipes, self.grown.wear, (self.inspected, self.conduits), self.seed)

    def series(self, days: int = 365) -> Iterator[Series]:
        """Yield the readings of the last ``days``: gauges, supply meters, meters, stations and plants."""
        hours = 24 * min(days, HOURS // 24)
        sky = self.grown.sky
        yield from gauge_series(self._gauges(), sky, self.seed, hours)
        yield from supply_series(*self._supplied(), sky, self.seed, hours)
        mixed = self.sources, Mixer(self.sources, sky, self.seed, hours)
        yield from place_series(self.laid.pipes, self.points, self.owners, mixed, sky, self.seed)
        yield from laboratory_series(self.points, self.owners, mixed[1], sky, self.seed)

    @property
    def series_count(self) -> int:
        """How many series there are: eight gauges, a supply meter a zone, six a place, two a plant."""
        return 8 + len(self._supplied()[0]) + 6 * len(self.meters) + 2 * len(self.plants)

    def _supplied(self) -> tuple[list[str], Floats]:
        """Return the metering zones that have any ground, and the water billed in each. [m³/s]"""
        people, city = self.grown.people, self.grown.blocks
        billed = sums(city.group[city.of[people.manhole]], people.water, city.groups)
        there = set(self.network.table("zone").ids.tolist())
        zones = [(f"JL{group + 1:03d}", float(water)) for group, water in enumerate(billed)]
        kept = [(zone, water) for zone, water in zones if zone in there and water > 0]
        return [zone for zone, _ in kept], np.array([water for _, water in kept])

    def _gauges(self) -> list[tuple[str, str, float]]:
        """Return id, quantity and mean level of every gauge."""
        frame, table = self.laid.frame, self.network.table("gauge")
        made = []
        for id_, quantity, at in zip(table.ids, table.column("measures"), centres(table.shapes), strict=True):
            x, y = (at - np.array(frame.origin))[:, None]
            level = frame.water_level(x) if quantity == "river_stage" else frame.water_table(x, y)
            made.append((str(id_), str(quantity), float(level[0])))
        return made


def example_city(conduits: int = 6000, seed: int = 1) -> ExampleCity:
    """Return the fictional city of about ``conduits`` conduits that a seed grows into.

    Nothing in it is measured anywhere: names, places, people and readings are invented, and every
    series and record says ``simulated``. The same seed gives the same city, bit for bit.

    Parameters
    ----------
    conduits
        Size of the city, from 600. A million takes about a minute; its meters and users are fewer a conduit.
    seed
        Another seed is another city.
    """
    laid = lay(conduits, seed)
    grown = grow(laid, conduits, seed)
    pipes = laid.pipes
    district = districts_of(laid.frame, pipes)
    manholes, names = manhole_ids(district, pipes), conduit_ids(district, pipes)
    course = reaches(laid.frame)
    ground = base(laid.frame, laid.plan, (pipes, laid.depth), (manholes, district), course)
    draft, stations, plants = _structures(laid, ground, grown)
    places = points(pipes, laid.way, laid.sanitary, conduits)
    owners = (names, stations, plants)
    on_ids = [str(owners[kind][row]) for kind, row in zip(places.kind, places.number, strict=True)]
    meters = yard.add_meters(draft, ground, places, on_ids)
    yard.add_all(draft, ground, conduits, seed)
    tables, flaws = _tables(laid, grown, (manholes, names, district), draft, seed)
    tables |= _areas(laid, grown, course, (manholes, plants))
    return ExampleCity(
        network=Network(CITY, tables),
        asked=conduits,
        seed=seed,
        laid=laid,
        grown=grown,
        manholes=manholes,
        conduits=names,
        points=places,
        meters=meters,
        on_ids=on_ids,
        plants=plants,
        flaws=flaws,
    )


def _structures(laid: Laid, ground: Base, grown: Grown) -> tuple[Draft, list[str], list[str]]:
    """Return the structures with the ids of stations and plants."""
    draft = Draft()
    flow = flow_at(laid.pipes, laid.way, grown.balance)
    stations = add_stations(draft, ground, laid.sanitary, flow)
    add_overflows(draft, ground, laid.sanitary, laid.overflows)
    add_station_overflows(draft, ground, laid.sanitary, laid.emergency)
    plants = add_plants(draft, ground, laid.sanitary, flow)
    add_storm_outfalls(draft, ground, laid.storm)
    return draft, stations, plants


def _tables(
    laid: Laid, grown: Grown, marks: tuple[Names, Names, npt.NDArray[np.int64]], draft: Draft, seed: int
) -> tuple[dict[str, Assets], list[Flaw]]:
    """Return everything that is drawn as tables, with the survey's faults in them."""
    origin, both = np.array(laid.frame.origin), (laid.pipes, laid.depth)
    manholes, _, district = marks
    conduits, flaws = with_flaws(conduit_table(laid.plan, both, marks, grown.ages, origin), laid.pipes, seed)
    tables = {name: draft.table(name, origin) for name in draft.rows}
    tables["manhole"] = joined(
        manhole_table(laid.plan, both, (manholes, district), origin), draft.table("manhole", origin)
    )
    tables["conduit"] = joined(conduits, draft.table("conduit", origin))
    tables["source"] = source_table(laid.frame, laid.pipes, grown.people, manholes, seed, origin)
    return tables, flaws


def _areas(laid: Laid, grown: Grown, course: list[Reach], ids: tuple[Names, list[str]]) -> dict[str, Assets]:
    """Return the zones and the catchments of rain."""
    frame, plan, pipes = laid.frame, laid.plan, laid.pipes
    people, city = grown.people, grown.blocks
    manholes, plants = ids
    origin: Floats = np.array(frame.origin)
    ground = land_polygons(frame, course)
    water = sums(city.of[people.manhole], people.water, len(city.x))
    roots = np.unique(laid.sanitary.outlet[laid.sanitary.outlet >= 0])
    of_cell = {int(plan.cell[root]): plant for root, plant in zip(roots, plants, strict=True)}
    at = np.where(plan.old, pipes.sanitary_at, pipes.storm_at)
    outlets = manholes[np.maximum(at, 0)].copy()
    outlets[at < 0] = None
    shapes = cell_polygons(ground, plan.x, plan.y, plan.cell)
    return {
        "zone": zone_table(frame, ground, city, (water, of_cell), origin),
        "catchment": catchment_table(frame, plan, (shapes, outlets), origin),
    }
