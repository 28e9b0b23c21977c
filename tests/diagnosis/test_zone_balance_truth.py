"""The balance of zones whose truth is known: nine of ten intervals hold it; nothing is found in nothing."""

import numpy as np
import pytest

from wenqu.diagnosis.zone_balance import Flow, zone_balance

DAYS = np.datetime64("2023-01-01") + np.arange(365)
ZONES = 300
RATIO, RATIO_SD = 0.85, 0.05
ERRORS = {"supply": (0.03, 0.03), "arriving": (0.1, 0.05), "pumped": (0.05, 0.03), "treated": (0.05, 0.02)}
COLUMNS = tuple(ERRORS)


def zone(chance, seeping, lost, unread):
    """Return what is read of one zone, and its truth by column: mean flows of the year. [m³/s]

    ``seeping`` [m³/s] enters between users and the first meter and ``lost`` leaves there; of each record a
    block of about this share of the days is ``unread``.
    """
    season = 1 + 0.15 * np.sin(2 * np.pi * np.arange(365) / 365 + chance.uniform(0, 6))
    water = 0.4 * season * (1 + 0.04 * chance.standard_normal(365))
    sewage = chance.normal(RATIO, RATIO_SD) * water
    swing = 1 + 0.5 * np.sin(2 * np.pi * np.arange(365) / 365 + chance.uniform(0, 6))
    whole = sewage - lost + seeping * swing
    true = {"supply": water, "arriving": whole, "pumped": whole, "treated": whole}
    read = {}
    for name, (random, bias) in ERRORS.items():
        seen = true[name] * chance.normal(1, bias) * (1 + random * chance.standard_normal(365))
        for _ in range(round(unread * 365 / 10)):
            begin = int(chance.integers(0, 355))
            seen[begin : begin + 10] = np.nan
        read[name] = Flow(seen, random=random, bias=bias)
    means = {name: float(values.mean()) for name, values in true.items()}
    means["supply"] = float(sewage.mean())  # the column is the supply as sewage
    return read, means, true


@pytest.mark.parametrize("unread", [0.0, 0.4])
@pytest.mark.parametrize(("seeping", "lost"), [(0.0, 0.0), (0.15, 0.0), (0.0, 0.1), (0.2, 0.1)])
def test_nine_of_ten_intervals_of_every_column_hold_the_truth(seeping, lost, unread):
    chance = np.random.default_rng(11)
    held = dict.fromkeys((*COLUMNS, "unexplained"), 0)
    away = []
    for _ in range(ZONES):
        read, means, _ = zone(chance, seeping, lost, unread)
        (year,) = zone_balance(DAYS, read, (RATIO, RATIO_SD), by="year")
        means["unexplained"] = means["treated"] - means["supply"]
        for name in held:
            _, low, high = year.unexplained if name == "unexplained" else year.columns[name]
            held[name] += low <= means[name] <= high
        away.append(year.unexplained[0] - means["unexplained"])
    for name, count in held.items():
        assert 0.85 <= count / ZONES <= 0.96, name
    assert np.mean(away) == pytest.approx(0.0, abs=0.004)


def test_where_nothing_is_unexplained_nine_of_ten_zones_say_so():
    chance = np.random.default_rng(12)
    found = 0
    for _ in range(ZONES):
        read, _, _ = zone(chance, 0.0, 0.0, 0.0)
        (year,) = zone_balance(DAYS, read, (RATIO, RATIO_SD), by="year")
        found += not year.unexplained[1] <= 0.0 <= year.unexplained[2]
    assert found / ZONES <= 0.15


def test_what_seeps_in_is_plain_where_it_is_more_than_the_meters_err():
    chance = np.random.default_rng(13)
    for _ in range(20):
        read, _, _ = zone(chance, 0.2, 0.0, 0.0)
        (year,) = zone_balance(DAYS, read, (RATIO, RATIO_SD), by="year")
        assert year.unexplained[1] > 0


@pytest.mark.parametrize("by", ["day", "month"])
def test_shorter_periods_hold_the_truth_too(by):
    chance = np.random.default_rng(14)
    held = whole = 0
    for _ in range(60):
        read, _, true = zone(chance, 0.15, 0.0, 0.3)
        owner = DAYS.astype(f"datetime64[{by[0].upper()}]")
        for period in zone_balance(DAYS, read, (RATIO, RATIO_SD), by=by):
            value, low, high = period.columns["treated"]
            if np.isfinite(value):
                mine = owner == np.datetime64(period.period)
                held += low <= true["treated"][mine].mean() <= high
                whole += 1
    assert 0.85 <= held / whole <= 0.97
