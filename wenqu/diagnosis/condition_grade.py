"""In which condition class is a conduit or manhole that was surveyed by EN 13508-2?

The survey only describes; a class comes from a table of single damages. Where that table is empty or has
no row for a damage, the damage stays without a class and is counted, and the answer says so.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from wenqu.errors import BadInput
from wenqu.records.inspection import Defect, Inspection
from wenqu.standards.classes import BFR, GOALS, ClassRules, class_rules
from wenqu.standards.observations import EN, observation_codes


@dataclass(frozen=True, slots=True)
class ClassedDamage:
    """One damage with its classes: from the table, or as the survey states them."""

    row: int  # place in the defects of the inspection
    code: str
    classes: Mapping[str, int]  # goal → class
    number: float  # [-] largest final number of its goals; 0 where the standard has none
    length: float  # [m] as it counts


@dataclass(frozen=True, slots=True)
class ConditionGrade:
    """What a table of condition classes says about one conduit or manhole."""

    asset: str
    goals: Mapping[str, int | None]  # D, S, B → worst class; None where no damage has one
    worst: int | None  # of all goals; None while damages are without a class and none has one
    number: float | None  # [-] final object number; None where the standard has none
    object_class: int | None  # class of the number
    density_points: int  # what the share of damaged length added
    what_from: tuple[ClassedDamage, ...]
    unclassed: tuple[int, ...]  # places of damages that no row of the table is about
    complete: bool  # every damage has its classes, by a table without gaps or by the survey itself
    standard: str
    edition: str
    unconfirmed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What of a place weighs on its class."""

    length: float = math.nan  # [m] of the conduit, depth of the manhole
    conditions: Collection[str] = field(default_factory=tuple)  # of class_extras.csv: foul, zone_II, …


def condition_grade(
    inspection: Inspection,
    rules: ClassRules | None = None,
    *,
    place: Surroundings | None = None,
    stated: Mapping[int, Mapping[str, int]] | None = None,
) -> ConditionGrade:
    """Class one survey by EN 13508-2.

    BFR: number of a damage = max(10, provisional number of its class + extras); object number = largest
    number + points for density, where density = Σ number·length / (largest number · length).
    DWA-M 149-3: the worst single damage; its further points are a slot.

    Parameters
    ----------
    inspection
        The survey.
    rules
        The table of classes; BFR Abwasser when not given.
    place
        Length and conditions around it. [m]
    stated
        Classes that the survey states itself, by place of the row and goal; they go before the table.

    Raises
    ------
    BadInput
        The survey was made by another standard, or a condition is none of the table.

    References
    ----------
    .. [1] BFR Abwasser, annex A-3.1; DWA-M 149-3.
    """
    rules, place = rules or class_rules(BFR), place or Surroundings()
    if inspection.standard != EN:
        raise BadInput("other-standard", standard=inspection.standard, wanted=EN)
    unknown = [name for name in place.conditions if name not in rules.extras]
    if unknown:
        raise BadInput("class-condition", name=", ".join(unknown), known=", ".join(rules.extras))
    found, unclassed = list[ClassedDamage](), list[int]()
    known = observation_codes()
    for row, defect in enumerate(inspection.defects):
        if defect.closes or defect.code not in known or not known[defect.code].is_defect:
            continue
        classes = dict((stated or {}).get(row, {})) or _from_table(defect, rules)
        if not classes:
            unclassed.append(row)
            continue
        number = _number(classes, rules, place.conditions)
        found.append(ClassedDamage(row, defect.code, classes, number, _length(defect, inspection, rules)))
    by_table = any(one.row not in (stated or {}) for one in found)
    gaps = by_table and rules.state not in ("filled", "city")
    return _whole(inspection, rules, place, (tuple(found), tuple(unclassed)), gaps=gaps)


def _from_table(defect: Defect, rules: ClassRules) -> dict[str, int]:
    size = next((amount for amount in defect.quantities[:1] if isinstance(amount, float)), math.nan)
    classes: dict[str, int] = {}
    for row in rules.damages:
        fits = row.flat or row.above <= size < row.below
        if fits and row.holds(defect.code, defect.characters, defect.part):
            before = [classes[row.goal]] if row.goal in classes else []
            classes[row.goal] = rules.worst([*before, row.value])
    return classes


def _number(classes: Mapping[str, int], rules: ClassRules, conditions: Collection[str]) -> float:
    """Return the largest final number of a damage; 0 where the standard has no numbers."""
    if not rules.numbers:
        return 0.0
    least = rules.rules["least_number"]
    finals = []
    for goal, value in classes.items():
        extra = sum(rules.extras[name].get(goal, 0.0) for name in conditions)
        finals.append(max(least, rules.numbers[value] + extra) if rules.numbers[value] > 0 else 0.0)
    return max(finals)


def _length(defect: Defect, inspection: Inspection, rules: ClassRules) -> float:
    if defect.length > 0:
        return defect.length
    kind = "manhole" if inspection.asset_type == "manhole" else "conduit"
    return rules.rules.get(f"point_length_{kind}", 0.0)


def _density_points(
    found: tuple[ClassedDamage, ...], largest: float, length: float, rules: ClassRules
) -> int:
    """Return the points for the share of damaged length; halves round down, as the examples of BFR do."""
    if not (largest > 0 and length > 0):
        return 0
    share = round(sum(one.number * one.length for one in found) / (largest * length), 3)
    if share > rules.rules["density_high"]:
        return int(rules.rules["density_points"])
    if share <= rules.rules["density_low"]:
        return 0
    return math.ceil(round(100 * (share - rules.rules["density_low"]), 3) - 0.5)


def _whole(
    inspection: Inspection,
    rules: ClassRules,
    place: Surroundings,
    sorted_out: tuple[tuple[ClassedDamage, ...], tuple[int, ...]],
    *,
    gaps: bool,
) -> ConditionGrade:
    found, unclassed = sorted_out
    goals: dict[str, int | None] = {}
    for goal in GOALS:
        values = [one.classes[goal] for one in found if goal in one.classes]
        goals[goal] = rules.worst(values) if values or not unclassed else None
    known = [value for value in goals.values() if value is not None]
    number: float | None = None
    points = 0
    if rules.numbers and (found or not unclassed):
        largest = max((one.number for one in found), default=0.0)
        points = _density_points(found, largest, place.length, rules)
        number = largest + points
    return ConditionGrade(
        inspection.asset, goals, rules.worst(known) if known else None, number,
        None if number is None else rules.class_of_number(number), points, found, unclassed,
        not unclassed and not gaps, rules.standard, rules.edition, tuple(sorted(rules.unverified)),
    )  # fmt: skip
