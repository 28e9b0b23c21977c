"""One percentage with every pipe, its proofs and its rule, signed: as JSON and as an Excel workbook."""

from dataclasses import asdict
from typing import Any

import orjson

from wenqu.services.city_state import CityState
from wenqu.services.figure_workbook import figure_workbook
from wenqu.services.freeze_figures import signing_key
from wenqu.services.programme_accounts import LIST_OF, denominator, frozen_versions
from wenqu.services.view_figures import counted_day, figure_rows, rule_of, rule_told
from wenqu.store.database import Store
from wenqu.store.moments import now
from wenqu.supervision.figure_rows import chained, sums, sums_by_district
from wenqu.supervision.signed import read_signed, sign


def signed_figure(store: Store, state: CityState, stage: str, on: str = "") -> bytes:
    """Return one percentage with every pipe as a signed file (``wenqu figures verify``)."""
    return sign(figure_payload(store, state, stage, on), signing_key(store))


def signed_workbook(store: Store, state: CityState, stage: str, language: str, on: str = "") -> bytes:
    """Return the same as a workbook: what its sheets show is what was signed."""
    content = signed_figure(store, state, stage, on)
    return figure_workbook(read_signed(content).payload, content, language)


def figure_payload(store: Store, state: CityState, stage: str, on: str = "") -> dict[str, Any]:
    """Return everything that a figure says: facts, districts, versions of its list, pipes with proofs."""
    rows = chained(figure_rows(store, state, stage, on))
    whole, day, key = sums(rows), counted_day(state, on), LIST_OF[stage]
    found = denominator(store, state, key)
    frozen = found.frozen
    return {
        "kind": "figure",
        "city": state.network.city.code,
        "stage": stage,
        "day": day,
        "known_at": state.network.as_of or now().isoformat(timespec="seconds"),
        "network": state.network.version,
        "numerator_mm": whole["length_mm"],
        "denominator_mm": whole["of_mm"],
        "numerator_count": whole["count"],
        "denominator_count": whole["of_count"],
        "rule": rule_told(rule_of(stage, day)),
        "list": {
            "key": key,
            "version": frozen.version if frozen else 0,  # 0: not frozen, the network as it was
            "digest": frozen.digest if frozen else found.pipes.digest,
        },
        "versions": [asdict(one) for one in frozen_versions(store, state, key)],
        "bridge": _last_bridge(store, state, frozen.document) if frozen else [],
        "districts": sums_by_district(rows),
        "simulated": state.network.city.simulated,
        "rows": rows,
    }


def _last_bridge(store: Store, state: CityState, document: str) -> list[dict[str, Any]]:
    """Return by cause how the version in force differs from the one before it."""
    content = store.frozen_list(state.network.city.code, document)
    told = orjson.loads(content)["payload"].get("bridge") if content else None
    return list(told["rows"]) if told else []
