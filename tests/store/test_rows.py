"""Whatever a table of assets holds comes back to the last bit, or is refused with its place."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wenqu.errors import BadInput, UnknownType
from wenqu.network.geometry import Shapes
from wenqu.network.model import Assets, assets
from wenqu.store.asset_versions import Counts
from wenqu.store.rows import rows_of, table_of


def there_and_back(table):
    columns = ("asset", "fields", "extra", "geometry")
    return table_of(table.type, [[row[name] for name in columns] for row in rows_of(table)])


def put_and_read(store, table):
    with store.change("S", who="a", why="b") as change:
        change.put(table)
    return store.network("S").table(table.type)


def test_numbers_texts_and_booleans_come_back_with_their_gaps(city):
    table = assets(
        "station",
        ["P1", "P2", "P3"],
        {
            "name": ["东河泵站", None, 'quotes " and \\ and\nlines'],
            "design_flow": [0.1 + 0.2, None, 1e-310],
            "pumps": [3, None, 0],
            "dual_power": [True, None, False],
        },
    )
    back = put_and_read(city, table)
    assert back.column("name").tolist() == table.column("name").tolist()
    assert back.column("design_flow").tolist()[::2] == [0.30000000000000004, 1e-310]
    assert np.isnan(back.column("design_flow")[1])
    assert back.column("pumps").dtype == np.float64
    assert back.column("dual_power").dtype == np.int8
    assert back.column("dual_power").tolist() == [1, -1, 0]


def test_a_missing_value_is_an_absent_key(city):
    put_and_read(city, assets("station", ["P1"], {"name": [None], "pumps": [2], "dual_power": [None]}))
    assert city.history("S", "station", "P1")[0].fields == {"pumps": 2}


@given(values=st.lists(st.one_of(st.none(), st.floats(allow_infinity=False, allow_nan=False)), min_size=1))
def test_every_number_comes_back_to_the_last_bit(values):
    ids = [f"M{number}" for number in range(len(values))]
    table = assets("manhole", ids, {"ground_level": values})
    back = there_and_back(table).column("ground_level")
    assert back.tobytes() == table.column("ground_level").tobytes()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_every_text_comes_back(text):
    table = assets("manhole", ["M"], {"note": [text]})
    assert there_and_back(table).column("note").tolist() == [text]


def test_unknown_columns_are_kept_as_delivered(city):
    extra = {
        "施工单位": np.array(["市政一公司", None], dtype=object),
        "码": np.array([7, 8]),
        "深": np.array([1.5, np.nan]),
        "混": np.array([1, "a"], dtype=object),
    }
    back = put_and_read(city, assets("manhole", ["M1", "M2"], {"depth": [1.0, 2.0]}, extra=extra))
    assert sorted(back.extra) == sorted(extra)
    assert back.extra["施工单位"].tolist() == ["市政一公司", None]
    assert (back.extra["码"].dtype, back.extra["码"].tolist()) == (np.int64, [7, 8])
    assert np.array_equal(back.extra["深"], extra["深"], equal_nan=True)
    assert back.extra["混"].tolist() == [1, "a"]


def test_a_changed_unknown_column_makes_a_new_version(city):
    def table(value):
        return assets("manhole", ["M1"], {}, extra={"旧编号": np.array([value], dtype=object)})

    put_and_read(city, table("A"))
    with city.change("S", who="a", why="b") as change:
        assert change.put(table("A")) == Counts(same=1)
        assert change.put(table("B")) == Counts(changed=1)


def test_a_moved_asset_makes_a_new_version(city):
    def table(x):
        return assets("manhole", ["M1"], {}, Shapes.points(np.array([[x, 0.0]])))

    put_and_read(city, table(0.0))
    with city.change("S", who="a", why="b") as change:
        assert change.put(table(0.0)) == Counts(same=1)
        assert change.put(table(1e-9)) == Counts(changed=1)


def test_points_lines_and_missing_shapes_come_back_exactly(city):
    points = Shapes.points(np.array([[0.1, 0.2], [np.nan, np.nan], [500000.123456789, 3e6 + 1e-9]]))
    back = put_and_read(city, assets("manhole", ["M1", "M2", "M3"], {}, points))
    assert_same_shapes(back.shapes, points)
    lines = Shapes.lines(np.arange(12.0).reshape(6, 2), np.array([0, 2, 2, 6]))
    back = put_and_read(city, assets("conduit", ["C1", "C2", "C3"], {}, lines))
    assert_same_shapes(back.shapes, lines)


def test_polygons_keep_their_holes_and_their_parts(city):
    square = np.array([[0, 0], [9, 0], [9, 9], [0, 9], [0, 0]], dtype=float)
    hole = np.array([[2, 2], [2, 4], [4, 4], [4, 2], [2, 2]], dtype=float)
    far = square + 20.0
    coords = np.concatenate([square, hole, far, square])  # one asset of three rings, one of none, one of one
    shapes = Shapes(coords, np.arange(0, 21, 5), np.array([0, 3, 3, 4]))
    back = put_and_read(city, assets("zone", ["Z1", "Z2", "Z3"], {}, shapes))
    assert_same_shapes(back.shapes, shapes)


def test_a_line_of_several_parts_keeps_them(city):
    shapes = Shapes(np.arange(16.0).reshape(8, 2), np.array([0, 2, 5, 8]), np.array([0, 2, 3]))
    back = put_and_read(city, assets("conduit", ["C1", "C2"], {}, shapes))
    assert_same_shapes(back.shapes, shapes)


def assert_same_shapes(one, other):
    assert one.coords.tobytes() == np.ascontiguousarray(other.coords).tobytes()
    assert one.parts.tolist() == other.parts.tolist()
    assert one.assets.tolist() == other.assets.tolist()


def test_assets_come_back_in_the_order_of_their_ids_whatever_the_locale(city):
    back = put_and_read(city, assets("manhole", ["b", "井1", "B", "a", "_", "A"], {}))
    assert back.ids.tolist() == ["A", "B", "_", "a", "b", "井1"]  # by code point


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (assets("manhole", ["M1", "M1"], {}), "asset-twice"),
        (assets("manhole", [" "], {}), "asset-id"),
        (assets("manhole", ["M\0"], {}), "asset-id"),
        (assets("manhole", ["M1"], {"depth": [np.inf]}), "asset-value"),
        (assets("manhole", ["M1"], {"note": [object()]}), "asset-value"),
        (assets("manhole", ["M1"], {"depth": np.array(["deep"], dtype=object)}), "asset-value"),
        (assets("manhole", ["M1"], {"depth": np.array([1.0, 2.0])}), "column-length"),
        (assets("manhole", ["M1"], {}, Shapes.empty(2)), "shapes-count"),
        (assets("conduit", ["C1"], {}, Shapes.lines(np.zeros((1, 2)), np.array([0, 1]))), "shape"),
        (assets("zone", ["Z1"], {}, Shapes.lines(np.zeros((2, 2)), np.array([0, 2]))), "shape"),
        (
            assets("conduit", ["C1"], {}, Shapes.lines(np.array([[0, np.nan], [1, 1]]), np.array([0, 2]))),
            "shape",
        ),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_place(table, reason):
    with pytest.raises(BadInput) as caught:
        list(rows_of(table))
    assert caught.value.reason == reason
    assert caught.value.facts["type"] == table.type


def test_a_column_that_is_no_field_is_refused():
    table = Assets("manhole", np.array(["M1"], dtype=object), {"colour": np.zeros(1)}, Shapes.empty(1))
    with pytest.raises(UnknownType):
        list(rows_of(table))


def test_a_field_that_a_newer_table_dropped_is_kept_as_an_unknown_column():
    back = table_of("manhole", [("M1", '{"depth":1.5,"abandoned":"yes"}', None, None)])
    assert back.column("depth").tolist() == [1.5]
    assert back.extra["abandoned"].tolist() == ["yes"]
