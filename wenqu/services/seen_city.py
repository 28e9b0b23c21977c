"""How does a person's question reach only what the person may see? A store and its states, cut to them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from wenqu.errors import Refused
from wenqu.network.geometry import bounds
from wenqu.network.model import City, Network
from wenqu.services.city_state import Cities, CityState
from wenqu.services.closed_assets import with_closed
from wenqu.services.part_import import brings_all, may_file
from wenqu.services.rights import EDIT, Person, allows, demand, demand_any_read, reach
from wenqu.services.seen_change import SeenChange
from wenqu.services.seen_filed import SeenFiled
from wenqu.services.seen_series import SeenSeries
from wenqu.services.sight import (
    Sight,
    ids_within,
    known_fields,
    references_of,
    seen,
    sight_of,
)
from wenqu.store.changes import Change, OpenChange
from wenqu.store.database import Store
from wenqu.store.moments import Moment
from wenqu.store.network import AssetVersion, Box
from wenqu.store.news import News
from wenqu.store.pulls import Pull
from wenqu.store.seals import Chain
from wenqu.store.standing import Touched
from wenqu.store.unnamed import Unnamed
from wenqu.store.views import Views
from wenqu.store.waiting import Sought

INSIDE = (*EDIT, "import", "share", "administer")  # who may none of these only reads
WRITING = ("edit_geometry", "edit_attributes", "import", "administer")


class SeenCities(Cities):
    """The cities as one person may see them. States are shared by all who see the same."""

    def __init__(self, root: Cities, person: Person) -> None:
        """See the cities with the eyes of a person."""
        self.root = root
        self.person = person
        self.store = SeenStore(root.store, person, self)
        self._hidden: dict[str, frozenset[str]] = {}  # asked once while a request lasts

    def sight(self, city: str) -> Sight:
        """Return what the person may see: registers that the city withholds are not for mere readers."""
        found = sight_of(self.person, city)
        if any(allows(self.person, action, city) for action in INSIDE):
            return found
        if city not in self._hidden:
            self._hidden[city] = self.root.store.accounts.withheld(city)
        return replace(found, hidden=self._hidden[city])

    @property
    def whole(self) -> Cities:
        """Return the cities as they are, for what has to be judged in the whole of one."""
        return self.root

    def state(self, city: str, as_of: str = "") -> CityState:
        """Return what the person may see of a city.

        Raises
        ------
        Refused
            The person may read nothing of the city, or there is none that the person may know of.
        """
        demand_any_read(self.person, city)
        sight = self.sight(city)
        whole = self.root.state(city, as_of)
        if sight.whole:
            return whole
        return whole.once(_name(sight), lambda: CityState(seen(whole.network, sight)))

    def at_hand(self, city: str, as_of: str = "") -> CityState | None:
        """Return what the person may see of a city where that takes no time.

        Raises
        ------
        Refused
            The person may read nothing of the city, or there is none that the person may know of.
        """
        demand_any_read(self.person, city)
        sight = self.sight(city)
        whole = self.root.at_hand(city, as_of)
        if whole is None or sight.whole:
            return whole
        part: CityState | None = whole.made(_name(sight))
        return part


def _name(sight: Sight) -> str:
    return f"seen {sight.geometry} {sight.attributes} {sorted(sight.hidden)}"


class SeenStore(SeenSeries, SeenFiled):
    """A store as one person may see it. What is not said anew here, or in its parts, finds no engine."""

    @property
    def views(self) -> Views:
        """Return the views that accounts kept: whose they are, the service sees to."""
        return self._store.views

    def narrowed(self, cities: Iterable[str]) -> Store:  # noqa: ARG002 - it cannot get any wider
        """Return this store: it is as narrow as the person's grants."""
        return self

    def verify(self) -> list[Chain]:
        """Refuse: a proof speaks of every city."""
        raise Refused("rights-part", city="*")

    def unnamed(self, age: float = 0.0) -> list[Unnamed]:  # noqa: ARG002 - it is Store's
        """Refuse: a file without a name may be anybody's."""
        raise Refused("rights-part", city="*")

    def drop_draft(self, one: Unnamed) -> None:  # noqa: ARG002 - it is Store's
        """Refuse, as to list them."""
        raise Refused("rights-part", city="*")

    def close(self) -> None:
        """Do nothing: the store is everybody's."""

    def cities(self) -> list[City]:
        """Return the cities of which the person may see something."""
        return [city for city in self._store.cities() if sight_of(self._person, city.code)]

    def city(self, code: str) -> City:
        """Return one city."""
        self._sight(code)
        return self._store.city(code)

    def version(self, code: str) -> int:
        """Return the number of the last change of a city."""
        self._sight(code)
        return self._store.version(code)

    def network(
        self,
        code: str,
        as_of: Moment | None = None,
        types: Sequence[str] | None = None,
        box: Box | None = None,
    ) -> Network:
        """Return the assets that the person may see."""
        if self._sight(code).whole:
            return self._store.network(code, as_of, types, box)
        found = self._cities.state(code, "" if as_of is None else str(as_of)).network
        tables = {name: table for name, table in found.tables.items() if types is None or name in types}
        if box is not None:
            tables = {name: table.take(_in_box(bounds(table.shapes), box)) for name, table in tables.items()}
        return replace(found, tables={name: table for name, table in tables.items() if len(table)})

    def doubted(self, code: str, type_: str) -> set[str]:
        """Return which assets, of those whose values the person may read, a row waits about."""
        whole, found = self._sight(code).whole, self._store.doubted(code, type_)
        return found if whole or not found else found & self._ids(code)

    def news(self, code: str, since: int, most: int) -> News | None:  # noqa: ARG002 - it is Store's
        """Return nothing: what is seen is cut from the whole, which is brought up to date before."""
        self._sight(code)
        return None

    def changes(self, code: str, limit: int = 100, as_of: Moment | None = None) -> list[Change]:
        """Return the last changes; none to those who see a part, for a reason may name any asset."""
        return self._store.changes(code, limit, as_of) if self._sight(code).whole else []

    def history(self, code: str, type: str, id: str) -> list[AssetVersion]:  # noqa: A002
        """Return the versions of an asset that is seen."""
        sight = self._sight(code)
        if sight.whole:
            return self._store.history(code, type, id)
        network = self._cities.state(code).network
        if id not in set(network.table(type).ids.tolist()):
            return []
        values = id in self._ids(code)
        shape = len(network.table(type).shapes.of(network.row(type, id))) > 0
        there = {of: set(network.table(of).ids.tolist()) for ref in references_of(type) for of in ref.of}
        return [
            replace(
                entry,
                fields=known_fields(type, entry.fields, there) if values else {},
                extra=entry.extra if values else {},
                wkb=entry.wkb if shape else None,
            )
            for entry in self._store.history(code, type, id)
        ]

    def closed(self, code: str, ids: Iterable[str]) -> list[tuple[str, str, AssetVersion]]:  # noqa: ARG002
        """Return nothing: what was theirs is told by ``touched``."""
        self._sight(code)
        return []

    def touched(self, code: str, number: int) -> list[Touched]:
        """Return what one change did to assets that are seen."""
        found = self._store.touched(code, number) if self._sight(code) else []
        if self._sight(code).whole:
            return found
        mine = self._ids(code) | self._gone(code, found)
        return [entry for entry in found if entry.id in mine]

    def _gone(self, code: str, touched: Sequence[Touched]) -> set[str]:
        """Return the ids, of assets that are there no more, that were theirs while they were there."""
        sight, now_ = self._sight(code), self._cities.root.state(code).network
        back = [
            (one.type, one.id, version)
            for one in touched
            if (version := one.after or one.before) and now_.known_row(one.type, one.id) is None
        ]
        return ids_within(with_closed(now_, back), sight.attributes, sight.hidden) if back else set()

    def count_touched(self, code: str, number: int) -> int:
        """Return how many assets one change touched, theirs or not: so that half of it is known as half."""
        return self._store.count_touched(code, number) if self._sight(code) else 0

    def note_pull(self, code: str, pull: Pull) -> None:
        """Write down that the person took something that is seen."""
        self._sight(code)
        self._store.note_pull(code, pull)

    def pulls(self, code: str) -> list[Pull]:
        """Return who took what: to those who share the city."""
        demand(self._person, "share", code)
        return self._store.pulls(code)

    def make_gis_views(self, code: str, reader: str = "") -> list[str]:
        """Make the views of a city, for those who share it."""
        demand(self._person, "share", code)
        return self._store.make_gis_views(code, reader)

    @contextmanager
    def change(self, code: str, *, who: str, why: str) -> Iterator[OpenChange]:
        """Open a change; what is not theirs is refused when it is put."""
        if not any(allows(self._person, action, code) for action in WRITING):
            demand(self._person, "edit_attributes", code)
        with self._store.change(code, who=who, why=why) as opened:
            edits = [reach(self._person, action, code) for action in EDIT]
            if all(one.whole for one in edits):
                yield opened
            else:
                network = self._cities.root.state(code).network
                seen = self._cities.state(code).network
                yield SeenChange(opened, (network, seen), edits, self._filing(code), self._waiting_ids(code))

    def _waiting_ids(self, code: str) -> Callable[[], set[int]]:
        return lambda: {row.id for row in self.waiting(code, Sought(state=""))}

    def _filing(self, code: str) -> Callable[[str, bytes], bool]:
        """Return what tells whether a document of a delivery may be kept."""
        brings = allows(self._person, "import", code)

        def may(name: str, content: bytes) -> bool:
            return brings and may_file(self._person, name, content, self._store.document(code, name))

        return may


def _in_box(boxes: np.ndarray, box: Box) -> np.ndarray:
    west, south, east, north = box
    return (boxes[:, 0] <= east) & (boxes[:, 2] >= west) & (boxes[:, 1] <= north) & (boxes[:, 3] >= south)


def store_for(store: Store, person: Person, code: str) -> Store:
    """Return a store as somebody sees it who may bring in a part of a city; it itself for all of it."""
    return store if brings_all(person, code) else SeenCities(Cities(store), person).store
