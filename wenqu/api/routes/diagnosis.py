"""How much clean water, where, and what to measure next?"""

from fastapi import APIRouter

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller, Known, State
from wenqu.services.rights import demand
from wenqu.services.view_areas import view_areas
from wenqu.services.view_diagnosis import view_diagnosis, view_meter, view_plant
from wenqu.services.view_topology import view_topology

router = APIRouter(tags=["diagnosis"])


@router.get("/cities/{city}/diagnosis")
def diagnosis(state: State, known: Known, who: Caller) -> Answer:
    """Return every meter with all methods side by side, the plants, and the cards of the methods."""
    demand(who, "read_attributes", state.network.city.code)
    return Answer(view_diagnosis(known.store, state))


@router.get("/cities/{city}/diagnosis/areas")
def areas(state: State, known: Known, who: Caller) -> Answer:
    """Return every area between meters: its waters with interval and shares, and the fit of its meter."""
    demand(who, "read_attributes", state.network.city.code)
    return Answer(view_areas(known.store, state))


@router.get("/cities/{city}/diagnosis/meters/{id_:path}")
def meter(state: State, known: Known, who: Caller, id_: str) -> Answer:
    """Return one meter: methods, and the daily series behind them."""
    demand(who, "read_attributes", state.network.city.code)
    return Answer(view_meter(known.store, state, id_))


@router.get("/cities/{city}/diagnosis/plants/{id_:path}")
def plant(state: State, known: Known, who: Caller, id_: str) -> Answer:
    """Return one plant: from sewage at source to what arrives, where from, what to measure next."""
    demand(who, "read_attributes", state.network.city.code)
    return Answer(view_plant(known.store, state, id_))


@router.get("/cities/{city}/diagnosis/topology")
def topology(state: State, known: Known, who: Caller) -> Answer:
    """Return where the map may be wrong, both parents, the manhole to open; and meters in backwater."""
    demand(who, "read_attributes", state.network.city.code)
    return Answer(view_topology(known.store, state))
