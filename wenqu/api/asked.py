"""What may a request ask for? The parameters that several routes share."""

from datetime import date
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.concurrency import run_in_threadpool

from wenqu.services.city_state import Cities, CityState
from wenqu.services.entrance import Entrance
from wenqu.services.rights import Person
from wenqu.services.seen_city import SeenCities


async def caller(request: Request) -> Person:
    """Return who asks; no thread is waited for where the accounts are at hand."""
    door: Entrance = request.app.state.entrance
    asked = (request.headers, request.cookies, request.method)
    return door.person(*asked) if door.near else await run_in_threadpool(door.person, *asked)


Caller = Annotated[Person, Depends(caller)]


async def cities_of(request: Request, who: Caller) -> Cities:
    """Return the cities as the person who asks may see them, the store within them too."""
    known: Cities = request.app.state.cities
    return known if who.local else SeenCities(known, who)


Known = Annotated[Cities, Depends(cities_of)]
AsOf = Annotated[date | None, Query(description="a past day; today when it is left out")]
On = Annotated[
    date | None,
    Query(description="count what is stated for this day, by what is known as of `as_of`"),
]


def day_in(on: date | None) -> str:
    """Return a day that was asked for as text, "" for none."""
    return on.isoformat() if on else ""


async def state_of(known: Known, city: str, as_of: AsOf = None) -> CityState:
    """Return the state of the city named in the path, as of the day asked for."""
    day = as_of.isoformat() if as_of else ""
    found = known.at_hand(city, day)
    return await run_in_threadpool(known.state, city, day) if found is None else found


State = Annotated[CityState, Depends(state_of)]
