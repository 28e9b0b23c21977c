"""What do the lists of findings and repairs say: meters, areas, plants, measures, years?"""

import math
from collections import defaultdict
from collections.abc import Iterable

from wenqu.messages import say
from wenqu.records.finding import Finding
from wenqu.records.programme import Measure
from wenqu.reports.chapters.plants import DILUTION, verdict, waterfall_of
from wenqu.reports.chapters.quality import TERMS
from wenqu.reports.chapters.summary import key_figures
from wenqu.reports.chapters.water import POSTERIOR, asset_names
from wenqu.reports.content import CityReport
from wenqu.reports.sheets import Cell, Field, Sheet, field, origin, sheet
from wenqu.reports.wording import code_label, noted, repair_name, type_label
from wenqu.units import border_unit, from_si


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _origin(report: CityReport, row: Finding, language: str) -> tuple[Cell, ...]:
    card = report.methods.get(row.method)
    name = card.label.of(language) if card else row.method
    return (
        f"{name}: {card.formula}" if card else name,
        "; ".join(row.inputs),
        card.source if card else row.version,
    )


def _quantity(row: Finding, language: str) -> str:
    return say(f"report.quantity.{row.quantity}", language)


def _finding_rows(report: CityReport, rows: Iterable[Finding], language: str) -> list[tuple[Cell, ...]]:
    names = asset_names(report)
    made: list[tuple[Cell, ...]] = []
    for row in rows:
        unit = border_unit(row.unit)
        card = report.methods.get(row.method)
        values = (
            from_si(part, unit) if unit != row.unit else part for part in (row.value, row.low, row.high)
        )
        made.append(
            (
                type_label(row.asset_type, language), row.asset, names.get((row.asset_type, row.asset)),
                card.label.of(language) if card else row.method, _quantity(row, language),
                *(_known(value) for value in values), unit, row.since[:10] or None, row.until[:10] or None,
                noted(row.notes, language) or None, *_origin(report, row, language), row.version, row.by,
                row.at,
            )
        )  # fmt: skip
    return made


def _finding_fields(language: str) -> tuple[Field, ...]:
    return (
        field(language, "type"), field(language, "asset", width=14), field(language, "name", width=22),
        field(language, "method-name", width=26), field(language, "quantity", width=16),
        field(language, "value", kind="number"), field(language, "low", kind="number"),
        field(language, "high", kind="number"), field(language, "unit", width=8),
        field(language, "since", kind="date"), field(language, "until", kind="date"),
        field(language, "notes", width=40), *origin(language), field(language, "version"),
        field(language, "by"), field(language, "at", width=24),
    )  # fmt: skip


def meters_sheet(report: CityReport, language: str) -> Sheet:
    """Return every meter by every method, with intervals."""
    rows = [
        row
        for row in report.findings
        if not row.quantity.startswith("area_") and row.method not in {DILUTION, "next_measurement"}
    ]
    return sheet(report, language, "meters", _finding_fields(language), _finding_rows(report, rows, language))


def areas_sheet(report: CityReport, language: str) -> Sheet:
    """Return what the joint posterior says of every area between meters, with the share the data say."""
    rows = [row for row in report.findings if row.method == POSTERIOR and row.quantity.startswith("area_")]
    made = [
        (*cells, _known(float(row.facts.get("data_share", math.nan))))
        for row, cells in zip(rows, _finding_rows(report, rows, language), strict=True)
    ]
    fields = (*_finding_fields(language), field(language, "data-share", kind="percent"))
    return sheet(report, language, "areas", fields, made)


def plants_sheet(report: CityReport, language: str) -> Sheet:
    """Return what every plant received over its last year, and whether sealing would suffice."""
    rows = []
    for plant in report.plants:
        _, sealed = waterfall_of(report, plant.id)
        state = None
        if not math.isnan(plant.bod5):
            state = say(f"report.plants.{'meets' if plant.bod5 > plant.threshold else 'short'}", language)
        rows.append(
            (
                plant.id, plant.name, plant.district, code_label("plant_kind", plant.kind, language),
                from_si(plant.capacity, "m³/d") if plant.capacity else None,
                _known(from_si(plant.flow, "m³/d")),
                *(_known(from_si(part, "mg/L"))
                  for part in (plant.bod5, plant.bod5_low, plant.bod5_high, plant.threshold)),
                state, plant.days, plant.since or None, plant.until or None,
                verdict(sealed, language) if sealed else None,
                "C = Σ(Q·C)/ΣQ", f"series:{plant.id}/flow; series:{plant.id}/bod5",
                say("report.plants.edition", language),
            )
        )  # fmt: skip
    fields = (
        field(language, "asset"), field(language, "plant", width=24), field(language, "district"),
        field(language, "kind", width=16),
        field(language, "capacity", "m³/d", "number"), field(language, "flow", "m³/d", "number"),
        field(language, "bod5", "mg/L", "number"), field(language, "low", "mg/L", "number"),
        field(language, "high", "mg/L", "number"), field(language, "target", "mg/L", "number"),
        field(language, "state"), field(language, "days", kind="count"),
        field(language, "since", kind="date"), field(language, "until", kind="date"),
        field(language, "verdict", width=50), *origin(language),
    )  # fmt: skip
    return sheet(report, language, "plants", fields, rows)


