"""How bad is each inspected conduit of a city?"""

import math
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np

from wenqu.diagnosis.grading import Grade, grade_conduit, without_function, without_structure
from wenqu.diagnosis.grading_defects import Segment
from wenqu.errors import NotEnoughData
from wenqu.issues import Issue, Weight
from wenqu.network.model import Assets, link_lengths
from wenqu.progress import Progress, silent
from wenqu.records.inspection import Inspection
from wenqu.services.sounded_inspections import sounded
from wenqu.services.standing_inspections import standing_inspections, withdrawn
from wenqu.standards.condition import condition_rules
from wenqu.standards.inspection_methods import sees_structure
from wenqu.store.database import Store
from wenqu.store.moments import Moment
from wenqu.survey.counting import counting
from wenqu.survey.matching import Pipe, pipes_of

SLACK = 0.5  # [m] by which a crew's counter may run past the drawn length


@dataclass(frozen=True, slots=True)
class GradingReport:
    """What one grading run made."""

    city: str
    inspected: int  # conduits with an inspection
    length: float  # [m] their length
    repair: dict[int, int]  # repair grade (RI) → conduits; 0 is not known
    upkeep: dict[int, int]  # upkeep grade (MI) → conduits
    standard: str
    edition: str
    unconfirmed: tuple[str, ...]  # rules of the standard that took part and are not confirmed
    issues: tuple[Issue, ...]
    simulated: bool


def latest(
    inspections: Iterable[Inspection],
    standard: str = "",
    conduits: Assets | None = None,
    unjudged: Collection[str] = frozenset(),
) -> dict[str, Inspection]:
    """Return the survey of each conduit that counts: the newest of the best method, of a day the last.

    Patrols and what was seen of other assets do not count; nor, where a standard is named, what was
    surveyed by another. Runs from both ends are one survey where the conduits are given, and deposits are
    those that a newer sonar met; ``unjudged`` are soundings that say nothing yet.
    """
    runs: dict[str, list[Inspection]] = {}
    for inspection in inspections:
        if inspection.looked_inside and standard in {"", inspection.standard}:
            runs.setdefault(inspection.asset, []).append(inspection)
    several = [name for name, some in runs.items() if len(some) > 1]
    pipes = pipes_of(conduits, several) if conduits is not None and several else {}
    return {
        name: counting(pipes.get(name) or Pipe(name, "", "", math.nan), some, unjudged).graded
        for name, some in runs.items()
    }


def current_grades(store: Store, city: str, as_of: Moment | None = None) -> dict[str, Grade]:
    """Return the newest grade of each conduit: a take-in grades again only what it changed.

    A conduit whose surveys were all withdrawn has none any more.
    """
    found = {row.conduit: row for row in store.records(city, "grade", Grade, as_of=as_of)}
    gone = {one.asset for one in withdrawn(store, city, as_of).values()}
    if gone:
        gone -= {one.asset for one in standing_inspections(store, city, as_of) if one.looked_inside}
    return {name: row for name, row in found.items() if name not in gone}


def segments(conduits: Assets) -> dict[str, Segment]:
    """Return what grading needs to know of each conduit, by id."""
    lengths, heights = link_lengths(conduits), conduits.column("height")
    importance, soil = conduits.column("importance"), conduits.column("soil")
    return {
        str(id_): Segment(
            str(id_),
            None if np.isnan(lengths[row]) else float(lengths[row]),
            None if np.isnan(heights[row]) else float(heights[row]),
            importance[row],
            soil[row],
        )
        for row, id_ in enumerate(conduits.ids)
    }


def as_seen(grade: Grade, inspection: Inspection, unjudged: Collection[str] = frozenset()) -> Grade:
    """Return a grade without what the way of looking could not see."""
    made = grade if sees_structure(inspection.method) else without_structure(grade)
    return without_function(made) if inspection.id in unjudged else made


def grade_city(
    store: Store,
    city: str,
    *,
    who: str,
    only: Collection[str] | None = None,
    repeat: bool = True,
    progress: Progress = silent,
) -> GradingReport:
    """Grade every conduit by its last survey by the standard and file the grades.

    Parameters
    ----------
    only
        Conduits of which something new was seen; None grades all.
    repeat
        State a grade again that is as it was; not where nothing new was seen.

    Raises
    ------
    UnknownCity
        The store has no such city.
    NotEnoughData
        The city has no inspections.
    """
    tenant = store.city(city)
    rules = condition_rules()
    found = standing_inspections(store, city, of=only)
    if not found:
        raise NotEnoughData("no-inspections", city=city)
    conduits = store.network(city, types=["conduit"]).table("conduit")
    judged = sounded(store, city, found, conduits)
    inspections = latest(judged.rows, rules.standard, conduits, judged.unjudged)
    if not inspections:
        raise NotEnoughData("no-inspections", city=city)
    pipes = segments(conduits)
    grades: list[Grade] = []
    issues: list[Issue] = []
    for number, (conduit, inspection) in enumerate(sorted(inspections.items())):
        if conduit not in pipes:
            issues.append(
                Issue(
                    "inspection.unknown-conduit",
                    Weight.FAULT,
                    "conduit",
                    conduit,
                    facts={"inspection": inspection.id},
                )
            )
            continue
        grade = grade_conduit(pipes[conduit], inspection.defects, rules, slack=SLACK)
        grades.append(as_seen(grade, inspection, judged.unjudged))
        if number % 500 == 0:
            progress(number / len(inspections))
    before = {} if repeat else current_grades(store, city)
    with store.change(city, who=who, why="grade") as change:
        change.add_records("grade", [one for one in grades if before.get(one.conduit) != one])
    progress(1.0)
    lengths = [pipes[grade.conduit].length or 0.0 for grade in grades]
    return GradingReport(
        city,
        len(grades),
        float(sum(lengths)),
        dict(sorted(Counter(grade.repair_grade for grade in grades).items())),
        dict(sorted(Counter(grade.upkeep_grade for grade in grades).items())),
        rules.standard,
        rules.edition,
        tuple(sorted({rule for grade in grades for rule in grade.unconfirmed})),
        (*issues, *(issue for grade in grades for issue in grade.issues)),
        tenant.simulated,
    )
