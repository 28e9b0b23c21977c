"""Who may state, end and judge a verification? Who decides its project, or decides where the meter lies."""

from wenqu.errors import Refused, Unknown
from wenqu.records.verification import Verification
from wenqu.services.city_state import Cities
from wenqu.services.rights import Person, demand, demand_account, reach
from wenqu.services.sight import ids_within
from wenqu.services.works_ledger import read_ledger
from wenqu.services.works_rights import demand_part, project_of


def demand_decision(known: Cities, city: str, project: str, meter: str, person: Person) -> None:
    """Refuse whoever decides neither the project of a verification nor, without one, at its meter.

    Raises
    ------
    Refused
        The rights of the person do not reach there, or nobody has signed in.
    Unknown
        There is no such project.
    """
    demand_account(person)
    if project:
        found, _ = project_of(read_ledger(known.whole.store, city), project)
        demand_part(person, ("decide",), city, found)
        return
    demand(person, "decide", city)
    there = reach(person, "decide", city)
    if not there.whole and meter not in ids_within(known.whole.state(city).network, there):
        raise Refused("rights", action="decide", city=city, district="", body="")


def may_decide(known: Cities, city: str, made: Verification, person: Person) -> bool:
    """Tell whether a person may file the end and the verdict of a verification."""
    try:
        demand_decision(known, city, made.project, made.asset, person)
    except (Refused, Unknown):
        return False
    return True
