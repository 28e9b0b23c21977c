"""What is the example city? Its network, its inspections, its readings and the truth beneath."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from wenqu.examples.city import yard
from wenqu.examples.city.ages import Ages, ages
from wenqu.examples.city.balance import Balance, balance, flow_at
from wenqu.examples.city.below import Below, below
from wenqu.examples.city.blocks import Blocks, blocks
from wenqu.examples.city.draft import Draft
from wenqu.examples.city.drains import Drains, sanitary_drains, storm_drains
from wenqu.examples.city.flaws import Flaw, with_flaws
from wenqu.examples.city.land import CRS, Floats, Ints, Land, land
from wenqu.examples.city.lifts import add_stations
from wenqu.examples.city.marks import Names, conduit_ids, districts_of, manhole_ids
from wenqu.examples.city.outlets import add_plants, add_storm_outfalls
from wenqu.examples.city.overflows import (
    add_overflows,
    add_station_overflows,
    emergency_rows,
    overflow_junctions,
)
from wenqu.examples.city.points import Points, points
from wenqu.examples.city.rivers import Reach, reaches
from wenqu.examples.city.seen import inspected, inspections
from wenqu.examples.city.skeleton import Levels, Skeleton, fitting_spacing, levels, skeleton
from wenqu.examples.city.standing import Base, base
from wenqu.examples.city.streets import Streets, streets
from wenqu.examples.city.sums import sums
from wenqu.examples.city.tables import conduit_table, joined, manhole_table
from wenqu.examples.city.users import Users, source_table, users
from wenqu.examples.city.wear import Wear, wear
from wenqu.examples.city.weather import Weather, weather
from wenqu.examples.city.zones import catchment_table, cell_polygons, land_polygons, zone_table
from wenqu.network.model import Assets, City, Network
from wenqu.records.inspection import Inspection

GROUND_PER_CONDUIT = 3030.0  # [m²] of built-up land
CITY = City("example", "问渠市", "Wenqu City", CRS, simulated=True)


@dataclass(frozen=True)
class ExampleCity:
    """A fictional city from one seed. What a survey would deliver, and beneath it what no survey knows."""

    network: Network
    seed: int
    frame: Land
    plan: Streets
    sanitary: Drains
    pipes: Skeleton
    depth: Levels
    way: Below
    manholes: Names  # (N,) ids
    conduits: Names  # (C,) ids of the conduits along streets
    ages: Ages
    wear: Wear
    people: Users
    blocks: Blocks
    points: Points
    meters: list[str]  # (M,) ids, in the order of the points
    on_ids: list[str]  # (M,) what each meter stands on
    plants: list[str]  # (P,) ids
    sky: Weather
    balance: Balance
    flaws: list[Flaw]

    @cached_property
    def inspected(self) -> npt.NDArray[np.bool_]:
        """Which conduits along streets were inspected. (C,)"""
        return inspected(self.pipes, districts_of(self.frame, self.pipes), self.seed)

    @cached_property
    def inspections(self) -> list[Inspection]:
        """The inspection records, about 45 % of the conduits."""
        return inspections(self.pipes, self.wear, (self.inspected, self.conduits), self.seed)


@dataclass(frozen=True, slots=True)
class _Laid:
    """The city below the streets, before anything is a table."""

    frame: Land
    plan: Streets
    sanitary: Drains
    storm: Drains
    pipes: Skeleton
    depth: Levels
    way: Below
    overflows: Ints  # junctions with a combined overflow
    emergency: Ints  # stations with one, rows of the lifted junctions

    @property
    def doors(self) -> Ints:
        """Manholes that have a way to the river."""
        stations = self.pipes.sanitary_at[self.sanitary.lifted[self.emergency]]
        return np.concatenate([self.pipes.sanitary_at[self.overflows], stations])


def _lay(conduits: int, seed: int) -> _Laid:
    generator = np.random.default_rng([seed, 1])
    frame = land(conduits * GROUND_PER_CONDUIT, generator)
    plan = streets(frame, generator)
    stations = max(2, round(12 * conduits / 6000)) if conduits <= 20_000 else None
    sanitary = sanitary_drains(frame, plan, stations)
    outfalls = max(4, round(60 * conduits / 6000) - _other_outfalls(conduits, sanitary))
    storm = storm_drains(frame, plan, outfalls, generator)
    # inlets, pressure mains and outlets of the structures are conduits as well
    few = 2 * len(sanitary.lifted) + _other_outfalls(conduits, sanitary) + round(0.85 * outfalls) + 5
    spacing = fitting_spacing(plan, (sanitary, storm), max(conduits - few, conduits // 2))
    pipes = skeleton(frame, plan, sanitary, storm, spacing)
    combined, emergency = _overflow_counts(conduits, sanitary)
    return _Laid(
        frame,
        plan,
        sanitary,
        storm,
        pipes,
        levels(pipes),
        below(pipes, sanitary),
        overflow_junctions(frame, plan, pipes, sanitary, combined),
        emergency_rows(frame, pipes, sanitary, emergency),
    )


def _overflow_counts(conduits: int, sanitary: Drains) -> tuple[int, int]:
    """Return how many overflows the combined sewers and the stations have."""
    return max(1, round(8 * min(conduits, 60_000) / 6000)), max(1, len(sanitary.lifted) // 3)


def _other_outfalls(conduits: int, sanitary: Drains) -> int:
    return sum(_overflow_counts(conduits, sanitary)) + len(np.unique(sanitary.outlet[sanitary.outlet >= 0]))


def _structures(laid: _Laid, ground: Base, truth: Balance) -> tuple[Draft, list[str], list[str]]:
    """Return the structures with the ids of stations and plants."""
    draft = Draft()
    flow = flow_at(laid.pipes, laid.way, truth)
    stations = add_stations(draft, ground, laid.sanitary, flow)
    add_overflows(draft, ground, laid.sanitary, laid.overflows)
    add_station_overflows(draft, ground, laid.sanitary, laid.emergency)
    plants = add_plants(draft, ground, laid.sanitary, flow)
    add_storm_outfalls(draft, ground, laid.storm)
    return draft, stations, plants


def example_city(conduits: int = 6000, seed: int = 1) -> ExampleCity:
    """Return the fictional city of about ``conduits`` conduits that a seed grows into.

    Nothing in it is measured anywhere: names, places, people and readings are invented, and every
    series and record says ``simulated``. The same seed gives the same city, bit for bit.
    """
    laid = _lay(conduits, seed)
    frame, plan, pipes = laid.frame, laid.plan, laid.pipes
    avenue = (plan.avenue.astype(np.int64), plan.length)
    known = ages(frame, avenue, pipes, laid.depth, seed)
    state = wear(pipes, known, seed)
    people = users(frame, pipes, conduits, seed)
    city = blocks(frame, plan, pipes, min(900, max(6, round(45 * conduits / 6000))), seed)
    sky = weather(seed)
    grown = people, known, state, city
    truth = balance(frame, (pipes, laid.depth, laid.way), grown, sky, laid.doors, seed)
    district = districts_of(frame, pipes)
    manholes, names = manhole_ids(district, pipes), conduit_ids(district, pipes)
    course = reaches(frame)
    ground = base(frame, plan, (pipes, laid.depth), (manholes, district), course)
    draft, stations, plants = _structures(laid, ground, truth)
    places = points(pipes, laid.way, laid.sanitary, conduits)
    on_ids = [
        (names, stations, plants)[kind][row] for kind, row in zip(places.kind, places.number, strict=True)
    ]
    meters = yard.add_meters(draft, ground, places, [str(id_) for id_ in on_ids])
    yard.add_reaches(draft, course)
    yard.add_gauges(draft, frame, course)
    yard.add_gullies(draft, ground, min(2000, max(8, round(200 * conduits / 6000))), seed)
    yard.add_villages(draft, ground, min(60, max(3, round(12 * conduits / 6000))), seed)
    yard.add_sludge(draft, frame)
    origin = np.array(frame.origin)
    streets_manholes = manhole_table(plan, (pipes, laid.depth), (manholes, district), origin)
    streets_conduits = conduit_table(plan, (pipes, laid.depth), (manholes, names, district), known, origin)
    flawed, flaws = with_flaws(streets_conduits, pipes, seed)
    tables = {name: draft.table(name, origin) for name in draft.rows}
    tables["manhole"] = joined(streets_manholes, draft.table("manhole", origin))
    tables["conduit"] = joined(flawed, draft.table("conduit", origin))
    tables["source"] = source_table(frame, pipes, people, manholes, seed, origin)
    tables |= _areas(laid, course, (people, city), (manholes, plants), origin)
    return ExampleCity(
        Network(CITY, tables), seed, frame, plan, laid.sanitary, pipes, laid.depth, laid.way, manholes, names,
        known, state, people, city, places, meters, [str(id_) for id_ in on_ids], plants, sky, truth, flaws,
    )  # fmt: skip


def _areas(
    laid: _Laid,
    course: list[Reach],
    grown: tuple[Users, Blocks],
    ids: tuple[Names, list[str]],
    origin: Floats,
) -> dict[str, Assets]:
    """Return the zones and the catchments of rain."""
    frame, plan, pipes = laid.frame, laid.plan, laid.pipes
    people, city = grown
    manholes, plants = ids
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
