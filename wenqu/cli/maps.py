"""Give the city's map out: as one archive of tiles, as a sheet of paper."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from wenqu.cli.evidence import AsJson, AsOf, CityOption
from wenqu.cli.output import answer, figure, opened, people, progress, settings, words

MB = 1e6


def tiles(
    city: CityOption,
    path: Annotated[Path, typer.Argument(help="PMTiles archive to write")],
    as_of: AsOf = "",
    as_json: AsJson = False,
) -> None:
    """Write the whole map of a city as one PMTiles archive."""
    from wenqu.services.city_state import CityState
    from wenqu.services.pack_tiles import pack_tiles

    with opened() as store, progress("cli.packing-tiles", quiet=as_json) as told:
        state = CityState(store.network(city, as_of=as_of or None))
        made = pack_tiles(store, state, path, progress=told)
    if as_json:
        answer({"city": city, "file": str(path), **made})
    else:
        people.print(
            words("cli.packed-tiles", file=path, tiles=made["tiles"], size=figure(made["bytes"] / MB))
        )


def map_print(  # noqa: PLR0913, PLR0917 - a sheet has that many choices
    city: CityOption,
    path: Annotated[Path, typer.Argument(help="PDF to write")],
    by: Annotated[
        str,
        typer.Option(
            help="colours: system, diameter, age, material, grade, structural, functional, problem,"
            " extraneous, plan_year"
        ),
    ] = "system",
    paper: Annotated[str, typer.Option(help="A4, A3, A2 or A1")] = "A3",
    portrait: Annotated[bool, typer.Option("--portrait", help="upright sheet")] = False,
    scale: Annotated[float, typer.Option(help="one to so many; 0 shows the whole box")] = 0.0,
    box: Annotated[str, typer.Option(help="west,south,east,north in degrees; else the city")] = "",
    title: Annotated[str, typer.Option(help="title of the sheet")] = "",
    as_of: AsOf = "",
) -> None:
    """Print the map on paper, true to scale, as a vector PDF."""
    from wenqu.services.city_state import CityState
    from wenqu.services.print_map import print_map
    from wenqu.services.print_place import Order, box_of

    order = Order(by, paper, not portrait, scale, box_of(box), title, settings().language)
    with opened() as store:
        made = print_map(store, CityState(store.network(city, as_of=as_of or None)), order)
    path.write_bytes(made)
    people.print(words("cli.printed-map", file=path))


commands: dict[str, Callable[..., None]] = {"tiles": tiles, "map-print": map_print}
