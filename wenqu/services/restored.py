"""Which edit makes an asset again what it was in a version?"""

from wenqu.network.edits import Edit
from wenqu.network.schema import asset_type
from wenqu.services.edit_conflicts import parts_of
from wenqu.store.network import AssetVersion


def restored(
    type_: str, id_: str, wanted: AssetVersion, now: AssetVersion | None, based_on: int | None
) -> Edit:
    """Return the edit that makes an asset again what it was in a version."""
    known = {entry.name for entry in asset_type(type_).fields}
    names = dict.fromkeys([*wanted.fields, *(now.fields if now else ())])
    strange = {name: wanted.fields.get(name) for name in names if name not in known}
    others = dict.fromkeys([*wanted.extra, *(now.extra if now else ())])
    fields = {name: wanted.fields.get(name) for name in names if name in known}
    extra = {name: wanted.extra.get(name) for name in others} | strange
    return Edit(type_, id_, fields, extra, parts_of(wanted.wkb), based_on=based_on)
