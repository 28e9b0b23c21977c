"""A pipe is drawn to scale, with every defect, in both languages."""

import math
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenqu.records.inspection import Defect, Inspection
from wenqu.reports.defect_marks import labels_of
from wenqu.reports.drawn_pipe import LANES, LEFT, RIGHT, WIDTH, Drawn, wide
from wenqu.reports.pipe_drawing import pipe_svg

SVG = "{http://www.w3.org/2000/svg}"
DEFECTS = (
    Defect("", "PL", 3, 5.0, clock="0903", remark="<破碎>", picture="a.jpg", film_at=83.0),
    Defect("", "CJ", 2, 10.0, 5.0, clock="0408"),
    Defect("", "FS", 3, 27.0),
)
SEEN = Inspection("i", "W1-W2", "cctv", "2024-03-05", 20.0, "upstream", defects=DEFECTS, start="W2", end="W1")
PIPE = Drawn(SEEN, 25.0, 0.8)


def tree_of(text):
    return ET.fromstring(text)  # noqa: S314 - made by ourselves


def groups(drawn, **more):
    tree = tree_of(pipe_svg(drawn, **more))
    return {int(one.get("data-defect")): one for one in tree.iter(f"{SVG}g") if one.get("data-defect")}


def test_a_defect_stands_at_its_distance_and_a_stretch_is_as_long_as_it_is():
    found = groups(PIPE)
    scale = (WIDTH - LEFT - RIGHT) / 27.0  # the drawing goes as far as the farthest defect
    [dot] = found[0].iter(f"{SVG}circle")
    assert float(dot.get("cx")) == pytest.approx(LEFT + 5 * scale, abs=0.1)
    band = next(found[1].iter(f"{SVG}rect"))
    assert float(band.get("width")) == pytest.approx(5 * scale, abs=0.1)
    assert (found[0].get("data-code"), found[0].get("data-film-at")) == ("PL", "83")


def test_a_defect_beyond_the_end_is_drawn_and_marked():
    words = ["".join(one.itertext()) for one in groups(PIPE)[2].iter(f"{SVG}text")]
    assert words == ["3 FS-3 !"]
    assert groups(PIPE)[2].find(f"{SVG}path").get("stroke-dasharray") == "3 2"


@pytest.mark.parametrize(
    ("language", "words"), [("zh", ("未检测", "水流", "破裂")), ("en", ("flow", "fracture"))]
)
def test_both_languages_and_both_colours(language, words):
    plain, themed = pipe_svg(PIPE, language), pipe_svg(PIPE, language, themed=True)
    assert all(word in plain for word in words)
    assert "pipe_drawing." not in plain
    assert "var(--grade-3, #e69f00)" in themed
    assert "var(" not in plain
    assert "<破碎>" not in plain


def test_a_pipe_without_length_a_manhole_and_a_pipe_without_defects_are_drawn_too():
    shaft = (Defect("", "cover_missing", 0, math.nan),)
    strange = (Defect("", "BAB", 7, math.nan, clock="x"),)
    for drawn in (
        Drawn(replace(SEEN, length=math.nan, defects=()), math.nan),
        Drawn(replace(SEEN, asset_type="manhole", method="manhole", defects=shaft), math.nan),
        Drawn(replace(SEEN, defects=strange, standard="EN 13508-2"), 3.0),
    ):  # fmt: skip
        tree_of(pipe_svg(drawn, "en"))


def test_deposits_stand_as_deep_as_they_are_against_the_diameter():
    drawn = Drawn(SEEN, 25.0, 0.8, sound=((0.0, 0.4), (10.0, 0.2)))
    points = tree_of(pipe_svg(drawn)).find(f"{SVG}polygon").get("points").split()
    heights = [float(point.split(",")[1]) for point in points]
    assert heights[0] - heights[1] == pytest.approx(22.0)  # half of 44
    assert heights[0] - heights[2] == pytest.approx(11.0)


@given(st.lists(st.tuples(st.sampled_from(["PL", "CJ", "XY怪"]), st.floats(0, 30)), max_size=40))
def test_no_label_lies_on_another(rows):
    drawn = Drawn(replace(SEEN, defects=tuple(Defect("", code, 2, at) for code, at in rows)), 25.0)
    taken = {}
    for label in labels_of(drawn):
        half = wide(label.words) / 2
        before = taken.get(label.lane, -math.inf)
        assert not label.words or label.x - half >= before
        taken[label.lane] = label.x + half if label.words else before


def test_where_defects_crowd_labels_are_numbers_and_none_is_higher_than_the_sheet_bears():
    crowd = tuple(Defect("", "BBF", 0, 20.0) for _ in range(30))
    drawn = Drawn(replace(SEEN, defects=crowd, standard="EN 13508-2"), 25.0)
    labels = labels_of(drawn)
    assert [one.words for one in labels[:LANES]] == ["1", "2", "3", "4", "5", "6", "7"]
    assert {one.words for one in labels[LANES:]} == {""}
    assert max(one.lane for one in labels) == LANES - 1
    assert len(tree_of(pipe_svg(drawn)).findall(f".//{SVG}g[@data-defect]")) == 30  # each has its line
