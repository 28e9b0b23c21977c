"""How is a page that is at hand answered without the framework's own work?

The first rows of a register are what is asked most, and reading the parameters of an address through the
framework costs three times what the rows do. The same questions are put here in the same order: who asks,
may they, which state. Whatever is not plain goes the usual way.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from wenqu.api.answers import Answer
from wenqu.services.city_state import Cities
from wenqu.services.entrance import Entrance
from wenqu.services.list_register import asked_of, is_at_hand, list_register
from wenqu.services.rights import demand
from wenqu.services.seen_city import SeenCities

PLAIN = {"columns", "offset", "limit"}


class PageRoute(APIRoute):
    """A route that first tries to answer at once."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        usual = super().get_route_handler()

        async def answer(request: Request) -> Response:
            return at_once(request) or await usual(request)

        return answer


def at_once(request: Request) -> Response | None:
    """Return a page of a register, None where that would take time or is not plainly asked."""
    door: Entrance = request.app.state.entrance
    whole: Cities = request.app.state.cities
    asked, city, register = request.query_params, request.path_params["city"], request.path_params["register"]
    offset, limit = asked.get("offset", "0"), asked.get("limit", "50")
    plain = asked.keys() <= PLAIN and offset.isdecimal() and limit.isdecimal()
    if not (plain and door.near and whole.store.near):
        return None
    who = door.person(request.headers, request.cookies, request.method)
    demand(who, "read_attributes", city)
    known = whole if who.local else SeenCities(whole, who)
    state = known.at_hand(city)
    what = asked_of("", "", asked.get("columns", ""), "", int(offset), int(limit))
    if state is None or not is_at_hand(state, register, what):
        return None
    return Answer(list_register(known.store, state, register, what))
