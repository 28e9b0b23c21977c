"""How is a rule that a programme misses put into words?"""

import math
from collections.abc import Mapping
from typing import Any

from wenqu.messages import say
from wenqu.planning.verify import Verdict
from wenqu.services.plan_city import BORDER, relaxed_sentences
from wenqu.services.scope_names import scope_said
from wenqu.units import from_si

MONEY, DAYS, STRENGTH, FLOW = "money", "days", "strength", "flow"
KINDS = {"yuan": MONEY, "d": DAYS, "kg/m³": STRENGTH, "m³/s": FLOW, "m": "length", "kg/s": "load"}
COUNTED = frozenset({"must", "once", "must-do", "must-not", "closed", "order"})


def verdict_sentence(row: Mapping[str, Any], language: str, names: Mapping[str, str]) -> str:
    """Return in words which rule cannot be kept, and by how much; money in 万元."""
    return relaxed_sentences([_verdict(row)], language, names)[0]


def missed_sentence(row: Mapping[str, Any], language: str, names: Mapping[str, str]) -> str:
    """Return in words which rule one programme misses, whatever another could do."""
    one = _verdict(row)
    if math.isnan(one.reached):
        return verdict_sentence(row, language, names)
    unit = BORDER.get(one.unit, one.unit)
    demanded, reached = (from_si(value, unit) for value in (one.demanded, one.reached))
    kind = KINDS.get(one.unit, "count" if one.rule in COUNTED else "share")
    return say(
        f"replan.missed.{kind}", language, name=say(f"plan.rule.{one.rule}", language),
        scope=scope_said(one.scope, names, language), window=one.window or "–",
        demanded=demanded, reached=reached,
    )  # fmt: skip


def _verdict(row: Mapping[str, Any]) -> Verdict:
    demanded, reached = (
        math.nan if row[name] is None else float(row[name]) for name in ("demanded", "reached")
    )
    return Verdict(
        str(row["rule"]),
        str(row["scope"]),
        str(row["window"]),
        demanded,
        reached,
        str(row["unit"]),
        holds=False,
    )
