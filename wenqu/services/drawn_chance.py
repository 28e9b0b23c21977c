"""How probable is it that a programme reaches the targets of its plants? Drawn once, filed beside it."""

import json
from dataclasses import asdict, dataclass

import orjson

from wenqu.planning.chance import chances_of, interval
from wenqu.planning.doubts import Doubts, drawn
from wenqu.planning.options import Options
from wenqu.planning.plants import Plants
from wenqu.planning.rules import Rules
from wenqu.planning.verify import Choice
from wenqu.records.alternative import Alternative
from wenqu.store.changes import OpenChange

CHANCE = "programme-chance.json"
MEDIA = "application/json"
DRAWS = 1000  # scenarios of everything unsure


@dataclass(frozen=True, slots=True)
class DrawnChance:
    """The chance that a programme reaches every target of its plants by its date."""

    programme: str
    at: str  # ISO time at which it was drawn
    chance: float  # [-]
    low: float  # 90 % interval of that, from the number of draws
    high: float
    draws: int
    targets: int  # shares of capacity that it speaks of; none: nothing was asked of the plants


def drawn_chance(
    signed: tuple[str, str], ground: tuple[Options, Plants, Rules, Doubts], choice: Choice
) -> DrawnChance:
    """Draw all that is unsure and count how often every target of the plants is reached by its date.

    Parameters
    ----------
    signed
        Id of the programme, and the ISO time.
    ground, choice
        What it was chosen from, and what was chosen.
    """
    programme, at = signed
    made, plants, rules, doubts = ground
    seen = drawn(made, plants, rules, choice, doubts, draws=DRAWS)
    found = chances_of(seen, plants, rules)
    low, high = interval(found.all, DRAWS)
    return DrawnChance(programme, at, found.all, low, high, DRAWS, len(found.targets))


def chance_of_alternative(one: Alternative, at: str) -> DrawnChance:
    """Return the chance that was drawn for an alternative, as that of the programme it becomes."""
    shares = json.loads(one.programme.rules or "{}").get("capacity_share", [])
    asked = sum(row.get("pollutant", "bod5") == "bod5" for row in shares)  # of others nothing is drawn
    return DrawnChance(one.programme.id, at, one.chance, one.low, one.high, one.draws, asked)


def chance_document(one: DrawnChance) -> bytes:
    """Return a chance as it is filed."""
    return orjson.dumps(asdict(one))


def read_chance(content: bytes) -> DrawnChance:
    """Return a chance that was filed."""
    return DrawnChance(**orjson.loads(content))


def write_chance(change: OpenChange, one: DrawnChance) -> None:
    """File a chance beside its programme."""
    change.write_document(CHANCE, chance_document(one), MEDIA)
