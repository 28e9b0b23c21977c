"""Is the city on schedule, which district lags, and what happened of late?"""

import math
from dataclasses import asdict
from datetime import date

from wenqu.records.registry import record_kinds
from wenqu.services.city_state import CityState
from wenqu.services.describe_city import districts
from wenqu.services.indicators import (
    Indicator,
    capacity_bod,
    evaluated,
    permits,
    repaired,
    surveyed,
)
from wenqu.services.plant_inflow import PlantInflow, plant_inflows
from wenqu.services.programme_chance import told_chance
from wenqu.store.changes import Change
from wenqu.store.database import Store
from wenqu.store.moments import now
from wenqu.supervision.pace import Forecast, forecast, pace, reached_on
from wenqu.supervision.targets import meets, standing, targets

RISK = {"late": 0, "at_risk": 1, "unknown": 2, "on_time": 3, "reached": 4}
PROOF_ROWS = 200  # rows of a proof sent with the cockpit, largest first; counts and sums are of all
CHANGES = 10


def cockpit(store: Store, state: CityState, as_of: date | None, district: str) -> dict[str, object]:
    """Return every target against today, sorted by risk, with the rows behind it, plants and changes.

    Parameters
    ----------
    store, state
        The store and the city as of the day asked for.
    as_of
        The day; today when it is left out.
    district
        Only this district's rows; "" for the whole city.
    """
    today = as_of or now().date()
    inflows = plant_inflows(store, state)
    indicators = (
        state.once(f"surveyed {today}", lambda: surveyed(store, state, today)),
        state.once(f"evaluated {today}", lambda: evaluated(store, state, today)),
        state.once(f"repaired {today}", lambda: repaired(store, state, today)),
        capacity_bod(inflows, today),
        permits(state, today),
    )
    rows = [_target(indicator, state, today, district) for indicator in indicators]
    rows.sort(key=lambda row: RISK[str(row["state"])])
    code = state.network.city.code
    return {
        "targets": rows,
        "plants": [_plant(plant) for plant in inflows if not district or plant.district == district],
        "alarms": [],
        "changes": [_change(change) for change in store.changes(code, CHANGES, state.network.as_of or None)],
        "programme": told_chance(store, state),
        "as_of": today.isoformat(),
        "simulated": state.network.city.simulated,
    }


def _change(change: Change) -> dict[str, object]:
    """Return one change with the number of rows it touched, by asset type, record kind or document."""
    counts: dict[str, int] = {}
    for name, value in change.counts.items():
        if name in {"records", "documents"} and isinstance(value, dict):
            counts |= {kind: number if name == "records" else 1 for kind, number in value.items()}
        elif isinstance(value, dict):
            touched = sum(int(value.get(key, 0)) for key in ("new", "changed", "closed"))
            counts |= {name: touched} if touched else {}
    kinds = record_kinds()
    named = {name: {"zh": kinds[name].zh, "en": kinds[name].en} for name in counts if name in kinds}
    about = {"number": change.number, "at": change.at, "who": change.who, "why": change.why}
    return {**about, "counts": counts, "named": named}


def _target(indicator: Indicator, state: CityState, today: date, district: str) -> dict[str, object]:
    gained = indicator.gains(today, district)
    yearly = pace(gained)
    stands = standing(indicator.key, indicator.value(district), today, yearly)
    rule = stands.target
    proof = [row for row in indicator.rows if not district or row.district == district]
    largest = sorted(proof, key=lambda row: (-row.whole, row.id))[:PROOF_ROWS]
    return {
        "key": rule.key,
        "label": {"zh": rule.zh, "en": rule.en},
        "unit": "%",
        "today": stands.today,
        "by_count": indicator.by_count(district),
        "target": rule.target,
        "date": rule.date,
        "operator": rule.operator,
        "pace": yearly,
        "pace_needed": stands.pace_needed,
        "forecast": _told(forecast(stands.today, gained, today, rule.date)),
        "reached_on": reached_on(stands.today, gained, today, rule.target),
        "stage": indicator.stage,
        "milestones": [
            {"date": one.date, "target": one.target, "operator": one.operator}
            for one in targets()
            if one.key == indicator.key
        ],
        "state": stands.state,
        "districts": [
            {
                **zone,
                "today": value,
                "by_count": indicator.by_count(zone["id"]),
                "state": standing(indicator.key, value, today).state,
            }
            for zone in districts(state)
            for value in [indicator.value(zone["id"])]
        ],
        "from": {
            "formula": {"zh": rule.formula_zh, "en": rule.formula_en},
            "edition": rule.edition,
            "status": rule.status,
            "numerator": sum(row.part for row in proof),
            "denominator": sum(row.whole for row in proof),
            "unit": indicator.unit,
            "count": len(proof),
            "counted": sum(row.part > 0 for row in proof),
            "frozen": asdict(indicator.frozen) if indicator.frozen else None,
            "rows": [
                {"type": row.type, "id": row.id, "part": row.part, "whole": row.whole} for row in largest
            ],
        },
    }


def _told(found: Forecast | None) -> dict[str, object] | None:
    """Return a forecast with its method, None where there is none."""
    return None if found is None else asdict(found)


def _plant(plant: PlantInflow) -> dict[str, object]:
    known = not math.isnan(plant.bod5)
    return {
        "id": plant.id,
        "name": plant.name,
        "district": plant.district,
        "capacity": plant.capacity,
        "flow": plant.flow,
        "bod5": plant.bod5,
        "bod5_low": plant.bod5_low,
        "bod5_high": plant.bod5_high,
        "threshold": plant.threshold,
        "meets": meets(plant.bod5, plant.threshold, ">") if known else None,
        "days": plant.days,
        "since": plant.since,
        "until": plant.until,
    }
