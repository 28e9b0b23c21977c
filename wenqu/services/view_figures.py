"""The percentages of the programme: each with its list, its pipes, and as a signed file."""

from dataclasses import asdict
from typing import Any

from wenqu.services.city_state import CityState
from wenqu.services.freeze_figures import bridge_now, bridge_told, signing_key
from wenqu.services.programme_accounts import (
    LIST_OF,
    LISTS,
    all_accounts,
    denominator,
    frozen_versions,
    stage_account,
)
from wenqu.services.works_ledger import works_ledger
from wenqu.store.database import Store
from wenqu.store.moments import now
from wenqu.supervision.accounting import STAGES, Account
from wenqu.supervision.signed import sign

LISTED = 2000  # pipes of an answer; the signed file has all


def day_of(state: CityState) -> str:
    """Return the day of the question: the as-of date, else today."""
    return (state.network.as_of or now().isoformat())[:10]


def view_figures(store: Store, state: CityState) -> dict[str, Any]:
    """Return every stage by length and by count, by district, and the frozen list that it is a share of."""
    day = day_of(state)
    return {
        "day": day,
        "stages": {
            stage: {
                "list": LIST_OF[stage],
                "whole": asdict(found.whole()),
                "districts": {name: asdict(share) for name, share in found.by_district().items()},
            }
            for stage, found in all_accounts(store, state, day).items()
        },
        "lists": {key: [asdict(one) for one in frozen_versions(store, state, key)] for key in LISTS},
        "simulated": state.network.city.simulated,
    }


def view_stage(store: Store, state: CityState, stage: str, district: str = "") -> dict[str, Any]:
    """Return the pipes behind one percentage: length, district, from when it counts, and its proofs."""
    found = stage_account(store, state, stage, day_of(state))
    accepted = works_ledger(store, state).accepted
    rows = [
        {
            **row,
            "proofs": [asdict(proof) for proof in accepted[row["pipe"]].proofs]
            if row["pipe"] in accepted
            else [],
        }
        for row in _rows(found)
        if not district or row["district"] == district
    ]
    return {"stage": stage, "day": found.day, "count": len(rows), "rows": rows[:LISTED], "listed": LISTED}


def _rows(found: Account) -> list[dict[str, Any]]:
    pipes = found.pipes
    return [
        {"pipe": id_, "district": zone, "length_mm": int(length), "counts": bool(done), "since": since}
        for id_, zone, length, done, since in zip(
            pipes.ids, pipes.districts, pipes.length_mm, found.reached, found.since, strict=True
        )
    ]


def signed_figure(store: Store, state: CityState, stage: str) -> bytes:
    """Return one percentage with every pipe as a signed file (``wenqu figures verify``)."""
    found, day = stage_account(store, state, stage, day_of(state)), day_of(state)
    rows = _rows(found)
    frozen = denominator(store, state, LIST_OF[stage]).frozen
    payload = {
        "kind": "figure",
        "city": state.network.city.code,
        "stage": stage,
        "day": day,
        "numerator_mm": sum(row["length_mm"] for row in rows if row["counts"]),
        "denominator_mm": sum(row["length_mm"] for row in rows),
        "list": None
        if frozen is None
        else {"key": frozen.key, "version": frozen.version, "digest": frozen.digest},
        "simulated": state.network.city.simulated,
        "rows": rows,
    }
    return sign(payload, signing_key(store))


def view_bridge(store: Store, state: CityState, key: str) -> dict[str, Any] | None:
    """Return how the city as it is differs from the frozen list; None when nothing was frozen."""
    found = bridge_now(store, state, key)
    return None if found is None else bridge_told(found)


__all__ = ["STAGES", "signed_figure", "view_bridge", "view_figures", "view_stage"]
