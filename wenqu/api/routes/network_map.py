"""What does the map draw, what lies above and below, and where is what one looks for?"""

import shutil
import tempfile
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response
from fastapi import Path as InPath
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller, Known, State
from wenqu.services.map_legend import map_legend
from wenqu.services.map_tiles import map_of
from wenqu.services.pack_tiles import pack_tiles
from wenqu.services.print_map import print_map
from wenqu.services.print_place import Order, box_of, show_print_frame
from wenqu.services.rights import demand
from wenqu.services.search_assets import search_assets
from wenqu.services.trace_network import trace_network

router = APIRouter(tags=["map"])
PRINT_SCALE = Query(ge=0, le=10_000_000, description="one to so many; 0: what shows the box")


def order_of(
    by: str = "system",
    paper: str = "A3",
    landscape: bool = True,
    scale: Annotated[float, PRINT_SCALE] = 0.0,
    box: Annotated[str, Query(description="west,south,east,north")] = "",
    title: Annotated[str, Query(max_length=120)] = "",
    language: str = "zh",
) -> Order:
    """Return what is to be printed."""
    return Order(by, paper, landscape, scale, box_of(box), title, language)


Zoom = Annotated[int, InPath(ge=0, le=22)]
Datum = Literal["", "gcj02"]
Cell = Annotated[int, InPath(ge=0, lt=2**22)]


@router.get("/cities/{city}/tiles/{z}/{x}/{y}.mvt")
def tile(state: State, known: Known, z: Zoom, x: Cell, y: Cell, datum: Datum = "") -> Response:
    """Return one vector tile of the city, gzipped; 204 where nothing lies. ``datum``: of the base map."""
    body = map_of(known.store, state, datum).tile(z, x, y)
    headers = {"Cache-Control": "max-age=60"}
    if not body:
        return Response(status_code=204, headers=headers)
    return Response(
        body, media_type="application/vnd.mapbox-vector-tile", headers={**headers, "Content-Encoding": "gzip"}
    )


@router.get("/cities/{city}/map.pmtiles")
def archive(city: str, state: State, known: Known, who: Caller) -> FileResponse:
    """Return the whole map of the city as one PMTiles archive."""
    demand(who, "export", city)
    folder = Path(tempfile.mkdtemp(prefix="wenqu-tiles-"))
    pack_tiles(known.store, state, folder / "map.pmtiles")
    done = BackgroundTask(shutil.rmtree, folder)
    return FileResponse(folder / "map.pmtiles", filename=f"{city}.pmtiles", background=done)


@router.get("/cities/{city}/map.pdf")
def printed(
    city: str, state: State, known: Known, who: Caller, order: Annotated[Order, Depends(order_of)]
) -> Response:
    """Return a place of the map as a sheet of paper, true to scale."""
    demand(who, "read_geometry", city)
    made = print_map(known.store, state, order)
    headers = {"Content-Disposition": 'attachment; filename="map.pdf"'}
    return Response(made, media_type="application/pdf", headers=headers)


@router.get("/cities/{city}/print-frame")
def print_frame(city: str, state: State, who: Caller, order: Annotated[Order, Depends(order_of)]) -> Answer:
    """Return the ring of the ground that the sheet will show, and its scale."""
    demand(who, "read_geometry", city)
    return Answer(show_print_frame(state, order))


@router.get("/cities/{city}/legend")
def legend(city: str, state: State, known: Known, who: Caller, by: str = "system") -> Answer:
    """Return number and length of the conduits in each class of the map's legend."""
    demand(who, "read_geometry", city)
    return Answer(map_legend(known.store, state, by))


@router.get("/cities/{city}/trace")
def trace(state: State, id: str, direction: Literal["up", "down"] = "down") -> Answer:  # noqa: A002 - its public name
    """Return what lies above or below a node or link."""
    return Answer(trace_network(state, id, direction))


@router.get("/cities/{city}/search")
def search(state: State, q: Annotated[str, Query(min_length=1, max_length=100)]) -> Answer:
    """Return the assets whose id or name holds the words."""
    return Answer(search_assets(state, q))
