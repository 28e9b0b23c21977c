"""What does each plant receive, and why not more?"""

import math
from collections import defaultdict

from wenqu.messages import say
from wenqu.records.finding import Finding
from wenqu.reports.chapters.water import daily, default_end_members
from wenqu.reports.charts import plants_chart
from wenqu.reports.content import CityReport, PlantYear
from wenqu.reports.document import Block, Column, Figure, Heading, Source, Table, Text, source
from wenqu.reports.waterfall import steps_of, waterfall_chart
from wenqu.reports.wording import code_label, count, figure, interval_in, noted, percent
from wenqu.units import from_si

DILUTION, NEXT = "plant_dilution", "next_measurement"
WAN_PER_DAY = "万m³/d"


def plants_chapter(report: CityReport, language: str) -> list[Block]:
    """Return what every plant receives, its waterfall, its verdict and what to measure next."""
    blocks: list[Block] = [Heading(say("report.plants.title", language))]
    if not report.plants:
        return [*blocks, Text(say("report.missing.plants", language), "notice")]
    blocks.append(_table(report, language))
    if any(not math.isnan(plant.bod5) for plant in report.plants):
        caption = say("report.plants.chart", language)
        drawn = plants_chart(report, language)
        blocks.append(Figure(caption, "plants", drawn, caption, _source(report, language)))
    else:
        blocks.append(Text(say("report.missing.bod5", language), "notice"))
    for plant in report.plants:
        blocks += _waterfall(report, plant, language)
    return [*blocks, *_next(report, language)]


def _source(report: CityReport, language: str) -> Source:
    return source(
        language, rows=sum(plant.days for plant in report.plants), what=say("report.what.days", language),
        formula="C = Σ(Q·C) / ΣQ", edition=say("report.plants.edition", language),
    )  # fmt: skip


def capacity_unit(language: str) -> str:
    """Return the unit plants' sizes are written in."""
    return WAN_PER_DAY if language == "zh" else "m³/d"


def _table(report: CityReport, language: str) -> Block:
    unit = capacity_unit(language)
    rows = []
    for plant in report.plants:
        known = not math.isnan(plant.bod5)
        state = say(f"report.plants.{'meets' if plant.bod5 > plant.threshold else 'short'}", language)
        bod = interval_in("mg/L", plant.bod5, plant.bod5_low, plant.bod5_high)
        rows.append(
            (
                plant.name, code_label("plant_kind", plant.kind, language) or "–",
                figure(from_si(plant.capacity, unit)) if plant.capacity else "–",
                figure(from_si(plant.flow, unit)), bod, figure(from_si(plant.threshold, "mg/L")),
                state if known else say("report.unknown", language), count(plant.days),
            )
        )  # fmt: skip
    columns = (
        Column(say("report.plants.plant", language), "1fr"),
        Column(say("report.plants.kind", language)),
        Column(say("report.plants.capacity", language, unit=unit), number=True),
        Column(say("report.plants.flow", language, unit=unit), number=True),
        Column(say("report.plants.bod5", language), number=True),
        Column(say("report.plants.target", language), number=True),
        Column(say("report.plants.state", language)),
        Column(say("report.plants.days", language), number=True),
    )
    spans = [plant for plant in report.plants if plant.since]
    facts = {
        "since": min((plant.since for plant in spans), default="–"),
        "until": max((plant.until for plant in spans), default="–"),
    }
    return Table(
        say("report.plants.caption", language, **facts), columns, tuple(rows), _source(report, language)
    )


def waterfall_of(report: CityReport, plant: str) -> tuple[list[Finding], Finding | None]:
    """Return the steps of a plant's waterfall in order, and what sealing everything would reach."""
    mine = [row for row in report.findings if row.method == DILUTION and row.asset == plant]
    steps = sorted((row for row in mine if "order" in row.facts), key=lambda row: float(row.facts["order"]))
    return steps, next((row for row in mine if row.quantity == "sealed"), None)


def verdict(sealed: Finding, language: str) -> str:
    """Return what the waterfall says of sealing, with its figures."""
    shares = {
        name: percent(float(sealed.facts.get(name, math.nan)), 3)
        for name in ("clean_share", "clean_share_allowed")
    }
    reached = interval_in("mg/L", sealed.value, sealed.low, sealed.high)
    key = (
        "report.plants.verdict-cannot"
        if sealed.facts.get("verdict") == "sealing-cannot-suffice"
        else ("report.plants.verdict")
    )
    said = noted((note for note in sealed.notes if note.startswith("diagnosis.verdict.")), language)
    facts = {"now": shares["clean_share"], "allowed": shares["clean_share_allowed"], "sealed": reached}
    return f"{said}{' ' if language == 'en' else ''}{say(key, language, **facts)}"


def _waterfall(report: CityReport, plant: PlantYear, language: str) -> list[Block]:
    steps, sealed = waterfall_of(report, plant.id)
    if len(steps) < 2:
        return [Text(say("report.missing.waterfall", language, plant=plant.name), "notice")]
    card = report.methods.get(DILUTION)
    caption = say("report.plants.waterfall", language, plant=plant.name)
    defaults = default_end_members(steps)
    made = source(
        language, rows=len(steps), what=say("report.what.findings", language),
        formula=card.formula if card else "", edition=card.source if card else "",
        caution=say("diagnosis.note.default-end-members", language) if defaults else "",
    )  # fmt: skip
    drawn = waterfall_chart(steps_of(steps), plant.threshold, language)
    blocks: list[Block] = [Heading(plant.name, 2)]
    if sealed is not None:
        blocks.append(Text(verdict(sealed, language)))
    return [*blocks, Figure(caption, f"waterfall-{plant.id}", drawn, caption, made)]


def _next(report: CityReport, language: str) -> list[Block]:
    of_plant: defaultdict[str, list[Finding]] = defaultdict(list)
    for row in report.findings:
        if row.method == NEXT:
            of_plant[str(row.facts.get("plant", ""))].append(row)
    if not of_plant:
        return []
    names = {plant.id: plant.name for plant in report.plants}
    rows = []
    for plant in sorted(of_plant):
        for row in sorted(of_plant[plant], key=lambda entry: float(entry.facts.get("rank", 0))):
            expected = row.facts.get("expected", row.facts.get("expected_flow", math.nan))
            rows.append((names.get(plant, plant), str(row.facts.get("rank", "–")).removesuffix(".0"),
                row.asset,
                         figure(daily(float(expected))), percent(row.value, 2)))  # fmt: skip
    columns = (
        Column(say("report.plants.plant", language), "1fr"),
        Column(say("report.plants.rank", language), number=True),
        Column(say("report.plants.manhole", language)),
        Column(say("report.plants.expected", language), number=True),
        Column(say("report.plants.gain", language), number=True),
    )
    card = report.methods.get(NEXT)
    made = source(
        language, rows=len(rows), what=say("report.what.findings", language),
        formula=card.formula if card else "", edition=card.source if card else "",
    )  # fmt: skip
    return [
        Heading(say("report.plants.next", language), 2),
        Table(say("report.plants.next-table", language), columns, tuple(rows), made),
    ]
