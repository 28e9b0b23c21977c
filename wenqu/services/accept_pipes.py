"""Accept a mended pipe or take the word back: who may, on which day, by what?"""

from collections.abc import Mapping
from dataclasses import replace

from wenqu.errors import BadInput, Refused, Unknown
from wenqu.records.acceptance import (
    ACCEPTED,
    WITHDRAWN,
    Acceptance,
)
from wenqu.services.city_state import CityState
from wenqu.services.file_works import check_day, new_id
from wenqu.services.gate_pipes import evidence_of
from wenqu.services.rights import Person, demand_account
from wenqu.services.standing_acceptances import standings
from wenqu.services.works_ledger import Ledger, Place, read_ledger
from wenqu.services.works_rights import demand_part, project_of
from wenqu.store.database import Store
from wenqu.store.moments import now
from wenqu.works.gate import Gate, gate
from wenqu.works.tightness import Lack


def accept_pipe(
    store: Store, city: str, asset: str, *, person: Person, day: str = "", by: str = "", reason: str = ""
) -> Acceptance:
    """Accept a mended pipe, when nothing lacks.

    Raises
    ------
    Unknown
        The pipe is in no project.
    Refused
        Something lacks (``acceptance-lacks``), or the person belongs to who did the works
        (``acceptance-own``).
    """
    demand_account(person)
    with store.change(city, who=person.account, why=f"accept {asset}") as change:
        ledger = read_ledger(store, city)
        place = _place(ledger, asset)
        demand_part(person, ("decide",), city, place[0], place[1])
        _not_own(person, place, by)
        stated = day or now().date().isoformat()
        check_day(stated)
        state = CityState(store.network(city))
        stands = standings(store, state).get(asset)
        if stands is not None and not stands.until:
            raise Refused("accepted-already", pipe=asset, day=stands.acceptance.date[:10])
        evidence = evidence_of(store, state, asset, ledger)
        found = gate(evidence)
        looks = {("cctv", look.inspection): look.date for look in evidence.looks}
        early = _early(found, stated, _stated(ledger) | looks)
        if not found.open or early:
            raise Refused("acceptance-lacks", pipe=asset, lacking=(*found.lacks, *early))
        made = Acceptance(
            new_id("Y"), place[0].id, place[1].id, asset, stated, ACCEPTED, by or person.account,
            found.proofs, found.rules, reason, simulated=place[0].simulated,
        )  # fmt: skip
        change.add_records("acceptance", [made])
    return made


def withdraw_acceptance(store: Store, city: str, asset: str, *, person: Person, reason: str) -> Acceptance:
    """Take an acceptance back, with the reason.

    Raises
    ------
    Unknown
        The pipe is not accepted.
    BadInput
        No reason is given.
    """
    demand_account(person)
    if not reason.strip():
        raise BadInput("withdraw-reason", pipe=asset)
    with store.change(city, who=person.account, why=f"withdraw {asset}") as change:
        ledger = read_ledger(store, city)
        stands = ledger.accepted.get(asset)
        if stands is None:
            raise Unknown("acceptance", name=asset)
        demand_part(person, ("decide",), city, *project_of(ledger, stands.project, stands.lot))
        made = replace(
            stands, id=new_id("Y"), verdict=WITHDRAWN, date=now().date().isoformat(), by=person.account,
            reason=reason,
        )  # fmt: skip
        change.add_records("acceptance", [made])
    return made


def accept_in(  # noqa: PLR0913 who, which day, by what
    store: Store,
    city: str,
    project: str,
    asset: str,
    *,
    person: Person,
    day: str = "",
    by: str = "",
    reason: str = "",
) -> Acceptance:
    """Accept a pipe of one project.

    Raises
    ------
    Unknown
        The pipe is not in it.
    """
    _same(_place(read_ledger(store, city), asset)[0].id, project, asset)
    return accept_pipe(store, city, asset, person=person, day=day, by=by, reason=reason)


def withdraw_in(
    store: Store, city: str, project: str, asset: str, *, person: Person, reason: str
) -> Acceptance:
    """Take back the acceptance of a pipe of one project.

    Raises
    ------
    Unknown
        The pipe is not in it.
    """
    _same(_place(read_ledger(store, city), asset)[0].id, project, asset)
    return withdraw_acceptance(store, city, asset, person=person, reason=reason)


def _same(there: str, project: str, asset: str) -> None:
    if there != project:
        raise Unknown("works", name=asset)


def _stated(ledger: Ledger) -> dict[tuple[str, str], str]:
    made = {("closed_water", one.id): one.date for one in ledger.closed_water}
    made |= {("material", one.id): one.date for one in ledger.material}
    made |= {("hidden", one.id): one.date for one in ledger.hidden}
    return made | {("as_built", one.id): one.date for one in ledger.as_built}


def _early(found: Gate, day: str, stated: Mapping[tuple[str, str], str]) -> list[Lack]:
    """Return the proofs that are younger than the acceptance which rests on them; a day yet to come too."""
    dated = {proof: stated.get((proof.kind, proof.id), "")[:10] for proof in found.proofs}
    made = [
        Lack("before-proof", {"date": day[:10], "id": proof.id, "proof": when})
        for proof, when in dated.items()
        if when > day[:10]
    ]
    today = now().date().isoformat()
    if day[:10] > today:
        made.append(Lack("dated-ahead", {"id": "-", "stated": day[:10], "filed": today}))
    return made


def _not_own(person: Person, place: Place, by: str) -> None:
    """Refuse whoever belongs to the contractor: nobody accepts his own works."""
    contractors = {party.body for party in place[0].answerable(place[1]) if party.role == "contractor"}
    mine = {grant.body for grant in person.grants} & contractors
    if person.local:
        mine = set()
    if mine or by in contractors or (not person.local and person.account in contractors):
        raise Refused("acceptance-own", body=next(iter(mine), by or person.account))


def _place(ledger: Ledger, asset: str) -> Place:
    found = ledger.places().get(asset)
    if found is None:
        raise Unknown("works", name=asset)
    return found
