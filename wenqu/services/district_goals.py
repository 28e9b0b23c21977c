"""Which date does each district count back from: the programme's, the city's own or the district's own?"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any

from wenqu.services.programme_tables import Rules
from wenqu.supervision.accounting import Account, Share
from wenqu.supervision.backward import Backward, Crew, backward
from wenqu.supervision.own_tables import OwnMilestone
from wenqu.supervision.steps import lead

MM = 1000  # [mm/m]


@dataclass(frozen=True, slots=True)
class Goal:
    """What a district has to reach by when, and what is left of it."""

    date: str  # ISO date
    target: float  # [-]
    left: float  # [m]
    own: OwnMilestone | None = None  # None where the programme asks

    def told(self) -> dict[str, Any]:
        """Return the goal as it is sent."""
        return {"date": self.date, "target": self.target, "own": asdict(self.own) if self.own else None}


def goals(
    found: Account, key: str, common: tuple[str, float], own: Sequence[OwnMilestone], today: date
) -> dict[str, Goal]:
    """Return the goal of each district: of those still to come the one that asks for most a day.

    Parameters
    ----------
    common
        Date and target that every district has.
    own
        What the city and its districts ask of themselves beside it.
    """
    made = {}
    for zone, share in found.by_district().items():
        some = [Goal(common[0], common[1], _left(share, common[1]))]
        some += [
            Goal(one.date, one.target, _left(share, one.target), one)
            for one in own
            if one.indicator == key and one.district in {"", zone}
        ]
        ahead = [goal for goal in some if goal.date > today.isoformat() and goal.left > 0]
        made[zone] = max(ahead, key=lambda goal: _pace(goal, today)) if ahead else some[0]
    return made


def _left(share: Share, target: float) -> float:
    return max(0.0, target * share.of_mm - share.length_mm) / MM


def _pace(goal: Goal, today: date) -> float:
    return goal.left / (date.fromisoformat(goal.date) - today).days


def plan_back(
    goals_: Mapping[str, Goal], crews: Sequence[Crew], today: date, rules: Rules, work: str
) -> list[Backward]:
    """Return the backward schedule of each district against its goal, most left first.

    The nearest date comes first: a team that is bound nowhere and is needed for it is free for the next one
    on the day after.
    """
    made: list[Backward] = []
    for end in sorted({goal.date for goal in goals_.values()}):
        left = {zone: goal.left for zone, goal in goals_.items() if goal.date == end}
        days = lead(work, rules.steps)
        plan = backward(left, crews, today, date.fromisoformat(end), rules.calendar, work, days)
        crews = [_after(crew, plan) for crew in crews]
        made += plan
    return sorted(made, key=lambda one: (-one.left, one.district))


def _after(crew: Crew, plan: Sequence[Backward]) -> Crew:
    """Return a team from when it is free again: bound ones stay where they are."""
    lent = [span.ends for one in plan for span in one.teams if span.team == crew.id and span.lent]
    if not lent:
        return crew
    free = (date.fromisoformat(max(lent)) + timedelta(days=1)).isoformat()
    return replace(crew, begins=max(free, crew.begins))
