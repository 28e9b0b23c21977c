"""Does what has just arrived show an emergency? Then its problem is filed and its alarm raised at once."""

from collections.abc import Collection

from wenqu.services.city_state import CityState
from wenqu.services.find_problems import file_problems
from wenqu.services.problem_evidence import emergencies_of
from wenqu.services.rights import Person
from wenqu.services.standing_inspections import standing_inspections
from wenqu.store.database import Store
from wenqu.works.problem_severity import emergency


def ring_on_arrival(store: Store, city: str, assets: Collection[str], *, who: str) -> tuple[str, ...]:
    """File the emergencies of some pipes of which something new was seen, and return the alarms raised.

    It does not ask who brought them: whoever hands in a film of a collapsed pipe raises the alarm. Other
    problems wait until somebody who decides looks for them.
    """
    seen = [one for one in standing_inspections(store, city) if one.looked_inside and one.asset in assets]
    if not any(emergency("structural", one.defects) for one in seen):
        return ()
    found = emergencies_of(store, CityState(store.network(city)), assets)
    return file_problems(store, city, found, person=Person(who)).alarms if found else ()
