"""List where a city has no sewer within reach.

The command imports the services it calls when it is called: a list of commands must not wait for all of them.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from wenqu.cli.output import answer, author, figure, opened, people, settings, table, words
from wenqu.errors import BadInput

DAY = 86400.0
SHOWN = 30  # areas listed one by one; --json lists all


def blank(  # noqa: PLR0913, PLR0917 where, how far, what is looked at, and where to write
    city: Annotated[str, typer.Option("--city", help="code of the city")],
    reach: Annotated[float, typer.Option(min=1, help="longest house connection [m]")] = 50.0,
    premises: Annotated[
        Path | None, typer.Option(help="buildings, meters or a population grid to look at")
    ] = None,
    places: Annotated[str, typer.Option(help="name of such a list that was filed before")] = "",
    crs: Annotated[str, typer.Option(help="coordinate system of the file, e.g. EPSG:4549")] = "",
    overrule: Annotated[
        bool, typer.Option("--overrule", help="take --crs although the file names another system")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="CSV, GeoPackage or XLSX file to write")] = None,
    file: Annotated[bool, typer.Option("--file", help="file the areas, to hold later ones against")] = False,
    as_of: Annotated[str, typer.Option("--as-of", help="a past day, YYYY-MM-DD")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="answer as JSON")] = False,
) -> None:
    """List the areas without a sewer within reach: people, flow, how they shrank."""
    from wenqu.services.blank_areas import blank_answer, file_blank_areas
    from wenqu.services.city_state import CityState
    from wenqu.services.export_blank import export_blank
    from wenqu.services.served_places import file_premises

    language = settings().language
    form: Any = out.suffix.lstrip(".").lower() if out else ""
    if form not in {"", "csv", "gpkg", "xlsx"}:
        raise BadInput("blank-form", path=str(out))
    with opened() as store:
        if premises is not None:
            given = file_premises(store, city, premises, crs, overrule=overrule, who=author())
            places = given.name
            if not as_json:
                people.print(words("blank.cli.premises", name=given.name, count=len(given.ids)))
        state = CityState(store.network(city, as_of=as_of or None))
        found: dict[str, Any] = blank_answer(store, state, reach, places)
        if out is not None:
            out.write_bytes(export_blank(store, state, form, language, reach, places))
        filed = file_blank_areas(store, city, reach, places, who=author()) if file else ()
    if as_json:
        answer(found)
        return
    _show(found, city)
    if file:
        people.print(words("blank.cli.filed", count=len(filed)))
    if out is not None:
        people.print(words("cli.exported", files=str(out)))


def _show(found: dict[str, Any], city: str) -> None:
    totals, reach = found["totals"], f"{found['reach_m']:g}"
    if not found["areas"]:
        people.print(words("blank.cli.none", city=city, reach=reach))
    else:
        names = ("id", "district", "premises", "people", "sewage_m3_d", "area_m2", "distance_m")
        rows = [
            (
                row["id"],
                row["district"] or "",
                row["premises"],
                row["people"],
                figure(row["sewage_m3_s"] * DAY),
                figure(row["area_m2"]),
                figure(row["distance_m"]),
            )
            for row in found["areas"][:SHOWN]
        ]
        title = words("blank.cli.title", city=city, reach=reach, premises=totals["blank_premises"],
                      people=figure(totals["blank_people"], 6), all=figure(totals["people"], 6),
                      flow=figure(totals["blank_sewage_m3_s"] * DAY))  # fmt: skip
        table(title, [words(f"blank.column.{name}") for name in names], rows, (2, 3, 4, 5, 6))
        if len(found["areas"]) > SHOWN:
            people.print(words("cli.more", count=len(found["areas"]) - SHOWN))
    if found["unjoined"]["premises"]:
        people.print(words("blank.cli.unjoined", premises=found["unjoined"]["premises"]))
    for note in found["notes"]:
        people.print(words(note), soft_wrap=True, style="dim")


commands: dict[str, Callable[..., None]] = {"blank": blank}
