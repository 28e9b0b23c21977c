"""What could be done where and why not otherwise, and which pipes are repaired as one package."""

from collections.abc import Collection
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller, Known, State
from wenqu.services.city_state import Cities, CityState
from wenqu.services.migration_told import migration_told
from wenqu.services.package_hands import call_otherwise, let_go, put_together, undo
from wenqu.services.rights import Person, demand, reach
from wenqu.services.sight import ids_within
from wenqu.services.view_options import options_of_asset, options_of_package
from wenqu.services.view_packages import view_packages

router = APIRouter(tags=["plan"])
Id = Annotated[str, Field(max_length=200)]


class Step(BaseModel):
    """One step that makes packages by hand."""

    does: Literal["put", "rename", "release", "undo"]
    ids: Annotated[list[Id], Field(max_length=5000)] = []
    name: Id = ""
    new: Id = ""
    reason: Annotated[str, Field(max_length=2000)] = ""


def _seen(known: Cities, state: CityState, who: Person) -> Collection[str] | None:
    """Return the ids whose values a person may read, None for all of the city's."""
    city = state.network.city.code
    demand(who, "read_attributes", city)
    there = reach(who, "read_attributes", city)
    if there.whole:
        return None
    mine = ids_within(known.whole.state(city).network, there)
    return mine & {str(id_) for table in state.network.tables.values() for id_ in table.ids}


@router.get("/cities/{city}/plan/packages")
def packages(state: State, known: Known, who: Caller) -> Answer:
    """Return the packages that the plan chooses from, and the steps that made some of them by hand."""
    whole = known.whole.state(state.network.city.code, state.network.as_of)
    return Answer(view_packages(known.whole.store, whole, who, _seen(known, state, who)))


@router.post("/cities/{city}/plan/packages")
def step(known: Known, who: Caller, city: str, given: Step) -> Answer:
    """Join, split, rename or release packages by hand, or take the last step back."""
    demand(who, "decide", city)
    store, state = known.whole.store, known.whole.state(city)
    odd = []
    if given.does == "put":
        odd = put_together(store, state, given.ids, given.name, person=who, reason=given.reason)
    elif given.does == "rename":
        call_otherwise(store, state, given.name, given.new, person=who, reason=given.reason)
    elif given.does == "release":
        let_go(store, state, given.name, person=who, reason=given.reason)
    else:
        undo(store, state, person=who)
    return Answer({"notes": odd}, 201)


@router.get("/cities/{city}/plan/options")
def options(
    state: State,
    known: Known,
    who: Caller,
    asset: Annotated[str, Query(max_length=300, description="type/id")] = "",
    package: Annotated[str, Query(max_length=200)] = "",
) -> Answer:
    """Return every method at an asset or in a package with cost and effect, or why it does not fit."""
    seen = _seen(known, state, who)
    whole = known.whole.state(state.network.city.code, state.network.as_of)
    if package:
        return Answer(options_of_package(known.whole.store, whole, package, seen))
    type_, _, id_ = asset.partition("/")
    state.network.row(type_, id_)  # one that is not seen is unknown
    return Answer(options_of_asset(known.whole.store, whole, type_, id_, seen))


@router.get("/cities/{city}/plan/migration")
def migration(state: State, known: Known, who: Caller) -> Answer:
    """Return how far what the plan counts on is from what comes of it with all sealed reaches together."""
    demand(who, "read_attributes", state.network.city.code)
    whole = known.whole.state(state.network.city.code, state.network.as_of)
    return Answer(migration_told(known.whole.store, whole))
