"""One problem, one life: the ledger, the lists, the alarms."""

from typing import Annotated, Literal

from fastapi import APIRouter, Body, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller, Known, State
from wenqu.api.errors import language_of
from wenqu.services.find_problems import find_problems
from wenqu.services.note_alarm import note_alarm
from wenqu.services.problem_filter import Sought
from wenqu.services.problem_lists import list_file, problem_list
from wenqu.services.report_problem import report_problem
from wenqu.services.rights import demand
from wenqu.services.view_problems import view_alarms, view_problem, view_problems

router = APIRouter(tags=["problems"])
Text = Annotated[str, Field(max_length=2000)]
Name = Annotated[str, Field(max_length=200)]
Asked_ = Annotated[str, Query(max_length=200)]
Day = Annotated[str, Query(pattern=r"^(\d{4}-\d\d-\d\d)?$")]
MEDIA = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


def sought(  # noqa: PLR0913, PLR0917 a list is asked for by that much
    district: Asked_ = "", state: Asked_ = "", body: Asked_ = "", person: Asked_ = "", kind: Asked_ = "",
    origin: Asked_ = "", since: Day = "", until: Day = "",
    asset: Annotated[str, Query(max_length=400, description="type/id of an asset")] = "",
    overdue: bool = False,
) -> Sought:  # fmt: skip
    """Return which problems are asked for."""
    return Sought(district, state, body, person, kind, origin, since, until, asset, overdue)


Wanted = Annotated[Sought, Depends(sought)]


class Report(BaseModel):
    """A problem that somebody saw."""

    asset_type: Name
    asset: Name
    kind: Name
    origin: Name = "hand"
    what: Text
    found_on: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]
    start: float | None = None
    end: float | None = None
    evidence: Annotated[list[Name], Field(max_length=50)] = []


@router.get("/cities/{city}/problems")
def problems(state: State, known: Known, who: Caller, wanted: Wanted) -> Answer:
    """Return the problems that the caller may see, open and overdue ones first."""
    demand(who, "read_attributes", state.network.city.code)
    return Answer(view_problems(known.whole.store, state, who, wanted))


@router.post("/cities/{city}/problems")
def report(state: State, known: Known, who: Caller, given: Report) -> Answer:
    """File a problem that somebody saw; one that is on file takes it in as evidence, or is opened again."""
    facts = given.model_dump(exclude={"start", "end", "evidence"})
    places = {name: value for name in ("start", "end") if (value := getattr(given, name)) is not None}
    made = report_problem(
        known.whole.store, state, person=who, evidence=tuple(given.evidence), **facts, **places
    )
    return Answer(made, 201)


@router.post("/cities/{city}/problems/found")
def look(known: Known, who: Caller, city: str) -> Answer:
    """File a problem for all evidence (grades, checks, diagnosis) that has none yet."""
    demand(who, "decide", city)
    return Answer(find_problems(known.whole.store, known.whole.state(city), person=who))


@router.get("/cities/{city}/problems/lists/{name}.{form}")
def list_as_file(
    state: State, known: Known, who: Caller, request: Request, wanted: Wanted,
    name: Literal["problems", "tasks", "duties"], form: Literal["xlsx", "docx", "pdf"],
) -> Response:  # fmt: skip
    """Return the list of problems, of tasks or of who answers for what, in the official layout."""
    demand(who, "export", state.network.city.code)
    language = language_of(request)
    made = problem_list(known.whole.store, state, name, who, language, wanted)
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return Response(list_file(made, form, language), media_type=MEDIA[form], headers=headers)


@router.get("/cities/{city}/problems/{problem}")
def problem(state: State, known: Known, who: Caller, problem: str) -> Answer:
    """Return one problem with its timeline and the steps that the caller may take."""
    demand(who, "read_attributes", state.network.city.code)
    found = view_problem(known.whole.store, state, problem, who)
    return Answer(found, headers={"ETag": f'"{found["version"]}"'})


@router.get("/cities/{city}/alarms")
def alarms(known: Known, who: Caller, city: str) -> Answer:
    """Return the alarms that the caller may see, the open ones first."""
    demand(who, "read_attributes", city)
    return Answer(view_alarms(known.whole.store, city, who))


@router.post("/cities/{city}/alarms/{alarm}/noted")
def noted(
    known: Known,
    who: Caller,
    city: str,
    alarm: str,
    note: Annotated[str, Body(embed=True, max_length=2000)] = "",
) -> Answer:
    """Take note of an alarm."""
    demand(who, "read_attributes", city)
    return Answer(note_alarm(known.whole.store, city, alarm, person=who, note=note), 201)
