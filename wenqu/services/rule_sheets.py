"""What does the manual say of each rule beside its sentences: weight, what becomes of a row, bounds?"""

from typing import Any

from wenqu.network.checks.telling import rule_table
from wenqu.network.checks.thresholds import Threshold, thresholds


def rule_sheets() -> list[dict[str, Any]]:
    """Return each rule with its weight, its class on import and its bounds."""
    return [
        {
            "code": code,
            "weight": rule.weight.value,
            "class": rule.class_,
            "otherwise": rule.otherwise,
            "confirmable": rule.confirmable,
            "bounds": [
                {"name": one.name, "value": one.value, "unit": one.unit, "label": _pair(one)}
                for one in thresholds().values()
                if code in one.rules
            ],
        }
        for code, rule in rule_table().items()
    ]


def _pair(one: Threshold) -> dict[str, str]:
    return {"zh": one.zh, "en": one.en}
