"""Which inspections of a city count: those that were filed, less those that were withdrawn?"""

from collections.abc import Collection

from wenqu.records.inspection import Inspection
from wenqu.records.withdrawal import Withdrawal
from wenqu.store.database import Store
from wenqu.store.moments import Moment


def standing_inspections(
    store: Store, city: str, as_of: Moment | None = None, of: Collection[str] | None = None
) -> list[Inspection]:
    """Return every inspection that counts, in the order in which they were filed; ``of``: some assets'."""
    found = store.records(city, "inspection", Inspection, as_of=as_of, of=of)
    found = found if of is None else [one for one in found if one.asset in of]
    gone = withdrawn(store, city, as_of)
    return [one for one in found if one.id not in gone] if gone else found


def withdrawn(store: Store, city: str, as_of: Moment | None = None) -> dict[str, Withdrawal]:
    """Return what became of each inspection that does not count any more, by its id."""
    last = {one.inspection: one for one in store.records(city, "withdrawal", Withdrawal, as_of=as_of)}
    return {id_: one for id_, one in last.items() if one.holds}
