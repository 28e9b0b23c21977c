"""Which problems does the evidence of a city show? From grades, network checks, diagnosis.

A problem is known again by asset, kind and stretch: evidence that comes a second time files nothing, evidence
that returns after a problem was closed opens it again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from wenqu.records.problem import Alarm, Problem, ProblemEvent
from wenqu.services.city_state import CityState
from wenqu.services.problem_evidence import RULES, evidence_of
from wenqu.services.problem_ledger import ALARM, EVENT, PROBLEM, ledger
from wenqu.services.rights import Person, allows, demand
from wenqu.services.weigh_problems import problems_now, weighed
from wenqu.store.database import Store
from wenqu.store.moments import now
from wenqu.works.dated import day_of, later, undated
from wenqu.works.problem_life import Life

Moves = Callable[[Life, Problem, str, str], ProblemEvent | None]
REPORT = "report"  # step by which what somebody saw joins a problem that is on file
NOWHERE = "-"  # no district: only who decides for the whole city files it


@dataclass(frozen=True, slots=True)
class Filed:
    """What one run of looking for problems did."""

    filed: tuple[str, ...]
    reopened: tuple[str, ...]
    known: int  # evidence whose problem is on file and open
    alarms: tuple[str, ...]
    weighed: tuple[str, ...] = ()  # open problems whose severity followed the facts
    joined: tuple[str, ...] = ()  # problems on file to whose evidence a report was added
    reached: tuple[str, ...] = ()  # problems that what was found is of, new ones and those on file


def find_problems(store: Store, state: CityState, *, person: Person) -> Filed:
    """File a problem for all evidence that has none yet, and open again what came back.

    Raises
    ------
    Refused
        The person may decide nowhere in the city; what lies beyond their district is left to others.
    """
    city = state.network.city.code
    demand(person, "decide", city)
    found = evidence_of(store, state)
    mine = [one for one in found if allows(person, "decide", city, one.district or NOWHERE)]
    now_ = problems_now(store, state, mine, person, NOWHERE)
    return file_problems(store, city, mine, person=person, now_=now_)


def file_problems(
    store: Store,
    city: str,
    found: Sequence[Problem],
    *,
    person: Person,
    now_: Sequence[Problem] = (),
    moves: Moves | None = None,
) -> Filed:
    """File problems that are not on file, reopen closed ones whose evidence is new, raise alarms.

    Parameters
    ----------
    now_
        Open problems as they would be filed today: their severity follows. Emergencies always do.
    moves
        How what is found moves a problem that is on file; as new evidence when left out.
    """
    who, at = person.account, now().isoformat(timespec="seconds")
    with store.change(city, who=who, why="problems") as change:
        there = ledger(store, city)
        new = [replace(one, by=one.by or who, at=at) for one in _once(found) if one.id not in there]
        back = [
            event
            for one in found
            for before in stands_for(there, one.id)
            if (event := (moves or _returned)(before, one, who, at))
        ]
        risen = weighed(there, [*now_, *(one for one in found if one.emergency)], who, at)
        events = [*back, *risen]
        raised = [_alarm(one) for one in new if one.emergency]
        raised += [_rung(event, there[event.problem]) for event in events if event.emergency]
        for kind, rows in ((PROBLEM, new), (EVENT, events), (ALARM, raised)):
            if rows:
                change.add_records(kind, rows)
    known = sum(any(before.stands.open for before in stands_for(there, one.id)) for one in found)
    reached = [before.problem.id for one in found for before in stands_for(there, one.id)]
    return Filed(
        tuple(one.id for one in new),
        tuple(one.problem for one in back if one.step != REPORT),
        known,
        tuple(one.id for one in raised),
        tuple(event.problem for event in risen),
        tuple(one.problem for one in back if one.step == REPORT),
        (*(one.id for one in new), *dict.fromkeys(reached)),
    )


def _once(found: Iterable[Problem]) -> list[Problem]:
    return list({one.id: one for one in found}.values())


def stands_for(there: Mapping[str, Life], id_: str) -> list[Life]:
    """Return the problems in which one of that number lives on: itself, or what it was merged or split into.

    Of several parts the closed ones rest while another is open: the evidence may be of that one.
    """
    found, ahead, seen = list[Life](), [id_], set[str]()
    while ahead:
        one = there.get(ahead.pop(0))
        if one is None or one.problem.id in seen:
            continue
        seen.add(one.problem.id)
        if one.state in {"merged", "split"}:
            ahead += one.others
        else:
            found.append(one)
    open_ = [one for one in found if one.stands.open]
    return open_ or found


def _returned(before: Life, now_: Problem, who: str, at: str) -> ProblemEvent | None:
    """Return the step by which evidence moves a problem that is on file.

    Closed and the evidence is of a later day or check, or refused and it is none of the old: it is opened
    again. Tested or re-inspected, and a camera still sees it after the repair: it goes back to whoever
    repaired it.
    """
    if before.state not in {"closed", "refused", "tested", "reinspected"}:
        return None
    if before.state in {"tested", "reinspected"}:
        return _sent_back(before, now_, who, at)
    old = set(before.problem.evidence).union(*(event.evidence for event in before.events))
    if before.state == "refused":  # it was judged: that the same check still finds it says nothing new
        known = {undated(one) for one in old if one.startswith(RULES)}
        new = tuple(one for one in now_.evidence if one not in old and undated(one) not in known)
    else:
        new = tuple(
            one for one in now_.evidence if one not in old and later(_seen_on(one, now_), before.closed_at)
        )
    if not new:
        return None
    return ProblemEvent(
        uuid4().hex, before.problem.id, "reopen", at, who, "evidence", evidence=new,
        simulated=now_.simulated, asset_type=now_.asset_type, asset=now_.asset, **weight_of(before, now_),
    )  # fmt: skip


def weight_of(before: Life, now_: Problem) -> dict[str, Any]:
    """Return the severity with which evidence brings a problem back; of a part or another it stays."""
    if before.problem.id != now_.id or (before.problem.emergency and not now_.emergency):
        return {}
    return {"severity": now_.severity, "reasons": now_.reasons, "emergency": now_.emergency}


def _seen_on(evidence: str, one: Problem) -> str:
    """Return of which day evidence is: what the register says without a day is of none."""
    return day_of(evidence) or ("" if evidence.startswith("register:") else one.found_on)


def _sent_back(before: Life, now_: Problem, who: str, at: str) -> ProblemEvent | None:
    mended = max((event.at for event in before.events if event.step == "test"), default="")[:10]
    looks = tuple(name for name in now_.evidence if name.startswith("inspection:"))
    told = {name for event in before.events if event.step == "fail_test" for name in event.evidence}
    if not looks or now_.found_on < mended or set(looks) <= told:
        return None
    return ProblemEvent(
        uuid4().hex, before.problem.id, "fail_test", at, who, "evidence", evidence=looks,
        simulated=now_.simulated, asset_type=now_.asset_type, asset=now_.asset,
    )  # fmt: skip


def _alarm(one: Problem) -> Alarm:
    return Alarm(
        f"A-{one.id[2:]}", one.id, one.asset_type, one.asset, _why(one.reasons), one.at, one.district,
        one.simulated,
    )  # fmt: skip


def _rung(event: ProblemEvent, before: Life) -> Alarm:
    """Return the alarm of a problem that has become an emergency, or is one again."""
    moment = "".join(letter for letter in event.at if letter.isdigit())
    return Alarm(
        f"A-{event.problem[2:]}-{moment}", event.problem, event.asset_type, event.asset, _why(event.reasons),
        event.at, before.district, event.simulated,
    )  # fmt: skip


def _why(reasons: Iterable[str]) -> str:
    told = [reason for reason in reasons if reason.startswith("emergency:")]
    return told[0].removeprefix("emergency:") if told else ""
