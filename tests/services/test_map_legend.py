"""How much of the city is in each class of the legend."""

import pytest

from wenqu.errors import BadInput
from wenqu.network.model import link_lengths
from wenqu.services.map_classes import QUESTIONS
from wenqu.services.map_legend import map_legend


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_conduit_is_in_exactly_one_class(small, question):
    conduits = small.state.network.table("conduit")
    classes = map_legend(small.store, small.state, question)["classes"]
    assert sum(row["count"] for row in classes) == len(conduits)
    assert sum(row["length"] for row in classes) == pytest.approx(link_lengths(conduits).sum(), abs=0.5)


def test_classes_are_counted_and_measured(small):
    made = {
        row["key"]: (row["count"], row["length"])
        for row in map_legend(small.store, small.state, "age")["classes"]
    }
    assert made["unknown"][0] == 3
    grades = {
        row["key"]: row["count"] for row in map_legend(small.store, small.state, "structural")["classes"]
    }
    assert grades == {"1": 2, "2": 0, "3": 0, "4": 1, "0": 2}


def test_a_city_of_which_nothing_is_known_has_only_the_last_class(bare):
    made = map_legend(bare.store, bare.state, "problem")["classes"]
    assert [row["key"] for row in made if row["count"]] == ["unknown"]


def test_an_unknown_question_is_refused(small):
    with pytest.raises(BadInput):
        map_legend(small.store, small.state, "taste")
