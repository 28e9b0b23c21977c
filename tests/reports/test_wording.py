"""Numbers are written as the page writes them."""

import math

import pytest

from wenqu.reports.wording import code_label, count, figure, interval, interval_in, percent, rule_sentence

T = "\u202f"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"), (-0.0, "0"), (12.345, "12.3"), (0.00123456, "0.00123"), (999.9, f"1{T}000"),
        (-12.0, "−12.0"), (1234567, f"1{T}230{T}000"), (math.inf, "–"), (math.nan, "–"), (None, "–"),
        (100.0, "100"),
    ],
)  # fmt: skip
def test_three_significant_figures_with_thin_separators(value, shown):
    assert figure(value) == shown


def test_counts_are_in_full():
    assert count(1234567) == f"1{T}234{T}567"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ((12.4, 9.81, 15.12), "12.4 (9.8–15.1)"),
        ((0.0, 0.0, 0.0), "0 (0–0)"),
        ((0.0, 0.0, 0.1234), "0 (0–0.123)"),
        ((42.4, 4e-13, 370.0), "42.4 (0–370)"),  # a bound is not written finer than the value
        ((5.0, math.nan, math.nan), "5.00"),
        ((math.nan, 1.0, 2.0), "–"),
    ],
)
def test_an_interval_follows_its_value(given, shown):
    assert interval(*given) == shown


def test_an_interval_is_turned_into_the_unit_people_write():
    assert interval_in("mg/L", 0.08, 0.075, 0.0851) == "80.0 (75.0–85.1)"


def test_shares_are_percent():
    assert percent(0.666666) == "66.7 %"
    assert percent(math.nan) == "–"


def test_an_unknown_code_or_rule_stays_as_it_is():
    assert code_label("system", "storm", "zh") == "雨水"
    assert code_label("system", "odd", "en") == "odd"
    assert code_label("system", None, "en") == ""
    assert rule_sentence("no-such-rule", "zh") == "no-such-rule"
