"""The HTTP interface, version 1: every route, who may call it, and how errors leave."""

from fastapi import APIRouter, Depends, FastAPI

from wenqu.api import errors
from wenqu.api.asked import caller
from wenqu.api.routes import (
    accounts,
    ask,
    assets,
    balance,
    base_map,
    blank,
    catalogue,
    choices,
    cities,
    consultations,
    deliveries,
    diagnosis,
    documents,
    effects,
    elsewhere,
    features,
    field,
    figures,
    inspection_cycles,
    inspections,
    jobs,
    money,
    money_files,
    months,
    network_map,
    official,
    orders,
    packages,
    papers,
    placement,
    plan,
    plan_rules,
    plants,
    prices,
    problem_files,
    problem_rules,
    problem_steps,
    problems,
    programme_tables,
    projects,
    proofs,
    queue,
    rainfall,
    registers,
    replan,
    schedule,
    searches,
    selections,
    words,
)
from wenqu.services.base_map import BaseMap
from wenqu.services.city_state import Cities
from wenqu.services.entrance import Entrance
from wenqu.services.select_assets import Selections

VERSION = "/api/v1"
GUARDED = (  # tried in this order: what is asked most stands first
    registers,
    accounts,
    elsewhere,
    cities,
    network_map,
    base_map,
    selections,
    ask,
    blank,
    assets,
    balance,
    diagnosis,
    placement,
    plants,
    plan,
    prices,
    packages,
    schedule,
    replan,
    plan_rules,
    documents,
    papers,
    official,
    consultations,
    features,
    catalogue,
    choices,
    deliveries,
    queue,
    inspection_cycles,
    problem_files,
    problem_rules,
    problem_steps,
    problems,
    programme_tables,
    inspections,
    projects,
    proofs,
    effects,
    rainfall,
    money,
    money_files,
    months,
    orders,
    searches,
    field,
    figures,
    jobs,
)


def make_api(known: Cities, entrance: Entrance | None = None) -> FastAPI:
    """Return the HTTP interface over a store's cities.

    Parameters
    ----------
    known
        The states of the cities.
    entrance
        The door with the accounts; without one every caller is local, for a service that only this process
        asks (tests, programs).
    """
    app = FastAPI(
        title="Wenqu", version="1", docs_url=None, redoc_url=None, openapi_url=f"{VERSION}/openapi.json"
    )
    app.state.cities = known
    app.state.selections = Selections()
    app.state.base_map = BaseMap()
    app.state.entrance = entrance or Entrance()
    guarded = APIRouter(prefix=VERSION, dependencies=[Depends(caller)])
    for part in GUARDED:
        guarded.include_router(part.router)
    app.include_router(guarded)
    app.include_router(words.router, prefix=VERSION)  # sentences are no secret, and a refusal needs them
    errors.install(app)
    return app
