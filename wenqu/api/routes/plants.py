"""What did a plant receive, why so thin, and how likely is its target met by when?"""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller, Known, State
from wenqu.api.receiving import content_of
from wenqu.services.rights import demand
from wenqu.services.view_plant_story import LARGEST, view_plant_record, view_plant_story

router = APIRouter(tags=["diagnosis"])
Name = Annotated[str, Query(max_length=200, description="name of the file")]
Target = Annotated[float, Query(description="BOD5 that the plant shall receive, mg/L")]


@router.get("/cities/{city}/diagnosis/plant-stories/{id_:path}")
def story(state: State, known: Known, who: Caller, id_: str) -> Answer:
    """Return the months of a plant: influent, dilution and loss, back-cast, chance of the target by date."""
    demand(who, "read_attributes", state.network.city.code)
    return Answer(view_plant_story(known.store, state, id_))


@router.post("/cities/{city}/diagnosis/plant-records")
async def record(
    request: Request, who: Caller, city: str, name: Name = "plant.csv", target: Target = 100.0
) -> Answer:
    """Return what the daily table of any plant says by itself; the body is the CSV file, nothing is kept."""
    demand(who, "read_attributes", city)
    content = await content_of(request, LARGEST)
    return Answer(await run_in_threadpool(view_plant_record, content, name, target))
