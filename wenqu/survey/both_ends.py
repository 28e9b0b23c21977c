"""How do the runs of a camera from both ends become one pipe?

A run that met an obstacle is finished from the other manhole. Such runs are put on one axis that begins
at the pipe's upper manhole: 12 m into a run against the flow of a pipe of 50 m is 38 m. What was written
is kept beside. A defect that both runs saw where they overlap counts once.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from wenqu.records.inspection import JOINED, Defect, Inspection
from wenqu.survey.matching import Pipe

DAYS = 60  # a run from the other end this much earlier belongs to the same survey
SLACK = 0.5  # [m] by which a crew's counter may run past the drawn length
WHOLE = 0.98  # share of a pipe that one run must have seen to need no other
TWICE = 0.5  # [m] within which two runs mean the same defect


@dataclass(frozen=True, slots=True)
class Run:
    """One inspection as it lies on the pipe."""

    inspection: Inspection
    backward: bool  # against the axis
    begin: float  # [m] on the axis
    end: float


@dataclass(frozen=True, slots=True)
class Placed:
    """One observation on the axis of its pipe, and as it was written."""

    defect: Defect  # its start is on the axis
    written: float  # [m] from the manhole where the camera went in
    run: int  # place of its run
    again: bool = False  # the other run saw it too: it does not count a second time


@dataclass(frozen=True, slots=True)
class PipeSurvey:
    """All runs that are one look at one pipe."""

    pipe: Pipe
    axis: str  # manhole where 0 lies, "" when none is named
    length: float  # [m] of the axis, NaN when nothing tells it
    runs: tuple[Run, ...]
    placed: tuple[Placed, ...]
    covered: float  # [m] seen at least once
    overlap: float  # [m] seen twice
    gap: tuple[float, float] | None  # [m] stretch between the runs that nobody saw

    @property
    def coverage(self) -> float:
        """Return the share of the pipe that was seen; NaN when its length is not known."""
        return min(self.covered / self.length, 1.0) if self.length > 0 else math.nan

    @property
    def whole(self) -> Inspection:
        """Return the survey as one inspection, its distances on the axis."""
        if len(self.runs) == 1:
            return self.runs[0].inspection
        first, day = self.runs[0].inspection, max(run.inspection.date for run in self.runs)
        return replace(
            first, id=JOINED.join(run.inspection.id for run in self.runs), date=day, length=self.covered,
            direction="downstream", defects=tuple(one.defect for one in self.placed if not one.again),
        )  # fmt: skip


def last_survey(pipe: Pipe, inspections: Iterable[Inspection]) -> PipeSurvey:
    """Return the newest survey of a pipe: its last run, and the one from the other end that completes it.

    Parameters
    ----------
    inspections
        Of this pipe, in the order in which they were filed; at least one.

    Examples
    --------
    >>> pipe = Pipe("p", "A", "B", 50.0)
    >>> down = Inspection("1", "p", "cctv", "2026-05-01", 30.0, "downstream")
    >>> seen = (Defect("p", "CJ", 2, 12.0),)
    >>> up = Inspection("2", "p", "cctv", "2026-05-02", 25.0, "upstream", defects=seen)
    >>> found = last_survey(pipe, [down, up])
    >>> found.overlap, found.coverage, found.placed[0].defect.start, found.placed[0].written
    (5.0, 1.0, 38.0, 12.0)
    """
    ordered = [one for _, one in sorted(enumerate(inspections), key=lambda pair: (pair[1].date, pair[0]))]
    last = ordered[-1]
    other = next((one for one in reversed(ordered[:-1]) if _completes(pipe, one, last)), None)
    return joined(pipe, [last] if other is None else [other, last])


def _completes(pipe: Pipe, one: Inspection, last: Inspection) -> bool:
    ways = {_backward(pipe, one), _backward(pipe, last)}
    near = one.method == last.method and one.standard == last.standard and _days(one.date, last.date) <= DAYS
    return near and ways == {True, False} and not _saw_all(pipe, last)


def _saw_all(pipe: Pipe, one: Inspection) -> bool:
    return pipe.length > 0 and one.length >= WHOLE * pipe.length


def _days(one: str, other: str) -> float:
    try:
        return abs((date.fromisoformat(other[:10]) - date.fromisoformat(one[:10])).days)
    except ValueError:
        return math.inf if one != other else 0


def _backward(pipe: Pipe, one: Inspection) -> bool | None:
    """Return whether a run went against the flow, None when that is not known."""
    if pipe.start != pipe.end and one.start in {pipe.start, pipe.end} - {""}:
        return one.start == pipe.end
    return {"downstream": False, "upstream": True}.get(one.direction)


def joined(pipe: Pipe, inspections: Sequence[Inspection]) -> PipeSurvey:
    """Return runs on one axis: that of the pipe's flow, or for a single run its own."""
    if len(inspections) == 1:
        one = inspections[0]
        length = pipe.length if pipe.length > 0 else (seen_of(one) or math.nan)
        axis = one.start or (pipe.end if one.direction == "upstream" else pipe.start)
        seen = seen_of(one)
        alone = (Run(one, backward=False, begin=0.0, end=seen),)
        as_written = tuple(Placed(row, row.start, 0) for row in one.defects)
        return PipeSurvey(pipe, axis, length, alone, as_written, _within(seen, length), 0.0, None)
    ordered = sorted(inspections, key=lambda one: bool(_backward(pipe, one)))
    length = pipe.length if pipe.length > 0 else sum(seen_of(one) for one in ordered)
    runs = tuple(_run(pipe, one, length) for one in ordered)
    placed = [row for number, run in enumerate(runs) for row in _placed(run, number, length)]
    ahead = min(max(run.end for run in runs if not run.backward), length)
    back = max(min(run.begin for run in runs if run.backward), 0.0)
    overlap, gap = max(ahead - back, 0.0), (ahead, back) if back > ahead + SLACK else None
    covered = length - max(back - ahead, 0.0)
    rows = _once(placed, back - TWICE, ahead + TWICE)
    return PipeSurvey(pipe, pipe.start, length, runs, rows, covered, overlap, gap)


