"""What was drawn on the map, as a selection: counted, listed, given out."""

import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field
from starlette.background import BackgroundTask

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller, State
from wenqu.services.rights import demand
from wenqu.services.select_assets import Selections, chosen, count_selection, export_selection, ids_inside
from wenqu.services.told_losses import selection_losses

router = APIRouter(tags=["map"])


def kept_selections(request: Request) -> Selections:
    """Return the selections of the running interface."""
    kept: Selections = request.app.state.selections
    return kept


Kept = Annotated[Selections, Depends(kept_selections)]


class Asked(BaseModel):
    """What is to be selected."""

    ring: list[tuple[float, float]] = Field(default_factory=list, description="corners: longitude, latitude")
    types: list[str] = Field(default_factory=list, description="asset types; all when it is empty")
    ids: dict[str, list[str]] = Field(default_factory=dict, description="ids by type, instead of a ring")


@router.post("/cities/{city}/selections")
def select(city: str, asked: Asked, state: State, who: Caller, kept: Kept) -> Answer:
    """Choose the assets inside a ring, or those named, and return what the selection holds."""
    demand(who, "read_attributes" if asked.ids else "read_geometry", city)
    named = {name: tuple(some) for name, some in asked.ids.items()}
    made = kept.keep(city, who.account, named or ids_inside(state, asked.ring, tuple(asked.types)))
    return Answer(count_selection(state, made))


@router.get("/cities/{city}/selections/{selection}")
def selection(city: str, selection: str, state: State, who: Caller, kept: Kept) -> Answer:
    """Return what a selection holds: counts by type, lengths by kind of water."""
    demand(who, "read_attributes", city)
    return Answer(count_selection(state, kept.of(city, who.account, selection)))


@router.get("/cities/{city}/selections/{selection}/ids")
def selected_ids(city: str, selection: str, state: State, who: Caller, kept: Kept) -> Answer:
    """Return the ids of a selection by type."""
    demand(who, "read_attributes", city)
    tables = chosen(state, kept.of(city, who.account, selection).ids)
    return Answer({name: table.ids.tolist() for name, table in tables.items()})


@router.get("/cities/{city}/selections/{selection}/export.{kind}/losses")
def not_in_file(
    city: str, selection: str, kind: Literal["csv", "geojson", "gpkg"], state: State, who: Caller, kept: Kept
) -> Answer:
    """Return what such a file would not give back, to be told before it is taken."""
    demand(who, "export", city)
    return Answer(selection_losses(state, kept.of(city, who.account, selection), kind))


@router.get("/cities/{city}/selections/{selection}/export.{kind}")
def selected_file(
    city: str, selection: str, kind: Literal["csv", "geojson", "gpkg"], state: State, who: Caller, kept: Kept
) -> FileResponse:
    """Give a selection out as a file; several files come as one archive."""
    demand(who, "export", city)
    folder = Path(tempfile.mkdtemp(prefix="wenqu-selection-"))
    files = export_selection(state, kept.of(city, who.account, selection), folder / f"{city}.{kind}")
    if len(files) != 1:
        with zipfile.ZipFile(folder / f"{city}-{kind}.zip", "w", zipfile.ZIP_DEFLATED) as packed:
            for file in files:
                packed.write(file, file.name)
        files = [folder / f"{city}-{kind}.zip"]
    return FileResponse(files[0], filename=files[0].name, background=BackgroundTask(shutil.rmtree, folder))
