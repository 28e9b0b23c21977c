"""What lies below our map?"""

from fastapi import APIRouter, Request

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller
from wenqu.services.base_map import show_base_map

router = APIRouter(tags=["map"])


@router.get("/basemap")
def base_map(request: Request, who: Caller) -> Answer:
    """Return the tiles of the base map with datum and credit; no tiles: plain ground."""
    return Answer(show_base_map(request.app.state.base_map, who), headers={"Cache-Control": "no-store"})
