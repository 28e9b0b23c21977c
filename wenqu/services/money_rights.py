"""Who sees money, and who promises and pays it?

Money is seen by who decides or takes data out where the project lies, and by the contractor of the lot;
never by a mere reader. It is promised and paid by who decides there, and drawn on a fund of the whole city
only by who decides in the whole city.
"""

from wenqu.errors import Refused, Unknown
from wenqu.records.money import Fund, RefusedRow
from wenqu.records.project import Lot, Project
from wenqu.services.money_ledger import Account
from wenqu.services.rights import Person, allows, demand, reach
from wenqu.services.works_rights import has_part

SEEING = ("decide", "export")


def demand_money(person: Person, city: str) -> None:
    """Refuse whoever may see no money of a city at all.

    Raises
    ------
    Refused
        The person neither decides, takes data out, nor does works there.
    """
    if not any(allows(person, action, city) for action in (*SEEING, "work")):
        demand(person, "export", city)


def sees_contract(person: Person, city: str, account: Account) -> bool:
    """Tell whether a person sees the money of a contract: those in charge, and its contractor."""
    if any(reach(person, action, city).whole for action in SEEING):
        return True
    if account.project is None:
        return False
    project, lot = account.project, account.lot
    if any(has_part(person, action, city, project, lot) for action in SEEING):
        return True
    return has_part(person, "work", city, project, lot) and _own(person, city, account)


def _own(person: Person, city: str, account: Account) -> bool:
    there = reach(person, "work", city)
    return there.whole or account.contract.contractor in {body for _, body in there.places}


def sees_fund(person: Person, city: str, fund: Fund) -> bool:
    """Tell whether a person sees a fund: that of the whole city by who has a part in charge of money."""
    zones = _zones(person, city)
    return zones is None or (bool(zones) and fund.district in {"", *zones})


def _zones(person: Person, city: str) -> set[str] | None:
    """Return the districts whose money a person sees, None for all."""
    there = [reach(person, action, city) for action in SEEING]
    if any(one.whole for one in there):
        return None
    return {zone for one in there for zone, body in one.places if zone and not body}


def demand_fund_seen(person: Person, city: str, district: str) -> None:
    """Refuse whoever does not see money of a place.

    Raises
    ------
    Refused
        The person neither decides nor takes data out there.
    """
    zones = _zones(person, city)
    if zones is not None and (not zones or district not in {"", *zones}):
        demand(person, "export", city)
        raise Refused("rights", action="export", city=city, district="", body="")


def sees_whole(person: Person, city: str) -> bool:
    """Tell whether a person sees all money of a city."""
    return _zones(person, city) is None


def demand_fund(person: Person, city: str, district: str) -> None:
    """Refuse whoever may not grant, or draw on, money of a place.

    Raises
    ------
    Refused
        Money of the city is for who decides in the whole of it, that of a district for who decides there.
    """
    there = reach(person, "decide", city)
    if there.whole or (district and (district, "") in there.places):
        return
    raise Refused("rights", action="decide", city=city, district=district, body="")


def may_fund(person: Person, city: str, district: str) -> bool:
    """Tell whether a person may grant and draw on money of a place."""
    there = reach(person, "decide", city)
    return there.whole or bool(district and (district, "") in there.places)


def sees_row(person: Person, city: str, row: RefusedRow) -> bool:
    """Tell whether a person deals with a kept row of a file: that of a place by who decides there."""
    return may_fund(person, city, row.district)


def not_the_contractor(person: Person, project: Project, lot: Lot | None, contractor: str) -> None:
    """Refuse whoever belongs to the body that the money goes to: nobody pays himself.

    Raises
    ------
    Refused
        ``money-own``.
    """
    if person.local:
        return
    bodies = {contractor} - {""}
    if lot is not None:
        bodies |= {party.body for party in project.answerable(lot) if party.role == "contractor"}
    mine = {grant.body for grant in person.grants} & bodies
    if mine or person.account in bodies:
        raise Refused("money-own", body=next(iter(mine), person.account))


def account_seen(accounts: dict[str, Account], person: Person, city: str, id_: str) -> Account:
    """Return a contract that a person may know of.

    Raises
    ------
    Unknown
        There is none for this person.
    """
    found = accounts.get(id_)
    if found is None or not sees_contract(person, city, found):
        raise Unknown("contract", name=id_)
    return found
