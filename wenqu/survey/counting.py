"""Which survey of a pipe counts when it was seen several times, and why?

The newest of the best method: a quick view from the manhole, or sonar, does not replace a camera that went
through. What came later by a lesser method is told beside it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from wenqu.records.inspection import Inspection
from wenqu.standards.inspection_methods import rank_of
from wenqu.survey.both_ends import PipeSurvey, last_survey
from wenqu.survey.matching import Pipe


@dataclass(frozen=True, slots=True)
class Counting:
    """The survey of a pipe that counts."""

    survey: PipeSurvey
    why: str  # only, newest, method: sentences page.inspections.counts_<why>
    lesser: tuple[Inspection, ...]  # later ones by a method that does not replace it, oldest first

    def holds(self, id_: str) -> bool:
        """Tell whether an inspection is part of it."""
        return any(run.inspection.id == id_ for run in self.survey.runs)


def counting(pipe: Pipe, inspections: Iterable[Inspection]) -> Counting:
    """Return the survey of a pipe that counts.

    Parameters
    ----------
    inspections
        Of this pipe, in the order in which they were filed; at least one.

    Examples
    --------
    >>> pipe = Pipe("p", "A", "B", 50.0)
    >>> camera = Inspection("1", "p", "cctv", "2026-05-01", 50.0)
    >>> glance = Inspection("2", "p", "qv", "2026-08-01", 20.0)
    >>> found = counting(pipe, [camera, glance])
    >>> found.survey.whole.id, found.why, [one.id for one in found.lesser]
    ('1', 'method', ['2'])
    """
    runs = list(inspections)
    best = min(rank_of(one.method) for one in runs)
    survey = last_survey(pipe, [one for one in runs if rank_of(one.method) == best])
    day = survey.whole.date
    lesser = tuple(
        sorted(
            (one for one in runs if rank_of(one.method) > best and one.date >= day), key=lambda one: one.date
        )
    )
    why = "method" if lesser else "newest" if len(runs) > len(survey.runs) else "only"
    return Counting(survey, why, lesser)
