"""Take note of an alarm."""

from wenqu.errors import Refused, Unknown
from wenqu.records.problem import AlarmNoted
from wenqu.services.problem_ledger import ALARM, NOTED, alarms, may, problem_of
from wenqu.services.rights import Person, demand_account
from wenqu.store.database import Store
from wenqu.store.moments import now


def note_alarm(store: Store, city: str, alarm: str, *, person: Person, note: str = "") -> AlarmNoted:
    """Take note of an alarm.

    Raises
    ------
    Unknown
        There is no such alarm, or the person may not know of it.
    Refused
        The person may not decide there.
    """
    demand_account(person)
    with store.change(city, who=person.account, why=f"alarm {alarm}") as change:
        found = next((pair for pair in alarms(store, city, person) if pair[0].id == alarm), None)
        if found is None:
            raise Unknown("alarm", name=alarm)
        if found[1] is not None:
            return found[1]
        before = problem_of(store, city, found[0].problem, person)
        if not may(person, "decide", city, before):
            raise Refused("problem-rights", step=ALARM, action="decide")
        made = AlarmNoted(alarm, person.account, now().isoformat(timespec="seconds"), note)
        change.add_records(NOTED, [made])
    return made
