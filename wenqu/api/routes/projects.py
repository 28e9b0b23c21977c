"""Works: projects with their pipes and gates, the sheets of proofs, their files, and teams."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from wenqu.api.answers import Answer
from wenqu.api.asked import AsOf, Caller, Known, On, State, day_in
from wenqu.api.errors import language_of
from wenqu.api.receiving import content_of
from wenqu.records.project import Lot, Party, PipeWork, Project
from wenqu.records.team import Team
from wenqu.services.attachments import LARGEST
from wenqu.services.city_state import CityState
from wenqu.services.file_works import file_project, file_teams
from wenqu.services.read_lines import LARGEST as LONGEST
from wenqu.services.read_lines import read_lines
from wenqu.services.rights import Person, demand
from wenqu.services.view_projects import pipes_seen, project_seen, view_project, view_projects
from wenqu.services.view_proofs import Reading, proof_seen, read_closed_water, view_proof
from wenqu.services.view_teams import view_teams
from wenqu.services.works_files import file_of, keep_file
from wenqu.store.database import Store

router = APIRouter(tags=["projects"])
Name = Annotated[str, Field(max_length=200)]
Text = Annotated[str, Field(max_length=2000)]
Day = Annotated[str, Field(pattern=r"^(\d{4}-\d\d-\d\d)?$")]
Kind = Literal["material", "hidden", "closed_water", "as_built", "acceptance"]
NOTHING = float("nan")


class Body(BaseModel):
    """One body that answers for works."""

    role: Literal["owner", "designer", "contractor", "supervisor", "tester"]
    body: Name
    person: Name = ""
    paper: Name = ""


class Work(BaseModel):
    """What is done to one pipe."""

    conduit: Name
    method: Name
    problems: Annotated[list[Name], Field(max_length=200)] = []


class Part(BaseModel):
    """One lot."""

    id: Annotated[str, Field(min_length=1, max_length=64)]
    name: Name
    works: Annotated[list[Work], Field(max_length=5000)]
    parties: Annotated[list[Body], Field(max_length=20)] = []


class Stated(BaseModel):
    """A project as it is filed or stated anew."""

    id: Annotated[str, Field(max_length=64, pattern=r"^[^/\\]*$")]
    name: Name
    lots: Annotated[list[Part], Field(max_length=200)]
    parties: Annotated[list[Body], Field(max_length=20)] = []
    district: Name = ""
    begins: Day = ""
    ends: Day = ""
    note: Text = ""


class Crew(BaseModel):
    """A team with what it does a working day."""

    id: Name
    name: Name
    work: Name
    rate: float
    district: Name = ""
    begins: Day = ""


class Filled(BaseModel):
    """A closed-water test while it is typed. SI."""

    assets: Annotated[list[Name], Field(max_length=50)]
    head: float = NOTHING
    soak: float = NOTHING
    duration: float = NOTHING
    water: float = NOTHING
    length: float = NOTHING


@dataclass(frozen=True, slots=True)
class Seen:
    """A city whole, and what of it the caller may read: projects are judged in the whole of it."""

    store: Store
    state: CityState
    person: Person
    conduits: frozenset[str] | None


def seen_of(known: Known, who: Caller, city: str, as_of: AsOf = None) -> Seen:
    """Return the city named in the path as of the day asked for."""
    demand(who, "read_attributes", city)
    day = as_of.isoformat() if as_of else ""
    all_ = known.store.sees_all(city)
    ids = None if all_ else frozenset(map(str, known.state(city, day).network.table("conduit").ids))
    return Seen(known.whole.store, known.whole.state(city, day), who, ids)


Works = Annotated[Seen, Depends(seen_of)]
District = Annotated[str, Query(max_length=200, description="id of a district; all when left out")]


@router.get("/cities/{city}/projects")
def projects(works: Works, district: District = "", on: On = None) -> Answer:
    """Return the projects that the caller may know of, with how far each has come."""
    asked = (district, day_in(on))
    return Answer(view_projects(works.store, works.state, works.person, works.conduits, *asked))


@router.post("/cities/{city}/projects")
def state_project(known: Known, who: Caller, city: str, given: Stated) -> Answer:
    """File a project with lots, pipes and parties, or state it anew."""
    demand(who, "decide", city)
    facts = given.model_dump(exclude={"lots", "parties"})
    lots = tuple(
        Lot(
            part.id,
            part.name,
            tuple(PipeWork(one.conduit, one.method, problems=tuple(one.problems)) for one in part.works),
            _parties(part.parties),
        )
        for part in given.lots
    )
    made = Project(**facts, lots=lots, parties=_parties(given.parties))
    return Answer({"id": file_project(known.whole.store, city, made, person=who).id}, 201)


def _parties(some: list[Body]) -> tuple[Party, ...]:
    return tuple(Party(**one.model_dump()) for one in some if one.body.strip())


@router.get("/cities/{city}/projects/{project}")
def one_project(works: Works, request: Request, project: str, on: On = None) -> Answer:
    """Return one project: parties, lots, and each pipe with its proofs and what it lacks."""
    asked = (language_of(request), day_in(on))
    return Answer(view_project(works.store, works.state, project, works.person, works.conduits, *asked))


@router.post("/cities/{city}/projects/{project}/files")
async def keep(request: Request, known: Known, who: Caller, city: str, project: str, name: str) -> Answer:
    """Keep a file with a project; the body is the file, the answer what a proof names."""
    demand(who, "read_attributes", city)
    content = await content_of(request, LARGEST)
    given = (known.whole.store, city, project, name, content)
    return Answer({"evidence": await run_in_threadpool(keep_file, *given, person=who)}, 201)


@router.get("/cities/{city}/projects/{project}/files/{digest}/{name}")
def file(works: Works, city: str, project: str, digest: str, name: str) -> Response:
    """Return one file of a project."""
    project_seen(works.store, works.state, project, works.person, works.conduits)
    content, headers = file_of(works.store, city, project, digest, name)
    return Response(content, headers=headers)


@router.post("/cities/{city}/projects/{project}/lines")
async def lines(request: Request, works: Works, project: str, name: str, crs: str = "") -> Answer:
    """Return the lines of a file of what was built, in degrees; nothing is filed."""
    project_seen(works.store, works.state, project, works.person, works.conduits)
    content = await content_of(request, LONGEST)
    return Answer(await run_in_threadpool(read_lines, works.state, name, content, crs))


@router.get("/cities/{city}/proofs/{kind}/{id}")
def proof(works: Works, request: Request, kind: Kind, id: str) -> Answer:  # noqa: A002 - as it is called
    """Return the sheet of one proof: what was stated, the day it was filed, its files."""
    proof_seen(works.store, works.state, kind, id, works.person, works.conduits)
    return Answer(view_proof(works.store, works.state, kind, id, language_of(request)))


@router.post("/cities/{city}/closed-water")
def closed_water(works: Works, request: Request, given: Filled) -> Answer:
    """Return what may leak in a closed-water test and whether it is passed; nothing is filed."""
    pipes_seen(works.store, works.state, given.assets, works.person, works.conduits)
    facts = given.model_dump(exclude={"assets"})
    reading = Reading(tuple(given.assets), **facts)
    return Answer(read_closed_water(works.store, works.state, reading, language_of(request)))


@router.get("/cities/{city}/teams")
def teams(state: State, known: Known, who: Caller) -> Answer:
    """Return the teams that look or mend, with what each does a working day."""
    demand(who, "read_attributes", state.network.city.code)
    return Answer(view_teams(known.whole.store, state))


@router.post("/cities/{city}/teams")
def state_teams(
    known: Known, who: Caller, city: str, given: Annotated[list[Crew], Field(max_length=500)]
) -> Answer:
    """File teams, or state them anew; a rate of 0 ends one."""
    demand(who, "decide", city)
    made = [Team(**one.model_dump()) for one in given]
    return Answer({"count": file_teams(known.whole.store, city, made, person=who)}, 201)
