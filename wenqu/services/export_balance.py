"""The balance of a zone as an Excel workbook: periods, streams, faults."""

from collections.abc import Mapping
from typing import Any

from wenqu.messages import say, told
from wenqu.services.export_backward import Page, workbook

COLUMNS = ("supplied", "returned", "arriving", "pumped", "treated", "rain", "dry", "unexplained")


def balance_workbook(made: Mapping[str, Any], language: str) -> bytes:
    """Return the answer of ``view_balance`` as a workbook."""
    pages = [build(made, language) for build in (_periods, _streams, _faults)]
    return workbook(pages, say("profile.simulated", language) if made["simulated"] else "")


def period_table(made: Mapping[str, Any], language: str) -> tuple[tuple[str, ...], list[list[object]]]:
    """Return headings and rows of the periods; every column with its interval. m³/d"""
    heads = [say(f"balance.column.{name}", language) for name in ("period", "days", "wet_days")]
    for name in COLUMNS:
        head = say(f"balance.column.{name}", language)
        heads += [f"{head} m³/d", f"{head} 5 %", f"{head} 95 %"]
    heads += [say("balance.column.closed_by", language)]
    rows: list[list[object]] = []
    for one in made["periods"]:
        row: list[object] = [one["period"], one["days"], one["wet_days"]]
        for name in COLUMNS:
            low, value, high = one[name] or (None, None, None)
            row += [_rounded(value), _rounded(low), _rounded(high)]
        closed = one["closed_by"]
        rows.append([*row, say(f"balance.column.{closed}", language) if closed else ""])
    return tuple(heads), rows


def _periods(made: Mapping[str, Any], language: str) -> Page:
    return Page(say("balance.sheet.periods", language), *period_table(made, language))


def _streams(made: Mapping[str, Any], language: str) -> Page:
    heads = tuple(say(f"balance.column.{name}", language) for name in ("stream", "type", "id", "name"))
    rows: list[list[object]] = []
    for kind in ("supply", "ways"):
        for one in made[kind]:
            low, value, high = one["flow"] or (None, None, None)
            named = [say(f"balance.stream.{kind}", language), say(f"balance.type.{one['type']}", language)]
            rows.append([*named, one["id"], one["name"], _rounded(value), _rounded(low), _rounded(high)])
    return Page(f"{say('balance.sheet.streams', language)} {made['period'].replace('/', '–')}"[:31],
                (*heads, "m³/d", "5 %", "95 %"), rows)  # fmt: skip


def _faults(made: Mapping[str, Any], language: str) -> Page:
    heads = (say("balance.column.fault", language), say("balance.column.remedy", language))
    rows = [
        [told(f"issue.{one['code']}.{part}", language, one["facts"]) for part in ("says", "remedy")]
        for one in made["issues"]
    ]
    return Page(say("balance.sheet.faults", language), heads, rows)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
