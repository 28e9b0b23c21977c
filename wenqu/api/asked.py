"""What may a request ask for? The parameters that several routes share."""

from datetime import date
from typing import Annotated

from fastapi import Depends, Query, Request

from wenqu.services.city_state import Cities, CityState
from wenqu.services.entrance import Entrance
from wenqu.services.rights import Person
from wenqu.services.seen_city import SeenCities


def caller(request: Request) -> Person:
    """Return who asks."""
    door: Entrance = request.app.state.entrance
    return door.person(request.headers, request.cookies, request.method)


Caller = Annotated[Person, Depends(caller)]


async def cities_of(request: Request, who: Caller) -> Cities:
    """Return the cities as the person who asks may see them, the store within them too."""
    known: Cities = request.app.state.cities
    return known if who.local else SeenCities(known, who)


Known = Annotated[Cities, Depends(cities_of)]
AsOf = Annotated[date | None, Query(description="a past day; today when it is left out")]


def state_of(known: Known, city: str, as_of: AsOf = None) -> CityState:
    """Return the state of the city named in the path, as of the day asked for."""
    return known.state(city, as_of.isoformat() if as_of else "")


State = Annotated[CityState, Depends(state_of)]
