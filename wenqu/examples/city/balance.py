"""What truly flows under the example city: sewage, groundwater, river water, and what is lost?"""

from dataclasses import dataclass

import numpy as np

from wenqu.examples.city.ages import Ages
from wenqu.examples.city.below import Below, sums_above
from wenqu.examples.city.blocks import Blocks
from wenqu.examples.city.land import Floats, Ints, Land
from wenqu.examples.city.skeleton import Skeleton
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
    park = np.bincount(way.plant[sewers], frame.park(x, y) >= 0, minlength=plants) / count > 0.5
    old = np.bincount(way.plant[sewers], frame.old_town(x, y), minlength=plants) / count > 0.08
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
    of_block = np.bincount(city.of, generated, minlength=len(city.x))
    inhabited = np.flatnonzero(of_block > 0)
    losing = generator.choice(inhabited, max(1, round(LOSING * len(inhabited))), replace=False)
    share = np.zeros(len(city.x))
    share[losing] = generator.uniform(0.2, 0.8, len(losing))
    return share


def _intrusions(
    frame: Land, pipes: Skeleton, way: Below, failing: tuple[Ints, Floats], generator: np.random.Generator
) -> tuple[Ints, Floats]:
    """Return manholes on the bank where the river enters, five for three failing plants, and their flows."""
    plants, flow = failing
    places, amounts = [], []
    away = frame.river_distance(pipes.x, pipes.y)
    wanted = max(len(plants), round(5 * len(plants) / 3))
    counts = np.bincount(np.arange(wanted) % max(len(plants), 1), minlength=len(plants))
    for plant, total, count in zip(plants, flow, counts, strict=True):
        near = np.flatnonzero((way.plant == plant) & (way.conduit >= 0))
        near = near[np.argsort(away[near], kind="stable")][: max(12, len(near) // 12)]
        picked = generator.choice(near, count, replace=False)
        parts = generator.uniform(0.6, 1.4, count)
        places.append(picked)
        amounts.append(total * parts / parts.sum())
    if not places:
        return np.empty(0, np.int64), np.empty(0)
    return np.concatenate(places).astype(np.int64), np.concatenate(amounts)


def balance(
    frame: Land,
    laid: tuple[Skeleton, Below],
    grown: tuple[Users, Ages, Wear, Blocks],
    sky: Weather,
    seed: int,
) -> Balance:
    """Settle the truth: defects and heads say where groundwater enters, each plant's share how much."""
    pipes, way = laid
    people, known, state, city = grown
    generator = np.random.default_rng([seed, 71])
    size, plants = len(pipes.x), int(way.plant.max()) + 1
    everyone = np.bincount(people.manhole, people.sewage, minlength=size)
    sent = np.bincount(people.manhole, people.sewage * people.connected, minlength=size)
    lost_share = _lost(city, everyone, generator)
    sewage = sent * (1 - lost_share[city.of])
    plant_sewage = np.bincount(np.maximum(way.plant, 0), sewage, minlength=plants)
    share, failing = _shares(frame, pipes, way, plants)
    extraneous = plant_sewage * share / (1 - share)
    river = np.zeros(plants)
    river[failing] = RIVER_PART * extraneous[failing]
    raw = state.leakiness * (pipes.of_system > 0)
    yearly = raw * mean_head(known.head, sky.water_table)
    of_plant = np.maximum(way.plant[pipes.start], 0)
    scale = (extraneous - river) / np.maximum(np.bincount(of_plant, yearly, minlength=plants), 1e-12)
    conductance = raw * scale[of_plant]
    places, amounts = _intrusions(frame, pipes, way, (failing, river[failing]), generator)
    return Balance(
        everyone,
        sewage,
        yearly * scale[of_plant],
        conductance,
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
    river = np.bincount(truth.intrusion, truth.intrusion_flow, minlength=size)
    ground = np.bincount(pipes.start, truth.groundwater, minlength=size)
    return np.asarray(truth.sewage + river + ground, dtype=np.float64)


def flow_at(pipes: Skeleton, way: Below, truth: Balance) -> Floats:
    """Return the mean flow that leaves every manhole. (N,) [m³/s]"""
    return sums_above(way, inflow_at(pipes, truth))
