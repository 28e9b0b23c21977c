"""Check a city's network against every rule."""

from wenqu.issues import Issue
from wenqu.network.checks.registry import check_all
from wenqu.store.database import Store


def check_network(store: Store, city: str, as_of: str | None = None) -> list[Issue]:
    """Return what all rules find in a city's network, as it is now or was.

    Raises
    ------
    UnknownCity
        The store has no such city.
    """
    return list(check_all(store.network(city, as_of)))
