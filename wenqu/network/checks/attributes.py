"""Are the figures of each asset possible, and which are not there?"""

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wenqu.network.checks.telling import Found, names, of_table, on_links
from wenqu.network.checks.thresholds import threshold
from wenqu.network.checks.whole import Flags, Whole, given, is_one_of, numbers, texts
from wenqu.network.geometry import Floats
from wenqu.network.model import Assets, Column, Network
from wenqu.network.schema import asset_type, code_lists

NO_BORE = ("dummy", "irregular", "street")  # sections whose size is not in the field height
WIDEST = 20.0  # [m] a bore beyond is one in millimetres
TO_COME = ("planned", "under_construction")
RECORDED = 0.5  # share of conduits with a kind of water from which on its lack is an omission


def check_attributes(whole: Whole) -> Iterator[Found]:
    """Yield impossible sizes and years, unknown codes, bores that shrink, and what is missing."""
    yield from _sizes(whole)
    yield from _years(whole.network)
    yield from _codes(whole.network)
    yield _falling(whole)
    yield from _missing(whole)


def _sizes(whole: Whole) -> Iterator[Found]:
    length, height = numbers(whole.network, "link", "length"), whole.bore
    bored = whole.are("link", "conduit") & ~is_one_of(texts(whole.network, "link", "shape"), NO_BORE)
    none = np.flatnonzero(length <= 0)
    yield on_links("attribute.impossible-length", none, length=length[none])
    odd = np.flatnonzero(bored & ((height <= 0) | (height > WIDEST)))
    yield on_links("attribute.impossible-diameter", odd, height=height[odd])


def built_in(table: Assets) -> Floats:
    """Return the year in which each asset was built, NaN where neither year nor date says it."""
    fields = {entry.name for entry in asset_type(table.type).fields}
    year = table.column("year").astype(np.float64) if "year" in fields else np.full(len(table), np.nan)
    if "built_on" not in table.fields:
        return year
    text = pc.utf8_slice_codeunits(pa.array(table.column("built_on"), pa.string()), 0, 4)
    text = pc.if_else(pc.match_substring_regex(text, "^[0-9]{4}$"), text, None)
    dated = pc.cast(text, pa.float64()).to_numpy(zero_copy_only=False)
    return np.asarray(np.where(np.isnan(year), dated, year))


def _years(network: Network) -> Iterator[Found]:
    """Yield assets built before there were sewers or after the day of the network."""
    now = int(network.as_of[:4]) if network.as_of[:4].isdecimal() else datetime.now(tz=UTC).year
    for type_, table in network.tables.items():
        if not ({"year", "built_on"} & set(table.fields)):
            continue
        year = built_in(table)
        planned = is_one_of(table.fields["status"], TO_COME) if "status" in table.fields else False
        odd = np.flatnonzero((year < threshold("first_sewer")) | ((year > now) & ~np.asarray(planned)))
        facts = {"year": year[odd].astype(np.int64), "now": now}
        yield Found("attribute.impossible-year", type_, odd, facts)


def _codes(network: Network) -> Iterator[Found]:
    """Yield values that their code list does not have."""
    for type_, table in network.tables.items():
        for entry in asset_type(type_).fields:
            if entry.kind != "code" or entry.name not in table.fields:
                continue
            column = table.fields[entry.name]
            wrong = np.flatnonzero(_unlisted(column, tuple(code_lists()[entry.of[0]])))
            facts = {"field": entry.name, "value": column[wrong], "list": entry.of[0]}
            yield Found("attribute.unknown-code", type_, wrong, facts)


def _unlisted(column: Column, codes: tuple[str, ...]) -> Flags:
    values = pa.array(column, pa.string())
    known = pc.or_(pc.is_null(values), pc.is_in(values, pa.array(codes, pa.string())))
    wrong: Flags = ~known.to_numpy(zero_copy_only=False)
    return wrong


def _round(whole: Whole) -> Flags:
    """Return the conduits whose bores may be compared: round, gravity, one barrel."""
    shape = texts(whole.network, "link", "shape")
    round_ = is_one_of(shape, ("circular",)) | ~given(shape)
    single = ~(numbers(whole.network, "link", "barrels") > 1)
    comparable: Flags = whole.are("link", "conduit") & round_ & single
    return comparable & whole.gravity


def _falling(whole: Whole) -> Found:
    """Return conduits narrower than the widest one that enters above, where nothing wider leaves."""
    graph, height = whole.topology, whole.bore
    comparable = _round(whole) & (height > 0) & (height <= WIDEST)
    nodes = len(graph.node_ids)
    widest_in, widest_out = np.zeros(nodes), np.zeros(nodes)
    enters = np.flatnonzero(comparable & (graph.link_to >= 0))
    np.maximum.at(widest_in, graph.link_to[enters], height[enters])
    leaves = np.flatnonzero(graph.link_from >= 0)
    bore = np.where(comparable, height, np.inf)  # what cannot be compared may be wide enough
    np.maximum.at(widest_out, graph.link_from[leaves], bore[leaves])
    narrow = widest_in * (1 - threshold("falls")) > widest_out
    start = graph.link_from
    falls = np.flatnonzero(comparable & (start >= 0) & np.append(narrow, False)[start])
    falls = falls[height[falls] == widest_out[start[falls]]]
    return on_links(
        "attribute.diameter-falls",
        falls,
        node=names(whole, start[falls]),
        own=height[falls],
        above=widest_in[start[falls]],
    )


def recorded(system: Column) -> bool:
    """Tell whether so many have a kind of water that its lack is an omission."""
    return bool(len(system)) and bool(given(system).mean() >= RECORDED)


def _missing(whole: Whole) -> Iterator[Found]:
    """Yield conduits without a kind of water, and one note for each other figure that conduits lack."""
    table = whole.network.table("conduit")
    if not len(table):
        return
    system = table.column("system")
    if whole.once("recorded", lambda: recorded(system)):
        yield Found("attribute.missing-code", "conduit", np.flatnonzero(~given(system)), {"field": "system"})
    known = {
        "diameter": given(table.column("height")) | is_one_of(table.column("shape"), NO_BORE),
        "material": given(table.column("material")),
        "year": given(table.column("year")) | given(table.column("built_on")),
    }
    for name, there in known.items():
        lacking = np.flatnonzero(~there)
        if len(lacking):
            facts: dict[str, object] = {"count": len(lacking), "total": len(table)}
            facts |= {"percent": 100 * len(lacking) / len(table), "example": str(table.ids[lacking[0]])}
            yield of_table(f"attribute.missing-{name}", "conduit", **facts)
