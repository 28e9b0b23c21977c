"""How far is the city from what the programme asks of it?"""

import math

from wenqu.messages import say
from wenqu.reports.content import CityReport, Target
from wenqu.reports.document import Block, Column, Heading, Table, Text, source
from wenqu.reports.wording import count, figure, percent
from wenqu.units import from_si

UNITS = {"m": "km", "m³/s": "万m³/d"}


def targets_chapter(report: CityReport, language: str) -> list[Block]:
    """Return every indicator against its milestone, and what each was made from."""
    blocks: list[Block] = [Heading(say("report.targets.title", language))]
    if not report.targets:
        return [*blocks, Text(say("report.missing.targets", language), "notice")]
    rows = tuple(_row(target, language) for target in report.targets)
    columns = tuple(
        Column(say(f"report.targets.{name}", language), width, number)
        for name, width, number in (
            ("indicator", "1fr", False), ("today", "auto", True), ("target", "auto", True),
            ("date", "auto", False), ("state", "auto", False), ("pace", "auto", True),
        )
    )  # fmt: skip
    made = source(
        language, rows=sum(target.rows for target in report.targets), what=say("report.what.rows", language),
        edition=say("report.source.version", language, version=report.version),
        caution=_caution(report, language),
    )  # fmt: skip
    return [
        *blocks,
        Table(say("report.targets.caption", language), columns, rows, made),
        _proof(report, language),
    ]


def _row(target: Target, language: str) -> tuple[str, ...]:
    sign = {">": "> ", ">=": "≥ "}[target.operator]
    pace = "–" if math.isnan(target.pace_needed) else percent(target.pace_needed)
    return (
        target.label.of(language), percent(target.today), sign + percent(target.target), target.date,
        say(f"report.state.{target.state}", language), pace,
    )  # fmt: skip


def _caution(report: CityReport, language: str) -> str:
    doubted = [target.label.of(language) for target in report.targets if target.status != "verified"]
    return say("report.targets.caution", language, names=", ".join(doubted)) if doubted else ""


def _amount(value: float, unit: str, language: str) -> str:
    border = UNITS.get(unit)
    if border is None:
        return count(round(value))
    shown = say("report.unit.wan", language) if border == "万m³/d" else border
    factor = from_si(value, border) if language == "zh" or border == "km" else from_si(value, "m³/d")
    return f"{figure(factor, 4)} {shown}"


def _proof(report: CityReport, language: str) -> Block:
    columns = tuple(
        Column(say(f"report.targets.{name}", language), width, number)
        for name, width, number in (
            ("indicator", "1fr", False), ("above", "auto", True), ("below", "auto", True),
            ("rows", "auto", True), ("formula", "2.2fr", False), ("edition", "1.6fr", False),
        )
    )  # fmt: skip
    rows = tuple(
        (
            target.label.of(language), _amount(target.above, target.unit, language),
            _amount(target.below, target.unit, language), count(target.rows), target.formula.of(language),
            target.edition,
        )
        for target in report.targets
    )  # fmt: skip
    made = source(
        language, rows=sum(target.rows for target in report.targets), what=say("report.what.rows", language)
    )
    return Table(say("report.targets.proof", language), columns, rows, made, small=True)
