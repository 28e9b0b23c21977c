"""Which small changes make a choice of options keep every rule, and cheaper?

A choice that misses a few rules by a little is mended by single exchanges: of a package in which a missed
rule can be made up, the option is taken that lowers cost + Σ weight · miss the most; where none does, the
missed rules weigh more from then on. Once every rule holds, exchanges make it cheaper until none does; then
the search begins anew, with the rules weighing a little otherwise. It is a weighted local search like
"feasibility jump" (Luteberget and Sartor, 2022), with exchanges within packages in place of single variables.
"""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numba as nb
import numpy as np

from wenqu.planning.portfolio import SLACK, Floats, Ints, Portfolio

DEAR = 2.0  # a miss costs so many times the row's price at first
FLOOR = 0.02  # and the misses of all rows by their whole size at least so much of the whole cost
HEAVIER, HEAVIEST = 1.1, 1e18  # a rule that no exchange can mend weighs more, up to so much [yuan]
NOISE = 0.4  # [-] by which the first weights differ from one beginning to the next
LOOKED = 24  # packages that are looked at for one exchange
IDLE = 30  # looks that find no exchange which makes it cheaper, before the search begins anew
STEPS = 400  # exchanges between two looks at the clock
LESS = 1e-9  # [yuan] an exchange must bring more
NOTHING = -1  # in place of an option, a package or a row


class _Options(NamedTuple):
    """What there is to choose from. n options of p packages, r rows."""

    cost: Floats  # (n,) [yuan]
    start: Ints  # (p + 1,) where the options of each package begin
    first: Ints  # (n + 1,) where what each option adds begins
    row: Ints  # row that it is added to
    add: Floats  # as a part of the row's size
    row_start: Ints  # (r + 1,) where the packages of each row begin
    row_package: Ints  # packages with an option that adds to the row


class _State(NamedTuple):
    """What is chosen now. It changes in place."""

    at: Ints  # (p,) option of each package, or NOTHING
    lack: Floats  # (r,) what each row lacks as a part of its size; below 0: what it has beyond its amount
    weight: Floats  # (r,) [yuan] of a miss by the row's whole size
    cost: Floats  # (2,) [yuan] now, and of the cheapest programme so far
    best: Ints  # (p,) that programme
    idle: Ints  # (1,) looks in vain


def jump(
    given: Portfolio, options: Ints, chosen: Ints, prices: Floats,
    *, over: Callable[[], bool], take: Callable[[Ints], None],
) -> None:  # fmt: skip
    """Exchange options until the time is over; tell every programme that is cheaper than those before it.

    Parameters
    ----------
    given
        A portfolio whose rows always hold (`multipliers.restricted`). r rows.
    options
        Options that may be taken; packages without any stay as they are.
    chosen
        Options of the choice to begin with, at most one of a package; it may miss rules.
    prices
        What one unit of a row is worth. (r,) [yuan/unit]
    over
        Tells that the search is to end.
    take
        Hears the options of a programme.
    """
    open_ = np.isin(given.packages_of(chosen), given.packages_of(options))
    options, settled = np.union1d(options, chosen[open_]), chosen[~open_]
    made, package = _options(given, options)
    if not len(package):
        return
    at = np.full(len(package), NOTHING)
    at[np.searchsorted(package, given.packages_of(chosen[open_]))] = np.searchsorted(options, chosen[open_])
    lack = (given.amount - given.sums(chosen)) / given.size
    spent = float(given.cost[chosen].sum())
    least = np.maximum(prices * given.size, FLOOR * max(spent, 1.0) / max(len(lack), 1))
    now = _State(
        at.copy(), lack.copy(), DEAR * least, np.array([spent, np.inf]), at.copy(), np.zeros(1, np.int64)
    )
    drawn = np.random.default_rng(0)
    while not over():
        before = now.cost[1]
        _jumps(STEPS, drawn, made, now)
        if now.cost[1] < before:
            take(np.sort(np.concatenate([settled, options[now.best[now.best >= 0]]])))
        if now.idle[0] >= IDLE:
            now.at[:], now.lack[:], now.cost[0], now.idle[0] = at, lack, spent, 0
            now.weight[:] = DEAR * least * np.exp(NOISE * drawn.standard_normal(len(least)))


