"""What is otherwise in one programme than in another: packages in, out, moved, money, plants, and why?"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from wenqu.planning.costs import read_catalogue
from wenqu.records.programme import Measure, Programme
from wenqu.records.replan import Fact
from wenqu.services.standing_works import FIXED
from wenqu.units import from_si

IN, OUT, MOVED, METHOD, PRICE, SAME = "in", "out", "moved", "method", "price", "same"
KINDS = (IN, OUT, MOVED, METHOD, PRICE, SAME)
CENT = 0.01  # [yuan]
OTHER_SITES = (
    "river:",
    "area:",
    "industry:",
    "blank:",
)  # packages at an asset that is not the thing repaired
# The facts that explain a change best come first.
WEIGHT = (
    "accepted", "built", "contract", "cancelled", "lapsed", "grade-worse", "grade-better", "findings",
    "price", "effect", "method-new", "method-gone", "plant", "rule", "time",
)  # fmt: skip
# A neighbour's change comes from what is worth less or more by now, rather than from what is finished.
THROUGH = (
    "effect", "price", "findings", "cancelled", "lapsed", "plant", "method-gone", "method-new", "grade-worse",
    "grade-better", "rule", "time", "accepted", "built", "contract",
)  # fmt: skip
TOLD = 3  # facts that are told of one change


@dataclass(frozen=True, slots=True)
class Side:
    """One package in one programme."""

    measures: tuple[Measure, ...]

    @property
    def cost(self) -> float:
        """Return the cost. [yuan]"""
        return sum(one.cost for one in self.measures)

    @property
    def methods(self) -> tuple[str, ...]:
        """Return the methods, sorted."""
        return tuple(sorted({one.method for one in self.measures}))

    @property
    def window(self) -> str:
        """Return the year in which the last of it is finished."""
        return max(one.window for one in self.measures)

    @property
    def fixed(self) -> str:
        """Return why it stands, "" when it was chosen."""
        reasons = (reason for one in self.measures for reason in one.reasons)
        return next((reason.split(":")[1] for reason in reasons if reason.startswith(FIXED)), "")


def site_of(measure: Measure) -> tuple[str, str, str]:
    """Return what is repaired: a bank or an area is another thing than the conduit it is shown at."""
    kind = next((name for name in OTHER_SITES if measure.package.startswith(name)), "")
    return kind, measure.asset_type, measure.asset


def packages_of(
    before: Iterable[Measure], after: Iterable[Measure]
) -> dict[str, tuple[tuple[Measure, ...], tuple[Measure, ...]]]:
    """Return by package what both programmes do there; a package that was cut anew is known by its places."""
    found: dict[str, tuple[list[Measure], list[Measure]]] = defaultdict(lambda: ([], []))
    named: dict[tuple[str, str, str], str] = {}
    for one in before:
        named[site_of(one)] = one.package
        found[one.package][0].append(one)
    for one in after:
        found[named.get(site_of(one), one.package)][1].append(one)
    return {name: (tuple(old), tuple(new)) for name, (old, new) in found.items()}


def change_of(old: tuple[Measure, ...], new: tuple[Measure, ...]) -> str:
    """Return what became of a package."""
    if not old:
        return IN
    if not new:
        return OUT
    one, other = Side(old), Side(new)
    if {site_of(each) for each in old} == {site_of(each) for each in new} and one.methods != other.methods:
        return METHOD
    if one.window != other.window:
        return MOVED
    if one.methods != other.methods:
        return METHOD
    return PRICE if abs(one.cost - other.cost) > CENT else SAME


def programme_difference(before: Programme, after: Programme, facts: Sequence[Fact] = ()) -> dict[str, Any]:
    """Return the difference between two programmes in border units, with the facts behind each change."""
    names = {entry.key: {"zh": entry.zh, "en": entry.en} for entry in read_catalogue().methods}
    through = _through((*before.measures, *after.measures), facts)
    rows, sums = [], {kind: {"count": 0, "cost": 0.0, "length_m": 0.0} for kind in KINDS}
    for package, (old, new) in packages_of(before.measures, after.measures).items():
        kind = change_of(old, new)
        one, other = Side(old), Side(new)
        sums[kind]["count"] += 1
        sums[kind]["cost"] += other.cost - one.cost
        sums[kind]["length_m"] += sum(each.length for each in new or old)
        if kind != SAME:
            direct = because(old, new, facts)
            rows.append(
                _row(package, kind, one, other, names)
                | {"because": direct, "through": [] if direct else through.get((new or old)[0].plant, [])}
            )
    rows.sort(key=lambda row: (KINDS.index(row["what"]), -abs(row["cost_after"] - row["cost_before"])))
    return {
        "before": _head(before),
        "after": _head(after),
        "sums": [{"what": kind, **sums[kind]} for kind in KINDS],
        "rows": rows,
        "years": _years(before, after),
        "plants": _plants(before, after),
    }


def _head(programme: Programme) -> dict[str, Any]:
    return {
        "id": programme.id,
        "at": programme.at,
        "by": programme.by,
        "status": programme.status,
        "cost": programme.cost,
        "bound": programme.bound,
        "gap": programme.gap,
        "count": len({one.package for one in programme.measures}),
        "length_m": sum(one.length for one in programme.measures),
        "catalogue": programme.catalogue,
    }


def _row(package: str, kind: str, one: Side, other: Side, names: dict[str, dict[str, str]]) -> dict[str, Any]:
    there = (other if other.measures else one).measures
    first = there[0]

    def named(side: Side) -> list[dict[str, str]]:
        return [names.get(key, {"zh": key, "en": key}) for key in side.methods]

    def water(side: Side) -> float:
        return from_si(sum(each.flow_removed for each in side.measures), "m³/d")

    return {
        "package": package,
        "what": kind,
        "asset_type": first.asset_type,
        "assets": [each.asset for each in there],
        "district": first.district,
        "plant": first.plant,
        "window_before": one.window if one.measures else None,
        "window_after": other.window if other.measures else None,
        "method_before": named(one),
        "method_after": named(other),
        "cost_before": one.cost,
        "cost_after": other.cost,
        "length": sum(each.length for each in there),
        "flow_before": water(one),
        "flow_after": water(other),
        "fixed": other.fixed,
    }


def because(
    old: tuple[Measure, ...], new: tuple[Measure, ...], facts: Sequence[Fact], order: Sequence[str] = WEIGHT
) -> list[int]:
    """Return the places of the facts that touch a package, the plainest first."""
    assets = {one.asset for one in (*old, *new)}
    methods = {one.method for one in (*old, *new)}
    plants = {one.plant for one in (*old, *new)}
    found = [
        place
        for place, fact in enumerate(facts)
        if assets & set(fact.assets)
        or methods & set(fact.methods)
        or (fact.kind == "plant" and fact.about in plants)
        or fact.kind in {"rule", "time"}
    ]
    return sorted(found, key=lambda place: _weight(facts[place], order))[:TOLD]


def _through(measures: Sequence[Measure], facts: Sequence[Fact]) -> dict[str, list[int]]:
    """Return by plant the facts that touch any work above it: a plant's works stand in for one another."""
    by_plant: defaultdict[str, list[Measure]] = defaultdict(list)
    for one in measures:
        by_plant[one.plant].append(one)
    return {plant: because(tuple(some), (), facts, THROUGH) for plant, some in by_plant.items()}


def _weight(fact: Fact, order: Sequence[str]) -> int:
    return order.index(fact.kind) if fact.kind in order else len(order)


def _years(before: Programme, after: Programme) -> list[dict[str, Any]]:
    windows = sorted({*before.windows, *after.windows})
    return [
        {
            "window": window,
            **{
                name: sum(one.cost for one in programme.measures if one.window == window)
                for name, programme in (("before", before), ("after", after))
            },
        }
        for window in windows
    ]


def _plants(before: Programme, after: Programme) -> list[dict[str, Any]]:
    """Return what each plant reaches by each year in both programmes."""
    told: dict[str, dict[str, dict[str, Any]]] = defaultdict(lambda: defaultdict(dict))
    threshold: dict[str, float] = {}
    for name, programme in (("before", before), ("after", after)):
        for one in programme.outlook:
            told[one.plant][one.window][name] = from_si(one.concentration, "mg/L")
            told[one.plant][one.window][f"meets_{name}"] = one.meets
            threshold[one.plant] = from_si(one.threshold, "mg/L")
    return [
        {
            "plant": plant,
            "threshold": threshold[plant],
            "windows": [{"window": window, **windows[window]} for window in sorted(windows)],
        }
        for plant, windows in told.items()
    ]
