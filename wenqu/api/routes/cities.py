"""Which cities are there, what do they have, and are they on schedule?"""

from fastapi import APIRouter

from wenqu.api.answers import Answer
from wenqu.api.asked import AsOf, Caller, Known, State
from wenqu.services.cockpit import cockpit as read_cockpit
from wenqu.services.describe_city import all_cities, describe_city
from wenqu.services.grant_places import seen_nothing
from wenqu.services.rights import demand

router = APIRouter(tags=["cities"])


@router.get("/cities")
def cities(known: Known) -> Answer:
    """Return every city of the store."""
    return Answer(all_cities(known))


@router.get("/cities/{city}/summary")
def summary(state: State, known: Known) -> Answer:
    """Return counts, lengths, districts and coordinate system of a city; why somebody sees nothing of it."""
    return Answer({**describe_city(known, state), "nothing": seen_nothing(known, state)})


@router.get("/cities/{city}/cockpit")
def cockpit(state: State, known: Known, who: Caller, as_of: AsOf = None, district: str = "") -> Answer:
    """Return every target of the programme against today, by district, with its proof."""
    demand(who, "read_attributes", state.network.city.code)  # of shapes alone every share would be nought
    return Answer(read_cockpit(known.store, state, as_of, district))
