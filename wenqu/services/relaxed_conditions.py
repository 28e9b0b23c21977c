"""By which smallest change of its row does a further condition of the rules let a missed one go?"""

import math
from collections.abc import Callable, Mapping
from typing import Any

from wenqu.units import from_si

WAN = 1e4  # [yuan]
TENTH = 0.1  # [mg/L] thresholds are let by whole tenths
THOUSANDTH = 1e-3  # [-] likewise shares
REMOVED = {"order": "precedence", "must-do": "must_do", "must-not": "must_not", "closed": "moratoria"}
LISTS = frozenset(REMOVED.values())  # of these a row goes as a whole
LEAST = {"yuan": ("wan_yuan", WAN, 1.0), "m": ("m", 1.0, 1.0), "-": ("share", 1.0, THOUSANDTH)}

Row = Mapping[str, Any]
Rows = list[dict[str, Any]]


def condition_patch(row: Row, body: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the list of rules with its missed row changed; None where no change of a row lets it go.

    Money goes to a fund that may pay for anything, up to the next 万元; thresholds go by tenths of a mg/L,
    flows to the next m³/d, least work down to what is reached; an order, a closed place or a package that
    must or must not be repaired goes as a whole.

    Parameters
    ----------
    row
        The missed rule: rule, scope, window, demanded, reached, unit.
    body
        The rules as they are written.
    """
    rule = str(row["rule"])
    if rule in REMOVED:
        name = REMOVED[rule]
        left = [one for one in body[name] if not _named(rule, one, row)]
        return {name: left} if len(left) < len(body[name]) else None
    if row["reached"] is None or not math.isfinite(float(row["reached"])):
        return None  # nothing is measured: no number would do
    if rule == "fund":
        return _fund(row, body["funds"])
    changes: dict[str, tuple[str, Callable[[dict[str, Any], Row], dict[str, Any]]]] = {
        "quality": ("plant_margins", _threshold),
        "flow": ("flow_limits", _flow),
        "least": ("minimum_work", _least),
    }
    if rule not in changes:
        return None
    name, change = changes[rule]
    made = [change(one, row) for one in body[name]]
    return {name: made} if made != body[name] else None


def _named(rule: str, one: Row, row: Row) -> bool:
    if rule == "order":
        return f"{one['first']} → {one['then']}" == str(row["scope"])
    return str(one.get("name", "")) == str(row["scope"])


def _fund(row: Row, funds: Rows) -> dict[str, Any] | None:
    """Return the funds with what is wanting added to the first that may pay for anything."""
    short = math.ceil((float(row["reached"]) - float(row["demanded"])) / WAN - 1e-9)
    free = next((k for k, one in enumerate(funds) if not one.get("districts") and not one.get("methods")), -1)
    if free < 0 or short <= 0:
        return None
    window = str(row["window"])
    limits = funds[free].get("limits_wan_yuan", {})
    raised = {**limits, window: float(limits.get(window) or 0.0) + short}
    return {
        "funds": [{**one, "limits_wan_yuan": raised} if k == free else one for k, one in enumerate(funds)]
    }


def _threshold(one: dict[str, Any], row: Row) -> dict[str, Any]:
    plant, _, pollutant = str(row["scope"]).rpartition(" ")
    if one.get("plant", "") not in {"", plant} or one["pollutant"] != pollutant or one["by"] > row["window"]:
        return one
    reached, said = from_si(float(row["reached"]), "mg/L"), float(one["threshold_mg_per_L"])
    operator = one.get("operator", ">=")
    step = float(one.get("resolution_mg_per_L") or 0.0) if operator in {">", "<"} else 0.0
    if operator.startswith(">"):
        new = min(said, math.floor((reached - step) / TENTH + 1e-6) * TENTH)
    else:
        new = max(said, math.ceil((reached + step) / TENTH - 1e-6) * TENTH)
    return {**one, "threshold_mg_per_L": round(max(new, 0.0), 6)}


def _flow(one: dict[str, Any], row: Row) -> dict[str, Any]:
    if one.get("plant", "") not in {"", row["scope"]} or one["by"] > row["window"]:
        return one
    wanted = float(math.ceil(from_si(float(row["reached"]), "m³/d") - 1e-6))
    return {**one, "limit_m3_per_d": max(wanted, float(one.get("limit_m3_per_d") or 0.0))}


def _least(one: dict[str, Any], row: Row) -> dict[str, Any]:
    unit, size, step = LEAST[str(row["unit"])]
    same = one["unit"] == unit and one.get("district", "") == row["scope"]
    if not same or one["window"] not in {"*", row["window"]}:
        return one
    lower = math.floor(float(row["reached"]) / size / step + 1e-9) * step
    return {**one, "amount": round(min(float(one["amount"]), max(lower, 0.0)), 9)}
