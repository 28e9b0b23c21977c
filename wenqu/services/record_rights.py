"""Who may state a row of a register anew? By the action of its kind, in the district of the row."""

from typing import Any

from wenqu.errors import Refused
from wenqu.records.registry import RecordKind
from wenqu.services.city_state import CityState
from wenqu.services.file_works import PROVING
from wenqu.services.rights import Person, allows, demand_account, reach
from wenqu.services.seen_records import reader_of
from wenqu.store.database import Store

# Who may file a new row of a kind at all, by how it is filed; where, its page's own rule says.
ACTIONS = {"proof": PROVING, "order": ("decide",)}


def may_write(store: Store, state: CityState, kind: RecordKind, row: Any) -> bool:
    """Tell whether the reader may state a row anew; None is a new one, in any district."""
    person, city = reader_of(store).person, state.network.city.code
    if kind.filed and row is None:
        return not state.network.as_of and any(allows(person, one, city) for one in ACTIONS[kind.filed])
    if not kind.written or state.network.as_of:
        return False
    there = reach(person, kind.written, city)
    if row is None:
        return there.whole or any(zone and not body for zone, body in there.places)
    return _reaches(person, kind, city, getattr(row, "district", ""))


def demand_write(person: Person, kind: RecordKind, city: str, district: str) -> None:
    """Refuse whoever may not state a row of a district; one of no district is the whole city's.

    Raises
    ------
    Refused
        Nobody has signed in (``sign-in``), or the rights do not reach there (``rights``).
    """
    demand_account(person)
    if not _reaches(person, kind, city, district):
        raise Refused("rights", action=kind.written, city=city, district=district, body="")


def _reaches(person: Person, kind: RecordKind, city: str, district: str) -> bool:
    there = reach(person, kind.written, city)
    return there.whole or (bool(district) and (district, "") in there.places)
