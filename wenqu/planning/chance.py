"""How is a programme chosen that meets its targets with an asked probability, and how probable is it?

A plant counts as meeting when ``mean - z·sd`` of its margin is not negative. The sd of a sum of repairs is no
sum, but it is a norm: its tangent at any programme lies below it. With the tangent in place of the sd the
model stays linear and asks a little too little: its bound is a bound for the true question too. Solved again
at the programme just found, with the tangent raised where the true spread asks for more, it comes to a
programme that keeps the true form. ``summed`` adds up the spreads of areas as if they moved together: linear,
always safe, and dearer.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from wenqu.errors import BadInput
from wenqu.planning.demands import problem_lengths
from wenqu.planning.doubts import Doubts, Drawn, Parts, parts_of, plant_rows, spread_of
from wenqu.planning.options import Options
from wenqu.planning.plants import Plants, aims, share_aims
from wenqu.planning.programme import GAP, Grounds, Plan, choose_programme
from wenqu.planning.rules import Rules
from wenqu.planning.slimming import slimmer
from wenqu.planning.verify import Choice, outlook, plan_verify, present_cost

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
FORMS = ("tangent", "summed")
EXACT = 2  # programmes by plain tangents: their bounds hold for the true question too
ROUNDS = 7  # programmes that are tried before the safe form is
SLIGHT = 1e-6  # of the asked z
Z90 = 1.645


@dataclass(frozen=True, slots=True)
class Sure:
    """The cheapest programme found that meets with the asked probability. n plants, w windows."""

    plan: Plan  # with the outlook of the means
    asked: float  # [-] probability that a plant which counts as meeting does meet
    z: float
    reached: Floats  # (n, w) [-] mean margin over its spread, NaN where nothing is measured
    form: str  # tangent, summed, or "" where nothing was asked beyond the mean
    rounds: int  # programmes that were solved
    bound: float  # [yuan] no programme that meets with this probability is cheaper
    options: Options  # with the margins lowered as they were for the last programme: what its prices speak of
    plants: Plants


def plan_under(
    options: Options,
    plants: Plants,
    rules: Rules,
    doubts: Doubts | None,
    *,
    lengths: Mapping[str, float] | None = None,
    seconds: float = 60.0,
    progress: Callable[[float], None] | None = None,
) -> Plan:
    """Return the cheapest programme under the rules, their probability included.

    Parameters
    ----------
    options, plants, rules, lengths, seconds, progress
        As for `surely`.
    doubts
        What is unsure; None asks for the means alone.
    """
    if doubts is None or rules.probability <= 0.5:
        tell = progress or (lambda _share: None)
        return choose_programme(
            options, plants, rules, lengths=lengths, seconds=seconds, progress=lambda share, _: tell(share)
        )
    return surely(
        options, plants, rules, doubts, probability=rules.probability, lengths=lengths, seconds=seconds,
        progress=progress,
    ).plan  # fmt: skip


def surely(  # noqa: PLR0913 what choose_programme is told, and what is unsure
    options: Options,
    plants: Plants,
    rules: Rules,
    doubts: Doubts,
    *,
    probability: float,
    lengths: Mapping[str, float] | None = None,
    seconds: float = 60.0,
    gap: float | None = None,
    form: str = "tangent",
    start: Choice | None = None,
    progress: Callable[[float], None] | None = None,
) -> Sure:
    """Return the cheapest programme found in which plants meet with the asked probability.

    Parameters
    ----------
    options, plants, rules, lengths, seconds, gap
        As for `choose_programme`.
    doubts
        What is unsure.
    probability
        Of each plant that counts as meeting; 0.5 asks for the mean alone. [-] 0.5 to 0.999
    form
        ``tangent``, or ``summed`` for the form that is always safe.
    start
        A programme near the one to be found: saves the solve by the means alone.
    progress
        Told the share done.

    Raises
    ------
    BadInput
        The probability or the form cannot be, or the rules are nonsense.
    """
    if not 0.5 <= probability <= 0.999 or form not in FORMS:
        raise BadInput("plan-probability", probability=probability, forms=", ".join(FORMS))
    tell = progress or (lambda _share: None)
    z = NormalDist().inv_cdf(probability)
    frozen = problem_lengths(options) if lengths is None else lengths
    case = _Case(options, plants, rules, doubts, z, parts_of(options, plants, rules, doubts), frozen)
    told = {"lengths": lengths, "seconds": seconds} | ({} if gap is None else {"gap": gap})
    plain = None
    if start is None or z <= 0:
        plain = choose_programme(options, plants, rules, progress=_step(tell, 0), **told)  # type: ignore[arg-type]
        start = plain.choice
        if z <= 0:
            return case.sure(plain, probability, ("", 1, plain.bound), (options, plants))
    found = _tangents(case, start, told, tell) if form == "tangent" else None
    if found is not None and not case.short(found[0]).any():
        return case.sure(found[0], probability, ("tangent", *found[1:3]), found[3])
    lowered = case.summed()
    safe = choose_programme(*lowered, rules, progress=_step(tell, ROUNDS), **told)  # type: ignore[arg-type]
    proved = found[0] if found is not None else plain  # by tangents or means: both ask less than the question
    if safe.status != "infeasible":
        safe = replace(safe, grounds=None if proved is None else proved.grounds)
    if found is not None and safe.status == "infeasible":  # too safe a form: the nearest by tangents is told
        return case.sure(found[0], probability, ("tangent", *found[1:3]), found[3])
    bound = found[2] if found is not None else plain.bound if plain is not None else 0.0
    return case.sure(case.slimmed(safe), probability, ("summed", 1, bound), lowered)


def _step(tell: Callable[[float], None], at: int) -> Callable[[float, str], None]:
    return lambda share, _what: tell((at + share) / (ROUNDS + 1))


def _tangents(
    case: "_Case", choice: Choice, told: Mapping[str, object], tell: Callable[[float], None]
) -> tuple[Plan, int, float, tuple[Options, Plants]]:
    """Return programme, rounds, bound, lowered margins by tangents; the last one where none will do.

    A tangent is taken at the middle of the programmes by tangents so far: at the last one alone it would
    leap to packages whose own spread it does not know.
    """
    raised, bound, middle = np.ones(len(case.plants.ids)), 0.0, case.weights(choice)
    best: tuple[Plan, tuple[Options, Plants]] | None = None
    grounds: Grounds | None = None  # of the largest bound
    for number in range(1, ROUNDS):
        lowered, exact = case.tangent(middle, raised), number <= EXACT
        plan = choose_programme(*lowered, case.rules, progress=_step(tell, number), **told)  # type: ignore[arg-type]
        short = case.short(plan)
        if exact and plan.status == "infeasible":
            break  # the tangent asks too little: if that cannot be had, what is asked cannot
        bound = max(bound, plan.bound) if exact else bound
        if exact and (grounds is None or (plan.grounds and plan.grounds.bound > grounds.bound)):
            grounds = plan.grounds
        if not short.any() and (best is None or plan.cost < best[0].cost):
            best = plan, lowered
        if number > EXACT and best is not None:
            break
        middle += (case.weights(plan.choice) - middle) / number
        if number >= EXACT:
            reached = np.where(short, case.reached(plan.choice), case.z).min(axis=1)
            lack = np.clip(1.1 * (case.z - reached) / case.z, 0.002, 0.5)
            raised = np.where(short.any(axis=1), raised * (1 + lack), raised)
    found, lowered = (plan, lowered) if best is None else best
    return replace(case.slimmed(found), grounds=grounds), number + 1, bound, lowered


@dataclass(frozen=True, slots=True)
class _Case:
    options: Options
    plants: Plants
    rules: Rules
    doubts: Doubts
    z: float
    parts: Parts
    lengths: Mapping[str, float]

    def inside(self, row: int) -> Bools:
        """Return which parts drain to a plant."""
        found: Bools = plant_rows(self.options, self.plants)[self.parts.option] == row
        return found

    def windows(self, choice: Choice) -> npt.NDArray[np.int64]:
        """Return the window of the option of each part, one beyond the last for what is not chosen."""
        window = np.full(len(self.options), len(self.rules.windows), dtype=np.int64)
        window[choice.options] = choice.windows
        return window[self.parts.option]

    def due(self) -> int:
        """Return the first window at which plants must meet."""
        return min((self.rules.windows.index(rule.by) for rule in self.rules.shares if rule.usual), default=0)

    def reached(self, choice: Choice) -> Floats:
        """Return mean margin over its spread of every plant at the end of every window. (n, w)"""
        seen = outlook(self.options, self.plants, self.rules, choice)
        mean = seen.load - aims(self.plants, self.rules)[:, None] * seen.flow
        window, found = self.windows(choice), np.full(mean.shape, np.nan)
        for row in range(len(self.plants.ids)):
            inside = self.inside(row)
            for k in range(mean.shape[1]):
                sd = spread_of(self.doubts, self.parts, self.plants, row, inside, window <= k).sd
                if math.isfinite(mean[row, k]):
                    found[row, k] = mean[row, k] / sd if sd > 0 else math.copysign(math.inf, mean[row, k])
        return found

    def weights(self, choice: Choice) -> Floats:
        """Return which parts a programme has by the time that plants must meet. (q,)"""
        return (self.windows(choice) <= self.due()).astype(np.float64)

    def tangent(self, chosen: Floats, raised: Floats) -> tuple[Options, Plants]:
        """Return options and plants with the tangent of z·sd taken off, raised by a factor a plant."""
        load, today = self.options.load.copy(), self.plants.load.copy()
        for row in range(len(self.plants.ids)):
            found = spread_of(self.doubts, self.parts, self.plants, row, self.inside(row), chosen)
            load[: len(found.of_option)] -= self.z * raised[row] * found.of_option
            today[row] -= self.z * raised[row] * found.base
        return replace(self.options, load=load), replace(self.plants, load=today)

    def summed(self) -> tuple[Options, Plants]:
        """Return options and plants with z times the sum of all spreads taken off: |Σ| <= Σ|·|."""
        doubts, parts = self.doubts, self.parts
        wide = np.append(np.sqrt(np.maximum(np.diagonal(doubts.covariance), 0.0)), 0.0)[parts.factor]
        each = np.sqrt(wide**2 + doubts.site_cv[parts.site] ** 2 + doubts.method_cv[parts.method] ** 2)
        load = self.options.load - self.z * np.bincount(
            parts.option, np.abs(parts.margin) * each, len(self.options)
        )
        today = self.plants.load - self.z * self.plants.flow * doubts.plant_sd
        return replace(self.options, load=load), replace(self.plants, load=today)

    def short(self, plan: Plan) -> Bools:
        """Return which plants were counted as meeting and do not, when the share needs them. (n, w)"""
        enough = self.reached(plan.choice) >= self.z * (1 - SLIGHT)
        capacity = np.where(self.plants.counts, self.plants.capacity, 0.0)
        total, found = float(capacity.sum()), np.zeros(enough.shape, dtype=np.bool_)
        for rule in self.rules.shares if total > 0 else ():
            for k in range(self.rules.windows.index(rule.by), len(self.rules.windows)):
                if rule.usual and capacity[enough[:, k]].sum() / total < rule.share - 1e-9:
                    found[:, k] |= plan.outlook.meets[:, k] & ~enough[:, k]
        return found

    def kept(self, choice: Choice) -> bool:
        """Tell whether every rule is kept, plants counting by the true form."""
        enough = self.reached(choice) >= self.z * (1 - SLIGHT)
        capacity = np.where(self.plants.counts, self.plants.capacity, 0.0)
        total = float(capacity.sum())
        for rule in self.rules.shares if total > 0 else ():
            reached = capacity @ enough[:, self.rules.windows.index(rule.by) :]
            if rule.usual and (reached / total < rule.share - 1e-9).any():
                return False
        return kept_rules(self.options, self.plants, self.rules, choice, self.lengths)

    def slimmed(self, plan: Plan) -> Plan:
        """Return a programme of few packages without what the linear form has rounded up."""
        if plan.status == "infeasible" or not self.kept(plan.choice):
            return plan
        slim = slimmer(self.options, plan.choice, self.kept)
        return replace(plan, choice=slim, cost=present_cost(self.options, self.rules, slim))

    def sure(
        self, plan: Plan, asked: float, how: tuple[str, int, float], lowered: tuple[Options, Plants]
    ) -> Sure:
        """Return the answer, its outlook and verdicts recomputed from the means."""
        choice = plan.choice
        seen = outlook(self.options, self.plants, self.rules, choice)
        form, rounds, bound = how
        if plan.status == "infeasible":  # the nearest programme: no bound of the question asked is below it
            whole, bound = replace(plan, outlook=seen), plan.bound
        else:
            bound = min(bound, plan.cost)
            gap = (plan.cost - bound) / plan.cost if plan.cost > 0 else 0.0
            status = "proved" if gap <= GAP * (1 + 1e-6) else "feasible"
            verdicts = plan_verify(self.options, self.plants, self.rules, choice, self.lengths)
            whole = replace(plan, outlook=seen, bound=bound, gap=gap, status=status, verdicts=verdicts)
        return Sure(whole, asked, self.z, self.reached(choice), form, rounds, bound, *lowered)


@dataclass(frozen=True, slots=True)
class Chances:
    """How probable a programme's targets are, by drawing. n plants, w windows."""

    draws: int
    meets: Floats  # (n, w) [-] NaN where nothing is measured
    low: Floats  # (n, w) [kg/m³] 5 % of the concentration
    high: Floats  # (n, w) [kg/m³] 95 %
    targets: tuple[tuple[str, float, float], ...]  # window, share of capacity asked for, probability of it
    all: float  # [-] that every share of capacity is reached at its date and kept


