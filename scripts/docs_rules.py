"""What does each rule mean, with a picture, its bounds and its repairs? A page made from the tables."""

from collections.abc import Iterator

import numpy as np
from docs_sentences import readable
from docs_tables import table, titled, word

from wenqu.examples.broken_cities import BROKEN
from wenqu.messages import say, sentences
from wenqu.network.checks.registry import check_all
from wenqu.network.checks.telling import Rule, rule_table
from wenqu.network.checks.thresholds import thresholds
from wenqu.network.checks.whole import levels
from wenqu.network.geometry import centres
from wenqu.network.model import Network
from wenqu.network.repairs.proposing import Proposer
from wenqu.network.repairs.repair import Repair
from wenqu.network.schema import types_of
from wenqu.network.staging import with_edits
from wenqu.network.topology import topology

WIDE, HIGH, GAP = 300, 150, 20  # [px] of one picture, and between the two
AROUND = 75.0  # [m] of the city that is shown to either side
HEAD = """<style>text{font:10px sans-serif;fill:#555}.l{stroke:#2f6fab;stroke-width:2;fill:none}
.n{fill:#fff;stroke:#2f6fab;stroke-width:1.5}.g{stroke:#8a7a5c;stroke-width:1}.b{stroke:#c8452f}</style>
<defs><marker id="a" viewBox="0 0 8 8" refX="4" refY="4" markerWidth="5" markerHeight="5" orient="auto">
<path d="M0 0L8 4L0 8z" fill="#2f6fab"/></marker></defs>"""
CLASSES = {
    "mend": (
        "有把握的自动改正并列出，否则{otherwise}",
        "mended by rule where certain and listed; otherwise {otherwise}",
    ),
    "queue": ("进入待处理队列", "the row waits in the queue"),
    "flag": ("入库并标记", "it enters and is flagged"),
}


def rules_page(language: str) -> Iterator[str]:
    """Yield the page of all rules."""
    yield titled(language, "# 每条规则", "# Each rule")
    yield ""
    yield word("intro", "rules", language)
    yield ""
    yield from table(
        titled(language, "界限,值,单位,含义", "bound,value,unit,meaning").split(","),
        [
            [f"`{b.name}`", f"{b.value:g}", b.unit, b.zh if language == "zh" else b.en]
            for b in thresholds().values()
        ],
    )
    for code, rule in rule_table().items():
        yield from _entry(language, code, rule)


def _class(language: str, rule: Rule) -> str:
    pair = CLASSES[rule.class_]
    otherwise = titled(language, *CLASSES[rule.otherwise]) if rule.otherwise else ""
    return titled(language, *pair).format(otherwise=otherwise)


def _entry(language: str, code: str, rule: Rule) -> Iterator[str]:
    keys = sentences(language)
    yield f'<a id="{code}"></a>'
    yield ""
    yield f"## {keys[f'issue.{code}.name']} `{code}`"
    yield ""
    if code in BROKEN and rule_picture(code):
        yield f"![{code}](../rules/{code}.svg)"
        yield ""
    yield readable(keys[f"issue.{code}.says"])
    yield ""
    yield f"- {titled(language, '为什么', 'Why')}: {keys[f'issue.{code}.why']}"
    yield f"- {titled(language, '轻重', 'Weight')}: {word('weight', rule.weight.value, language)}"
    yield f"- {titled(language, '导入时', 'On import')}: {_class(language, rule)}"
    bounds = [f"`{b.name}` = {b.value:g} {b.unit}" for b in thresholds().values() if code in b.rules]
    if bounds:
        yield f"- {titled(language, '界限', 'Bounds')}: {'; '.join(bounds)}"
    yield f"- {titled(language, '处理', 'Remedy')}: {readable(keys[f'issue.{code}.remedy'])}"
    for proposal in _proposals(code):
        yield f"  - {say(f'repair.{proposal.key}', language, **proposal.facts)}"
    yield ""


def _proposals(code: str) -> list[Repair]:
    if code not in BROKEN:
        return []
    city = BROKEN[code]()
    issues = [issue for issue in check_all(city) if issue.code == code and issue.asset]
    return list(Proposer(city).proposals(issues[0])) if issues else []


def rule_picture(code: str) -> str:
    """Return the picture of a rule: the broken city, and after its first repair; "" where nothing shows."""
    city = BROKEN[code]() if code in BROKEN else None
    issues = [issue for issue in check_all(city) if issue.code == code and issue.asset] if city else []
    if not city or not issues:
        return ""
    first = Proposer(city).proposals(issues[0])[0]
    repaired = with_edits(city, first.edits)
    draw = _profile if code.startswith("elevation") or code == "attribute.diameter-falls" else _plan
    at = np.array(issues[0].at or (499050.0, 3171000.0))
    panels = [
        [*draw(network, at, issues[0].asset), *_figures(network, first)] for network in (city, repaired)
    ]
    width = 2 * WIDE + GAP
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HIGH}" width="{width}">',
            HEAD,
            f'<rect width="{width}" height="{HIGH}" fill="#fff"/>',
            *panels[0],
            f'<g transform="translate({WIDE + GAP},0)">',
            *panels[1],
            "</g>",
            f'<path d="M{WIDE + 4} {HIGH / 2}h10l-4 -4m4 4l-4 4" stroke="#555" fill="none"/>',
            "</svg>",
            "",
        ]
    )


