"""Take an inspection out of what counts, or let it count again: decided with a reason, nothing deleted."""

from dataclasses import dataclass

from wenqu.errors import BadInput, Unknown
from wenqu.records.handed import Handed
from wenqu.records.inspection import Inspection
from wenqu.records.withdrawal import Withdrawal
from wenqu.services.grade_again import grade_changed
from wenqu.services.let_in_inspections import BY_HAND, is_survey
from wenqu.services.problem_ledger import ledger
from wenqu.services.rights import Person, demand
from wenqu.services.seen_city import store_for
from wenqu.services.standing_inspections import withdrawn
from wenqu.store.database import Store
from wenqu.store.moments import now
from wenqu.store.waiting import OPEN, Sought

REPAIRED = "repaired"


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What a decision about an inspection led to."""

    inspection: str
    number: int  # of the change
    graded: int  # pipes that were graded again
    waiting: bool  # it waits in the queue again: it had been let in by hand
    problems: tuple[str, ...]  # open problems that rest on it; a person decides about each


def withdraw_inspection(
    store: Store, city: str, id_: str, *, person: Person, why: str, back: bool = False, who: str = ""
) -> Withdrawn:
    """Say that an inspection does not count any more, or that it counts again.

    Parameters
    ----------
    back
        It counts again.

    Raises
    ------
    Unknown
        There is no such inspection.
    BadInput
        No reason is given (``withdraw-why``), or it stands so already (``withdraw-again``).
    Refused
        The pipe is not the person's.
    """
    demand(person, "import", city)
    one = next((row for row in store.records(city, "inspection", Inspection) if row.id == id_), None)
    if one is None:
        raise Unknown("inspection", name=id_)
    if not why.strip():
        raise BadInput("withdraw-why", inspection=id_)
    if (id_ in withdrawn(store, city)) != back:
        raise BadInput("withdraw-again", inspection=id_)
    mine, account = store_for(store, person, city), who or person.account
    row = Withdrawal(
        one.asset, id_, why.strip(), account, now().isoformat(timespec="seconds"), not back, one.asset_type,
        one.simulated,
    )  # fmt: skip
    again = [] if back else _again(store, city, id_)
    with mine.change(city, who=account, why=why.strip()) as change:
        change.add_records("withdrawal", [row])
        if again:
            change.decide(again, OPEN, why.strip())
    changed = {one.asset} if one.looked_inside else set()
    graded = grade_changed(mine, city, changed, who=account)
    resting = tuple(
        name
        for name, life in ledger(store, city).items()
        if life.stands.open and id_ in life.problem.evidence
    )
    return Withdrawn(id_, change.number, graded, bool(again), resting)


def _again(store: Store, city: str, id_: str) -> list[int]:
    """Return the row of the queue from which an inspection was let in by hand: it waits once more."""
    handed = [one for one in store.records(city, "handed", Handed) if one.inspection == id_]
    came = {(one.delivery, one.file, one.where) for one in handed if one.matched == BY_HAND}
    numbers = {id_, *(one.number for one in handed)}
    found = [
        row.id
        for row in (store.waiting(city, Sought(state=REPAIRED)) if came else ())
        if is_survey(row)
        and (row.delivery, row.file, row.sheet) in came
        and row.body["facts"]["inspection"] in numbers
    ]
    return found[-1:]
