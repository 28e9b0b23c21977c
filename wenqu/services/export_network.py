"""Give a city's network out again, as a model or as GIS data."""

from pathlib import Path

from wenqu.errors import BadInput, Refused
from wenqu.hydraulics.swmm.sections import parse_inp
from wenqu.hydraulics.swmm.write import write_inp
from wenqu.issues import Issue
from wenqu.network.formats.losses import losses
from wenqu.network.formats.registry import FORMATS, WRITTEN
from wenqu.network.model import Network
from wenqu.services.city_grid import in_grid, kept_grid
from wenqu.services.delivery import MODEL
from wenqu.store.database import Store

EPANET = "epanet"  # the format that a person names whose model is one


def export_network(
    store: Store,
    city: str,
    path: Path,
    kind: str = "",
    *,
    as_of: str | None = None,
    own_grid: bool = False,
) -> list[Path]:
    """Write a city's network and return the files that were written.

    Parameters
    ----------
    path
        The file; Shapefiles are one file for each asset type beside it.
    kind
        An ending of a known format; "" takes that of the path.
    own_grid
        Coordinates in the city's own grid, if its parameters are kept: they then leave the house.

    Raises
    ------
    BadInput
        There is no such format, or no grid is kept.
    Refused
        The format cannot hold this network (no coordinate system, assets without a shape), or is only read.
    UnknownCity
        The store has no such city.
    """
    wanted = (kind or path.suffix).casefold().lstrip(".")
    entry = next((one for one in FORMATS if f".{wanted}" in one.suffixes), None)
    if entry is None and wanted not in {"inp", EPANET}:
        raise BadInput("written-format", path=path.name, known=", ".join((*WRITTEN, "inp")))
    network = store.network(city, as_of)
    if wanted == EPANET or (wanted == "inp" and _is_supply(network)):
        raise Refused("only-read-epanet", path=path.name, city=city)
    if own_grid:
        network = in_grid(network, kept_grid(store, city))
    path.parent.mkdir(parents=True, exist_ok=True)
    if entry is None or wanted == "inp":
        content = store.document(city, MODEL, as_of)
        model = parse_inp(content, MODEL)[0] if content is not None else None
        text = write_inp(network, model)
        path.write_bytes(text.encode(model.encoding if model else "utf-8", errors="xmlcharrefreplace"))
        return [path]
    return entry.write(path, network)


def export_losses(
    store: Store, city: str, path: Path, kind: str = "", as_of: str | None = None
) -> list[Issue]:
    """Return what a file of this format would not give back of a city; nothing is written.

    A model that came in goes out as it came, so nothing of it is lost.
    """
    ending = (kind or path.suffix).casefold().lstrip(".")
    if ending == "inp" and store.document(city, MODEL, as_of) is not None:
        return []
    return losses(store.network(city, as_of), ending)


def _is_supply(network: Network) -> bool:
    """Tell whether all conduits carry drinking water: what SWMM cannot calculate."""
    system = network.table("conduit").column("system")
    return len(system) > 0 and bool((system == "supply").all())
