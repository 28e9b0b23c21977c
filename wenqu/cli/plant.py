"""One plant, by its own table or within its city: how diluted, how likely its target, what is not known."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from wenqu.cli.evidence import AsJson, AsOf, CityOption
from wenqu.cli.output import answer, figure, opened, people, settings, show_issues, table, words

Out = Annotated[Path | None, typer.Option(help="write it to an Excel workbook, .xlsx")]


def diagnose_plant(
    path: Annotated[Path, typer.Argument(help="CSV table of daily records")],
    target: Annotated[float, typer.Option(help="BOD5 that the plant shall receive, mg/L", min=1.0)] = 100.0,
    clean: Annotated[float, typer.Option(help="conductivity of the clean water, µS/cm", min=0.0)] = 600.0,
    clean_sd: Annotated[float, typer.Option(help="its standard deviation, µS/cm", min=0.0)] = 100.0,
    as_json: AsJson = False,
) -> None:
    """Say how diluted a plant's inflow was month by month, from its own table of daily records."""
    from wenqu.diagnosis.end_member_table import EndMember, end_member_table
    from wenqu.diagnosis.plant_record import read_plant_days
    from wenqu.services.plant_story import story_of
    from wenqu.services.view_plant_story import told_story

    record = read_plant_days(path)
    members = dict(end_member_table()[0])
    for kind in ("groundwater", "river"):
        members[kind, "conductivity"] = EndMember(clean * 1e-4, clean_sd * 1e-4, "default")
    found = story_of(record, members, target * 1e-3)
    told: dict[str, Any] = told_story(found, {})
    if as_json:
        issues = [{"code": row.code, "weight": row.weight, "facts": row.facts} for row in record.issues]
        answer({**told, "days": len(record.days), "twice": record.twice, "unread": record.unread,
                "issues": issues})  # fmt: skip
        return
    title = words("plant.cli.title", days=len(record.days), since=record.days[0], until=record.days[-1])
    _tell(title, told)
    if record.issues:
        show_issues(record.issues)


def plant_story(
    plant: Annotated[str, typer.Argument(help="id of the plant")],
    city: CityOption,
    as_of: AsOf = "",
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Say what a city's plant received month by month, why so thin, and how likely its target is by when."""
    from wenqu.services.city_state import Cities
    from wenqu.services.view_plant_story import view_plant_story

    with opened() as store:
        found: dict[str, Any] = view_plant_story(store, Cities(store).state(city, as_of), plant)
    if as_json:
        answer(found)
        return
    if out is not None:
        from wenqu.services.export_plant_story import story_workbook

        out.write_bytes(story_workbook(found, settings().language))
        people.print(words("balance.cli.written", path=out))
        return
    _tell(str(found["name"]), found)
    names = ("by", "bod5", "chance")
    rows = [
        (one["window"] or words("plant.cli.now"), _span(one["bod5"], 1), chance(one["chance"]))
        for one in found["chances"]
    ]
    if rows:
        columns = [words(f"plant.cli.{name}", target=found["target"]) for name in names]
        table(words("plant.cli.chances"), columns, rows, (1, 2))
    if found["sealed"] and found["sealed"]["verdict"]:
        people.print(words(f"diagnosis.verdict.{found['sealed']['verdict']}"), soft_wrap=True)


def _tell(title: str, told: dict[str, Any]) -> None:
    rows = [
        (one["month"], figure(one["flow"]), share(one["by_flow"]), share(one["by_conductivity"]),
         figure(one["means"].get("bod5", float("nan"))), _span(one["year_bod5"], 1), chance(one["chance"]))
        for one in told["months"]
    ]  # fmt: skip
    names = ("month", "flow", "by_flow", "by_conductivity", "bod5", "year", "chance")
    columns = [words(f"plant.cli.{name}", target=told["target"]) for name in names]
    table(title, columns, rows, (1, 2, 3, 4, 5, 6))
    for name, (low, middle, high) in ((key, one) for key, one in told["slopes"].items() if one):
        people.print(words("plant.cli.slope", name=name, slope=middle, low=low, high=high), soft_wrap=True)
    people.print(words("plant.cli.agreement", value=told["agreement"]), soft_wrap=True)
    for one in told["losses"]:
        facts = {"tracer": one["tracer"], "dilution": share(one["dilution"]), "loss": share(one["loss"])}
        people.print(words("plant.cli.loss", **facts, source=figure(one["source"])), soft_wrap=True)
    back = told["backcast"]
    if back is not None:
        facts = {"held": back["held"], "of": len(back["months"]), "error": figure(100 * back["error"])}
        plain = figure(100 * back["plain_error"])
        people.print(words("plant.cli.backcast", **facts, plain=plain), soft_wrap=True)
    if told["unknown"]:
        people.print(words("plant.cli.cannot"))
    for key in told["unknown"]:
        people.print(f"  - {words(f'plant.unknown.{key}')}", soft_wrap=True)


def share(one: list[float] | None) -> str:
    """Return a share with its interval in per cent."""
    return "–" if one is None else f"{100 * one[1]:.0f} ({100 * one[0]:.0f} … {100 * one[2]:.0f}) %"


def chance(value: float | None) -> str:
    """Return a chance in per cent."""
    return "–" if value is None or value != value else f"{100 * value:.0f} %"  # noqa: PLR0124 - NaN


def _span(one: list[float] | None, digits: int) -> str:
    return "–" if one is None else f"{one[1]:.{digits}f} ({one[0]:.{digits}f} … {one[2]:.{digits}f})"


commands: dict[str, Callable[..., None]] = {"diagnose-plant": diagnose_plant, "plant-story": plant_story}
