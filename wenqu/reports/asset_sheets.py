"""What do the lists of sewers say: every conduit, every defect, every problem?"""

from collections.abc import Iterator

import numpy as np

from wenqu.issues import Issue
from wenqu.messages import say
from wenqu.network.model import link_lengths
from wenqu.records.inspection import Defect, Inspection
from wenqu.records.programme import Measure
from wenqu.reports.chapters.condition import defect_names, problems
from wenqu.reports.chapters.water import POSTERIOR
from wenqu.reports.content import CityReport, Graded
from wenqu.reports.maps import extraneous_per_km
from wenqu.reports.sheets import Cell, Field, Sheet, field, origin, sheet
from wenqu.reports.wording import (
    ROMAN,
    code_label,
    issue_sentence,
    joined,
    repair_name,
    rule_sentence,
    type_label,
)
from wenqu.units import from_si

MM = 1000.0
CODES = ("system", "material")


def planned(report: CityReport) -> dict[str, Measure]:
    """Return the measure of each conduit that the programme mends."""
    made = report.programme.measures if report.programme else ()
    return {asset: row for row in made for asset in row.asset.split("|")}


def _number(value: object) -> float | None:
    return None if value is None or not np.isfinite(float(value)) else float(value)  # type: ignore[arg-type]


def _graded(row: Graded | None, language: str) -> tuple[Cell, ...]:
    if row is None:
        return (None,) * 9
    grades = [ROMAN[entry] if entry else say("grading.unknown", language) for entry in (
        row.structural_grade, row.repair_grade, row.functional_grade, row.upkeep_grade, row.worse
    )]  # fmt: skip
    return (row.F, row.RI, grades[0], grades[1], row.G, row.MI, grades[2], grades[3], grades[4])


def _grade_origin(row: Graded | None, inspection: Inspection | None, language: str) -> tuple[Cell, ...]:
    """Return method, inputs, edition and unconfirmed rules of a grade."""
    seen = inspection.id if inspection else None
    if row is None:
        return (None, seen, None, None)
    doubted = joined((rule_sentence(rule, language) for rule in row.unconfirmed), language)
    return (say("report.what.grading", language, standard=row.standard), seen,
        f"{row.standard}-{row.edition}",
            doubted or None)  # fmt: skip


def conduits_sheet(report: CityReport, language: str) -> Sheet:
    """Return every conduit with its grade, its extraneous water and its repair."""
    table = report.network.table("conduit")
    columns = {
        name: table.column(name) for name in ("road", "district", "system", "material", "year", "height")
    }
    lengths, per_km, measures = link_lengths(table), extraneous_per_km(report), planned(report)
    rows = []
    for row, id_ in enumerate(str(name) for name in table.ids):
        inspection, graded, measure = report.inspections.get(id_), report.graded.get(id_), measures.get(id_)
        rows.append(
            (
                id_, columns["road"][row], columns["district"][row],
                *(code_label(name, columns[name][row], language) for name in CODES),
                _number(columns["year"][row]), _number(columns["height"][row] * MM), _number(lengths[row]),
                inspection.date if inspection else None, *_graded(graded, language),
                _number(from_si(report.extraneous[row], "m³/d")),
                _number(from_si(report.extraneous_sd[row], "m³/d")), _number(per_km[row]),
                report.areas[row] or None, measure.window if measure else None,
                *_grade_origin(graded, inspection, language),
                None if np.isnan(report.extraneous[row]) else _posterior_edition(report),
            )
        )  # fmt: skip
    fields = (
        field(language, "conduit", width=16), field(language, "road", width=16), field(language, "district"),
        field(language, "system"), field(language, "material", width=16),
        field(language, "year", "", "year", 8),
        field(language, "height", "mm", "count"), field(language, "length", "m", "number"),
        field(language, "inspected", kind="date"), *_grade_fields(language),
        field(language, "extraneous", "m³/d", "number"), field(language, "sd", "m³/d", "number"),
        field(language, "per-km", "m³/(d·km)", "number", 16), field(language, "area", width=14),
        field(language, "window"), *origin(language), field(language, "unconfirmed", width=40),
        field(language, "extraneous-method", width=34),
    )  # fmt: skip
    return sheet(report, language, "conduits", fields, rows)


def _grade_fields(language: str) -> tuple[Field, ...]:
    return tuple(
        field(language, name, kind="number" if name in {"F", "RI", "G", "MI"} else "text", width=11)
        for name in ("F", "RI", "structural", "repair_grade", "G", "MI", "functional", "upkeep", "worse")
    )


