"""What is left to plan when a part of the works is finished or under contract?

The part that stands is taken out of the options; its money and crew-days out of the limits of its year, its
metres out of the milestones, and what it does for a plant that no reading shows yet goes into the plant.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from wenqu.planning.options import Options
from wenqu.planning.plants import Plants, aims
from wenqu.planning.rest_conditions import Stands, rest_conditions
from wenqu.planning.rules import LengthRule, Rules
from wenqu.planning.verify import TOLERANCE, Choice, Outlook, Verdict, outlook

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]

BEFORE = -1  # window of works that were finished before the first year of the rules


@dataclass(frozen=True, slots=True)
class Standing:
    """Works that stand: finished, accepted, or under contract. n rows."""

    plant: Texts  # (n,) id of the plant below, "" for none
    district: Texts  # (n,)
    window: Ints  # (n,) place in the rules' windows, BEFORE
    cost: Floats  # (n,) [yuan]
    crew_days: Floats  # (n,) [d]
    length: Floats  # (n,) [m] of the bad length that they mend
    flow: Floats  # (n,) [m³/s] change of the flow at the plant that its readings do not show yet
    load: Floats  # (n,) [kg/s] change of the BOD5 load, as the flow
    names: tuple[frozenset[str], ...] = ()  # (n) package and asset, for the conditions that name any
    methods: tuple[str, ...] = ()  # (n) key of the price table

    def __len__(self) -> int:
        """Return the number of works."""
        return len(self.window)


@dataclass(frozen=True, slots=True)
class Rest:
    """What is left: rules, plants and denominators for the works that can still be chosen."""

    rules: Rules
    plants: Plants
    lengths: dict[str, float]  # [m] frozen denominators, the standing works counted in
    first_open: int  # place of the first window in which works can still be finished
    overdue: tuple[str, ...]  # windows of due dates that have passed: moved to the first open one


def shown(finished: str, since: str, until: str) -> float:
    """Return which share of an effect the mean of a plant's readings holds. [-]

    1 when works were finished before the first reading that counts, 0 when after the last or not yet ("").

    Examples
    --------
    >>> round(shown("2024-07-01", "2024-01-01", "2024-12-31"), 2), shown("", "2024-01-01", "2024-12-31")
    (0.5, 0.0)
    """
    if not (finished and since and until):
        return 0.0
    day, first, last = (np.datetime64(text[:10]) for text in (finished, since, until))
    whole = float((last - first) / np.timedelta64(1, "D"))
    left = float((last - day) / np.timedelta64(1, "D"))
    return min(max(left / whole, 0.0), 1.0) if whole > 0 else float(left > 0)


def rest_of(
    rules: Rules, plants: Plants, mendable: Mapping[str, float], standing: Standing, first_open: int
) -> Rest:
    """Return what is left to plan.

    Parameters
    ----------
    rules, plants
        Those of the whole programme.
    mendable
        Bad length of what is not standing: of the city ("") and of each district. [m]
    standing
        Works that stand.
    first_open
        Place of the first window in which works can still be finished.
    """
    windows = len(rules.windows)
    first = min(first_open, windows - 1)
    lengths = {name: total + _length_of(standing, name) for name, total in mendable.items()}
    for name in {str(one) for one in standing.district.tolist() if one} - set(lengths):
        lengths[name] = _length_of(standing, name)

    def left(limits: tuple[float, ...], used: Floats) -> tuple[float, ...]:
        return tuple(
            0.0 if k < first else limit if math.isinf(limit) else max(limit - float(used[k]), 0.0)
            for k, limit in enumerate(limits)
        )

    inside = standing.window >= 0
    at = standing.window[inside]
    dated = (rules.shares, rules.lengths, rules.margins, rules.flows, rules.must_do)
    dates = [rule.by for some in dated for rule in some]
    dates += [rules.must_by] if rules.must_by else []
    overdue = sorted({by for by in dates if rules.windows.index(by) < first})
    made = replace(
        rules,
        budgets=left(rules.budgets, _sum(at, standing.cost[inside], windows)),
        crew_days=left(rules.crew_days, _sum(at, standing.crew_days[inside], windows)),
        shares=tuple(replace(r, by=_open(rules, r.by, first)) for r in rules.shares),
        lengths=tuple(one for r in rules.lengths for one in _lengths(rules, r, lengths, standing, first)),
        must_by=_open(rules, rules.must_by, first) if rules.must_by else "",
        pace=min(rules.pace * windows / (windows - first), 1.0),
    )
    nameless = len(standing) - len(standing.names)
    stands = Stands(
        (*standing.names, *(frozenset[str](),) * nameless), (*standing.methods, *("",) * nameless),
        standing.district, standing.window, standing.cost, standing.crew_days, standing.length,
    )  # fmt: skip
    made = rest_conditions(made, stands, lengths, first)
    due = min((made.windows.index(rule.by) for rule in made.shares), default=windows - 1)
    left_over = with_works(plants, standing, due)
    shed = left_over.flow - plants.flow  # what is kept out is clean water, whatever else it holds
    loads = {name: load + rules.clean_others.get(name, 0.0) * shed for name, load in plants.loads.items()}
    return Rest(made, replace(left_over, loads=loads), lengths, first, tuple(overdue))


def with_works(plants: Plants, standing: Standing, until: int) -> Plants:
    """Return the plants as they are once the standing works up to a window are finished."""
    flow, load = plants.flow.copy(), plants.load.copy()
    done = standing.window <= until
    for row, name in enumerate(plants.ids):
        mine = done & np.asarray(standing.plant == name, dtype=np.bool_)
        flow[row] += float(standing.flow[mine].sum())
        load[row] += float(standing.load[mine].sum())
    return replace(plants, flow=flow, load=load)


def _sum(at: Ints, values: Floats, windows: int) -> Floats:
    return np.bincount(at, values, windows).astype(np.float64)


def _taken(standing: Standing, rule: str, scope: str, window: int) -> float:
    """Return what standing works take of the limit of a district or of a method's crews in one window."""
    mine = standing.window == window
    if rule == "district-budget":
        return float(standing.cost[mine & np.asarray(standing.district == scope, dtype=np.bool_)].sum())
    return float(standing.crew_days[mine & np.array([name == scope for name in standing.methods])].sum())


