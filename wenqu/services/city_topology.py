"""Do the waters of a city run as its map says: meters in backwater, parts that drain into another area?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.backwater import Backwater, backwater
from wenqu.diagnosis.joint_rows import Heard
from wenqu.diagnosis.map_doubts import OFFERED, WRONG, Doubt, map_doubts
from wenqu.diagnosis.map_questions import Question
from wenqu.diagnosis.moved_parts import Laid, parts_near, parts_of
from wenqu.diagnosis.night_sewage import default_pattern
from wenqu.diagnosis.observation_rows import Sighting
from wenqu.diagnosis.pipe_order import distances_down
from wenqu.issues import Issue, Weight
from wenqu.network.geometry import centres
from wenqu.network.model import Network
from wenqu.network.topology import Topology
from wenqu.series.flags import flagged
from wenqu.series.model import Series, series
from wenqu.series.repair import regular
from wenqu.services.case_backwater import backwater_issues, less_trusted
from wenqu.services.case_map_doubts import evidence_in_words
from wenqu.services.dry_weather import DryWeather
from wenqu.store.database import Store

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
DAY = 86400.0
SHOWN, LIKELY = 3, 0.1  # doubts that are filed, and how probable the least of them is
MANY = 60  # areas from which on a part may only come to areas nearby, though the map has no drawing


@dataclass(frozen=True, slots=True)
class Drawn:
    """The pipes of a city as its map has them. n pipes."""

    dry: DryWeather
    cell: Ints  # (n,) area between meters
    bills: bool  # the users' water is known
    times: int = 1  # how often the map is asked, batch by batch


def held_back(
    store: Store, city: str, dry: DryWeather, heard: Heard, stages: Sequence[Series]
) -> tuple[Heard, list[Issue]]:
    """Return the evidence with meters in backwater trusted less, and what says so.

    Parameters
    ----------
    stages
        Readings of the river, by gauge.
    """
    down = distances_down(dry.there.topology)[dry.there.topology.link_from[dry.there.order.link]]
    names = {name for entry in dry.sightings for name in (entry.observer.id, entry.observer.on_id) if name}
    span = (dry.period.since or None, dry.period.until or None)
    read = {
        quantity: store.read_many(city, quantity, sorted(names), *span) for quantity in ("level", "velocity")
    }
    stage = mean_stage(stages)
    seen = [_signs(entry, dry, down, read, stage) for entry in dry.sightings]
    ids = [entry.observer.id for entry in dry.sightings]
    return less_trusted(heard, seen), backwater_issues(ids, seen)


def mean_stage(stages: Sequence[Series]) -> Series | None:
    """Return by the hour how far the river stands from its mean, over all gauges; None without a reading."""
    known = [one for one in (regular(flagged(stage)) for stage in stages if len(stage)) if len(one)]
    if not known:
        return None
    hours = [one.times.astype("datetime64[h]").astype(np.int64) for one in known]
    first = min(int(one[0]) for one in hours)
    size = max(int(one[-1]) for one in hours) - first + 1
    total, count = np.zeros(size), np.zeros(size)
    for one, at in zip(known, hours, strict=True):
        good = one.good()
        there = ~np.isnan(good)
        if there.any():
            np.add.at(total, at[there] - first, good[there] - good[there].mean())
            np.add.at(count, at[there] - first, 1.0)
    read = count > 0
    times = (np.flatnonzero(read) + first).astype("datetime64[h]").astype("datetime64[s]")
    return series("river", "river_stage", times, total[read] / count[read])


def _signs(
    entry: Sighting, dry: DryWeather, down: Floats, read: Mapping[str, Mapping[str, Series]],
    stage: Series | None,
) -> Backwater:  # fmt: skip
    meter, days = entry.observer, entry.evidence.daily.days[entry.evidence.dry]
    own = {
        quantity: next((found[name] for name in (meter.id, meter.on_id) if name in found), None)
        for quantity, found in read.items()
    }
    inside = down[meter.first : meter.last]
    way = float(inside.mean() - inside.min()) if len(inside) else 0.0
    return backwater(
        dry.series[meter.id]["flow"], days, default_pattern(), stage=stage, level=own["level"],
        velocity=own["velocity"], way=way,
    )  # fmt: skip


def doubted_map(drawn: Drawn, asked: Question) -> list[Issue]:
    """Return where the map of a city may be wrong, the surest first, each with the manhole to open."""
    dry = drawn.dry
    if not drawn.bills or len(dry.sightings) < 2:
        return []
    index, order = dry.there.topology, dry.there.order
    root = np.full(len(asked.inner), -1, dtype=np.int64)
    for meter, entry in enumerate(dry.sightings):
        main = int(index.main_link[index.group[entry.observer.node]])
        here = (index.link_ids[main], index.node_ids[entry.observer.node])  # not on a side branch
        if main >= 0 and entry.observer.on_id in here:
            root[asked.graph.own[meter]] = order.place[main]
    pipes = dry.prior.mean
    laid = Laid(index, order, drawn.cell, pipes[0], pipes[1] + pipes[2], root)
    at = places(dry.there.network, index)
    drawn_there = bool(np.isfinite(at).any())
    if not drawn_there and len(asked.inner) > MANY:
        many: dict[str, object] = {"meters": len(dry.sightings), "most": MANY}
        return [Issue("map.not-asked", Weight.NOTE, facts=many)]
    parts = parts_near(asked, laid, at) if drawn_there else parts_of(asked, laid)
    doubts = map_doubts(asked, parts, WRONG / drawn.times)
    if sum(doubt.probability for doubt in doubts) < OFFERED:
        return []
    likely = [doubt for doubt in doubts[:SHOWN] if doubt.probability >= LIKELY]
    return [_told(dry, asked, doubt) for doubt in likely]


def _told(dry: DryWeather, asked: Question, doubt: Doubt) -> Issue:
    part, index = doubt.part, dry.there.topology
    link = int(dry.there.order.link[part.root])
    below = part.cell
    if part.share >= 1:
        below = int(asked.graph.target[asked.graph.source == part.cell][0])
    conduit = str(index.link_ids[link])
    facts: dict[str, object] = {
        "conduit": conduit, "node": str(index.node_ids[index.link_from[link]]),
        "now": _meter(dry, asked, below), "other": _meter(dry, asked, doubt.to), "moved": doubt.moved * DAY,
        "chance": 100 * doubt.probability, "log_bayes": doubt.log_bayes,
        "evidence": evidence_in_words(doubt.log_bayes), "share": 100 * part.share,
        "alike": [str(index.link_ids[dry.there.order.link[pipe]]) for pipe in part.alike],
    }  # fmt: skip
    return Issue("map.may-be-wrong", Weight.DOUBT, str(index.link_type[link]), conduit, facts=facts)


def _meter(dry: DryWeather, asked: Question, cell: int) -> str:
    at = int(asked.meter_of[cell])
    return dry.sightings[at].observer.id if at >= 0 else ""


def places(network: Network, index: Topology) -> Floats:
    """Return where each node lies in the city's coordinates, NaN where nobody drew it. (N, 2) [m]"""
    found = np.full((len(index.node_ids), 2), np.nan)
    for type_ in np.unique(index.node_type.astype(str)):
        mine = index.node_type == type_
        drawn = centres(network.table(type_).shapes)
        if len(drawn):
            found[mine] = drawn[index.node_row[mine]]
    return found
