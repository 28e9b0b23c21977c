"""Which deposits does a sonar profile show, and of which level? Depth of silt over the bore, by the table.

A stretch deeper than the lowest bound of the table is one deposit, of the level of its deepest place (CJJ 181
grades 沉积 by thickness over diameter). Between two soundings the depth is taken as straight.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from wenqu.issues import Issue, Place, Weight
from wenqu.records.inspection import Defect, Inspection, of_asset
from wenqu.standards.condition import ConditionRules, condition_rules

PROFILE = "silt_profile"  # name of the fact under which a profile is kept: "0.0=0.12; 5.0=0.08"
CODE = "CJ"
SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(mm|m)?\b", re.IGNORECASE)
RECKONED = re.compile(r"\d+\.\d{3} m / \S+ m = \d+%")  # remark of a deposit that was reckoned from a profile

Sounding = tuple[float, float]  # [m] distance from the start manhole, [m] depth of silt


def written_profile(soundings: Sequence[Sounding]) -> str:
    """Return soundings as they are kept among the facts of an inspection."""
    return "; ".join(f"{at!r}={deep!r}" for at, deep in soundings)


def profile_of(facts: Mapping[str, str]) -> tuple[Sounding, ...]:
    """Return the soundings that are kept among the facts of an inspection, in order; () where there are none.

    Examples
    --------
    >>> profile_of({"silt_profile": "5.0=0.08; 0.0=0.12"})
    ((0.0, 0.12), (5.0, 0.08))
    """
    parts = [part.split("=") for part in facts.get(PROFILE, "").split("; ") if part]
    return tuple(sorted((float(at), float(deep)) for at, deep in parts))


def deposits(
    soundings: Sequence[Sounding], bore: float, rules: ConditionRules | None = None
) -> tuple[Defect, ...]:
    """Return the deposits that a profile shows, from the start manhole on; () without a bore.

    Parameters
    ----------
    soundings
        Distances and depths of silt. [m]
    bore
        Inner height of the pipe. [m]

    References
    ----------
    .. [1] CJJ 181-2012, ch. 8: 沉积 by thickness over diameter, above 20, 30, 40 and 50 %.

    Examples
    --------
    >>> [(one.level, one.start, one.length) for one in deposits([(0, 0.0), (10, 0.2), (20, 0.0)], 0.5)]
    [(2, 5.0, 10.0)]
    """
    if not bore > 0:
        return ()
    rules = rules or condition_rules()
    least = min(one.above for one in rules.criteria if one.code == CODE and not math.isnan(one.above))
    found = []
    for start, end, deepest in _stretches(soundings, least * bore):
        level = rules.level(CODE, deepest / bore)
        if level:
            remark = f"{deepest:.3f} m / {bore:g} m = {deepest / bore:.0%}"
            found.append(Defect("", CODE, level, round(start, 2), round(end - start, 2), remark=remark))
    return tuple(found)


def _stretches(soundings: Sequence[Sounding], bound: float) -> Iterator[tuple[float, float, float]]:
    """Yield from where to where the silt is deeper than a bound, and how deep at most."""
    start, deepest = math.nan, 0.0
    points = sorted(soundings)
    for (at, deep), (after, then) in pairwise([*points, (points[-1][0], -math.inf)] if points else []):
        if deep > bound:
            start = at if math.isnan(start) else start
            deepest = max(deepest, deep)
        crosses = (deep > bound) != (then > bound)
        if not crosses:
            continue
        share = (bound - deep) / (then - deep) if math.isfinite(then) else 0.0
        place = at + share * (after - at)
        if then > bound:
            start, deepest = place, 0.0
        else:
            yield start, place, deepest
            start, deepest = math.nan, 0.0


def bore_of(bore: float, facts: Mapping[str, str]) -> float:
    """Return the bore of a pipe: the network's, else as the crew wrote it (DN500, 0.5 m); NaN unknown. [m]

    Examples
    --------
    >>> bore_of(float("nan"), {"diameter": "DN500"}), bore_of(0.6, {"diameter": "500 mm"})
    (0.5, 0.6)
    """
    if bore > 0:
        return bore
    found = SIZE.search(facts.get("diameter", ""))
    if found is None:
        return math.nan
    return float(found[1]) if (found[2] or "").lower() == "m" else float(found[1]) / 1000


def with_deposits(one: Inspection, facts: Mapping[str, str], bore: float) -> Inspection:
    """Return an inspection with the deposits of its profile; where its crew named deposits, those stay alone.

    Deposits that were reckoned by another bore give way. One that does not say how far it saw saw at least as
    far as its last sounding.
    """
    soundings = profile_of(facts)
    if not soundings or one.asset_type != "conduit" or one.standard != condition_rules().standard:
        return one
    one = replace(one, length=soundings[-1][0]) if math.isnan(one.length) else one
    if _named(one):
        return one
    others = tuple(row for row in one.defects if row.code != CODE)
    made = tuple(replace(row, at=one.date) for row in deposits(soundings, bore_of(bore, facts)))
    return of_asset(replace(one, defects=(*others, *made)), one.asset)


def _named(one: Inspection) -> bool:
    """Tell whether the crew itself named a deposit."""
    return any(row.code == CODE and not RECKONED.fullmatch(row.remark) for row in one.defects)


def unjudged(one: Inspection, facts: Mapping[str, str], bore: float) -> bool:
    """Tell whether the depths of a profile say nothing yet: no bore is known, and no deposit was named."""
    return bool(profile_of(facts)) and not bore_of(bore, facts) > 0 and not _named(one)


def check_deposits(one: Inspection, facts: Mapping[str, str], bore: float, place: Place) -> Iterator[Issue]:
    """Yield where a profile and the deposits that the crew named disagree, or where no bore is known."""
    soundings = profile_of(facts)
    if not soundings or one.asset_type != "conduit":
        return
    bore = bore_of(bore, facts)
    told = max((row.level for row in one.defects if row.code == CODE), default=0)
    known: dict[str, object] = {"inspection": one.id, "deep": round(max(deep for _, deep in soundings), 3)}
    if not bore > 0:
        yield Issue("match.silt-without-bore", Weight.NOTE, "conduit", one.asset, place, known)
        return
    due = max((row.level for row in deposits(soundings, bore)), default=0)
    if told and due != told:
        more = {"bore": bore, "told": told, "due": due}
        yield Issue("match.silt-level", Weight.DOUBT, "conduit", one.asset, place, {**known, **more})
