"""A statement about what somebody sees names nothing that they do not see."""

from dataclasses import dataclass

from wenqu.records.denominator import Frozen
from wenqu.records.finding import Finding
from wenqu.services.strange_names import without_strangers

EVERY = frozenset({"mine", "other", "third", "0.4"})


def finding(inputs, facts=None):
    return Finding("meter", "mine", "x", "y", 1.0, 0.0, 2.0, "m", inputs=inputs, facts=facts or {})


def test_readings_elsewhere_are_told_by_their_quantity_alone():
    said = (
        "series:mine/flow",
        "series:other/flow",
        "series:third/flow",
        "series:gone/nh3n",
        "series:rain",
        "table:x.csv:city",
    )
    assert without_strangers(finding(said), {"mine"}, EVERY).inputs == (
        "series:mine/flow", "series:*/flow", "series:*/nh3n", "series:rain", "table:x.csv:city"
    )  # fmt: skip


def test_a_fact_that_lists_names_keeps_its_form():
    facts = {"odds": "sewage|meter|mine|0.5;sewage|meter|other|0.25", "z": 4.5, "said": "another word"}
    told = without_strangers(finding((), facts), {"mine"}, EVERY).facts
    assert told == {**facts, "odds": "sewage|meter|mine|0.5;sewage|meter|*|0.25"}


def test_a_sentence_names_no_stranger_even_between_chinese_words():
    why = "因other复测，更正 mine."
    made = Frozen("surveyed", 2, "2026-01-01", 1, 3, 4, "d", "x.json", why, "a", "b", "c")
    assert without_strangers(made, {"mine"}, EVERY).reason == "因*复测，更正 mine."
    assert without_strangers(made, EVERY, EVERY) is made


def test_a_statement_without_strangers_is_the_same_one():
    made = finding(("series:mine/flow",), {"odds": "sewage|meter|mine|0.5"})
    assert without_strangers(made, {"mine"}, EVERY) is made
    assert without_strangers("no statement", {"mine"}, EVERY) == "no statement"


@dataclass(frozen=True)
class Compared:
    asset: str
    control: str
    start: object = 0.0


def test_another_asset_that_is_named_beside_is_a_star():
    assert without_strangers(Compared("mine", "other"), {"mine"}, EVERY) == Compared("mine", "*")
    told = without_strangers(Compared("mine", "used", "other"), {"mine"}, EVERY)
    assert told == Compared("mine", "used", "*")
    own = Compared("mine", "mine", 0.4)
    assert without_strangers(own, {"mine"}, EVERY) is own
