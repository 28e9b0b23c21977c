"""One plant by its own table: how diluted, how likely its target, what cannot be known."""

from pathlib import Path
from typing import Annotated, Any

import typer

from wenqu.cli.evidence import AsJson
from wenqu.cli.output import answer, figure, people, table, words


def diagnose_plant(
    path: Annotated[Path, typer.Argument(help="CSV table of daily records")],
    target: Annotated[float, typer.Option(help="BOD5 that the plant shall receive, mg/L", min=1.0)] = 100.0,
    clean: Annotated[float, typer.Option(help="conductivity of the clean water, µS/cm", min=0.0)] = 600.0,
    clean_sd: Annotated[float, typer.Option(help="its standard deviation, µS/cm", min=0.0)] = 100.0,
    as_json: AsJson = False,
) -> None:
    """Say how diluted a plant's inflow was month by month, from its own table of daily records."""
    from wenqu.diagnosis.plant_history import plant_history
    from wenqu.diagnosis.plant_record import read_plant_days

    record = read_plant_days(path)
    found = plant_history(record, target * 1e-3, (clean * 1e-4, clean_sd * 1e-4))
    if as_json:
        from dataclasses import asdict

        told: dict[str, Any] = asdict(found)
        answer({**told, "days": len(record.days), "twice": record.twice, "unread": record.unread})
        return
    rows = [
        (one.month, figure(one.flow * 86400), share(one.by_flow), share(one.by_conductivity),
         figure(one.means.get("bod5", float("nan")) * 1e3), figure(one.year_bod5[0] * 1e3),
         chance(one.chance))
        for one in found.months
    ]  # fmt: skip
    names = ("month", "flow", "by_flow", "by_conductivity", "bod5", "year", "chance")
    title = words("plant.cli.title", days=len(record.days), since=record.days[0], until=record.days[-1])
    table(title, [words(f"plant.cli.{name}", target=target) for name in names], rows, (1, 2, 3, 4, 5, 6))
    for name, (middle, low, high) in found.slopes.items():
        people.print(words("plant.cli.slope", name=name, slope=middle, low=low, high=high), soft_wrap=True)
    people.print(words("plant.cli.agreement", value=found.agreement), soft_wrap=True)
    people.print(words("plant.cli.cannot"))
    for key in found.unknown:
        people.print(f"  - {words(f'plant.unknown.{key}')}", soft_wrap=True)


def share(one: tuple[float, float, float]) -> str:
    """Return a share with its interval in per cent."""
    return "–" if one[0] != one[0] else f"{100 * one[0]:.0f} ({100 * one[1]:.0f} … {100 * one[2]:.0f}) %"


def chance(value: float) -> str:
    """Return a chance in per cent."""
    return "–" if value != value else f"{100 * value:.0f} %"  # noqa: PLR0124 - NaN


commands = {"diagnose-plant": diagnose_plant}
