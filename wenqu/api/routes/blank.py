"""Where has the city no sewer within reach?"""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller, Known, State
from wenqu.api.errors import language_of
from wenqu.services.blank_areas import REACH, blank_answer
from wenqu.services.export_blank import MEDIA, export_blank
from wenqu.services.rights import demand

router = APIRouter(tags=["blank"])
Reach = Annotated[float, Query(gt=0, le=2000, description="longest house connection [m]")]
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