def chances_of(seen: Drawn, plants: Plants, rules: Rules) -> Chances:
    """Return how probable every plant and every target is in the draws."""
    draws = len(seen.meets)
    measured = np.isfinite(plants.load) & (plants.flow > 0)
    capacity = np.where(plants.counts, plants.capacity, 0.0)
    total = float(capacity.sum())
    every, targets = np.ones(draws, dtype=np.bool_), []
    for rule in rules.shares if total > 0 else ():
        if rule.pollutant != "bod5":  # of other pollutants nothing is drawn
            continue
        aim = share_aims(plants, rules, rule)[:, None] * (1 - 1e-9)
        met = seen.meets if rule.usual else seen.concentration >= aim
        share = np.einsum("spw,p->sw", met.astype(np.float64), capacity / total)
        kept = (share[:, rules.windows.index(rule.by) :] >= rule.share - 1e-9).all(axis=1)
        every &= kept
        targets.append((rule.by, rule.share, float(kept.mean())))
    meets = np.where(measured[:, None], seen.meets.mean(axis=0), np.nan)
    low, high = np.full(meets.shape, np.nan), np.full(meets.shape, np.nan)
    low[measured], high[measured] = np.percentile(seen.concentration[:, measured], [5, 95], axis=0)
    return Chances(draws, meets, low, high, tuple(targets), float(every.mean()))


def interval(share: float, draws: int) -> tuple[float, float]:
    """Return the 90 % interval of a probability that was drawn so often (Wilson's).

    Examples
    --------
    >>> tuple(round(one, 3) for one in interval(0.9, 400))
    (0.873, 0.922)
    """
    spread = Z90**2 / draws
    middle = (share + spread / 2) / (1 + spread)
    half = Z90 / (1 + spread) * math.sqrt(share * (1 - share) / draws + spread / draws / 4)
    return max(0.0, middle - half), min(1.0, middle + half)


def kept_rules(
    options: Options, plants: Plants, rules: Rules, choice: Choice, lengths: Mapping[str, float]
) -> bool:
    """Tell whether every rule that is not left to chance is kept: money, crews, lengths, due dates, guard."""
    verdicts = plan_verify(options, plants, rules, choice, lengths)
    return all(row.holds for row in verdicts if row.rule != "share" or row.scope)
