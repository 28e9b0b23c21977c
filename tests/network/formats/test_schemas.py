"""Tables of standards (2013 guideline, GB/T 51187, PS_*, CJJ 61): whose names and whose codes are read."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from wenqu.messages import LANGUAGES, say
from wenqu.network.formats.assembling import assemble
from wenqu.network.formats.delivered import Delivered
from wenqu.network.formats.proposing import aliases, propose
from wenqu.network.formats.raw import RawLayer
from wenqu.network.formats.reading import understood
from wenqu.network.geometry import Shapes
from wenqu.network.schema import asset_type, asset_types, foreign_schemas, schema_family

PIPE = {
    "PipeID": ["P1"], "SystemID": ["S"], "Lane_Way": ["中山路"], "Pipe_Category": [2], "Pipe_Len": [30.0],
    "In_JuncID": ["A"], "Out_JuncID": ["B"], "In_Elev": [3.5], "Out_Elev": [3.4], "ShapeType": [4],
    "Shape_Data1": [0.4], "Material": ["5"], "DataSource": [2], "ReportDept": ["测绘院"],
}  # fmt: skip
CHANNEL = {
    "ConduitID": ["C1"], "Conduit_Category": [1], "Conduit_Style": [1], "Conduit_Len": [50.0],
    "In_JuncID": ["A"], "Out_JuncID": ["B"], "In_Ele": [3.5], "Out_Ele": [3.4], "ShapeType": [4],
    "Shape_Data1": [1.2],
}  # fmt: skip
COMB = {"CombID": ["Y1"], "Inlet_Type": [2], "MaxDepth": [0.9], "Surface_Ele": [5.1], "Lane_Way": ["中山路"]}
NATIONAL = {
    "管渠编码": ["P1"], "管渠类别": [2], "管渠材质": [5], "起点编码": ["A"], "终点编码": ["B"],
    "起点管底标高": [3.5], "终点管底标高": [3.4],
}  # fmt: skip


def layer(name, columns):
    size = len(next(iter(columns.values())))
    arrays = {key: pa.array(values) for key, values in columns.items()}
    nothing = np.full(size, "", dtype=object)
    return RawLayer("a.mdb", name, arrays, Shapes.empty(size), nothing, np.arange(1, size + 1), "EPSG:4549")


def made(one):
    (map_,) = propose([one]).layers
    return map_, assemble(one, map_).assets


def test_pipes_of_the_guideline_are_read_by_its_names_and_codes():
    map_, table = made(layer("排水管", PIPE))
    assert (map_.type, map_.schema, map_.id) == ("conduit", "census2013", "PipeID")
    values = {name: column[0] for name, column in table.fields.items()}
    assert values == {
        "road": "中山路", "system": "sanitary", "length": 30.0, "from_id": "A", "to_id": "B",
        "from_invert": 3.5, "to_invert": 3.4, "shape": "horiz_ellipse", "height": 0.4, "material": "hdpe",
        "data_source": "as_built_drawing", "surveyor": "测绘院",
    }  # fmt: skip
    assert list(table.extra) == ["SystemID"]


def test_a_code_list_of_one_table_is_not_that_of_another():
    """Shape 4 is an ellipse of pipes and a trapezium of channels; an open channel's style is no yes."""
    map_, table = made(layer("排水渠", CHANNEL))
    assert (map_.type, map_.schema) == ("channel", "census2013")
    assert list(table.fields["shape"]) == ["trapezoidal"]
    assert "covered" not in table.fields
    assert list(table.extra) == ["Conduit_Style"]


def test_gullies_of_the_guideline_are_read():
    _, table = made(layer("雨水口", COMB))
    assert (table.type, list(table.ids)) == ("gully", ["Y1"])
    assert (table.fields["kind"][0], table.fields["depth"][0]) == ("kerb", 0.9)


def test_the_national_standard_is_read_like_the_guideline_and_says_that_nobody_held_it_against_its_text():
    one = layer("排水管", NATIONAL)
    map_, table = made(one)
    assert map_.schema == "gbt51187"
    assert (table.fields["system"][0], table.fields["material"][0]) == ("sanitary", "hdpe")
    told = [issue for issue in understood(Path("a.mdb"), Delivered([one])).issues if "schema" in issue.code]
    assert [issue.code for issue in told] == ["format.schema-unconfirmed"]
    for language in LANGUAGES:
        assert "51187" in say("issue.format.schema-unconfirmed.says", language, **told[0].facts)
    guided = understood(Path("a.mdb"), Delivered([layer("排水管", PIPE)]))
    assert not [issue for issue in guided.issues if "schema" in issue.code]


@pytest.mark.parametrize("schema", list(foreign_schemas()))
def test_every_schema_names_fields_that_exist_and_is_chosen_by_its_own_names(schema):
    assert foreign_schemas()[schema].status in {"verified", "single source", "memory"}
    assert set(schema_family(schema)) <= foreign_schemas().keys()
    for type_ in asset_types():
        fields = {"id", *(entry.name for entry in asset_type(type_).fields)}
        assert {alias.field for known in aliases(type_).values() for alias in known} <= fields


@pytest.mark.parametrize(
    ("cut", "type_", "field"),
    [
        ("起点编", "conduit", "from_id"), ("终点编", "conduit", "to_id"),
        ("地面高", "manhole", "ground_level"),
        ("起点管底标", "conduit", "from_invert"), ("起点管", "conduit", None), ("检查井", "manhole", None),
    ],
)  # fmt: skip
def test_names_that_a_shapefile_cuts_are_known_where_they_mean_one_field_only(cut, type_, field):
    """Of "起点管" nobody can say whether it is the invert or the crown: it is left to a person."""
    assert {alias.field for alias in aliases(type_).get(cut, [])} == ({field} if field else set())


@pytest.mark.parametrize(
    ("name", "type_"),
    [
        ("管段1", "conduit"),
        ("管段表_2", "conduit"),
        ("线表（三）", "conduit"),
        ("PS_PIPE02", "conduit"),
        ("点表_2", "manhole"),
        ("检查井 第2部分", "manhole"),
        ("雨水口12", "gully"),
        ("A11", "gate"),  # a name of the standard, not the first part of another
    ],
)
def test_a_layer_that_is_one_part_of_several_is_proposed_by_its_name_alone(name, type_):
    (map_,) = propose([layer(name, {"id": ["1"]})]).layers
    assert (map_.type, map_.id) == (type_, "id")


def test_a_layer_whose_name_is_only_a_number_is_proposed_as_nothing():
    assert propose([layer("表1", {"id": ["1"]})]).layers == ()
