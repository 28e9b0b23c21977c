"""What the readings of a place say about dry weather."""

import numpy as np
import pytest

from wenqu.diagnosis.meter_evidence import meter_evidence
from wenqu.errors import NotEnoughData
from wenqu.series.model import series

DAYS = 30
TIMES = np.datetime64("2024-05-01", "s") + np.arange(24 * DAYS) * np.timedelta64(3600, "s")
WAVE = 1 + 0.5 * np.sin((np.arange(24 * DAYS) % 24 - 9) * np.pi / 12)
DRY = TIMES[::24].astype("datetime64[D]")[[*range(2, 10), *range(14, 30)]]


def noisy(values, seed=1):
    return values * (1 + 0.01 * np.random.default_rng(seed).normal(size=len(values)))


def flow(values=None):
    wet = np.where((np.arange(24 * DAYS) // 24) == 11, 3.0, 1.0)
    return series("M", "flow", TIMES, noisy(WAVE * wet) if values is None else values)


def test_the_dry_flow_is_the_mean_of_the_dry_days():
    seen = meter_evidence(flow(), {}, DRY)
    assert seen.flow == pytest.approx(1.0, abs=0.005)
    assert seen.dry_days == len(DRY)
    assert seen.daily.means[11] > 2.9
    assert not seen.dry[11]
    assert np.nanmean(seen.minima[seen.dry]) == pytest.approx(0.5, abs=0.02)


def test_a_doubted_reading_does_not_count():
    values = noisy(WAVE)
    values[24 * 5 + 3] = 90.0
    seen = meter_evidence(flow(values), {}, DRY)
    assert seen.doubted == pytest.approx(1 / len(values))
    assert seen.flow == pytest.approx(1.0, abs=0.01)


def test_without_a_gauge_the_flow_itself_tells_dry_days():
    seen = meter_evidence(flow(), {}, None)
    assert seen.by_flow
    assert not seen.dry[11]


def test_a_tracer_is_weighted_by_the_flow_of_its_hour():
    # load Σ Q·C over Σ Q with C falling when Q rises: mean of WAVE · 2 / WAVE is 2 over mean 1
    tracer = series("M", "nh3n", TIMES, noisy(0.02 / WAVE, 2))
    found = meter_evidence(flow(), {"nh3n": tracer}, DRY).tracers["nh3n"]
    assert found.mean == pytest.approx(0.02, rel=0.01)
    assert found.days == len(DRY)
    assert found.sd >= 0.05 * found.mean


def test_a_daily_sample_is_weighted_by_the_flow_of_its_day():
    values = noisy(np.full(DAYS, 0.03), 3)
    values[11] = 0.4  # a rainy day does not count
    tracer = series("M", "nh3n", TIMES[9::24], values)
    found = meter_evidence(flow(), {"nh3n": tracer}, DRY).tracers["nh3n"]
    assert found.mean == pytest.approx(0.03, rel=0.01)


def test_a_record_with_three_dry_days_is_too_short():
    with pytest.raises(NotEnoughData) as caught:
        meter_evidence(flow(), {}, DRY[:3])
    assert caught.value.facts == {"days": 3, "least": 7}


def test_an_empty_record_is_too_short():
    nothing = series("M", "flow", np.empty(0, "datetime64[s]"), np.empty(0))
    with pytest.raises(NotEnoughData):
        meter_evidence(nothing, {}, DRY)
    with pytest.raises(NotEnoughData):
        meter_evidence(nothing, {}, None)
