"""A store as one person may see it: whose eyes it is seen with, and which assets they reach."""

from typing import Protocol

from wenqu.services.city_state import Cities, CityState
from wenqu.services.rights import EVERYWHERE, Person, demand_any_read
from wenqu.services.sight import Sight, ids_within
from wenqu.services.strange_names import every_id
from wenqu.store.database import Store
from wenqu.store.moments import Moment


class Eyes(Protocol):
    """Cities as a person may see them."""

    @property
    def root(self) -> Cities:
        """Return the cities as they are."""

    def sight(self, city: str) -> Sight:
        """Return what the person may see."""

    def state(self, city: str, as_of: str = "") -> CityState:
        """Return what the person may see of a city."""


class SeenPart(Store):
    """A store as one person may see it. What none of its parts says anew finds no engine."""

    def __init__(self, store: Store, person: Person, cities: Eyes) -> None:
        """Cut a store to what a person may see."""
        granted = {grant.city for grant in person.grants}
        self._store = store if EVERYWHERE in granted else store.narrowed(sorted(granted))
        self._person = person
        self._cities = cities

    def _sight(self, code: str) -> Sight:
        demand_any_read(self._person, code)
        return self._cities.sight(code)

    def _ids(self, code: str, as_of: Moment | None = None) -> set[str]:
        """Return the ids of the assets whose values the person may read."""
        sight = self._sight(code)
        whole = self._cities.root.state(code, "" if as_of is None else str(as_of))
        where, hidden = sight.attributes, sight.hidden
        return whole.once(f"ids {where} {sorted(hidden)}", lambda: ids_within(whole.network, where, hidden))

    @property
    def person(self) -> Person:
        """Return who reads."""
        return self._person

    @property
    def whole(self) -> Store:
        """Return the store as it is, for a service that asks of each row whether it may be seen."""
        return self._store

    def sees_all(self, code: str) -> bool:
        """Tell whether the person may see all of a city."""
        return self._sight(code).whole

    def every_id(self, code: str) -> frozenset[str]:
        """Return the ids of all assets of a city, for a service that blanks those that are not seen."""
        whole = self._cities.root.state(code)
        return whole.once("every id", lambda: every_id(whole.network))
