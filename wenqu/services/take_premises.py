"""Lists of buildings, meters or grid cells as they are handed in: each is filed under its name."""

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

import numpy as np

from wenqu.errors import BadInput
from wenqu.network.formats.registry import SUFFIXES
from wenqu.records.blank_area import Premises
from wenqu.services.city_state import CityState
from wenqu.services.served_places import deliveries, file_premises
from wenqu.services.unpacked_files import laid_out, readable, safe_name
from wenqu.store.database import Store


def take_premises(
    store: Store,
    city: str,
    files: Iterable[tuple[str, IO[bytes]]],
    *,
    crs: str,
    overrule: bool = False,
    most: int,
    who: str,
) -> list[dict[str, Any]]:
    """File the lists in some files; a Shapefile comes with its parts or in an archive.

    Raises
    ------
    BadInput
        No file is of a known format, they are larger than ``most`` bytes, or see ``read_premises``.
    """
    with tempfile.TemporaryDirectory(prefix="wenqu-") as made:
        folder, size = Path(made), 0
        for name, stream in files:
            path = folder / safe_name(name)
            with path.open("wb") as out:
                shutil.copyfileobj(stream, out)
            size += path.stat().st_size
            if size > most:
                raise BadInput("delivery-large", name=path.name, most=most >> 20)
        given = sorted(folder.iterdir())
        packed = [path for path in given if path.suffix.lower() == ".zip"]
        with laid_out([*packed, *readable(given)], most) as paths:
            if not paths:
                known = ", ".join(SUFFIXES)
                raise BadInput("format", path=", ".join(path.name for path in given) or "-", known=known)
            return [
                _told(file_premises(store, city, path, crs, overrule=overrule, who=who)) for path in paths
            ]


def premises_lists(store: Store, state: CityState) -> list[dict[str, Any]]:
    """Return what is known of each list, newest first; of one handed in again the last counts."""
    newest = {one.name: one for one in deliveries(store, state)}
    return [_told(one) for one in sorted(newest.values(), key=lambda one: one.at, reverse=True)]


def _told(one: Premises) -> dict[str, Any]:
    places = np.column_stack([one.x, one.y]) if one.ids else np.empty((0, 2))
    return {
        "name": one.name,
        "at": one.at,
        "places": len(one.ids),
        "unplaced": int(np.count_nonzero(~np.isfinite(places).all(axis=1))),
        "people": float(np.nansum(one.people)),
        "crs": one.read_in,
        "swapped": one.swapped,
    }
