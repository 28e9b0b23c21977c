"""Whose were the assets that are there no more?"""

from collections.abc import Sequence

from wenqu.network.model import Network
from wenqu.network.staging import with_edits
from wenqu.services.restored import restored
from wenqu.services.rights import Reach
from wenqu.services.sight import ids_beyond
from wenqu.store.network import AssetVersion

Closed = Sequence[tuple[str, str, AssetVersion]]  # type, id and last version


def with_closed(now: Network, closed: Closed) -> Network:
    """Return a city with closed assets as they were when they were closed."""
    back = [
        restored(type_, id_, version, None, None)
        for type_, id_, version in closed
        if now.known_row(type_, id_) is None
    ]
    return with_edits(now, back)


def beyond_when_closed(now: Network, closed: Closed, *reaches: Reach) -> set[str]:
    """Return the ids of closed assets that lay where a person may not do one of some things."""
    if not closed:
        return set()
    before, named = with_closed(now, closed), {id_ for _, id_, _ in closed}
    return named.intersection(set().union(*(ids_beyond(before, one) for one in reaches)))
