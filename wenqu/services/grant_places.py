"""Is there such a place to be given a role at, and does somebody see nothing because there is none?"""

from wenqu.errors import Unknown
from wenqu.network.model import Network
from wenqu.services.city_state import Cities, CityState
from wenqu.services.describe_city import districts
from wenqu.services.rights import Grant
from wenqu.services.seen_city import SeenCities
from wenqu.store.database import Store


def check_place(store: Store, grant: Grant) -> None:
    """Refuse a role at a district that a city does not have: whoever got it would see nothing.

    A city without any district may get its borders later, and one that is not there yet its data.

    Raises
    ------
    Unknown
        The city has districts, and none of this id (``district-of``).
    """
    codes = {city.code for city in store.cities()}
    if not grant.district or grant.city not in codes:
        return
    known = _districts(store.network(grant.city, types=["zone"]))
    if known and grant.district not in known:
        raise Unknown("district-of", name=grant.district, known=", ".join(sorted(known)))


def seen_nothing(known: Cities, state: CityState) -> list[dict[str, object]]:
    """Return the places of somebody who sees no asset of a city, and whether each is there.

    Returns
    -------
    list
        ``district``, ``body`` and ``there``; empty for whoever sees any asset, and in a city without one.
    """
    if not isinstance(known, SeenCities) or any(len(table) for table in state.network.tables.values()):
        return []
    city = state.network.city.code
    sight = known.sight(city)
    there = _districts(known.whole.state(city, state.network.as_of).network)
    places = sorted({*sight.geometry.places, *sight.attributes.places})
    return [
        {"district": district, "body": body, "there": not district or district in there}
        for district, body in places
    ]


def _districts(network: Network) -> set[str]:
    """Return the districts of a city: those with a border."""
    return {one["id"] for one in districts(CityState(network))}
