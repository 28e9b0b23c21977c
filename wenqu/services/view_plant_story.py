"""The inflow of a plant as page, command and file show it, in border units."""

import math
from collections.abc import Mapping

from wenqu.diagnosis.end_member_table import end_member_table
from wenqu.diagnosis.plant_history import PlantHistory, PlantMonth, Span
from wenqu.diagnosis.plant_loss import PlantLoss
from wenqu.diagnosis.plant_record import plant_days
from wenqu.errors import BadInput
from wenqu.services import filed_records
from wenqu.services.city_state import CityState
from wenqu.services.plant_story import PlantStory, plant_story, story_of
from wenqu.store.database import Store
from wenqu.units import from_si

UNITS = {"conductivity": "µS/cm", "temperature": "°C"}
LARGEST = 8_000_000  # bytes of a record that is handed in
TARGETS = (1.0, 1000.0)  # [mg/L]


def view_plant_story(store: Store, state: CityState, id_: str) -> dict[str, object]:
    """Return the months of one plant, dilution against loss, the back-cast and the chances by date.

    Raises
    ------
    UnknownAsset
        There is no such plant.
    NotEnoughData
        No month has ten days of flow.
    """
    made = plant_story(store, state, id_)
    row = state.network.row("plant", id_)
    programme = filed_records.programme(store, state)
    outlook = () if programme is None else programme.outlook
    planned = {one.window: from_si(one.concentration, "mg/L") for one in outlook if one.plant == id_}
    return {
        "id": id_,
        "name": state.network.table("plant").column("name")[row] or id_,
        **told_story(made, planned),
        "issues": [],
        "simulated": state.network.city.simulated,
    }


def view_plant_record(content: bytes, name: str, target: float) -> dict[str, object]:
    """Return what the daily table of any plant says by itself; nothing is kept.

    Parameters
    ----------
    target
        BOD5 that the plant shall receive. [mg/L]

    Raises
    ------
    BadInput
        The table is too large or not readable, or the target is no concentration of sewage.
    """
    if len(content) > LARGEST:
        raise BadInput("plant-record-large", most=LARGEST // 1_000_000)
    if not TARGETS[0] <= target <= TARGETS[1]:
        raise BadInput("plant-record-target", target=target)
    record = plant_days(content, name)
    made = story_of(record, end_member_table()[0], target * 1e-3)
    return {
        "id": "",
        "name": name,
        **told_story(made, {}),
        "days": len(record.days),
        "since": str(record.days[0]),
        "until": str(record.days[-1]),
        "issues": [{"code": row.code, "weight": row.weight, "facts": row.facts} for row in record.issues],
        "simulated": False,
    }


def told_story(made: PlantStory, planned: Mapping[str, float]) -> dict[str, object]:
    """Return a story in border units; ``planned`` is what the programme reckons with, by window. mg/L"""
    back, sealed = made.backcast, made.sealed
    return {
        "target": from_si(made.target, "mg/L"),
        "months": [_month(one) for one in made.history.months],
        "slopes": {name: _plain(one) for name, one in made.history.slopes.items()},
        "agreement": made.history.agreement,
        "unknown": unknown_of(made.history, made.losses),
        "losses": [_loss(one) for one in made.losses],
        "backcast": None
        if back is None
        else {
            "rests_on": back.rests_on,
            "held": back.held,
            "error": back.error,
            "plain_error": back.plain_error,
            "bias": back.bias,
            "months": [
                {
                    "month": one.month,
                    "flow": from_si(one.flow, "m³/d"),
                    "temperature": one.temperature,
                    "measured": from_si(one.measured, "mg/L"),
                    "forecast": _strength(one.forecast),
                    "held": one.held,
                }
                for one in back.months
            ],
        },
        "chances": [
            {
                "window": one.window,
                "bod5": _strength(one.bod5),
                "chance": one.chance,
                "planned": planned.get(one.window),
            }
            for one in made.chances
        ],
        "sealed": None
        if sealed is None
        else {
            "bod5": _strength((sealed.value, sealed.low, sealed.high)),
            "verdict": str(sealed.facts.get("verdict", "")),
            "chance": sealed.facts.get("chance"),
        },
    }


def unknown_of(history: PlantHistory, losses: tuple[PlantLoss, ...]) -> list[str]:
    """Return what cannot be told: with a source that is known dilution is absolute and loss is told."""
    gone = {"absolute", "loss"} if losses else set()
    return [one for one in history.unknown if one not in gone]


def _month(one: PlantMonth) -> dict[str, object]:
    means = {
        name: from_si(value, UNITS.get(name, "mg/L")) for name, value in one.means.items() if name != "flow"
    }
    return {
        "month": one.month,
        "days": one.days,
        "flow": from_si(one.flow, "m³/d"),
        "means": means,
        "by_flow": _plain(one.by_flow),
        "by_conductivity": _plain(one.by_conductivity),
        "year_bod5": _strength(one.year_bod5),
        "chance": one.chance,
    }


def _loss(one: PlantLoss) -> dict[str, object]:
    return {
        "tracer": one.tracer,
        "source": from_si(one.source, "mg/L"),
        "status": one.status,
        "dilution": _plain(one.dilution),
        "loss": _plain(one.loss),
        "months": [
            {
                "month": row.month,
                "bod5": from_si(row.bod5, "mg/L"),
                "lost": from_si(row.lost, "mg/L"),
                "diluted": from_si(row.diluted, "mg/L"),
                "dilution": _plain(row.dilution),
                "loss": _plain(row.loss),
            }
            for row in one.months
        ],
    }


def _plain(one: Span) -> list[float] | None:
    """Return low, value, high; None where there is no figure."""
    return None if math.isnan(one[0]) else [one[1], one[0], one[2]]


def _strength(one: Span) -> list[float] | None:
    return None if math.isnan(one[0]) else [from_si(value, "mg/L") for value in (one[1], one[0], one[2])]
