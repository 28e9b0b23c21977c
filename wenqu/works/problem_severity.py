"""How severe is a problem? Its kind and grade, and what would follow where it lies."""

from dataclasses import dataclass

from wenqu.records.inspection import Defect
from wenqu.works.problem_tables import emergencies, kinds

SLIGHT, EMERGENCY = 1, 4
LOADED = 0.05  # share of all sewage of the city from which what runs through a conduit counts as much
GRAVE_PLACES = ("central", "trunk_road")


@dataclass(frozen=True, slots=True)
class Consequence:
    """What would follow. What is not known does not make it worse, and is said."""

    grade: int = 0  # 3 or 4 of RI or MI; 0 for what has no grade
    importance: str = ""  # code list area_importance
    load_share: float | None = None  # [-] sewage that runs through it, of all of the city; None: not known
    near_river: bool = False


def severity(kind: str, place: Consequence) -> tuple[int, tuple[str, ...]]:
    """Return the severity (1 to 4) and the reasons: base of the kind, grade Ⅳ, place, load, river.

    A method of Wenqu's own, so that lists can be ordered: no standard gives one. Each reason that holds adds
    one step, at most one for what lies around; only an emergency is 4.
    """
    base = kinds()[kind].base
    if base >= EMERGENCY:
        return EMERGENCY, (f"kind:{kind}",)
    reasons = [f"kind:{kind}"]
    level = base
    if place.grade >= 4:
        level += 1
        reasons.append("grade:4")
    around = [
        name
        for name, holds in (
            (f"place:{place.importance}", place.importance in GRAVE_PLACES),
            ("load", place.load_share is not None and place.load_share >= LOADED),
            ("river", place.near_river),
        )
        if holds
    ]
    if around:
        level += 1
        reasons += around
    if place.load_share is None:
        reasons.append("load-unknown")
    return min(max(level, SLIGHT), EMERGENCY - 1), tuple(reasons)


def emergency(kind: str, defects: tuple[Defect, ...] = ()) -> str:
    """Return the row of the table of emergencies that a problem fits, "" for none."""
    for row in emergencies():
        if row.what == "kind" and row.code == kind:
            return row.name
        if row.what == "defect" and any(d.code == row.code and d.level >= row.level for d in defects):
            return row.name
    return ""
