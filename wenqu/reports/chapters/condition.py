"""How bad are the sewers, and how is that known?"""

from collections import Counter
from collections.abc import Mapping

import numpy as np

from wenqu.messages import say
from wenqu.network.model import link_lengths
from wenqu.records.inspection import Defect
from wenqu.reports.content import PROBLEM_FROM, CityReport, Graded
from wenqu.reports.document import Block, Column, Figure, Heading, Source, Table, Text, source
from wenqu.reports.maps import grade_map
from wenqu.reports.wording import ROMAN, code_label, count, figure, percent
from wenqu.standards.condition import condition_rules

KM = 1000.0
WORST = 15  # conduits on the page; the workbook has all
INDICES = ("structural_grade", "repair_grade", "functional_grade", "upkeep_grade")


def condition_chapter(report: CityReport, language: str) -> list[Block]:
    """Return what was inspected, the grades as table and map, the defects and the worst conduits."""
    blocks: list[Block] = [Heading(say("report.condition.title", language))]
    if not report.inspections:
        return [*blocks, Text(say("report.missing.inspections", language), "notice")]
    blocks.append(_inspected(report, language))
    if not report.graded:
        return [*blocks, Text(say("report.missing.grades", language), "notice"), *_defects(report, language)]
    blocks += [_grades(report, language), _map(report, language), *_defects(report, language)]
    problem = problems(report)
    if not problem:
        return [*blocks, Text(say("report.condition.no-problems", language))]
    return [*blocks, *_worst(report, problem, language)]


def problems(report: CityReport) -> list[Graded]:
    """Return the conduits of grade Ⅲ or worse, the worst first."""
    found = [row for row in report.graded.values() if row.worse >= PROBLEM_FROM]
    return sorted(found, key=lambda row: (-row.worse, -max(row.RI or 0.0, row.MI or 0.0), row.conduit))


def lengths_of(report: CityReport) -> dict[str, float]:
    """Return the length of every conduit by id; NaN when unknown. [m]"""
    conduits = report.network.table("conduit")
    return dict(zip((str(id_) for id_ in conduits.ids), link_lengths(conduits).tolist(), strict=True))


def edition_of(report: CityReport) -> str:
    """Return the standards the grades were made by, with their editions."""
    used = sorted({f"{row.standard}-{row.edition}" for row in report.graded.values()})
    return ", ".join(used)


def grade_source(report: CityReport, language: str) -> Source:
    """Return from what the grades were made."""
    return source(
        language, rows=len(report.graded), what=say("report.what.grades", language),
        formula="RI = 0.7F + 0.1K + 0.05E + 0.15T; MI = 0.8G + 0.15K + 0.05E", edition=edition_of(report),
        unconfirmed={rule for row in report.graded.values() for rule in row.unconfirmed},
    )  # fmt: skip


def _inspected(report: CityReport, language: str) -> Block:
    rows = list(report.inspections.values())
    methods = Counter(row.method for row in rows)
    said = [
        f"{code_label('inspection_method', name, language)} {count(number)}"
        for name, number in methods.most_common()
    ]
    lengths = lengths_of(report)
    length = float(np.nansum([lengths.get(row.asset, np.nan) for row in rows]))
    facts = {
        "count": count(len(rows)),
        "length": figure(length / KM, 4),
        "since": min(row.date for row in rows),
        "until": max(row.date for row in rows),
        "methods": ("，" if language == "zh" else ", ").join(said),
        "defects": count(sum(len(row.defects) for row in rows)),
    }
    return Text(say("report.condition.inspected", language, **facts))


def _grades(report: CityReport, language: str) -> Block:
    lengths = lengths_of(report)
    rows = []
    whole = float(np.nansum([lengths.get(id_, np.nan) for id_ in report.graded]))
    for grade in (1, 2, 3, 4, 0):
        worse = [row for row in report.graded.values() if row.worse == grade]
        counts = [sum(getattr(row, name) == grade for row in report.graded.values()) for name in INDICES]
        if not worse and not any(counts):
            continue
        length = float(np.nansum([lengths.get(row.conduit, np.nan) for row in worse]))
        label = ROMAN[grade] if grade else say("grading.unknown", language)
        share = percent(length / whole) if whole > 0 else "–"
        rows.append((label, *(count(number) for number in counts), count(len(worse)),
                     figure(length / KM), share))  # fmt: skip
    columns = (
        Column(say("report.condition.grade", language), "1fr"),
        *(Column(say(f"report.condition.{name}", language), "1.2fr", number=True) for name in INDICES),
        Column(say("report.condition.worse", language), "1fr", number=True),
        Column(say("report.network.length-km", language), "1fr", number=True),
        Column(say("report.condition.share", language), "1.2fr", number=True),
    )
    return Table(
        say("report.condition.grades", language), columns, tuple(rows), grade_source(report, language)
    )


