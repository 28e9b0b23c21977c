"""One conduit and many are graded alike, whatever is put in."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.diagnosis.graded_pipes import RULES, pipe, seen
from wenqu.diagnosis import grading_faults as faults
from wenqu.diagnosis.grading import Grade, Segment, grade_conduit
from wenqu.diagnosis.grading_arrays import Segments, check_grades, defects_of, grade_conduits, segments_of
from wenqu.errors import BadInput
from wenqu.records.inspection import Defect

ODD = st.sampled_from([math.nan, math.inf, -1.0, 0.0])
CODES = st.sampled_from([*RULES.kinds, "XX"])
ROWS = st.builds(
    Defect,
    asset=st.sampled_from(["a", "b", "c", "nowhere"]),
    code=CODES,
    level=st.integers(-1, 5),
    start=st.one_of(st.floats(0, 40).map(lambda x: round(x, 1)), ODD),
    length=st.one_of(st.sampled_from([0.0, 0.0, 0.5, 1.0]), st.floats(0, 12).map(lambda x: round(x, 1)), ODD),
)
SEGMENTS = st.tuples(*(
    st.builds(
        Segment,
        id=st.just(name),
        length=st.one_of(st.floats(1, 40).map(lambda x: round(x, 1)), st.none(), ODD),
        diameter=st.one_of(st.sampled_from([0.3, 0.6, 1.0, 1.2, 1.5, 2.0]), st.none(), ODD),
        importance=st.sampled_from([*RULES.factors["K"], None]),
        soil=st.sampled_from([*RULES.factors["T"], None]),
    )
    for name in ("a", "b", "c")
))  # fmt: skip
SAME = [
    field.name
    for field in dataclasses.fields(Grade)
    if field.name not in ("conduit", "standard", "edition", "region", "what_from", "unconfirmed", "issues")
    and "density" not in field.name
]


def assert_same(one: Grade, many, place: int) -> None:
    """Compare one conduit's grade in the two forms."""
    for name in SAME:
        here, there = getattr(one, name), float(getattr(many, name)[place])
        assert there == pytest.approx(math.nan if here is None else here, nan_ok=True, abs=1e-12), name
    for name, index in (("structural_density", "S_M"), ("functional_density", "Y_M")):
        bands = {band.rank: band.code for band in RULES.densities[index]} | {0: ""}
        assert getattr(one, name) == bands[int(getattr(many, name)[place])]
    unverified = int(many.unconfirmed[place]) & faults.unverified_bits(RULES)
    assert one.unconfirmed == faults.unconfirmed_rules(unverified)


@settings(max_examples=150, deadline=None)
@given(segments=SEGMENTS, rows=st.lists(ROWS, max_size=40), slack=st.sampled_from([0.0, 0.5]))
def test_one_conduit_and_many_have_the_same_answer(segments, rows, slack):
    many = grade_conduits(segments_of(segments), defects_of(rows, segments), slack=slack)
    in_order = sorted((row for row in rows if row.asset != "nowhere"), key=lambda row: row.asset)
    unmoved = grade_conduits(segments_of(segments), defects_of(in_order, segments), slack=slack)
    found = []
    for place, segment in enumerate(segments):
        one = grade_conduit(segment, [row for row in rows if row.asset == segment.id], slack=slack)
        assert_same(one, many, place)
        assert_same(one, unmoved, place)
        found += [(issue.code, issue.asset) for issue in one.issues]
    strays = [("inspection.other-conduit", "nowhere") for row in rows if row.asset == "nowhere"]
    issues = [(issue.code, issue.asset) for issue in check_grades(many, segments, rows)]
    assert sorted(issues) == sorted(found + strays)


@settings(max_examples=100, deadline=None)
@given(segments=SEGMENTS, rows=st.lists(ROWS, max_size=40))
def test_no_input_passes_the_upper_bounds(segments, rows):
    many = grade_conduits(segments_of(segments), defects_of(rows, segments))
    assert np.nanmax(many.F) <= 11 + 1e-9
    assert np.nanmax(many.G) <= 11 + 1e-9
    assert not (many.RI > 10.7 + 1e-9).any()
    assert not (many.MI > 0.8 * 11 + 0.15 * 10 + 0.05 * 10 + 1e-9).any()


INSIDE = st.tuples(CODES.filter(lambda code: code != "XX"), st.integers(1, 2), st.integers(0, 300),
                   st.integers(0, 10))  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(rows=st.lists(INSIDE, max_size=12))
def test_the_grade_is_the_same_read_from_either_manhole(rows):
    there = [Defect("p", code, level, start / 10, length / 10) for code, level, start, length in rows]
    back = [dataclasses.replace(row, start=round(31 - row.end, 6)) for row in there]
    forth, home = (grade_conduit(pipe(31, 0.8, "central"), rows) for rows in (there, back))
    for name in ("F", "S", "G", "Y", "n1", "n2", "m1", "m2", "RI", "MI"):
        assert getattr(forth, name) == pytest.approx(getattr(home, name)), name


def test_thousands_of_defects_in_one_conduit_and_two_threads():
    rng = np.random.default_rng(181)
    segments = [Segment(f"s{place}", 500.0, 0.8, "central", "muck") for place in range(4)]
    rows = [
        Defect(f"s{0 if place % 4 else place % 3}", str(code), 2, float(start), float(length))
        for place, (code, start, length) in enumerate(zip(
            rng.choice(["PL", "CK", "SG", "CJ"], 4_000),
            rng.uniform(0, 500, 4_000).round(2),
            np.where(rng.random(4_000) < 0.9, 0, rng.uniform(0, 3, 4_000)).round(2),
            strict=True,
        ))
    ]  # fmt: skip
    many = grade_conduits(segments_of(segments), defects_of(rows, segments), threads=2)
    for place, segment in enumerate(segments):
        assert_same(grade_conduit(segment, [row for row in rows if row.asset == segment.id]), many, place)


def test_columns_of_other_types_are_taken_and_unequal_ones_refused():
    segments = [pipe(25, 0.8, "trunk_road")]
    columns = defects_of(seen(("PL", 3, 2), ("SL", 2, 8), ("CK", 1, 15)), segments)
    code, conduit = columns.code.astype(np.int64), columns.conduit.astype(np.int64)
    wide = dataclasses.replace(columns, code=code, conduit=conduit)
    assert grade_conduits(segments_of(segments), wide).RI[0] == pytest.approx(4.25)
    strange = dataclasses.replace(wide, code=np.array([0, 300, -7]))  # 300 must not become 44
    assert grade_conduits(segments_of(segments), strange).fault.tolist() == [
        faults.OK, faults.UNKNOWN_CODE, faults.UNKNOWN_CODE]  # fmt: skip
    with pytest.raises(BadInput):
        grade_conduits(segments_of(segments), dataclasses.replace(columns, level=columns.level[:2]))


def test_a_city_without_defects_or_without_conduits():
    segments = [pipe(25, 0.8, "trunk_road")]
    assert grade_conduits(segments_of(segments), defects_of([], segments)).RI.tolist() == [0]
    nothing = Segments(*(np.empty(0) for _ in range(4)))
    assert grade_conduits(nothing, defects_of([], [])).F.size == 0
