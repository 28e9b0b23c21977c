"""How far a list of pipes has come, with a frozen list, its bridge and its signature, by hand."""

import math
from datetime import date

import numpy as np
import orjson
import pytest

from wenqu.errors import BadInput
from wenqu.supervision.accounting import account, pipe_list
from wenqu.supervision.bridge import bridge
from wenqu.supervision.pace import forecast, gains, pace, reached_on
from wenqu.supervision.signed import new_key, read_signed, sign, thumbprint
from wenqu.supervision.successors import credited, heirs, kept, replaced_by

PIPES = pipe_list(["a", "b", "c", "d"], [100.0, 200.5, 300.25, math.nan], ["甲", "乙", "乙", ""])


def test_a_share_is_told_by_length_and_by_count_for_the_city_and_each_district():
    made = account(PIPES, {"a": "2025-01-01", "c": "2025-06-30", "z": "2025-01-01"}, "2025-06-30")
    whole = made.whole()
    assert (whole.length_mm, whole.of_mm) == (400_250, 600_750)
    assert (whole.count, whole.of_count) == (2, 4)
    assert whole.by_length == pytest.approx(400.25 / 600.75)
    assert whole.by_count == 0.5
    parts = made.by_district()
    assert {zone: (one.length_mm, one.of_mm) for zone, one in parts.items()} == {
        "甲": (100_000, 100_000), "乙": (300_250, 500_750), "": (0, 0),
    }  # fmt: skip
    assert sum(one.length_mm for one in parts.values()) == whole.length_mm
    assert math.isnan(parts[""].by_length), "a pipe of unknown length has no share by length"


def test_what_is_dated_later_does_not_count_yet():
    assert account(PIPES, {"a": "2025-07-01"}, "2025-06-30").whole().count == 0
    assert account(PIPES, {"a": "2025-07-01T10:00"}, "2025-07-01").whole().count == 1


def test_a_pipe_listed_twice_and_a_negative_length_are_refused():
    with pytest.raises(BadInput, match="pipe-twice"):
        pipe_list(["a", "a"], [1.0, 1.0], ["", ""])
    with pytest.raises(BadInput, match="pipe-length"):
        pipe_list(["a"], [-1.0], [""])


def test_the_digest_of_a_list_knows_every_length_and_no_order():
    other = pipe_list(["d", "c", "b", "a"], [math.nan, 300.25, 200.5, 100.0], ["", "乙", "乙", "甲"])
    assert PIPES.digest == other.digest
    longer = pipe_list(["a", "b", "c", "d"], [100.001, 200.5, 300.25, math.nan], ["甲", "乙", "乙", ""])
    assert PIPES.digest != longer.digest


def test_the_bridge_adds_up_to_the_difference_to_the_millimetre():
    # b is closed (-200.500), c grows by 0.125, e is new (+77.777), a moves to another district
    after = pipe_list(["a", "c", "d", "e"], [100.0, 300.375, math.nan, 77.777], ["乙", "乙", "", "甲"])
    made = bridge(PIPES, after, {"b": "closed", "c": "survey", "e": "new"})
    rows = {(row.kind, row.cause): (row.count, row.difference_mm) for row in made.rows}
    assert rows == {
        ("added", "new"): (1, 77_777),
        ("removed", "closed"): (1, -200_500),
        ("changed", "survey"): (1, 125),
        ("moved", ""): (1, 0),
    }
    assert sum(row.difference_mm for row in made.rows) == made.after_mm - made.before_mm == -122_598
    assert bridge(PIPES, PIPES).rows == ()


