"""The HTTP interface, version 1: every route, who may call it, and how errors leave."""

from fastapi import APIRouter, Depends, FastAPI, Request

from wenqu.api import errors
from wenqu.api.routes import (
    ask,
    assets,
    blank,
    cities,
    deliveries,
    diagnosis,
    documents,
    downloads,
    features,
    jobs,
    network_map,
    plan,
    queue,
    registers,
    selections,
    words,
)
from wenqu.errors import Refused
from wenqu.services.access import may_read
from wenqu.services.city_state import Cities
from wenqu.services.entrance import Entrance
from wenqu.services.select_assets import Selections

VERSION = "/api/v1"
GUARDED = (
    cities,
    network_map,
    selections,
    ask,
    blank,
    assets,
    registers,
    diagnosis,
    plan,
    documents,
    features,
    downloads,
    deliveries,
    queue,
    jobs,
)


def _reader(request: Request) -> None:
    token = request.app.state.token
    if not may_read(token, request.headers.get("authorization", ""), request.headers.get("host", "")):
        raise Refused("token")


def make_api(known: Cities, token: str = "") -> FastAPI:
    """Return the HTTP interface over a store's cities.

    Parameters
    ----------
    known
        The states of the cities.
    token
        What a reader must show; "" lets every reader on this machine in.
    """
    app = FastAPI(
        title="Wenqu", version="1", docs_url=None, redoc_url=None, openapi_url=f"{VERSION}/openapi.json"
    )
    app.state.cities = known
    app.state.token = token
    app.state.selections = Selections()
    app.state.entrance = Entrance()
    guarded = APIRouter(prefix=VERSION, dependencies=[Depends(_reader)])
    for part in GUARDED:
        guarded.include_router(part.router)
    app.include_router(guarded)
    app.include_router(words.router, prefix=VERSION)  # sentences are no secret, and a refusal needs them
    errors.install(app)
    return app
