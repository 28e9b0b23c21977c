"""When the next inspection is due."""

import numpy as np
import pytest

from wenqu.errors import BadInput
from wenqu.standards.inspection_cycles import inspection_cycles, inspection_reasons
from wenqu.survey.cycles import sooner, turn

TODAY = np.datetime64("2026-06-30")


def days(*texts):
    return np.array(texts, dtype="datetime64[D]")


def of(*texts):
    return np.array(texts, dtype=object)


def test_the_clock_runs_from_the_last_inspection():
    seen = days("2022-06-30", "2021-06-29", "2016-06-29", "NaT", "NaT")
    built = days("1990-01-01", "1990-01-01", "NaT", "2025-01-01", "NaT")
    made = turn("structural", inspection_cycles(), seen, built, of("", "", "", "", ""), TODAY)
    assert list(made.state) == ["within", "due", "overdue", "never", "never"]
    assert str(made.due[0]) == "2027-06-30"  # five years of 365.25 days, to the day
    assert made.due[4] == TODAY
    lengths = made.lengths(np.array([10.0, 20.0, 30.0, 40.0, np.nan]))
    assert lengths == {"within": 10.0, "due": 20.0, "overdue": 30.0, "never": 40.0}


def test_a_shorter_cycle_has_its_reasons():
    facts = {
        "soil": of("silty_sand", "ordinary", None),
        "age": np.array([31.0, 30.0, np.nan]),
        "structural_grade": np.array([0, 3, 2]),
        "functional_grade": np.array([4, 0, 0]),
    }
    assert list(sooner(inspection_reasons(), "structural", facts)) == [
        "flowing_sand|old",
        "poor_structure",
        "",
    ]
    assert list(sooner(inspection_reasons(), "functional", facts)) == ["poor_function", "", ""]
    seen = days("2021-06-01", "2021-06-01")
    made = turn("structural", inspection_cycles(), seen, seen, of("old", ""), TODAY)
    assert list(made.state) == ["overdue", "due"]


def test_a_city_sets_its_own_cycles_and_a_wrong_row_is_named():
    own = "kind,rule,low,high\nfunctional,ordinary,0.5,1\n"
    cycles = inspection_cycles(own)
    assert (cycles["functional", "ordinary"].high, cycles["structural", "ordinary"].high) == (1.0, 10.0)
    assert cycles["functional", "ordinary"].status == "city"
    assert cycles["structural", "ordinary"].status == "memory"
    for bad in ("functional,ordinary,3,1", "functional,always,1,2", "functional,ordinary,,"):
        with pytest.raises(BadInput) as caught:
            inspection_cycles(f"kind,rule,low,high\nfunctional,ordinary,1,2\n{bad}\n")
        assert caught.value.facts["row"] == 3
