"""Where does clean water enter the sewers, how much, and how sure is that?"""

import math
from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from wenqu.messages import say
from wenqu.records.finding import Finding
from wenqu.reports.content import CityReport
from wenqu.reports.document import Block, Column, Figure, Heading, Source, Table, Text, source
from wenqu.reports.maps import extraneous_map
from wenqu.reports.wording import count, figure, interval_in, noted, percent
from wenqu.units import from_si

POSTERIOR = "joint_inversion"
AREAS, METERS = 15, 50  # on the page; the workbook has all
SIDE_BY_SIDE = (
    "night_flow", "water_balance", "triangle", "moving_minimum", "end_members", POSTERIOR,
)  # fmt: skip


def water_chapter(report: CityReport, language: str) -> list[Block]:
    """Return map, areas and meters with every method side by side, and what cannot be told apart."""
    blocks: list[Block] = [Heading(say("report.water.title", language))]
    if not report.findings:
        return [*blocks, Text(say("report.missing.findings", language), "notice")]
    blocks.append(Text(_opening(report, language)))
    if np.isfinite(report.extraneous).any():
        caption = say("report.water.map", language)
        drawn = extraneous_map(report, language)
        blocks.append(Figure(caption, "extraneous", drawn, caption, posterior_source(report, language)))
    blocks += _areas(report, language)
    blocks += _meters(report, language)
    limits = {note for row in report.findings for note in row.notes if note.startswith("diagnosis.identify.")}
    if limits:
        said = noted(sorted(limits), language)
        blocks += [Heading(say("report.water.limits", language), 2), Text(said)]
    return [*blocks, *_methods(report, language)]


def _opening(report: CityReport, language: str) -> str:
    known = report.findings[0]
    meters = {row.asset for row in report.findings if row.quantity == "extraneous"}
    since = min((row.since[:10] for row in report.findings if row.since), default="–")
    until = max((row.until[:10] for row in report.findings if row.until), default="–")
    facts = {
        "meters": count(len(meters)),
        "since": since,
        "until": until,
        "at": known.at[:10],
        "by": known.by,
    }
    return say("report.water.opening", language, **facts)


def posterior_source(report: CityReport, language: str) -> Source:
    """Return from what the joint posterior was made."""
    card = report.methods.get(POSTERIOR)
    rows = sum(1 for row in report.findings if row.method == POSTERIOR)
    defaults = default_end_members(report.findings)
    return source(
        language, rows=rows, what=say("report.what.findings", language),
        formula=card.formula if card else "", edition=card.source if card else "",
        caution=say("diagnosis.note.default-end-members", language) if defaults else "",
    )  # fmt: skip


def default_end_members(findings: Iterable[Finding]) -> bool:
    """Tell whether any of the findings rests on end members that are not the city's own."""
    return any("endmembers" in part and "default" in part for row in findings for part in row.inputs)


def daily(value: float) -> float:
    """Return a flow as officials write it. [m³/d]"""
    return from_si(value, "m³/d")


def flow_interval(row: Finding) -> str:
    """Return a flow with its interval. [m³/d]"""
    return interval_in("m³/d", row.value, row.low, row.high)


def asset_names(report: CityReport) -> dict[tuple[str, str], str]:
    """Return the name of every meter, station and plant that has one."""
    return {
        (type_, str(id_)): str(name)
        for type_ in ("meter", "station", "plant")
        for table in [report.network.table(type_)]
        for id_, name in zip(table.ids, table.column("name"), strict=True)
        if name
    }


def _areas(report: CityReport, language: str) -> list[Block]:
    of_area: defaultdict[tuple[str, str], dict[str, Finding]] = defaultdict(dict)
    for row in report.findings:
        if row.method == POSTERIOR and row.quantity.startswith("area_"):
            of_area[row.asset_type, row.asset][row.quantity] = row
    wet = [(key, parts) for key, parts in of_area.items() if "area_extraneous" in parts]
    wet.sort(key=lambda entry: -entry[1]["area_extraneous"].value)
    if not wet:
        return []
    names = asset_names(report)
    rows = tuple(
        (
            names.get(key, key[1]),
            *(flow_interval(parts[name]) if name in parts else "–"
              for name in ("area_extraneous", "area_groundwater", "area_river", "area_missing")),
            percent(float(parts["area_extraneous"].facts.get("data_share", math.nan)), 2),
        )
        for key, parts in wet[:AREAS]
    )  # fmt: skip
    columns = tuple(
        Column(say(f"report.water.{name}", language), width, number)
        for name, width, number in (
            ("area", "1fr", False), ("extraneous", "auto", True), ("groundwater", "auto", True),
            ("river", "auto", True), ("missing", "auto", True), ("data-share", "auto", True),
        )
    )  # fmt: skip
    facts = {"shown": count(len(rows)), "count": count(len(wet))}
    return [
        Heading(say("report.water.areas", language), 2),
        Table(say("report.water.area-table", language, **facts), columns, rows,
              posterior_source(report, language), small=True),
    ]  # fmt: skip


