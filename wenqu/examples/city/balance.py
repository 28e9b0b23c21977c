"""What truly flows under the example city: sewage, groundwater, river water, and what is lost?"""

from dataclasses import dataclass

import numpy as np

from wenqu.examples.city.ages import Ages
from wenqu.examples.city.below import Below, sums_above
from wenqu.examples.city.blocks import Blocks
from wenqu.examples.city.land import Floats, Ints, Land
from wenqu.examples.city.skeleton import Levels, Skeleton
from wenqu.examples.city.sums import sums
from wenqu.examples.city.users import Users
from wenqu.examples.city.wear import Wear
from wenqu.examples.city.weather import Weather

LOSING = 0.2  # of the blocks lose sewage
# Share of extraneous water at a plant: of an old town, of an industrial park, of the others in turn.
OLD_SHARE, PARK_SHARE, OTHER_SHARES = 0.49, 0.24, (0.45, 0.21, 0.45)
RIVER_PART = 0.27  # of the extraneous water, where the river enters
SWING = 24  # steps in which the year's groundwater is counted


@dataclass(frozen=True, slots=True)
class Balance:
    """Means of the year. N manholes, C conduits, B blocks, P plants, R places where the river enters."""

    generated: Floats  # (N,) sewage that users discharge or should, by the manhole nearest to them [m³/s]
    sewage: Floats  # (N,) sewage that arrives there [m³/s]
    groundwater: Floats  # (C,) [m³/s]
    conductance: Floats  # (C,) groundwater per metre of head [m²/s]
    lost_share: Floats  # (B,) of the sewage of connected users [-]
    intrusion: Ints  # (R,) manhole
    intrusion_flow: Floats  # (R,) [m³/s]
    sill: Floats  # (R,) below the mean river stage [m]
    plant_sewage: Floats  # (P,) [m³/s]
    plant_groundwater: Floats  # (P,) [m³/s]
    plant_river: Floats  # (P,) [m³/s]


def mean_head(head: Floats, swing: Floats) -> Floats:
    """Return the mean of the head above zero over the year. [m]"""
    heights, edges = np.histogram(swing, SWING)
    total = np.zeros(len(head))
    for share, low, high in zip(heights / len(swing), edges[:-1], edges[1:], strict=True):
        total += share * np.maximum(head + (low + high) / 2, 0.0)
    return total


def _shares(frame: Land, pipes: Skeleton, way: Below, plants: int) -> tuple[Floats, Ints]:
    """Return the extraneous share of every plant and which of them fail by it."""
    sewers = np.flatnonzero(way.plant >= 0)
    count = np.maximum(np.bincount(way.plant[sewers], minlength=plants), 1)
    x, y = pipes.x[sewers], pipes.y[sewers]
    park = sums(way.plant[sewers], frame.park(x, y) >= 0, plants) / count > 0.5
    old = sums(way.plant[sewers], frame.old_town(x, y), plants) / count > 0.08
    share = np.empty(plants)
    turn = 0
    for plant in range(plants):
        if park[plant]:
            share[plant] = PARK_SHARE
        elif old[plant]:
            share[plant] = OLD_SHARE
        else:
            share[plant] = OTHER_SHARES[turn % len(OTHER_SHARES)]
            turn += 1
    return share, np.flatnonzero(share > 0.4)


def _lost(city: Blocks, generated: Floats, generator: np.random.Generator) -> Floats:
    """Return the share of its sewage that each block loses: one block in five, 20 to 80 %."""
    of_block = sums(city.of, generated, len(city.x))
    inhabited = np.flatnonzero(of_block > 0)
    losing = generator.choice(inhabited, max(1, round(LOSING * len(inhabited))), replace=False)
    share = np.zeros(len(city.x))
    share[losing] = generator.uniform(0.2, 0.8, len(losing))
    return share


