"""What does the crew see of a search: what to open next and why, the samples, the region that is left?"""

from dataclasses import asdict
from typing import Any

import numpy as np

from wenqu.diagnosis.search_next import Choice
from wenqu.errors import Unknown
from wenqu.services.asked_network import sources_of
from wenqu.services.city_state import CityState
from wenqu.services.region_lines import region_lines
from wenqu.services.rights import Person, allows
from wenqu.services.search_belief import Hunted, hunted, spots
from wenqu.services.source_searches import Hunt, may_sample, searches, seen_by
from wenqu.store.database import Store

DRAWN = 1500  # likeliest pipes of the region that are drawn
PREMISES = 12  # likeliest drainage users that are named
DEGREES = "EPSG:4326"


def view_searches(store: Store, state: CityState, person: Person) -> dict[str, Any]:
    """Return the searches that a person may see, the latest first."""
    city, moment = state.network.city.code, state.network.as_of or None
    hunts = list(seen_by(person, city, searches(store, city, moment)).values())
    return {
        "rows": [_row(one, state) for one in hunts],
        "may_start": not moment and any(allows(person, action, city) for action in ("work", "inspect")),
        "simulated": state.network.city.simulated,
    }


def _row(one: Hunt, state: CityState) -> dict[str, Any]:
    row = one.search
    return {
        "id": row.id, "what": row.what, "start": _named(state, row.start), "at": row.at, "by": row.by,
        "closed": one.closed, "samples": sum(event.step == "reading" for event in one.standing),
        "found": sum(event.step == "found" for event in one.standing), "simulated": row.simulated,
    }  # fmt: skip


def _named(state: CityState, asset: str) -> str:
    """Return the name of an asset, "" when it may not be seen."""
    type_, _, id_ = asset.partition("/")
    return asset if state.network.known_row(type_, id_) is not None else ""


def view_search(store: Store, whole: CityState, seen: CityState, id_: str, person: Person) -> dict[str, Any]:
    """Return one search: what the samples say, what to open next and why, and what is left.

    Parameters
    ----------
    whole, seen
        The city as it is, and as the person may see it: the belief comes from the first, all names and
        lines from the second.
    """
    city, moment = seen.network.city.code, seen.network.as_of or None
    hunt = seen_by(person, city, searches(store, city, moment)).get(id_)
    if hunt is None:
        raise Unknown("search", name=id_)
    known = hunted(whole, seen, hunt, person.account)
    able = not moment and may_sample(person, hunt.search, city)
    return {
        **asdict(hunt.search),
        "start": _named(seen, hunt.search.start),
        "tracer": list(hunt.search.tracer),
        "state": known.state,
        "may_work": able,
        "events": [_event(seen, hunt, event) for event in hunt.events],
        "next": [_choice(whole, known, one) for one in known.choices] if known.state == "on" else [],
        "region": _region(whole, seen, known),
        "reach": _reach(whole, seen, known),
        "nowhere": known.known.nowhere,
        "premises": _premises(whole, seen, known) if known.state == "near" else [],
    }


def _event(seen: CityState, hunt: Hunt, event: Any) -> dict[str, Any]:
    type_, _, id_ = event.asset.partition("/")
    hidden = bool(event.asset) and seen.network.known_row(type_, id_) is None
    return {
        **asdict(event), "asset": "" if hidden else event.asset, "place": list(event.place),
        "undone": event.id in hunt.undone,
        "at_place": None if hidden or not event.asset else _at(seen, event.asset),
    }  # fmt: skip


def _at(state: CityState, asset: str) -> list[float] | None:
    node, _ = state.topology.find(asset.partition("/")[2])
    if node < 0:
        return None
    return degrees_of(state, int(state.topology.tin[state.topology.group[node]]))


def degrees_of(state: CityState, place: int) -> list[float] | None:
    """Return where a place of the search tree lies, None when that is not known. [°]"""
    at = spots(state)[place]
    if not np.isfinite(at).all():
        return None
    return [float(value) for value in np.round(state.place(at[None], DEGREES)[0], 7)]


def asset_at(state: CityState, place: int) -> str:
    """Return type and id of the first node of a place of the search tree."""
    topology = state.topology
    first = topology.node_order[topology.order_start[place]]
    return f"{topology.node_type[first]}/{topology.node_ids[first]}"


def _choice(state: CityState, known: Hunted, one: Choice) -> dict[str, Any]:
    """Return one manhole to open with the figures of its reason."""
    return {
        "asset": asset_at(state, one.place),
        "at": degrees_of(state, one.place),
        "above": one.above,
        "bits": one.bits,
        "minutes": round(float(known.minutes[one.place]), 1),
        "if_seen_m": round(known.after(one, seen=True), 1),
        "if_unseen_m": round(known.after(one, seen=False), 1),
    }


def _reach(whole: CityState, seen: CityState, known: Hunted) -> dict[str, Any]:
    return {
        "asset": _named(seen, asset_at(whole, known.reach.place)),
        "at": degrees_of(whole, known.reach.place)
        if _named(seen, asset_at(whole, known.reach.place))
        else None,
        "share": known.reach.share,
    }


def _region(whole: CityState, seen: CityState, known: Hunted) -> dict[str, Any]:
    """Return the pipes that are left with their share per metre against the likeliest; drawn where seen."""
    places = known.region.places[:DRAWN]
    density = (known.known.mass / np.maximum(known.tree.length, 1e-9))[places]
    features = region_lines(whole, seen, places, density)
    return {
        "length_m": round(known.region.length, 1),
        "pipes": len(known.region.places),
        "drawn": len(features),
        "lines": {"type": "FeatureCollection", "features": features},
    }


def _premises(whole: CityState, seen: CityState, known: Hunted) -> list[dict[str, Any]]:
    """Return the drainage users that drain into the region, likeliest first: whom to visit."""
    sources, table = sources_of(whole), whole.network.table("source")
    rows = np.flatnonzero(sources.node >= 0)
    place = whole.topology.tin[whole.topology.group[sources.node[rows]]]
    inside = np.isin(place, known.region.places)
    rows, place = rows[inside], place[inside]
    order = np.argsort(-known.known.mass[place], kind="stable")
    names = table.column("name")
    found = []
    for row in rows[order]:
        id_ = str(table.ids[row])
        if seen.network.known_row("source", id_) is not None:
            found.append({"id": id_, "name": str(names[row] or "")})
        if len(found) == PREMISES:
            break
    return found
