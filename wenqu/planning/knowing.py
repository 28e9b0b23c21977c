"""What would be saved if something unsure were known before the programme is chosen?

An area's waters, a method's effect or a package's own share. First by the prices of the programme: what is
known needs no reserve, ``price · z · (sd - sd once known)``. Then truly, for those that promise most: values
are drawn, the means of everything that varies with them are moved, the programme is chosen again with the
same probability, and the costs are compared. Knowing is taken to be exact: the saving is the most that a
measurement can bring.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from wenqu.planning.chance import Sure
from wenqu.planning.doubts import Doubts, known_now, parts_of, plant_rows, spread_of
from wenqu.planning.options import Options
from wenqu.planning.plants import Plants
from wenqu.planning.rules import Rules
from wenqu.planning.shadow import Shadow

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
LEAST = 0.05  # [-] of its mean: no drawn value falls below
FEWEST = 3  # draws that a line and an error can be read from
T90 = {2: 6.314, 3: 2.920, 4: 2.353, 5: 2.132, 6: 2.015, 7: 1.943, 8: 1.895, 9: 1.860, 10: 1.833}  # Student
WIDE = 1.796  # of more draws than ten, on the safe side


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something that could be found out first."""

    kind: str  # area, method or package
    name: str
    factors: tuple[int, ...] = ()  # rows of the doubts' factors
    method: int = -1
    sites: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Worth:
    """What knowing it would save."""

    unknown: Unknown
    guess: float  # [yuan] by the prices, before anything is solved again
    draws: int = 0  # programmes that were chosen anew
    out_of_reach: int = 0  # of them: the targets turned out to be out of reach
    saving: float = float("nan")  # [yuan] mean over the others
    low: float = float("nan")  # 90 % interval of that mean
    high: float = float("nan")


def unknowns(doubts: Doubts, options: Options, methods: Mapping[int, str]) -> Iterator[Unknown]:
    """Yield what could be found out: each area, each method in use, each package with a share of its own."""
    for area in sorted({area for area, _ in doubts.factors}):
        yield Unknown("area", area, tuple(k for k, (one, _) in enumerate(doubts.factors) if one == area))
    for row in np.unique(options.part_method).tolist():
        yield Unknown("method", methods.get(row, str(row)), method=row)
    part_package = options.package[np.repeat(np.arange(len(options)), np.diff(options.part_start))]
    order = np.argsort(part_package, kind="stable")
    heads = np.flatnonzero(np.diff(part_package[order], prepend=-1))
    for members in np.split(order, heads[1:]) if len(order) else ():
        sites = np.unique(options.part_site[members])
        if (doubts.site_cv[sites] > 0).any():
            name = str(options.package_ids[part_package[members[0]]])
            yield Unknown("package", name, sites=tuple(int(one) for one in sites))


def once_known(doubts: Doubts, what: Unknown) -> Doubts:
    """Return what stays unsure when it is known; a method known is one whose Beta has no width."""
    if what.factors:
        return known_now(doubts, np.array(what.factors, dtype=np.int64))
    if what.method >= 0:
        beta = doubts.beta.copy()
        beta[what.method] *= 1e9
        return replace(doubts, beta=beta)
    own = doubts.site_cv.copy()
    own[list(what.sites)] = 0.0
    return replace(doubts, site_cv=own)


def guessed(
    options: Options, plants: Plants, rules: Rules, doubts: Doubts, sure: Sure, prices: Shadow,
    some: list[Unknown],
) -> list[Worth]:  # fmt: skip
    """Return what each would save by the prices of the programme, the most first."""
    parts = parts_of(options, plants, rules, doubts)
    window = np.full(len(options), len(rules.windows), dtype=np.int64)
    window[sure.plan.choice.options] = sure.plan.choice.windows
    place = plant_rows(options, plants)[parts.option]
    rows = {str(name): row for row, name in enumerate(plants.ids)}
    found = np.zeros(len(some))
    for price in prices.prices:
        if price.rule != "margin" or price.worth <= 0:
            continue
        row = rows[price.scope]
        inside, chosen = place == row, window[parts.option] <= rules.windows.index(price.window)
        now = spread_of(doubts, parts, plants, row, inside, chosen).sd
        touched = _touched(doubts, parts.factor, parts.method, parts.site, inside & chosen)
        for at, what in enumerate(some):
            if touched(what):
                left = spread_of(once_known(doubts, what), parts, plants, row, inside, chosen).sd
                found[at] += price.worth * sure.z * (now - left)
    order = np.argsort(-found, kind="stable")
    return [Worth(some[at], float(found[at])) for at in order if found[at] > 0]


