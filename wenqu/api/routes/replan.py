"""A programme made anew: what is otherwise, a proposal, filing it, the history, relaxing rules, verifying."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller, Known, State
from wenqu.api.census_asked import Running
from wenqu.api.errors import language_of
from wenqu.services.file_replan import file_replan
from wenqu.services.relax_rules import relax_rules, relaxations
from wenqu.services.replan_asked import MOST, Asked
from wenqu.services.rights import allows, demand
from wenqu.services.start_replan import start_replan
from wenqu.services.verify_plan import filed_programme, proof_of, verify_plan
from wenqu.services.view_jobs import job_row
from wenqu.services.view_replan import view_difference, view_history, view_proposal, what_to_ask
from wenqu.services.whole_reading import demand_whole
from wenqu.services.write_certificate import certificate_archive

router = APIRouter(tags=["plan"])
SECONDS = 60.0  # [s] of the solver where no setting says otherwise
Name = Annotated[str, Field(max_length=200)]
Names = Annotated[list[Name], Field(max_length=MOST)]
Why = Annotated[str, Field(max_length=2000)]
Id = Annotated[str, Query(max_length=64, description="id of a programme")]


class Wanted(BaseModel):
    """What is to be otherwise; what is left out is as it is."""

    prices: Annotated[list[tuple[Name, float]], Field(max_length=MOST)] = []
    rules: Annotated[str, Field(max_length=100_000)] = ""
    accepted: Names = []
    cancelled: Names = []
    failed: Names = []


class Reasoned(BaseModel):
    """Why."""

    why: Why = ""


class Filed(Reasoned):
    """Why a proposal becomes the programme, and that it may be one that misses rules."""

    although: bool = False


class Relaxed(Reasoned):
    """Which rules give way: places in the list of a programme, all when empty."""

    programme: Name = ""
    which: Annotated[list[int], Field(max_length=1000)] = []
    instead: bool = False  # the target rather than what causes that it is missed


@router.get("/cities/{city}/plan/again")
def asking(request: Request, state: State, known: Known, who: Caller) -> Answer:
    """Return what is otherwise than when the programme was made, and what can be asked to be otherwise."""
    demand(who, "read_attributes", state.network.city.code)
    demand_whole(known.store, state.network.city.code)
    return Answer(what_to_ask(known.store, state, who, language_of(request)))


@router.post("/cities/{city}/plan/again")
def again(request: Request, known: Known, running: Running, who: Caller, city: str, given: Wanted) -> Answer:
    """Start making the programme anew as a job; its result names the proposal."""
    demand(who, "read_attributes", city)
    asked = Asked(
        tuple(given.prices), given.rules, tuple(given.accepted), tuple(given.cancelled), tuple(given.failed)
    )
    seconds = float(getattr(request.app.state, "solver_seconds", SECONDS))
    job = start_replan(running, known.whole.store, city, asked, seconds=seconds, person=who)
    return Answer(job_row(job, language_of(request)), 202)


@router.get("/cities/{city}/plan/proposals/{id_}")
def proposal(request: Request, state: State, known: Known, who: Caller, id_: str) -> Answer:
    """Return a proposal: its difference to the programme, the facts behind it, whether it can be filed."""
    demand(who, "read_attributes", state.network.city.code)
    demand_whole(known.store, state.network.city.code)
    return Answer(view_proposal(known.store, state, id_, who, language_of(request)))


@router.post("/cities/{city}/plan/proposals/{id_}/filings")
def file(known: Known, who: Caller, city: str, id_: str, given: Filed) -> Answer:
    """File a proposal as the city's programme, with its rules, prices and proof."""
    demand(who, "read_attributes", city)
    made = file_replan(known.whole.store, city, id_, why=given.why, person=who, although=given.although)
    return Answer({"id": made.id}, 201)


@router.get("/cities/{city}/plan/history")
def history(state: State, known: Known, who: Caller) -> Answer:
    """Return the programmes that were filed, newest first."""
    demand(who, "read_attributes", state.network.city.code)
    demand_whole(known.store, state.network.city.code)
    return Answer(view_history(known.store, state))


@router.get("/cities/{city}/plan/difference")
def difference(request: Request, state: State, known: Known, who: Caller, before: Id, after: Id) -> Answer:
    """Return the difference between two programmes that were filed."""
    demand(who, "read_attributes", state.network.city.code)
    demand_whole(known.store, state.network.city.code)
    return Answer(view_difference(known.store, state, before, after, language_of(request)))


@router.get("/cities/{city}/plan/relaxations")
def relaxing(request: Request, state: State, known: Known, who: Caller) -> Answer:
    """Return which rules are missed, the smallest change that lets each go, and what plants can reach."""
    demand(who, "read_attributes", state.network.city.code)
    demand_whole(known.store, state.network.city.code)
    return Answer(relaxations(known.store, state, language_of(request)))


@router.post("/cities/{city}/plan/relaxations")
def relax(known: Known, who: Caller, city: str, given: Relaxed) -> Answer:
    """Let rules go as a new version of the city's rules, with who and why."""
    demand(who, "read_attributes", city)
    patch = relax_rules(
        known.whole.store, city, given.programme, given.which,
        why=given.why, person=who, instead=given.instead,
    )  # fmt: skip
    return Answer({"rules": patch}, 201)


@router.get("/cities/{city}/plan/certificate")
def certificate(state: State, known: Known, who: Caller, programme: Id = "") -> Response:
    """Return the certificate of a programme as a ZIP archive: rules as rows, options, prices, plan."""
    demand(who, "export", state.network.city.code)
    demand_whole(known.store, state.network.city.code)
    city = state.network.city.code
    made, at = filed_programme(known.store, city, programme)
    body = certificate_archive(proof_of(known.store, city, made.id, at))
    named = {"Content-Disposition": 'attachment; filename="programme-certificate.zip"'}
    return Response(body, media_type="application/zip", headers=named)


@router.get("/cities/{city}/plan/verification")
def verification(request: Request, state: State, known: Known, who: Caller, programme: Id = "") -> Answer:
    """Return whether a programme holds: every line and rule recomputed from its proof, without a solver."""
    demand(who, "read_attributes", state.network.city.code)
    demand_whole(known.store, state.network.city.code)
    code = state.network.city.code
    told = verify_plan(known.store, state, language_of(request), programme)
    return Answer({**told, "may_take": allows(who, "export", code)})
