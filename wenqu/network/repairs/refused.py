"""What is proposed for a row that the reader refused?"""

from collections.abc import Iterator
from dataclasses import replace

from wenqu.network.formats.assembling import DUPLICATES, BadRow
from wenqu.network.repairs.repair import Repair, Sure
from wenqu.network.repairs.seeing import Seeing, repair


def proposals(seen: Seeing, row: BadRow) -> Iterator[Repair]:
    """Yield a new name for a row without one of its own, no shape for one with an impossible shape."""
    if row.edit is None:
        return
    if row.issue.code in {"format.no-id", *DUPLICATES}:
        name = seen.fresh(row.edit.id)
        edit = replace(row.edit, id=name)
        made = repair(row.issue, "rename", [edit], Sure.POSSIBLE, name=name)
        yield replace(made, instead=True, id=name)
    if row.issue.code in DUPLICATES:
        made = repair(row.issue, "take-later", [row.edit], Sure.POSSIBLE, id=row.edit.id)
        yield replace(made, instead=True)
    if row.issue.code in {"format.wrong-shape", "format.impossible-shape"}:
        edit = replace(row.edit, parts=None)
        yield replace(repair(row.issue, "without-shape", [edit], Sure.LIKELY), instead=True)
