"""Who put which conduits into one package: joined, split, renamed, taken back, every step kept?"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wenqu.errors import BadInput, Refused
from wenqu.network.bundles import stretches
from wenqu.network.model import link_lengths
from wenqu.planning.hand_packages import Hands, changed, put, read_hands, release, rename, write_hands
from wenqu.services.city_state import CityState
from wenqu.services.plan_assumptions import assumed_of
from wenqu.services.plan_tables import PACKAGES, current_text, file_table, versions
from wenqu.services.rights import Person, demand, demand_account, reach
from wenqu.services.view_options import Standing, standing
from wenqu.store.database import Store


def hands_of(store: Store, city: str, as_of: str | None = None) -> dict[str, tuple[str, ...]]:
    """Return the packages that were made by hand: name → conduits."""
    return read_hands(current_text(store, city, PACKAGES, as_of))


def put_together(
    store: Store, state: CityState, ids: Sequence[str], name: str, *, person: Person, reason: str = ""
) -> list[dict[str, Any]]:
    """Put conduits into the package of a name, and return what is odd about it (it is kept all the same).

    Raises
    ------
    BadInput
        A conduit is none that may be repaired, they drain to two plants or lie in two districts, or the name
        cannot be one.
    Refused
        The person does not decide in their district.
    """
    stands = standing(store, state)
    members = sorted({*ids, *hands_of(store, state.network.city.code).get(name, ())})
    _check_members(stands, members, name)
    _step(store, state, lambda hands: put(hands, list(ids), name), person, reason or f"+ {name}")
    return _odd(store, state, members)


def call_otherwise(
    store: Store, state: CityState, name: str, new: str, *, person: Person, reason: str = ""
) -> None:
    """Give a package another name; one that was bundled by street is then kept as it is.

    Raises
    ------
    BadInput
        The new name cannot be one, or another package has it.
    Refused
        The person does not decide in its district.
    """
    code = state.network.city.code
    why = reason or f"{name} → {new}"
    if name in hands_of(store, code):
        _step(store, state, lambda hands: rename(hands, name, new), person, why)
        return
    stands = standing(store, state)
    mine = (stands.sites.package == name) & (stands.sites.kind == "conduit")
    if new in hands_of(store, code):
        raise BadInput("package-taken", name=new)
    put_together(store, state, [str(id_) for id_ in stands.sites.ids[mine]], new, person=person, reason=why)


def let_go(store: Store, state: CityState, name: str, *, person: Person, reason: str = "") -> None:
    """Take a package that was made by hand apart: its conduits are bundled by street again.

    Raises
    ------
    BadInput
        There is none of that name.
    Refused
        The person does not decide in its district.
    """
    _step(store, state, lambda hands: release(hands, name), person, reason or f"- {name}")


def undo(store: Store, state: CityState, *, person: Person) -> None:
    """Take the last step back; what stood before it is filed again, and nothing is lost.

    Raises
    ------
    BadInput
        There is no step to take back.
    Refused
        The person does not decide where it changes something.
    """
    some = versions(store, state.network.city.code, PACKAGES)
    if not some:
        raise BadInput("package-undo")
    before = some[1].text if len(some) > 1 else ""
    _step(store, state, lambda _: read_hands(before), person, f"undo: {some[0].reason}")


def _step(
    store: Store,
    state: CityState,
    how: Callable[[Hands], dict[str, tuple[str, ...]]],
    person: Person,
    why: str,
) -> None:
    demand_account(person)
    city = state.network.city.code
    before = hands_of(store, city)
    after = how(before)
    _demand_places(state, changed(before, after), person)
    with store.change(city, who=person.account, why=f"{PACKAGES}: {why}") as change:
        file_table(change, PACKAGES, write_hands(after), why, state.network.city.simulated)


def _demand_places(state: CityState, ids: set[str], person: Person) -> None:
    """Refuse whoever does not decide where the conduits lie."""
    city = state.network.city.code
    demand(person, "decide", city)
    if reach(person, "decide", city).whole:
        return
    table = state.network.table("conduit")
    zone = dict(zip(table.ids.tolist(), table.column("district").tolist(), strict=True))
    for id_ in sorted(ids):
        if not zone.get(id_):
            raise Refused("rights", action="decide", city=city, district="", body="")
        demand(person, "decide", city, str(zone[id_]))


def _check_members(stands: Standing, ids: Sequence[str], name: str) -> None:
    sites = stands.sites
    row = {str(id_): k for k, id_ in enumerate(sites.ids) if sites.kind[k] == "conduit"}
    strange = [id_ for id_ in ids if id_ not in row]
    if strange:
        raise BadInput("package-asset", ids=", ".join(strange[:5]), count=len(strange))
    mine = np.array([row[id_] for id_ in ids], dtype=np.int64)
    for column, values in (("plant", sites.plant[mine]), ("district", sites.district[mine])):
        found = sorted({str(value) for value in values})
        if len(found) > 1:
            raise BadInput(f"package-{column}", name=name, found=", ".join(one or "–" for one in found))
    if name in row and name not in ids:
        raise BadInput("package-taken", name=name)


def _odd(store: Store, state: CityState, ids: Sequence[str]) -> list[dict[str, Any]]:
    """Return what of a package made by hand is worth a word: it hangs not together, two roads, too long."""
    table, topology = state.network.table("conduit"), state.topology
    chosen = np.flatnonzero(np.isin(table.ids.astype(str), list(ids)))
    some = np.array([str(one) for one in table.ids[chosen]], dtype=object)
    at = {str(name): k for k, name in enumerate(topology.link_ids)}
    link = np.array([at[name] for name in some], dtype=np.int64)
    ends = (topology.link_from[link], topology.link_to[link])
    length = np.nan_to_num(link_lengths(table))[chosen]
    parts = len(set(stretches(some, ends, np.full(len(some), "x", object), length, np.inf).tolist()))
    roads = sorted({str(value) for value in table.column("road")[chosen] if value})
    most = assumed_of(store, state.network.city.code).package_length
    found: list[dict[str, Any]] = []
    if parts > 1:
        found.append({"note": "apart", "parts": parts})
    if len(roads) > 1:
        found.append({"note": "roads", "roads": ", ".join(roads)})
    if length.sum() > most:
        found.append({"note": "long", "length": round(float(length.sum())), "most": round(most)})
    return found