def test_a_replaced_pipe_counts_once_all_that_took_its_place_do():
    after = replaced_by([("a1", ("a",)), ("a2", ("a",)), ("b1", ("b",)), ("b2", ("b1",)), ("c", ("c",))])
    assert heirs("a", after) == ("a1", "a2")
    assert heirs("b", after) == ("b2",)
    assert heirs("c", after) == ("c",), "a pipe mended in its place is its own heir"
    made = credited({"a1": "2025-03-01", "b2": "2025-04-01", "c": "2025-05-01"}, after)
    assert "a" not in made, "its second half is not accepted"
    assert made["b"] == "2025-04-01"
    assert made["c"] == "2025-05-01"
    assert credited({"a1": "2025-03-01", "a2": "2025-06-01"}, after)["a"] == "2025-06-01"
    assert kept({"b": "2024-01-01", "b2": "2025-04-01"}, after)["b"] == "2024-01-01"
    assert heirs("x", {"x": ("y",), "y": ("x",)}) == (), "a circle has no end and gives no credit"


def test_a_circle_of_replacements_gives_no_credit():
    assert credited({}, {"x": ("y",), "y": ("x",)}) == {}


def test_gains_pace_and_forecast_by_hand():
    today = date(2025, 6, 30)
    # spans of 30 days end on 06-30, 05-31, …; 2025-06-10 lies in the last, 2025-05-31 in the one before
    made = gains(("2025-06-10", "2025-05-31", "", "2020-01-01"), np.array([1.0, 2.0, 4.0, 3.0]), 10.0, today)
    assert made[-2:] == [0.2, 0.1]
    assert sum(made[:-2]) == 0.0
    assert pace(made) == pytest.approx(0.3 * 365.25 / 360)
    found = forecast(0.1, made, today, "2025-12-27")  # 180 days: six spans
    mean, squares = 0.3 / 12, 0.2**2 + 0.1**2
    spread = math.sqrt((squares - 12 * mean**2) / 11)
    # neighbours: nine pairs of zeros, one of 0 and 0.2, one of 0.2 and 0.1, around their mean
    pairs = 9 * mean**2 - mean * (0.2 - mean) + (0.1 - mean) * (0.2 - mean)
    r = pairs / (squares - 12 * mean**2)
    r += (1 + 3 * r) / 12
    band = 1.7959 * spread * math.sqrt(6 + 36 / 12) * math.sqrt((1 + r) / (1 - r))
    assert found.mid == pytest.approx(0.1 + 6 * mean)
    assert found.high == pytest.approx(0.1 + 6 * mean + band)
    assert found.low == pytest.approx(max(0.1, 0.1 + 6 * mean - band))
    assert reached_on(0.6, made, today, 0.65) == "2025-08-29", "0.05 at 0.025 in 30 days takes 60 days"
    assert reached_on(0.6, [], today, 0.65) == ""
    assert forecast(0.6, made, today, "2025-06-30") is None


def test_a_signed_file_is_read_back_and_every_change_of_it_is_found():
    key = new_key()
    made = sign({"share": 0.5, "pipes": ["a", "管段"]}, key)
    found = read_signed(made)
    assert found.payload == {"share": 0.5, "pipes": ["a", "管段"]}
    assert found.signer == thumbprint(key)
    assert b'"d"' not in made, "the secret half of the key stays at home"
    spaced = orjson.dumps(orjson.loads(made))
    assert read_signed(spaced).sha256 == found.sha256, "blanks and line ends are no content"
    with pytest.raises(BadInput, match="signed-changed"):
        read_signed(made.replace(b"0.5", b"0.9"))
    with pytest.raises(BadInput, match="signed-changed"):
        read_signed(made.replace(b'"a"', b'"b"'))
    with pytest.raises(BadInput, match="signed-form"):
        read_signed(made[:-40])
    with pytest.raises(BadInput, match="signed-form"):
        read_signed(b"[]")


def test_whoever_signs_a_changed_file_anew_needs_another_key():
    mine, theirs = new_key(), new_key()
    forged = sign({"share": 0.9}, theirs)
    assert read_signed(forged).signer == thumbprint(theirs)
    with pytest.raises(BadInput, match="signed-key"):
        read_signed(forged, signer=thumbprint(mine))
    whole = orjson.loads(forged)
    whole["key"] = orjson.loads(sign({}, mine))["key"]  # the right key beside a foreign signature
    with pytest.raises(BadInput, match="signed-changed"):
        read_signed(orjson.dumps(whole), signer=thumbprint(mine))