def _open(rules: Rules, by: str, first: int) -> str:
    return rules.windows[max(rules.windows.index(by), first)]


def _length_of(standing: Standing, scope: str, until: int | None = None) -> float:
    inside = np.ones(len(standing), dtype=np.bool_)
    if scope:
        inside &= np.asarray(standing.district == scope, dtype=np.bool_)
    if until is not None:
        inside &= standing.window <= until
    return float(standing.length[inside].sum())


def _lengths(
    rules: Rules, rule: LengthRule, lengths: Mapping[str, float], standing: Standing, first: int
) -> list[LengthRule]:
    """Return a milestone as what is left of it: one for each district where it speaks of all."""
    by = _open(rules, rule.by, first)
    scopes = sorted(name for name in lengths if name) if rule.district == "*" else [rule.district]
    made = []
    for scope in scopes:
        total = lengths.get(scope, 0.0) if rule.of is None else rule.of
        done = _length_of(standing, scope, rules.windows.index(by)) / total if total > 0 else 0.0
        share = max(rule.share - done, 0.0)
        made.append(replace(rule, by=by, district=scope, share=share if share > 1e-9 else 0.0))
    return made


def whole_outlook(
    options: Options, plants: Plants, rules: Rules, choice: Choice, standing: Standing
) -> Outlook:
    """Return what every plant receives by every window, each standing work counted from its own window on."""
    seen = outlook(options, plants, rules, choice)
    later = [with_works(plants, standing, k) for k in range(len(rules.windows))]
    flow = seen.flow + np.column_stack([one.flow - plants.flow for one in later])
    load = seen.load + np.column_stack([one.load - plants.load for one in later])
    with np.errstate(divide="ignore", invalid="ignore"):
        concentration = np.where(flow > 0, load / flow, np.nan)
    aim = aims(plants, rules)[:, None]
    return Outlook(flow, load, concentration, load - aim * flow >= -TOLERANCE * np.abs(load))


def in_whole_terms(
    missed: tuple[Verdict, ...], rules: Rules, rest: Rest, standing: Standing
) -> tuple[Verdict, ...]:
    """Return what the rest misses as rules of the whole; limits that standing works overstep alone too."""
    windows = len(rules.windows)
    inside = standing.window >= 0
    used = {
        "budget": (rules.budgets, _sum(standing.window[inside], standing.cost[inside], windows), "yuan"),
        "crew": (rules.crew_days, _sum(standing.window[inside], standing.crew_days[inside], windows), "d"),
    }
    made, told = [], set()
    for one in missed:
        if one.rule in used:
            limits, spent, _ = used[one.rule]
            k = rules.windows.index(one.window)
            demanded = 0.0 if math.isinf(limits[k]) else limits[k]  # a year that is over has no room
            made.append(replace(one, demanded=demanded, reached=one.reached + float(spent[k])))
            told.add((one.rule, k))
        elif one.rule in {"district-budget", "method-crew"} and one.window in rules.windows:
            more = _taken(standing, one.rule, one.scope, rules.windows.index(one.window))
            made.append(replace(one, demanded=one.demanded + more, reached=one.reached + more))
        elif one.rule == "length":
            total = rest.lengths.get(one.scope, 0.0)
            done = _length_of(standing, one.scope, rules.windows.index(one.window))
            share = done / total if total > 0 else 0.0
            made.append(replace(one, demanded=one.demanded + share, reached=one.reached + share))
        else:
            made.append(one)
    for rule, (limits, spent, unit) in used.items():
        made += [
            Verdict(rule, "", rules.windows[k], limits[k], float(spent[k]), unit, holds=False)
            for k in range(windows)
            if (rule, k) not in told and spent[k] > limits[k] * (1 + TOLERANCE)
        ]
    return tuple(made)
