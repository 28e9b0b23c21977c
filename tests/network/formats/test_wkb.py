"""Well-known binary becomes the shapes that shapely sees."""

import numpy as np
import pyarrow as pa
import pytest
import shapely

from wenqu.network.formats.wkb import shapes_of_wkb
from wenqu.network.geometry import geometries_from, shapes_from


@pytest.mark.parametrize("flavour", ["iso", "extended"])
@pytest.mark.parametrize("order", [0, 1])
def test_well_known_binary_of_every_kind_becomes_the_shapes_shapely_sees(flavour, order):
    texts = [
        "POINT (1 2)", "LINESTRING Z (0 0 5, 1 1 5, 2 0 5)", "MULTILINESTRING ((0 0, 1 1), (2 2, 3 3, 4 4))",
        None, "POLYGON ((0 0, 0 9, 9 9, 9 0, 0 0), (1 1, 2 1, 2 2, 1 1))", "MULTIPOINT (1 1, 2 2)",
        "LINESTRING EMPTY",
        "MULTIPOLYGON (((0 0, 4 0, 4 4, 0 0)), ((10 10, 14 10, 14 14, 10 10), (12 11, 13 11, 13 12, 12 11)))",
        "POINT EMPTY",
    ]  # fmt: skip
    made = np.array([None if text is None else shapely.from_wkt(text) for text in texts], dtype=object)
    wkb = [
        None if shape is None else shapely.to_wkb(shape, byte_order=order, flavor=flavour) for shape in made
    ]
    shapes, kinds = shapes_of_wkb(pa.array(wkb, pa.binary()))
    expected = shapes_from(made)
    np.testing.assert_array_equal(shapes.assets, expected.assets)
    assert list(kinds[[0, 1, 2, 4, 5, 7]]) == ["point", "line", "line", "polygon", "point", "polygon"]
    for row in (4, 7):
        drawn = [geometries_from(one.take(np.array([row])), "polygon")[0] for one in (shapes, expected)]
        assert drawn[0].equals(drawn[1])
        assert drawn[0].equals(made[row])
    np.testing.assert_array_equal(shapes.of(1), expected.of(1))


def test_a_sliced_column_is_read_from_its_own_rows():
    wkb = pa.array([shapely.to_wkb(shapely.Point(n, n)) for n in range(9)], pa.binary())
    shapes, _ = shapes_of_wkb(wkb.slice(3, 2))
    np.testing.assert_array_equal(shapes.coords, [[3, 3], [4, 4]])
