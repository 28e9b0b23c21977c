"""What is repaired, in which year, for how much, and what does it reach?"""

import json
import math
from collections import defaultdict

from wenqu.messages import say
from wenqu.records.programme import Measure, Programme
from wenqu.reports.charts import cost_chart, outlook_chart
from wenqu.reports.content import CityReport
from wenqu.reports.document import Block, Column, Figure, Heading, Source, Table, Text, source
from wenqu.reports.wording import count, figure, joined, percent
from wenqu.units import from_si

KM = 1000.0
DEAREST = 12  # measures on the page; the workbook has all


def programme_chapter(report: CityReport, language: str) -> list[Block]:
    """Return cost, years, outlook and the proof of the programme."""
    blocks: list[Block] = [Heading(say("report.programme.title", language))]
    made = report.programme
    if made is None:
        return [*blocks, Text(say("report.missing.programme", language), "notice")]
    blocks += [Text(opening(made, language)), Text(proof(made, language))]
    blocks += [Text(row.of(language), "notice") for row in report.kept_short]
    if not made.measures:
        return [*blocks, Text(say("report.programme.nothing", language))]
    names = {key: label.of(language) for key, label in report.repairs.items()}
    given = programme_source(made, language)
    caption = say("report.programme.cost-chart", language)
    blocks += [
        _years(made, language),
        Figure(caption, "cost", cost_chart(made, names, language), caption, given),
    ]
    blocks.append(_methods(made, names, language))
    if made.outlook:
        caption = say("report.programme.outlook-chart", language)
        drawn = outlook_chart(report, made, language)
        blocks += [Figure(caption, "outlook", drawn, caption, given), _outlook(report, made, language)]
    return [*blocks, _dearest(made, names, language)]


def spent(made: Programme) -> float:
    """Return what all measures cost, undiscounted. [yuan]"""
    return sum(measure.cost for measure in made.measures)


def money(value: float, language: str) -> tuple[str, str]:
    """Return an amount and its unit as people of the language write it."""
    return (
        (figure(from_si(value, "万元"), 4), "万元")
        if language == "zh"
        else (figure(value / 1e6, 4), "million yuan")
    )


def opening(made: Programme, language: str) -> str:
    """Return in one paragraph what the programme does."""
    cost, unit = money(spent(made), language)
    removed = from_si(sum(measure.flow_removed for measure in made.measures), "m³/d")
    gained = from_si(sum(measure.load_gained for measure in made.measures), "kg/d")
    facts = {
        "id": made.id, "at": made.at[:10], "count": count(len(made.measures)),
        "packages": count(len({measure.package for measure in made.measures})),
        "length": figure(sum(measure.length for measure in made.measures) / KM),
        "cost": cost, "unit": unit, "first": made.windows[0] if made.windows else "–",
        "last": made.windows[-1] if made.windows else "–", "removed": figure(removed),
        "gained": figure(gained),
    }  # fmt: skip
    return say("report.programme.opening", language, **facts)


def proof(made: Programme, language: str) -> str:
    """Return how near the programme is to the best one, and by what right that is said."""
    bound, unit = money(made.bound, language)
    cost, _ = money(made.cost, language)
    facts = {"bound": bound, "cost": cost, "unit": unit, "gap": percent(made.gap, 2)}
    return say(f"report.programme.{made.status}", language, **facts)


def programme_source(made: Programme, language: str) -> Source:
    """Return from what the programme was made, with its price table and rules."""
    rules = json.loads(made.rules) if made.rules else {}
    said = sorted(
        {
            str(row.get("source", ""))
            for name in ("capacity_share", "length_share")
            for row in rules.get(name, [])
        }
        - {""}
    )
    warned = [
        say(f"report.programme.default-{name}", language)
        for name, doubted in (
            ("prices", made.catalogue.startswith("default")),
            ("rules", bool(rules.get("default"))),
        )
        if doubted
    ]
    return source(
        language, rows=len(made.measures), what=say("report.what.measures", language),
        formula=say("report.programme.formula", language),
        edition=joined([*said, say("report.programme.catalogue", language, edition=made.catalogue)],
            language),
        caution=(" " if language == "en" else "").join(warned),
    )  # fmt: skip