def _intrusions(
    frame: Land, laid: tuple[Skeleton, Levels, Below], failing: tuple[Ints, Floats], doors: Ints, seed: int
) -> tuple[Ints, Floats]:
    """Return manholes where the river enters, five for three failing plants, and their flows.

    It comes back over the weirs of overflows that lie below the river, and through sewers along the bank.
    """
    pipes, depth, way = laid
    generator = np.random.default_rng([seed, 72])
    plants, flow = failing
    places, amounts = [np.empty(0, np.int64)], [np.empty(0)]
    away = frame.river_distance(pipes.x, pipes.y)
    drowned = (way.plant >= 0) & (way.conduit >= 0) & (depth.bottom < frame.water_level(pipes.x) - 0.2)
    wanted = max(len(plants), round(5 * len(plants) / 3))
    counts = np.bincount(np.arange(wanted) % max(len(plants), 1), minlength=len(plants))
    for plant, total, count in zip(plants, flow, counts, strict=True):
        open_doors = doors[drowned[doors] & (way.plant[doors] == plant)][: (count + 1) // 2]
        banks = np.setdiff1d(np.flatnonzero(drowned & (way.plant == plant)), open_doors)
        banks = banks[np.argsort(away[banks], kind="stable")][: max(12, len(banks) // 12)]
        few = min(count - len(open_doors), len(banks))
        picked = np.concatenate([open_doors, generator.choice(banks, few, replace=False)]).astype(np.int64)
        parts = generator.uniform(0.6, 1.4, len(picked))
        places.append(picked)
        amounts.append(total * parts / parts.sum())
    return np.concatenate(places), np.concatenate(amounts)


def balance(
    frame: Land,
    laid: tuple[Skeleton, Levels, Below],
    grown: tuple[Users, Ages, Wear, Blocks],
    sky: Weather,
    doors: Ints,
    seed: int,
) -> Balance:
    """Settle the truth: defects and heads say where groundwater enters, each plant's share how much.

    ``doors`` are the manholes with an overflow.
    """
    pipes, _, way = laid
    people, known, state, city = grown
    generator = np.random.default_rng([seed, 71])
    size, plants = len(pipes.x), int(way.plant.max()) + 1
    everyone = sums(people.manhole, people.sewage, size)
    sent = sums(people.manhole, people.sewage * people.connected, size)
    lost_share = _lost(city, everyone, generator)
    sewage = sent * (1 - lost_share[city.of])
    plant_sewage = sums(np.maximum(way.plant, 0), sewage, plants)
    share, failing = _shares(frame, pipes, way, plants)
    extraneous = plant_sewage * share / (1 - share)
    river = np.zeros(plants)
    river[failing] = RIVER_PART * extraneous[failing]
    places, amounts = _intrusions(frame, laid, (failing, river[failing]), doors, seed)
    river = sums(way.plant[places], amounts, plants)
    raw = state.leakiness * (pipes.of_system > 0)
    yearly = raw * mean_head(known.head, sky.water_table)
    of_plant = np.maximum(way.plant[pipes.start], 0)
    scale = (extraneous - river) / np.maximum(sums(of_plant, yearly, plants), 1e-12)
    return Balance(
        everyone,
        sewage,
        yearly * scale[of_plant],
        raw * scale[of_plant],
        lost_share,
        places,
        amounts,
        generator.uniform(0.25, 0.6, len(places)),
        plant_sewage,
        extraneous - river,
        river,
    )


def inflow_at(pipes: Skeleton, truth: Balance) -> Floats:
    """Return all that enters at or just below each manhole. (N,) [m³/s]"""
    size = len(pipes.x)
    river = sums(truth.intrusion, truth.intrusion_flow, size)
    ground = sums(pipes.start, truth.groundwater, size)
    return truth.sewage + river + ground


def flow_at(pipes: Skeleton, way: Below, truth: Balance) -> Floats:
    """Return the mean flow that leaves every manhole. (N,) [m³/s]"""
    return sums_above(way, inflow_at(pipes, truth))
