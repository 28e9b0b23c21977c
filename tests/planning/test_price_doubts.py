"""A price table is held against another: mistaken units are refused, far prices are asked about."""

import pytest

from wenqu.issues import Weight
from wenqu.planning.costs import default_text, parsed_catalogue, read_catalogue
from wenqu.planning.price_doubts import price_doubts


def doubts(good, bad):
    text = default_text()
    assert good in text
    return list(price_doubts(parsed_catalogue(text.replace(good, bad, 1)), read_catalogue()))


def test_the_default_table_is_no_doubt_to_itself():
    assert list(price_doubts(read_catalogue(), read_catalogue())) == []


@pytest.mark.parametrize(
    ("good", "bad", "times"),
    [
        (",440,3800,", ",0.044,0.38,", 1e4),  # 万元 typed for 元: (0.044 + 0.38·0.7) against 3100
        ("point,60000,", "point,6,", 1e4),
        (",20000,0.020,1,", ",2,0.020,1,", 1e4),  # mobilisation
    ],
)
def test_a_unit_that_was_mistaken_is_refused(good, bad, times):
    (one,) = doubts(good, bad)
    assert (one.code, one.weight) == ("catalogue.unit", Weight.BLOCK)
    assert one.facts["times"] == pytest.approx(times, rel=0.02)


def test_a_price_six_times_the_default_is_asked_about_and_twice_is_not():
    (one,) = doubts(",440,3800,", ",2640,22800,")
    assert (one.code, one.weight, one.facts["times"]) == ("catalogue.far", Weight.DOUBT, 6.0)
    assert doubts(",440,3800,", ",880,7600,") == []


def test_an_effect_far_from_the_default_is_asked_about():
    (one,) = doubts("0.40,36,4,40,laterals", "0.90,36,4,40,laterals")
    # 0.9·0.9 = 81 % of the water against 36 %
    assert (one.code, one.facts) == ("catalogue.effect", {"value": 81, "usual": 36})
