"""What does a repair cost, and what may it do? The price table, read and checked.

The table that comes with Wenqu (``catalogue.csv``) is a default of the right order of size, to be
replaced by the provincial quota: a city keeps its own copy as the document ``catalogue.csv``.
"""

import csv
import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from wenqu.errors import BadInput
from wenqu.issues import Issue, Place, Weight

Floats = npt.NDArray[np.float64]

SITES = ("conduit", "outfall", "river", "source", "industry")
# What a site may have to be for a method: not under pressure, not below groundwater, with single defects
# that were filmed, an outfall without a flap or with a weir, premises with a sewer or without one, a combined
# sewer, a sewer of which house connections are on file.
TRAITS = ("gravity", "dry", "spots", "no_flap", "weir", "connected", "blank", "combined", "laterals")
PRICED = ("m", "spot", "point", "premises")
DEAREST = 1e6  # [yuan] of one unit: above it somebody has typed 元 for 万元
STANDARD_DEPTH = 3.0  # [m] the price of open works holds down to here


@dataclass(frozen=True, slots=True)
class Method:
    """One way of repair: a row of the catalogue."""

    key: str
    zh: str
    en: str
    site: str  # conduit, outfall, river, source or industry
    min_diameter: float  # [m]
    max_diameter: float  # [m]
    max_grade: int  # worst structural grade of a host that it mends, 1 to 4
    max_spots: float  # most defects on one conduit
    needs: tuple[str, ...]  # traits that the site must have, of TRAITS
    price_per: str  # m, spot, point or premises
    price_a: float  # [yuan] per unit: a + b·diameter + depth·(depth - 3 m)
    price_b: float  # [yuan/m] per unit and metre of diameter
    price_depth: float  # [yuan/m] per unit and metre of depth beyond 3 m
    mobilisation: float  # [yuan] once a package
    crew_days: float  # [d] per unit
    crew_days_fixed: float  # [d] once a package
    scope: float  # [-] share of the water at the site that this method can reach
    effect_a: float  # Beta(a, b) of what it keeps of that
    effect_b: float
    life: float  # [a]
    note: str
    source: str  # standard and clause, or what it is to be replaced by
    status: str
    price_at: tuple[tuple[float, float], ...] = ()  # ([m], [yuan]) by diameter, in place of a + b·diameter
    closure_days: float = 0.0  # [d] the road is closed per unit
    closure_fixed: float = 0.0  # [d] and once a package
    lanes: float = 0.0  # lanes that are closed
    note_zh: str = ""

    @property
    def effect_sd(self) -> float:
        """Standard deviation of that share. [-]"""
        a, b = self.effect_a, self.effect_b
        return self.scope * math.sqrt(a * b / (a + b + 1)) / (a + b)

    @property
    def effect(self) -> float:
        """Expected share of the site's water that is kept out (or sewage that is brought back). [-]"""
        return self.scope * self.effect_a / (self.effect_a + self.effect_b)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A price table: its methods, and which edition it is."""

    methods: tuple[Method, ...]
    edition: str  # "default <digest>" or "city <digest>"

    def method(self, key: str) -> Method:
        """Return one method.

        Raises
        ------
        BadInput
            The table has no such method.
        """
        for entry in self.methods:
            if entry.key == key:
                return entry
        raise BadInput("catalogue-method", method=key, known=", ".join(entry.key for entry in self.methods))


def _number(row: dict[str, str], name: str, missing: float) -> float:
    text = (row.get(name) or "").strip()
    try:
        return float(text) if text else missing
    except ValueError:
        return math.nan


def _steps(text: str) -> tuple[tuple[float, float], ...]:
    """Return the prices of ``0.3:1450|0.4:1800`` by diameter; NaN where one cannot be read."""
    made = []
    for part in filter(None, text.replace(" ", "").split("|")):
        size, _, price = part.partition(":")
        try:
            made.append((float(size), float(price)))
        except ValueError:
            made.append((math.nan, math.nan))
    return tuple(made)


def _method(row: dict[str, str]) -> Method:
    source = " ".join(part for part in (row.get("standard", ""), row.get("clause", "")) if part)
    return Method(
        row["method"],
        row["zh"],
        row["en"],
        row["site"],
        _number(row, "min_diameter", 0.0),
        _number(row, "max_diameter", math.inf),
        int(np.nan_to_num(_number(row, "max_grade", 4.0))),
        _number(row, "max_spots", math.inf),
        tuple(trait for trait in (row.get("needs") or "").split("|") if trait),
        row["price_per"],
        _number(row, "price_a", math.nan),
        _number(row, "price_b", 0.0),
        _number(row, "price_depth", 0.0),
        _number(row, "mobilisation", 0.0),
        _number(row, "crew_days", 0.0),
        _number(row, "crew_days_fixed", 0.0),
        _number(row, "scope", math.nan),
        _number(row, "effect_a", math.nan),
        _number(row, "effect_b", math.nan),
        _number(row, "life", math.nan),
        row.get("note") or "",
        source,
        row.get("status") or "city",
        _steps(row.get("price_at") or ""),
        _number(row, "closure_days", 0.0),
        _number(row, "closure_fixed", 0.0),
        _number(row, "lanes", 0.0),
        row.get("note_zh") or "",
    )


def default_text() -> str:
    """Return the default table as it ships, for a city to edit."""
    return (files("wenqu.planning") / "catalogue.csv").read_text(encoding="utf-8")


def parsed_catalogue(text: str, *, own: bool = True) -> Catalogue:
    """Return the rows of a price table as they stand, whatever they hold.

    Raises
    ------
    BadInput
        A column is missing (``catalogue-columns``), or there is one of no known name.
    """
    digest = hashlib.sha256(text.encode()).hexdigest()[:10]
    rows = list(csv.DictReader(text.lstrip("\ufeff").splitlines()))
    given = set(rows[0] if rows else {}) - {None}
    lacking = {"method", "zh", "en", "site", "price_per", "price_a", "scope", "effect_a", "effect_b"} - given
    if lacking:
        raise BadInput("catalogue-columns", missing=", ".join(sorted(lacking)))
    strange = given - set(columns())
    if strange:
        raise BadInput("catalogue-strange", names=", ".join(sorted(strange)), known=", ".join(columns()))
    full = [{name: value or "" for name, value in row.items() if name} for row in rows]
    return Catalogue(tuple(_method(row) for row in full), f"{'city' if own else 'default'} {digest}")


@cache
def columns() -> tuple[str, ...]:
    """Return the columns of a price table."""
    return tuple(default_text().split("\n", 1)[0].split(","))


def read_catalogue(text: str | None = None) -> Catalogue:
    """Return the methods of a price table; the default one when no text is given.

    Raises
    ------
    BadInput
        A column is missing, or a row holds nonsense (`check_catalogue` names all of them).
    """
    own = text is not None
    catalogue = parsed_catalogue(default_text() if text is None else text, own=own)
    blocked = [issue for issue in check_catalogue(catalogue) if issue.weight is Weight.BLOCK]
    if blocked:
        code = blocked[0].code.partition(".")[2]
        key = "catalogue" if code == "nonsense" else f"catalogue-{code}"
        raise BadInput(key, **blocked[0].facts, method=blocked[0].asset, faults=len(blocked))
    return catalogue


def check_catalogue(catalogue: Catalogue) -> Iterator[Issue]:
    """Yield what is wrong with the rows of a price table."""
    seen: set[str] = set()
    for row, entry in enumerate(catalogue.methods, start=2):
        place = Place("catalogue.csv", row=row)
        wrong: list[tuple[str, dict[str, object]]] = []
        for field, value, low, high in _limits(entry):
            facts: dict[str, object] = {"field": field, "value": _said(value)}
            if math.isnan(value):
                wrong.append(("number", facts))
            elif not low <= value <= high:
                wrong.append(("nonsense", {**facts, "low": _said(low), "high": _said(high)}))
        for field, words, known in _words(entry):
            strange = sorted(set(words) - set(known))
            if strange:
                facts = {"field": field, "value": ", ".join(strange), "known": ", ".join(known)}
                wrong.append(("word", facts))
        if entry.key in seen:
            wrong.append(("twice", {}))
        seen.add(entry.key)
        for code, facts in wrong:
            yield Issue(f"catalogue.{code}", Weight.BLOCK, "method", entry.key, place, facts)


def _words(entry: Method) -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Yield the fields of a method that hold words, and which there are."""
    yield "site", (entry.site,), SITES
    yield "price_per", (entry.price_per,), PRICED
    yield "needs", entry.needs, TRAITS


