"""What does rain do in the sewers: by area, by meter, by event?"""

from typing import Annotated

from fastapi import APIRouter, Query

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller, Known, State
from wenqu.api.census_asked import Running
from wenqu.services.rainfall_response import begin_rainfall
from wenqu.services.rights import demand
from wenqu.services.view_rainfall import view_rainfall
from wenqu.services.view_rainfall_meter import view_rainfall_meter

router = APIRouter(tags=["diagnosis"])
Began = Annotated[str, Query(max_length=40, description="ISO time at which the rain began")]


@router.get("/cities/{city}/rainfall")
def rainfall(state: State, known: Known, who: Caller, city: str) -> Answer:
    """Return what rain does: areas with their share of the rain, meters, events, and what was left out."""
    demand(who, "read_attributes", city)
    return Answer(view_rainfall(known.store, state))


@router.post("/cities/{city}/rainfall")
def run(known: Known, running: Running, who: Caller, city: str) -> Answer:
    """Work out again what rain does in a city, as a job."""
    return Answer(begin_rainfall(running, known.whole.store, city, who), 202)


@router.get("/cities/{city}/rainfall/meters/{id_:path}")
def meter(state: State, known: Known, who: Caller, city: str, id_: str, event: Began = "") -> Answer:
    """Return one meter, and the course of one event: rain, flow, dry-day flow and model."""
    demand(who, "read_attributes", city)
    whole = (known.whole.store, known.whole.state(city, state.network.as_of))
    return Answer(view_rainfall_meter(known.store, state, id_, event, whole))
