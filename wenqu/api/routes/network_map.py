"""What does the map draw, what lies above and below, and where is what one looks for?"""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response

from wenqu.api.answers import Answer
from wenqu.api.asked import Known, State
from wenqu.services.map_tiles import map_of
from wenqu.services.search_assets import search_assets
from wenqu.services.trace_network import trace_network

router = APIRouter(tags=["map"])
Zoom = Annotated[int, Path(ge=0, le=22)]
Cell = Annotated[int, Path(ge=0, lt=2**22)]


@router.get("/cities/{city}/tiles/{z}/{x}/{y}.mvt")
def tile(state: State, known: Known, z: Zoom, x: Cell, y: Cell) -> Response:
    """Return one vector tile of the city, gzipped; 204 where nothing lies."""
    body = map_of(known.store, state).tile(z, x, y)
    headers = {"Cache-Control": "max-age=60"}
    if not body:
        return Response(status_code=204, headers=headers)
    return Response(
        body, media_type="application/vnd.mapbox-vector-tile", headers={**headers, "Content-Encoding": "gzip"}
    )


@router.get("/cities/{city}/trace")
def trace(state: State, id: str, direction: Literal["up", "down"] = "down") -> Answer:  # noqa: A002 - its public name
    """Return what lies above or below a node or link."""
    return Answer(trace_network(state, id, direction))


@router.get("/cities/{city}/search")
def search(state: State, q: Annotated[str, Query(min_length=1, max_length=100)]) -> Answer:
    """Return the assets whose id or name holds the words."""
    return Answer(search_assets(state, q))
