"""Where do a contractor's own scores differ from ours, and by which error would they come out as stated?

The scores are made again under each wrong reading of CJJ 181 that has been seen in practice; the reading that
gives what is stated is the likely cause. Rounding is no difference.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, product

from wenqu.diagnosis.grading import Grade
from wenqu.diagnosis.grading_defects import Segment
from wenqu.diagnosis.wrong_readings import FUNCTIONAL, STRUCTURAL, WAYS, Figures, figures_under
from wenqu.records.inspection import Defect
from wenqu.standards.condition import ConditionRules, condition_rules

GRADES: Mapping[str, str] = {  # grade → the index that makes it
    "structural_grade": "F", "repair_grade": "RI", "functional_grade": "G", "upkeep_grade": "MI",
}  # fmt: skip
FACTORS = {"RI": ("K", "E", "T"), "MI": ("K", "E")}
MANY = 12  # defects up to which each one, and each two, are left out to see what follows
SLIGHT = 1e-9
PRODUCTS = {"product", "plain_product"}


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure of a contractor that is not ours; ``causes`` have sentences under grading.cause."""

    asset: str
    figure: str  # S, S_max, F, S_M, RI, structural_grade, …
    stated: float | str
    ours: float
    causes: tuple[str, ...]  # unknown when no error that we know leads there
    facts: Mapping[str, object] = field(default_factory=dict)  # of the sentence of the first cause


def check_stated(
    stated: Mapping[str, float | str],
    grade: Grade,
    segment: Segment,
    defects: Sequence[Defect],
    rules: ConditionRules | None = None,
    *,
    slack: float = 0.0,
) -> tuple[Difference, ...]:
    """Return each figure that a contractor states otherwise than we, with its likely cause.

    Parameters
    ----------
    stated
        What the contractor claims, by name of the figure.
    grade
        Our grade of the same conduit by the same defects.
    segment, defects, rules, slack
        What the grade was made from.

    Examples
    --------
    >>> from wenqu.diagnosis.grading import grade_conduit
    >>> pipe = Segment("p", length=25, diameter=0.8, importance="trunk_road", soil="ordinary")
    >>> seen = [Defect("p", "PL", 3, 2), Defect("p", "SL", 2, 8), Defect("p", "CK", 1, 15)]
    >>> ours = grade_conduit(pipe, seen)
    >>> [(one.figure, one.ours, one.causes) for one in check_stated({"F": 7.5, "RI": 6.0}, ours, pipe, seen)]
    [('F', 5.0, ('sum',)), ('RI', 4.25, ('sum',))]
    """
    rules = rules or condition_rules()
    asked = _Asked(segment, defects, rules, slack)
    made: list[Difference] = []
    for family in (STRUCTURAL, FUNCTIONAL):
        mine = {name: stated[name] for name in family.figures if name in stated}
        ours = {name: value for name in mine for value in _ours(grade, name)}
        wrong = {
            name: mine[name]
            for name, value in ours.items()
            if not same(mine[name], value, whole=name in GRADES)
        }
        if wrong:
            numbers = {name: float(value) for name, value in mine.items() if isinstance(value, int | float)}
            whole = _whole(asked, numbers)
            for name, value in wrong.items():
                causes, facts = whole or _single(asked, name, numbers)
                if isinstance(value, str):
                    causes, facts = ("unreadable",), {}
                made.append(Difference(segment.id, name, value, ours[name], causes, facts))
    return tuple(made)


@dataclass(frozen=True, slots=True)
class _Asked:
    segment: Segment
    defects: Sequence[Defect]
    rules: ConditionRules
    slack: float

    def under(self, ways: Sequence[str], defects: Sequence[Defect] | None = None) -> Figures:
        seen = self.defects if defects is None else defects
        return figures_under(ways, self.segment, seen, self.rules, self.slack)


def _ours(grade: Grade, name: str) -> list[float]:
    """Return our figure, nothing when it is not known."""
    value = getattr(grade, name)
    return [] if value is None or (name in GRADES and value == 0) else [float(value)]


def same(stated: float | str, ours: float, *, whole: bool = False) -> bool:
    """Tell whether two figures are one: as far as the stated one was written out, at least to a tenth.

    >>> same(4.3, 4.25), same(4.2, 4.25), same(4.1, 4.25), same(0.12, 0.1249)
    (True, True, False, True)
    """
    if isinstance(stated, str) or not math.isfinite(stated):
        return False
    if whole:
        return stated == ours
    decimals = len(repr(float(stated)).partition(".")[2].rstrip("0"))
    return abs(stated - ours) <= 0.5 * 10.0 ** -min(max(decimals, 1), 6) + SLIGHT


def _fits(numbers: Mapping[str, float], made: Figures) -> bool:
    return all(
        same(value, made[name], whole=name in GRADES)
        for name, value in numbers.items()
        if name in made and not math.isnan(made[name])
    )


def _readings(numbers: Mapping[str, float]) -> Iterator[tuple[str, ...]]:
    """Yield one wrong reading, then two.

    A product with a factor of 0 is 0 whatever was multiplied: it tells nothing of an index stated as 0.
    """
    silent = PRODUCTS if any(numbers.get(index) == 0 for index in FACTORS) else set[str]()
    ways = [way for way in WAYS if way not in silent]
    yield from ((way,) for way in ways)
    yield from combinations(ways, 2)