def _figures(network: Network, first: Repair) -> Iterator[str]:
    """Yield the values that the first proposal changes, as they are in a network."""
    told = []
    for edit in first.edits:
        table = network.table(edit.type)
        for row in np.flatnonzero(table.ids == edit.id)[:1]:
            for name in edit.fields:
                value = table.column(name)[row]
                missing = value is None or value != value  # noqa: PLR0124 NaN
                told.append(f"{edit.id} {name} = {'-' if missing else value}")
    yield f'<text x="6" y="{HIGH - 5}">{"; ".join(told[:3])}</text>'


def _plan(network: Network, at: np.ndarray, asset: str) -> Iterator[str]:
    """Yield the links and nodes around a place, seen from above."""
    middle = at if np.abs(at - [499050.0, 3171000.0]).max() < 1000 else np.array([499050.0, 3171030.0])
    scale = WIDE / (2 * AROUND)

    def px(place: np.ndarray) -> tuple[float, float]:
        x, y = (place - middle) * scale
        return round(WIDE / 2 + x, 1), round(HIGH / 2 - y, 1)

    for type_ in types_of("link"):
        shapes, ids = network.table(type_).shapes, network.table(type_).ids
        for row in range(len(ids)):
            points = [px(place) for place in shapes.of(row)]
            if points and any(
                abs(x - WIDE / 2) < WIDE / 2 and abs(y - HIGH / 2) < HIGH / 2 for x, y in points
            ):
                points = [(min(max(x, 0), WIDE), min(max(y, 0), HIGH)) for x, y in points]
                half = [(np.add(points[0], points[1]) / 2).round(1).tolist()]
                path = " ".join(f"{x},{y}" for x, y in [points[0], *half, *points[1:]])
                mark = " b" if ids[row] == asset else ""
                yield f'<polyline class="l{mark}" marker-mid="url(#a)" points="{path}"/>'
    for type_ in types_of("node"):
        for place, id_ in zip(centres(network.table(type_).shapes), network.table(type_).ids, strict=True):
            if np.isnan(place).any():
                continue
            x, y = px(place)
            if 0 < x < WIDE and 0 < y < HIGH:
                mark = " b" if id_ == asset else ""
                yield f'<circle class="n{mark}" cx="{x}" cy="{y}" r="4"/>'
                yield f'<text x="{x + 5:g}" y="{y - 5:g}">{id_}</text>'


def _profile(network: Network, at: np.ndarray, asset: str) -> Iterator[str]:
    """Yield ground, floors and conduits around a place, seen from the side, drawn from west to east."""
    graph = topology(network)
    heights = levels(network, graph)
    places = np.concatenate([centres(network.table(type_).shapes) for type_ in types_of("node")])
    near = np.abs(places[:, 1] - at[1]) < 1
    west = at[0] - AROUND

    def px(x: float, level: float) -> str:
        return f"{round((x - west) / (2 * AROUND) * WIDE, 1)},{round(HIGH - 12 - (level - 2.4) * 38, 1)}"

    shown = [n for n in np.flatnonzero(near) if 0 <= places[n, 0] - west <= 2 * AROUND]
    for node in shown:
        ground, floor = heights.ground[node], heights.invert[node]
        if np.isfinite(ground) and np.isfinite(floor):
            mark = " b" if graph.node_ids[node] == asset else ""
            shaft = f"{px(places[node, 0], floor)} {px(places[node, 0], ground)}"
            yield f'<polyline class="g{mark}" points="{shaft}"/>'
            x, y = px(places[node, 0], max(ground, floor)).split(",")
            yield f'<text x="{x}" y="{max(float(y) - 3, 10):g}">{graph.node_ids[node]}</text>'
    for link in range(len(graph.link_ids)):
        start, end = graph.link_from[link], graph.link_to[link]
        if (
            start in shown
            and end in shown
            and np.isfinite([heights.link_from[link], heights.link_to[link]]).all()
        ):
            mark = " b" if graph.link_ids[link] == asset else ""
            one, other = (places[start, 0], heights.link_from[link]), (places[end, 0], heights.link_to[link])
            half = px((one[0] + other[0]) / 2, (one[1] + other[1]) / 2)
            yield f'<polyline class="l{mark}" marker-mid="url(#a)" points="{px(*one)} {half} {px(*other)}"/>'
