"""What may a request ask for? The parameters that several routes share."""

from datetime import date
from typing import Annotated

from fastapi import Depends, Query, Request

from wenqu.services.city_state import Cities, CityState
from wenqu.services.rights import LOCAL, Person


def cities_of(request: Request) -> Cities:
    """Return the states of the cities of the running interface."""
    known: Cities = request.app.state.cities
    return known


Known = Annotated[Cities, Depends(cities_of)]
AsOf = Annotated[date | None, Query(description="a past day; today when it is left out")]


def state_of(known: Known, city: str, as_of: AsOf = None) -> CityState:
    """Return the state of the city named in the path, as of the day asked for."""
    return known.state(city, as_of.isoformat() if as_of else "")


State = Annotated[CityState, Depends(state_of)]


def caller(request: Request) -> Person:
    """Return who asks."""
    person: Person = getattr(request.state, "person", LOCAL)
    return person


Caller = Annotated[Person, Depends(caller)]
