"""Where does the water go, who is above, what crosses a border, what loses its outlet?"""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller, Known, State
from wenqu.api.errors import language_of
from wenqu.services.ask_path import ask_path
from wenqu.services.ask_plant import ask_plant
from wenqu.services.ask_profile import MEDIA, ask_profile, profile_file
from wenqu.services.ask_shut import ask_shut
from wenqu.services.ask_sources import ask_sources
from wenqu.services.isolate_district import isolate_district
from wenqu.services.rights import demand

router = APIRouter(tags=["ask"])
Id = Annotated[str, Query(min_length=1, description="id of an asset")]
Velocity = Annotated[
    float | None, Query(gt=0, le=20, description="one velocity for all links [m/s]; else just-full pipes")
]


@router.get("/cities/{city}/network/path")
def path(
    state: State,
    who: Caller,
    start: Id,
    end: Id,
    which: Literal["shortest", "all"] = "shortest",
    velocity: Velocity = None,
) -> Answer:
    """Return the way by which water gets from one asset to another."""
    demand(who, "read_attributes", state.network.city.code)
    return Answer(ask_path(state, start, end, which, velocity))


@router.get("/cities/{city}/network/plant")
def plant(state: State, who: Caller, id: Id, velocity: Velocity = None) -> Answer:  # noqa: A002 - its public name
    """Return the plant that an asset's water reaches, and where else it could go."""
    demand(who, "read_attributes", state.network.city.code)
    return Answer(ask_plant(state, id, velocity))


@router.get("/cities/{city}/network/sources")
def sources(state: State, who: Caller, id: Id, velocity: Velocity = None) -> Answer:  # noqa: A002
    """Return the drainage users and industries above an asset with flow, distance and travel time."""
    demand(who, "read_attributes", state.network.city.code)
    return Answer(ask_sources(state, id, velocity))


@router.get("/cities/{city}/network/isolate")
def isolate(state: State, who: Caller, zone: Id) -> Answer:
    """Return every link that crosses the border of a zone, in and out."""
    demand(who, "read_attributes", state.network.city.code, zone)
    return Answer(isolate_district(state, zone))


@router.get("/cities/{city}/network/shut")
def shut(state: State, who: Caller, id: Id) -> Answer:  # noqa: A002
    """Return what loses its outlet when a pipe, manhole or station is shut, and where it could go."""
    demand(who, "read_attributes", state.network.city.code)
    return Answer(ask_shut(state, id))


def ends_of(start: Id, end: Id) -> tuple[str, str]:
    """Return the two ends of a way."""
    return start, end


Ends = Annotated[tuple[str, str], Depends(ends_of)]


@router.get("/cities/{city}/network/profile")
def profile(state: State, known: Known, who: Caller, request: Request, ends: Ends) -> Answer:
    """Return the long profile between two assets: ground, inverts, crowns, levels, defects, drawing."""
    demand(who, "read_attributes", state.network.city.code)
    return Answer(ask_profile(known.store, state, *ends, language_of(request)))


@router.get("/cities/{city}/network/profile.{form}")
def profile_as_file(
    state: State,
    known: Known,
    who: Caller,
    request: Request,
    form: Literal["svg", "dxf"],
    ends: Ends,
    exaggeration: Annotated[float, Query(gt=0, le=1000, description="heights over lengths, for DXF")] = 10.0,
) -> Response:
    """Return the long profile as a drawing: SVG or DXF."""
    demand(who, "export", state.network.city.code)
    body = profile_file(known.store, state, ends, form, language_of(request), exaggeration)
    named = {"Content-Disposition": f'attachment; filename="profile.{form}"'}
    return Response(body, media_type=MEDIA[form], headers=named)
