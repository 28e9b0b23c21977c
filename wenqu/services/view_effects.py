"""What is shown of whether works worked: the list, one of them with its days, and what was learned?"""

from dataclasses import asdict, replace
from typing import Any

import numpy as np

from wenqu.diagnosis.effect_verdict import Chart, Outcome, judge
from wenqu.errors import NotEnoughData
from wenqu.records.verification import Judgement, Verification
from wenqu.services.city_state import Cities, CityState
from wenqu.services.effect_ledger import EffectLedger, effect_ledger, learned
from wenqu.services.effect_records import Read, kept_flows, meters
from wenqu.services.effect_rights import may_decide
from wenqu.services.effect_seal import seal_of
from wenqu.services.judge_effect import terms_sealed, verification_of
from wenqu.services.learned_prices import own_prices
from wenqu.services.rights import Person
from wenqu.services.strange_names import BEYOND

SHOWN = 1500  # dry days of a chart at most


def view_effects(known: Cities, state: CityState, project: str = "") -> dict[str, Any]:
    """Return every verification with its state, and what methods and contractors have shown."""
    city = state.network.city.code
    ledger = effect_ledger(known.store, city, state.network.as_of or None)
    shown = [one for one in ledger.verifications.values() if not project or one.project == project]
    sealed, read = _sealed(known, state, ledger)
    rows = [_row(made, ledger, _told(read, sealed[made.id], ledger)[0]) for made in shown]
    methods, contractors = learned(ledger, own_prices(known.store, city))
    return {
        "rows": sorted(rows, key=lambda row: (row["begins"], row["id"]), reverse=True),
        "methods": [asdict(one) for one in methods],
        "contractors": [asdict(one) for one in contractors],
        "simulated": state.network.city.simulated,
    }


def view_effect(known: Cities, state: CityState, id_: str, *, person: Person) -> dict[str, Any]:
    """Return one verification with the dry days before and after, and whether the person may act on it.

    Raises
    ------
    Unknown
        There is no such for this person.
    """
    city = state.network.city.code
    ledger = effect_ledger(known.store, city, state.network.as_of or None)
    made = verification_of(ledger, id_)
    sealed, read = _sealed(known, state, ledger)
    told, chart = _told(read, sealed[id_], ledger)
    return {
        **_row(made, ledger, told),
        "terms": asdict(made),
        "seal": seal_of(sealed[id_]),
        "chart": _chart(chart, made.control != BEYOND),
        "last": {name: _last(read, name) for name in (made.asset, made.control) if name not in {"", BEYOND}},
        "may": not state.network.as_of and may_decide(known, city, made, person),
    }


def _last(read: Read, name: str) -> str:
    """Return the day of the last good reading of a meter, "" without one."""
    if name not in read.flow:
        return ""
    good = np.flatnonzero(np.isfinite(read.flow[name].good()))
    return str(read.flow[name].times[good[-1]])[:10] if len(good) else ""


def _sealed(known: Cities, state: CityState, ledger: EffectLedger) -> tuple[dict[str, Verification], Read]:
    """Return the verifications of a ledger as they were sealed, and what their meters read.

    Seal and verdict are of the terms as sealed: who may not know the control is told the same ones.
    """
    city, moment = state.network.city.code, state.network.as_of
    every = effect_ledger(known.whole.store, city, moment or None).verifications
    sealed = {id_: every[id_] for id_ in ledger.verifications}
    names = {name for one in sealed.values() for name in (one.asset, one.control)}
    return sealed, kept_flows(known.whole.store, known.whole.state(city, moment), names)


def _told(read: Read, made: Verification, ledger: EffectLedger) -> tuple[Outcome | None, Chart | None]:
    try:
        found = meters(read, made.asset, made.control, made.metric)
    except NotEnoughData:
        return None, None
    ended = ledger.ended.get(made.id)
    return judge(
        found.own, found.control, terms_sealed(made), None if ended is None else np.datetime64(ended.date)
    )


def _row(made: Verification, ledger: EffectLedger, told: Outcome | None) -> dict[str, Any]:
    ended, filed = ledger.ended.get(made.id), ledger.judged.get(made.id)
    said = filed or told
    return {
        "id": made.id,
        "name": made.name,
        "project": made.project,
        "meter": made.asset,
        "control": made.control,
        "metric": made.metric,
        "begins": made.begins,
        "ended": ended.date if ended else "",
        "registered": made.registered,
        "filed": ledger.filed.get(made.id, "")[:10],
        "by": made.by,
        "expected": made.expected,
        "asked_days": made.dry_days,
        "contractor": made.contractor,
        "simulated": made.simulated,
        "judged": filed.date if filed else "",
        "verdict": said.verdict if said else "no_readings",
        "more": told.more if told and not filed else 0,
        **_figures(said),
    }


def _figures(said: Judgement | Outcome | None) -> dict[str, Any]:
    names = ("change", "low", "high", "sd", "threshold", "flow")
    figures = {name: _number(getattr(said, name)) if said else None for name in names}
    return {
        **figures,
        "dry_days": said.dry_days if said else 0,
        "since": said.since if said else "",
        "until": said.until if said else "",
        "control_state": said.control if said else "none",
    }


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _chart(chart: Chart | None, control: bool) -> dict[str, Any]:
    """Return the dry days of a chart; of a control that is not seen no reading."""
    if chart is None:
        return {"days": [], "change": [], "control": [], "flow": [], "expected": []}
    if not control:
        chart = replace(chart, control=np.full(len(chart.days), np.nan))
    return {
        "days": [str(day) for day in chart.days[-SHOWN:]],
        **{
            name: [_number(round(value, 6)) for value in getattr(chart, name)[-SHOWN:].tolist()]
            for name in ("change", "control", "flow", "expected")
        },
    }
