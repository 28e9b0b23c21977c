"""How is a paper drafted: figures are cited as they are written, and each knows its rows?"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from wenqu.messages import say
from wenqu.reports.paper import Block, Cell, Fact, Grid, Head, Part, Words
from wenqu.reports.wording import NOTHING, figure, interval
from wenqu.reports.wording import count as counted
from wenqu.services.city_state import CityState
from wenqu.units import from_si

WAN = 10_000.0  # [m³/d] from which people write 万m³/d
UNITS = {"en": {"万m³/d": "m³/d", "万元": "million yuan"}}


@dataclass(frozen=True, slots=True)
class From:
    """From what a figure was made."""

    record: str
    rows: int = 0
    formula: str = ""
    edition: str = ""
    status: str = ""
    link: str = ""


@dataclass(slots=True)
class Draft:
    """A paper while it is written."""

    state: CityState
    language: str
    facts: dict[str, Fact] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)

    def say(self, key: str, **facts: object) -> str:
        """Return a sentence of papers."""
        return say(f"paper.{key}", self.language, **facts)

    def cite(  # noqa: PLR0913 - a figure, its interval, and from what
        self, key: str, label: str, value: float, unit: str, source: From, *, low: float = math.nan,
        high: float = math.nan, digits: int = 3,
    ) -> str:  # fmt: skip
        """Keep a figure and return the reference to it; ``value`` in SI, ``unit`` its border unit.

        What is not known is a dash, and no figure.
        """
        if not math.isfinite(value):
            return NOTHING
        shown, near, far = (self.border(one, unit) for one in (value, low, high))
        text = interval(shown, near, far, digits) if math.isfinite(near) else figure(shown, digits)
        return self._kept(key, label, text, shown, self.unit(unit), source)

    def count(self, key: str, label: str, number: int, source: From) -> str:
        """Keep a counted figure and return the reference to it."""
        return self._kept(key, label, counted(number), float(number), "", source)

    def told(self, key: str, label: str, text: str, source: From) -> str:
        """Keep what is no number (a name, a date, a verdict) with its rows, and return the reference."""
        return self._kept(key, label, text, math.nan, "", source)

    def _kept(self, key: str, label: str, text: str, value: float, unit: str, source: From) -> str:
        self.facts[key] = Fact(
            key, label, text, value, unit, source.record, source.rows, source.formula, source.edition,
            source.status, source.link,
        )  # fmt: skip
        return f"{{{key}}}"

    def unit(self, unit: str) -> str:
        """Return a border unit as people of the language write it."""
        return "" if unit == "-" else UNITS.get(self.language, {}).get(unit, unit)

    def border(self, value: float, unit: str) -> float:
        """Return a value in SI in a border unit, as people of the language reckon with it."""
        if unit == "万元" and self.language != "zh":
            return value / 1e6
        return from_si(value, unit) if unit else value

    def money(self, value: float, decimals: int) -> float:
        """Return an amount for a cell whose heading is in 万元 (English: in million yuan). [yuan]"""
        return round(self.border(value, "万元"), decimals if self.language == "zh" else decimals + 2)

    def flow_unit(self, flow: float) -> str:
        """Return the unit that people write a flow in. [m³/s]"""
        large = math.isfinite(flow) and abs(from_si(flow, "m³/d")) >= WAN and self.language == "zh"
        return "万m³/d" if large else "m³/d"

    def part(self, key: str, *blocks: Block | None, title: str = "") -> None:
        """Add a chapter; what is None is left out."""
        there = tuple(block for block in blocks if block is not None)
        self.parts.append(Part(key, title or self.say(f"part.{key}"), there))

    def words(self, name: str, key: str, **facts: object) -> Words:
        """Return a named text, drafted from a sentence."""
        return Words(name, self.say(key, **facts))

    def missing(self, name: str, key: str, **facts: object) -> Words:
        """Return a sentence that says what is missing."""
        return Words(name, self.say(key, **facts), notice=True)

    def grid(
        self, key: str, columns: Sequence[tuple[str, float, bool] | str], rows: Sequence[Sequence[Cell]],
        *, note: str = "", units: dict[str, str] | None = None, **facts: Any,
    ) -> Grid:  # fmt: skip
        """Return a table; a column is its name, its share of the width, and whether it holds numbers."""
        heads = []
        for column in columns:
            name, width, number = (column, 1.0, False) if isinstance(column, str) else column
            unit = self.unit((units or {}).get(name, ""))
            label = self.say(f"column.{name}")
            heads.append(Head(f"{label}（{unit}）" if unit and self.language == "zh" else
                              f"{label} ({unit})" if unit else label, width, number))  # fmt: skip
        return Grid(key, self.say(f"table.{key}", **facts), tuple(heads), tuple(map(tuple, rows)), note)


def figure_only(reference: str) -> str:
    """Return a reference without the unit, for a cell whose heading names it.

    Examples
    --------
    >>> figure_only("{bod5}"), source_only("{bod5}")
    ('{bod5|n}', '{bod5|r}')
    """
    return reference if reference == NOTHING else f"{reference[:-1]}|n}}"


def source_only(reference: str) -> str:
    """Return the number in the list of sources alone."""
    return reference if reference == NOTHING else f"{reference[:-1]}|r}}"