def _said(value: float) -> float | str:
    """Return a number that a sentence can hold."""
    return "∞" if math.isinf(value) else "?" if math.isnan(value) else value


def _limits(entry: Method) -> Iterator[tuple[str, float, float, float]]:
    """Yield the fields of a method with the values they may have."""
    yield "min_diameter", entry.min_diameter, 0.0, entry.max_diameter
    yield "max_grade", float(entry.max_grade), 1.0, 4.0
    yield "max_spots", entry.max_spots, 0.0, math.inf
    yield from _prices(entry)
    yield "price_depth", entry.price_depth, 0.0, DEAREST
    yield "mobilisation", entry.mobilisation, 0.0, 1e8
    yield "crew_days", entry.crew_days, 0.0, 1e3
    yield "crew_days_fixed", entry.crew_days_fixed, 0.0, 1e3
    yield "scope", entry.scope, 0.01, 1.0
    yield "effect_a", entry.effect_a, 1e-3, 1e6
    yield "effect_b", entry.effect_b, 1e-3, 1e6
    yield "life", entry.life, 0.5, 200.0
    yield "closure_days", entry.closure_days, 0.0, 100.0
    yield "closure_fixed", entry.closure_fixed, 0.0, 1e3
    yield "lanes", entry.lanes, 0.0, 8.0


