"""Which pipes are graded again, because something new was seen of them or the network has changed?"""

from collections.abc import Collection, Iterable

from wenqu.errors import NotEnoughData
from wenqu.network.edits import Edit
from wenqu.services.grade_city import grade_city
from wenqu.store.database import Store

GRADED_BY = frozenset({"height", "length", "importance", "soil", "from_id", "to_id"})  # fields of a pipe


def grade_changed(store: Store, city: str, assets: Collection[str], *, who: str, repeat: bool = True) -> int:
    """Grade the pipes of which something new was seen; return how many could be.

    ``repeat``: state a grade again that stays as it was.
    """
    if not assets:
        return 0
    try:
        return grade_city(store, city, who=who, only=set(assets), repeat=repeat).inspected
    except NotEnoughData:  # surveyed by another standard only
        return 0


def grade_edited(store: Store, city: str, edits: Iterable[Edit], *, who: str) -> int:
    """Grade again the inspected pipes that written edits may have made better or worse; return how many."""
    touched = {
        edit.id
        for edit in edits
        if edit.type == "conduit"
        and not edit.gone
        and (edit.parts is not None or GRADED_BY & edit.fields.keys())
    }
    return grade_changed(store, city, touched, who=who, repeat=False)
