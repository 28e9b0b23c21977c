"""Under which rules is a programme made? Windows, budgets, milestones: data that a city edits."""

import csv
import json
import math
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

from wenqu.errors import BadInput
from wenqu.planning.conditions import KINDS, rows_from, rows_text
from wenqu.planning.law import LengthRule, Rules, ShareRule
from wenqu.planning.rules_check import faults
from wenqu.units import from_si, to_si

__all__ = [
    "CHANGES", "LengthRule", "Rules", "ShareRule", "checked", "default_rows", "default_rules", "read_rules",
    "rules_from", "rules_text",
]  # fmt: skip

CHANGES = ("moved", "method", "dropped", "added")  # how a package may leave what was announced
OTHERS = ("cod", "nh3n", "tn", "tp")
ATTRIBUTES = {  # name in rules.json → attribute of Rules
    "plant_margins": "margins",
    "flow_limits": "flows",
    "method_crew_days": "method_days",
    "precedence": "orders",
    "minimum_work": "least",
}
ALSO_KNOWN = {"relaxations", "prices", "problem_length_m", "verdicts"}  # what a filed programme adds


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
        clean_others={name: to_si(number[f"clean_{name}"], "mg/L") for name in OTHERS},
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
        "capacity_share": [_share_text(rule) for rule in rules.shares],
        "length_share": [_length_text(rule) for rule in rules.lengths],
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
        "clean_others_mg_per_L": {
            name: round(from_si(value, "mg/L"), 9) for name, value in rules.clean_others.items()
        },
        **{kind: rows_text(kind, getattr(rules, ATTRIBUTES.get(kind, kind))) for kind in KINDS},
    }
    return json.dumps(body, ensure_ascii=False, indent=1)


def _share_text(rule: ShareRule) -> dict[str, Any]:
    body: dict[str, Any] = {"by": rule.by, "share": rule.share, "source": rule.source}
    if not rule.usual:
        body["pollutant"] = rule.pollutant
    if rule.threshold is not None:
        body["threshold_mg_per_L"] = round(from_si(rule.threshold, "mg/L"), 9)
    return body


def _length_text(rule: LengthRule) -> dict[str, Any]:
    body = {"by": rule.by, "share": rule.share, "district": rule.district, "source": rule.source}
    return body if rule.of is None else {**body, "denominator_m": rule.of}


def rules_from(text: str, first_year: int) -> Rules:
    """Return the rules of a JSON text; what it leaves out comes from the default rules.

    Raises
    ------
    BadInput
        It is no JSON object, a name is unknown, a value is nonsense, or a date is no window.
    """
    return checked(read_rules(text, first_year))


def read_rules(text: str, first_year: int) -> Rules:
    """Return the rules of a JSON text, sense or nonsense (`rules_check.faults` tells).

    Raises
    ------
    BadInput
        It is no JSON object, a name is unknown, or a value is of the wrong sort.
    """
    try:
        given = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadInput("rules-json", line=error.lineno, said=error.msg) from error
    if not isinstance(given, dict):
        raise BadInput("rules-json", line=1, said="no object")
    base = json.loads(rules_text(default_rules(first_year)))
    unknown = sorted(set(given) - set(base) - ALSO_KNOWN)
    if unknown:
        raise BadInput("rules-name", names=", ".join(unknown), known=", ".join(base))
    if "windows" in given and "capacity_share" not in given:
        shift = default_rules(int(str(given["windows"][0])[:4]) if given["windows"] else first_year)
        base = json.loads(rules_text(shift))
    given = {name: value for name, value in given.items() if name in base}
    try:
        return _from_body({**base, "default": False, **given})
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise BadInput("rules-value", said=str(error)) from error


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
        tuple(_share_from(row) for row in _due_rows(body, "capacity_share", SHARE_NAMES)),
        tuple(_length_from(row) for row in _due_rows(body, "length_share", LENGTH_NAMES)),
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
        clean_others={
            str(name): to_si(float(value), "mg/L") for name, value in body["clean_others_mg_per_L"].items()
        },
        **{ATTRIBUTES.get(kind, kind): rows_from(kind, body[kind]) for kind in KINDS},
    )


SHARE_NAMES = ("by", "share", "source", "pollutant", "threshold_mg_per_L")
LENGTH_NAMES = ("by", "share", "source", "district", "denominator_m")


def _due_rows(body: dict[str, Any], kind: str, known: tuple[str, ...]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = body[kind]
    for place, row in enumerate(rows):
        strange = sorted(set(row) - set(known))
        if strange:
            named = ", ".join(f"{kind}[{place}].{name}" for name in strange)
            raise BadInput("rules-name", names=named, known=", ".join(known))
    return rows


def _share_from(row: dict[str, Any]) -> ShareRule:
    own = row.get("threshold_mg_per_L")
    threshold = None if own is None else to_si(float(own), "mg/L")
    return ShareRule(
        str(row["by"]), float(row["share"]), row.get("source", ""), row.get("pollutant", "bod5"), threshold
    )


def _length_from(row: dict[str, Any]) -> LengthRule:
    frozen = row.get("denominator_m")
    of = None if frozen is None else float(frozen)
    return LengthRule(str(row["by"]), float(row["share"]), row.get("district", ""), row.get("source", ""), of)


def checked(rules: Rules) -> Rules:
    """Return the rules if they make sense.

    Raises
    ------
    BadInput
        A share lies outside 0 to 1, a budget is negative, a date is no window, and so on.
    """
    wrong = [str(issue.facts["said"]) for issue in faults(rules)]
    if wrong:
        raise BadInput("rules-value", said="; ".join(wrong))
    return rules
