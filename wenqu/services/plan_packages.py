"""Which conduits are repaired as one job: by hand where somebody said so, by street and length elsewhere?"""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from wenqu.network.bundles import bundled, stretches
from wenqu.network.model import link_lengths
from wenqu.planning.migration import stays
from wenqu.planning.options import Sites
from wenqu.planning.rules import Rules
from wenqu.services.plan_waters import Evidence, conduit_links, plants_below, texts, upper_nodes

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]
Bools = npt.NDArray[np.bool_]


def packages(known: Evidence, rules: Rules, kept: Ints, sort: tuple[Texts, Bools]) -> Texts:
    """Return the package of the conduits that may be repaired.

    Conduits that somebody put into a package stay in it. Of the others neighbours are one package that share
    road, plant, district, whether they are on the problem list, and whether a moratorium names one of them,
    up to the longest length; while there are few, each is one by itself.

    Parameters
    ----------
    kept
        Rows of the conduits.
    sort
        Plant below, and whether it is on the problem list. (k,), (k,)
    """
    table = known.network.table("conduit")
    ids = texts(table.ids)[kept]
    road, district = texts(table.column("road"))[kept], texts(table.column("district"))[kept]
    closed = {row.name for row in rules.moratoria if row.of == "asset"}
    kind = np.array(
        [
            f"{street}|{zone}|{below}|{bad}|{name in closed}" if street and name not in known.by_hand else ""
            for name, street, zone, below, bad in zip(ids, road, district, *sort, strict=True)
        ],
        dtype=object,
    )
    link = conduit_links(known)[kept]
    ends = (known.topology.link_from[link], known.topology.link_to[link])
    length = np.nan_to_num(link_lengths(table))[kept]
    assumed = known.assumed
    made = bundled(ids, ends, kind, assumed.package_from, length, assumed.package_length)
    return np.array([known.by_hand.get(name, own) for name, own in zip(ids, made, strict=True)], dtype=object)


def blocks(known: Evidence, usable: Bools) -> tuple[Ints, Floats]:
    """Return the block of sewers over one groundwater that each conduit lies in, and the length of each.

    A block is a stretch of neighbouring sewers to one plant, as long as the assumption says; -1 for a conduit
    that carries no sewage. [m] (conduits,), (blocks,)
    """
    table = known.network.table("conduit")
    found = np.full(len(table.ids), -1, dtype=np.int64)
    rows = np.flatnonzero(usable)
    length = np.nan_to_num(link_lengths(table))[rows]
    link = conduit_links(known)[rows]
    ends = (known.topology.link_from[link], known.topology.link_to[link])
    below = plants_below(known.topology)[upper_nodes(known)][rows] if len(rows) else np.empty(0, object)
    kind = np.array([f"to {name}" for name in below], dtype=object)
    label = stretches(texts(table.ids)[rows], ends, kind, length, known.assumed.block_length)
    _, found[rows] = np.unique(label, return_inverse=True)
    return found, np.bincount(found[rows], length).astype(np.float64)


def site_blocks(known: Evidence, sites: Sites, usable: Bools) -> tuple[Ints, Floats]:
    """Return the block of every site, -1 for what is no conduit to be sealed. (n,), [m] (blocks,)"""
    of, whole = blocks(known, usable)
    place = dict(zip(texts(known.network.table("conduit").ids), of.tolist(), strict=True))
    mine = [
        place.get(name, -1) if kind == "conduit" else -1
        for name, kind in zip(sites.ids, sites.kind, strict=True)
    ]
    return np.array(mine, dtype=np.int64), whole


def with_migration(known: Evidence, sites: Sites, usable: Bools) -> Sites:
    """Return the sites with the share of the effect that stays, by the city's assumption."""
    if known.assumed.migration <= 0 or not len(sites):
        return sites
    block, whole = site_blocks(known, sites, usable)
    share = stays(sites.package, block, sites.length, whole, known.assumed.migration)
    return replace(sites, stays=share)
