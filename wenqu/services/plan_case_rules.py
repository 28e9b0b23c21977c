"""What does rules.json of a planning case demand? Read, checked, every fault in words."""

import json
import math
from collections.abc import Iterable, Mapping
from operator import attrgetter
from pathlib import Path
from typing import Any

from wenqu.errors import BadInput, FileUnreadable
from wenqu.issues import Issue, Place, Weight
from wenqu.network.formats.encodings import text_of_bytes
from wenqu.planning.stated_case import Milestone, StatedOptions, StatedPlants, StatedRules, lengths

FILE = "rules.json"
KNOWN = ("windows", "budget", "district_budget", "crew_days", "milestones", "capacity_share", "load_guard")
OF_MILESTONE = ("by", "share_of_length", "district")
OF_SHARE = ("by", "share")


def read_case_rules(folder: Path, issues: list[Issue]) -> tuple[StatedRules, str]:
    """Return the rules of a case and the encoding they were in; unknown names are told and left out.

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
    read = text_of_bytes(path.read_bytes())
    if read.broken or read.foreign:
        raise FileUnreadable("not-json", path=FILE)
    try:
        given = json.loads(read.text, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise BadInput("rules-json", line=error.lineno, said=error.msg) from error
    except RecursionError as error:
        raise FileUnreadable("not-json", path=FILE) from error
    if not isinstance(given, dict):
        raise BadInput("rules-json", line=1, said="no object")
    _strangers(given, KNOWN, "", issues)
    return _rules(given, issues), read.encoding.name


def check_rules_meet(
    rules: StatedRules, options: StatedOptions, plants: StatedPlants, issues: list[Issue]
) -> None:
    """Tell which rules demand nothing because nothing in the tables answers to them."""
    known = {name: length for name, length in lengths(options).items() if name}
    named = [("milestones", one.district) for one in rules.milestones if one.district]
    named += [("district_budget", name) for name in rules.district_budget]
    for rule, name in dict.fromkeys(named):
        if name not in known:
            facts: dict[str, object] = {"rule": rule, "district": name, "known": ", ".join(sorted(known))}
            issues.append(Issue("plan-case.district-unknown", Weight.FAULT, place=Place(FILE), facts=facts))
    if rules.share_by and not plants.capacity.sum() > 0:
        issues.append(Issue("plan-case.no-capacity", Weight.FAULT, place=Place(FILE), facts={}))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object, refusing a name that stands twice: which of the two counts nobody knows."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise BadInput("rules-twice", name=name)
        found[name] = value
    return found


def _strangers(given: Mapping[str, Any], known: tuple[str, ...], within: str, issues: list[Issue]) -> None:
    for name in sorted(set(given) - set(known)):
        facts: dict[str, object] = {"name": f"{within} {name}".strip(), "known": ", ".join(known)}
        issues.append(Issue("plan-case.rule-unknown", Weight.DOUBT, place=Place(FILE), facts=facts))


def _rules(given: Mapping[str, Any], issues: list[Issue]) -> StatedRules:
    windows = given.get("windows")
    names = tuple(_texts(windows))
    if not names or len(set(names)) < len(names):
        raise BadInput("case-rules", name="windows", value=str(windows))
    share_by, share = _share(given.get("capacity_share"), names, issues)
    districts = _object("district_budget", given.get("district_budget"))
    if "" in districts:  # which is how the whole city is written inside
        raise BadInput("case-rules", name="district_budget", value="")
    rules = StatedRules(
        names,
        _limits("budget", given.get("budget"), names),
        {name: _limits(f"district_budget {name}", limits, names) for name, limits in districts.items()},
        _limits("crew_days", given.get("crew_days"), names),
        _strongest(_milestone(one, names, issues) for one in _list("milestones", given.get("milestones"))),
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


def _texts(value: Any) -> list[str]:
    """Return a list of texts (or whole numbers, such as years) as texts, nothing when it is none."""
    fits = isinstance(value, list) and all(isinstance(one, (str, int)) for one in value)
    found = [str(one).strip() for one in value if not isinstance(one, bool)] if fits else []
    return found if fits and all(found) and len(found) == len(value) else []


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


def _strongest(rules: Iterable[Milestone]) -> tuple[Milestone, ...]:
    """Return the rules without those that another for the same date and district implies."""
    kept: dict[tuple[str, str], Milestone] = {}
    for rule in rules:
        known = kept.get((rule.by, rule.district), rule)
        kept[rule.by, rule.district] = max(known, rule, key=attrgetter("share"))
    return tuple(kept.values())


def _milestone(value: Any, windows: tuple[str, ...], issues: list[Issue]) -> Milestone:
    rule = _object("milestones", value)
    _strangers(rule, OF_MILESTONE, "milestones", issues)
    by = str(rule.get("by"))
    if by not in windows:
        raise BadInput("case-rules", name="milestones by", value=by)
    district = rule.get("district")
    if not isinstance(district, str | None):
        raise BadInput("case-rules", name="milestones district", value=str(district))
    share = _number("milestones share_of_length", rule.get("share_of_length"), 1.0)
    return Milestone(by, share, district or "")


def _share(value: Any, windows: tuple[str, ...], issues: list[Issue]) -> tuple[str, float]:
    if value is None:
        return "", 0.0
    rule = _object("capacity_share", value)
    _strangers(rule, OF_SHARE, "capacity_share", issues)
    by = str(rule.get("by"))
    if by not in windows:
        raise BadInput("case-rules", name="capacity_share by", value=by)
    return by, _number("capacity_share share", rule.get("share"), 1.0)
