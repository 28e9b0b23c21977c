"""Where has the city no sewer within reach?"""

from typing import Annotated, Literal

from fastapi import APIRouter, Body, Query, Request, Response, UploadFile

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller, Known, State
from wenqu.api.errors import language_of
from wenqu.services.blank_areas import REACH, blank_answer, file_blank_areas
from wenqu.services.export_blank import MEDIA, export_blank
from wenqu.services.rights import demand
from wenqu.services.take_premises import premises_lists, take_premises

router = APIRouter(tags=["blank"])
Reach = Annotated[float, Query(gt=0, le=2000, description="longest house connection [m]")]
MEGABYTES = 512
Places = Annotated[str, Query(max_length=200, description="a delivered list of places; else those on file")]


@router.get("/cities/{city}/network/blank")
def blank(state: State, known: Known, who: Caller, reach: Reach = REACH, places: Places = "") -> Answer:
    """Return the areas without a sewer within reach: people, flow, districts, how they shrank."""
    demand(who, "read_attributes", state.network.city.code)
    return Answer(blank_answer(known.store, state, reach, places))


@router.get("/cities/{city}/network/blank.{form}")
def blank_as_file(
    state: State,
    known: Known,
    who: Caller,
    request: Request,
    form: Literal["csv", "gpkg", "xlsx"],
    reach: Reach = REACH,
    places: Places = "",
) -> Response:
    """Return the areas without a sewer within reach as CSV, GeoPackage or Excel workbook."""
    demand(who, "export", state.network.city.code)
    body = export_blank(known.store, state, form, language_of(request), reach, places)
    named = {"Content-Disposition": f'attachment; filename="blank-areas.{form}"'}
    return Response(body, media_type=MEDIA[form], headers=named)


@router.get("/cities/{city}/network/blank/places")
def lists(state: State, known: Known, who: Caller, city: str) -> Answer:
    """Return the delivered lists of places, newest first."""
    demand(who, "read_attributes", city)
    return Answer(premises_lists(known.store, state))


@router.post("/cities/{city}/network/blank/places")
def hand_in(
    known: Known,
    who: Caller,
    city: str,
    files: list[UploadFile],
    crs: Annotated[str, Query(max_length=500, description="of a file that names none; GCJ-02, BD-09")] = "",
    overrule: Annotated[bool, Query(description="crs is right where a file names another system")] = False,
) -> Answer:
    """File lists of buildings, meters or grid cells."""
    demand(who, "import", city)
    given = ((one.filename or "", one.file) for one in files)
    made = take_premises(
        known.store, city, given, crs=crs, overrule=overrule, most=MEGABYTES << 20, who=who.account
    )
    return Answer(made, 201)


@router.post("/cities/{city}/network/blank/filed")
def file_today(
    known: Known,
    who: Caller,
    city: str,
    reach: Annotated[float, Body(gt=0, le=2000)] = REACH,
    places: Annotated[str, Body(max_length=200)] = "",
) -> Answer:
    """File the areas of today, so that later ones can be held against them."""
    demand(who, "edit_attributes", city)
    found = file_blank_areas(known.store, city, reach, places, who=who.account)
    return Answer({"filed": len(found)}, 201)
