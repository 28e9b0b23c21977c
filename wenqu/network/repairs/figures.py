"""How are figures, years and codes put right that cannot be?"""

import difflib
from collections import Counter
from collections.abc import Iterator

import numpy as np

from wenqu.issues import Issue
from wenqu.network.checks.attributes import WIDEST
from wenqu.network.edits import Edit
from wenqu.network.geometry import Floats
from wenqu.network.repairs.repair import Repair, Sure
from wenqu.network.repairs.seeing import Seeing, repair
from wenqu.network.schema import asset_type, code_lists

FIRST_YEAR = 1900  # two digits are years of this century or the last
MILLIMETRES = 1000.0
SMALLEST = 0.05  # [m] a bore in metres after all
WATERS = ("sanitary", "storm", "combined")


def _one(issue: Issue, key: str, fields: dict[str, object], sure: Sure, **facts: object) -> Repair:
    return repair(issue, key, [Edit(issue.type, issue.asset, fields)], sure, **facts)


def length(seen: Seeing, issue: Issue) -> Iterator[Repair]:
    """Yield the length of the drawing, which counts where none is given."""
    drawn = float(seen.drawn.length[seen.index(issue)])
    if np.isnan(drawn):
        yield _one(issue, "clear", {"length": None}, Sure.CERTAIN, field="length")
    else:
        yield _one(issue, "length-of-drawing", {"length": drawn}, Sure.CERTAIN, length=drawn)


def length_differs(seen: Seeing, issue: Issue) -> Iterator[Repair]:
    """Yield the length of the drawing."""
    drawn = float(seen.drawn.length[seen.index(issue)])
    yield _one(issue, "length-of-drawing", {"length": drawn}, Sure.LIKELY, length=drawn)


def bore(seen: Seeing, issue: Issue) -> Iterator[Repair]:
    """Yield a bore without its sign or in metres, else none."""
    given = seen.value(issue.type, issue.asset, "height")
    if isinstance(given, float):
        if given > WIDEST and SMALLEST <= given / MILLIMETRES <= WIDEST:
            value = given / MILLIMETRES
            yield _one(issue, "bore-in-millimetres", {"height": value}, Sure.LIKELY, value=value)
        elif 0 < -given <= WIDEST:
            yield _one(issue, "bore-without-sign", {"height": -given}, Sure.LIKELY, value=-given)
        sure = Sure.CERTAIN if given == 0 else Sure.POSSIBLE  # nothing is zero wide: not filled in
        yield _one(issue, "clear", {"height": None}, sure, field="height")


def years_meant(year: int, now: int) -> list[int]:
    """Return the years that may have been meant: as written, of two digits, or one digit too many."""
    if FIRST_YEAR <= year <= now:
        return [year]
    if 0 <= year < 100:
        return [year + (2000 if year + 2000 <= now else FIRST_YEAR)]
    text = str(year)
    meant = {int(text[:n] + text[n + 1 :]) for n in range(len(text))} if len(text) == 5 else set()
    return sorted((value for value in meant if FIRST_YEAR <= value <= now), reverse=True)


def year(seen: Seeing, issue: Issue) -> Iterator[Repair]:
    """Yield what a slip of the pen may have meant, else no year."""
    said, now = issue.facts["year"], issue.facts["now"]
    field = "year" if seen.value(issue.type, issue.asset, "year") is not None else "built_on"
    if field == "year" and isinstance(said, int) and isinstance(now, int):
        for value in years_meant(said, now)[:2]:
            yield _one(issue, "year-meant", {"year": value}, Sure.LIKELY, value=value)
    yield _one(issue, "clear", {field: None}, Sure.LIKELY, field=field)


def code(_seen: Seeing, issue: Issue) -> Iterator[Repair]:
    """Yield the nearest codes of the list, by code and by their names, else none."""
    field, value = str(issue.facts["field"]), str(issue.facts["value"])
    for found, sure in nearest_codes(asset_type(issue.type).field(field).of[0], value):
        yield _one(issue, "set-code", {field: found}, sure, field=field, value=found)
    yield _one(issue, "clear", {field: None}, Sure.POSSIBLE, field=field)


def nearest_codes(list_: str, value: str) -> list[tuple[str, Sure]]:
    """Return the codes of a list nearest to what was written, best first."""
    spellings: dict[str, str] = {}
    for name, entry in code_lists()[list_].items():
        spellings |= {entry.zh.casefold(): name, entry.en.casefold(): name, name.casefold(): name}
    written = value.strip().casefold()
    near = difflib.get_close_matches(written, spellings, n=4, cutoff=0.5)
    within = [text for text in spellings if written and (written in text or text in written)]
    codes = dict.fromkeys(spellings[text] for text in [*near, *within])
    return [(name, Sure.POSSIBLE if place else Sure.LIKELY) for place, name in enumerate(codes)][:3]


def water(seen: Seeing, issue: Issue) -> Iterator[Repair]:
    """Yield the kind of water of the links around, else each kind."""
    graph = seen.topology
    around: Counter[str] = Counter()
    for node in seen.ends_of(issue.type, issue.asset):
        if node >= 0:
            around.update(seen.system[link] for link in seen.links_at(node) if seen.system[link])
            around.update(x for x in [seen.node_system[node]] if x)
    order = [name for name, _ in around.most_common()]
    alone = len(graph.link_ids) > 0 and len(order) == 1
    for value in dict.fromkeys([*order, *WATERS]):
        sure = Sure.LIKELY if alone and value == order[0] else Sure.POSSIBLE
        yield _one(issue, "set-system", {"system": value}, sure, value=value)


def falling(seen: Seeing, issue: Issue) -> Iterator[Repair]:
    """Yield the bore of the conduit above, likely where the one below is as wide."""
    graph, above = seen.topology, issue.facts["above"]
    end = seen.ends_of(issue.type, issue.asset)[1]
    below: Floats = (
        seen.bore[graph.out_link[graph.out_start[end] : graph.out_start[end + 1]]]
        if end >= 0
        else np.empty(0)
    )
    wide = bool(len(below)) and bool(np.nanmax(np.append(below, 0.0)) >= above)
    own = _one(issue, "bore-of-above", {"height": above}, Sure.LIKELY if wide else Sure.POSSIBLE, value=above)
    start = seen.ends_of(issue.type, issue.asset)[0]
    entering = graph.in_link[graph.in_start[start] : graph.in_start[start + 1]]
    widest = [link for link in entering.tolist() if seen.bore[link] == above]
    edits = [Edit(*seen.link_name(link), {"height": issue.facts["own"]}) for link in widest]
    upper = repair(issue, "bore-of-below", edits, Sure.POSSIBLE, value=issue.facts["own"])
    yield from (own, upper) if wide else (upper, own)


PROPOSALS = {
    "attribute.impossible-length": length,
    "geometry.length-differs": length_differs,
    "attribute.impossible-diameter": bore,
    "attribute.impossible-year": year,
    "attribute.unknown-code": code,
    "attribute.missing-code": water,
    "attribute.diameter-falls": falling,
}
