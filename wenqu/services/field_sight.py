"""Who may see an entry of the street, and who may decide about it?"""

from wenqu.records.field_entry import FieldEntry
from wenqu.services.city_state import CityState
from wenqu.services.rights import Person, allows
from wenqu.services.sight import districts_of


def place_of(state: CityState, asset_type: str, asset: str) -> tuple[str, tuple[str, ...]] | None:
    """Return district and bodies of an asset, None when it is not there (or not for whom the state is cut).

    Parameters
    ----------
    state
        The city as somebody sees it, or the whole of it.
    """
    row = state.network.known_row(asset_type, asset)
    if row is None:
        return None
    table = state.network.table(asset_type)
    zones = state.once("districts", lambda: districts_of(state.network))
    names = [str(table.fields[name][row] or "") for name in ("keeper", "owner") if name in table.fields]
    return str(zones[asset_type][row] or ""), tuple(name for name in names if name)


def may(person: Person, action: str, state: CityState, asset_type: str, asset: str) -> bool:
    """Tell whether a person may do something at an asset.

    Parameters
    ----------
    state
        The city as the person sees it.
    """
    city = state.network.city.code
    there = place_of(state, asset_type, asset)
    if there is None:
        return allows(person, action, city) and not asset
    district, bodies = there
    return any(allows(person, action, city, district or "-", body or "-") for body in bodies or ("",))


def may_see(entry: FieldEntry, state: CityState, person: Person) -> bool:
    """Tell whether a person may see an entry: its author, and who sees its asset and works or edits there.

    An entry about nothing of the city is for its author and for whoever decides in the whole city.
    """
    city = state.network.city.code
    if person.local or (person.account and entry.by == person.account):
        return True
    if not entry.asset:
        return allows(person, "decide", city, "-", "-")
    return any(
        may(person, action, state, entry.asset_type, entry.asset)
        for action in ("decide", "inspect", "work", "edit_attributes")
    ) or allows(person, "decide", city, "-", "-")
