"""The history of the example's meters before their works."""

import numpy as np
import pytest

from wenqu.examples.loop.proofs import CUT, EARLIER, TURN, earlier, earlier_flow
from wenqu.series.model import series

HOURS = np.datetime64("2024-07-01T00:00:00") + np.arange(365 * 24) * np.timedelta64(3600, "s")


def test_the_history_is_the_year_again_by_whole_weeks_and_ends_where_the_year_begins():
    year = series("R", "rain", HOURS, np.arange(365 * 24, dtype=float))
    before = earlier(year)
    assert str(before.times[0]) == str(HOURS[0] - np.timedelta64(EARLIER, "D"))
    assert before.times[-1] == HOURS[0] - np.timedelta64(3600, "s")
    assert (np.diff(before.times).astype(int) == 3600).all()
    assert before.values[-1] == TURN * 24 - 1
    assert before.simulated


def test_more_water_ran_before_works_that_cut_it():
    before = earlier_flow(series("M", "flow", HOURS, np.ones(365 * 24)), CUT, 1)
    assert before.values.mean() == pytest.approx(1 / (1 - CUT), rel=0.01)
