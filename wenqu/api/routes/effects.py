"""Did works work? Register before, say when they ended, judge once."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller, Known, State
from wenqu.services.effect_seal import seal_of
from wenqu.services.judge_effect import finish_works, judge_effect
from wenqu.services.register_effect import Wanted, register_effect
from wenqu.services.rights import allows, demand
from wenqu.services.view_bands import judging_meters, view_bands
from wenqu.services.view_effects import view_effect, view_effects

router = APIRouter(tags=["projects"])
Name = Annotated[str, Field(max_length=200)]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]
Metric = Literal["day", "night"]


class Registered(BaseModel):
    """What is stated before the works; shares as fractions."""

    meter: Name
    begins: Day
    expected: float
    id: Annotated[str, Field(max_length=64, pattern=r"^[^/\\]*$")] = ""
    name: Name = ""
    control: Name = ""
    metric: Metric = "day"
    dry_days: Annotated[int, Field(ge=0, le=720)] = 0
    rate: float = 0.025
    least: float = 0.0
    power: float = 0.8
    methods: Annotated[list[tuple[Name, float]], Field(max_length=50)] = []
    contractor: Name = ""
    project: Name = ""
    note: Annotated[str, Field(max_length=2000)] = ""


class Previewed(BaseModel):
    """What would be registered at a meter."""

    begins: Annotated[str, Field(pattern=r"^(\d{4}-\d\d-\d\d)?$")] = ""
    expected: float = 0.0
    control: Name = ""
    metric: Metric = "day"
    dry_days: Annotated[int, Field(ge=0, le=720)] = 0
    rate: Annotated[float, Field(gt=0, lt=0.5)] = 0.025
    least: Annotated[float, Field(ge=0, lt=1)] = 0.0
    power: Annotated[float, Field(ge=0.5, lt=1)] = 0.8


class Ended(BaseModel):
    """The day the works were finished."""

    date: Day


@router.get("/cities/{city}/verifications")
def effects(
    state: State,
    known: Known,
    who: Caller,
    project: Annotated[str, Query(description="only those of a project")] = "",
) -> Answer:
    """Return whether works worked: every verification, and what methods and contractors have shown."""
    may = {"may": allows(who, "decide", state.network.city.code)}
    return Answer(view_effects(known, state, project) | may)


@router.post("/cities/{city}/verifications")
def register(known: Known, who: Caller, city: str, given: Registered) -> Answer:
    """Register, before the works begin, how they will be judged; it is sealed and cannot be changed."""
    demand(who, "read_attributes", city)
    wanted = Wanted(**{**given.model_dump(exclude={"methods"}), "methods": tuple(given.methods)})
    made = register_effect(known, city, wanted, person=who)
    return Answer({"id": made.id, "seal": seal_of(made)}, 201)


@router.get("/cities/{city}/verifications/{id_}")
def effect(state: State, known: Known, who: Caller, id_: str) -> Answer:
    """Return one verification: terms, verdict, and the dry days before and after."""
    return Answer(view_effect(known, state, id_, person=who))


@router.post("/cities/{city}/verifications/{id_}/ends")
def finish(known: Known, who: Caller, city: str, id_: str, given: Ended) -> Answer:
    """File the day on which the works were finished."""
    demand(who, "read_attributes", city)
    return Answer({"date": finish_works(known, city, id_, given.date, person=who).date}, 201)


@router.post("/cities/{city}/verifications/{id_}/judgements")
def judge(known: Known, who: Caller, city: str, id_: str) -> Answer:
    """File the verdict, once enough dry days have come."""
    demand(who, "read_attributes", city)
    return Answer({"verdict": judge_effect(known, city, id_, person=who).verdict}, 201)


@router.get("/cities/{city}/null-bands")
def judging(state: State, known: Known) -> Answer:
    """Return the flow meters that works can be judged at, with how long each has read."""
    return Answer({"rows": judging_meters(known.store, state)})


@router.get("/cities/{city}/null-bands/{meter}")
def null_bands(state: State, known: Known, meter: str, given: Annotated[Previewed, Query()]) -> Answer:
    """Return how large a change must be to be seen at a meter, and the terms that would be sealed."""
    wanted = Wanted(meter, **given.model_dump())
    return Answer(view_bands(known.store, state, meter, given.control, given.metric, wanted))
