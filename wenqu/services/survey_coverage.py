"""How much of the sewers was seen, by district?"""

from typing import Any

import numpy as np

from wenqu.network.model import link_lengths
from wenqu.records.inspection import Inspection
from wenqu.services.city_state import CityState
from wenqu.services.seen_inspections import filed_inspections
from wenqu.services.sight import districts_of
from wenqu.store.database import Store
from wenqu.survey.both_ends import last_survey
from wenqu.survey.matching import pipes_of


def coverage(store: Store, state: CityState, since: str = "") -> list[dict[str, Any]]:
    """Return by district how much of the sewers was seen, and when last.

    Parameters
    ----------
    since
        ISO date: only surveys from then on count.
    """
    conduits = state.network.table("conduit")
    lengths = np.nan_to_num(link_lengths(conduits)) if len(conduits) else np.empty(0)
    districts = districts_of(state.network).get("conduit", np.empty(0, dtype=object)).tolist()
    runs: dict[str, list[Inspection]] = {}
    for one in filed_inspections(store, state):
        if one.looked_inside and one.date >= since:
            runs.setdefault(one.asset, []).append(one)
    pipes = pipes_of(conduits, list(runs))
    found: dict[str, dict[str, Any]] = {}
    for row, id_ in enumerate(conduits.ids.tolist()):
        name = districts[row] or ""
        entry = found.setdefault(
            name,
            {"district": name, "pipes": 0, "length": 0.0, "surveyed": 0, "seen": 0.0, "twice": 0, "last": ""},
        )
        entry["pipes"] += 1
        entry["length"] += float(lengths[row])
        if id_ in runs:
            survey = last_survey(pipes[id_], runs[id_])
            entry["surveyed"] += 1
            entry["seen"] += survey.covered
            entry["twice"] += len(survey.runs) > 1
            entry["last"] = max(entry["last"], survey.whole.date)
    for entry in found.values():
        entry["share"] = entry["seen"] / entry["length"] if entry["length"] else None
    return sorted(found.values(), key=lambda entry: str(entry["district"]))
