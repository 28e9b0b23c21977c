"""At which manholes of a city could a meter stand, and what would it cost there?"""

import csv
import io
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.blocks import blocks
from wenqu.diagnosis.defaults import default
from wenqu.diagnosis.pipe_columns import Pipes
from wenqu.errors import BadInput

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
SHALLOW = 3.0  # [m] depth up to which a meter costs the same
YES, NO = ("", "yes", "1", "true", "是"), ("no", "0", "false", "否")
MOST = 200_000  # sites that are looked at
CELLS = 30_000_000  # of the table of sites and readings, those that stand and those that are asked for


@dataclass(frozen=True, slots=True)
class SiteTable:
    """What a city says of single manholes: id, cost, whether a meter can stand there."""

    cost: dict[str, float]  # [yuan]
    shut: frozenset[str]


@dataclass(frozen=True, slots=True)
class CitySites:
    """C manholes, one for each place of the network."""

    node: Ints  # (C,) of the topology
    first: Ints  # (C,) interval of pipes above
    last: Ints
    cost: Floats  # (C,) [yuan]
    thinned: int  # sites that were left out because there are too many
    unknown: tuple[str, ...]  # ids of the table that the network does not have


def read_sites(text: str) -> SiteTable:
    """Return the table of a city: CSV with the columns id, cost_yuan and access, the last two may be empty.

    Raises
    ------
    BadInput
        There is no column id, a cost is not a positive number, or access is neither yes nor no.
    """
    if not text.strip():
        return SiteTable({}, frozenset())
    rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    if "id" not in (rows.fieldnames or ()):
        raise BadInput("meter-sites", line=1, found=text.splitlines()[0][:80])
    cost: dict[str, float] = {}
    shut: set[str] = set()
    for line, row in enumerate(rows, start=2):
        id_, said = str(row["id"] or "").strip(), str(row.get("cost_yuan") or "").strip()
        access = str(row.get("access") or "").strip().lower()
        price = _number(said)
        if not id_ or access not in (*YES, *NO) or (said and not 0 < price < np.inf):
            raise BadInput("meter-sites", line=line, found=f"{id_},{said},{access}"[:80])
        if said:
            cost[id_] = price
        if access in NO:
            shut.add(id_)
    return SiteTable(cost, frozenset(shut))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def city_sites(there: Pipes, measured: npt.NDArray[np.int64], given: SiteTable, rows: int) -> CitySites:
    """Return where a meter could stand: the cheapest open manhole of each place that has sewers above it.

    Parameters
    ----------
    measured
        Nodes at which a meter stands already.
    given
        What the city says of single manholes.
    rows
        Readings that stand and that are asked for: with very many of them, sites are taken further apart.
    """
    topology = there.topology
    ids = topology.node_ids.astype(str)
    named = set(given.cost) | given.shut
    unknown = tuple(sorted(named - set(ids[np.isin(ids, list(named))].tolist()))) if named else ()
    free = (topology.node_type == "manhole") & ~np.isin(ids, list(given.shut))
    free &= ~np.isin(topology.group, topology.group[measured])
    node = np.flatnonzero(free)
    price = _costs(there, node, ids, given)
    node = node[np.lexsort((node, price, topology.group[node]))]
    _, one = np.unique(topology.group[node], return_index=True)
    node = node[one]
    number = topology.tin[topology.group[node]]
    first, last = there.order.start[number], there.order.start[topology.tout[topology.group[node]]]
    length = np.where(there.counted, there.length, 0.0)
    walked = np.concatenate([[0.0], np.cumsum(length)])
    kept = walked[last] - walked[first] > 0
    before = int(kept.sum())
    few = min(MOST, CELLS // (rows + 1))
    if before > few:
        heads = blocks(topology, there.order, length, float(length.sum()) / few).head
        kept &= np.isin(topology.group[node], heads)
    node = node[kept]
    cost = _costs(there, node, ids, given)
    return CitySites(node, first[kept], last[kept], cost, before - len(node), unknown)


def _costs(there: Pipes, node: Ints, ids: npt.NDArray[np.str_], given: SiteTable) -> Floats:
    """Return what a meter costs at each node: by the city's table, else by the depth. [yuan]"""
    table = there.network.table("manhole")
    depth = np.nan_to_num(table.column("depth")[there.topology.node_row[node]].astype(float), nan=0.0)
    found: Floats = default("meter_cost") + default("meter_depth_cost") * np.maximum(depth - SHALLOW, 0.0)
    for place, id_ in enumerate(ids[node].tolist() if given.cost else ()):
        found[place] = given.cost.get(id_, found[place])
    return found
