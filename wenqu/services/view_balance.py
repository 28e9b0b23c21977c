"""The balances of a city's zones as page, command and file show them, cut to what somebody may see."""

from wenqu.diagnosis.zone_balance import ARRIVING, PUMPED, SUPPLY, TREATED, Span, ZonePeriod
from wenqu.errors import Unknown
from wenqu.services.balance_zones import Part, ZoneBalance, balance_zone, periods_of, share_of
from wenqu.services.city_state import Cities, CityState
from wenqu.services.zone_places import CITY, CLOSES, Zone, assets_of, zones_of
from wenqu.services.zone_readings import ZoneReadings, zone_readings
from wenqu.units import from_si

COLUMNS = (SUPPLY, ARRIVING, PUMPED, TREATED)


def view_zones(known: Cities, state: CityState) -> dict[str, object]:
    """Return every zone that may be seen with its balance over the whole record, and how many may not. m³/d

    A zone is shown to those who may read all the readings that its balance is made of.
    """
    whole, found = _found(known, state)
    readable = _readable(known, state)
    zones = [(zone, share_of(found, zone)) for zone in zones_of(found)]
    seen = [
        (zone, share) for zone, share in zones if assets_of(zone, found, share.of_zone) & whole <= readable
    ]
    rows = []
    for zone, share in seen:
        told = periods_of(found, zone, share, "all")
        rows.append({**_named(zone), **(_period(told[0]) if told else {})})
    return {
        "zones": rows,
        "hidden": len(zones) - len(seen),
        "since": str(found.days[0]) if len(found.days) else "",
        "until": str(found.days[-1]) if len(found.days) else "",
        "simulated": state.network.city.simulated,
    }


def view_balance(
    known: Cities, state: CityState, of: str, *, by: str = "month", period: str = ""
) -> dict[str, object]:
    """Return the balance of one zone: its periods, the streams of one of them, its faults. m³/d

    Raises
    ------
    Unknown
        There is no such zone or period, or not for this person.
    """
    whole, found = _found(known, state)
    made = balance_zone(found, of, by=by, period=period)
    if not assets_of(made.zone, found, share_of(found, made.zone).of_zone) & whole <= _readable(known, state):
        raise Unknown("balance-zone", name=of)
    return {**told_balance(made), "simulated": state.network.city.simulated}


def told_balance(made: ZoneBalance) -> dict[str, object]:
    """Return a balance in border units."""
    return {
        **_named(made.zone),
        "by": made.by,
        "return_ratio": made.return_ratio[0],
        "return_ratio_sd": made.return_ratio[1],
        "periods": [_period(one) for one in made.periods],
        "period": made.chosen,
        "supply": [_part(one) for one in made.supplied],
        "ways": [_part(one) for one in made.ways],
        "measured_length": made.measured_length,
        "issues": [{"code": row.code, "weight": row.weight, "facts": row.facts} for row in made.issues],
    }


def _found(known: Cities, state: CityState) -> tuple[set[str], ZoneReadings]:
    """Return every asset that has readings, and the readings by day, of the whole city."""
    city = state.network.city.code
    root = known.whole
    everything = root.state(city, state.network.as_of)
    found = zone_readings(root.store, everything)
    return {entry.asset for entry in root.store.series_index(city)} | {one.id for one in found.zones}, found


def _readable(known: Cities, state: CityState) -> set[str]:
    """Return the assets whose readings may be seen, with the zones of the register that may be."""
    mine = {entry.asset for entry in known.store.series_index(state.network.city.code)}
    return mine | set(state.network.table("zone").ids.tolist())


def _named(zone: Zone) -> dict[str, object]:
    return {
        "key": zone.key,
        "type": zone.type,
        "id": zone.id if zone.type != CITY else "",
        "name": zone.name,
        "district": zone.district,
        "closes": CLOSES[zone.type],
    }


def _period(one: ZonePeriod) -> dict[str, object]:
    return {
        "period": one.period,
        "days": one.days,
        "wet_days": one.wet_days,
        "supplied": _span(one.supplied),
        "returned": _span(one.columns.get(SUPPLY)),
        **{name: _span(one.columns.get(name)) for name in COLUMNS[1:]},
        "rain": _span(one.rain),
        "dry": _span(one.dry),
        "unexplained": _span(one.unexplained),
        "closed_by": one.closed_by,
        "read": dict(one.read or {}),
    }


def _span(one: Span | None) -> list[float] | None:
    """Return low, value, high; None where there is no figure."""
    if one is None or one[0] != one[0]:
        return None
    return [from_si(value, "m³/d") for value in (one[1], one[0], one[2])]


def _part(one: Part) -> dict[str, object]:
    return {"type": one.type, "id": one.id, "name": one.name, "flow": _span(one.flow)}
