"""Does a programme keep its rules? Recomputed from the options, without a solver."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.errors import BadInput
from wenqu.planning.condition_verdicts import tell_conditions
from wenqu.planning.demands import share_scope
from wenqu.planning.options import Options
from wenqu.planning.plants import Plants, aims, share_aims
from wenqu.planning.rules import Rules, ShareRule
from wenqu.planning.weighing import load_of

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

TOLERANCE = 1e-6  # a rule is kept when it is overstepped by less than this part of its size


@dataclass(frozen=True, slots=True)
class Verdict:
    """One rule: what it demands, what the programme reaches, and whether that will do."""

    rule: str  # budget, crew, pace, share, length, must, guard, once, or that of a condition
    scope: str  # district, plant, package, method ...; "" for the city
    window: str
    demanded: float
    reached: float
    unit: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A programme in its barest form: options, and the window each is finished in."""

    options: Ints  # (n,) rows of the Options
    windows: Ints  # (n,) places in the rules' windows


@dataclass(frozen=True, slots=True)
class Outlook:
    """What every plant receives at the end of every window. n plants, w windows."""

    flow: Floats  # (n, w) [m³/s]
    load: Floats  # (n, w) [kg/s]
    concentration: Floats  # (n, w) [kg/m³]
    meets: npt.NDArray[np.bool_]  # (n, w)


def present_cost(options: Options, rules: Rules, choice: Choice) -> float:
    """Return the cost of a choice, later windows weighed by the discount. [yuan]"""
    weight = (1 + rules.discount) ** -choice.windows.astype(np.float64)
    return float(np.sum(options.cost[choice.options] * weight))


def outlook(options: Options, plants: Plants, rules: Rules, choice: Choice) -> Outlook:
    """Return flow, load and concentration of every plant at the end of every window."""
    flow, load = _received(options, plants, rules, choice, "bod5")
    with np.errstate(divide="ignore", invalid="ignore"):
        concentration = np.where(flow > 0, load / flow, np.nan)
    aim = aims(plants, rules)[:, None]
    return Outlook(flow, load, concentration, load - aim * flow >= -TOLERANCE * np.abs(load))


def _received(
    options: Options, plants: Plants, rules: Rules, choice: Choice, pollutant: str
) -> tuple[Floats, Floats]:
    """Return flow and load of a pollutant at every plant at the end of every window. (n, w), (n, w)"""
    windows = len(rules.windows)
    below = options.plant[options.package[choice.options]]
    each = load_of(options, pollutant)
    flow = np.repeat(plants.flow[:, None], windows, axis=1)
    load = np.repeat(plants.load_of(pollutant)[:, None], windows, axis=1)
    for row, name in enumerate(plants.ids):
        mine = np.asarray(below == name, dtype=np.bool_)
        rows, at = choice.options[mine], choice.windows[mine]
        flow[row] += np.cumsum(np.bincount(at, options.flow[rows], windows))
        load[row] += np.cumsum(np.bincount(at, each[rows], windows))
    return flow, load


def _meets(
    options: Options, plants: Plants, rules: Rules, choice: Choice, rule: ShareRule
) -> npt.NDArray[np.bool_]:
    """Return which plants meet the concentration of a share at the end of every window. (n, w)"""
    flow, load = _received(options, plants, rules, choice, rule.pollutant)
    met: npt.NDArray[np.bool_] = load - share_aims(plants, rules, rule)[
        :, None
    ] * flow >= -TOLERANCE * np.abs(load)
    return met


def plan_verify(
    options: Options,
    plants: Plants,
    rules: Rules,
    choice: Choice,
    lengths: Mapping[str, float],
) -> tuple[Verdict, ...]:
    """Return one verdict for every rule, from arrays alone.

    Parameters
    ----------
    options, plants, rules
        What the programme was made from.
    choice
        The programme.
    lengths
        Frozen denominators: bad length of the city ("") and of each district. [m]

    Raises
    ------
    BadInput
        An option or a window of the choice does not exist.
    """
    if len(choice.options) and not (
        0 <= choice.options.min() <= choice.options.max() < len(options)
        and 0 <= choice.windows.min() <= choice.windows.max() < len(rules.windows)
    ):
        raise BadInput("choice", options=len(options), windows=len(rules.windows))
    return (
        *_verify_once(options, choice),
        *_verify_money(options, rules, choice),
        *_verify_lengths(options, rules, choice, lengths),
        *_verify_must(options, rules, choice),
        *_verify_plants(options, plants, rules, choice),
        *_verify_guard(options, plants, rules, choice),
        *(
            Verdict(*told)
            for told in tell_conditions(options, plants, rules, (choice.options, choice.windows), lengths)
        ),
    )


