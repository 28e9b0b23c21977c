"""The balance of a city's zones: all of them, or one by day, month, year."""

import csv
from pathlib import Path
from typing import Annotated, Any

import typer

from wenqu.cli.evidence import AsJson, AsOf, CityOption
from wenqu.cli.output import answer, figure, opened, people, settings, table, words

Of = Annotated[str, typer.Option(help="city, plant/ID, station/ID, meter/ID or zone/ID; all when left out")]
Out = Annotated[Path | None, typer.Option(help="write it to a file, .xlsx or .csv")]


def balance(
    city: CityOption,
    of: Of = "",
    by: Annotated[str, typer.Option(help="day, month, year or all")] = "month",
    period: Annotated[str, typer.Option(help="whose streams are told: 2025-03; the last when left out")] = "",
    as_of: AsOf = "",
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Say what came into a zone, what left it, and what of it nobody explains, with intervals."""
    from wenqu.errors import BadInput
    from wenqu.services.city_state import Cities
    from wenqu.services.view_balance import view_balance, view_zones

    if by not in {"day", "month", "year", "all"}:
        raise BadInput("balance-by", by=by)
    with opened() as store:
        known = Cities(store)
        state = known.state(city, as_of)
        found: dict[str, Any] = (
            view_balance(known, state, of, by=by, period=period) if of else view_zones(known, state)
        )
    if as_json:
        answer(found)
    elif out is not None and of:
        _write(out, found)
    elif of:
        _one(found)
    else:
        _all(found)


def _all(found: dict[str, Any]) -> None:
    if not found["until"]:
        people.print(words("balance.cli.nothing", count=len(found["zones"])), soft_wrap=True)
        return
    names = ("zone", "name", "returned", "arrived", "rain", "unexplained")
    rows = [
        (one["key"], one["name"], _span(one.get("returned")), _span(one.get(one["closes"])),
         _span(one.get("rain")), _span(one.get("unexplained")))
        for one in found["zones"]
    ]  # fmt: skip
    title = words("balance.cli.zones", count=len(rows), since=found["since"], until=found["until"])
    table(title, [words(f"balance.column.{name}") for name in names], rows, (2, 3, 4, 5))


def _one(found: dict[str, Any]) -> None:
    names = ("period", "supplied", "returned", "arriving", "pumped", "treated", "rain", "dry", "unexplained")
    rows = [(one["period"], *(_span(one[name]) for name in names[1:])) for one in found["periods"]]
    ratio = 100 * found["return_ratio"]
    title = words("balance.cli.one", zone=found["name"], ratio=figure(ratio))
    table(title, [words(f"balance.column.{name}") for name in names], rows, tuple(range(1, len(names))))
    for one in found["issues"]:
        says, remedy = (words(f"issue.{one['code']}.{part}", **one["facts"]) for part in ("says", "remedy"))
        people.print(f"? {says}", soft_wrap=True)
        people.print(f"    → {remedy}", soft_wrap=True, style="dim")


def _span(one: list[float] | None) -> str:
    return "–" if one is None else f"{one[1]:.0f} ({one[0]:.0f} … {one[2]:.0f})"


def _write(out: Path, found: dict[str, Any]) -> None:
    from wenqu.services.export_balance import balance_workbook, period_table

    language = settings().language
    if out.suffix.lower() == ".csv":
        heads, rows = period_table(found, language)
        with out.open("w", encoding="utf-8-sig", newline="") as file:
            lines = csv.writer(file)
            lines.writerow(heads)
            lines.writerows(rows)
    else:
        out.write_bytes(balance_workbook(found, language))
    people.print(words("balance.cli.written", path=out))


commands = {"balance": balance}
