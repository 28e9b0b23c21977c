"""Under which rules is a programme made? Windows, budgets, milestones: data that a city edits."""

import csv
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from wenqu.errors import BadInput
from wenqu.units import from_si, to_si

CHANGES = ("moved", "method", "dropped", "added")  # how a package may leave what was announced


@dataclass(frozen=True, slots=True)
class ShareRule:
    """By the end of a window, plants with at least this share of the capacity meet their threshold."""

    by: str
    share: float  # [-] of design capacity
    source: str = ""


@dataclass(frozen=True, slots=True)
class LengthRule:
    """By the end of a window, at least this share of the bad length is mended."""

    by: str
    share: float  # [-] of the frozen denominator
    district: str = ""  # "" the city as a whole; "*" every district by itself; else one district
    source: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything a programme must obey. SI inside; JSON outside carries the border unit in each name."""

    windows: tuple[str, ...]  # years, in order
    budgets: tuple[float, ...]  # [yuan] a window; inf where none is set
    crew_days: tuple[float, ...]  # [d] a window; inf where none is set
    threshold: float  # [kg/m³] influent BOD5, unless the plant has its own
    operator: str  # > or >=
    resolution: float  # [kg/m³] smallest step that counts as above
    shares: tuple[ShareRule, ...]
    lengths: tuple[LengthRule, ...]
    problem_grade: int  # structural grade that puts a conduit on the problem list
    must_grade: int  # structural grade that must be mended
    must_by: str  # window; "" when there is no such rule
    load_guard: bool  # the sewage load of no plant may fall
    pace: float  # [-] largest share of the whole cost in one window; 1 for none
    discount: float  # [-] a window; costs of later windows weigh less
    clean_bod: float  # [kg/m³] BOD5 of the clean water kept out
    premises_flow: float  # [m³/s] sewage that one set of premises brings back
    default: bool = False  # nobody of the city has confirmed them
    probability: float = (
        0.5  # [-] that a plant which counts as meeting does meet; 0.5 asks for the mean alone
    )
    # [yuan] a package that leaves what was announced: another year, another method, dropped, added
    change_prices: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)

    @property
    def aim(self) -> float:
        """The concentration to reach: above means at least one step above. [kg/m³]"""
        return self.threshold + self.step

    @property
    def step(self) -> float:
        """What is added to a threshold when the operator is "above". [kg/m³]"""
        return self.resolution if self.operator == ">" else 0.0


@cache
def default_rows() -> tuple[dict[str, str], ...]:
    """Return the rows of ``default_rules.csv``, with standard, clause and status."""
    text = (files("wenqu.planning") / "default_rules.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def default_rules(first_year: int) -> Rules:
    """Return the rules of the programme's text, its years counted from ``first_year``."""
    rows = {row["rule"]: row for row in default_rows()}
    number = {name: float(row["value"]) for name, row in rows.items()}
    windows = tuple(str(first_year + k) for k in range(int(number["windows"])))

    def due(row: dict[str, str]) -> str:
        return windows[int(row["window"]) - 1]

    free = (math.inf,) * len(windows)
    return Rules(
        windows,
        free,
        free,
        to_si(number["threshold"], "mg/L"),
        rows["threshold"]["operator"],
        to_si(number["resolution"], "mg/L"),
        tuple(
            ShareRule(due(row), float(row["value"]), row["standard"])
            for row in default_rows()
            if row["rule"] == "capacity_share"
        ),
        tuple(
            LengthRule(due(row), float(row["value"]), "", row["standard"])
            for row in default_rows()
            if row["rule"] == "length_share"
        ),
        int(number["problem_grade"]),
        int(number["must_grade"]),
        due(rows["must_grade"]),
        True,
        number["pace"],
        number["discount"],
        to_si(number["clean_bod"], "mg/L"),
        to_si(number["premises_flow"], "m³/d"),
        default=True,
        probability=number["probability"],
        change_prices=_four(number[f"change_{name}"] for name in CHANGES),
    )


def _four(prices: Iterable[float]) -> tuple[float, float, float, float]:
    moved, method, dropped, added = prices
    return (moved, method, dropped, added)


def rules_text(rules: Rules) -> str:
    """Return rules as the JSON a person edits: 万元, mg/L, m³/d, each in the name."""

    def limits(values: tuple[float, ...], unit: str) -> dict[str, float | None]:
        return {
            window: None if math.isinf(value) else round(from_si(value, unit), 6)
            for window, value in zip(rules.windows, values, strict=True)
        }

    body = {
        "default": rules.default,
        "windows": list(rules.windows),
        "budget_wan_yuan": limits(rules.budgets, "万元"),
        "crew_days": limits(rules.crew_days, "-"),
        "threshold_mg_per_L": round(from_si(rules.threshold, "mg/L"), 9),
        "operator": rules.operator,
        "resolution_mg_per_L": round(from_si(rules.resolution, "mg/L"), 9),
        "capacity_share": [{"by": r.by, "share": r.share, "source": r.source} for r in rules.shares],
        "length_share": [
            {"by": r.by, "share": r.share, "district": r.district, "source": r.source} for r in rules.lengths
        ],
        "problem_grade": rules.problem_grade,
        "must_grade": rules.must_grade,
        "must_by": rules.must_by,
        "load_guard": rules.load_guard,
        "pace": rules.pace,
        "discount": rules.discount,
        "clean_bod_mg_per_L": round(from_si(rules.clean_bod, "mg/L"), 9),
        "premises_flow_m3_per_d": round(from_si(rules.premises_flow, "m³/d"), 9),
        "probability": rules.probability,
        "change_price_yuan": dict(zip(CHANGES, rules.change_prices, strict=True)),
    }
    return json.dumps(body, ensure_ascii=False, indent=1)


