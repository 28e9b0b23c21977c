"""File projects, proofs, pipes as built and acceptances: who may, and what each must hold."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeVar
from uuid import uuid4

from wenqu.errors import BadInput, Refused, Unknown, UnknownAsset
from wenqu.network.edit_checks import check_edit
from wenqu.network.edits import Edit, applied, closed, edit_of
from wenqu.network.geometry import Floats
from wenqu.network.model import City, Network, link_lengths
from wenqu.records.acceptance import (
    ACCEPTED,
    WITHDRAWN,
    Acceptance,
    AsBuilt,
    ClosedWaterTest,
    HiddenWork,
    MaterialSample,
)
from wenqu.records.project import Lot, PipeWork, Project
from wenqu.records.team import Team
from wenqu.services.city_state import CityState
from wenqu.services.conduit_facts import worse_grade
from wenqu.services.filed_records import grades
from wenqu.services.gate_pipes import evidence_of
from wenqu.services.rights import Person, demand, demand_account
from wenqu.services.works_ledger import Ledger, Place, read_ledger
from wenqu.store.database import Store
from wenqu.store.moments import now
from wenqu.works.gate import Gate, gate
from wenqu.works.tightness import Lack

Evidenced = TypeVar("Evidenced", MaterialSample, HiddenWork, ClosedWaterTest)
KIND_OF: Mapping[type, str] = {
    MaterialSample: "material",
    HiddenWork: "hidden",
    ClosedWaterTest: "closed_water",
}
REPLACES = "replaces"  # column of a pipe that names the pipes it took the place of
CONDUIT = "conduit"


def new_id(letter: str) -> str:
    """Return an id for something that was given none."""
    return f"{letter}-{uuid4().hex[:10]}"


def file_project(store: Store, city: str, project: Project, *, person: Person) -> Project:
    """File a project, or state it anew; grade and length of each pipe are those of today where not given.

    Raises
    ------
    Unknown
        A pipe is not in the network and was not in the project before.
    BadInput
        It has no id, name or lot, or a pipe is in two lots.
    """
    demand_account(person)
    demand(person, "decide", city, project.district)
    if not (project.id.strip() and project.name.strip() and project.lots):
        raise BadInput("project-form", id=project.id)
    if len(set(project.assets)) != len(project.assets):
        twice = next(name for name in project.assets if project.assets.count(name) > 1)
        raise BadInput("pipe-twice", pipe=twice)
    with store.change(city, who=person.account, why=f"project {project.id}") as change:
        there = change.there([CONDUIT], project.assets).get(CONDUIT, set())
        before = read_ledger(store, city).projects.get(project.id)
        known = set(before.assets) if before else set()
        gone = [name for name in project.assets if name not in there | known]
        if gone:
            raise UnknownAsset(type=CONDUIT, id=gone[0], nearest="")
        state = CityState(store.network(city, types=[CONDUIT]))
        made = replace(project, lots=tuple(_filled(lot, store, state, before) for lot in project.lots))
        change.add_records("project", [made])
    return made


def _filled(lot: Lot, store: Store, state: CityState, before: Project | None) -> Lot:
    """Return a lot whose pipes have the grade and length they had when they were taken into it."""
    table = state.network.table(CONDUIT)
    lengths = link_lengths(table)
    place = {str(name): row for row, name in enumerate(table.ids)}
    stated = {work.conduit: work for one in (before.lots if before else ()) for work in one.works}
    graded = grades(store, state)

    def filled(work: PipeWork) -> PipeWork:
        old = stated.get(work.conduit)
        grade = work.grade or (old.grade if old else 0)
        if not grade and work.conduit in graded:
            grade = worse_grade(graded[work.conduit])
        length = work.length if not math.isnan(work.length) else old.length if old else math.nan
        if math.isnan(length) and work.conduit in place:
            length = float(lengths[place[work.conduit]])
        return replace(work, grade=grade, length=length)

    return replace(lot, works=tuple(filled(work) for work in lot.works))


def file_proof(store: Store, city: str, proof: Evidenced, *, person: Person) -> Evidenced:
    """File a sample, a look at hidden works or a closed-water test of pipes of one lot.

    Raises
    ------
    Unknown
        The project has no such lot, or a pipe is not in it.
    BadInput
        No pipe or no day is given.
    Refused
        An id was used for another statement.
    """
    demand_account(person)
    made = proof if proof.id else replace(proof, id=new_id(KIND_OF[type(proof)][0].upper()))
    _check_day(made.date)
    if not made.assets:
        raise BadInput("proof-pipes", id=made.id)
    with store.change(city, who=person.account, why=f"{KIND_OF[type(made)]} {made.id}") as change:
        ledger = read_ledger(store, city)
        project = _project(ledger, made.project, made.lot)
        _may_prove(person, city, project.district)
        if (KIND_OF[type(made)], made.id) in ledger.filed:
            raise Refused("proof-twice", id=made.id)
        places = ledger.places()
        if not isinstance(made, ClosedWaterTest) or not any(
            name in places for name in made.assets
        ):  # a test may fill a neighbour too
            _in_project(places, made.assets, project)
        change.add_records(KIND_OF[type(made)], [made])
    return made


def file_as_built(
    store: Store,
    city: str,
    built: AsBuilt,
    *,
    person: Person,
    fields: Mapping[str, object] | None = None,
    parts: Sequence[Floats] | None = None,
) -> AsBuilt:
    """File a pipe as built and change the network by it, both in one change.

    A pipe that takes the place of others starts from the first of them; the others are closed, and it names
    them. What is not said stays as it was.

    Parameters
    ----------
    fields
        Fields of the pipe that are other than before. SI.
    parts
        Its line as surveyed, in the city's coordinate system; None leaves it.

    Raises
    ------
    UnknownAsset
        A pipe that is mended, replaced or taken out is not there.
    BadInput
        A field cannot hold its value, or a new pipe replaces nothing.
    """
    demand_account(person)
    _check_day(built.date)
    made = built if built.id else replace(built, id=new_id("A"))
    with store.change(city, who=person.account, why=f"as built {made.project} {made.asset}") as change:
        ledger = read_ledger(store, city)
        project = _project(ledger, made.project, made.lot)
        for action in ("edit_attributes", "edit_geometry"):
            demand(person, action, city, project.district)
        if ("as_built", made.id) in ledger.filed:
            raise Refused("proof-twice", id=made.id)
        _in_project(ledger.places(), made.replaces or (made.asset,), project)
        table, _ = change.standing(CONDUIT, [made.asset, *made.replaces])
        network = Network(City(city), {CONDUIT: table})
        edits = _edits(network, made, project, fields or {}, parts)
        there = {CONDUIT: {str(name) for name in table.ids} | {made.asset}}
        nodes = [str(value) for edit in edits for name, value in edit.fields.items() if name in ENDS]
        there |= change.there(list(NODES), nodes)
        wrong = [issue for edit in edits for issue in check_edit(edit, {}, there) if issue.weight == "block"]
        if wrong:
            raise BadInput("as-built-field", pipe=made.asset, field=str(wrong[0].facts.get("field", "")))
        for put in applied(network, edits).values():
            if len(put):
                change.put(put)
        for type_, ids in closed(edits).items():
            change.close(type_, ids)
        change.add_records("as_built", [made])
    return made


ENDS = ("from_id", "to_id")
NODES = ("manhole", "gully", "storage", "station", "plant", "outfall")


def _edits(
    network: Network,
    built: AsBuilt,
    project: Project,
    fields: Mapping[str, object],
    parts: Sequence[Floats] | None,
) -> list[Edit]:
    table = network.table(CONDUIT)
    rows = {str(name): row for row, name in enumerate(table.ids)}
    missing = [name for name in built.replaces if name not in rows]
    if missing or (built.asset not in rows and not built.replaces):
        raise UnknownAsset(type=CONDUIT, id=(missing or [built.asset])[0], nearest="")
    if built.removed:
        return [Edit(CONDUIT, built.asset, gone=True)]
    lot = project.lot(built.lot)
    bodies = {party.role: party.body for party in project.answerable(lot)} if lot else {}
    said: dict[str, object] = {"built_on": built.date[:10], "project": project.id}
    said |= {"builder": bodies["contractor"]} if bodies.get("contractor") else {}
    said |= dict(fields)
    shape = None if parts is None else tuple(parts)
    if built.asset in rows:
        gone = [name for name in built.replaces if name != built.asset]
        named = {REPLACES: "|".join(gone)} if gone else {}
        edits = [Edit(CONDUIT, built.asset, said, named, shape)]
    else:
        first = edit_of(table, rows[built.replaces[0]])
        gone = list(built.replaces)
        whole = {**first.fields, **said}
        extra = {**first.extra, REPLACES: "|".join(gone)}
        edits = [Edit(CONDUIT, built.asset, whole, extra, shape or first.parts)]
    return edits + [Edit(CONDUIT, name, gone=True) for name in gone]


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
        demand(person, "decide", city, place[0].district)
        _not_own(person, place, by)
        stated = day or now().date().isoformat()
        _check_day(stated)
        state = CityState(store.network(city))
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
        demand(person, "decide", city, _project(ledger, stands.project, stands.lot).district)
        made = replace(
            stands, id=new_id("Y"), verdict=WITHDRAWN, date=now().date().isoformat(), by=person.account,
            reason=reason,
        )  # fmt: skip
        change.add_records("acceptance", [made])
    return made


def file_teams(store: Store, city: str, teams: Sequence[Team], *, person: Person) -> int:
    """File teams with what they do a working day; return how many.

    Raises
    ------
    BadInput
        A team has no id, other work than survey or repair, or a rate that is no number.
    """
    demand_account(person)
    demand(person, "decide", city)
    for team in teams:
        if not team.id or team.work not in {"survey", "repair"} or not 0 <= team.rate < math.inf:
            raise BadInput("team-form", id=team.id, work=team.work, rate=team.rate)
    with store.change(city, who=person.account, why="teams") as change:
        return change.add_records("team", teams)


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


def _may_prove(person: Person, city: str, district: str) -> None:
    """Refuse who may neither work nor inspect there."""
    try:
        demand(person, "work", city, district)
    except Refused:
        demand(person, "inspect", city, district)


def _project(ledger: Ledger, project: str, lot: str) -> Project:
    found = ledger.projects.get(project)
    if found is None or found.lot(lot) is None:
        raise Unknown("lot", name=f"{project} / {lot}")
    return found


def _place(ledger: Ledger, asset: str) -> Place:
    found = ledger.places().get(asset)
    if found is None:
        raise Unknown("works", name=asset)
    return found


def _in_project(places: Mapping[str, Place], assets: Sequence[str], project: Project) -> None:
    for name in assets:
        if name not in places or places[name][0].id != project.id:
            raise Unknown("works", name=name)


def _check_day(day: str) -> None:
    try:
        date.fromisoformat(day[:10])
    except ValueError:
        raise BadInput("works-day", day=day) from None
