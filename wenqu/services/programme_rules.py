"""Under which rules does a city plan: as they stand, as they once were, checked, changed with a reason?"""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from wenqu.errors import BadInput, Refused, Unknown
from wenqu.issues import Issue
from wenqu.messages import LANGUAGES, say, sentences
from wenqu.planning.rules import (
    Rules,
    default_rows,
    default_rules,
    read_rules,
    rules_from,
    rules_text,
)
from wenqu.planning.rules_check import faults
from wenqu.records.programme import Programme
from wenqu.services import filed_records
from wenqu.services.city_state import CityState
from wenqu.services.plan_city import RULES, first_year
from wenqu.services.rights import Person, reach
from wenqu.services.rule_names import rule_names, strangers
from wenqu.services.whole_reading import demand_whole
from wenqu.store.database import Store

SHOWN = 40  # versions told of, newest first
WHY = "rules: "  # how the reason of the change that kept rules begins
LOOKED = 10_000  # changes looked through for the reasons


def city_rules(store: Store, city: str, as_of: str | None = None) -> Rules:
    """Return the rules that hold in a city: its own, else the default ones."""
    own = store.document(city, RULES, as_of)
    first = first_year(store, city)
    return default_rules(first) if own is None else rules_from(own.decode(), first)


def view_rules(store: Store, state: CityState) -> dict[str, Any]:
    """Return the rules that hold, the default ones, names, versions, and what the last programme reaches.

    Raises
    ------
    Refused
        The reader sees a part of the city only: rules name packages and money of all of it.
    """
    city = state.network.city.code
    demand_whole(store, city)
    rules = city_rules(store, city, state.network.as_of or None)
    versions = rules_versions(store, city)
    return {
        "rules": json.loads(rules_text(rules)),
        "usual": json.loads(rules_text(default_rules(first_year(store, city)))),
        "sources": [dict(row) for row in default_rows()],
        "names": rule_names(store, state),
        "doubts": [told_issue(issue) for issue in strangers(store, state, rules)],
        "versions": versions,
        "version": versions[0]["number"] if versions else 0,
        "verdicts": _verdicts(store, state),
    }


def check_rules(store: Store, state: CityState, given: dict[str, Any]) -> dict[str, Any]:
    """Return what is wrong with rules that somebody is writing, and which rules they would change.

    Raises
    ------
    BadInput
        They cannot even be read: an unknown name, a value of the wrong sort.
    """
    city = state.network.city.code
    demand_whole(store, city)
    rules = read_rules(json.dumps(given), first_year(store, city))
    wrong = list(faults(rules))
    before = json.loads(rules_text(city_rules(store, city)))
    return {
        "faults": [told_issue(issue) for issue in wrong],
        "doubts": [] if wrong else [told_issue(issue) for issue in strangers(store, state, rules)],
        "changed": _changed(before, json.loads(rules_text(rules))),
    }


def told_issue(issue: Issue) -> dict[str, Any]:
    """Return an issue of rules with where it stands and its sentences in both languages."""
    said = {}
    for language in LANGUAGES:
        facts = {**issue.facts, "field": field_told(str(issue.facts["field"]), language)}
        if "kind" in facts:
            facts["kind"] = say(f"plan.name.{facts['kind']}", language)
        made = (say(f"issue.{issue.code}.{part}", language, **facts) for part in ("says", "remedy"))
        said[language] = dict(zip(("says", "remedy"), made, strict=True))
    return {"code": issue.code, "field": issue.facts["field"], "weight": issue.weight.value, **said}


