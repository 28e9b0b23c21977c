"""Give the city's map out: as one archive of tiles, as a sheet of paper."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from wenqu.cli.evidence import AsJson, AsOf, CityOption
from wenqu.cli.output import answer, figure, opened, people, progress, words

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


commands: dict[str, Callable[..., None]] = {"tiles": tiles}