def _touched(
    doubts: Doubts, factor: Ints, method: Ints, site: Ints, used: npt.NDArray[np.bool_]
) -> Callable[[Unknown], bool]:
    """Return what tells whether an unknown has a part in some repairs; others need not be worked out."""
    factors = {int(one) for one in np.unique(factor[used]) if one >= 0}
    methods, sites = set(np.unique(method[used]).tolist()), set(np.unique(site[used]).tolist())
    linked = {k for k in range(len(doubts.factors)) if any(doubts.covariance[k, one] for one in factors)}

    def told(what: Unknown) -> bool:
        return bool(linked & set(what.factors)) or what.method in methods or bool(sites & set(what.sites))

    return told


def moved(options: Options, doubts: Doubts, what: Unknown, values: Floats) -> tuple[Options, Doubts]:
    """Return options and doubts as they are once the values are known.

    Parameters
    ----------
    values
        Of each factor of the unknown, or one for a method or package, relative to what is expected. [-]
    """
    left = once_known(doubts, what)
    times = np.ones(len(options.part_site))
    factor = doubts.site_factor[options.part_site]
    if what.factors:
        rows = np.array(what.factors, dtype=np.int64)
        some = doubts.covariance[np.ix_(rows, rows)]
        shift = np.maximum(1 + doubts.covariance[:, rows] @ np.linalg.pinv(some) @ (values - 1), LEAST)
        shift[rows] = np.maximum(values, LEAST)
        left = replace(left, covariance=left.covariance / np.outer(shift, shift))
        times = np.append(shift, 1.0)[factor]
    elif what.method >= 0:
        times = np.where(options.part_method == what.method, values[0], 1.0)
    else:
        times = np.where(np.isin(options.part_site, what.sites), values[0], 1.0)
    option = np.repeat(np.arange(len(options)), np.diff(options.part_start))
    more_clean, more_sewage = options.part_clean * (times - 1), options.part_sewage * (times - 1)
    site, count = options.part_site, len(options)
    sewage = np.bincount(option, doubts.sewage_bod[site] * more_sewage, count)
    return replace(
        options,
        flow=options.flow + np.bincount(option, more_sewage - more_clean, count),
        load=options.load + sewage - np.bincount(option, doubts.clean_bod[site] * more_clean, count),
        sewage_load=options.sewage_load + sewage,
        part_clean=options.part_clean * times,
        part_sewage=options.part_sewage * times,
    ), left


def values_of(doubts: Doubts, what: Unknown, draws: int, seed: int) -> Floats:
    """Return draws of what it may turn out to be, in pairs around the middle. (s, factors or 1)"""
    generator = np.random.default_rng(seed)
    if what.factors:
        rows = np.array(what.factors, dtype=np.int64)
        log = np.log1p(np.maximum(doubts.covariance[np.ix_(rows, rows)], -0.95))
        size, axes = np.linalg.eigh((log + log.T) / 2)
        root = axes * np.sqrt(np.maximum(size, 0.0))
        half = generator.normal(size=((draws + 1) // 2, len(rows)))
        both = np.concatenate([half, -half])[:draws]
        found: Floats = np.exp(both @ root.T - 0.5 * (root**2).sum(axis=1))
        return found
    if what.method >= 0:
        a, b = doubts.beta[what.method]
        drawn: Floats = generator.beta(a, b, size=(draws, 1)) / (a / (a + b))
        return drawn
    cv = max(float(doubts.site_cv[list(what.sites)].mean()), 1e-9)
    return generator.gamma(1 / cv**2, cv**2, size=(draws, 1))


def settled(guess: Worth, costs: list[float], luck: list[float], now: float, out_of_reach: int) -> Worth:
    """Return the saving with its interval from the costs of the programmes chosen anew.

    Costs are read at no luck, on the straight line through all draws: what a draw happens to bring more
    than expected is not what knowing it saves.

    Parameters
    ----------
    costs
        Of the programmes chosen anew. [yuan]
    luck
        What each draw was worth to the programme as it is; nothing in the mean. [yuan]
    now
        Cost of the programme chosen without knowing. [yuan]
    out_of_reach
        Draws in which the targets turned out to be out of reach.
    """
    told = replace(guess, draws=len(costs) + out_of_reach, out_of_reach=out_of_reach)
    if len(costs) < FEWEST:
        return told
    columns = np.column_stack([np.ones(len(costs)), np.array(luck)])
    inverse = np.linalg.pinv(columns.T @ columns)
    fit = inverse @ columns.T @ (now - np.array(costs))
    left = now - np.array(costs) - columns @ fit
    free = len(costs) - np.linalg.matrix_rank(columns)
    error = float(np.sqrt(left @ left / free * inverse[0, 0]))
    half = T90.get(int(free) + 1, WIDE) * error
    saving = float(fit[0])
    return replace(told, saving=saving, low=saving - half, high=saving + half)
