"""Which survey of a pipe counts when it was seen several times, and why?

The newest of the best method that sees structure: a quick view from the manhole, or sonar, does not replace a
camera that went through. What came later by a lesser method is told beside it. Deposits alone follow a sonar
that is newer than the camera, or than a quick view in any case: where it went, it measured what lies there.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from wenqu.records.inspection import Defect, Inspection
from wenqu.standards.inspection_methods import rank_of, sees_structure
from wenqu.survey.both_ends import SLACK, PipeSurvey, last_survey, turned_like
from wenqu.survey.matching import Pipe
from wenqu.survey.sounded_silt import CODE


@dataclass(frozen=True, slots=True)
class Counting:
    """The survey of a pipe that counts."""

    survey: PipeSurvey
    why: str  # only, newest, method: sentences page.inspections.counts_<why>
    lesser: tuple[Inspection, ...]  # later ones by a method that does not replace it, oldest first
    sounded: PipeSurvey | None = None  # sonar whose deposits stand in place of those of the survey

    def holds(self, id_: str) -> bool:
        """Tell whether an inspection is part of it."""
        return any(run.inspection.id == id_ for run in self.survey.runs)

    @property
    def graded(self) -> Inspection:
        """Return what a grade rests on: the survey, its deposits as the sonar met them where it went."""
        return self.survey.whole if self.sounded is None else _with_soundings(self.survey, self.sounded)


def counting(
    pipe: Pipe, inspections: Iterable[Inspection], unjudged: Collection[str] = frozenset()
) -> Counting:
    """Return the survey of a pipe that counts.

    Parameters
    ----------
    inspections
        Of this pipe, in the order in which they were filed; at least one.
    unjudged
        Ids of soundings whose depths say nothing yet: no bore is known.

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
    blind = [one for one in runs if not sees_structure(one.method)]
    seeing = [one for one in runs if sees_structure(one.method)] or runs
    best = min(rank_of(one.method) for one in seeing)
    survey = last_survey(pipe, [one for one in seeing if rank_of(one.method) == best])
    day = survey.whole.date
    lesser = tuple(
        sorted(
            (
                one
                for one in runs
                if (rank_of(one.method) > best or (one in blind and seeing is not runs)) and one.date >= day
            ),
            key=lambda one: one.date,
        )
    )
    why = "method" if lesser else "newest" if len(runs) > len(survey.runs) else "only"
    sounded = None if seeing is runs else _sounded(pipe, survey.whole, blind, unjudged)
    return Counting(survey, why, lesser, sounded)


def _sounded(
    pipe: Pipe, seen: Inspection, blind: Sequence[Inspection], unjudged: Collection[str]
) -> PipeSurvey | None:
    """Return the newest soundings whose deposits stand before those of a survey."""
    better = [
        one
        for one in blind
        if one.id not in unjudged
        and one.standard == seen.standard
        and (one.date[:10] > seen.date[:10] or rank_of(one.method) < rank_of(seen.method))
    ]
    return last_survey(pipe, better) if better else None


def _with_soundings(survey: PipeSurvey, sounded: PipeSurvey) -> Inspection:
    """Return a survey whose deposits are those of a sonar wherever that went; the sonar's rows name it."""
    whole, there = survey.whole, turned_like(sounded, survey)
    if there is None:
        return whole
    kept: list[Defect] = [row for row in whole.defects if row.code != CODE]
    old = [row for row in whole.defects if row.code == CODE]
    for run in there.runs:
        old = [part for row in old for part in _outside(row, run.begin, run.end)]
    new = [one.defect for one in there.placed if one.defect.code == CODE and not one.again]
    return replace(whole, defects=(*kept, *old, *new))


def _outside(row: Defect, begin: float, end: float) -> Iterator[Defect]:
    """Yield what of a deposit lies outside a stretch."""
    if not begin - SLACK <= row.end or not row.start <= end + SLACK:  # its place may not be known
        yield row
        return
    if row.start < begin - SLACK:
        yield replace(row, length=begin - row.start)
    if row.end > end + SLACK:
        yield replace(row, start=end, length=row.end - end)
