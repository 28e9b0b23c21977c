"""Who hears of an emergency that somebody met at an asset they may not see? Those who may see it.

The problem is filed and rings in the whole city; whoever met it is told that it was handed on, and no more.
"""

from collections.abc import Sequence
from dataclasses import replace

from wenqu.records.inspection import Inspection
from wenqu.records.problem import Problem
from wenqu.services.city_state import CityState
from wenqu.services.find_problems import file_problems
from wenqu.services.problem_places import Places
from wenqu.services.rights import WORKS, Person, allows, reach
from wenqu.store.database import Store
from wenqu.works.problem_severity import EMERGENCY, emergency

STRUCTURAL = "structural"


def whole_city(store: Store, state: CityState, person: Person) -> CityState:
    """Return the city as it is, for what must ring whoever may see it; ``state`` where that is all of it."""
    city = state.network.city.code
    return state if reach(person, "read_attributes", city).whole else CityState(store.network(city))


def may_hand_on(person: Person, city: str) -> bool:
    """Tell whether a person works anywhere in a city: only they ring where they may see nothing."""
    return any(allows(person, action, city) for action in WORKS) or allows(person, "import", city)


def ring_for_others(
    store: Store, whole: CityState, seen: Sequence[tuple[Inspection, str]], *, who: str
) -> tuple[str, ...]:
    """File the emergencies of inspections that wait for somebody who may let them in; return the alarms.

    The problem bears the number that it would have by the inspection itself: let in, it is not filed again.

    Parameters
    ----------
    store, whole
        The whole of both, not what the person sees.
    seen
        Inspections under the conduit that they are of, each with what the problem names as evidence.
    """
    found = [(one, proof, emergency(STRUCTURAL, one.defects)) for one, proof in seen if one.looked_inside]
    found = [(one, proof, why) for one, proof, why in found if why and one.asset_type == "conduit"]
    if not found:
        return ()
    place = Places(store, whole)
    made = [
        _problem(place, one, proof, why)
        for one, proof, why in found
        if whole.network.known_row("conduit", one.asset) is not None
    ]
    return file_problems(store, whole.network.city.code, made, person=Person(who)).alarms if made else ()


def _problem(place: Places, one: Inspection, proof: str, why: str) -> Problem:
    base = place.problem(STRUCTURAL, one.asset, 0, origin="cctv", found_on=one.date[:10], evidence=(proof,))
    return replace(base, severity=EMERGENCY, emergency=True, reasons=(*base.reasons, f"emergency:{why}"))
