"""SI inside; conversion at the border; the registry of quantities."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from wenqu.errors import UnknownUnit

Numbers = TypeVar("Numbers", float, npt.NDArray[np.float64])

# Border unit → (SI unit, factor): value in SI = value in border unit × factor.
FACTORS: dict[str, tuple[str, float]] = {
    "m": ("m", 1.0),
    "mm": ("m", 1e-3),
    "cm": ("m", 1e-2),
    "km": ("m", 1e3),
    "ft": ("m", 0.3048),
    "in": ("m", 0.0254),
    "m²": ("m²", 1.0),
    "ha": ("m²", 1e4),
    "km²": ("m²", 1e6),
    "ac": ("m²", 4046.8564224),
    "m³": ("m³", 1.0),
    "万m³": ("m³", 1e4),
    "m³/s": ("m³/s", 1.0),
    "L/s": ("m³/s", 1e-3),
    "m³/h": ("m³/s", 1 / 3600),
    "m³/d": ("m³/s", 1 / 86400),
    "万m³/d": ("m³/s", 1e4 / 86400),
    "万吨/天": ("m³/s", 1e4 / 86400),
    "CMS": ("m³/s", 1.0),
    "LPS": ("m³/s", 1e-3),
    "MLD": ("m³/s", 1e3 / 86400),
    "CFS": ("m³/s", 0.028316846592),
    "GPM": ("m³/s", 6.30901964e-5),
    "MGD": ("m³/s", 0.0438126363889),
    "kg/m³": ("kg/m³", 1.0),
    "g/m³": ("kg/m³", 1e-3),
    "mg/L": ("kg/m³", 1e-3),
    "kg/s": ("kg/s", 1.0),
    "kg/d": ("kg/s", 1 / 86400),
    "S/m": ("S/m", 1.0),
    "µS/cm": ("S/m", 1e-4),
    "m/s": ("m/s", 1.0),
    "mm/h": ("m/s", 1e-3 / 3600),
    "s": ("s", 1.0),
    "min": ("s", 60.0),
    "h": ("s", 3600.0),
    "d": ("s", 86400.0),
    "kW": ("W", 1e3),
    "W": ("W", 1.0),
    "yuan": ("yuan", 1.0),
    "万元": ("yuan", 1e4),
    "fen": ("fen", 1.0),
    "元": ("fen", 100.0),
    "%": ("-", 1e-2),
    "‰": ("-", 1e-3),
    "-": ("-", 1.0),
    "m/m": ("-", 1.0),
    "s/m^(1/3)": ("s/m^(1/3)", 1.0),
    "°C": ("°C", 1.0),
    "a": ("a", 1.0),
}

# The unit that an official writes for an SI unit, where it is another one and a field's table names none.
BORDER = {"m³/s": "m³/d", "kg/m³": "mg/L", "S/m": "µS/cm", "m/s": "mm/h", "kg/s": "kg/d"}


@dataclass(frozen=True, slots=True)
class Quantity:
    """One measured quantity: its names, SI unit, border unit and believable range in SI."""

    name: str
    zh: str
    en: str
    symbol: str
    unit: str
    border_unit: str
    lowest: float
    highest: float


def factor(unit: str) -> float:
    """Return the factor that turns a value in ``unit`` into SI.

    Raises
    ------
    UnknownUnit
        The unit is not in the registry.

    Examples
    --------
    >>> round(factor("万m³/d"), 6)
    0.115741
    """
    try:
        return FACTORS[unit][1]
    except KeyError:
        raise UnknownUnit(unit=unit, known=", ".join(FACTORS)) from None


def to_si(value: Numbers, unit: str) -> Numbers:
    """Turn a number or array in a border unit into SI."""
    return value * factor(unit)


def from_si(value: Numbers, unit: str) -> Numbers:
    """Turn a number or array in SI into a border unit."""
    return value / factor(unit)


def border_unit(unit: str, shown: str = "") -> str:
    """Return the unit in which people read and write values of an SI unit; ``shown`` is what a table names.

    Examples
    --------
    >>> border_unit("m³/s"), border_unit("m"), border_unit("m", "mm")
    ('m³/d', 'm', 'mm')
    """
    return shown or BORDER.get(unit, unit)


@cache
def quantities() -> dict[str, Quantity]:
    """Return the registry of quantities, by name."""
    text = (files("wenqu") / "quantities.csv").read_text(encoding="utf-8")
    return {
        row["name"]: Quantity(
            row["name"],
            row["zh"],
            row["en"],
            row["symbol"],
            row["unit"],
            row["border_unit"],
            float(row["lowest"]),
            float(row["highest"]),
        )
        for row in csv.DictReader(text.splitlines())
    }
