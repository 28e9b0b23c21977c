"""What has a plant received month by month, why so thin, and how likely is its target met by when?"""

import math
from dataclasses import dataclass

import numpy as np

from wenqu.diagnosis.defaults import default
from wenqu.diagnosis.end_member_table import DOCUMENT, Table, end_member_table
from wenqu.diagnosis.plant_backcast import Backcast, backcast
from wenqu.diagnosis.plant_chance import Chance, Planned, PlantToday, plant_chances
from wenqu.diagnosis.plant_history import PlantHistory, plant_history
from wenqu.diagnosis.plant_loss import PlantLoss, plant_losses
from wenqu.diagnosis.plant_record import PlantDays
from wenqu.errors import NotEnoughData
from wenqu.records.finding import Finding
from wenqu.records.programme import Programme
from wenqu.series.model import Series
from wenqu.services import filed_records
from wenqu.services.city_state import CityState
from wenqu.services.plant_inflow import LEAST_TARGET, PlantInflow, plant_inflows
from wenqu.services.zone_readings import by_day
from wenqu.store.database import Store

QUANTITIES = ("flow", "bod5", "cod", "nh3n", "tp", "conductivity", "temperature")
TRAVEL = 4 * 3600.0  # [s] on the way to a plant where no network says it
Z90 = 1.6448536269514722


@dataclass(frozen=True, slots=True)
class PlantStory:
    """All that a plant's readings and its city's diagnosis and programme say of its inflow."""

    target: float  # [kg/m³]
    decay: float  # [-] rate times travel time at 20 °C
    history: PlantHistory
    losses: tuple[PlantLoss, ...]
    backcast: Backcast | None
    chances: tuple[Chance, ...]
    sealed: Finding | None  # what would arrive without any clean water, with its verdict


def plant_story(store: Store, state: CityState, id_: str) -> PlantStory:
    """Return the story of one plant of a city; made once for a state.

    Raises
    ------
    UnknownAsset
        There is no such plant.
    NotEnoughData
        No month has ten days of flow.
    """
    row = state.network.row("plant", id_)
    target = float(state.network.table("plant").column("bod_target")[row])
    return state.once(
        f"plant story {id_}",
        lambda: _story(store, state, id_, LEAST_TARGET if math.isnan(target) else target),
    )


def _story(store: Store, state: CityState, id_: str, target: float) -> PlantStory:
    own = store.document(state.network.city.code, DOCUMENT)
    table, _ = end_member_table(None if own is None else own.decode("utf-8"))
    told = [
        one
        for one in filed_records.findings(store, state)
        if one.method == "plant_dilution" and one.asset == id_
    ]
    made = story_of(record_of(store, state, id_), table, target, _decay(told))
    inflow = next((one for one in plant_inflows(store, state) if one.id == id_), None)
    chances = _chances(made, inflow, table, filed_records.programme(store, state), id_)
    sealed = next((one for one in told if one.quantity == "sealed"), None)
    return PlantStory(target, made.decay, made.history, made.losses, made.backcast, chances, sealed)


def planned_chances(
    store: Store, state: CityState, id_: str, programme: Programme | None
) -> tuple[Chance, ...]:
    """Return now and the end of every window of a programme with the chance of a plant's target.

    Raises
    ------
    UnknownAsset
        There is no such plant.
    NotEnoughData
        No month has ten days of flow.
    """
    made = plant_story(store, state, id_)
    own = store.document(state.network.city.code, DOCUMENT)
    table, _ = end_member_table(None if own is None else own.decode("utf-8"))
    inflow = next((one for one in plant_inflows(store, state) if one.id == id_), None)
    return _chances(made, inflow, table, programme, id_)


