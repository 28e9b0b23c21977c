"""Who may see, prove and decide works? By the district of the project and the bodies that answer for it."""

from collections.abc import Collection, Sequence

from wenqu.errors import Refused, Unknown
from wenqu.records.project import Lot, Project
from wenqu.services.rights import WORKS, Person, reach
from wenqu.services.works_ledger import Ledger


def has_part(person: Person, action: str, city: str, project: Project, lot: Lot | None = None) -> bool:
    """Tell whether a person may do something in a project, or in one lot of it.

    A right in one district holds for its projects; a right of one body where that body answers for the lot.
    """
    there = reach(person, action, city)
    if there.whole:
        return True
    lots = (lot,) if lot else project.lots
    bodies = {party.body for one in lots for party in project.answerable(one)}
    return any(
        zone in {"", project.district} and whose in {"", *bodies} and bool(zone or whose)
        for zone, whose in there.places
    )


def demand_part(
    person: Person, actions: Sequence[str], city: str, project: Project, lot: Lot | None = None
) -> None:
    """Refuse whoever may do none of some actions in a project.

    Raises
    ------
    Refused
        The rights of the person do not reach there.
    """
    if not any(has_part(person, action, city, project, lot) for action in actions):
        raise Refused("rights", action=actions[0], city=city, district=project.district, body="")


def seen_projects(
    ledger: Ledger, city: str, person: Person, conduits: Collection[str] | None = None
) -> dict[str, Project]:
    """Return the projects that a person may know of.

    Parameters
    ----------
    conduits
        Ids of the conduits that the person may read, None for all: a mere reader sees a project by them.
    """
    return {
        id_: one
        for id_, one in ledger.projects.items()
        if any(has_part(person, action, city, one) for action in WORKS)
        or (
            has_part(person, "read_attributes", city, one)
            and (conduits is None or any(name in conduits for name in one.assets))
        )
    }


def project_of(ledger: Ledger, project: str, lot: str = "") -> tuple[Project, Lot | None]:
    """Return a project and a lot of it.

    Raises
    ------
    Unknown
        There is no such project, or no such lot in it.
    """
    found = ledger.projects.get(project)
    part = found.lot(lot) if found and lot else None
    if found is None or (lot and part is None):
        raise Unknown("lot", name=f"{project} / {lot}" if lot else project)
    return found, part
