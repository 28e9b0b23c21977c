"""Which cities are there, and what does each have?"""

import pyarrow as pa

from wenqu.network.model import summary
from wenqu.services.city_state import Cities, CityState
from wenqu.services.sight import are_districts
from wenqu.store.moments import now


def all_cities(known: Cities) -> list[dict[str, object]]:
    """Return every city of the store with its name, coordinate system, extent and what day it is there."""
    rows = []
    for city in known.store.cities():
        state = known.state(city.code)
        rows.append(
            {
                "code": city.code,
                "name": {"zh": city.zh or city.code, "en": city.en or city.code},
                "crs": city.crs,
                "simulated": city.simulated,
                "version": known.store.version(city.code),
                "bounds": state.bounds,
                "today": now().date().isoformat(),
            }
        )
    return rows


def describe_city(known: Cities, state: CityState) -> dict[str, object]:
    """Return counts, lengths, districts (and those without any pipe) and coordinate system of a city."""
    city = state.network.city
    return {
        **summary(state.network),
        "version": known.store.version(city.code),
        "districts": districts(state),
        "bare": state.once("bare districts", lambda: bare_districts(state)),
        "as_of": state.network.as_of,
        "bounds": state.bounds,
    }


def districts(state: CityState) -> list[dict[str, str]]:
    """Return id and name of each district of a city."""
    zones = state.network.table("zone")
    own = zones.take(are_districts(zones))
    return [
        {"id": str(id_), "name": str(name or id_)}
        for id_, name in zip(own.ids, own.column("name"), strict=True)
    ]


def bare_districts(state: CityState) -> list[str]:
    """Return the ids of the districts in which no pipe and no channel lies, nor a manhole."""
    tables = [state.network.table(name) for name in ("conduit", "channel", "manhole")]
    there = {
        zone
        for table in tables
        for zone in pa.array(table.column("district"), pa.string()).unique().to_pylist()
    }
    return [row["id"] for row in districts(state) if row["id"] not in there]