def story_of(record: PlantDays, table: Table, target: float, decay: float = math.nan) -> PlantStory:
    """Return the story that one record tells by itself: no network, no programme.

    Parameters
    ----------
    decay
        Decay on the way at 20 °C; NaN: four hours, and what fits best in the back-cast. [-]
    """
    way = default("decay_rate") * TRAVEL if math.isnan(decay) else decay
    clean = [table[kind, "conductivity"] for kind in ("groundwater", "river")]
    mean = sum(one.mean for one in clean) / 2
    history = plant_history(record, target, (mean, max(one.sd for one in clean)))
    thin = (table["groundwater", "bod5"].mean + table["river", "bod5"].mean) / 2
    return PlantStory(
        target, way, history, plant_losses(record, table), backcast(record, decay, thin), (), None
    )


def record_of(store: Store, state: CityState, id_: str) -> PlantDays:
    """Return what was read at a plant day by day, under its own id or that of a meter at it.

    Raises
    ------
    NotEnoughData
        Nothing was read there.
    """
    found = {}
    for quantity, read in state.once("plant readings", lambda: _readings(store, state)).items():
        there = [id_, *_meters(state).get(id_, [])]
        one = next((read[asset] for asset in there if asset in read and len(read[asset])), None)
        if one is not None:
            found[quantity] = one
    if not found:
        raise NotEnoughData("plant-record")
    ends = [one.times[[0, -1]].astype("datetime64[D]") for one in found.values()]
    days = np.arange(min(one[0] for one in ends), max(one[1] for one in ends) + 1)
    values = {quantity: by_day(one, days) for quantity, one in found.items()}
    return PlantDays(days, values, 0, 0)


def _readings(store: Store, state: CityState) -> dict[str, dict[str, Series]]:
    """Return the readings at all plants and the meters on them, one query a quantity."""
    plants = [str(one) for one in state.network.table("plant").ids]
    there = [*plants, *(id_ for ids in _meters(state).values() for id_ in ids)]
    code, until = state.network.city.code, state.network.as_of or None
    return {quantity: store.read_many(code, quantity, there, until=until) for quantity in QUANTITIES}


def _meters(state: CityState) -> dict[str, list[str]]:
    """Return the meters on each plant."""
    meters, plants = state.network.table("meter"), set(state.network.table("plant").ids.tolist())
    found: dict[str, list[str]] = {}
    for id_, on in zip(meters.ids.tolist(), meters.column("on_id").tolist(), strict=True):
        if on in plants:
            found.setdefault(on, []).append(id_)
    return found


def _decay(told: list[Finding]) -> float:
    """Return the decay on the way that the diagnosis found, NaN without one."""
    steps = {one.quantity: one.value for one in told}
    source, lost = steps.get("source", math.nan), steps.get("decay", math.nan)
    return -math.log1p(lost / source) if source > 0 and -source < lost <= 0 else math.nan


def _chances(
    made: PlantStory, inflow: PlantInflow | None, table: Table, programme: Programme | None, id_: str
) -> tuple[Chance, ...]:
    if inflow is None or math.isnan(inflow.bod5) or math.isnan(inflow.bod5_low):
        return ()
    error = (inflow.bod5_high - inflow.bod5_low) / (2 * Z90)
    spread = 0.05 if made.backcast is None else made.backcast.error
    thin = (table["groundwater", "bod5"].mean + table["river", "bod5"].mean) / 2
    today = PlantToday(inflow.flow, inflow.bod5, error, spread, made.decay, thin, made.target)
    return plant_chances(today, _planned(programme, id_, inflow.flow))


def _planned(programme: Programme | None, id_: str, flow: float) -> list[Planned]:
    """Return what a programme does for a plant by the end of each window."""
    if programme is None:
        return []
    mine = [one for one in programme.measures if one.plant == id_]
    reached = {one.window: one.flow for one in programme.outlook if one.plant == id_}
    made = []
    for at, window in enumerate(programme.windows):
        done = [one for one in mine if one.window in programme.windows[: at + 1]]
        removed, gained = (
            sum(getattr(one, name) for one in done) for name in ("flow_removed", "load_gained")
        )
        brought = max(0.0, reached[window] - flow + removed) if window in reached and gained > 0 else 0.0
        made.append(Planned(window, removed, gained, brought))
    return made
