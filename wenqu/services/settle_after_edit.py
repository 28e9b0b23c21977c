"""Which doubts of the queue does an edit on the map or in a register answer?"""

from collections.abc import Sequence

from wenqu.network.edits import Edit
from wenqu.network.model import Network
from wenqu.network.staging import with_edits
from wenqu.network.surroundings import Surroundings
from wenqu.services.edit_assets import EditReport
from wenqu.services.settled_rows import settled_around, settled_rows
from wenqu.store.database import Store
from wenqu.store.waiting import Sought

FEW = 50  # edits that are looked at one by one


def settle_after_edit(
    store: Store, before: Network, edits: Sequence[Edit], report: EditReport, *, who: str
) -> tuple[int, ...]:
    """Settle the open doubts that an edit has answered, as a change of its own, and return their rows.

    Where the city has changed since ``before``, or the author sees only a part of it, nothing is settled: the
    rows stay open until the next delivery or click looks at them.
    """
    code = before.city.code
    if not report.written or report.version != before.version + 1 or not store.sees_all(code):
        return ()
    if not store.count_waiting(code, Sought(inside=True)):
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
