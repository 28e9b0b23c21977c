"""What survey firms would hand over, a network of every kind of field, and what a reading gave."""

import warnings

import numpy as np
import pyarrow as pa
import pyogrio
import shapely

from wenqu.network.formats.registry import format_of
from wenqu.network.geometry import Shapes, geometries_from, shapes_from
from wenqu.network.model import City, Network, assets
from wenqu.network.schema import asset_type

KINDS = {"Point": "point", "LineString": "line", "Polygon": "polygon"}


def delivered(path, columns, shapes, crs="EPSG:4549", **how):
    """Write what a survey firm would hand over."""
    wkb = [None if shape is None else shapely.to_wkb(shape) for shape in shapes]
    table = pa.table({**columns, "geometry": pa.array(wkb, pa.binary())})
    kind = next(shape.geom_type for shape in shapes if shape is not None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # GDAL says what is sloppy about the delivery: that is the point
        pyogrio.write_arrow(table, path, geometry_name="geometry", geometry_type=kind, crs=crs, **how)
    return path


def read(path, crs=None, fieldmap=None):
    return format_of(path).read(path, crs, fieldmap)


def codes(reading):
    return [issue.code for issue in reading.issues]


def sample(crs="EPSG:4549"):
    """Return a network with every kind of field, odd extras and every kind of shape."""
    square = shapely.Polygon([(0, 0), (90, 0), (90, 90), (0, 90)], [[(10, 10), (10, 20), (20, 20), (20, 10)]])
    far = shapely.Polygon([(200, 0), (290, 0), (290, 90)])
    zone = assets(
        "zone", ["Z1", "Z2", "Z3"], {"name": ["一", "二", None], "kind": ["district", None, "block"]},
        shapes_from(np.array([square, shapely.MultiPolygon([square, far]), None], dtype=object)),
    )  # fmt: skip
    manhole = assets(
        "manhole", ["J1", "J2"],
        {"ground_level": [5.5, None], "visible": [1, None], "built_on": ["2019-05-01", None],
         "system": [None, "storm"]},
        Shapes.points(np.array([[500000.25, 3170000.5], [np.nan, np.nan]])),
        {"GROUND_LEVEL": np.array(["x", None], dtype=object),
         "甲方备注": np.array(["很长的备注", None], dtype=object),
         "score": np.array([1.5, np.nan]), "fid": np.array([7, 8])},
    )  # fmt: skip
    conduit = assets(
        "conduit", ["C1", "C2"],
        {"from_id": ["J1", "J2"], "to_id": ["J2", None], "height": [0.3, None], "year": [1998, None],
         "siphon": [0, 1], "groundwater_class": [None, None], "roughness": [0.013, 0.011]},
        Shapes.lines(
            np.array([[500000.25, 3170000.5], [500010, 3170000], [500020, 3170001.125]]), np.array([0, 3, 3])
        ),
    )  # fmt: skip
    vehicle = assets("vehicle", ["T1"], {"name": ["罐车"]})
    tables = {table.type: table for table in (zone, manhole, conduit, vehicle)}
    return Network(City("x", crs=crs), tables)


def same(first, second, exact=True):
    """Tell whether two tables hold the same, whatever the order of their columns."""
    assert list(first.ids) == list(second.ids)
    given = {
        name
        for name, values in first.fields.items()
        if any(v == v and v is not None and v != -1 for v in values)
    }
    for name in given | set(second.fields):
        left, right = first.column(name), second.column(name)
        assert left.dtype == right.dtype, name
        assert [None if v != v else v for v in left] == [None if v != v else v for v in right], name
    assert set(first.extra) == set(second.extra)
    for name, left in first.extra.items():
        assert [None if v != v else v for v in left] == [None if v != v else v for v in second.extra[name]], (
            name
        )
    kind = asset_type(first.type).geometry
    for left, right in zip(
        geometries_from(first.shapes, kind), geometries_from(second.shapes, kind), strict=True
    ):
        assert (left is None) == (right is None)
        assert left is None or (
            left.normalize().equals(right.normalize()) if exact else left.equals_exact(right, 1e-3)
        )
