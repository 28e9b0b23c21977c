"""How do entries of the street stand, told in words: what came of each, and what is in conflict?"""

import json
from typing import Any
from urllib.parse import quote

from wenqu.services.city_state import CityState
from wenqu.services.field_conflicts import clash_row
from wenqu.services.field_entries import Standing, seen_entries
from wenqu.services.field_sight import may
from wenqu.services.rights import Person
from wenqu.services.wording import key_sentence
from wenqu.store.database import Store

LISTED = 1000


def standing_row(one: Standing, language: str) -> dict[str, Any]:
    """Return how one entry stands."""
    entry, outcome = one.entry, one.outcome
    said = outcome.said if outcome else ()
    sentences = [key_sentence(said[at], json.loads(said[at + 1]), language) for at in range(0, len(said), 2)]
    if one.missing:
        sentences = [key_sentence("field.files-first", {"count": len(one.missing)}, language)]
    open_ = outcome is not None and outcome.state == "conflict"
    fields = [clash_row(entry.asset_type, clash) for clash in outcome.clashes] if outcome and open_ else []
    return {
        "id": entry.id,
        "kind": entry.kind,
        "state": one.state,
        "problems": sentences,
        "conflict": {"id": entry.id, "fields": fields} if open_ else None,
        "missing_files": list(one.missing),
        "made": list(outcome.made) if outcome else [],
        "order": entry.order,
        "asset": f"{entry.asset_type}/{entry.asset}" if entry.asset else "",
        "by": entry.by,
        "written_at": entry.written_at,
        "sent_at": entry.at,
    }


def view_entries(
    store: Store, state: CityState, person: Person, language: str, *, mine: bool = False
) -> dict[str, Any]:
    """Return the entries that a person may see, newest first, with what was written."""
    found = seen_entries(store, state, person, mine=mine)
    rows = [
        {**standing_row(one, language), "body": json.loads(one.entry.body), "files": _files(state, one)}
        for one in found[:LISTED]
    ]
    return {"count": len(found), "entries": rows, "simulated": state.network.city.simulated}


def view_conflicts(store: Store, state: CityState, person: Person, asset: str = "") -> dict[str, Any]:
    """Return what is in conflict, side by side; of one asset (type/id) or of all."""
    rows = []
    for one in seen_entries(store, state, person):
        entry, outcome = one.entry, one.outcome
        if outcome is None or outcome.state != "conflict":
            continue
        if asset and asset != f"{entry.asset_type}/{entry.asset}":
            continue
        rows.append(
            {
                "id": entry.id,
                "entry": entry.id,
                "asset": f"{entry.asset_type}/{entry.asset}",
                "by": entry.by,
                "written_at": entry.written_at,
                "sent_at": entry.at,
                "fields": [clash_row(entry.asset_type, clash) for clash in outcome.clashes],
                "pictures": [file["address"] for file in _files(state, one) if file["role"] != "voice"],
                "may_decide": may(person, "edit_attributes", state, entry.asset_type, entry.asset),
            }
        )
    return {"conflicts": rows, "simulated": state.network.city.simulated}


def _files(state: CityState, one: Standing) -> list[dict[str, str]]:
    city = quote(state.network.city.code, safe="")
    return [
        {
            "name": file.name,
            "role": file.role,
            "media_type": file.media_type,
            "address": f"cities/{city}/field/files/{file.sha256}",
        }
        for file in one.entry.files
    ]
