"""In which year is each package done when most keep the announced one?

All packages are put back to their announced years first; then, as long as a limit of a year is overstepped or
a milestone missed, one package at a time moves: the fewest moves, the dearest package that leaves a full year
first, to the year with the most room.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.planning.options import Options
from wenqu.planning.verify import Verdict

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Verdicts = Callable[[Ints, Ints], tuple[Verdict, ...]]  # of option and window by package

LIMITS = ("budget", "crew", "pace")
WALKS = 8  # ways from broken to kept that are tried
STEPS = 400  # packages that may be moved
TRIED = 40  # packages that are tried before a rule is given up, from the most useful to the least


@dataclass(frozen=True, slots=True)
class Years:
    """What packages may be moved between. p packages."""

    options: Options
    windows: tuple[str, ...]
    first_open: int
    worth: Floats  # (o,) [kg/s] what each option adds to the margin of its plant
    goal: Ints  # (p,) announced window, or the first that is open; of no use where none was announced
    was: Bools  # (p,) it was announced


def kept_years(years: Years, picked: tuple[Ints, Ints], judge: Verdicts) -> tuple[Ints, Ints] | None:
    """Return options and windows with few moves from the announced years; None where that breaks a rule.

    Parameters
    ----------
    picked
        Option and window of every package, -1 where it is not in the programme. (p,), (p,)
    judge
        How every rule fares.
    """
    option, window = picked[0], picked[1].copy()
    there = (option >= 0) & years.was
    window[there] = years.goal[there]
    for _ in range(STEPS):
        missed = [one for one in judge(option, window) if not one.holds and one.window in years.windows]
        if not missed:
            return option, window
        if not any(_step(years, (option, window), one, judge) for one in missed):
            break
    return _between(option, window, picked[1], judge)


def _between(option: Ints, near: Ints, own: Ints, judge: Verdicts) -> tuple[Ints, Ints] | None:
    """Return the windows nearest to some that break a rule by a little, on the way to others that keep all.

    Full years leave no room for one package alone; several that go to their other year at once may fit.
    """
    if not all(one.holds for one in judge(option, own)):
        return None
    apart = np.flatnonzero((option >= 0) & (near != own))
    best, fewest = own, len(apart)
    for seed in range(WALKS):
        window = near.copy()
        for count, row in enumerate(np.random.default_rng(seed).permutation(apart)[:fewest], 1):
            window[row] = own[row]
            if count < fewest and all(one.holds for one in judge(option, window)):
                best, fewest = window, count
                break
    return option, best


def _step(years: Years, picked: tuple[Ints, Ints], rule: Verdict, judge: Verdicts) -> bool:
    """Move one package so that a missed rule is missed by less and none anew; tell whether one was."""
    option, window = picked
    at = years.windows.index(rule.window)
    leaves = rule.rule in LIMITS
    rows = np.flatnonzero((option >= 0) & ((window == at) if leaves else (window > at)))
    if not len(rows):
        return False
    before = _misses(judge(option, window))
    rows = rows[np.argsort(-_use(years, option, rows, rule), kind="stable")]
    for row in rows[np.unique(np.linspace(0, len(rows) - 1, TRIED).astype(np.int64))]:
        was = int(window[row])
        for to in _room(years, option, window, at if leaves else None):
            if to == was or (not leaves and to > at):
                continue
            window[row] = to
            after = _misses(judge(option, window))
            if _better(before, after, (rule.rule, rule.scope, rule.window)):
                return True
        window[row] = was
    return False


def _use(years: Years, option: Ints, rows: Ints, rule: Verdict) -> Floats:
    """Return how much each package helps when it moves; one that keeps no year anyway comes first."""
    chosen = option[rows]
    made = {
        "crew": years.options.crew_days[chosen],
        "length": years.options.problem_length[rows],
        "share": years.worth[chosen],
        "must": years.options.must[rows].astype(np.float64),
    }.get(rule.rule, years.options.cost[chosen])
    free = ~years.was[rows]
    return np.asarray(made + free * (float(np.abs(made).max(initial=0.0)) + 1.0), dtype=np.float64)


def _room(years: Years, option: Ints, window: Ints, not_at: int | None) -> list[int]:
    """Return the open windows, the one with the least works first."""
    there = option >= 0
    spent = np.bincount(window[there], years.options.cost[option[there]], len(years.windows))
    return [int(k) for k in np.argsort(spent, kind="stable") if k >= years.first_open and k != not_at]


def _misses(verdicts: tuple[Verdict, ...]) -> dict[tuple[str, str, str], float]:
    return {
        (one.rule, one.scope, one.window): abs(one.reached - one.demanded)
        for one in verdicts
        if not one.holds
    }


def _better(
    before: dict[tuple[str, str, str], float],
    after: dict[tuple[str, str, str], float],
    name: tuple[str, str, str],
) -> bool:
    """Tell whether a rule is missed by less and none is missed that was not."""
    return after.keys() <= before.keys() and after.get(name, 0.0) < before[name] - 1e-12
