"""What does each method ask, need and give, and when may it be trusted?"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from wenqu.errors import UnknownMethod


@dataclass(frozen=True, slots=True)
class Card:
    """One method of diagnosis, for menus, reports and the manual."""

    key: str
    zh: str
    en: str
    function: str  # module:name
    asks_zh: str
    asks_en: str
    needs: tuple[str, ...]  # quantities
    uses: tuple[str, ...]  # type.field
    gives: Mapping[str, str]  # quantity of the finding → SI unit
    trust_zh: str
    trust_en: str
    formula: str
    source: str


@cache
def cards() -> dict[str, Card]:
    """Return every card by key, in the order of the file."""
    text = (files("wenqu.diagnosis") / "cards.toml").read_text(encoding="utf-8")
    return {
        key: Card(
            key=key,
            **{name: value for name, value in entry.items() if name not in {"needs", "uses"}},
            needs=tuple(entry["needs"]),
            uses=tuple(entry["uses"]),
        )
        for key, entry in tomllib.loads(text).items()
    }


def card(key: str) -> Card:
    """Return one card.

    Raises
    ------
    UnknownMethod
        No method has this key.
    """
    if key not in cards():
        raise UnknownMethod(method=key, known=", ".join(cards()))
    return cards()[key]
