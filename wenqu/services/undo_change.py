"""Take a change back: what it did to assets is done the other way round, as a change of its own."""

from wenqu.errors import BadInput, Refused
from wenqu.network.edits import Edit
from wenqu.network.model import Network
from wenqu.services.edit_assets import EditReport
from wenqu.services.restored import restored
from wenqu.services.rights import Person
from wenqu.services.settle_after_edit import edit_and_settle
from wenqu.services.undo_records import undo_records
from wenqu.store.database import Store
from wenqu.store.standing import Touched

NAMED = 5  # assets named in a refusal


def undo_change(
    store: Store,
    city: str,
    number: int,
    *,
    person: Person,
    why: str,
    who: str = "",
    before: Network | None = None,
) -> EditReport:
    """Write the reverse of a change of assets, or of rows of a register that may be stated anew.

    ``before``: the city as it is now, where it is at hand.

    Raises
    ------
    BadInput
        The change touched no asset and no such row (``undo-nothing``).
    Refused
        Later edits stand on it (``undo-later``), it touched assets that are not theirs (``rights-part``: half
        a change is not taken back), or the person may not edit there.
    """
    touched = store.touched(city, number)
    if not touched:
        report = undo_records(store, city, number, person=person, why=why, who=who)
        if report is not None:
            return report
        raise BadInput("undo-nothing", city=city, number=number)
    if len(touched) < store.count_touched(city, number):
        raise Refused("rights-part", city=city)
    later = [entry for entry in touched if _stood_on(entry)]
    if later:
        names = ", ".join(f"{entry.type} {entry.id}" for entry in later[:NAMED])
        by = sorted({entry.later.who for entry in later if entry.later})
        raise Refused(
            "undo-later", city=city, number=number, count=len(later), assets=names, who=", ".join(by) or "-"
        )
    edits = [_reverse(entry, number) for entry in touched]
    return edit_and_settle(store, city, before, edits, person=person, who=who, why=why, check=False)


def _stood_on(entry: Touched) -> bool:
    return entry.later is not None or entry.closed_later


def _reverse(entry: Touched, number: int) -> Edit:
    if entry.before is None:
        return Edit(entry.type, entry.id, gone=True, based_on=number)
    return restored(entry.type, entry.id, entry.before, entry.after, None if entry.after is None else number)
