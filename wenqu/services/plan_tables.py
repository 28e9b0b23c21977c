"""What has a city set for the options of its programme (prices, assumptions, packages): each version kept?"""

from collections.abc import Sequence
from dataclasses import dataclass

from wenqu.errors import BadInput, Refused, Unknown
from wenqu.records.planning_table import PlanningTable
from wenqu.services.file_works import new_id
from wenqu.services.rights import Person, demand_account, reach
from wenqu.store.changes import OpenChange
from wenqu.store.database import Store

KIND = "planning_table"
PRICES, ASSUMPTIONS, PACKAGES = "prices", "assumptions", "packages"


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a table: what it holds, who kept it, when and why."""

    id: str
    text: str
    reason: str
    at: str
    by: str


def versions(store: Store, city: str, name: str, as_of: str | None = None) -> list[Version]:
    """Return the versions of a table, newest first."""
    rows = store.filed(city, KIND, PlanningTable, as_of)
    return [
        Version(one.id, one.text, one.reason, filing.at, filing.who)
        for one, filing in reversed(rows)
        if one.name == name
    ]


def version(some: Sequence[Version], id_: str) -> Version:
    """Return one version.

    Raises
    ------
    Unknown
        There is none of that id.
    """
    for one in some:
        if one.id == id_:
            return one
    raise Unknown("version", name=id_, known=", ".join(one.id for one in some[:5]) or "–")


def current_text(store: Store, city: str, name: str, as_of: str | None = None) -> str:
    """Return what a city has set, "" where it has set nothing."""
    found = versions(store, city, name, as_of)
    return found[0].text if found else ""


def file_table(change: OpenChange, name: str, text: str, reason: str, simulated: bool) -> str:
    """File one version within a change, and return its id."""
    made = PlanningTable(new_id("G"), name, text, reason.strip(), simulated)
    change.add_records(KIND, [made])
    return made.id


def demand_planner(person: Person, city: str, reason: str, name: str) -> None:
    """Refuse whoever does not decide for the whole city, and a change without a reason.

    Raises
    ------
    Refused
        The person has not signed in, or decides in no more than a part of the city.
    BadInput
        No reason is given.
    """
    demand_account(person)
    if not reach(person, "decide", city).whole:
        raise Refused("rights", action="decide", city=city, district="", body="")
    if not reason.strip():
        raise BadInput("own-reason", name=name)