def turned_like(survey: PipeSurvey, other: PipeSurvey) -> PipeSurvey | None:
    """Return a survey on the axis of another of the same pipe; None where the pipe's length is not known."""
    if _against(survey) == _against(other):
        return survey
    length = survey.pipe.length
    if not length > 0:
        return None
    runs = tuple(
        Run(run.inspection, not run.backward, max(length - run.end, 0.0), length - run.begin)
        for run in survey.runs
    )
    placed = tuple(replace(one, defect=_mirrored(one.defect, length)) for one in reversed(survey.placed))
    return replace(survey, axis=other.axis, runs=runs, placed=placed)


def _against(survey: PipeSurvey) -> bool:
    """Tell whether the axis of a survey runs against the flow: only that of a single run may."""
    return len(survey.runs) == 1 and bool(_backward(survey.pipe, survey.runs[0].inspection))


def _mirrored(row: Defect, length: float) -> Defect:
    start = length - row.end
    if -SLACK <= start < 0:  # the crew's counter ran a little past the drawn length
        start = 0.0
    return replace(row, start=round(start, 6), clock=mirrored(row.clock))


def seen_of(one: Inspection) -> float:
    """Return how far a run saw: as written, else at least to its last observation. [m]"""
    if math.isfinite(one.length):
        return max(one.length, 0.0)
    return max((row.end for row in one.defects if math.isfinite(row.end)), default=0.0)


def _within(seen: float, length: float) -> float:
    return seen if math.isnan(length) else min(seen, length)


def _run(pipe: Pipe, one: Inspection, length: float) -> Run:
    backward = bool(_backward(pipe, one))
    seen = seen_of(one)
    return Run(one, backward, length - seen if backward else 0.0, length if backward else seen)


def _placed(run: Run, number: int, length: float) -> Iterable[Placed]:
    for row in run.inspection.defects:
        yield Placed(_mirrored(row, length) if run.backward else row, row.start, number)


def mirrored(clock: str) -> str:
    """Return a place on the ring as it is seen from the other end: three o'clock is nine.

    Examples
    --------
    >>> mirrored("0309"), mirrored("12"), mirrored("1002"), mirrored("left")
    ('0309', '12', '1002', 'left')
    >>> mirrored("0204")
    '0810'
    """
    if not clock.isdigit() or len(clock) not in {2, 4}:
        return clock
    hours = [int(clock[at : at + 2]) for at in range(0, len(clock), 2)]
    if any(not 1 <= hour <= 12 for hour in hours):
        return clock
    return "".join(f"{(12 - hour) or 12:02d}" for hour in reversed(hours))


def _once(placed: Sequence[Placed], low: float, high: float) -> tuple[Placed, ...]:
    """Mark what the second run saw again where both were."""
    made: list[Placed] = []
    for row in placed:
        there = low <= row.defect.start <= high
        same = there and any(
            one.run != row.run and one.defect.code == row.defect.code
            and abs(one.defect.start - row.defect.start) <= TWICE
            for one in made
        )  # fmt: skip
        made.append(replace(row, again=True) if same else row)
    return tuple(sorted(made, key=lambda one: (_sortable(one.defect.start), one.run)))


def _sortable(value: float) -> float:
    return math.inf if math.isnan(value) else value
