"""Where is the source of a search by now, and which manhole is worth opening next?"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.search_next import Choice, Rules, false_rates, next_manholes
from wenqu.diagnosis.search_readings import Chances, Tracer
from wenqu.diagnosis.search_region import Reach, Region, best_reach, region
from wenqu.diagnosis.search_several import Found, barred, belief_beside
from wenqu.diagnosis.search_state import Belief, Reading
from wenqu.diagnosis.search_tree import SearchTree, search_tree
from wenqu.records.search import SearchEvent
from wenqu.services.city_state import CityState
from wenqu.services.isolate_district import node_places
from wenqu.services.source_searches import Hunt

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
WORK = 20.0  # [min] to open, sample and close a manhole
SPEED = 250.0  # [m/min] of a van in a town, as the crow flies
NEARLY = 3.0  # radii: how short a region must be before a sample can be not worth its time
AFTER = 60.0  # [min] of digging or looking house by house that 100 m of region cost


@dataclass(frozen=True)
class Hunted:
    """All that follows from the samples of a search."""

    hunt: Hunt
    tree: SearchTree
    prior: Floats  # (N,) [m] pipes above the start
    chances: Chances
    readings: tuple[tuple[SearchEvent, Reading], ...]
    found: tuple[Found, ...]
    known: Belief
    reach: Reach
    region: Region
    minutes: Floats  # (N,) to reach a place and sample it
    choices: tuple[Choice, ...]

    @property
    def state(self) -> str:
        """Return closed, near (the region is small enough to look into), none (nothing is left) or on."""
        rules = self.hunt.search
        if self.hunt.closed:
            return "closed"
        if self.known.nowhere >= rules.sure:
            return "none"
        near = self.reach.share >= rules.sure or not self.choices or self._not_worth()
        return "near" if near else "on"

    def _not_worth(self) -> bool:
        """Tell whether the best sample would save less looking house by house than it costs."""
        best, radius = self.choices[0], self.hunt.search.radius
        if self.region.length > NEARLY * radius or self.known.nowhere > 0:
            return False
        left = best.seen * self.after(best, seen=True) + (1 - best.seen) * self.after(best, seen=False)
        saved = (self.region.length - left) / 100 * AFTER
        return self.region.length <= radius or saved < float(self.minutes[best.place])

    def after(self, choice: Choice, *, seen: bool) -> float:
        """Return how long the region will be once a sample has shown it or not. [m]"""
        false = float(false_rates(self.tree, self.chances, self._others)[choice.place])
        told = Reading(choice.place, Chances(self.chances.hit, false).log_ratio(seen=seen))
        rows = [*(one for _, one in self.readings), told]
        rules = self.hunt.search
        known = belief_beside(self.tree, rows, self.found, others=rules.others, radius=rules.radius,
                              prior=self.prior)  # fmt: skip
        return region(self.tree, known, rules.sure).length

    @property
    def _others(self) -> float:
        return self.hunt.search.others


def place_of(state: CityState, asset: str) -> int:
    """Return the place of the search tree at which an asset stands, -1 when it is no longer there."""
    node, _ = state.topology.find(asset.partition("/")[2])
    return int(state.topology.tin[state.topology.group[node]]) if node >= 0 else -1


def hunted(whole: CityState, seen: CityState, hunt: Hunt, who: str = "") -> Hunted:
    """Return what the samples say, and where to sample next among the manholes that may be seen.

    Parameters
    ----------
    whole
        The city as it is: the belief does not depend on who asks.
    seen
        What the reader may see of it: only there a manhole can be opened.
    who
        The account that asks: travel counts from the last manhole it sampled.
    """
    rules = hunt.search
    tree: SearchTree = whole.once("search tree", lambda: search_tree(whole.topology))
    start = place_of(whole, rules.start)
    prior = np.zeros(len(tree.length))
    if start >= 0:
        inside = slice(start + 1, int(tree.last[start]))
        prior[inside] = tree.length[inside]
    tracer = Tracer(*rules.tracer) if rules.tracer else None
    chances = tracer.chances() if tracer else Chances(rules.hit, rules.false)
    false = false_rates(tree, chances, rules.others)
    readings = tuple(_readings(whole, hunt, (tree, tracer, false)))
    found = tuple(_found(whole, hunt, [event.id for event, _ in readings]))
    rows = [one for _, one in readings]
    known = belief_beside(tree, rows, found, others=rules.others, radius=rules.radius, prior=prior)
    minutes = _minutes(whole, hunt, who)
    shut = barred(tree, found, rules.radius) | ~openable(whole, seen)
    choices = () if hunt.closed else next_manholes(
        tree, known, chances, crews=rules.crews, cost=minutes, barred=shut, others=rules.others,
        rules=Rules(rules.radius, rules.sure),
    )  # fmt: skip
    return Hunted(
        hunt, tree, prior, chances, readings, found, known, best_reach(tree, known, rules.radius),
        region(tree, known, rules.sure), minutes, choices,
    )  # fmt: skip


def _readings(
    state: CityState, hunt: Hunt, terms: tuple[SearchTree, Tracer | None, Floats]
) -> list[tuple[SearchEvent, Reading]]:
    tree, tracer, false = terms
    found = []
    for event in hunt.standing:
        place = place_of(state, event.asset) if event.step == "reading" else -1
        if place < 0 or place >= len(tree.parent):
            continue
        if event.value is not None and tracer is not None:
            told = tracer.log_ratio(event.value)
        else:
            chances = Chances(hunt.search.hit, min(float(false[place]), hunt.search.hit - 1e-6))
            told = chances.log_ratio(seen=event.answer == "seen")
        found.append((event, Reading(place, told)))
    return found


def _found(state: CityState, hunt: Hunt, order: list[str]) -> list[Found]:
    """Return the sources that were found; one that was stopped with the number of samples before that."""
    counts: dict[str, int] = {}
    taken = 0
    for event in hunt.standing:
        taken += event.id in order
        if event.step == "stopped":
            counts[event.of] = taken
    return [
        Found(place, counts.get(event.id))
        for event in hunt.standing
        if event.step == "found" and (place := place_of(state, event.asset)) >= 0
    ]


def openable(whole: CityState, seen: CityState) -> Mask:
    """Return at which places there is a manhole, plant, station or outfall that may be seen. (N,)"""
    topology = whole.topology
    nodes = np.ones(len(topology.node_ids), dtype=np.bool_)
    if seen is not whole:
        nodes = np.isin(topology.node_ids.astype(str), seen.topology.node_ids.astype(str))
    nodes &= topology.node_type != "source"
    found = np.zeros(len(topology.tin), dtype=np.bool_)
    found[topology.tin[topology.group[nodes]]] = True
    return found


def _minutes(state: CityState, hunt: Hunt, who: str) -> Floats:
    """Return what a sample at each place costs, the way there from the last one of the same crew included."""
    at = spots(state)
    last = [one.asset for one in hunt.standing if one.step == "reading" and one.by == who]
    here = place_of(state, last[-1] if last else hunt.search.start)
    if here < 0 or np.isnan(at[here]).any():
        return np.full(len(at), WORK)
    away = np.hypot(*(at - at[here]).T)
    found: Floats = WORK + np.nan_to_num(away, nan=0.0) / SPEED
    return found


def spots(state: CityState) -> Floats:
    """Return where each place of the search tree lies, in the city's own coordinates. (N, 2) [m]"""

    def make() -> Floats:
        topology = state.topology
        found = np.full((len(topology.tin), 2), np.nan)
        places = state.once("node places", lambda: node_places(state.network))
        found[topology.tin[topology.group]] = places
        return found

    return state.once("search spots", make)
