"""Where should the next meters stand, and how far from the best is that choice?

A meter is worth what it takes from the weighted doubt about the units that are decided on, the trace of
W·Cov(block). Meters that stand already are counted. Greedy: the meter that takes most, or most per yuan,
given those before it; both are tried and the better set is kept. Then one meter is swapped for another as
long as the doubt falls.

The distance from the best is bounded by what a meter at every site would tell (``meter_bound``).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from wenqu.diagnosis.meter_bound import least_left
from wenqu.diagnosis.meter_field import MeterField
from wenqu.errors import BadInput
from wenqu.progress import Progress, silent

Floats = npt.NDArray[np.float64]
SWAPS = 200  # at most; of many meters as many as there are
MANY = 100  # meters from which many exchanges are made at once
CELLS = 4_000_000  # picks times sites that are tried at once
WORTH = 1e-6  # [-] of the doubt that a swap has to take at least


@dataclass(frozen=True, slots=True)
class Purse:
    """How many meters, and for how much."""

    count: int
    budget: float = np.inf  # [yuan]


@dataclass(frozen=True, slots=True)
class Pick:
    """One meter, in the order in which they should be built."""

    site: int
    taken: float  # [-] of today's doubt
    left: float  # [-] of today's doubt after it and those before
    block: int  # the block it tells most about, beside those before
    sd_before: float  # [m³/s] of that block's sum
    sd_after: float
    flow_sd: float  # [m³/s] how unsure the flow there is before the reading


@dataclass(frozen=True, slots=True)
class Placement:
    """A set of meters with the proof of how good it is."""

    picks: tuple[Pick, ...]
    doubt: float  # today's, Σ_b W_b Var(b)
    bound: Floats  # (k + 1,) share of today's doubt that any 0, 1, … k meters leave at least
    cost: float  # [yuan]
    swaps: int

    @property
    def left(self) -> float:
        """Return the share of today's doubt that is left."""
        return self.picks[-1].left if self.picks else 1.0

    @property
    def gap(self) -> float:
        """Return how much of today's doubt a better set of as many meters could still take, at most."""
        return max(self.left - float(self.bound[-1]), 0.0)


def place_meters(
    field: MeterField, purse: Purse, *, per_yuan: bool | None = None, swap: bool = True,
    progress: Progress = silent,
) -> Placement:  # fmt: skip
    """Return where to put meters.

    Parameters
    ----------
    field
        Sites, units and what is known.
    purse
        How many meters at most and what they may cost together.
    per_yuan
        Whether a meter is chosen by what it takes per yuan; both ways are tried when left out.
    swap
        Whether to look for better sets by swaps.
    progress
        Told the share that is done.

    Raises
    ------
    BadInput
        No meter, or a cost or an error that is not positive.
    """
    _check(field, purse)
    with threadpool_limits(1):  # short and wide products: more threads only wait
        return _placed(field, purse, (per_yuan, swap), progress)


def _placed(field: MeterField, purse: Purse, how: tuple[bool | None, bool], progress: Progress) -> Placement:
    per_yuan, swap = how
    doubt = field.doubt()
    ways = (True, False) if per_yuan is None else (per_yuan,)
    if not np.isfinite(purse.budget) or np.ptp(field.sites.cost) == 0:
        ways = ways[-1:]  # the cost changes nothing
    best: MeterField | None = None
    for number, way in enumerate(ways):
        found = greedy(field, purse, per_yuan=way)
        if best is None or found.doubt() < best.doubt():
            best = found
        progress(0.4 * (number + 1) / len(ways))
    swaps = 0
    if swap and best is not None and best.picks:
        best, swaps = _swapped(best, purse)
        progress(0.8)
    picks = [] if best is None else best.picks
    told = _in_order(field, picks)
    cost = float(field.sites.cost[picks].sum())
    bound = least_left(field, len(picks)) if doubt > 0 else np.ones(1)
    progress(1.0)
    return Placement(told, doubt, bound, cost, swaps)


def _check(field: MeterField, purse: Purse) -> None:
    sites = field.sites
    good = (sites.cost > 0).all() and (sites.noise > 0).all() and np.isfinite(sites.cost).all()
    if purse.count < 1 or not purse.budget > 0 or not good or (field.goal.weight < 0).any():
        raise BadInput("placement", meters=purse.count, budget=purse.budget)


