"""Which problems are asked for: of a district, a state, a body, a person, a kind, an origin, some days?"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from wenqu.errors import BadInput
from wenqu.messages import say
from wenqu.store.moments import begin_of
from wenqu.works.problem_life import Life
from wenqu.works.problem_tables import kinds, states


@dataclass(frozen=True, slots=True)
class Sought:
    """What is asked for; "" asks for all."""

    district: str = ""  # that it belongs to, or to which it is handed over
    state: str = ""
    body: str = ""
    person: str = ""
    kind: str = ""
    origin: str = ""
    since: str = ""  # ISO date: found on it or later
    until: str = ""  # ISO date: found on it or before
    asset: str = ""  # type/id
    overdue: bool = False

    def __post_init__(self) -> None:
        """Refuse a state or kind that no table has, and a day that is none: nothing would ever be found.

        Raises
        ------
        BadInput
            ``problem-sought``, ``moment``.
        """
        for name, known in (("state", states()), ("kind", kinds())):
            if (value := getattr(self, name)) and value not in known:
                raise BadInput("problem-sought", what=name, value=value, known=", ".join(known))
        for value in (self.since, self.until):
            if value:
                begin_of(value)


def fits(one: Life, sought: Sought, at: str) -> bool:
    """Tell whether a problem is asked for, as it stands at an ISO time."""
    problem = one.problem
    return (
        sought.district in {"", one.district, one.offered}
        and sought.state in {"", one.state}
        and sought.body in {"", one.body}
        and sought.person in {"", one.person}
        and sought.kind in {"", problem.kind}
        and sought.origin in {"", problem.origin}
        and sought.asset in {"", f"{problem.asset_type}/{problem.asset}"}
        and sought.since <= problem.found_on
        and (not sought.until or problem.found_on[:10] <= sought.until)
        and (not sought.overdue or one.overdue(at))
    )


def choices(lives: Iterable[Life]) -> dict[str, list[str]]:
    """Return what can be asked for: the bodies, persons, kinds and origins that there are."""
    some = list(lives)
    return {
        "body": sorted({one.body for one in some if one.body}),
        "person": sorted({one.person for one in some if one.person}),
        "kind": [name for name in kinds() if any(one.problem.kind == name for one in some)],
        "origin": sorted({one.problem.origin for one in some}),
    }


def sought_told(sought: Sought, language: str, district: str = "") -> str:
    """Return in words what a list was asked for, "" for all. ``district`` is its name."""
    named: dict[str, Any] = {row.name: getattr(sought, row.name) for row in fields(sought)}
    if sought.district:
        named["district"] = district or sought.district
    if sought.state:
        named["state"] = _word(states()[sought.state], language)
    if sought.kind:
        named["kind"] = _word(kinds()[sought.kind], language)
    if sought.origin:
        named["origin"] = say(f"problem.origin.{sought.origin}", language)
    told = [say(f"problem.sought.{name}", language, value=value) for name, value in named.items() if value]
    return (
        say("problem.sought.only", language, told=say("problem.sought.and", language).join(told))
        if told
        else ""
    )


def _word(row: Any, language: str) -> str:
    return str(row.zh if language == "zh" else row.en)