def _map(report: CityReport, language: str) -> Block:
    caption = say("report.condition.map", language)
    return Figure(caption, "grades", grade_map(report, language), caption, grade_source(report, language))


def _defects(report: CityReport, language: str) -> list[Block]:
    found: dict[tuple[str, str, str], list[Defect]] = {}
    for inspection in report.inspections.values():
        for defect in inspection.defects:
            found.setdefault((inspection.standard, inspection.edition, defect.code), []).append(defect)
    if not found:
        return [Text(say("report.condition.no-defects", language))]
    rows = []
    names = defect_names(report, language)
    for (standard, edition, code), defects in sorted(found.items(), key=lambda item: -len(item[1])):
        levels = Counter(defect.level for defect in defects)
        conduits = len({defect.asset for defect in defects})
        rows.append((code, names.get((standard, edition, code), ""),
            *(count(levels[level]) for level in (1, 2, 3, 4)),
                     count(len(defects)), count(conduits)))  # fmt: skip
    columns = (
        Column(say("report.condition.code", language)),
        Column(say("report.condition.defect", language), "1fr"),
        *(
            Column(say("report.condition.level", language, level=level), number=True)
            for level in (1, 2, 3, 4)
        ),
        Column(say("report.condition.defects", language), number=True),
        Column(say("report.network.conduits", language), number=True),
    )
    made = source(
        language, rows=sum(len(entry) for entry in found.values()), what=say("report.what.defects", language),
        edition=", ".join(sorted({f"{standard}-{edition}" for standard, edition, _ in found})),
    )  # fmt: skip
    return [Table(say("report.condition.defect-table", language), columns, tuple(rows), made)]


def defect_names(report: CityReport, language: str) -> Mapping[tuple[str, str, str], str]:
    """Return what each defect code is called in the standard its crew used."""
    used = {(row.standard, row.edition) for row in report.inspections.values()}
    names = {}
    for standard, edition in used:
        if (standard, edition) == ("CJJ 181", "2012"):
            for code, kind in condition_rules(standard, edition).kinds.items():
                names[standard, edition, code] = kind.zh if language == "zh" else kind.en
    return names


def _worst(report: CityReport, problem: list[Graded], language: str) -> list[Block]:
    lengths = lengths_of(report)
    length = float(np.nansum([lengths.get(row.conduit, np.nan) for row in problem]))
    shown = problem[:WORST]
    table = report.network.table("conduit")
    roads = dict(zip(table.ids, table.column("road"), strict=True))
    rows = [
        (
            row.conduit, str(roads.get(row.conduit) or ""), figure(lengths.get(row.conduit)),
            figure(row.F), figure(row.RI), ROMAN[row.repair_grade], figure(row.G), figure(row.MI),
            ROMAN[row.upkeep_grade],
        )
        for row in shown
    ]  # fmt: skip
    columns = (
        Column(say("report.condition.conduit", language)),
        Column(say("report.condition.road", language), "1fr"),
        Column(say("report.condition.length-m", language), number=True),
        Column("F", number=True),
        Column("RI", number=True),
        Column(say("report.condition.repair_grade", language), number=True),
        Column("G", number=True),
        Column("MI", number=True),
        Column(say("report.condition.upkeep_grade", language), number=True),
    )
    said = say(
        "report.condition.problems", language, count=count(len(problem)), length=figure(length / KM),
        shown=count(len(shown)),
    )  # fmt: skip
    caption = say("report.condition.worst", language, shown=count(len(shown)), count=count(len(problem)))
    return [Text(said), Table(caption, columns, tuple(rows), grade_source(report, language))]
