"""How do files in a city's own grid come in, and go out when that is asked for?

The parameters are confidential. They are kept with the city as a document that only those may open who
bring data in; the city itself and everything it hands out is in the public system that they lead to.
"""

import tomllib
from pathlib import Path

import orjson

from wenqu.errors import BadInput, FileMissing, FileUnreadable, Refused
from wenqu.network.grids import Grid, grid_from
from wenqu.network.model import Assets, Network
from wenqu.store.database import Store

DOCUMENT = "private/grid.json"
PRIVATE = "private/"  # documents of this name are for those who bring data in
OWN = "grid"  # as the coordinate system of a file: the city's own grid


def read_grid(path: Path) -> Grid:
    """Read the parameters of a grid from JSON or TOML.

    Raises
    ------
    FileMissing, FileUnreadable
        The file is not there or is neither.
    BadInput
        It lacks what a grid needs.
    """
    if not path.is_file():
        raise FileMissing(path=str(path))
    return grid_said(path.read_text(encoding="utf-8-sig"), path.name)


def grid_said(text: str, name: str) -> Grid:
    """Return the parameters of a grid from the text of a file, TOML by its name or else JSON.

    Raises
    ------
    FileUnreadable
        It is neither.
    BadInput
        It lacks what a grid needs.
    """
    try:
        made = tomllib.loads(text) if name.lower().endswith(".toml") else orjson.loads(text)
    except ValueError as error:
        raise FileUnreadable("grid", path=name, said=str(error)) from None
    return grid_from(made)


def grid_public(store: Store, city: str) -> str:
    """Return the public system that the grid kept with a city leads to, "" where none is kept."""
    try:
        return kept_grid(store, city).public
    except BadInput:
        return ""


def kept_grid(store: Store, city: str) -> Grid:
    """Return the grid that is kept with a city.

    Raises
    ------
    BadInput
        None is kept (``grid-none``).
    """
    content = store.document(city, DOCUMENT) if city in {one.code for one in store.cities()} else None
    if content is None:
        raise BadInput("grid-none", city=city)
    return grid_from(orjson.loads(content))


def in_grid(network: Network, grid: Grid) -> Network:
    """Return a network in the city's own grid, without a coordinate system that a file could name.

    Raises
    ------
    Refused
        The city is in another system than the one that its grid leads to (``grid-system``).
    """
    if network.city.crs != grid.public:
        raise Refused("grid-system", city=network.city.code, crs=network.city.crs, public=grid.public)
    tables = {
        name: Assets(
            name,
            table.ids,
            table.fields,
            table.shapes.with_coords(grid.from_public(table.shapes.coords)),
            table.extra,
        )
        for name, table in network.tables.items()
    }
    city = type(network.city)(network.city.code, network.city.zh, network.city.en, "", network.city.simulated)
    return Network(city, tables, network.as_of, network.version)