def _meters(report: CityReport, language: str) -> list[Block]:
    of_meter: defaultdict[tuple[str, str], dict[str, Finding]] = defaultdict(dict)
    for row in report.findings:
        if row.quantity == "extraneous":
            of_meter[row.asset_type, row.asset].setdefault(row.method, row)
    if not of_meter:
        return []
    used = [name for name in SIDE_BY_SIDE if any(name in methods for methods in of_meter.values())]
    names = asset_names(report)
    largest = sorted(of_meter, key=lambda key: -max(row.value for row in of_meter[key].values()))
    rows = tuple(
        (names.get(key, key[1]), *(flow_interval(of_meter[key][name]).replace(" (",
            "\n(") if name in of_meter[key] else "–"
                                   for name in used))
        for key in largest[:METERS]
    )  # fmt: skip
    columns = (
        Column(say("report.water.meter", language), "1.1fr"),
        *(Column(say(f"report.method.{name}", language), "1fr", number=True) for name in used),
    )
    facts = {"shown": count(len(rows)), "count": count(len(of_meter))}
    number = sum(len(methods) for methods in of_meter.values())
    made = source(language, rows=number, what=say("report.what.findings", language),
                  formula=say("report.water.see-methods", language))  # fmt: skip
    return [
        Heading(say("report.water.meters", language), 2),
        Table(say("report.water.meter-table", language, **facts), columns, rows, made, small=True),
    ]


def _methods(report: CityReport, language: str) -> list[Block]:
    used = {row.method for row in report.findings}
    cards = [(name, card) for name, card in report.methods.items() if name in used]
    if not cards:
        return []
    rows = tuple(
        (card.label.of(language), card.formula, card.trust.of(language), card.source) for _, card in cards
    )
    columns = tuple(
        Column(say(f"report.water.{name}", language), width)
        for name, width in (
            ("method", "1.1fr"),
            ("formula", "1.5fr"),
            ("trust", "1.8fr"),
            ("source", "1.3fr"),
        )
    )
    doubted = [
        card.label.of(language) for _, card in cards if "memory" in card.source or "single" in card.source
    ]
    caution = say("report.water.caution", language, names=", ".join(doubted)) if doubted else ""
    made = source(language, rows=len(rows), what=say("report.what.methods", language), caution=caution)
    return [
        Heading(say("report.water.methods", language), 2),
        Table(say("report.water.method-table", language), columns, rows, made, small=True),
    ]


def plants_total(report: CityReport) -> tuple[float, float, float, int] | None:
    """Return the extraneous water that reaches the plants, bounds added up, and how many. [m³/s]

    Adding the bounds takes the errors of the plants as wholly alike: the interval is rather too wide.
    """
    meters = report.network.table("meter")
    on = dict(zip((str(id_) for id_ in meters.ids), meters.column("on_id"), strict=True))
    plants = {str(id_) for id_ in report.network.table("plant").ids}
    found: dict[str, Finding] = {}
    for row in report.findings:
        if row.method == POSTERIOR and row.quantity == "extraneous":
            place = row.asset if row.asset_type == "plant" else str(on.get(row.asset) or "")
            if place in plants:
                found.setdefault(place, row)
    if not found:
        return None
    value, low, high = (
        sum(getattr(row, name) for row in found.values()) for name in ("value", "low", "high")
    )
    return value, low, high, len(found)


def total_words(report: CityReport, language: str) -> tuple[str, str] | None:
    """Return the extraneous water of all plants with interval, and its unit."""
    total = plants_total(report)
    if total is None:
        return None
    value, low, high, _ = total
    unit = "万m³/d" if language == "zh" else "m³/d"
    return interval_in(unit, value, low, high), unit


def largest_area(report: CityReport) -> tuple[str, str] | None:
    """Return the name of the area with most extraneous water, and how much. [m³/d]"""
    rows = [row for row in report.findings if row.method == POSTERIOR and row.quantity == "area_extraneous"]
    if not rows:
        return None
    worst = max(rows, key=lambda row: row.value)
    name = asset_names(report).get((worst.asset_type, worst.asset), worst.asset)
    return name, f"{figure(daily(worst.value))} m³/d"
