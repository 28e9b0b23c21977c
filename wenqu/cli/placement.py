"""Where should the next meters stand?

The command imports the services it calls when it is called: a list of commands must not wait for all of them.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from wenqu.cli.evidence import AsJson, CityOption
from wenqu.cli.output import answer, author, figure, opened, people, settings, table, words
from wenqu.errors import BadInput

FORMS = ("csv", "gpkg", "xlsx")


def place_meters(  # noqa: PLR0913, PLR0917 how many, for how much, for what, and where to write
    city: CityOption,
    meters: Annotated[int, typer.Option(help="how many meters at most, 1 to 200")] = 10,
    budget: Annotated[float, typer.Option(help="yuan for all of them; 0 for no limit")] = 0.0,
    stake: Annotated[str, typer.Option(help="water (m³ count alike) or bod (kg a plant misses)")] = "water",
    unit: Annotated[float, typer.Option(help="sewer length of a decision unit [m]; 0 for the default")] = 0.0,
    error: Annotated[float, typer.Option(help="share by which a reading is wrong; 0 for the default")] = 0.0,
    sites: Annotated[Path | None, typer.Option(help="CSV: id, cost_yuan, access (yes or no)")] = None,
    out: Annotated[Path | None, typer.Option(help="CSV, GeoPackage or XLSX file to write")] = None,
    as_json: AsJson = False,
) -> None:
    """Choose where the next meters tell most for their price, with a bound on any other choice."""
    from wenqu.services.city_state import CityState
    from wenqu.services.place_meters import Wanted, place_city_meters
    from wenqu.services.rights import LOCAL
    from wenqu.services.view_placement import export_placement

    form: Any = out.suffix.lstrip(".").lower() if out else ""
    if out and form not in FORMS:
        raise BadInput("placement-form", path=str(out))
    text = sites.read_text(encoding="utf-8-sig") if sites else ""
    wanted = Wanted(meters, budget, stake, unit, error, text)
    with opened() as store:
        found = place_city_meters(store, city, wanted, who=author())
        if out:
            state = CityState(store.network(city))
            out.write_bytes(export_placement(store, state, LOCAL, form, settings().language))
    if as_json:
        answer(found)
        return
    _tell(found)


def _tell(found: dict[str, Any]) -> None:
    rows = [
        (str(one["rank"]), one["asset"].partition("/")[2], figure(one["cost_yuan"]),
         figure(100 * one["taken"]), figure(100 * one["left"]), figure(100 * one["bound"]),
         figure(one["above_m"] / 1000), one["unit_outlet"].partition("/")[2],
         f"{figure(one['unit_sd_before_m3_per_d'])} → {figure(one['unit_sd_after_m3_per_d'])}")
        for one in found["picks"]
    ]  # fmt: skip
    names = ("rank", "manhole", "cost", "taken", "left", "bound", "above", "unit", "sd")
    title = words("placement.cli.title", count=len(rows), standing=found["standing"], units=found["units"])
    table(title, [words(f"placement.cli.{name}") for name in names], rows, (0, 2, 3, 4, 5, 6))
    people.print(
        words("placement.cli.sum", left=figure(100 * found["left"]), gap=figure(100 * found["gap"]),
              cost=figure(found["cost_yuan"])),
        soft_wrap=True,
    )  # fmt: skip
    if found["unknown_sites"]:
        people.print(words("placement.cli.unknown", ids=", ".join(found["unknown_sites"])), soft_wrap=True)
    if found["sites_left_out"]:
        people.print(words("placement.cli.thinned", count=found["sites_left_out"]), soft_wrap=True)


commands: dict[str, Callable[..., None]] = {"place-meters": place_meters}
