"""How does the first reader of the day not wait? What every screen needs is read before anyone asks."""

import logging
import threading

from wenqu.errors import WenquError
from wenqu.services import filed_records
from wenqu.services.city_state import Cities
from wenqu.services.map_tiles import map_of
from wenqu.services.plant_inflow import plant_inflows

MOST_CITIES = 2  # a store may hold a thousand; only so many states stay in memory


def warm_up(known: Cities) -> threading.Thread:
    """Start reading the first cities of a store in the background; a reader who comes earlier only waits."""
    thread = threading.Thread(target=_read, args=(known,), name="warm-up", daemon=True)
    thread.start()
    return thread


def _read(known: Cities) -> None:
    try:
        for city in known.store.cities()[:MOST_CITIES]:
            state = known.state(city.code)
            _ = state.topology
            _ = map_of(known.store, state).links
            filed_records.findings(known.store, state)
            filed_records.inspections(known.store, state)
            plant_inflows(known.store, state)
    except WenquError as error:
        logging.getLogger("wenqu").warning("warm-up stopped: %s", error)
