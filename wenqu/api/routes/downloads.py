"""What does a city share, and one register of it as a file."""

from urllib.parse import quote

from fastapi import APIRouter, Response

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller, Known, State
from wenqu.api.routes.accounts import Door
from wenqu.services.catalogue import catalogue
from wenqu.services.downloads import download
from wenqu.services.note_pull import Taken, note
from wenqu.services.rights import demand

router = APIRouter(tags=["features"])


@router.get("/cities/{city}/downloads/{type_}.{form}")
def register_file(state: State, known: Known, who: Caller, city: str, type_: str, form: str) -> Response:
    """Return all assets of a type as csv, geojson or gpkg."""
    demand(who, "export", city)
    made = download(state, type_, form)
    note(known, who, city, Taken(type_, form, made.rows))
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(made.name)}",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(made.content, media_type=made.media, headers=headers)


@router.get("/cities/{city}/catalogue")
def what_is_shared(state: State, known: Known, who: Caller, door: Door) -> Answer:
    """Return what the city shares: registers, how fresh, in which forms, and who took them last."""
    return Answer(catalogue(known, state, who, door.accounts if door.guarded else None))
