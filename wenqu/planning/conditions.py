"""What else may bind a programme: pollutants, flows, funds, districts, crews, streets, order, least work?

Each kind is a list in ``rules.json``; `KINDS` says how its rows are written there. What a row demands is made
a row of the model in ``condition_rows`` and judged without a solver in ``condition_verdicts``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

from wenqu.errors import BadInput
from wenqu.units import from_si, to_si

POLLUTANTS = ("bod5", "cod", "nh3n", "tn", "tp")
OPERATORS = (">", ">=", "<", "<=")
FUNDS = ("special_fund", "sewage_charge", "bonds", "subsidy")  # usual names; a city may have others
PLACES = ("city", "district", "street", "package", "asset")  # what a moratorium may close
AMOUNTS = {"wan_yuan": "万元", "m": "m", "share": "-"}  # how least work is stated, and its border unit
EVERY = "*"


@dataclass(frozen=True, slots=True)
class MarginRule:
    """By the end of a window and ever after, the influent of a plant keeps to a concentration."""

    by: str
    pollutant: str  # of POLLUTANTS
    threshold: float  # [kg/m³]
    operator: str = ">="
    resolution: float = 0.0  # [kg/m³] smallest step that counts as above or below
    plant: str = ""  # "" every plant that counts in the share of capacity
    source: str = ""

    @property
    def most(self) -> bool:
        """Tell whether the concentration is to stay below."""
        return self.operator in {"<", "<="}

    @property
    def aim(self) -> float:
        """The concentration to keep to: "above" means at least one step above. [kg/m³]"""
        return self.threshold + {">": self.resolution, "<": -self.resolution}.get(self.operator, 0.0)


@dataclass(frozen=True, slots=True)
class FlowRule:
    """By the end of a window and ever after, a plant receives no more than this on the mean of the year."""

    by: str
    limit: float | None = None  # [m³/s]; None the design capacity
    plant: str = ""  # "" every plant that counts in the share of capacity
    source: str = ""


@dataclass(frozen=True, slots=True)
class Fund:
    """What one source of money gives in each window, and what it may be spent on."""

    fund: str
    limits: Mapping[str, float] = field(default_factory=dict)  # [yuan] a window; none given is no money
    districts: tuple[str, ...] = ()  # it pays for these alone; () for all
    methods: tuple[str, ...] = ()  # likewise
    source: str = ""


@dataclass(frozen=True, slots=True)
class DistrictBudget:
    """What may be spent in a district in each window."""

    district: str
    limits: Mapping[str, float] = field(default_factory=dict)  # [yuan]; none given is no limit
    source: str = ""


@dataclass(frozen=True, slots=True)
class MethodDays:
    """What the crews of one method can do in each window."""

    method: str
    limits: Mapping[str, float] = field(default_factory=dict)  # [d]; none given is no limit
    source: str = ""


@dataclass(frozen=True, slots=True)
class Moratorium:
    """Nothing is done at a place from one window to another, both included."""

    of: str  # of PLACES
    name: str = ""  # "" for the city
    since: str = ""  # "" from the first window
    until: str = ""  # "" to the last
    methods: tuple[str, ...] = ()  # by these methods alone; () by any
    reason: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """One package is repaired only once another has been: in the same window, or in an earlier one."""

    first: str  # package, or an asset in it
    then: str
    earlier: bool = False
    reason: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class LeastWork:
    """At least so much is done in a window: money, metres of bad sewer, or a share of the bad length."""

    window: str  # EVERY for each
    amount: float  # in the unit
    unit: str  # of AMOUNTS
    district: str = ""
    source: str = ""

    @property
    def size(self) -> float:
        """The amount. [yuan], [m] or [-]"""
        return to_si(self.amount, AMOUNTS[self.unit])


@dataclass(frozen=True, slots=True)
class MustDo:
    """A package (or the one that an asset is in) is repaired by the end of a window."""

    name: str
    by: str
    reason: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True)
class MustNot:
    """A package (or the one that an asset is in) is left alone."""

    name: str
    reason: str = ""
    who: str = ""


# name in rules.json → the kind, and the fields that are written otherwise: name there, unit
KINDS: dict[str, tuple[type[Any], dict[str, tuple[str, str]]]] = {
    "plant_margins": (
        MarginRule,
        {"threshold": ("threshold_mg_per_L", "mg/L"), "resolution": ("resolution_mg_per_L", "mg/L")},
    ),
    "flow_limits": (FlowRule, {"limit": ("limit_m3_per_d", "m³/d")}),
    "funds": (Fund, {"limits": ("limits_wan_yuan", "万元")}),
    "district_budgets": (DistrictBudget, {"limits": ("limits_wan_yuan", "万元")}),
    "method_crew_days": (MethodDays, {"limits": ("limits_d", "-")}),
    "moratoria": (Moratorium, {"since": ("from", "")}),
    "precedence": (Order, {}),
    "minimum_work": (LeastWork, {}),
    "must_do": (MustDo, {}),
    "must_not": (MustNot, {}),
}


def rows_text(kind: str, rows: Iterable[object]) -> list[dict[str, Any]]:
    """Return the rows of one kind as a person edits them."""
    _, renamed = KINDS[kind]
    made = []
    for row in rows:
        body: dict[str, Any] = {}
        for entry in fields(row):  # type: ignore[arg-type]
            name, unit = renamed.get(entry.name, (entry.name, ""))
            body[name] = _written(getattr(row, entry.name), unit)
        made.append(body)
    return made


def _written(value: Any, unit: str) -> Any:
    if isinstance(value, Mapping):
        return {window: round(from_si(amount, unit), 6) for window, amount in value.items()}
    if isinstance(value, tuple):
        return list(value)
    return round(from_si(value, unit), 9) if unit and value is not None else value


def rows_from(kind: str, given: object) -> tuple[Any, ...]:
    """Return the rows of one kind from what a person wrote.

    Raises
    ------
    BadInput
        A row has a name that is not known (``rules-name``).
    ValueError
        It is no list of rows, a field is missing, or a value is of the wrong sort; says which.
    """
    made, renamed = KINDS[kind]
    if not isinstance(given, list):
        raise ValueError(f"{kind}: []")  # noqa: TRY004 - it is a value of the file
    names = {renamed.get(entry.name, (entry.name, ""))[0]: entry for entry in fields(made)}
    rows = []
    for place, body in enumerate(given):
        where = f"{kind}[{place}]"
        if not isinstance(body, dict):
            raise ValueError(f"{where}: {{}}")  # noqa: TRY004 - as above
        strange = sorted(set(body) - set(names))
        if strange:
            named = ", ".join(f"{where}.{name}" for name in strange)
            raise BadInput("rules-name", names=named, known=", ".join(names))
        values = {}
        for name, entry in names.items():
            if name in body:
                values[entry.name] = _read(f"{where}.{name}", body[name], entry.type, renamed.get(entry.name))
            elif entry.default is MISSING and entry.default_factory is MISSING:
                raise ValueError(f"{where}.{name}")
        rows.append(made(**values))
    return tuple(rows)


def _read(where: str, value: Any, sort: Any, renamed: tuple[str, str] | None) -> Any:
    unit = renamed[1] if renamed else ""
    try:
        if sort is bool:
            return _flag(value)
        if sort is float or sort == float | None:
            if value is None and sort is not float:
                return None
            return to_si(_number(value), unit) if unit else _number(value)
        if sort == tuple[str, ...]:
            return tuple(_text(entry) for entry in ([] if value is None else value))
        if sort is str:
            return _text(value)
        return {
            str(window): to_si(_number(amount), unit)
            for window, amount in (value or {}).items()
            if amount is not None
        }
    except (TypeError, ValueError, AttributeError):
        raise ValueError(f"{where} = {value}") from None


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError
    return float(value)


def _text(value: Any) -> str:
    if value is not None and not isinstance(value, str):
        raise TypeError
    return value or ""
