"""What does a city share, how fresh is it, and who takes it?"""

from fastapi import APIRouter

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller, Known, State
from wenqu.api.routes.accounts import Door
from wenqu.services.catalogue import catalogue

router = APIRouter(tags=["features"])


@router.get("/cities/{city}/catalogue")
def what_is_shared(state: State, known: Known, who: Caller, door: Door) -> Answer:
    """Return what the city shares: registers, how fresh, in which forms, and who took them last."""
    return Answer(catalogue(known, state, who, door.accounts if door.guarded else None))
