"""How far has each problem of the example city come? Some in every state; who did what when is invented."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from wenqu.errors import Refused
from wenqu.examples.loop.stage import ACCEPTED, BUILDING, LEAKS, LET, UNSEEN, PlayedPipe
from wenqu.records.problem import Alarm, AlarmNoted, Problem, ProblemEvent
from wenqu.works.problem_life import Life, due_by_rule, lacks, life, open_steps

OFFICE, BODY, CREW, EYES = "sim-office", "问渠市排水养护有限公司", "sim-crew", "sim-inspector"
ALL = ("confirm", "assign", "set_due", "design", "start", "test", "reinspect", "close")
# How far a problem goes whose pipe is in works, by the state of the pipe.
OF_WORKS = {
    ACCEPTED: ALL, LEAKS: (*ALL[:6], "fail_test"), UNSEEN: ALL[:6], BUILDING: ALL[:5], LET: ALL[:4],
}  # fmt: skip
# And of the others, one after the other: the rest waits as it was found.
OTHERS = (
    ALL[:1], ALL[:2], ALL[:3], ALL[:4], ("refuse",), ALL[:7], (*ALL, "reopen"), (*ALL[:3], "extend"),
    (*ALL[:2], "hand_over"), ("confirm", "merge"), ("confirm", "split"),
)  # fmt: skip
WHO = {"design": CREW, "start": CREW, "test": CREW, "rush": CREW, "reinspect": EYES, "fail_test": EYES}


@dataclass(frozen=True, slots=True)
class Lives:
    """What is filed of problems."""

    problems: list[Problem] = field(default_factory=list)  # parts of one that was split
    events: list[ProblemEvent] = field(default_factory=list)
    noted: list[AlarmNoted] = field(default_factory=list)


@dataclass(slots=True)
class Walk:
    """One problem that is led on step by step."""

    now: Life
    at: datetime
    zones: Sequence[str]
    beside: str = ""  # another problem of the same place, to merge into

    def take(self, step: str, made: Lives) -> None:
        """Take a step that is open, with what it needs.

        Raises
        ------
        Refused
            The step does not lead on: the example would show what nobody can do.
        """
        self.at += timedelta(days=6, hours=3)
        event = self._event(step, made)
        if step not in {one.name for one in open_steps(self.now)} or lacks(self.now, event):
            open_ = ", ".join(one.name for one in open_steps(self.now))
            raise Refused(
                "problem-step", problem=self.now.problem.id, step=step, state=self.now.state, open=open_
            )
        made.events.append(event)
        self.now = life(self.now.problem, (*self.now.events, event))

    def _event(self, step: str, made: Lives) -> ProblemEvent:
        one, at = self.now.problem, self.at.isoformat(timespec="seconds")
        others: tuple[str, ...] = ()
        if step == "merge":
            others = (self.beside,)
        if step == "split":
            others = self._parts(made)
        due = due_by_rule(one, at) if step in {"set_due", "extend"} else ""
        return ProblemEvent(
            f"sim-{one.id}-{len(self.now.events)}", one.id, step, at, WHO.get(step, OFFICE), "模拟数据",
            BODY if step == "assign" else "", "模拟人员" if step == "assign" else "", due,
            next((zone for zone in self.zones if zone != one.district), "") if step == "hand_over" else "",
            others, (f"simulated:{step}",), simulated=True, asset_type=one.asset_type, asset=one.asset,
        )  # fmt: skip

    def _parts(self, made: Lives) -> tuple[str, ...]:
        one, half = self.now.problem, self.now.problem.length / 2
        at = self.at.isoformat(timespec="seconds")
        parts = [
            replace(
                one, id=f"{one.id}-{number}", start=begin, end=begin + half, length=half, at=at, by=OFFICE
            )
            for number, begin in ((1, 0.0), (2, half))
        ]
        made.problems.extend(parts)
        return tuple(part.id for part in parts)


def lives(
    found: Mapping[str, Life],
    pipes: Iterable[PlayedPipe],
    alarms: Iterable[Alarm],
    zones: Sequence[str],
    now: datetime,
) -> Lives:
    """Return the steps of problems whose pipes are in works, and of some others in every other state."""
    made = Lives()
    worked = {problem: one for one in pipes for problem in one.problems if problem in found}
    for problem, pipe in worked.items():
        begin = datetime.fromisoformat(f"{pipe.built}T09:00:00") - timedelta(days=40)
        _lead(Walk(found[problem], min(begin, now - timedelta(days=60)), zones), OF_WORKS[pipe.state], made)
    rest = [one for one in found.values() if one.problem.id not in worked and one.problem.length > 0]
    for number, one in enumerate(rest[: 3 * len(OTHERS)]):
        beside = next((other.problem.id for other in rest[3 * len(OTHERS) :]), "")
        course = OTHERS[number % len(OTHERS)]
        if "merge" in course and not beside:
            continue
        _lead(Walk(one, now - timedelta(days=90), zones, beside), course, made)
    urgent = next((one for one in rest[3 * len(OTHERS) :] if one.problem.emergency), None)
    if urgent is not None:
        _lead(Walk(urgent, now - timedelta(days=9), zones), ("rush",), made)
    _note(made, alarms, {event.problem for event in made.events}, now)
    return made


def _lead(walk: Walk, course: Iterable[str], made: Lives) -> None:
    for step in course:
        walk.take(step, made)


def _note(made: Lives, alarms: Iterable[Alarm], moved: set[str], now: datetime) -> None:
    at = now.isoformat(timespec="seconds")
    made.noted.extend(AlarmNoted(one.id, OFFICE, at, "模拟数据") for one in alarms if one.problem in moved)
