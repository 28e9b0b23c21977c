"""How does the way from one asset to another look from the side, with its defects and water levels?"""

import math
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Literal

import numpy as np

from wenqu.network.long_profile import LongProfile, Mark, Water, long_profile
from wenqu.network.topology import Ints
from wenqu.reports.profile_drawing import LEFT, RIGHT, frame_of, profile_svg
from wenqu.reports.profile_dxf import EXAGGERATION, profile_dxf
from wenqu.services.ask_path import way_between
from wenqu.services.asked_network import levels_of, lines_of
from wenqu.services.city_state import CityState
from wenqu.services.filed_records import inspections
from wenqu.services.isolate_district import node_places
from wenqu.standards.condition import condition_rules
from wenqu.store.database import Store

ON_PAGE = 200.0  # [px] height of the drawing where a map stands above it
MEDIA = {"svg": "image/svg+xml", "dxf": "image/vnd.dxf"}


def profile_between(store: Store, state: CityState, start: str, end: str) -> tuple[LongProfile, Ints, bool]:
    """Return the profile of the shortest way down between two assets, its links, and whether it was turned.

    Raises
    ------
    NotEnoughData
        No water gets from one to the other, either way.
    """
    nodes, links, turned = way_between(state, start, end)
    bare = long_profile(state.network, state.topology, levels_of(state), (nodes, links))
    marks = tuple(_marks(store, state, bare))
    return replace(bare, marks=marks, waters=tuple(_waters(store, state, bare))), links, turned


def ask_profile(
    store: Store, state: CityState, start: str, end: str, language: str = "zh"
) -> dict[str, object]:
    """Return the profile as data, as SVG in the page's colours, and the way's lines for the map.

    Returns
    -------
    dict
        stops, stretches, marks (with the defect's name), waters, length_m, turned, svg, frame (how metres
        became the drawing's pixels), at (longitude and latitude of each stop, None where unknown), geometry.
    """
    profile, links, turned = profile_between(store, state, start, end)
    kinds = condition_rules().kinds
    names = {
        code: {"zh": kinds[code].zh, "en": kinds[code].en}
        for code in {mark.code for mark in profile.marks}
        if code in kinds
    }
    return {
        "from": start,
        "to": end,
        "turned": turned,
        "length_m": round(profile.length, 3),
        **asdict(profile),
        "defect_names": names,
        "svg": profile_svg(profile, language, themed=True, height=ON_PAGE),
        "frame": {**asdict(frame_of(profile, ON_PAGE)), "left": LEFT, "right": RIGHT},
        "at": _degrees(state, [stop.id for stop in profile.stops]),
        "links": [part.id for part in profile.stretches],
        "geometry": lines_of(state, links),
    }


def _degrees(state: CityState, ids: list[str]) -> list[list[float] | None]:
    places = state.once("node places", lambda: node_places(state.network))
    some = state.place(places[[state.topology.node(id_) for id_ in ids]], "EPSG:4326")
    return [np.round(place, 7).tolist() if np.isfinite(place).all() else None for place in some]


def profile_file(
    store: Store,
    state: CityState,
    ends: tuple[str, str],
    form: Literal["svg", "dxf"],
    language: str = "zh",
    exaggeration: float = EXAGGERATION,
) -> bytes:
    """Return the profile between two assets as a file of its own."""
    profile, _, _ = profile_between(store, state, *ends)
    if form == "dxf":
        return profile_dxf(profile, language, exaggeration)
    return profile_svg(profile, language).encode()


def _marks(store: Store, state: CityState, profile: LongProfile) -> Iterator[Mark]:
    seen = inspections(store, state)
    for part in profile.stretches:
        inspection = seen.get(part.id)
        if inspection is None or part.type != "conduit":
            continue
        for defect in inspection.defects:
            if defect.closes or not math.isfinite(defect.start):
                continue
            far = np.clip(defect.start, 0.0, part.end - part.start)
            against = inspection.direction == "upstream"
            place = part.end - far if against else part.start + far
            yield Mark(
                part.id, float(place), defect.length, defect.code, defect.level, defect.at or inspection.date
            )


def _waters(store: Store, state: CityState, profile: LongProfile) -> Iterator[Water]:
    """Yield the last good level of every gauge and meter on the way, nearest first."""
    floors = {stop.id: (stop.distance, stop.invert) for stop in profile.stops}
    floors |= {part.id: (part.start, part.from_invert) for part in profile.stretches}
    zero: dict[str, tuple[float, float]] = dict(floors)
    for type_ in ("gauge", "meter"):
        table = state.network.table(type_)
        levels = table.column("zero_level") if type_ == "gauge" else np.full(len(table), np.nan)
        for id_, on, level in zip(table.ids, table.column("on_id"), levels, strict=True):
            if on in floors:
                distance, floor = floors[str(on)]
                zero[str(id_)] = (distance, floor if np.isnan(level) else float(level))
    city = state.network.city.code
    known = {entry.asset for entry in store.series_index(city) if entry.quantity == "level"}
    wanted = [id_ for id_ in zero if id_ in known]
    found = []
    until = state.network.as_of or None
    for id_, series in (store.read_many(city, "level", wanted, until=until) if wanted else {}).items():
        good = np.flatnonzero(np.isfinite(series.good()))
        distance, floor = zero[id_]
        if len(good) and np.isfinite(floor):
            last = good[-1]
            found.append(Water(id_, distance, float(floor + series.values[last]), str(series.times[last])))
    yield from sorted(found, key=lambda water: water.distance)
