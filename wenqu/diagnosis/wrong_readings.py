"""What would the scores of a conduit be under a wrong reading of CJJ 181 that has been seen in practice?"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from wenqu.diagnosis.grading_defects import Counted, Row, Segment, joined, known, sorted_out
from wenqu.records.inspection import Defect
from wenqu.standards.condition import TIE, ConditionRules, Rule

Figures = Mapping[str, float]
NEVER = 1e9  # [m] a distance that no two defects have
# Most likely first; the sentence of each stands under grading.cause.
WAYS = (
    "sum", "over_600", "density_by_F", "product", "plain_product", "no_weight", "chainage", "starts",
    "no_joining", "always_factors", "threshold_on_F", "largest", "mean", "point_lengths", "no_cap",
    "true_lengths",
)  # fmt: skip
# Rules whose number another reading takes.
NUMBERS: Mapping[str, Mapping[str, float]] = {
    "no_joining": {"cluster_distance": -NEVER},
    "no_weight": {"near_factor_structural": 1.0, "near_factor_functional": 1.0},
    "always_factors": {"factor_threshold": -NEVER},
    "threshold_on_F": {"functional_threshold_on_g": 0.0},
    "no_cap": {"cluster_cap": NEVER},
    "true_lengths": {"shortest_length": 0.0},
}


@dataclass(frozen=True, slots=True)
class Family:
    """The names of the figures of one family."""

    name: str
    mean: str
    largest: str
    parameter: str
    density: str
    index: str
    grade: str
    index_grade: str
    suffix: str  # of K and E as used

    @property
    def figures(self) -> tuple[str, ...]:
        """Every figure of the family that a contractor may state."""
        factors = ("K", "E", "T") if not self.suffix else ()
        return (
            self.mean, self.largest, self.parameter, self.density, self.index, self.grade, self.index_grade,
            *factors,
        )  # fmt: skip


STRUCTURAL = Family("structural", "S", "S_max", "F", "S_M", "RI", "structural_grade", "repair_grade", "")
FUNCTIONAL = Family(
    "functional", "Y", "Y_max", "G", "Y_M", "MI", "functional_grade", "upkeep_grade", "_functional"
)


def figures_under(
    ways: Sequence[str], segment: Segment, defects: Sequence[Defect], rules: ConditionRules, slack: float
) -> Figures:
    """Return all figures of a conduit as they come out under some wrong readings; none: as they are due."""
    read = _rules(ways, rules)
    seen = [replace(one, length=0.0) for one in defects] if "point_lengths" in ways else defects
    families, _, _ = sorted_out(segment, seen, read, slack)
    made: dict[str, float] = {}
    for family in (STRUCTURAL, FUNCTIONAL):
        counted = _counted(ways, families[family.name], read, family.name)
        _sums(ways, family, counted, read, known(segment.length), made)
    for family in (STRUCTURAL, FUNCTIONAL):
        _index(ways, family, segment, read, made)
    return made


def _rules(ways: Sequence[str], rules: ConditionRules) -> ConditionRules:
    changed: dict[str, Rule] = {}
    for way in ways:
        for name, value in NUMBERS.get(way, {}).items():
            changed[name] = replace(rules.rules[name], value=value)
    return replace(rules, rules={**rules.rules, **changed}) if changed else rules


def _counted(ways: Sequence[str], rows: list[Row], rules: ConditionRules, family: str) -> list[Counted]:
    counted = joined(rows, rules, family)
    near = rules.value("near_distance")
    if "chainage" in ways:  # the distance from the start manhole is taken for the clear distance
        least = rules.value("cluster_distance")
        return [replace(one, near=least < one.start <= near) for one in counted]
    if "starts" in ways:
        gaps = [two.start - one.start for one, two in pairwise(counted)]
        beside = [False, *(gap <= near for gap in gaps), False]
        return [replace(one, near=beside[n] or beside[n + 1]) for n, one in enumerate(counted)]
    return counted


def _sums(
    ways: Sequence[str], family: Family, counted: Sequence[Counted], rules: ConditionRules, length: float,
    made: dict[str, float],
) -> None:  # fmt: skip
    weight = rules.value(f"near_factor_{family.name}")
    weighted = [one.score * (weight if one.near else 1.0) for one in counted]
    total, largest = sum(weighted), max((one.score for one in counted), default=0.0)
    mean = 0.0 if not counted else total if "sum" in ways else total / len(counted)
    parameter = max(mean, largest)
    parameter = largest if "largest" in ways else mean if "mean" in ways else parameter
    reached = sum(score * one.length for score, one in zip(weighted, counted, strict=True))
    over = parameter if "density_by_F" in ways else mean
    made[family.mean], made[family.largest], made[family.parameter] = mean, largest, parameter
    made[family.density] = reached / (over * length) if over > 0 else math.nan
    made[family.grade] = float(rules.grade(family.parameter, parameter))


def _index(
    ways: Sequence[str], family: Family, segment: Segment, rules: ConditionRules, made: dict[str, float]
) -> None:
    lead, repair = made[family.parameter], family is STRUCTURAL
    judged = lead if repair or rules.value("functional_threshold_on_g") else made["F"]
    used = judged >= rules.value("factor_threshold") - TIE and (repair or lead > TIE)
    area = rules.factors["K"].get(segment.importance or "")
    soil = rules.factors["T"].get(segment.soil or "")
    E = _size(ways, rules, known(segment.diameter))
    factors = {
        "K": 0.0 if not used else area.value if area else math.nan,
        "E": E if used else 0.0,
    }
    if repair:
        factors["T"] = 0.0 if lead <= TIE else soil.value if soil else math.nan
    kind = "repair" if repair else "upkeep"
    weights = {name: rules.value(f"{kind}_weight_{name}") for name in (family.parameter, *factors)}
    parts = {family.parameter: lead, **factors}
    index = sum(weights[name] * value for name, value in parts.items())
    if "product" in ways:
        index = math.prod(weights[name] * value for name, value in parts.items())
    elif "plain_product" in ways:
        index = math.prod(parts.values())
    for name, value in factors.items():
        made[f"{name}{family.suffix}"] = value
    made[family.index] = index
    made[family.index_grade] = float(rules.grade(family.index, index))


def _size(ways: Sequence[str], rules: ConditionRules, diameter: float) -> float:
    if "over_600" not in ways:
        return rules.size_factor(diameter)
    bands = sorted(rules.factors["E"].values(), key=lambda entry: entry.band.low)
    above: Callable[[float], bool] = lambda low: diameter > low + TIE  # noqa: E731 - each bound left out
    reached = [entry.value for entry in bands if above(entry.band.low)]
    return math.nan if math.isnan(diameter) else reached[-1] if reached else math.nan
