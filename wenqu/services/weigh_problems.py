"""Whose severity has changed since it was last told, because the facts around it have?

A problem keeps the severity with which it was filed until somebody looks for problems again; then each open
one is weighed by what is known now, and the change is an event of its life. An emergency is never taken back
by itself: only who decides closes it.
"""

from collections.abc import Collection, Iterable, Mapping
from uuid import uuid4

from wenqu.records.problem import Problem, ProblemEvent
from wenqu.services.city_state import CityState
from wenqu.services.filed_records import grades
from wenqu.services.problem_evidence import levels
from wenqu.services.problem_ledger import ledger
from wenqu.services.problem_places import Places
from wenqu.services.rights import Person, allows
from wenqu.store.database import Store
from wenqu.works.problem_life import Life

WEIGH = "weigh"
GRADED = ("structural", "functional")


def problems_now(
    store: Store, state: CityState, found: Collection[Problem], person: Person, nowhere: str
) -> list[Problem]:
    """Return the open problems on file as they would be filed today, of those that the person decides.

    Parameters
    ----------
    found
        Problems that the evidence shows now.
    nowhere
        District of what lies in none.
    """
    city = state.network.city.code
    shown = {one.id: one for one in found}
    open_ = [one for one in ledger(store, city).values() if one.stands.open]
    if not open_:
        return []
    place, graded = Places(store, state), grades(store, state)
    made = []
    for life in open_:
        was = life.problem
        if not allows(person, "decide", city, life.district or nowhere):
            continue
        if was.id in shown:
            made.append(shown[was.id])
        elif was.asset in place.districts.get(was.asset_type, {}):
            grade = dict(levels(graded[was.asset])) if was.asset in graded else {}
            if was.kind in GRADED and was.kind not in grade:
                continue  # nothing tells more than what it was filed with
            made.append(place.problem(was.kind, was.asset, grade.get(was.kind, 0), was.asset_type, id=was.id))
    return made


def weighed(there: Mapping[str, Life], now_: Iterable[Problem], who: str, at: str) -> list[ProblemEvent]:
    """Return the events by which the severity of open problems follows the facts."""
    return [
        ProblemEvent(
            uuid4().hex, one.id, WEIGH, at, who, simulated=one.simulated, asset_type=one.asset_type,
            asset=one.asset, severity=one.severity, reasons=one.reasons, emergency=one.emergency,
        )
        for one in {row.id: row for row in now_}.values()
        if one.id in there and _differs(there[one.id], one)
    ]  # fmt: skip


def _differs(before: Life, now_: Problem) -> bool:
    was = before.problem
    if not before.stands.open or was.emergency:
        return False
    return now_.severity != was.severity or now_.emergency
