"""Searches for a source, manhole by manhole: started, sampled, looked at."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller, Known, State
from wenqu.records.search import Search, SearchEvent
from wenqu.services.rights import demand
from wenqu.services.source_searches import report_step, start_search
from wenqu.services.trace_city_discharge import QUANTITIES, trace_city_discharge
from wenqu.services.view_searches import view_search, view_searches

router = APIRouter(tags=["searches"])
Name = Annotated[str, Field(max_length=200)]
Asset = Annotated[str, Field(max_length=400)]
Text = Annotated[str, Field(max_length=2000)]
Share = Annotated[float, Field(gt=0, lt=1)]
Value = Annotated[float, Field(allow_inf_nan=False)]
Degrees = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Left = Annotated[list[str], Query(max_length=200, description="meters that shall not count")]
Kinds = Annotated[list[str], Query(max_length=8, description="ph, conductivity, cod, nh3n")]
Moment = Annotated[str, Query(max_length=40, description="ISO time, as 2026-03-02T08:00")]


class Begun(BaseModel):
    """A search as it is started."""

    start: Asset
    what: Text
    id: Annotated[str, Field(max_length=64)] = ""
    hit: Share = 0.95
    false: Share = 0.05
    tracer: Annotated[list[Value], Field(max_length=4)] = []
    unit: Name = ""
    others: Annotated[float, Field(ge=0, le=50)] = 0.5
    radius: Annotated[float, Field(gt=0, le=10_000)] = 200.0
    sure: Share = 0.965
    crews: Annotated[int, Field(ge=1, le=6)] = 1


class Step(BaseModel):
    """A sample, its taking back, a source found or stopped, the end."""

    step: Name
    asset: Asset = ""
    answer: Name = ""
    value: Value | None = None
    of: Annotated[str, Field(max_length=64)] = ""
    note: Text = ""
    place: Annotated[list[Degrees], Field(max_length=2)] = []
    id: Annotated[str, Field(max_length=64)] = ""
    written_at: Annotated[str, Field(max_length=40)] = ""


@router.get("/cities/{city}/searches")
def listed(state: State, known: Known, who: Caller) -> Answer:
    """Return the searches for a source that the caller may see, the latest first."""
    demand(who, "read_attributes", state.network.city.code)
    return Answer(view_searches(known.whole.store, state, who))


@router.post("/cities/{city}/searches")
def start(state: State, known: Known, who: Caller, city: str, given: Begun) -> Answer:
    """Start a search above the place where the water was noticed."""
    demand(who, "read_attributes", city)
    asked = Search(**given.model_dump(exclude={"tracer"}), tracer=tuple(given.tracer))
    return Answer({"id": start_search(known.whole.store, state, asked, person=who).search.id}, 201)


@router.get("/cities/{city}/searches/{search}")
def one(state: State, known: Known, who: Caller, search: str) -> Answer:
    """Return what the samples say, which manhole to open next and why, and the region that is left."""
    demand(who, "read_attributes", state.network.city.code)
    whole = known.whole.state(state.network.city.code, state.network.as_of)
    return Answer(view_search(known.whole.store, whole, state, search, who))


@router.post("/cities/{city}/searches/{search}/steps")
def step(state: State, known: Known, who: Caller, city: str, search: str, given: Step) -> Answer:
    """File a sample of a manhole, take one back, name a source found or stopped, or end the search."""
    demand(who, "read_attributes", city)
    asked = SearchEvent(
        **{**given.model_dump(), "place": tuple(given.place), "search": search, "at": "", "by": ""}
    )
    report_step(known.whole.store, state, search, asked, person=who)
    return Answer(view_search(known.whole.store, known.whole.state(city), state, search, who), 201)


@router.get("/cities/{city}/discharge")
def discharge(
    state: State, known: Known, who: Caller, since: Moment, until: Moment,
    without: Left = [], quantity: Kinds = list(QUANTITIES),  # noqa: B006 - read, never changed
) -> Answer:  # fmt: skip
    """Return where a discharge came from that sensors saw between two times, why, and the next sample."""
    demand(who, "read_attributes", state.network.city.code)
    return Answer(trace_city_discharge(known.store, state, since, until, without, quantity))
