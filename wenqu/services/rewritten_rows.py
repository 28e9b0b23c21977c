"""What does a waiting row become when a person writes some of its fields anew?"""

from collections.abc import Mapping
from dataclasses import replace

from wenqu.errors import BadInput
from wenqu.network.edits import Edit
from wenqu.network.formats.assembling import DUPLICATES, LINK_AT_POINT
from wenqu.network.geometry import Floats
from wenqu.network.model import Network
from wenqu.services.chosen_repairs import is_there
from wenqu.services.waiting_rows import edit_from
from wenqu.store.waiting import Waiting


def as_it_waits(network: Network, row: Waiting) -> Edit | None:
    """Return what a row would make as it was read; of an asset inside, an edit that changes nothing."""
    known = None if row.inside else edit_from(row.body.get("edit"))
    return Edit(row.type, row.asset) if known is None and is_there(network, row) else known


def rewritten(
    network: Network, row: Waiting, fields: Mapping[str, object], parts: tuple[Floats, ...] | None = None
) -> Edit:
    """Return what a row becomes when a person writes some of its fields anew.

    Raises
    ------
    BadInput
        Not even the type of the row is known (``queue-nothing``); another asset has its identity
        (``queue-taken``).
    """
    own = as_it_waits(network, row)
    if own is None:
        raise BadInput("queue-nothing", city=network.city.code)
    new = str(fields.get("id") or "").strip() or own.id
    rest = {name: value for name, value in fields.items() if name != "id"}
    other = new != own.id or row.rule in DUPLICATES
    if other and bool((network.table(own.type).ids == new).any()):
        raise BadInput("queue-taken", type=own.type, id=new)
    drawn = None if row.rule == LINK_AT_POINT else own.parts  # one point draws no link
    shape = drawn if parts is None else parts
    return replace(own, id=new, fields={**own.fields, **rest}, parts=shape)