def field_told(field: str, language: str) -> str:
    """Return where something stands in the rules in words: the rule, the row, the column.

    Examples
    --------
    >>> field_told("plant_margins[1].by", "en")
    'Concentration at plants, row 2, by the end of'
    """
    top, _, rest = field.partition("[")
    row, _, column = rest.partition("]") if rest else ("", "", "")
    column = column.lstrip(".")
    if not rest:
        top, _, column = field.partition(".")
    parts = [say(f"page.plan.rule_{top}", language)]
    parts += [say("plan.row", language, row=int(row) + 1)] if row.isdecimal() else []
    for name in column.split("."):
        key = f"page.planrules.col_{name}"
        parts += [say(key, language) if key in sentences(language) else name] if name else []
    return say("plan.comma", language).join(parts)


def keep_rules(
    store: Store, city: str, given: dict[str, Any], *, person: Person, why: str, seen: int | None = None
) -> int:
    """Keep rules as the city's own, and return the number of the change.

    Parameters
    ----------
    given
        The rules as in ``rules.json``; what they leave out comes from the default ones.
    person, why
        Who decides for the whole city, and the reason: both stand in the history.
    seen
        Number of the version that was changed; None when nobody looked.

    Raises
    ------
    BadInput
        The rules are nonsense, or nobody said why.
    Refused
        The person does not decide for the whole city (``rights``), or somebody else has changed the rules
        since (``rules-changed``).
    """
    if not reach(person, "decide", city).whole:
        raise Refused("rights", action="decide", city=city, district="", body="")
    if not why.strip():
        raise BadInput("rules-why")
    rules = replace(rules_from(json.dumps(given), first_year(store, city)), default=False)
    newest = next(iter(store.documents(city, RULES)), None)
    if seen is not None and newest is not None and newest.number != seen:
        raise Refused("rules-changed", who=newest.who, at=newest.at[:16].replace("T", " "))
    with store.change(city, who=person.account, why=f"{WHY}{why.strip()}") as change:
        change.write_document(RULES, rules_text(rules).encode(), "application/json")
        return change.number


def rules_version(store: Store, city: str, number: int) -> dict[str, Any]:
    """Return the rules as one change left them.

    Raises
    ------
    Unknown
        No change of that number wrote rules.
    """
    demand_whole(store, city)
    for entry in store.documents(city, RULES):
        if entry.number == number:
            body: dict[str, Any] = json.loads(store.document(city, RULES, entry.at) or b"{}")
            return body
    raise Unknown(name=str(number))


def rules_versions(store: Store, city: str) -> list[dict[str, Any]]:
    """Return the versions of the rules, newest first: when, who, why, and which rules each changed."""
    entries = store.documents(city, RULES)[: SHOWN + 1]
    reasons = {change.number: change.why for change in store.changes(city, LOOKED)} if entries else {}
    bodies = [_whole_body(store.document(city, RULES, entry.at) or b"{}") for entry in entries]
    return [
        {
            "number": entry.number,
            "at": entry.at,
            "who": entry.who,
            "why": reasons.get(entry.number, "").removeprefix(WHY),
            "changed": _changed(bodies[place + 1] if place + 1 < len(bodies) else {}, bodies[place]),
        }
        for place, entry in enumerate(entries[:SHOWN])
    ]


def _whole_body(content: bytes) -> dict[str, Any]:
    """Return a version with the rules that there were none of when it was kept at their usual values."""
    body: dict[str, Any] = json.loads(content)
    windows = body.get("windows") or [str(datetime.now().astimezone().year)]
    try:
        whole: dict[str, Any] = json.loads(rules_text(read_rules(content.decode(), int(str(windows[0])[:4]))))
    except (BadInput, ValueError):
        return body
    return whole


def _changed(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Return the names of the rules that differ; none where there was nothing before."""
    names = [name for name in after if name != "default"]
    return [name for name in names if before and before.get(name) != after[name]]


def _verdicts(store: Store, state: CityState) -> list[dict[str, Any]]:
    """Return what the last programme reaches of each rule, as it was judged when it was filed."""
    programme: Programme | None = filed_records.programme(store, state)
    if programme is None or not programme.rules:
        return []
    found: list[dict[str, Any]] = json.loads(programme.rules).get("verdicts", [])
    return found
