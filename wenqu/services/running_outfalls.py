"""Which outfalls run in dry weather, by the register, by who looked at them, by readings?"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from wenqu.series.events import daily_means, dry_days
from wenqu.series.flags import flagged
from wenqu.series.model import Series
from wenqu.services.city_state import CityState
from wenqu.services.dry_weather import Period, daily_rain_of
from wenqu.services.standing_inspections import standing_inspections
from wenqu.store.database import Store
from wenqu.store.moments import now
from wenqu.works.dated import dated
from wenqu.works.outfall_words import runs_dry, spelled
from wenqu.works.problem_rules import Rules

MEANT_TO_RUN = "plant"  # outfall_discharge: what a plant has cleaned runs every day
SPAN = np.timedelta64(366, "D")
QUALITY = {"nh3n": "dry_nh3n", "cod": "dry_cod"}  # quantity → rule


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that tells that an outfall runs in dry weather."""

    outfall: str
    origin: str
    day: str  # ISO date
    evidence: str
    what: str = ""


def running_outfalls(store: Store, state: CityState, rules: Rules) -> dict[str, list[Sign]]:
    """Return what tells that outfalls run in dry weather, by outfall. Those of plants are meant to."""
    table = state.network.table("outfall")
    meant = table.column("discharge") == MEANT_TO_RUN
    asked = {str(id_) for id_, right in zip(table.ids, meant, strict=True) if not right}
    found: dict[str, list[Sign]] = {}
    if not asked:
        return found
    for sign in (*_registered(state), *_looked(store, state), *_read(store, state, rules, asked)):
        if sign.outfall in asked:
            found.setdefault(sign.outfall, []).append(sign)
    return found


def _registered(state: CityState) -> Iterable[Sign]:
    table = state.network.table("outfall")
    today = (state.network.as_of or now().isoformat())[:10]
    for row in np.flatnonzero(table.column("dry_flow") == 1):
        day = str(table.column("surveyed_on")[row] or "")[:10]
        yield Sign(str(table.ids[row]), "outfall", day or today, dated("register:dry_flow", day))


def _looked(store: Store, state: CityState) -> Iterable[Sign]:
    """Yield the newest look at each outfall that tells whether it runs, if it does."""
    city, moment = state.network.city.code, state.network.as_of or None
    told: set[str] = set()
    rows = [one for one in standing_inspections(store, city, moment) if one.asset_type == "outfall"]
    for one in sorted(rows, key=lambda row: row.date, reverse=True):
        remarks = "; ".join(part for row in one.defects for part in (row.code, row.remark) if part)
        runs = runs_dry(one.weather, f"{remarks}; {one.reason}")
        if one.asset in told or runs is None:
            continue
        told.add(one.asset)
        if runs:
            origin = "patrol" if one.method == "patrol" else "outfall"
            yield Sign(one.asset, origin, one.date[:10], f"inspection:{one.id}", spelled(remarks))


def _read(store: Store, state: CityState, rules: Rules, asked: set[str]) -> Iterable[Sign]:
    """Yield what readings at outfalls tell; without a rain gauge no day is known to be dry."""
    city = state.network.city.code
    owners = {**{name: name for name in asked}, **_meters(state, asked)}
    there = [
        entry
        for entry in store.series_index(city)
        if entry.asset in owners and entry.quantity in {"flow", *QUALITY} and entry.last
    ]
    if not there:
        return
    end = min(max(entry.last for entry in there), state.network.as_of or "9999")
    period = Period(str(np.datetime64(end[:10]) - SPAN), end)
    rain = daily_rain_of(store, city, period)
    if rain is None:
        return
    dry = rain.days[dry_days(rain)]
    for quantity in ("flow", *QUALITY):
        names = sorted({entry.asset for entry in there if entry.quantity == quantity})
        for name, series in store.read_many(city, quantity, names, period.since, period.until).items():
            day = _runs_on(flagged(series), quantity, dry, rules) if len(series) else ""
            if day:
                yield Sign(owners[name], "meter", day, dated(f"series:{name}/{quantity}", day))


def _meters(state: CityState, asked: set[str]) -> Mapping[str, str]:
    table = state.network.table("meter")
    return {
        str(id_): str(on)
        for id_, on in zip(table.ids, table.column("on_id"), strict=True)
        if on is not None and str(on) in asked
    }


def _runs_on(series: Series, quantity: str, dry: np.ndarray, rules: Rules) -> str:  # type: ignore[type-arg]
    """Return the last dry day on which an outfall ran, "" where it does not.

    By its flow it must have run on some dry days and on at least half of them; sewage in one sample of a
    dry day tells enough.
    """
    daily = daily_means(series)
    known = ~np.isnan(daily.means) & np.isin(daily.days, dry)
    days, means = daily.days[known], daily.means[known]
    rule = rules[QUALITY.get(quantity, "dry_flow")]
    runs = days[means >= rule.limit]
    least = max(rules["dry_days"].limit, len(days) / 2) if quantity == "flow" else 1
    return str(runs[-1]) if len(runs) >= least else ""
