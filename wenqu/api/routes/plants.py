"""What did a plant receive, why so thin, and how likely is its target met by when?"""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller, Known, State
from wenqu.api.errors import language_of
from wenqu.api.receiving import content_of
from wenqu.services.export_backward import MEDIA
from wenqu.services.export_plant_story import story_workbook
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


@router.get("/cities/{city}/diagnosis/plant-workbooks/{id_:path}")
def story_file(state: State, known: Known, who: Caller, request: Request, id_: str) -> Response:
    """Return the story of a plant as an Excel workbook: months, loss, back-cast, chances by date."""
    demand(who, "export", state.network.city.code)
    made = view_plant_story(known.store, state, id_)
    named = {"Content-Disposition": 'attachment; filename="plant.xlsx"'}
    return Response(story_workbook(made, language_of(request)), media_type=MEDIA, headers=named)


@router.post("/cities/{city}/diagnosis/plant-records")
async def record(
    request: Request, who: Caller, city: str, name: Name = "plant.csv", target: Target = 100.0
) -> Answer:
    """Return what the daily table of any plant says by itself; the body is the CSV file, nothing is kept."""
    demand(who, "read_attributes", city)
    content = await content_of(request, LARGEST)
    return Answer(await run_in_threadpool(view_plant_record, content, name, target))
