"""What does a survey firm deliver? The example city with bad rows of every rule, planted in known places."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from pyproj import Transformer

from wenqu.network.checks.telling import rule_table
from wenqu.network.edits import Edit
from wenqu.network.model import Network
from wenqu.network.repairs.seeing import Seeing, swapped_ends, turned
from wenqu.network.shifted_maps import gcj02_from_wgs84
from wenqu.network.staging import with_edits
from wenqu.network.topology import topology

SHARE = 0.03  # of the conduits carry something wrong
NOT_PLANTED = {  # counted over whole tables, or only said where no district is known
    "attribute.missing-diameter",
    "attribute.missing-material",
    "attribute.missing-year",
    "geometry.far-away",
    "check.more-like-it",
}
LONGEST = 120.0  # [m] conduits in which something is planted, and
SHORTEST = 25.0  # [m]


@dataclass(frozen=True, slots=True)
class Planted:
    """One bad row: which rule must find it at which asset, and what else it touches."""

    rule: str
    type: str
    id: str
    touched: tuple[str, ...]  # ids of assets that may be told too: the row itself and its neighbours


@dataclass(frozen=True, slots=True)
class Spot:
    """A conduit with sound neighbours, in which one thing is spoilt."""

    seen: Seeing
    link: int
    number: int  # of the spot, for new names

    @property
    def id(self) -> str:
        """Return the id of the conduit."""
        return str(self.seen.topology.link_ids[self.link])

    @property
    def start(self) -> int:
        """Return the upper node."""
        return int(self.seen.topology.link_from[self.link])

    @property
    def end(self) -> int:
        """Return the lower node."""
        return int(self.seen.topology.link_to[self.link])

    @property
    def line(self) -> np.ndarray:
        """Return the drawing."""
        return self.seen.parts("conduit", self.id)[0]

    @property
    def across(self) -> np.ndarray:
        """Return the unit vector to the left of the conduit."""
        x, y = self.line[-1] - self.line[0]
        return np.asarray(np.array([-y, x]) / np.hypot(x, y))

    @property
    def middle(self) -> np.ndarray:
        """Return the middle of the straight line between the ends."""
        return np.asarray((self.line[0] + self.line[-1]) / 2)

    def value(self, field: str) -> object:
        """Return a value of the conduit."""
        return self.seen.value("conduit", self.id, field)

    def set(self, **fields: object) -> list[Edit]:
        """Return the edit that sets values of the conduit."""
        return [Edit("conduit", self.id, fields)]

    def node(self, which: int) -> str:
        """Return the id of a node."""
        return self.seen.name(which)


Plan = tuple[list[Edit], str, str]  # edits, and the asset at which the rule must speak
Plant = Callable[[Spot], Plan]


def _conduit(**fields: Callable[[Spot], object]) -> Plant:
    return lambda spot: (
        spot.set(**{name: make(spot) for name, make in fields.items()}),
        "conduit",
        spot.id,
    )


def _new_manhole(spot: Spot, place: np.ndarray, **fields: object) -> Edit:
    name = f"{spot.id}-X{spot.number}"
    return Edit("manhole", name, {"system": spot.value("system"), **fields}, parts=(place[None, :],))


def _orphan(spot: Spot) -> Plan:
    made = _new_manhole(spot, spot.middle + 7.0 * spot.across)
    return [made], "manhole", made.id


def _on_pipe(spot: Spot) -> Plan:
    made = _new_manhole(spot, spot.middle)
    return [made], "manhole", made.id


def _copied(spot: Spot, name: str, **fields: object) -> Edit:
    return Edit("conduit", name, {**spot.seen.fields("conduit", spot.id), **fields}, parts=(spot.line,))


def _stub(spot: Spot, name: str, start: str, end: str, line: np.ndarray) -> Edit:
    fields = {
        "from_id": start,
        "to_id": end,
        "system": spot.value("system"),
        "height": spot.value("height"),
        "material": "hdpe",
        "year": 2010,
        "shape": "circular",
        "pressure": "gravity",
    }
    return Edit("conduit", name, fields, parts=(line,))


def _duplicate(spot: Spot) -> Plan:
    return [_copied(spot, f"{spot.id}-D")], "conduit", f"{spot.id}-D"


def _dead_end(spot: Spot) -> Plan:
    made = _new_manhole(spot, spot.line[0] + 9.0 * spot.across)
    line = np.vstack([spot.line[0], spot.line[0] + 9.0 * spot.across])
    return [made, _stub(spot, f"{spot.id}-S", spot.node(spot.start), made.id, line)], "manhole", made.id


def _isolated(spot: Spot) -> Plan:
    along = (spot.line[-1] - spot.line[0]) / np.hypot(*(spot.line[-1] - spot.line[0]))
    far = spot.middle + 9.0 * spot.across
    one, two = f"{spot.id}-I1", f"{spot.id}-I2"
    line = np.vstack([far, far + 6.0 * along])
    edits = [
        Edit("manhole", name, {"system": spot.value("system")}, parts=(place[None, :],))
        for name, place in zip((one, two), line, strict=True)
    ]
    return [*edits, _stub(spot, f"{spot.id}-I", one, two, line)], "manhole", one


def _loop(spot: Spot) -> Plan:
    bent = np.vstack([spot.line[-1], spot.middle + 1.5 * spot.across, spot.line[0]])
    made = _stub(spot, f"{spot.id}-L", spot.node(spot.end), spot.node(spot.start), bent)
    height = spot.value("height")
    wider = {**made.fields, "height": float(height) + 0.1 if isinstance(height, float) else None}
    low = min((spot.start, spot.end))
    return [Edit(made.type, made.id, wider, parts=made.parts)], *spot.seen.node_name(low)


def _crossing(spot: Spot) -> Plan:
    made = _new_manhole(spot, spot.middle + 4.0 * spot.across)
    other = spot.middle - 1.0 * spot.across
    line = np.vstack([spot.middle + 4.0 * spot.across, other, spot.line[-1]])
    name = f"{spot.id}-K"
    return [made, _stub(spot, name, made.id, spot.node(spot.end), line)], "conduit", min(name, spot.id)


def _duplicate_point(spot: Spot) -> Plan:
    type_, id_ = spot.seen.node_name(spot.end)
    fields = spot.seen.fields(type_, id_)
    made = Edit(type_, f"{id_}-D", fields, parts=spot.seen.parts(type_, id_))
    return [made, *spot.set(to_id=made.id)], type_, made.id


def _turned_round(spot: Spot) -> Plan:
    return [swapped_ends(spot.seen, "conduit", spot.id, drawing=True)], "conduit", spot.id


def _drawn(change: Callable[[Spot], np.ndarray | None]) -> Plant:
    def plan(spot: Spot) -> Plan:
        line = change(spot)
        parts = () if line is None else (line,)
        return [Edit("conduit", spot.id, parts=parts)], "conduit", spot.id

    return plan


def _end_moved(by: float) -> Plant:
    def change(spot: Spot) -> np.ndarray:
        line = spot.line.copy()
        line[-1] += by * (line[0] - line[-1]) / np.hypot(*(line[0] - line[-1]))
        return line

    return _drawn(change)


def _high_floor(spot: Spot) -> Plan:
    type_, id_ = spot.seen.node_name(spot.end)
    ground = float(spot.seen.levels.ground[spot.end])
    floor = float(spot.seen.levels.invert[spot.end])
    fields = {"ground_level": ground, "invert_level": ground + 10.0, "depth": ground - floor}
    return [Edit(type_, id_, fields)], type_, id_


def _placed(move: Callable[[Spot, np.ndarray], np.ndarray]) -> Plant:
    def plan(spot: Spot) -> Plan:
        type_, id_ = spot.seen.node_name(spot.end)
        place = spot.seen.parts(type_, id_)[0][0]
        return [Edit(type_, id_, parts=(move(spot, place)[None, :],))], type_, id_

    return plan


def _gcj(spot: Spot, place: np.ndarray) -> np.ndarray:
    turn = Transformer.from_crs(spot.seen.network.city.crs, "EPSG:4326", always_xy=True)
    lon, lat = turn.transform(float(place[0]), float(place[1]))
    ((east, north),) = gcj02_from_wgs84(np.array([[lon, lat]]))
    return np.array(turn.transform(east, north, direction="INVERSE"))


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else np.nan


def _mixed(other: str) -> Plant:
    return _conduit(system=lambda _: other)


# How each rule is broken. Where a spot must be special (of one system, a head, falling well) see ``_fits``.
PLANTS: dict[str, Plant] = {
    "connectivity.no-end": _conduit(to_id=lambda _: None),
    "connectivity.unknown-end": _conduit(from_id=lambda spot: f"?{spot.number}"),
    "connectivity.same-node": _conduit(to_id=lambda spot: spot.node(spot.start)),
    "connectivity.duplicate-line": _duplicate,
    "connectivity.orphan-manhole": _orphan,
    "connectivity.isolated": _isolated,
    "connectivity.dead-end": _dead_end,
    "connectivity.loop": _loop,
    "connectivity.sewage-into-storm": _mixed("sanitary"),
    "connectivity.storm-into-sanitary": _mixed("storm"),
    "elevation.adverse-slope": _conduit(
        from_invert=lambda spot: spot.value("to_invert"), to_invert=lambda spot: spot.value("from_invert")
    ),
    "elevation.reversed": _turned_round,
    "elevation.invert-above-ground": _high_floor,
    "elevation.end-above-ground": _conduit(
        from_invert=lambda spot: float(spot.seen.levels.ground[spot.start]) + 2.0
    ),
    "elevation.end-below-floor": _conduit(to_invert=lambda spot: _number(spot.value("to_invert")) - 0.8),
    "attribute.impossible-length": _conduit(length=lambda _: 0.0),
    "attribute.impossible-diameter": _conduit(height=lambda spot: _number(spot.value("height")) * 1000),
    "attribute.impossible-year": _conduit(year=lambda _: 20081),
    "attribute.unknown-code": _conduit(material=lambda _: "reinforced_concret"),
    "attribute.missing-code": _conduit(system=lambda _: None),
    "attribute.diameter-falls": _conduit(height=lambda _: 0.15, width=lambda _: 0.15),
    "geometry.no-shape": _drawn(lambda _: None),
    "geometry.duplicate-point": _duplicate_point,
    "geometry.end-misses": _end_moved(6.0),
    "geometry.near-miss": _end_moved(0.3),
    "geometry.crossing": _crossing,
    "geometry.manhole-on-pipe": _on_pipe,
    "geometry.drawn-backwards": _drawn(lambda spot: turned((spot.line,))[0]),
    "geometry.length-differs": _conduit(length=lambda spot: _number(spot.value("length")) * 10),
    "geometry.swapped-axes": _placed(lambda _, place: place[::-1]),
    "geometry.wrong-zone": _placed(lambda _, place: place + np.array([40e6, 0.0])),
    "geometry.shifted": _placed(_gcj),
    "geometry.outside": _placed(lambda _, place: place + np.array([30000.0, 0.0])),
}


def _fits(rule: str, spot: Spot) -> bool:
    """Tell whether a rule can be broken at a spot so that nobody could say it is sound."""
    seen = spot.seen
    head = seen.topology.in_start[spot.start] == seen.topology.in_start[spot.start + 1]
    if rule in {"connectivity.sewage-into-storm", "connectivity.storm-into-sanitary"}:
        wanted = "storm" if rule.endswith("into-storm") else "sanitary"
        return bool(head and spot.value("system") == wanted)
    fall = seen.levels.link_from[spot.link] - seen.levels.link_to[spot.link]
    if rule in {"elevation.adverse-slope", "elevation.reversed"}:
        return bool(fall > 0.03)
    if rule == "attribute.diameter-falls":
        return bool(not head and seen.bore[spot.link] > 0.2)
    return True


def broken_delivery(
    network: Network, seed: int = 1, share: float = SHARE
) -> tuple[Network, tuple[Planted, ...]]:
    """Return the city with bad rows of every rule, and the list of them.

    Every bad row has sound neighbours, so that what must be found is known; the number of rows goes by
    ``share`` of the conduits, at least two of each rule.
    """
    seen = Seeing(network, topology(network))
    rules = [code for code in rule_table() if code not in NOT_PLANTED]
    each = max(2, round(share * len(network.table("conduit")) / len(rules)))
    spots = list(_spots(seen, np.random.default_rng([seed, 90])))
    edits: list[Edit] = []
    planted: list[Planted] = []
    for rule in rules:
        found = [spot for spot in spots if _fits(rule, spot)][:each]
        spots = [spot for spot in spots if spot not in found]
        for spot in found:
            some, type_, id_ = PLANTS[rule](spot)
            edits += some
            planted.append(Planted(rule, type_, id_, _around(spot, some)))
    return with_edits(network, edits), tuple(planted)


def _around(spot: Spot, edits: list[Edit]) -> tuple[str, ...]:
    """Return the assets of a plant and those that hang on it."""
    nodes = (spot.start, spot.end)
    links = [spot.seen.link_name(link)[1] for node in nodes for link in spot.seen.links_at(node)]
    return tuple(dict.fromkeys([*(edit.id for edit in edits), *links, *(spot.node(node) for node in nodes)]))


def _spots(seen: Seeing, draw: np.random.Generator) -> Iterator[Spot]:
    """Yield conduits between two manholes, one after another, no two with a node or a neighbour in common."""
    graph = seen.topology
    first = seen.spans("link")["conduit"]
    manhole = seen.are("node", "manhole")
    lengths = seen.drawn.length
    used: set[int] = set()
    number = 0
    for link in draw.permutation(np.arange(first.start, first.stop)).tolist():
        start, end = int(graph.link_from[link]), int(graph.link_to[link])
        if start < 0 or end < 0 or not (manhole[start] and manhole[end] and seen.gravity[link]):
            continue
        if not SHORTEST <= lengths[link] <= LONGEST or seen.bore[link] > 1.0:
            continue
        near = {start, end}
        for node in (start, end):
            for other in seen.links_at(node):
                near |= {int(graph.link_from[other]), int(graph.link_to[other])}
        if near & used or _not_simple(seen, start, end):
            continue
        used |= near
        number += 1
        yield Spot(seen, link, number)


def _not_simple(seen: Seeing, start: int, end: int) -> bool:
    """Tell whether other than conduits hang on a node, or it has another way out."""
    graph = seen.topology
    names = [seen.link_name(link)[0] for node in (start, end) for link in seen.links_at(node)]
    ways = [int(graph.out_start[node + 1] - graph.out_start[node]) for node in (start, end)]
    return set(names) != {"conduit"} or ways != [1, 1]
