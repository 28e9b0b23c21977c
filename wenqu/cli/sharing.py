"""Open a city to other programs."""

from collections.abc import Callable
from typing import Annotated

import typer

from wenqu.cli.evidence import AsJson, CityOption
from wenqu.cli.output import answer, opened, people, words


def gis_views(
    city: CityOption,
    reader: Annotated[str, typer.Option(help="role of the database that may read the views")] = "",
    as_json: AsJson = False,
) -> None:
    """Make the views through which QGIS reads a city on PostGIS."""
    with opened() as store:
        made = store.make_gis_views(city, reader)
    if as_json:
        answer({"views": made})
        return
    for name in made:
        people.print(name)
    people.print(words("cli.gis-views", count=len(made)))


commands: dict[str, Callable[..., None]] = {"gis-views": gis_views}
