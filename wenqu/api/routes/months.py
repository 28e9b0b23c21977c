"""What happened month by month: something broke, a meter drifted, users changed?"""

from fastapi import APIRouter

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller, Known, State
from wenqu.api.census_asked import Running
from wenqu.services.follow_months import start_months
from wenqu.services.rights import demand
from wenqu.services.view_months import view_area, view_months

router = APIRouter(tags=["diagnosis"])


@router.get("/cities/{city}/months")
def months(state: State, known: Known, who: Caller) -> Answer:
    """Return what happened by the last run over the months, and what each area between meters has now."""
    demand(who, "read_attributes", state.network.city.code)
    return Answer(view_months(known.store, state, who))


@router.get("/cities/{city}/months/{asset:path}")
def area(state: State, known: Known, who: Caller, asset: str) -> Answer:
    """Return one area month by month; it is named by the meter at which it ends."""
    demand(who, "read_attributes", state.network.city.code)
    return Answer(view_area(known.store, state, asset))


@router.post("/cities/{city}/months")
def follow(known: Known, running: Running, who: Caller, city: str) -> Answer:
    """Start following the months of the whole city as a job; what broke becomes a problem."""
    demand(who, "read_attributes", city)
    return Answer(start_months(running, known.whole.store, city, person=who), 202)
