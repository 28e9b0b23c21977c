"""Into which condition class does a damage seen by EN 13508-2 fall, by whose table?"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from wenqu.errors import Unknown
from wenqu.standards.tables import NATIONAL, rows, rows_of, state_of

GOALS = ("D", "S", "B")  # tightness, stability, operation
BFR, DWA = "BFR Abwasser", "DWA-M 149-3"


@dataclass(frozen=True, slots=True)
class SingleDamage:
    """One row of ``condition_classes.csv``: which class a damage has for one goal."""

    code: str
    character1: str  # "" for any
    character2: str
    parts: str  # letters of the parts of a manhole, "" for any
    goal: str
    value: int
    above: float  # quantification 1 from here on, included; -inf when it does not matter
    below: float  # and up to here, excluded
    status: str

    def holds(self, code: str, characters: Sequence[str], part: str) -> bool:
        """Tell whether the row is about a damage, whatever its size."""
        one, two = (*characters, "", "")[:2]
        return (
            code == self.code
            and self.character1 in ("", one)
            and self.character2 in ("", two)
            and (not self.parts or (bool(part) and part in self.parts))
        )

    @property
    def flat(self) -> bool:
        """Whether the class is the same for every size."""
        return math.isinf(self.above) and math.isinf(self.below)


@dataclass(frozen=True, slots=True)
class ClassRules:
    """One edition's classes: which are worst, what single damages get, and what numbers they stand for."""

    standard: str
    edition: str
    state: str  # of the table of single damages: filled, partial, empty, or city where a city entered it
    worst_is_low: bool
    names: Mapping[int, tuple[str, str]]  # class → Chinese, English
    numbers: Mapping[int, float]  # class → provisional number, none where the standard has none
    damages: tuple[SingleDamage, ...]
    extras: Mapping[str, Mapping[str, float]]  # condition → goal → points
    rules: Mapping[str, float]
    unverified: frozenset[str]  # parts of the method that are not verified

    def worst(self, values: Sequence[int]) -> int:
        """Return the worst of some classes; the one of no damage when there are none."""
        best = max(self.names) if self.worst_is_low else min(self.names)
        found = [*values, best]
        return min(found) if self.worst_is_low else max(found)

    def class_of_number(self, value: float) -> int:
        """Return the class that a number falls into; 0 at 0, one up at each number of the scale."""
        if value <= 0:
            return min(self.names)
        reached = [name for name, number in self.numbers.items() if 0 < number <= value]
        return max(reached, default=min(name for name, number in self.numbers.items() if number > 0))


@cache
def class_rules(standard: str, edition: str = "", region: str = NATIONAL) -> ClassRules:
    """Return the classes of one edition; the table of single damages may be empty, and says so.

    Raises
    ------
    Unknown
        No scale of classes of this standard is here.
    """
    known = {(row["standard"], row["edition"]) for row in rows("class_scale.csv")}
    edition = edition or max((found for name, found in known if name == standard), default="")
    if (standard, edition) not in known:
        names = ", ".join(" ".join(pair) for pair in sorted(known))
        raise Unknown("standard", name=f"{standard} {edition}".strip(), known=names)
    scale = rows_of("class_scale.csv", standard, edition, region)
    extras: dict[str, dict[str, float]] = {}
    for row in rows_of("class_extras.csv", standard, edition, region):
        extras.setdefault(row["condition"], {})[row["goal"]] = float(row["points"])
    rules = rows_of("rules.csv", standard, edition, region)
    damages = tuple(_damage(row) for row in rows_of("condition_classes.csv", standard, edition, region))
    parts = {
        "class_scale": scale,
        "class_rules": rules,
        "class_extras": rows_of("class_extras.csv", standard, edition),
    }
    unverified = {name for name, found in parts.items() if any(row["status"] != "verified" for row in found)}
    unverified |= {"single_damages"} if any(row.status != "verified" for row in damages) else set()
    return ClassRules(
        standard, edition, state_of(standard, edition, "condition_classes.csv"), standard == DWA,
        MappingProxyType({int(row["class"]): (row["zh"], row["en"]) for row in scale}),
        MappingProxyType({int(row["class"]): float(row["number"]) for row in scale if row["number"]}),
        damages, MappingProxyType(extras),
        MappingProxyType({row["rule"]: float(row["value"]) for row in rules}), frozenset(unverified),
    )  # fmt: skip


def _damage(row: Mapping[str, str]) -> SingleDamage:
    return SingleDamage(
        row["code"], row["character1"], row["character2"], row["parts"], row["goal"], int(row["class"]),
        float(row["from"]) if row["from"] else -math.inf, float(row["below"]) if row["below"] else math.inf,
        row["status"],
    )  # fmt: skip
