"""What does a city look like now? Read once a version, then shared by every question."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, TypeVar, cast

import numpy as np
from pyproj import Transformer

from wenqu.network.formats.text_columns import cores
from wenqu.network.geometry import Floats, Shapes
from wenqu.network.merging import up_to_date
from wenqu.network.model import Network
from wenqu.network.quick_places import quickly
from wenqu.network.topology import Topology, topology
from wenqu.store.database import Store

Made = TypeVar("Made")
Indexed = tuple[Network, Topology]
NOWHERE = (-0.01, -0.01, 0.01, 0.01)  # [°] shown of a city without a single place
FEW = 5_000  # changed assets up to which a kept network is brought up to date instead of read again
DEGREES = 1e-9  # [°] a tenth of a millimetre
AT_ONCE = 100_000  # coordinates that one thread turns into another system
KEPT = 4  # cities or dates held in memory at once


@lru_cache(maxsize=64)
def _transformer(source: str, target: str, thread: int) -> Transformer:  # noqa: ARG001 - one a thread
    """Return a transformer; making one costs far more than using it, and threads must not share it."""
    return Transformer.from_crs(source, target, always_xy=True)


def transformed(coords: Floats, source: str, target: str) -> Floats:
    """Return coordinates (m, 2) of one coordinate system in another."""
    made = np.empty((len(coords), 2))

    def turn(part: slice) -> None:
        turned = _transformer(source, target, threading.get_ident()).transform(*coords[part].T)
        made[part, 0], made[part, 1] = turned

    if len(coords) <= AT_ONCE:
        turn(slice(None))
        return made
    parts = [slice(low, low + AT_ONCE) for low in range(0, len(coords), AT_ONCE)]
    with ThreadPoolExecutor(min(cores(), 8)) as pool:
        list(pool.map(turn, parts))
    return made


@dataclass(frozen=True, eq=False)
class CityState:
    """A network as of one moment with what is derived from it on demand."""

    network: Network
    _earlier: list[Indexed] = field(default_factory=list)  # one at most, until it is used
    _made: dict[str, Any] = field(default_factory=dict)
    _making: threading.RLock = field(default_factory=threading.RLock)

    def once(self, name: str, make: Callable[[], Made]) -> Made:
        """Return what ``make`` makes, made only the first time this state is asked for ``name``."""
        if name in self._made:  # without waiting for what another thread makes
            return cast("Made", self._made[name])
        with self._making:
            if name not in self._made:
                self._made[name] = make()
            made: Made = self._made[name]
            return made

    def made(self, name: str) -> Any:
        """Return what was made under a name, None when it was not yet."""
        return self._made.get(name)

    @cached_property
    def topology(self) -> Topology:
        """Return the topology of the network, after few edits that of the state before brought up to date."""
        made = topology(self.network, *self._earlier)
        self._earlier.clear()
        return made

    @property
    def indexed(self) -> list[Indexed]:
        """Return the network with its topology if it was made, else those of the state before if known."""
        return [(self.network, self.topology)] if "topology" in self.__dict__ else list(self._earlier)

    @cached_property
    def middle(self) -> Floats:
        """Return a point in the middle of the nodes, (2,), in the city's coordinate system."""
        coords = [table.shapes.coords for table in self.network.tables.values() if len(table.shapes.coords)]
        return np.median(np.concatenate(coords), axis=0) if coords else np.zeros(2)

    def place(self, coords: Floats, crs: str) -> Floats:
        """Return coordinates (m, 2) in another coordinate system.

        A city whose own system is unknown is drawn around the point 0° 0° at its true size: its plan
        can be read, and nothing pretends to know where it lies.
        """
        if not len(coords):
            return coords
        if self.network.city.crs:
            return transformed(coords, self.network.city.crs, crs)
        return transformed(coords - self.middle, "EPSG:3857", crs)

    def placed(self, shapes: Shapes, crs: str) -> Shapes:
        """Return shapes in another coordinate system."""
        return shapes.with_coords(self.place(shapes.coords, crs))

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """Return west, south, east, north of everything that has a shape. [°]"""
        coords = [table.shapes.coords for table in self.network.tables.values() if len(table.shapes.coords)]
        if not coords:
            return NOWHERE
        degrees = quickly(lambda some: self.place(some, "EPSG:4326"), np.concatenate(coords), DEGREES)
        degrees = degrees[np.isfinite(degrees).all(axis=1)]
        if not len(degrees):
            return NOWHERE
        west, south = degrees.min(axis=0)
        east, north = degrees.max(axis=0)
        return (float(west), float(south), float(east), float(north))


class Cities:
    """The states of a store's cities, each read once a version. Safe to share between threads."""

    def __init__(self, store: Store) -> None:
        """Start with nothing read."""
        self.store = store
        self._kept: OrderedDict[tuple[str, int, str], CityState] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def whole(self) -> "Cities":
        """Return the cities as they are, whoever asks: these."""
        return self

    def state(self, city: str, as_of: str = "") -> CityState:
        """Return the state of a city now or as of a date.

        Raises
        ------
        UnknownCity
            The store has no such city.
        """
        key = (city, self.store.version(city), as_of)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            network, before = self._network(city, as_of)
            made = CityState(network, before)
            self._kept[key] = made
            for old in [
                entry for entry in self._kept if entry[0] == city and entry[2] == as_of and entry != key
            ]:
                del self._kept[old]
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return made

    def at_hand(self, city: str, as_of: str = "") -> CityState | None:
        """Return the state of a city where that takes no time: it has been read, and nothing changed since.

        Raises
        ------
        UnknownCity
            The store has no such city.
        """
        return self._kept.get((city, self.store.version(city), as_of)) if self.store.near else None

    def _network(self, city: str, as_of: str) -> tuple[Network, list[Indexed]]:
        """Return a network, after a few edits the kept one brought up to date, and what was indexed."""
        kept = [state for key, state in self._kept.items() if key[::2] == (city, "")]
        if kept and not as_of:
            old = kept[-1].network
            news = self.store.news(city, old.version, FEW)
            if news is not None:
                return up_to_date(old, news.city, news.number, (news.put, news.closed)), kept[-1].indexed
        return self.store.network(city, as_of=as_of or None), []
