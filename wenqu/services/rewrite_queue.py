"""What stands in the form of a waiting row that a person corrects by hand, and what becomes of it?"""

from collections.abc import Mapping
from typing import Any

from wenqu.errors import BadInput
from wenqu.network.edit_checks import check_edit, references
from wenqu.network.edits import Edit
from wenqu.network.formats.assembling import DUPLICATES
from wenqu.network.model import Network
from wenqu.network.schema import asset_type
from wenqu.services.city_state import Cities, CityState
from wenqu.services.describe_registers import describe_field
from wenqu.services.mend_queue import rewrite_row
from wenqu.services.once_more import once_more
from wenqu.services.register_form import at_border, edit_of, in_degrees, issue_row, read_form
from wenqu.services.rewritten_rows import as_it_waits, rewritten
from wenqu.services.rights import Person
from wenqu.store.database import Store
from wenqu.store.waiting import Sought, Waiting


def _open_row(store: Store, city: str, id_: int) -> Waiting:
    rows = store.waiting(city, Sought(ids=(id_,)))
    if not rows:
        raise BadInput("queue-nothing", city=city)
    return rows[0]


def rewriting_form(store: Store, state: CityState, id_: int) -> dict[str, object]:
    """Return the form of one waiting row: its values as far as they could be read, and where it lies.

    Raises
    ------
    BadInput
        The row is not open, or not even its type is known (``queue-nothing``).
    """
    row = _open_row(store, state.network.city.code, id_)
    own = as_it_waits(state.network, row)
    if own is None:
        raise BadInput("queue-nothing", city=state.network.city.code)
    if not own.fields and own.parts is None:
        return {**read_form(store, state, row.type, row.asset), "fixed": True}
    kind = asset_type(own.type)
    fields = [
        {**describe_field(entry), "value": at_border(entry, own.fields.get(entry.name))}
        for entry in kind.fields
    ]
    id_now = _free(state.network, row) if row.rule in DUPLICATES else own.id
    return {
        "type": own.type, "id": id_now, "geometry": kind.geometry, "there": True, "based_on": 0,
        "fixed": False, "fields": fields, "extra": dict(own.extra),
        "shape": in_degrees(state, own.parts or ()), "files": [],
    }  # fmt: skip


def _free(network: Network, row: Waiting) -> str:
    """Return the delivered identity with a number behind it that no asset has."""
    taken = set(network.table(row.type).ids.tolist())
    return next(name for n in range(2, len(taken) + 3) if (name := f"{row.asset}-{n}") not in taken)


def rewrite(
    known: Cities, city: str, id_: int, asked: Mapping[str, Any], person: Person
) -> dict[str, object]:
    """Let a row in as a person wrote it, or say which of the values cannot be.

    Parameters
    ----------
    asked
        ``id``, ``fields`` in border units, ``shape`` in degrees, ``why``.

    Raises
    ------
    BadInput
        The row is not open; the identity is another asset's.
    """
    return once_more(lambda: _rewrite(known, city, id_, asked, person))


def _rewrite(
    known: Cities, city: str, id_: int, asked: Mapping[str, Any], person: Person
) -> dict[str, object]:
    state = known.whole.state(city)
    row = _open_row(known.store, city, id_)
    given = {name: asked[name] for name in ("fields", "shape") if name in asked}
    sent = edit_of(state, row.type, {"id": row.asset or "-", **given})
    fields = {**sent.fields, "id": str(asked.get("id") or "")}
    edit = rewritten(state.network, row, fields, sent.parts)
    there = {
        type_: set(state.network.table(type_).ids.tolist())
        for type_ in {type_ for entry, _ in references(edit) for type_ in entry.of}
    }
    issues = list(check_edit(Edit(edit.type, edit.id, sent.fields), edit.fields, there))
    if issues:
        return {"written": False, "issues": [issue_row(issue) for issue in issues]}
    why = str(asked.get("why", "")).strip() or "rewrite"
    made = rewrite_row(known.store, state.network, id_, fields, parts=sent.parts, who=person.account, why=why)
    return {
        "written": True,
        "issues": [],
        "number": made.number,
        "followed": made.followed,
        "left": made.left,
    }
