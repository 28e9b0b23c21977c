"""How probable is it that the programme that stands reaches its targets, and which surer one could be had?"""

from typing import Any

import orjson

from wenqu.records.alternative import Alternative
from wenqu.records.programme import Programme
from wenqu.services.choose_plan import alternatives
from wenqu.services.city_state import CityState
from wenqu.services.drawn_chance import CHANCE, DrawnChance, read_chance
from wenqu.services.filed_records import programme
from wenqu.services.plan_choices import CHOICES
from wenqu.store.database import Store

LIKELY = 0.5  # [-] below this a programme misses its targets more often than not: that is said first


def programme_chance(store: Store, state: CityState, made: Programme) -> DrawnChance | None:
    """Return how probable it is that a programme reaches its targets, as it was drawn last.

    None where nothing was drawn, where its rules ask nothing of the plants, and for who does not see the
    whole city: it speaks of every plant.
    """
    city, moment = state.network.city.code, state.network.as_of or None
    filed = store.document(city, CHANCE, moment)
    told = store.document(city, CHOICES, moment)
    found = []
    if filed is not None:
        found.append(read_chance(filed))
    if told is not None:
        last: dict[str, Any] = orjson.loads(told)
        low, high = last["span"]
        found.append(
            DrawnChance(
                last["programme"], last["at"], last["chance"], low, high, last["draws"], len(last["targets"])
            )
        )
    mine = [one for one in found if one.programme == made.id and one.targets]
    return max(mine, key=lambda one: one.at, default=None)


def surer(rows: list[Alternative], made: Programme, chance: float) -> Alternative | None:
    """Return the alternative with the highest chance, if one that can be had has more than the programme."""
    better = [
        one for one in rows
        if one.kept and one.programme.status != "infeasible" and one.programme.id != made.id
        and one.low > chance and one.kind == "probability"
    ]  # fmt: skip
    return max(better, key=lambda one: one.chance, default=None)


def told_chance(store: Store, state: CityState) -> dict[str, Any] | None:
    """Return the chance of the programme that stands and a surer one beside it, None where it is unknown."""
    made = programme(store, state)
    found = None if made is None else programme_chance(store, state, made)
    if made is None or found is None:
        return None
    rows = _of(store, state, made)
    other = surer(rows, made, found.chance)
    return {
        "programme": made.id,
        "cost": made.cost,
        "chance": found.chance,
        "span": [found.low, found.high],
        "draws": found.draws,
        "likely": found.chance >= LIKELY,
        "at": found.at,
        "worked_out": bool(rows),
        "surer": other and {
            "id": other.id, "cost": other.programme.cost, "chance": other.chance,
            "span": [other.low, other.high], "probability": other.probability,
        },
    }  # fmt: skip


def _of(store: Store, state: CityState, made: Programme) -> list[Alternative]:
    """Return the alternatives that were worked out last, if they were for this programme or made it."""
    city, moment = state.network.city.code, state.network.as_of or None
    told = store.document(city, CHOICES, moment)
    rows = [] if told is None else alternatives(store, city, moment)
    mine = told is not None and orjson.loads(told)["programme"] == made.id
    return rows if mine or any(one.programme.id == made.id for one in rows) else []
