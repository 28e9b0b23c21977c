"""SI inside, conversion at the border."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenqu.errors import UnknownUnit
from wenqu.units import FACTORS, factor, from_si, quantities, to_si


@pytest.mark.parametrize(
    ("value", "unit", "si"),
    [
        (100, "mg/L", 0.1),
        (86400, "m³/d", 1.0),
        (1, "CFS", 0.028316846592),
        (1, "MGD", 3785.411784 / 86400),
        (36, "mm/h", 1e-5),
        (1000, "µS/cm", 0.1),
    ],
)
def test_known_conversions(value, unit, si):
    assert to_si(value, unit) == pytest.approx(si, rel=1e-9)


@given(st.sampled_from(sorted(FACTORS)), st.floats(-1e9, 1e9))
def test_there_and_back_is_the_same(unit, value):
    assert from_si(to_si(value, unit), unit) == pytest.approx(value, rel=1e-12, abs=1e-12)


def test_arrays_convert_as_a_whole():
    assert to_si(np.array([1.0, 2.0]), "km").tolist() == [1000.0, 2000.0]


def test_an_unknown_unit_is_named_with_the_known_ones():
    with pytest.raises(UnknownUnit) as caught:
        factor("furlong")
    assert caught.value.facts["unit"] == "furlong"
    assert "mg/L" in str(caught.value.facts["known"])


def test_every_quantity_has_units_of_the_registry_and_a_range():
    for quantity in quantities().values():
        assert FACTORS[quantity.border_unit][0] == quantity.unit
        assert quantity.lowest < quantity.highest
        assert quantity.zh
        assert quantity.en
