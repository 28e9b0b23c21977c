"""How is a set of edits written so that doubts of the queue and grades follow? The one way of every edit.

On the map, in a register, from the street, by deciding a conflict or taking a change back.
"""

from collections.abc import Sequence

from wenqu.network.edits import Edit
from wenqu.network.model import Network
from wenqu.network.staging import with_edits
from wenqu.network.surroundings import Surroundings
from wenqu.services.edit_assets import EditReport, edit_assets
from wenqu.services.edit_conflicts import Settled
from wenqu.services.grade_again import grade_edited
from wenqu.services.rights import Person
from wenqu.services.settled_rows import settled_around, settled_rows
from wenqu.store.database import Store
from wenqu.store.waiting import Sought

FEW = 50  # edits that are looked at one by one


def edit_and_settle(  # noqa: PLR0913 what, where, by whom, why, and how
    store: Store,
    city: str,
    before: Network | None,
    edits: Sequence[Edit],
    *,
    person: Person,
    why: str,
    who: str = "",
    settle: Settled | None = None,
    preview: bool = False,
    check: bool = True,
) -> EditReport:
    """Write a set of edits as ``edit_assets`` does, grade again, and settle the doubts that they answer.

    Parameters
    ----------
    before
        The city as it is now; None reads it where there are doubts that could be answered.
    """
    if before is None and not preview and _asks(store, city):
        before = store.network(city)
    report = edit_assets(
        store, city, edits, person=person, why=why, who=who, settle=settle, preview=preview, check=check
    )
    if report.written:
        grade_edited(store, city, edits, who=who or person.account)
    if before is not None:
        _settle(store, before, edits, report, who=who or person.account)
    return report


def _asks(store: Store, city: str) -> bool:
    return store.sees_all(city) and bool(store.count_waiting(city, Sought(inside=True)))


def _settle(
    store: Store, before: Network, edits: Sequence[Edit], report: EditReport, *, who: str
) -> tuple[int, ...]:
    """Settle the open doubts that an edit has answered, as a change of its own, and return their rows.

    Where the city has changed since ``before``, or the author sees only a part of it, nothing is settled: the
    rows stay open until the next delivery or click looks at them.
    """
    code = before.city.code
    if not report.written or report.version != before.version + 1 or not _asks(store, code):
        return ()
    confirmed = store.confirmed(code)
    if len(edits) <= FEW:
        rows = settled_around(store, Surroundings(before), edits, confirmed)
    else:
        rows = settled_rows(store, with_edits(before, edits), confirmed)
    if rows:
        with store.change(code, who=who, why="settled by an edit") as change:
            change.decide(rows, "settled", f"change {report.version}")
    return rows
