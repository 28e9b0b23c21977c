"""What is otherwise than when the last programme was made? Facts, each with the assets it touches."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace

import numpy as np

from wenqu.diagnosis.grading import Grade
from wenqu.planning.assumptions import NOTHING_SET, Assumed, assumptions
from wenqu.planning.costs import Catalogue, Method
from wenqu.planning.plants import Plants
from wenqu.planning.rules import Rules, rules_text
from wenqu.records.programme import Programme
from wenqu.records.replan import Fact
from wenqu.services.city_state import CityState
from wenqu.services.diagnose_city import read_posterior
from wenqu.services.grade_city import current_grades
from wenqu.services.plan_sites import worst_grade
from wenqu.services.plan_waters import Evidence, clean_water
from wenqu.services.standing_works import StandingPipe
from wenqu.store.database import Store
from wenqu.units import from_si

OF_NOTE = 0.05  # [-] change of a quantity from which it is told
LITTLE = 1e-5  # [m³/s] less clean water than this at a conduit is not told
USUAL = 0.4  # [m] diameter at which a unit price is told
MANY = 2000  # assets that one fact names


@dataclass(frozen=True, slots=True)
class Then:
    """What the last programme was made from."""

    programme: Programme
    at: str  # ISO time at which it was filed
    book: Catalogue  # with the effects that were known
    arriving: Mapping[str, float]  # [kg/m³] BOD5 by plant
    pipes: tuple[StandingPipe, ...]
    assumed: Assumed = NOTHING_SET


@dataclass(frozen=True, slots=True)
class Now:
    """What a new programme is made from."""

    book: Catalogue
    rules: Rules
    known: Evidence
    pipes: tuple[StandingPipe, ...]
    first_open: int
    judged: Mapping[str, tuple[str, ...]]  # method → verifications that speak of it
    assumed: frozenset[str] = frozenset()  # methods whose effect rests on something that is not filed
    agreed: Mapping[str, float] = field(default_factory=dict)  # [yuan] of standing pipes by their contracts


def replan_facts(store: Store, state: CityState, then: Then, now: Now) -> tuple[Fact, ...]:
    """Return everything that is otherwise, the works first."""
    return (
        *_works(then.pipes, now.pipes),
        *_contracts(then.programme, now),
        *_prices(then.book, now),
        *_assumptions(then.assumed, now.known.assumed),
        *_grades(store, state, then, now),
        *_waters(store, state, then, now),
        *_plants(then.arriving, now.known.plants),
        *_rules(then, now),
    )


def _works(then: tuple[StandingPipe, ...], now: tuple[StandingPipe, ...]) -> Iterator[Fact]:
    """Yield lots that were let, finished, accepted or cancelled, and acceptances that stand no more."""
    before, after = ({one.asset: one for one in some} for some in (then, now))
    moved: dict[tuple[str, str, bool], list[str]] = {}
    for asset, one in after.items():
        old = before.get(asset)
        if old is None or old.status != one.status:
            kind = "lapsed" if old is not None and old.status == "accepted" else one.status
            moved.setdefault((kind, one.lot, one.assumed), []).append(asset)
    for asset, one in before.items():
        if asset not in after:
            moved.setdefault(("cancelled", one.lot, False), []).append(asset)
    for (kind, lot, assumed), assets in sorted(moved.items()):
        yield Fact(kind, lot, None, float(len(assets)), "-", tuple(sorted(assets)), assumed=assumed)


def _contracts(base: Programme, now: Now) -> Iterator[Fact]:
    """Yield lots that cost otherwise by contract than the programme says of their pipes."""
    said: dict[str, float] = {}
    for measure in base.measures:
        if measure.asset_type == "conduit":
            said[measure.asset] = said.get(measure.asset, 0.0) + measure.cost
    lots: dict[str, list[StandingPipe]] = {}
    for one in now.pipes:
        if one.asset in now.agreed:
            lots.setdefault(one.lot, []).append(one)
    for lot, pipes in sorted(lots.items()):
        told = [said.get(one.asset, said.get(one.planned)) for one in pipes]
        before = math.fsum(cost for cost in told if cost is not None) if any(told) else None
        after = math.fsum(now.agreed[one.asset] for one in pipes)
        if before is None or not math.isclose(before, after, rel_tol=1e-6, abs_tol=1.0):
            assets = tuple(one.asset for one in pipes)
            yield Fact("contract-price", lot, before, after, "yuan", assets)


def unit_price_of(method: Method) -> float:
    """Return the unit price of a method at a usual diameter, or its least. [yuan]"""
    return method.price_a + method.price_b * max(USUAL, method.min_diameter)


def _prices(then: Catalogue, now: Now) -> Iterator[Fact]:
    before = {one.key: one for one in then.methods}
    for one in now.book.methods:
        old = before.get(one.key)
        if old is None:
            yield Fact("method-new", one.key, methods=(one.key,))
            continue
        prices = [
            (each.price_a, each.price_b, each.price_depth, each.mobilisation, each.crew_days)
            for each in (old, one)
        ]
        if prices[0] != prices[1]:
            yield Fact("price", one.key, unit_price_of(old), unit_price_of(one), "yuan", methods=(one.key,))
        if not math.isclose(old.effect, one.effect, rel_tol=1e-6):
            yield Fact(
                "effect", one.key, old.effect, one.effect, "-", methods=(one.key,),
                ids=now.judged.get(one.key, ()), assumed=one.key in now.assumed,
            )  # fmt: skip
    for key in before.keys() - {one.key for one in now.book.methods}:
        yield Fact("method-gone", key, methods=(key,))


def _assumptions(then: Assumed, now: Assumed) -> Iterator[Fact]:
    """Yield what the city assumes otherwise, in the units of the table of assumptions."""
    known = assumptions()
    for one in fields(Assumed):
        before, after = float(getattr(then, one.name)), float(getattr(now, one.name))
        if before != after and one.name in known:
            yield Fact("assumption", one.name, before, after, known[one.name].unit)


def _grades(store: Store, state: CityState, then: Then, now: Now) -> Iterator[Fact]:
    old = {name: worst_grade(one) for name, one in _grades_then(store, state, then.at).items()}
    new = {name: worst_grade(one) for name, one in now.known.grades.items()}
    limit = now.rules.problem_grade
    worse: list[str] = []
    better: list[str] = []
    for name in sorted(old.keys() | new.keys()):
        one, other = old.get(name, 0), new.get(name, 0)
        if one != other and max(one, other) >= limit:
            (worse if other > one else better).append(name)
    for kind, names in (("grade-worse", worse), ("grade-better", better)):
        if names:
            yield Fact(kind, "", None, float(len(names)), "-", tuple(names[:MANY]))


def _grades_then(store: Store, state: CityState, at: str) -> Mapping[str, Grade]:
    found: Mapping[str, Grade] = state.once(
        f"grades {at}", lambda: current_grades(store, state.network.city.code, at)
    )
    return found


def _waters(store: Store, state: CityState, then: Then, now: Now) -> Iterator[Fact]:
    """Yield how much clean water the diagnosis finds now, and where that differs."""
    city = state.network.city.code
    old = read_posterior(store, city, as_of=then.at)
    if old is None and now.known.posterior is None:
        return
    before, after = (
        _sums(replace(now.known, posterior=posterior)) for posterior in (old, now.known.posterior)
    )
    changed = [
        name
        for name in sorted(before.keys() | after.keys())
        if abs(after.get(name, 0.0) - before.get(name, 0.0))
        > max(LITTLE, OF_NOTE * max(before.get(name, 0.0), after.get(name, 0.0)))
    ]
    if changed:
        was, is_ = (from_si(sum(some.values()), "m³/d") for some in (before, after))
        yield Fact("findings", "", was, is_, "m³/d", tuple(changed[:MANY]))


def _sums(known: Evidence) -> dict[str, float]:
    ground, river = clean_water(known)
    return {name: flow + river.get(name, 0.0) for name, flow in ground.items()}


def arriving(plants: Plants) -> dict[str, float]:
    """Return the BOD5 that arrives at each plant, NaN where nothing is measured. [kg/m³]"""
    with np.errstate(divide="ignore", invalid="ignore"):
        strength = plants.load / plants.flow
    return dict(zip((str(name) for name in plants.ids), strength.tolist(), strict=True))


def _plants(then: Mapping[str, float], now: Plants) -> Iterator[Fact]:
    if not then:
        return
    for name, after in arriving(now).items():
        before = then.get(name, math.nan)
        if math.isnan(before) and math.isnan(after):
            continue
        if math.isnan(before) or math.isnan(after) or not math.isclose(before, after, rel_tol=1e-3):
            told = [None if math.isnan(value) else from_si(value, "mg/L") for value in (before, after)]
            yield Fact("plant", name, told[0], told[1], "mg/L")


def _rules(then: Then, now: Now) -> Iterator[Fact]:
    old = json.loads(then.programme.rules or "{}")
    new = json.loads(rules_text(now.rules))
    for name, value in new.items():
        if name != "default" and name in old and old[name] != value:
            was, is_ = (rule_said(one, other) for one, other in ((old[name], value), (value, old[name])))
            yield Fact("rule", name, said=f"{was} → {is_}")
    opened = int(old.get("replan", {}).get("first_open", 0))
    if now.first_open > opened:
        yield Fact("time", now.rules.windows[min(now.first_open, len(now.rules.windows) - 1)])


def _row_said(row: object) -> str:
    """Return one row of a list of rules in short."""
    if not isinstance(row, dict):
        return str(row)
    return " ".join(str(value) for value in row.values() if value not in ("", None, [], {}, False))


def rule_said(value: object, other: object) -> str:
    """Return a rule's value in short: of a table only what differs."""
    if isinstance(value, dict) and isinstance(other, dict):
        value = {name: one for name, one in value.items() if other.get(name) != one}
        return ", ".join(f"{name}: {'–' if one is None else one}" for name, one in value.items()) or "–"
    if isinstance(value, list) and isinstance(other, list):
        value = [one for one in value if one not in other]
        return ", ".join(
            f"{one['by']} {one['share']:.1%}" if isinstance(one, dict) and "share" in one else _row_said(one)
            for one in value
        ) or "–"  # fmt: skip
    return "–" if value is None else str(value)