def _options(given: Portfolio, options: Ints) -> tuple[_Options, Ints]:
    """Return the options as the search walks through them, and their packages."""
    package, first, group = np.unique(given.packages_of(options), return_index=True, return_inverse=True)
    adds = given.coefficients(options)
    adds.sum_duplicates()
    by_row = adds.tocsr()
    row = np.repeat(np.arange(len(given.rows)), np.diff(by_row.indptr))
    pairs = np.unique(row * len(package) + group[by_row.indices])
    counts = np.bincount(pairs // max(len(package), 1), minlength=len(given.rows))
    made = _Options(
        given.cost[options],
        np.append(first, len(options)).astype(np.int64),
        adds.indptr.astype(np.int64),
        adds.indices.astype(np.int64),
        adds.data / given.size[adds.indices],
        np.append(0, np.cumsum(counts)).astype(np.int64),
        pairs % max(len(package), 1),
    )
    return made, package


@nb.njit(cache=True)
def _move(made: _Options, now: _State, option: int, sign: float) -> float:
    """Add what an option adds to the rows (or take it away); return by how much their misses grow. [yuan]"""
    grown = 0.0
    for place in range(made.first[option], made.first[option + 1]):
        row = made.row[place]
        before = now.lack[row]
        after = before - sign * made.add[place]
        now.lack[row] = after
        grown += now.weight[row] * (max(after, 0.0) - max(before, 0.0))
    return grown


@nb.njit(cache=True)
def _weigh(made: _Options, now: _State, option: int) -> float:
    """Return by how much the rows' misses would grow with an option. [yuan]"""
    grown = 0.0
    for place in range(made.first[option], made.first[option + 1]):
        row = made.row[place]
        before = now.lack[row]
        grown += now.weight[row] * (max(before - made.add[place], 0.0) - max(before, 0.0))
    return grown


@nb.njit(cache=True)
def _a_missed_row(now: _State, drawn: np.random.Generator) -> int:
    """Return any of the rows that are missed, or NOTHING."""
    found, count = NOTHING, 0
    for row in range(len(now.lack)):
        if now.lack[row] > SLACK:
            count += 1
            if drawn.random() * count < 1.0:
                found = row
    return found


@nb.njit(cache=True)
def _best_of(made: _Options, now: _State, package: int, most: float) -> tuple[int, float]:
    """Return the best exchange in a package that brings more than another, or the package's own option."""
    old = now.at[package]
    option, value, base = old, most, 0.0
    if old >= 0:
        base = _move(made, now, old, -1.0) - made.cost[old]
        if base < value:
            option, value = NOTHING, base
    for new in range(made.start[package], made.start[package + 1]):
        if new != old:
            gain = base + made.cost[new] + _weigh(made, now, new)
            if gain < value:
                option, value = new, gain
    if old >= 0:
        _move(made, now, old, 1.0)
    return option, value


@nb.njit(cache=True)
def _exchange(made: _Options, now: _State, package: int, option: int) -> None:
    old = now.at[package]
    if old >= 0:
        _move(made, now, old, -1.0)
        now.cost[0] -= made.cost[old]
    if option >= 0:
        _move(made, now, option, 1.0)
        now.cost[0] += made.cost[option]
    now.at[package] = option


@nb.njit(cache=True)
def _look(made: _Options, now: _State, row: int, drawn: np.random.Generator) -> bool:
    """Make the best exchange among some packages of a missed row (or of all); tell whether there was one."""
    low = 0 if row < 0 else made.row_start[row]
    count = len(now.at) if row < 0 else made.row_start[row + 1] - low
    taken, option, value = NOTHING, NOTHING, -LESS
    here, step = int(drawn.random() * count), 1 + int(drawn.random() * count)
    for _ in range(min(LOOKED, count)):
        package = here if row < 0 else made.row_package[low + here]
        here = (here + step) % count
        found, gain = _best_of(made, now, package, value)
        if gain < value:
            taken, option, value = package, found, gain
    if taken >= 0:
        _exchange(made, now, taken, option)
    return taken >= 0


@nb.njit(cache=True)
def _jumps(steps: int, drawn: np.random.Generator, made: _Options, now: _State) -> None:
    """Make some exchanges."""
    for _ in range(steps):
        row = _a_missed_row(now, drawn)
        if row < 0 and now.cost[0] < now.cost[1] - LESS:
            now.cost[1] = now.cost[0]
            now.best[:] = now.at
            now.idle[0] = 0
        if _look(made, now, row, drawn):
            continue
        if row >= 0:
            for one in range(len(now.lack)):
                if now.lack[one] > SLACK:
                    now.weight[one] = min(HEAVIER * now.weight[one], HEAVIEST)
        else:
            now.idle[0] += 1
            if now.idle[0] >= IDLE:
                return


@cache
def warm() -> None:
    """Load the search's machine code, which takes longer than many a search."""
    none, whole = np.empty(0), np.empty(0, np.int64)
    made = _Options(none, whole, whole, whole, none, whole, whole)
    _jumps(0, np.random.default_rng(0), made, _State(whole, none, none, none, whole, whole))
