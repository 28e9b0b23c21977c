"""Are the figures of each asset possible, and which are not there?"""

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np

from wenqu.issues import Issue
from wenqu.network.checks.telling import Teller, of_table
from wenqu.network.checks.whole import Flags, drawn, given, gravity, numbers, texts
from wenqu.network.model import Network
from wenqu.network.topology import Topology

FIRST_SEWER = 1800  # years before are typing errors
FALLS = 0.05  # share by which a bore may shrink downstream without doubt (wall thickness, rounding)
NO_BORE = ("dummy", "irregular", "street")  # sections whose size is not in the field height


def check_attributes(network: Network, topology: Topology) -> Iterator[Issue]:
    """Yield impossible sizes and years, bores that shrink downstream, and a count of what is missing."""
    tell = Teller(topology, drawn(network))
    yield from _sizes(network, topology, tell)
    yield from _years(network, tell)
    yield from _falling(network, topology, tell)
    yield from _missing(network)


def _sizes(network: Network, topology: Topology, tell: Teller) -> Iterator[Issue]:
    length, height = numbers(network, "link", "length"), numbers(network, "link", "height")
    bored = (topology.link_type == "conduit") & ~np.isin(texts(network, "link", "shape"), NO_BORE)
    for link in np.flatnonzero(length <= 0):
        yield tell.link("attribute.impossible-length", link, length=float(length[link]))
    for link in np.flatnonzero(bored & (height <= 0)):
        yield tell.link("attribute.impossible-diameter", link, height=float(height[link]))


def _years(network: Network, tell: Teller) -> Iterator[Issue]:
    """Yield links built before there were sewers or after the day of the network."""
    now = int(network.as_of[:4]) if network.as_of[:4].isdecimal() else datetime.now(tz=UTC).year
    year = numbers(network, "link", "year")
    dates = [str(text)[:4] for text in texts(network, "link", "built_on")]
    built = [float(text) if text.isdecimal() else np.nan for text in dates]
    year = np.where(np.isnan(year), np.array(built, dtype=np.float64), year)
    planned = np.isin(texts(network, "link", "status"), ["planned", "under_construction"])
    for link in np.flatnonzero((year < FIRST_SEWER) | ((year > now) & ~planned)):
        yield tell.link("attribute.impossible-year", link, year=int(year[link]), now=now)


def _round(network: Network, topology: Topology) -> Flags:
    """Return the conduits whose bores may be compared: round, gravity, one barrel."""
    shape = texts(network, "link", "shape")
    round_ = np.isin(shape, ["circular"]) | ~given(shape)
    single = ~(numbers(network, "link", "barrels") > 1)
    comparable: Flags = (topology.link_type == "conduit") & round_ & single
    return comparable & gravity(network, topology)


def _falling(network: Network, topology: Topology, tell: Teller) -> Iterator[Issue]:
    """Yield conduits narrower than the widest one that enters above, where nothing wider leaves."""
    height = numbers(network, "link", "height")
    comparable = _round(network, topology) & (height > 0)
    nodes = len(topology.node_ids)
    widest_in, widest_out = np.zeros(nodes), np.zeros(nodes)
    enters = np.flatnonzero(comparable & (topology.link_to >= 0))
    np.maximum.at(widest_in, topology.link_to[enters], height[enters])
    leaves = np.flatnonzero(topology.link_from >= 0)
    bore = np.where(comparable, height, np.inf)  # what cannot be compared may be wide enough
    np.maximum.at(widest_out, topology.link_from[leaves], bore[leaves])
    narrow = np.flatnonzero(widest_in * (1 - FALLS) > widest_out)
    for link in np.flatnonzero(comparable & np.isin(topology.link_from, narrow)):
        node = topology.link_from[link]
        if height[link] == widest_out[node]:
            yield tell.link(
                "attribute.diameter-falls",
                link,
                node=tell.name(node),
                own=height[link],
                above=widest_in[node],
            )


def _missing(network: Network) -> Iterator[Issue]:
    """Yield one note for each figure that conduits lack, with counts."""
    table = network.table("conduit")
    known = {
        "diameter": given(table.column("height")) | np.isin(table.column("shape"), NO_BORE),
        "material": given(table.column("material")),
        "year": given(table.column("year")) | given(table.column("built_on")),
    }
    for name, there in known.items():
        lacking = np.flatnonzero(~there)
        if len(lacking):
            facts: dict[str, object] = {"count": len(lacking), "total": len(table)}
            facts |= {"percent": 100 * len(lacking) / len(table), "example": str(table.ids[lacking[0]])}
            yield of_table(f"attribute.missing-{name}", "conduit", **facts)
