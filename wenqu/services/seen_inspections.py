"""Which inspections has a city, how did they come, and which survey of its pipe is each part of?"""

import math

from wenqu.errors import Unknown
from wenqu.records.handed import Handed
from wenqu.records.inspection import Inspection
from wenqu.records.withdrawal import Withdrawal
from wenqu.services.city_state import CityState
from wenqu.services.sounded_inspections import Sounded, sounded_by
from wenqu.services.standing_inspections import withdrawn
from wenqu.standards.inspection_methods import sees_structure
from wenqu.store.database import Store
from wenqu.survey.both_ends import PipeSurvey, joined
from wenqu.survey.counting import Counting, counting
from wenqu.survey.matching import Pipe, pipes_of


def filed_inspections(store: Store, state: CityState) -> list[Inspection]:
    """Return every inspection that counts, oldest first; read once for each state of it."""

    def read() -> list[Inspection]:
        gone = withdrawals(store, state)
        return [one for one in every_inspection(store, state) if one.id not in gone]

    return state.once("standing inspections", read)


def every_inspection(store: Store, state: CityState) -> list[Inspection]:
    """Return every inspection that was ever filed, the withdrawn ones too."""
    return every_sounded(store, state).rows


def every_sounded(store: Store, state: CityState) -> Sounded:
    """Return every inspection with what its soundings show by the bores of the network."""
    moment = state.network.as_of or None

    def read() -> Sounded:
        found = store.records(state.network.city.code, "inspection", Inspection, as_of=moment)
        if all(sees_structure(one.method) for one in found):
            return Sounded(found, frozenset())
        return sounded_by(found, handed_inspections(store, state), state.network.table("conduit"))

    return state.once("all inspections", read)


def withdrawals(store: Store, state: CityState) -> dict[str, Withdrawal]:
    """Return what became of each inspection that does not count any more."""
    moment = state.network.as_of or None
    return state.once("withdrawals", lambda: withdrawn(store, state.network.city.code, moment))


def handed_inspections(store: Store, state: CityState) -> dict[str, list[Handed]]:
    """Return how each inspection was handed over, by its id."""
    moment = state.network.as_of or None

    def read() -> dict[str, list[Handed]]:
        found: dict[str, list[Handed]] = {}
        for one in store.records(state.network.city.code, "handed", Handed, as_of=moment):
            found.setdefault(one.inspection, []).append(one)
        return found

    return state.once("handed", read)


def inspection_of(store: Store, state: CityState, id_: str) -> Inspection:
    """Return one inspection.

    Raises
    ------
    Unknown
        There is none of that id.
    """
    found = next((one for one in every_inspection(store, state) if one.id == id_), None)
    if found is None:
        raise Unknown("inspection", name=id_)
    return found


def pipe_of(state: CityState, one: Inspection) -> Pipe:
    """Return the pipe of an inspection; one without a length where the network has it no more."""
    pipe = pipes_of(state.network.table("conduit"), [one.asset]).get(one.asset)
    return pipe or Pipe(one.asset, one.start, one.end, math.nan)


def counting_of(store: Store, state: CityState, one: Inspection) -> Counting | None:
    """Return which survey of the inspection's pipe counts, of those by its standard; None of no survey."""
    runs = [
        other
        for other in filed_inspections(store, state)
        if other.asset == one.asset and other.looked_inside and other.standard == one.standard
    ]
    if not runs or not one.looked_inside:
        return None
    return counting(pipe_of(state, one), runs, every_sounded(store, state).unjudged)


def survey_of(store: Store, state: CityState, one: Inspection) -> PipeSurvey:
    """Return the survey that a run belongs to: with that from the other end, if it has one."""
    found = counting_of(store, state, one)
    return found.survey if found and found.holds(one.id) else joined(pipe_of(state, one), [one])
