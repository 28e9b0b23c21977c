"""What else could be chosen: have it worked out, look at it, make one alternative the programme."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller, Known, State
from wenqu.api.census_asked import Running
from wenqu.api.errors import language_of
from wenqu.services.choices_asked import Wanted
from wenqu.services.choose_plan import choose_plan, may_choose
from wenqu.services.plan_why import view_why
from wenqu.services.rights import demand
from wenqu.services.start_choices import start_choices
from wenqu.services.start_why import start_why
from wenqu.services.view_choices import view_choices, view_differences
from wenqu.services.view_jobs import job_row
from wenqu.services.whole_reading import demand_whole

router = APIRouter(tags=["plan"])
Level = Annotated[float, Field(ge=0.5, le=0.999)]
Side = Annotated[Literal["", "in", "out"], Query(description="in: of the programme; out: not")]
Text = Annotated[str, Query(max_length=200, description="part of a name")]
Asset = Annotated[str, Query(max_length=400, description="type/id: packages with this asset")]


class Asked(BaseModel):
    """Which alternatives, steps and unknowns are worked out."""

    probabilities: Annotated[list[Level], Field(max_length=8)] = [0.5, 0.7, 0.8, 0.9, 0.95]
    budget: Annotated[float, Field(gt=0, le=1)] = 0.8
    later: Annotated[int, Field(ge=0, le=10)] = 1
    share: Annotated[float, Field(ge=0, lt=1)] = 0.1
    money: Annotated[float, Field(gt=0, le=1e12)] = 1e6
    crew_days: Annotated[float, Field(gt=0, le=1e6)] = 220.0
    knowing: Annotated[int, Field(ge=0, le=10)] = 3
    draws: Annotated[int, Field(ge=2, le=20)] = 6


class Reason(BaseModel):
    """Why an alternative is chosen."""

    reason: Annotated[str, Field(max_length=2000)]
    although: bool = False  # it may be one that misses rules


@router.get("/cities/{city}/plan/choices")
def choices(request: Request, state: State, known: Known, who: Caller) -> Answer:
    """Return chances, alternatives, steps of the rules and what is worth knowing, as worked out last."""
    demand(who, "read_attributes", state.network.city.code)
    demand_whole(known.store, state.network.city.code)
    return Answer(view_choices(known.whole.store, state, who, language_of(request)))


@router.post("/cities/{city}/plan/choices")
def work_out(
    request: Request, running: Running, known: Known, who: Caller, city: str, asked: Asked
) -> Answer:
    """Start to work out alternatives and answers; the job files them beside the programme."""
    wanted = Wanted(**{**asked.model_dump(), "probabilities": tuple(asked.probabilities)})
    job = start_choices(running, known.whole.store, city, wanted, who)
    return Answer(job_row(job, language_of(request)), 202)


@router.get("/cities/{city}/plan/choices/{id_}")
def differences(state: State, known: Known, who: Caller, id_: str) -> Answer:
    """Return package by package how an alternative differs from the programme."""
    demand(who, "read_attributes", state.network.city.code)
    demand_whole(known.store, state.network.city.code)
    return Answer(view_differences(known.whole.store, state, id_))


@router.post("/cities/{city}/plan/choices/{id_}/choose")
def choose(known: Known, who: Caller, city: str, id_: str, given: Reason) -> Answer:
    """Make an alternative the programme, with its rules and its proof."""
    store, why = known.whole.store, given.reason
    made = choose_plan(store, city, id_, person=who, reason=why, although=given.although)
    return Answer({"programme": made.id}, 201)


@router.get("/cities/{city}/plan/why")
def why(
    request: Request,
    state: State,
    known: Known,
    who: Caller,
    asset: Asset = "",
    only: Side = "",
    find: Text = "",
) -> Answer:
    """Return why packages are in the programme or not, each in a sentence with its numbers."""
    demand(who, "read_attributes", state.network.city.code)
    told = view_why(known.whole.store, state, language_of(request), asset=asset, only=only, find=find)
    may = not state.network.as_of and may_choose(who, state.network.city.code)
    return Answer({**told, "may": may})


@router.post("/cities/{city}/plan/why")
def renew(request: Request, running: Running, known: Known, who: Caller, city: str) -> Answer:
    """Start to work out anew, for the programme that stands, why packages are in it or not."""
    job = start_why(running, known.whole.store, city, who)
    return Answer(job_row(job, language_of(request)), 202)
