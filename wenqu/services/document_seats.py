"""Who may see, draft, sign and decide about an official document? By role, district and seat.

A seat says who signs or is asked: ``district:<zone>``, ``role:<role>``, ``body:<name>``, ``account:<name>``.
"""

from collections.abc import Iterable

from wenqu.errors import BadInput
from wenqu.network.model import Network
from wenqu.services.problem_lists import zone_name
from wenqu.services.rights import EVERYWHERE, Grant, Person, Reach, reach, roles
from wenqu.supervision.document_life import COUNTERSIGN, OBJECT, DocumentLife
from wenqu.supervision.document_tables import Step, steps

DISTRICT, ROLE, BODY, ACCOUNT = "district", "role", "body", "account"
FORMS = (DISTRICT, ROLE, BODY, ACCOUNT)
INSIDE = "export"  # who may do that there works on documents; others see what was issued
READ = "read_attributes"


def check_seats(network: Network, seats: Iterable[str]) -> tuple[str, ...]:
    """Return seats without blanks and each once.

    Raises
    ------
    BadInput
        One has another form, or names a district or a role that there is not.
    """
    zones = {str(id_) for id_ in network.table("zone").ids}
    made = tuple(dict.fromkeys(seat.strip() for seat in seats if seat.strip()))
    for seat in made:
        form, _, name = seat.partition(":")
        known = {DISTRICT: name in zones, ROLE: name in roles()}.get(form, bool(name.strip()))
        if form not in FORMS or not known:
            raise BadInput("document-seat", seat=seat, known=", ".join(f"{one}:…" for one in FORMS))
    return made


def seat_told(seat: str, network: Network) -> dict[str, str]:
    """Return how a seat is called in both languages."""
    form, _, name = seat.partition(":")
    if form == DISTRICT:
        called = zone_name(network, name)
        return {"seat": seat, "zh": called, "en": called}
    if form == ROLE and name in roles():
        return {"seat": seat, "zh": roles()[name].zh, "en": roles()[name].en}
    return {"seat": seat, "zh": name, "en": name}


def sits(person: Person, city: str, seat: str) -> bool:
    """Tell whether a person may speak for a seat."""
    if person.local:
        return True
    form, _, name = seat.partition(":")
    if form == ACCOUNT:
        return bool(name) and person.account == name
    told = {DISTRICT: lambda one: one.district, ROLE: lambda one: one.role, BODY: lambda one: one.body}
    return form in told and any(
        told[form](grant) == name and (form != DISTRICT or grant.role == DISTRICT)
        for grant in person.grants
        if grant.city in {EVERYWHERE, city} and grant.role in roles()
    )


def covers(there: Reach, district: str) -> bool:
    """Tell whether a right reaches a document of a district; of the whole city it has to be whole."""
    return there.whole or (bool(district) and (district, "") in there.places)


def works_there(person: Person, city: str, district: str) -> bool:
    """Tell whether a person works on the documents of a district and so sees their drafts."""
    return covers(reach(person, INSIDE, city), district)


def inside(person: Person, city: str, life: DocumentLife) -> bool:
    """Tell whether a person works on a document: its author, who countersigns, or who works there."""
    document = life.document
    mine = bool(person.account) and document.by == person.account
    signs = any(sits(person, city, seat) for seat in document.countersigners)
    return mine or signs or works_there(person, city, document.district)


def seen_versions(person: Person, city: str, life: DocumentLife, asked: Iterable[int] = ()) -> set[int]:
    """Return the numbers of the versions that a person may see.

    Parameters
    ----------
    asked
        Versions about which the person was consulted.
    """
    document = life.document
    numbers = {one.version.number for one in life.versions}
    if inside(person, city, life):
        return numbers
    reads = covers(reach(person, READ, city), document.district)
    return {
        one.version.number
        for one in life.versions
        if (one.issued and (reads or any(sits(person, city, seat) for seat in one.recipients)))
        or one.version.number in set(asked)
    }


def may_see(person: Person, city: str, life: DocumentLife, asked: Iterable[int] = ()) -> bool:
    """Tell whether a person may know of a document at all."""
    return bool(seen_versions(person, city, life, asked)) or (
        not life.versions
        and (
            works_there(person, city, life.document.district)
            or any(sits(person, city, seat) for seat in life.document.countersigners)
        )
    )


def takes(person: Person, city: str, district: str, step: Step) -> bool:
    """Tell whether a person has a role and a right for a step at the documents of a district.

    A signature is the act of somebody who signed in: a token takes no step.
    """
    if person.local:
        return True
    if not person.account or person.token or step.who not in person.actions:
        return False
    fitting = (grant for grant in person.grants if grant.city in {EVERYWHERE, city} and _fits(grant, step))
    return any(covers(_of(grant), district) for grant in fitting)


def _fits(grant: Grant, step: Step) -> bool:
    known = roles().get(grant.role)
    return known is not None and step.who in known.actions and (not step.roles or grant.role in step.roles)


def _of(grant: Grant) -> Reach:
    place = (grant.district, grant.body)
    return Reach(whole=True) if place == ("", "") else Reach(places=(place,))


def may_step(person: Person, city: str, life: DocumentLife, name: str, seat: str = "") -> bool:
    """Tell whether a person may take a step at a document; for a seat where one is signed for."""
    step = steps()[name]
    if name not in {COUNTERSIGN, OBJECT}:
        return takes(person, city, life.document.district, step)
    if not person.local and (not person.account or person.token):
        return False
    seats = (seat,) if seat else life.waits_for
    return any(one in life.waits_for and sits(person, city, one) for one in seats)


def decides(person: Person, city: str, district: str) -> bool:
    """Tell whether a person runs the documents of a district: consults, weighs opinions, checks."""
    return takes(person, city, district, steps()["check"])