def _prices(entry: Method) -> Iterator[tuple[str, float, float, float]]:
    """Yield the prices of a method with the values they may have."""
    before = 0.0
    for size, price in entry.price_at:
        yield "price_at", size, before + 1e-6, 10.0  # diameters rise
        yield "price_at", price, 0.01, DEAREST
        before = size
    if not entry.price_at:
        smallest = entry.price_a + entry.price_b * entry.min_diameter
        largest = entry.price_a + entry.price_b * min(entry.max_diameter, 4.0)
        yield "price_a, price_b", smallest, 0.01 if entry.min_diameter or not entry.price_b else 0.0, DEAREST
        yield "price_a, price_b", largest, 0.01, DEAREST


def unit_price(method: Method, diameter: Floats, depth: Floats) -> Floats:
    """Return the price of one unit. [yuan per m, spot, point or premises]

    a + b·D + c·max(h - 3 m, 0), with an unknown depth taken as the standard one. A method with prices by
    diameter (``price_at``, as a quota states them) takes the straight line between its steps for a + b·D,
    and beyond its first and last step their prices.

    Parameters
    ----------
    method
        Row of the catalogue.
    diameter
        Inner diameter, or height of the section. [m]
    depth
        Depth of the invert below ground. [m]
    """
    deeper = np.clip(np.nan_to_num(depth, nan=STANDARD_DEPTH) - STANDARD_DEPTH, 0.0, None)
    size = np.nan_to_num(diameter)
    if not method.price_at:
        return method.price_a + method.price_b * size + method.price_depth * deeper
    steps, prices = np.array(method.price_at).T
    found: Floats = np.interp(size, steps, prices) + method.price_depth * deeper
    return found


def works_cost(method: Method, units: Floats, diameter: Floats, depth: Floats) -> Floats:
    """Return the cost of the works themselves, without mobilisation. [yuan]

    Examples
    --------
    >>> import numpy as np
    >>> cut = read_catalogue().method("open_cut")  # (1500 + 4500·0.4 + 600·(4 - 3)) yuan/m × 50 m
    >>> float(works_cost(cut, np.array([50.0]), np.array([0.4]), np.array([4.0]))[0])
    195000.0
    """
    return unit_price(method, diameter, depth) * units
