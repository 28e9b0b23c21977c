"""Where the next meters should stand: have it worked out, look at it, take it away as a file."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller, Known, State
from wenqu.api.census_asked import Running
from wenqu.api.errors import language_of
from wenqu.services.place_meters import Wanted
from wenqu.services.rights import demand
from wenqu.services.start_placement import start_placement
from wenqu.services.view_jobs import job_row
from wenqu.services.view_placement import MEDIA, Form, export_placement, view_placement

router = APIRouter(tags=["placement"])
Shape = Annotated[Form, Query(description="csv, gpkg or xlsx")]


class Asked(BaseModel):
    """How many meters, for how much, for what."""

    meters: Annotated[int, Field(ge=1, le=200)] = 10
    budget: Annotated[float, Field(ge=0, le=1e12)] = 0.0
    stake: Annotated[str, Field(max_length=20)] = "water"
    unit: Annotated[float, Field(ge=0, le=1e6)] = 0.0
    error: Annotated[float, Field(ge=0, lt=1)] = 0.0
    sites: Annotated[str, Field(max_length=4_000_000)] = ""


@router.get("/cities/{city}/placement")
def placement(state: State, known: Known, who: Caller) -> Answer:
    """Return the meters that were last proposed, why each, what is left after it, and the bound."""
    demand(who, "read_attributes", state.network.city.code)
    return Answer(view_placement(known.whole.store, state, who))


@router.post("/cities/{city}/placement")
def place(request: Request, running: Running, known: Known, who: Caller, city: str, asked: Asked) -> Answer:
    """Start to work out where the next meters should stand; the job files its proposal."""
    demand(who, "read_attributes", city)
    job = start_placement(running, known.whole.store, city, Wanted(**asked.model_dump()), who)
    return Answer(job_row(job, language_of(request)), 202)


@router.get("/cities/{city}/placement/file")
def placement_file(
    request: Request, state: State, known: Known, who: Caller, form: Shape = "xlsx"
) -> Response:
    """Return the proposed meters as CSV, GeoPackage or an Excel workbook."""
    demand(who, "export", state.network.city.code)
    body = export_placement(known.whole.store, state, who, form, language_of(request))
    named = {"Content-Disposition": f'attachment; filename="meters.{form}"'}
    return Response(body, media_type=MEDIA[form], headers=named)
