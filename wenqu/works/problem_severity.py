"""How severe is a problem? Its kind and grade, and what would follow where it lies."""

from dataclasses import dataclass

from wenqu.records.inspection import Defect
from wenqu.works.problem_rules import Rule, Rules, problem_rules
from wenqu.works.problem_tables import emergencies, kinds

SLIGHT, EMERGENCY = 1, 4
UNKNOWN = "unknown"  # reason: what nobody knows of the place


@dataclass(frozen=True, slots=True)
class Consequence:
    """What would follow. What is not known does not make it worse, and is said."""

    grade: int = 0  # 3 or 4 of RI or MI; 0 for what has no grade
    place: str = ""  # code list area_importance
    load: float | None = None  # [-] sewage that runs through it, of all of the city
    people: float | None = None  # whose sewage runs through it
    river: float | None = None  # [m] to the nearest bank
    plant: float | None = None  # [-] BOD5 that arrives at the plant below over its target


def severity(kind: str, place: Consequence, rules: Rules | None = None) -> tuple[int, tuple[str, ...]]:
    """Return the severity (1 to 4) and the reasons, each with what was measured.

    A method of Wenqu's own, so that lists can be ordered: no standard gives one. To the base of the kind
    come the steps of the rules that hold, of what lies around together no more than the rules allow; only
    an emergency is 4.
    """
    base = kinds()[kind].base
    if base >= EMERGENCY:
        return EMERGENCY, (f"kind:{kind}",)
    table = problem_rules() if rules is None else rules
    own = _holding(table, "own", place)
    around = _holding(table, "around", place)
    steps = min(sum(rule.adds for rule in around), table["most"].limit) + sum(rule.adds for rule in own)
    reasons = [f"kind:{kind}", *(_reason(rule, place) for rule in (*own, *around))]
    unknown = [name for name in ("load", "people", "river", "plant") if getattr(place, name) is None]
    if unknown:
        reasons.append(f"{UNKNOWN}:{'|'.join(unknown)}")
    return min(max(base + int(steps), SLIGHT), EMERGENCY - 1), tuple(reasons)


def _holding(table: Rules, group: str, place: Consequence) -> list[Rule]:
    return [
        rule
        for rule in table.values()
        if rule.group == group and rule.adds > 0 and rule.holds(getattr(place, rule.measure))
    ]


def _reason(rule: Rule, place: Consequence) -> str:
    measured = getattr(place, rule.measure)
    told = f"{measured:.3f}".rstrip("0").rstrip(".") if isinstance(measured, float) else str(measured)
    return f"{rule.measure}:{told}"


def emergency(kind: str, defects: tuple[Defect, ...] = ()) -> str:
    """Return the row of the table of emergencies that a problem fits, "" for none."""
    for row in emergencies():
        if row.what == "kind" and row.code == kind:
            return row.name
        if row.what == "defect" and any(d.code == row.code and d.level >= row.level for d in defects):
            return row.name
    return ""
