"""What does rules.json of a planning case demand? Read, checked, every fault in words."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wenqu.errors import BadInput, FileUnreadable
from wenqu.issues import Issue, Place, Weight
from wenqu.planning.stated_case import Milestone, StatedRules

FILE = "rules.json"
KNOWN = ("windows", "budget", "district_budget", "crew_days", "milestones", "capacity_share", "load_guard")


def read_case_rules(folder: Path, issues: list[Issue]) -> StatedRules:
    """Return the rules of a case; unknown names are told and left out.

    Raises
    ------
    FileUnreadable
        The file is absent.
    BadInput
        It is no JSON object, or a value makes no sense: the sentence names which.
    """
    path = folder / FILE
    if not path.is_file():
        raise FileUnreadable("plan-absent", path=FILE)
    try:
        given = json.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise FileUnreadable("not-text", path=FILE) from error
    except json.JSONDecodeError as error:
        raise BadInput("rules-json", line=error.lineno, said=error.msg) from error
    if not isinstance(given, dict):
        raise BadInput("rules-json", line=1, said="no object")
    for name in sorted(set(given) - set(KNOWN)):
        facts: dict[str, object] = {"name": name, "known": ", ".join(KNOWN)}
        issues.append(Issue("plan-case.rule-unknown", Weight.DOUBT, place=Place(FILE), facts=facts))
    return _rules(given, issues)


def _rules(given: Mapping[str, Any], issues: list[Issue]) -> StatedRules:
    windows = given.get("windows")
    if not isinstance(windows, list) or not windows or len({str(one) for one in windows}) < len(windows):
        raise BadInput("case-rules", name="windows", value=str(windows))
    names = tuple(str(one) for one in windows)
    share_by, share = _share(given.get("capacity_share"), names)
    rules = StatedRules(
        names,
        _limits("budget", given.get("budget"), names),
        {
            str(name): _limits(f"district_budget {name}", limits, names)
            for name, limits in _object("district_budget", given.get("district_budget")).items()
        },
        _limits("crew_days", given.get("crew_days"), names),
        tuple(_milestone(one, names) for one in _list("milestones", given.get("milestones"))),
        share_by,
        share,
        _flag("load_guard", given.get("load_guard")),
    )
    for name, limits in {"": rules.budget, **rules.district_budget}.items():
        for window, limit in limits.items():
            if limit == 0:
                facts: dict[str, object] = {"window": window, "district": name}
                issues.append(Issue("plan-case.budget-zero", Weight.DOUBT, place=Place(FILE), facts=facts))
    return rules


def _object(name: str, value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadInput("case-rules", name=name, value=str(value))
    return value


def _list(name: str, value: Any) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise BadInput("case-rules", name=name, value=str(value))
    return value


def _flag(name: str, value: Any) -> bool:
    if value is not None and not isinstance(value, bool):
        raise BadInput("case-rules", name=name, value=str(value))
    return bool(value)


def _limits(name: str, value: Any, windows: tuple[str, ...]) -> dict[str, float]:
    found = {}
    for window, limit in _object(name, value).items():
        if window not in windows:
            raise BadInput("case-rules", name=f"{name} {window}", value=str(limit))
        if limit is not None:
            found[window] = _number(f"{name} {window}", limit, math.inf)
    return found


def _number(name: str, value: Any, most: float) -> float:
    fits = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= most
    if not fits or math.isinf(value):
        raise BadInput("case-rules", name=name, value=str(value))
    return float(value)


def _milestone(value: Any, windows: tuple[str, ...]) -> Milestone:
    rule = _object("milestones", value)
    by = str(rule.get("by"))
    if by not in windows:
        raise BadInput("case-rules", name="milestones by", value=by)
    district = rule.get("district")
    share = _number("milestones share_of_length", rule.get("share_of_length"), 1.0)
    return Milestone(by, share, "" if district is None else str(district))


def _share(value: Any, windows: tuple[str, ...]) -> tuple[str, float]:
    if value is None:
        return "", 0.0
    rule = _object("capacity_share", value)
    by = str(rule.get("by"))
    if by not in windows:
        raise BadInput("case-rules", name="capacity_share by", value=by)
    return by, _number("capacity_share share", rule.get("share"), 1.0)
