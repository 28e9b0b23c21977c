"""Which assumptions does a city plan with: those of Wenqu, with its own values, each version kept?"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from wenqu.planning.assumptions import Assumed, assumptions, read_own, with_own, write_own
from wenqu.services.plan_tables import ASSUMPTIONS, current_text, demand_planner, file_table, versions
from wenqu.services.rights import Person, reach
from wenqu.store.database import Store


def assumed_of(store: Store, city: str, as_of: str | None = None) -> Assumed:
    """Return the numbers that hold in a city."""
    return with_own(read_own(current_text(store, city, ASSUMPTIONS, as_of)))


def assumptions_told(store: Store, city: str, person: Person, as_of: str | None = None) -> dict[str, Any]:
    """Return each assumption with the city's value beside Wenqu's, and who set them when and why."""
    own = read_own(current_text(store, city, ASSUMPTIONS, as_of))
    rows = [
        {**asdict(row), "usual": row.value, "value": own.get(row.name, row.value),
         "status": "city" if row.name in own else row.status}
        for row in assumptions().values()
    ]  # fmt: skip
    history = [
        {"id": one.id, "at": one.at, "by": one.by, "reason": one.reason}
        for one in versions(store, city, ASSUMPTIONS, as_of)
    ]
    return {"rows": rows, "versions": history, "may": reach(person, "decide", city).whole}


def keep_assumptions(
    store: Store, city: str, own: Mapping[str, float], *, person: Person, reason: str
) -> str:
    """Keep a city's own values, all of them (what is left out is Wenqu's again), and return the version.

    Raises
    ------
    BadInput
        No reason is given, or a value is none that it may have; nothing is kept then.
    Refused
        The person does not decide for the whole city.
    """
    demand_planner(person, city, reason, ASSUMPTIONS)
    with_own(own)
    usual = assumptions()
    kept = {name: value for name, value in own.items() if value != usual[name].value}
    text = write_own(kept, current_text(store, city, ASSUMPTIONS))
    with store.change(city, who=person.account, why=f"{ASSUMPTIONS}: {reason}") as change:
        return file_table(change, ASSUMPTIONS, text, reason, store.city(city).simulated)
