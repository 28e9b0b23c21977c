"""Which places should drain to a sewer? Drainage users and villages on file, or a delivered list."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.defaults import default
from wenqu.errors import BadInput
from wenqu.network.geometry import Floats, centres
from wenqu.records.blank_area import Premises
from wenqu.services.asked_network import RETURNED, sources_of
from wenqu.services.city_state import CityState
from wenqu.services.premises_files import read_premises
from wenqu.store.database import Store

KIND = "premises"
ON_FILE = "on-file"
TREATED = ("to_plant", "own_facility", "shared_facility", "reuse")


@dataclass(frozen=True, slots=True)
class Places:
    """The n places that are asked about."""

    source: str  # ON_FILE, or the name of the delivery
    ids: npt.NDArray[np.object_]  # (n,)
    where: Floats  # (n, 2) in the city's coordinate system, NaN where unknown
    people: Floats  # (n,) 0 where unknown
    sewage: Floats  # (n,) [m³/s]
    joined: npt.NDArray[np.bool_]  # (n,) known to be connected, however far the pipe is drawn
    known: npt.NDArray[np.bool_]  # (n,) people or flow is known


def places_on_file(state: CityState) -> Places:
    """Return the drainage users and the villages of a city as places."""
    table, villages = state.network.table("source"), state.network.table("village")
    sources = sources_of(state)
    homes = villages.column("households")
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = 1.0 - np.nan_to_num(villages.column("connected_households") / homes)
    people = np.nan_to_num(villages.column("population")) * np.clip(apart, 0.0, 1.0)
    cared = np.isin(villages.column("treatment"), TREATED)
    cared |= np.array([value is not None for value in villages.column("connects_to")], dtype=bool)
    cared |= np.array([value is not None for value in villages.column("facility")], dtype=bool)
    sewage = np.concatenate([sources.sewage, people * sewage_of_a_person()])
    everyone = np.concatenate([sources.people, people])
    return Places(
        ON_FILE,
        np.concatenate([table.ids, villages.ids]),
        np.concatenate([centres(table.shapes), centres(villages.shapes)]),
        everyone,
        sewage,
        np.concatenate([sources.node >= 0, cared]),
        (everyone > 0) | (sewage > 0),
    )


def sewage_of_a_person() -> float:
    """Return the sewage of a person where no water use is known. [m³/s]"""
    return default("person_water") * RETURNED


def delivered_places(given: Premises) -> Places:
    """Return a delivery as places: nobody says which of them are connected."""
    people, sewage = np.array(given.people), np.array(given.sewage)
    guessed = np.where(np.isnan(sewage), np.nan_to_num(people) * sewage_of_a_person(), sewage)
    return Places(
        given.name,
        np.array(given.ids, dtype=object),
        np.column_stack([given.x, given.y]) if given.ids else np.empty((0, 2)),
        np.nan_to_num(people),
        guessed,
        np.zeros(len(given.ids), dtype=np.bool_),
        np.isfinite(people) | np.isfinite(sewage),
    )


def places_of(store: Store, state: CityState, name: str = "") -> Places:
    """Return the last delivery of that name, or the places on file.

    Raises
    ------
    BadInput
        No delivery has this name.
    """
    if name in {"", ON_FILE}:
        return state.once("places", lambda: places_on_file(state))
    for given in reversed(deliveries(store, state)):
        if given.name == name:
            return delivered_places(given)
    raise BadInput("no-premises", name=name)


def deliveries(store: Store, state: CityState) -> list[Premises]:
    """Return every delivery of places, oldest first."""
    city, moment = state.network.city.code, state.network.as_of or None
    return state.once("premises", lambda: store.records(city, KIND, Premises, as_of=moment))


def file_premises(
    store: Store, city: str, path: Path, crs: str = "", *, overrule: bool = False, who: str
) -> Premises:
    """Read a delivery of buildings, meters or a population grid, and file it.

    Parameters
    ----------
    path, crs, overrule
        See ``read_premises``.

    Raises
    ------
    FileMissing, FileUnreadable, BadInput, UnknownUnit
        See ``read_premises``.
    """
    target = store.city(city).crs
    read = read_premises(path, crs, target, overrule=overrule)
    made = Premises(
        path.name,
        datetime.now(tz=UTC).isoformat(timespec="seconds"),
        read.ids,
        tuple(read.where[:, 0].tolist()),
        tuple(read.where[:, 1].tolist()),
        tuple(read.people.tolist()),
        tuple(read.flow.tolist()),
        target,
        read.crs,
        read.swapped,
    )
    with store.change(city, who=who, why=f"premises {path.name}") as change:
        change.add_records(KIND, [made])
    return made
