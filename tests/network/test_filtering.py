"""A filter chooses by three-valued logic over the columns of a table."""

import numpy as np
import pytest

from wenqu.errors import BadInput
from wenqu.network.filtering import chosen
from wenqu.network.geometry import Shapes
from wenqu.network.model import assets
from wenqu.protocols.cql2 import read_filter


@pytest.fixture(scope="module")
def table():
    starts = np.array([0, 2, 4, 6, 6])
    coords = np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 0.0], [20.0, 0.0], [20.0, 0.0], [20.0, 10.0]])
    return assets(
        "conduit",
        ["C1", "C2", "C3", "c4"],
        {
            "height": [0.3, 0.6, None, 1.2],
            "system": ["sanitary", "storm", "sanitary", None],
            "name": ["解放路1", "解放路2", "中山路_1", None],
            "year": [1998, 2010, 2020, None],
            "siphon": [True, False, None, None],
            "built_on": ["1998-05-01", "2010-01-01", None, "2020-12-31"],
        },
        Shapes.lines(coords, starts),
    )


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("height > 0.3", ["C2", "c4"]),
        ("NOT height > 0.3", ["C1"]),  # C3 has no height: neither true nor false
        ("height IS NULL", ["C3"]),
        ("height IS NOT NULL", ["C1", "C2", "c4"]),
        ("system = 'sanitary' AND height < 1", ["C1"]),
        ("system = 'storm' OR height IS NULL", ["C2", "C3"]),
        ("height IS NULL OR NOT (system <> 'storm')", ["C2", "C3"]),
        ("name LIKE '解放路%'", ["C1", "C2"]),
        ("name LIKE '中山路\\_1'", ["C3"]),
        ("name NOT LIKE '%1'", ["C2"]),
        ("CASEI(id) = CASEI('C4')", ["c4"]),
        ("id IN ('C1', 'c4')", ["C1", "c4"]),
        ("year BETWEEN 1998 AND 2010", ["C1", "C2"]),
        ("height * 2 + 0.1 >= 1.3", ["C2", "c4"]),
        ("siphon = TRUE", ["C1"]),
        ("siphon", ["C1"]),
        ("built_on > DATE('2000-01-01')", ["C2", "c4"]),
        ("built_on >= '2010-01-01'", ["C2", "c4"]),
        ("T_BEFORE(built_on, DATE('2010-01-01'))", ["C1"]),
        ("T_INTERSECTS(built_on, INTERVAL('1990-01-01', '2010-01-01'))", ["C1", "C2"]),
        ("T_AFTER(built_on, TIMESTAMP('2010-06-01T00:00:00Z'))", ["c4"]),
        ("S_INTERSECTS(geometry, BBOX(9, -1, 11, 1))", ["C1", "C2"]),
        ("S_WITHIN(geometry, POLYGON((-1 -1, 11 -1, 11 1, -1 1, -1 -1)))", ["C1"]),
        ("S_DISJOINT(geometry, POINT(20 10))", ["C1", "C2"]),
        ("S_CONTAINS(POLYGON((-1 -1, 11 -1, 11 1, -1 1, -1 -1)), geometry)", ["C1"]),
        ("geometry IS NULL", ["c4"]),
        ("NOT S_INTERSECTS(geometry, POINT(0 0))", ["C2", "C3"]),
    ],
)
def test_a_filter_chooses(table, text, ids):
    assert table.ids[chosen(table, read_filter(text))].tolist() == ids


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("height >", "filter"),
        ("diameter > 3", "filter-property"),
        ("height = 'wide'", "filter-kinds"),
        ("A_CONTAINS(name, ('a'))", "filter-operator"),
        ("S_INTERSECTS(geometry, 3)", "filter-geometry"),
        ("(" * 70 + "1=1" + ")" * 70, "filter-size"),
        ("NOT " * 1500 + "1=1", "filter-size"),
        ("-" * 3000 + "height = 1", "filter-size"),
        ("height = " + "9" * 9000, "filter-size"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_reason(table, text, reason):
    with pytest.raises(BadInput) as refused:
        chosen(table, read_filter(text))
    assert refused.value.reason == reason


@pytest.mark.parametrize("text", ["[1]", '{"foo": 1}', "{", '{"op": 3}', '"a"', "3"])
def test_json_that_is_no_filter_is_refused(table, text):
    with pytest.raises(BadInput):
        chosen(table, read_filter(text, "cql2-json"))


def test_text_and_json_say_the_same(table):
    json = '{"op": "and", "args": [{"op": ">", "args": [{"property": "height"}, 0.3]}, true]}'
    same = chosen(table, read_filter("height > 0.3 AND TRUE"))
    assert np.array_equal(chosen(table, read_filter(json, "cql2-json")), same)
