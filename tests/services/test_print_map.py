"""The map on paper."""

import re

import pytest

from wenqu.errors import BadInput
from wenqu.services.print_map import QUESTIONS, Order, box_of, print_map


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_question_makes_a_sheet_of_the_size_asked_for(small, question):
    made = print_map(small.store, small.state, Order(question, "A4", landscape=False))
    width, height = map(float, re.search(rb"/MediaBox \[ ?0 0 ([\d.]+) ([\d.]+)", made).groups())
    assert (width, height) == pytest.approx((210 / 25.4 * 72, 297 / 25.4 * 72), abs=0.1)


def test_a_place_is_printed_in_english_too(small):
    west, south, east, north = small.state.bounds
    order = Order("system", "A3", scale=2000, box=(west, south, east, north), language="en", title="My map")
    assert print_map(small.store, small.state, order).startswith(b"%PDF")


def test_a_city_of_which_nothing_is_known_is_printed(bare):
    assert print_map(bare.store, bare.state, Order()).startswith(b"%PDF")


@pytest.mark.parametrize(
    "order", [Order("taste"), Order(size="A9"), Order(language="fr"), Order(box=(1.0, 0.0, 0.0, 1.0))]
)
def test_what_cannot_be_printed_is_refused(small, order):
    with pytest.raises(BadInput):
        print_map(small.store, small.state, order)


def test_a_box_is_four_numbers():
    assert box_of("1,2,3.5,4") == (1.0, 2.0, 3.5, 4.0)
    assert box_of("") is None
    with pytest.raises(BadInput):
        box_of("1,2,3")
