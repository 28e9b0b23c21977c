"""How is a rule that a programme misses put into words?"""

from collections.abc import Mapping
from typing import Any

from wenqu.messages import say
from wenqu.units import from_si


def verdict_sentence(row: Mapping[str, Any], language: str) -> str:
    """Return in words which rule is missed, and by how much; money in 万元."""
    unit = {"yuan": "万元"}.get(str(row["unit"]), "-")
    demanded, reached = (from_si(float(row[name]), unit) for name in ("demanded", "reached"))
    facts = {"window": row["window"], "scope": row["scope"] or say("plan.scope.city", language)}
    return say(
        f"plan.relaxed.{row['rule']}", language, **facts, demanded=demanded, reached=reached,
        short=abs(reached - demanded),
    )  # fmt: skip