def _sum_row(label: str, chosen: list[Measure], language: str) -> tuple[str, ...]:
    cost, length, removed, gained = (
        sum(getattr(measure, name) for measure in chosen)
        for name in ("cost", "length", "flow_removed", "load_gained")
    )
    return (
        label, count(len(chosen)), figure(length / KM), money(cost, language)[0],
        figure(from_si(removed, "m³/d")), figure(from_si(gained, "kg/d")),
    )  # fmt: skip


def _sum_columns(first: str, language: str) -> tuple[Column, ...]:
    unit = money(0.0, language)[1]
    return (
        Column(say(f"report.programme.{first}", language), "1fr"),
        Column(say("report.programme.count", language), number=True),
        Column(say("report.network.length-km", language), number=True),
        Column(say("report.programme.cost", language, unit=unit), number=True),
        Column(say("report.programme.removed", language), number=True),
        Column(say("report.programme.gained", language), number=True),
    )


def _years(made: Programme, language: str) -> Block:
    of_year = {window: [row for row in made.measures if row.window == window] for window in made.windows}
    rows = [_sum_row(window, chosen, language) for window, chosen in of_year.items()]
    rows.append(_sum_row(say("report.total", language), list(made.measures), language))
    return Table(say("report.programme.years", language), _sum_columns("year", language), tuple(rows),
                 programme_source(made, language))  # fmt: skip


def _methods(made: Programme, names: dict[str, str], language: str) -> Block:
    of_method: defaultdict[str, list[Measure]] = defaultdict(list)
    for measure in made.measures:
        of_method[measure.method].append(measure)
    order = sorted(of_method, key=lambda name: -sum(row.cost for row in of_method[name]))
    rows = tuple(_sum_row(names.get(name, name), of_method[name], language) for name in order)
    return Table(say("report.programme.methods", language), _sum_columns("method", language), rows,
                 programme_source(made, language))  # fmt: skip


def _outlook(report: CityReport, made: Programme, language: str) -> Block:
    known = {plant.id: plant for plant in report.plants}
    reached = {(row.plant, row.window): row for row in made.outlook}
    aims = {row.plant: row.threshold for row in made.outlook}
    rows = []
    for plant, aim in aims.items():
        cells = []
        for window in made.windows:
            row = reached.get((plant, window))
            mark = "" if row is None or not row.meets else " ✓"
            cells.append("–" if row is None else figure(from_si(row.concentration, "mg/L")) + mark)
        today = known[plant].bod5 if plant in known else math.nan
        name = known[plant].name if plant in known else plant
        rows.append((name, figure(from_si(aim, "mg/L")), figure(from_si(today, "mg/L")), *cells))
    columns = (
        Column(say("report.plants.plant", language), "1fr"),
        Column(say("report.plants.target", language), number=True),
        Column(say("report.chart.today", language), number=True),
        *(Column(window, number=True) for window in made.windows),
    )
    return Table(
        say("report.programme.outlook", language), columns, tuple(rows), programme_source(made, language)
    )


def _dearest(made: Programme, names: dict[str, str], language: str) -> Block:
    chosen = sorted(made.measures, key=lambda row: -row.cost)[:DEAREST]
    rows = tuple(
        (
            row.asset.replace("|", ", "), names.get(row.method, row.method), row.window,
            figure(row.length) if row.length else "–", money(row.cost, language)[0],
            figure(from_si(row.flow_removed, "m³/d")), count(len(row.reasons)),
        )
        for row in chosen
    )  # fmt: skip
    columns = (
        Column(say("report.programme.asset", language), "1fr"),
        Column(say("report.programme.method", language), "1fr"),
        Column(say("report.programme.year", language)),
        Column(say("report.condition.length-m", language), number=True),
        Column(say("report.programme.cost", language, unit=money(0.0, language)[1]), number=True),
        Column(say("report.programme.removed", language), number=True),
        Column(say("report.programme.reasons", language), number=True),
    )
    caption = say(
        "report.programme.dearest", language, shown=count(len(chosen)), count=count(len(made.measures))
    )
    return Table(caption, columns, rows, programme_source(made, language))
