"""Open a city to other programs."""

from collections.abc import Callable

from wenqu.cli.evidence import AsJson, CityOption
from wenqu.cli.output import answer, opened, people, words


def gis_views(city: CityOption, as_json: AsJson = False) -> None:
    """Make the views through which QGIS reads a city on PostGIS."""
    with opened() as store:
        made = store.make_gis_views(city)
    if as_json:
        answer({"views": made})
        return
    for name in made:
        people.print(name)
    people.print(words("cli.gis-views", count=len(made)))


commands: dict[str, Callable[..., None]] = {"gis-views": gis_views}
