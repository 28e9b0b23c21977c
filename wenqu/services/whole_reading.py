"""Who may read what speaks of all of a city? Whoever sees every asset of it; others are told so."""

from wenqu.errors import Refused
from wenqu.store.database import Store


def demand_whole(store: Store, city: str) -> None:
    """Refuse who does not see all of a city what cannot be cut to a part: a programme, its proof, its rules.

    Parameters
    ----------
    store
        The store as the person sees it.

    Raises
    ------
    Refused
        The person sees a part, or a register of the city is withheld (``rights-whole``).
    """
    if not store.sees_all(city):
        raise Refused("rights-whole", city=city)
