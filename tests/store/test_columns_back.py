"""Columns read all at once hold to the last bit what rows read one by one hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenqu.network.geometry import Shapes
from wenqu.network.model import assets
from wenqu.store import columns_back
from wenqu.store.columns_back import columns_of
from wenqu.store.rows import rows_of, table_of


def stored(table):
    names = ("asset", "fields", "extra", "geometry")
    return [[row[name] for name in names] for row in rows_of(table)]


def both(type_, rows):
    """Return the assets read one by one, after checking that all at once gives the same."""
    kept, columns_back.MANY = columns_back.MANY, 0
    try:
        one, two = table_of(type_, rows), columns_of(type_, rows)
    finally:
        columns_back.MANY = kept
    assert two.ids.tolist() == one.ids.tolist()
    for mine, other in ((two.fields, one.fields), (two.extra, one.extra)):
        assert mine.keys() == other.keys()
        for name, column in other.items():
            assert mine[name].dtype == column.dtype
            same = mine[name].tolist() == column.tolist() if column.dtype == object else None
            assert same or mine[name].tobytes() == column.tobytes()
            assert mine[name].flags.writeable
    assert two.shapes.coords.tobytes() == np.ascontiguousarray(one.shapes.coords).tobytes()
    assert two.shapes.parts.tolist() == one.shapes.parts.tolist()
    assert two.shapes.assets.tolist() == one.shapes.assets.tolist()
    return one


def test_gaps_booleans_quotes_and_unknown_columns_come_back():
    fields = {
        "name": ["东河泵站", None, 'quotes " \\ and\nlines \u2028', "", "null"],
        "design_flow": [0.1 + 0.2, None, 1e-310, -0.0, 5e300],
        "pumps": [3, None, 0, 2**53, 1],
        "dual_power": [True, None, False, None, True],
    }
    extra = {"旧号": np.array(["a", None, "b", "1", ""], dtype=object), "数": np.arange(5)}
    both("station", stored(assets("station", list("abcde"), fields, extra=extra)))


@given(st.lists(st.one_of(st.none(), st.floats(allow_infinity=False, allow_nan=False)), min_size=1))
def test_every_number_comes_back_to_the_last_bit(values):
    rows = stored(assets("manhole", [f"M{n}" for n in range(len(values))], {"depth": values}))
    back = both("manhole", rows).column("depth")
    assert back.tolist() == [None if value is None else value for value in values] or np.isnan(back).any()


@given(st.lists(st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]))), min_size=1))
def test_every_text_comes_back(values):
    rows = stored(assets("manhole", [f"M{n}" for n in range(len(values))], {"note": values}))
    assert both("manhole", rows).column("note").tolist() == values


def test_lines_of_several_parts_and_missing_shapes_come_back():
    shapes = Shapes(np.arange(20.0).reshape(10, 2), np.array([0, 2, 5, 10]), np.array([0, 2, 2, 3]))
    both("conduit", stored(assets("conduit", ["a", "b", "c"], {"length": [1, 2, 3]}, shapes)))


def test_polygons_and_tables_without_anything_come_back():
    square = np.array([[0, 0], [0, 9], [9, 9], [9, 0], [0, 0]], dtype=float)  # clockwise, kept so
    shapes = Shapes(square, np.array([0, 5]), np.array([0, 1, 1]))
    both("zone", stored(assets("zone", ["a", "b"], {}, shapes)))
    both("vehicle", [("V1", "{}", None, None)])


@pytest.mark.parametrize(
    "text", ['{"depth":1.5,"abandoned":"yes"}', '{"depth":1.5,"note":["a","b"]}', '{"note":"a","visible":1}']
)
def test_what_only_the_slow_way_reads_is_read_that_way(text):
    rows = [("M1", text, None, None), ("M2", "{}", '{"a":1}', None)]
    assert both("manhole", rows).ids.tolist() == ["M1", "M2"]