def _whole(asked: _Asked, numbers: Mapping[str, float]) -> tuple[tuple[str, ...], dict[str, object]] | None:
    """Return the one error, or the two, that explain all that is stated of a family."""
    for ways in _readings(numbers):
        if _fits(numbers, asked.under(ways)):
            return ways, {}
    for cause, defects, facts in _other_defects(asked):
        if _fits(numbers, asked.under((), defects)):
            return (cause,), facts
    return _factors(asked, numbers)


def _other_defects(asked: _Asked) -> Iterator[tuple[str, list[Defect], dict[str, object]]]:
    """Yield the defects as they would be with some left out, or with one at another level."""
    rows = list(asked.defects)
    if len(rows) > MANY:
        return
    for count in (1, 2, 3):
        for out in combinations(range(len(rows)), count):
            kept = [row for place, row in enumerate(rows) if place not in out]
            names = ", ".join(
                f"{rows[place].code}{rows[place].level} {rows[place].start:g} m" for place in out
            )
            yield "left_out", kept, {"defects": names}
    for place, row in enumerate(rows):
        for level in range(1, 5):
            if level != row.level:
                other = [*rows[:place], replace(row, level=level), *rows[place + 1 :]]
                yield (
                    "level",
                    other,
                    {"code": row.code, "start": row.start, "level": level, "ours": row.level},
                )


def _factors(asked: _Asked, numbers: Mapping[str, float]) -> tuple[tuple[str, ...], dict[str, object]] | None:
    """Return which of K, E and T must have been taken otherwise for the index to come out."""
    base = asked.under(())
    index = "RI" if "RI" in numbers else "MI"
    if index not in numbers or not _fits(
        {name: numbers[name] for name in numbers if name not in AFTER}, base
    ):
        return None
    factors = FACTORS[index]
    values = {name: {entry.value for entry in asked.rules.factors[name].values()} for name in factors}
    used = {name: base[name if index == "RI" else f"{name}_functional"] for name in factors}
    found = []
    for chosen in product(*(sorted(values[name]) for name in factors)):
        taken = dict(zip(factors, chosen, strict=True))
        parameter = base["F" if index == "RI" else "G"]
        if same(numbers[index], _index(asked.rules, index, parameter, taken)):
            changed = tuple(name for name in factors if taken[name] != used[name])
            found.append((len(changed), changed, taken))
    if not found:
        return None
    _, changed, taken = min(found, key=lambda one: one[0])
    facts: dict[str, object] = {name: taken[name] for name in changed}
    listed = ", ".join(f"{name} = {taken[name]:g}" for name in changed)
    return tuple(f"factor_{name}" for name in changed), {"taken": listed, **facts}


AFTER = ("RI", "MI", "repair_grade", "upkeep_grade", "K", "E", "T")


def _index(rules: ConditionRules, index: str, parameter: float, factors: Mapping[str, float]) -> float:
    kind, lead = ("repair", "F") if index == "RI" else ("upkeep", "G")
    total = rules.value(f"{kind}_weight_{lead}") * parameter
    return total + sum(rules.value(f"{kind}_weight_{name}") * value for name, value in factors.items())


Cause = tuple[tuple[str, ...], dict[str, object]]


def _single(asked: _Asked, name: str, numbers: Mapping[str, float]) -> Cause:
    """Return what explains one figure by itself."""
    if name not in numbers:
        return ("unreadable",), {}
    if name in GRADES:
        return _follows(asked, name, numbers) or (("bounds",), {})
    return _follows(asked, name, numbers) or _by_reading(asked, name, numbers[name])


def _follows(asked: _Asked, name: str, numbers: Mapping[str, float]) -> Cause | None:
    """Tell whether a figure comes out of another one as that is stated: then the error lies there."""

    def from_(figure: str) -> Cause:
        return ("follows",), {"figure": figure, "value": numbers[figure]}

    if name in GRADES:
        index = GRADES[name]
        ours = asked.rules.grade(index, numbers[index]) if index in numbers else None
        return from_(index) if ours == numbers[name] else None
    lead = {"RI": "F", "MI": "G"}.get(name, "")
    if lead in numbers:
        base = asked.under(())
        used = {one: base[one if name == "RI" else f"{one}_functional"] for one in FACTORS[name]}
        if same(numbers[name], _index(asked.rules, name, numbers[lead], used)):
            return from_(lead)
    parts = [one for one in {"F": ("S", "S_max"), "G": ("Y", "Y_max")}.get(name, ()) if one in numbers]
    if parts:
        most = max(parts, key=numbers.__getitem__)
        return from_(most) if same(numbers[name], numbers[most]) else None
    return None


def _by_reading(asked: _Asked, name: str, stated: float) -> Cause:
    for ways in _readings({name: stated}):
        if same(stated, asked.under(ways).get(name, math.nan)):
            return ways, {}
    ours = asked.under(()).get(name, math.nan)
    cut = any(
        abs(stated - math.floor(ours * step) / step) < SLIGHT for step in (1, 10, 100) if math.isfinite(ours)
    )
    return ("cut_off",) if cut else ("unknown",), {}
