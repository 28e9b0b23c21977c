"""What does a city share, how fresh is it, and who takes it?"""

from typing import Annotated

from fastapi import APIRouter, Body, Response

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller, Known, State
from wenqu.api.routes.accounts import Door
from wenqu.services.catalogue import catalogue, set_shared

router = APIRouter(tags=["features"])


@router.get("/cities/{city}/catalogue")
def what_is_shared(state: State, known: Known, who: Caller, door: Door) -> Answer:
    """Return what the city shares: registers, how fresh, in which forms, and who took them last."""
    return Answer(catalogue(known, state, who, door.accounts if door.guarded else None))


@router.post("/cities/{city}/catalogue/{type_}/shared", status_code=204)
def share_or_withhold(
    known: Known, who: Caller, city: str, type_: str, shared: Annotated[bool, Body(embed=True)]
) -> Response:
    """Share a register with those who only read the city, or keep it from them."""
    set_shared(known.whole.store.accounts, who, city, type_, shared=shared)
    return Response(status_code=204)
