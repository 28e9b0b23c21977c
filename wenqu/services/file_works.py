"""File projects, proofs and teams: who may, and what each must hold."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeVar
from uuid import uuid4

from wenqu.errors import BadInput, Refused, Unknown, UnknownAsset
from wenqu.network.model import Network, link_lengths
from wenqu.records.acceptance import (
    ClosedWaterTest,
    HiddenWork,
    MaterialSample,
)
from wenqu.records.project import Lot, PipeWork, Project
from wenqu.records.team import Team
from wenqu.services.city_state import CityState
from wenqu.services.conduit_facts import worse_grade
from wenqu.services.filed_records import grades
from wenqu.services.rights import Person, Reach, demand, demand_account, reach
from wenqu.services.sight import districts_of, within
from wenqu.services.works_files import check_files
from wenqu.services.works_ledger import Place, read_ledger
from wenqu.services.works_rights import demand_part, project_of
from wenqu.store.database import Store

Evidenced = TypeVar("Evidenced", MaterialSample, HiddenWork, ClosedWaterTest)
KIND_OF: Mapping[type, str] = {
    MaterialSample: "material",
    HiddenWork: "hidden",
    ClosedWaterTest: "closed_water",
}
CONDUIT = "conduit"
PROVING = ("work", "inspect", "decide")  # who may file a proof


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
    demand_part(person, ("decide",), city, project)
    if not (project.id.strip() and project.name.strip() and project.lots):
        raise BadInput("project-form", id=project.id)
    if len(set(project.assets)) != len(project.assets):
        twice = next(name for name in project.assets if project.assets.count(name) > 1)
        raise BadInput("pipe-twice", pipe=twice)
    with store.change(city, who=person.account, why=f"project {project.id}") as change:
        there = change.there([CONDUIT], project.assets).get(CONDUIT, set())
        before = read_ledger(store, city).projects.get(project.id)
        if before is not None:
            demand_part(person, ("decide",), city, before)
        known = set(before.assets) if before else set()
        gone = [name for name in project.assets if name not in there | known]
        if gone:
            raise UnknownAsset(type=CONDUIT, id=gone[0], nearest="")
        network = store.network(city, types=[CONDUIT, "zone"])
        state = CityState(network)
        _own_pipes(network, person, [name for name in project.assets if name in there])
        lots = tuple(_filled(lot, store, state, before) for lot in project.lots)
        made = replace(project, lots=lots, simulated=network.city.simulated)
        change.add_records("project", [made])
    return made


def _own_pipes(network: Network, person: Person, pipes: Sequence[str]) -> None:
    """Refuse pipes of a district in which the person decides nothing."""
    there = reach(person, "decide", network.city.code)
    if there.whole:
        return
    table = network.table(CONDUIT)
    zones = Reach(places=tuple((zone, "") for zone, _ in there.places))
    mine = {str(name) for name in table.ids[within(table, districts_of(network)[CONDUIT], zones)]}
    strange = [name for name in pipes if name not in mine]
    if strange:
        raise Refused("works-district", pipe=strange[0])


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
    check_day(made.date)
    if not made.assets:
        raise BadInput("proof-pipes", id=made.id)
    with store.change(city, who=person.account, why=f"{KIND_OF[type(made)]} {made.id}") as change:
        ledger = read_ledger(store, city)
        project, lot = project_of(ledger, made.project, made.lot or "?")
        demand_part(person, PROVING, city, project, lot)
        if (KIND_OF[type(made)], made.id) in ledger.filed:
            raise Refused("proof-twice", id=made.id)
        _of_project(ledger.places(), made, project)
        check_files(store, city, project.id, _files(made))
        made = replace(made, simulated=made.simulated or project.simulated)
        change.add_records(KIND_OF[type(made)], [made])
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
        simulated = store.city(city).simulated
        return change.add_records("team", [replace(team, simulated=simulated) for team in teams])


def in_project(places: Mapping[str, Place], assets: Sequence[str], project: Project) -> None:
    """Refuse pipes that are in no lot of a project."""
    for name in assets:
        if name not in places or places[name][0].id != project.id:
            raise Unknown("works", name=name)


def _of_project(places: Mapping[str, Place], made: Evidenced, project: Project) -> None:
    """Refuse a proof of other pipes than the project's; a closed-water test may fill a free neighbour too."""
    if not isinstance(made, ClosedWaterTest):
        in_project(places, made.assets, project)
        return
    taken = [name for name in made.assets if name in places]
    in_project(places, taken or made.assets, project)


def _files(made: Evidenced) -> tuple[str, ...]:
    return made.photos if isinstance(made, HiddenWork) else (made.file,)


def check_day(day: str) -> None:
    """Refuse what is no ISO date."""
    try:
        date.fromisoformat(day[:10])
    except ValueError:
        raise BadInput("works-day", day=day) from None