def _posterior_edition(report: CityReport) -> str:
    card = report.methods.get(POSTERIOR)
    return f"{POSTERIOR}: {card.source}" if card else POSTERIOR


def defects_sheet(report: CityReport, language: str) -> Sheet:
    """Return every defect of the last inspections as its crew wrote it down."""
    names = defect_names(report, language)
    rows = [
        (
            row.asset, defect.code, names.get((row.standard, row.edition, defect.code)), defect.level,
            defect.start, defect.length, defect.clock, defect.remark, row.date,
            code_label("inspection_method", row.method, language), row.inspector, row.id,
            f"{row.standard}-{row.edition}",
        )
        for row in report.inspections.values()
        for defect in row.defects
    ]  # fmt: skip
    fields = (
        field(language, "conduit", width=16), field(language, "code", width=8), field(language, "defect"),
        field(language, "level", kind="count", width=8), field(language, "start", "m", "number"),
        field(language, "defect-length", "m", "number"), field(language, "clock", width=10),
        field(language, "remark", width=20), field(language, "inspected", kind="date"),
        field(language, "inspected-by", width=16), field(language, "inspector", width=20),
        field(language, "inspection", width=14), field(language, "edition", width=16),
    )  # fmt: skip
    return sheet(report, language, "defects", fields, rows)


def problems_sheet(report: CityReport, language: str) -> Sheet:
    """Return the conduits of grade Ⅲ or worse, the worst first, with cause and remedy."""
    table = report.network.table("conduit")
    place = {str(id_): row for row, id_ in enumerate(table.ids)}
    roads, districts, lengths = table.column("road"), table.column("district"), link_lengths(table)
    measures, names = planned(report), defect_names(report, language)
    rows = []
    for number, graded in enumerate(problems(report), start=1):
        row, inspection = place.get(graded.conduit), report.inspections.get(graded.conduit)
        measure = measures.get(graded.conduit)
        rows.append(
            (
                number, graded.conduit, None if row is None else roads[row],
                None if row is None else districts[row], None if row is None else _number(lengths[row]),
                *_graded(graded, language), _defects_said(inspection, names),
                repair_name(report, measure.method, language) if measure else None,
                measure.window if measure else None,
                from_si(measure.cost, "万元") if measure else None,
                *_grade_origin(graded, inspection, language),
            )
        )  # fmt: skip
    fields = (
        field(language, "number", kind="count", width=7), field(language, "conduit", width=16),
        field(language, "road", width=16), field(language, "district"),
        field(language, "length", "m", "number"),
        *_grade_fields(language), field(language, "defects", width=36), field(language, "repair", width=26),
        field(language, "window"), field(language, "cost", "万元", "number"), *origin(language),
        field(language, "unconfirmed", width=40),
    )  # fmt: skip
    return sheet(report, language, "problems", fields, rows)


def _defects_said(inspection: Inspection | None, names: object) -> str | None:
    if inspection is None or not inspection.defects:
        return None

    def said(defect: Defect) -> str:
        key = (inspection.standard, inspection.edition, defect.code)
        name = names.get(key, "") if isinstance(names, dict) else ""
        return f"{name}({defect.code}){defect.level} @{defect.start:g} m"

    return "; ".join(said(defect) for defect in sorted(inspection.defects, key=lambda entry: entry.start))


def issues_sheet(report: CityReport, language: str) -> Sheet:
    """Return everything that is wrong with the data, with what to do about it."""
    rows = [row for stage, issue in report.issues for row in _issue_rows(stage, issue, language)]
    fields = (
        field(language, "stage"), field(language, "weight"), field(language, "type"),
        field(language, "asset", width=16), field(language, "says", width=70),
        field(language, "remedy", width=50), field(language, "rule", width=30),
    )  # fmt: skip
    return sheet(report, language, "issues", fields, rows)


def _issue_rows(stage: str, issue: Issue, language: str) -> Iterator[tuple[Cell, ...]]:
    yield (
        say(f"report.stage.{stage}", language), say(f"report.weight.{issue.weight}", language),
        type_label(issue.type, language) if issue.type else None, issue.asset or None,
        issue_sentence(issue, language), say(f"issue.{issue.code}.remedy", language, **issue.facts),
        issue.code,
    )  # fmt: skip
