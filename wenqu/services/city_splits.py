"""Where does the water of a city divide between ways to different meters, and is that measured or thought?"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.city_posterior import Cells, cells_of
from wenqu.diagnosis.joint_inversion import Inversion
from wenqu.diagnosis.observation_rows import Sighting
from wenqu.diagnosis.pipe_order import above_node
from wenqu.diagnosis.split_cells import Spot
from wenqu.diagnosis.travelled_waves import Ways, ways_of, ways_on
from wenqu.issues import Issue, Weight
from wenqu.network.checks.whole import numbers
from wenqu.network.topology import Topology
from wenqu.services.case_cells import case_cells
from wenqu.services.case_splits import divided, split_issues
from wenqu.services.dry_weather import DryWeather

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
# A city says which of its links are weirs and gates: they are overflows, and dry in dry weather.
CARRIES = {"conduit": 1.0, "channel": 1.0, "pump": 1.0}


def divided_cells(dry: DryWeather, cells: Cells) -> Cells:
    """Return the cells between the meters of a city, those of a graph where its water divides."""
    index, spots = dry.there.topology, _spots(dry.there.topology, dry.sightings)
    spans = [(entry.observer.first, entry.observer.last) for entry in dry.sightings]
    bore = numbers(dry.there.network, "link", "height")
    found = case_cells(index, dry.there.order, spots, spans, {}, bore, CARRIES).divided
    if found is None:
        return cells
    return replace(cells, of_pipe=found.cell, of_meter=found.graph.own.argmax(axis=1), divided=found)


def water_divides(dry: DryWeather) -> bool:
    """Return whether water divides between ways to different meters."""
    first = np.array([entry.observer.first for entry in dry.sightings], dtype=np.int64)
    last = np.array([entry.observer.last for entry in dry.sightings], dtype=np.int64)
    return divided_cells(dry, cells_of(first, last, dry.prior.mean.shape[1])).divided is not None


def branch_meters(dry: DryWeather) -> tuple[Sighting, ...]:
    """Return the meters on side branches: no sum of a forest, but the share that divides off."""
    index, order = dry.there.topology, dry.there.order
    counted = np.where(dry.there.counted, dry.there.length, 0.0)
    found = []
    for entry in dry.observers:
        if entry.placed or entry.id not in dry.evidence or entry.on_type not in CARRIES:
            continue
        link = int(np.flatnonzero(index.link_ids == entry.on_id)[0])
        start, end = int(index.link_from[link]), int(index.link_to[link])
        if start < 0 or end < 0 or index.group[start] == index.group[end]:
            continue
        first, last = above_node(order, index, start)
        above = float(counted[first:last].sum())
        here = replace(entry, node=start, first=first, last=last)
        found.append(Sighting(here, dry.evidence[entry.id], above))
    return tuple(found)


def _spots(index: Topology, sightings: Sequence[Sighting]) -> list[Spot]:
    """Return where the meters stand: on a link, or in a node."""
    wanted = [entry.observer.on_id for entry in sightings]
    links = np.flatnonzero(np.isin(index.link_ids.astype(str), wanted))
    place = dict(zip(index.link_ids[links].tolist(), links.tolist(), strict=True))
    nodes = set(index.node_ids[[entry.observer.node for entry in sightings]].tolist())
    return [
        Spot(place[name], -1) if name in place and name not in nodes else Spot(-1, entry.observer.node)
        for entry, name in zip(sightings, wanted, strict=True)
    ]


def ways_between(cells: Cells, sewage: Floats, down: tuple[Floats, Floats], reach: tuple[Ints, Ints]) -> Ways:
    """Return the ways of the sewage between meters.

    Parameters
    ----------
    sewage
        Expected of each pipe. (n,) [m³/s]
    down
        Way of each pipe (n,) and meter (M,) to the end of the network. [m]
    reach
        First and last pipe (excluded) above each meter by the main ways. (M,) each
    """
    if cells.divided is None:
        return ways_of(cells.of_pipe, sewage, *down, reach, cells.spans)
    there = cells.divided
    return ways_on(there.graph, (there.source, sewage, down[0]), down[1], there.outlet)


def doubted_splits(cells: Cells, found: Inversion) -> list[Issue]:
    """Return the places where nobody measured how the water divides, and how many were too many to ask."""
    if cells.divided is None:
        return []
    told = split_issues(divided(cells.divided.splits, found))
    if cells.divided.left_out:
        facts: dict[str, object] = {"places": cells.divided.left_out, "most": len(cells.divided.splits)}
        told.append(Issue("map.splits-left-out", Weight.DOUBT, facts=facts))
    return told
