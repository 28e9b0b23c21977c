"""Where may the map be wrong, and which meters does the river hold back, as the page shows it?"""

from typing import Any

from wenqu.errors import UnknownAsset
from wenqu.issues import Issue
from wenqu.messages import LANGUAGES, say
from wenqu.records.finding import Finding
from wenqu.services.city_state import CityState
from wenqu.services.filed_records import diagnosis_issues, findings, held_back
from wenqu.services.view_diagnosis import place_of
from wenqu.store.database import Store

DOUBT = "map.may-be-wrong"
NOT_ASKED, NO_BILLS = "map.not-asked", "diagnosis.identify.no-water-use"


def view_topology(store: Store, state: CityState) -> dict[str, Any]:
    """Return the doubts of the map by the last diagnosis with both parents, and the meters in backwater.

    A doubt about a meter that the reader may not see is not told.
    """
    told = findings(store, state)
    filed = diagnosis_issues(store, state)
    doubts = [_doubt(state, issue) for issue in filed if issue.code == DOUBT and _seen(state, issue)]
    held = [
        {**_place(state, issue.asset), "code": issue.code, "facts": issue.facts}
        for issue in held_back(store, state)
    ]
    return {
        "doubts": doubts,
        "backwater": held,
        "too_little": _too_little(told),
        "not_asked": next((issue.facts for issue in filed if issue.code == NOT_ASKED), None),
        "diagnosed": bool(filed) or bool(told),
        "simulated": state.network.city.simulated,
    }


def _too_little(told: list[Finding]) -> bool:
    """Return whether nobody could ask: fewer than two meters were read, or nobody knows the users' water."""
    meters = {(row.asset_type, row.asset) for row in told if row.quantity == "meter_bias"}
    return len(meters) < 2 or any(NO_BILLS in row.notes for row in told)


def _seen(state: CityState, issue: Issue) -> bool:
    return all(_knows(state, str(issue.facts[name])) for name in ("now", "other", "node"))


def _knows(state: CityState, id_: str) -> bool:
    try:
        state.network.find(id_)
    except UnknownAsset:
        return False
    return True


def _place(state: CityState, id_: str) -> dict[str, Any]:
    """Return an asset with its name and where it lies; a meter lies where it measures."""
    type_, row = state.network.find(id_) if _knows(state, id_) else ("", 0)
    if not type_:
        return {"id": id_, "type": "", "name": id_, "at": None}
    table = state.network.table(type_)
    on = str(table.column("on_id")[row] or "") if type_ == "meter" else ""
    at = place_of(state, id_) or (place_of(state, on) if on else None)
    return {"id": id_, "type": type_, "name": str(table.column("name")[row] or id_), "at": at}


def _doubt(state: CityState, issue: Issue) -> dict[str, Any]:
    facts = issue.facts
    code, alike = str(facts["evidence"]), facts.get("alike")
    alike = alike if isinstance(alike, list) else []
    return {
        "conduit": {"id": issue.asset, "type": issue.type},
        "node": _place(state, str(facts["node"])),
        "now": _place(state, str(facts["now"])),
        "other": _place(state, str(facts["other"])),
        "alike": [str(id_) for id_ in alike if _knows(state, str(id_))],
        "moved": facts["moved"],  # [m³/d]
        "chance": facts["chance"],  # [%]
        "share": facts["share"],  # [%] of its area
        "evidence": {language: say(code, language) for language in LANGUAGES},
    }