def steps_sheet(report: CityReport, language: str) -> Sheet:
    """Return the waterfall of every plant, step by step, and the next manholes to measure."""
    rows = [row for row in report.findings if row.method in {DILUTION, "next_measurement"}]
    made = [
        (*cells, _known(from_si(float(row.facts["level"]), "mg/L")) if "level" in row.facts else None)
        for row, cells in zip(rows, _finding_rows(report, rows, language), strict=True)
    ]
    fields = (*_finding_fields(language), field(language, "level-after", "mg/L", "number", 14))
    return sheet(report, language, "steps", fields, made)


def measures_sheet(report: CityReport, language: str) -> Sheet:
    """Return every measure of the programme."""
    made = report.programme
    rows = [
        (
            row.window, row.package, type_label(row.asset_type, language), row.asset,
            repair_name(report, row.method, language),
            row.district, row.plant, row.length, from_si(row.cost, "万元"), from_si(row.flow_removed, "m³/d"),
            from_si(row.load_gained, "kg/d"), row.option, "; ".join(row.reasons),
            made.catalogue if made else None,
        )
        for row in (made.measures if made else ())
    ]  # fmt: skip
    fields = (
        field(language, "window"), field(language, "package", width=16), field(language, "type"),
        field(language, "asset", width=16), field(language, "repair", width=28), field(language, "district"),
        field(language, "plant"), field(language, "length", "m", "number"),
        field(language, "cost", "万元", "number"), field(language, "removed", "m³/d", "number"),
        field(language, "gained", "kg/d", "number"), field(language, "option", width=30),
        field(language, "inputs", width=34), field(language, "edition", width=26),
    )  # fmt: skip
    return sheet(report, language, "measures", fields, rows)


def years_sheet(report: CityReport, language: str) -> Sheet:
    """Return every year of the programme by method, and what each plant receives at its end."""
    made = report.programme
    rows: list[tuple[Cell, ...]] = []
    for window in made.windows if made else ():
        of_method: defaultdict[str, list[Measure]] = defaultdict(list)
        for measure in made.measures if made else ():
            if measure.window == window:
                of_method[measure.method].append(measure)
        rows += [
            (
                window, repair_name(report, method, language), len(chosen), sum(row.length for row in chosen),
                from_si(sum(row.cost for row in chosen), "万元"),
                from_si(sum(row.flow_removed for row in chosen), "m³/d"),
                from_si(sum(row.load_gained for row in chosen), "kg/d"), None, None, None, None,
                made.id if made else None, made.catalogue if made else None,
            )
            for method, chosen in of_method.items()
        ]  # fmt: skip
        rows += [
            (
                window, None, None, None, None, None, None, row.plant, from_si(row.concentration, "mg/L"),
                from_si(row.threshold, "mg/L"),
                say(f"report.plants.{'meets' if row.meets else 'short'}", language),
                made.id if made else None, made.catalogue if made else None,
            )
            for row in (made.outlook if made else ())
            if row.window == window
        ]  # fmt: skip
    fields = (
        field(language, "window"), field(language, "repair", width=28),
        field(language, "count", kind="count"),
        field(language, "length", "m", "number"), field(language, "cost", "万元", "number"),
        field(language, "removed", "m³/d", "number"), field(language, "gained", "kg/d", "number"),
        field(language, "plant"), field(language, "bod5", "mg/L", "number"),
        field(language, "target", "mg/L", "number"), field(language, "state"),
        field(language, "inputs", width=30), field(language, "edition", width=26),
    )  # fmt: skip
    return sheet(report, language, "years", fields, rows)


def summary_sheet(report: CityReport, language: str) -> Sheet:
    """Return the key figures with what each is from, then what the words mean."""
    section = (say("report.summary.title", language), say("report.targets.title", language),
               say("report.terms.title", language))  # fmt: skip
    rows: list[tuple[Cell, ...]] = [(section[0], *row) for row in key_figures(report, language)]
    for target in report.targets:
        made = f"{target.formula.of(language)} = {target.above:g} / {target.below:g} {target.unit}".rstrip()
        today = f"{target.today:.2%}" if math.isfinite(target.today) else None
        rows.append((section[1], target.label.of(language), today, f"{made}; {target.edition}"))
    rows += [
        (
            section[2],
            say(f"report.term.{term}.name", language),
            None,
            say(f"report.term.{term}.means", language),
        )
        for term in TERMS
    ]
    fields = (
        field(language, "section", width=18), field(language, "what", width=32),
        field(language, "value", width=30),
        field(language, "from", width=100),
    )  # fmt: skip
    return sheet(report, language, "summary", fields, rows)