def greedy(field: MeterField, purse: Purse, *, per_yuan: bool = False) -> MeterField:
    """Return the field after one meter after the other has been taken, each the best given those before."""
    found = field.kept([])
    left, cost = purse.budget, field.sites.cost
    free = np.ones(len(cost), dtype=np.bool_)
    while len(found.picks) < purse.count:
        worth = np.where(free & (cost <= left), found.gains() / (cost if per_yuan else 1.0), 0.0)
        site = int(worth.argmax()) if len(worth) else 0
        if not len(worth) or worth[site] <= 1e-12 * max(field.doubt(), 1e-300) / (
            cost[site] if per_yuan else 1.0
        ):
            break
        found.take(site)
        left -= cost[site]
        free[site] = False
    return found


def _swapped(field: MeterField, purse: Purse) -> tuple[MeterField, int]:
    """Return a set that no exchange of one meter makes better, and how many were exchanged.

    Of few meters the best exchange is made, then all are tried anew. Of many every meter that is better
    exchanged is, for the site that is the best by then: to try them all anew takes long.
    """
    count, least = 0, WORTH * field.doubt()
    at_once = 1 if len(field.picks) <= MANY else len(field.picks)
    while count < max(SWAPS, len(field.picks)):
        made = sum(_exchanged(field, purse, pick, least) for pick in _weak(field, purse, least)[:at_once])
        count += made
        if not made:
            break
    return field, count


def _exchanged(field: MeterField, purse: Purse, pick: int, least: float) -> bool:
    """Give up a pick for the best site, if that takes ``least`` more from the doubt; tell whether it did."""
    cost, doubt = field.sites.cost, field.doubt()
    field.give_up(field.picks.index(pick))
    free = cost <= purse.budget - cost[field.picks].sum()
    free[[*field.picks, pick]] = False
    gains = np.where(free, field.gains(), 0.0)
    site = int(gains.argmax())
    good = doubt - (field.doubt() - float(gains[site])) > least
    field.take(site if good else pick)
    return good


def _weak(field: MeterField, purse: Purse, least: float) -> list[int]:
    """Return the picks that another site should have instead, those first for which it takes most more."""
    columns, loads = field.without()
    cost, weight = field.sites.cost, field.goal.weight
    spent = float(cost[field.picks].sum())
    taken = np.zeros(len(cost), dtype=np.bool_)
    taken[field.picks] = True
    found: list[tuple[float, int]] = []
    step = max(1, CELLS // len(cost))
    for low in range(0, len(columns), step):
        some = slice(low, low + step)
        column, load = columns[some], loads[some]
        lost = load**2 @ weight
        spread = field.spread + 2 * column * field.shared(load) + column**2 * lost[:, None]
        own = np.maximum(field.own + column**2, 0.0) + field.sites.noise
        room = purse.budget - spent + cost[field.picks[some]][:, None]
        gain = np.where(~taken & (cost <= room), spread / own, 0.0)
        found += zip((gain.max(axis=1) - lost).tolist(), field.picks[some], strict=True)
    return [pick for more, pick in sorted(found, key=lambda one: -one[0]) if more > least]


def _in_order(field: MeterField, picks: Sequence[int]) -> tuple[Pick, ...]:
    """Return the meters of a set, the most telling one first, with what each adds to those before."""
    found, now, doubt = [], field.kept([]), field.doubt()
    waiting = list(picks)
    while waiting:
        gains = now.gains()[waiting]
        site = waiting.pop(int(gains.argmax()))
        before, flow = now.variance.copy(), float(now.own[site])
        load = now.take(site)
        block = int((field.goal.weight * load**2).argmax())
        after = max(float(before[block] - load[block] ** 2), 0.0)
        found.append(
            Pick(
                site, float(field.goal.weight @ load**2) / doubt, now.doubt() / doubt, block,
                float(np.sqrt(max(before[block], 0.0))), float(np.sqrt(after)),
                float(np.sqrt(max(flow, 0.0))),
            )
        )  # fmt: skip
    return tuple(found)