def rules_from(text: str, first_year: int) -> Rules:
    """Return the rules of a JSON text; what it leaves out comes from the default rules.

    Raises
    ------
    BadInput
        It is no JSON object, a name is unknown, a value is nonsense, or a date is no window.
    """
    try:
        given = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadInput("rules-json", line=error.lineno, said=error.msg) from error
    if not isinstance(given, dict):
        raise BadInput("rules-json", line=1, said="no object")
    base = json.loads(rules_text(default_rules(first_year)))
    unknown = sorted(set(given) - set(base) - {"relaxations", "prices", "problem_length_m"})
    if unknown:
        raise BadInput("rules-name", names=", ".join(unknown), known=", ".join(base))
    if "windows" in given and "capacity_share" not in given:
        shift = default_rules(int(str(given["windows"][0])[:4]) if given["windows"] else first_year)
        base = json.loads(rules_text(shift))
    given = {name: value for name, value in given.items() if name in base}
    try:
        rules = _from_body({**base, "default": False, **given})
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise BadInput("rules-value", said=str(error)) from error
    return checked(rules)


def _from_body(body: dict[str, Any]) -> Rules:
    windows = tuple(str(window) for window in body["windows"])

    def limits(name: str, unit: str) -> tuple[float, ...]:
        table = body[name] or {}
        foreign = sorted(set(table) - set(windows))
        if foreign and any(table[window] is not None for window in foreign):
            raise ValueError(f"{name}: {', '.join(foreign)}")
        values = [table.get(window) for window in windows]
        return tuple(math.inf if value is None else to_si(float(value), unit) for value in values)

    return Rules(
        windows,
        limits("budget_wan_yuan", "万元"),
        limits("crew_days", "-"),
        to_si(float(body["threshold_mg_per_L"]), "mg/L"),
        str(body["operator"]),
        to_si(float(body["resolution_mg_per_L"]), "mg/L"),
        tuple(
            ShareRule(str(r["by"]), float(r["share"]), r.get("source", "")) for r in body["capacity_share"]
        ),
        tuple(
            LengthRule(str(r["by"]), float(r["share"]), r.get("district", ""), r.get("source", ""))
            for r in body["length_share"]
        ),
        int(body["problem_grade"]),
        int(body["must_grade"]),
        str(body["must_by"] or ""),
        bool(body["load_guard"]),
        float(body["pace"]),
        float(body["discount"]),
        to_si(float(body["clean_bod_mg_per_L"]), "mg/L"),
        to_si(float(body["premises_flow_m3_per_d"]), "m³/d"),
        default=bool(body["default"]),
        probability=float(body["probability"]),
        change_prices=_four(float(body["change_price_yuan"][name]) for name in CHANGES),
    )


def checked(rules: Rules) -> Rules:
    """Return the rules if they make sense.

    Raises
    ------
    BadInput
        A share lies outside 0 to 1, a budget is negative, a date is no window, and so on.
    """
    due = [(rule.by, rule.share) for rule in rules.shares] + [(rule.by, rule.share) for rule in rules.lengths]
    dates = {by for by, _ in due} | ({rules.must_by} - {""})
    faults = [
        ("windows", not rules.windows or list(rules.windows) != sorted(set(rules.windows))),
        ("by", not dates <= set(rules.windows)),
        ("operator", rules.operator not in {">", ">="}),
        ("share", any(not 0 <= share <= 1 for _, share in due)),
        ("budget_wan_yuan", any(not value >= 0 for value in rules.budgets)),
        ("crew_days", any(not value >= 0 for value in rules.crew_days)),
        ("threshold_mg_per_L", not 0 < rules.threshold < 1),
        ("resolution_mg_per_L", not 0 <= rules.resolution < rules.threshold),
        ("clean_bod_mg_per_L", not 0 <= rules.clean_bod < rules.threshold),
        ("premises_flow_m3_per_d", not rules.premises_flow > 0),
        ("change_price_yuan", any(not 0 <= price < math.inf for price in rules.change_prices)),
        ("probability", not 0.5 <= rules.probability <= 0.999),
        ("pace", not 0 < rules.pace <= 1),
        ("discount", not 0 <= rules.discount < 1),
        ("problem_grade", rules.problem_grade not in range(1, 5)),
        ("must_grade", rules.must_grade not in range(1, 5)),
    ]
    wrong = [name for name, bad in faults if bad]
    if wrong:
        raise BadInput("rules-value", said=", ".join(wrong))
    return rules