def _at_most(rule: str, place: tuple[str, str], demanded: float, reached: float, unit: str) -> Verdict:
    kept = reached <= demanded + TOLERANCE * max(abs(demanded), 1e-9)
    return Verdict(rule, *place, demanded, reached, unit, kept)


def _at_least(rule: str, place: tuple[str, str], demanded: float, reached: float, unit: str) -> Verdict:
    kept = reached >= demanded - TOLERANCE * max(abs(demanded), 1e-9)
    return Verdict(rule, *place, demanded, reached, unit, kept)


def _verify_once(options: Options, choice: Choice) -> Iterator[Verdict]:
    names, times = np.unique(options.package[choice.options], return_counts=True)
    for name, count in zip(names[times > 1], times[times > 1], strict=True):
        yield Verdict("once", str(options.package_ids[name]), "", 1.0, float(count), "-", holds=False)


def _verify_money(options: Options, rules: Rules, choice: Choice) -> Iterator[Verdict]:
    windows = len(rules.windows)
    spent = np.bincount(choice.windows, options.cost[choice.options], windows)
    days = np.bincount(choice.windows, options.crew_days[choice.options], windows)
    total, dearest = float(spent.sum()), float(options.cost.max()) if len(options) else 0.0
    for k, window in enumerate(rules.windows):
        if math.isfinite(rules.budgets[k]):
            yield _at_most("budget", ("", window), rules.budgets[k], float(spent[k]), "yuan")
        if math.isfinite(rules.crew_days[k]):
            yield _at_most("crew", ("", window), rules.crew_days[k], float(days[k]), "d")
        if rules.pace < 1 and total > 0:
            # a programme is made of pieces: the dearest one is allowed for, and told in what is asked
            kept = spent[k] <= rules.pace * total + dearest * (1 + TOLERANCE)
            most = min(rules.pace + dearest / total, 1.0)
            yield Verdict("pace", "", window, most, float(spent[k]) / total, "-", bool(kept))


def _verify_lengths(
    options: Options, rules: Rules, choice: Choice, lengths: Mapping[str, float]
) -> Iterator[Verdict]:
    package = options.package[choice.options]
    length, district = options.problem_length[package], options.district[package]
    for rule in rules.lengths:
        scopes = [name for name in lengths if name] if rule.district == "*" else [rule.district]
        done = choice.windows <= rules.windows.index(rule.by)
        for scope in scopes:
            inside = done & (district == scope) if scope else done
            total = lengths.get(scope, 0.0) if rule.of is None else rule.of
            if total > 0:
                share = float(length[inside].sum()) / total
                yield _at_least("length", (scope, rule.by), rule.share, share, "-")


def _verify_must(options: Options, rules: Rules, choice: Choice) -> Iterator[Verdict]:
    if not rules.must_by or not options.must.any():
        return
    by = rules.windows.index(rules.must_by)
    done = set(options.package[choice.options[choice.windows <= by]].tolist())
    late = [row for row in np.flatnonzero(options.must).tolist() if row not in done]
    count = int(options.must.sum())
    yield _at_least("must", ("", rules.must_by), float(count), float(count - len(late)), "-")


def _verify_plants(options: Options, plants: Plants, rules: Rules, choice: Choice) -> Iterator[Verdict]:
    capacity = np.where(plants.counts, plants.capacity, 0.0)
    total = float(capacity.sum())
    for rule in rules.shares:
        if total <= 0:
            continue
        met = _meets(options, plants, rules, choice, rule)
        for k in range(rules.windows.index(rule.by), len(rules.windows)):
            share = float(capacity[met[:, k]].sum()) / total
            yield _at_least("share", (share_scope(rule), rules.windows[k]), rule.share, share, "-")


def _verify_guard(options: Options, plants: Plants, rules: Rules, choice: Choice) -> Iterator[Verdict]:
    if not rules.load_guard:
        return
    below = options.plant[options.package[choice.options]]
    for row, name in enumerate(plants.ids):
        mine = np.asarray(below == name, dtype=np.bool_)
        gained = np.cumsum(
            np.bincount(choice.windows[mine], options.sewage_load[choice.options[mine]], len(rules.windows))
        )
        size = abs(float(plants.load[row])) if not math.isnan(plants.load[row]) else 1.0
        low = int(np.argmin(gained)) if len(gained) else 0
        kept = bool(gained.min(initial=0.0) >= -TOLERANCE * size)
        yield Verdict("guard", str(name), rules.windows[low], 0.0, float(gained[low]), "kg/s", kept)
