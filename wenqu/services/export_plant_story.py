"""The inflow of one plant as an Excel workbook: months, loss, back-cast, chances, what is unknown."""

import math
from collections.abc import Mapping
from typing import Any

from wenqu.messages import say
from wenqu.services.export_backward import Page, workbook
from wenqu.services.view_plant_story import UNITS

ENDS = ("5 %", "95 %")


def story_workbook(made: Mapping[str, Any], language: str) -> bytes:
    """Return the answer of ``view_plant_story`` as a workbook; a share is a number from 0 to 1."""
    builds = (_months, _losses, _backcast, _chances, _unknown)
    first, *more = (build(made, language) for build in builds)
    pages = [first, *(page for page in more if page.rows)]  # a sheet without rows says nothing
    return workbook(pages, say("profile.simulated", language) if made["simulated"] else "")


def _say(key: str, language: str) -> str:
    return say(f"page.plant_story.{key}", language)


def _months(made: Mapping[str, Any], language: str) -> Page:
    names = list(dict.fromkeys(name for one in made["months"] for name in one["means"]))
    heads = [
        say("balance.column.period", language),
        say("balance.column.days", language),
        f"{_say('flow', language)} m³/d",
        *(f"{_say(f'q.{name}', language)} {UNITS.get(name, 'mg/L')}" for name in names),
    ]
    for key, unit in (("by_flow", "-"), ("by_conductivity", "-"), ("year", "mg/L")):
        heads += [f"{_say(key, language)} {unit}", *ENDS]
    heads.append(f"{_say('chance', language)} -")
    rows = [
        [
            one["month"], one["days"], _plain(one["flow"]),
            *(_plain(one["means"].get(name)) for name in names),
            *_span(one["by_flow"]), *_span(one["by_conductivity"]), *_span(one["year_bod5"]),
            _plain(one["chance"]),
        ]
        for one in made["months"]
    ]  # fmt: skip
    return Page(say("plant.sheet.months", language), tuple(heads), rows)


def _losses(made: Mapping[str, Any], language: str) -> Page:
    heads = (
        _say("tracer", language), say("balance.column.period", language),
        *(f"{_say(f'key.{name}', language)} mg/L" for name in ("arrived", "lost", "diluted")),
        f"{_say('dilution', language)} -", *ENDS, f"{_say('loss', language)} -", *ENDS,
    )  # fmt: skip
    rows = [
        [
            one["tracer"], row["month"], *(_plain(row[name]) for name in ("bod5", "lost", "diluted")),
            *_span(row["dilution"]), *_span(row["loss"]),
        ]
        for one in made["losses"] for row in one["months"]
    ]  # fmt: skip
    return Page(say("plant.sheet.losses", language), heads, rows)


def _backcast(made: Mapping[str, Any], language: str) -> Page:
    heads = (
        say("balance.column.period", language), f"{_say('flow', language)} m³/d",
        f"{_say('q.temperature', language)} °C", f"{say('plant.sheet.measured', language)} mg/L",
        f"{_say('forecast', language)} mg/L", *ENDS, say("plant.sheet.held", language),
    )  # fmt: skip
    back = made["backcast"] or {"months": []}
    rows = [
        [
            one["month"], _plain(one["flow"]), _plain(one["temperature"]), _plain(one["measured"]),
            *_span(one["forecast"]), say("paper.yes" if one["held"] else "paper.no", language),
        ]
        for one in back["months"]
    ]  # fmt: skip
    return Page(say("plant.sheet.backcast", language), heads, rows)


def _chances(made: Mapping[str, Any], language: str) -> Page:
    heads = (
        say("plant.sheet.by", language), "BOD5 mg/L", *ENDS,
        f"{say('plant.sheet.target', language)} mg/L", f"{_say('chance', language)} -",
        f"{say('plant.sheet.planned', language)} mg/L",
    )  # fmt: skip
    rows = [
        [
            one["window"] or _say("now", language), *_span(one["bod5"]), made["target"],
            _plain(one["chance"]), _plain(one["planned"]),
        ]
        for one in made["chances"]
    ]  # fmt: skip
    return Page(say("plant.sheet.chances", language), heads, rows)


def _unknown(made: Mapping[str, Any], language: str) -> Page:
    rows = [[say(f"plant.unknown.{key}", language)] for key in made["unknown"]]
    return Page(say("plant.sheet.unknown", language), (_say("unknown", language),), rows)


def _plain(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(f"{value:.6g}")


def _span(one: list[float] | None) -> list[float | None]:
    """Return value, low, high of an interval that is told as low, value, high."""
    low, value, high = one or (None, None, None)
    return [_plain(value), _plain(low), _plain(high)]
