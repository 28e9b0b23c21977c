"""The asset tables are well formed: fields, units, code lists, labels and foreign codes."""

import csv
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from wenqu.network.schema import (
    FIELD_TYPES,
    GEOMETRIES,
    ROLES,
    Field,
    asset_types,
    code_lists,
    foreign_schemas,
)
from wenqu.units import FACTORS, quantities

ASSETS = Path(__file__).parents[2] / "wenqu" / "network" / "assets"
HEADER = ["field", "type", "unit", "default", "required", "zh", "en", "source"]
SHOWN = [*HEADER, "shown"]  # where a field is read in another unit than the usual one
NODES = ("manhole", "gully", "storage", "station", "plant", "outfall")
# SI only: these units are what others convert to.
SI_UNITS = {si for si, _ in FACTORS.values()} | {""}
SWMM_SHAPES = [
    "CIRCULAR",
    "FORCE_MAIN",
    "FILLED_CIRCULAR",
    "RECT_CLOSED",
    "RECT_OPEN",
    "TRAPEZOIDAL",
    "TRIANGULAR",
    "PARABOLIC",
    "POWER",
    "RECT_TRIANGULAR",
    "RECT_ROUND",
    "MODBASKETHANDLE",
    "EGG",
    "HORSESHOE",
    "GOTHIC",
    "CATENARY",
    "SEMIELLIPTICAL",
    "BASKETHANDLE",
    "SEMICIRCULAR",
    "HORIZ_ELLIPSE",
    "VERT_ELLIPSE",
    "ARCH",
    "CUSTOM",
    "IRREGULAR",
    "STREET",
    "DUMMY",
]
PROMISED = {
    "manhole": "ground_level invert_level depth system kind ponded_area surcharge_depth built_on",
    "conduit": "from_id to_id length shape height width roughness from_offset to_offset from_invert "
    "to_invert material system built_on year importance soil groundwater_class barrels lining joint laying "
    "pressure status owner keeper initial_flow max_flow road",
    "channel": "from_id to_id length bottom_width depth side_slope roughness",
    "weir": "from_id to_id kind crest_height discharge_coefficient width height flap",
    "gate": "from_id to_id kind height width crest_height discharge_coefficient flap",
    "pump": "from_id to_id curve start_depth stop_depth design_flow initial_status power",
    "storage": "ground_level invert_level depth area volume system",
    "outfall": "invert_level ground_level kind flap receiving responsible keep_decision system tide_level",
    "station": "design_flow pumps spare_pumps dual_power wet_well_area invert_level ground_level depth",
    "plant": "capacity effluent_grade operator kind invert_level ground_level bod_target",
    "gully": "ground_level invert_level depth connects_to",
    "source": "trade permit_no permit_from permit_to water_use return_ratio connects_to key_user",
    "catchment": "outlet_id area imperviousness width slope population gauge",
    "reach": "river upstream_id downstream_id class_target bed_level",
    "section": "reach class_target",
    "gauge": "measures on_id vendor",
    "meter": "on_id measures flow_error bias_error",
    "zone": "kind parent population",
}


def rows(name: str) -> list[list[str]]:
    """Return the raw rows of one table."""
    return list(csv.reader((ASSETS / name).read_text(encoding="utf-8").splitlines()))


def every_field() -> list[tuple[str, Field]]:
    """Return every field of every asset type with the type's name."""
    return [(name, field) for name, entry in asset_types().items() for field in entry.fields]


def readable(field: Field, text: str) -> bool:
    """Tell whether a default can be read as what its field says it is."""
    patterns = {"number": r"-?\d+(\.\d+)?", "integer": r"-?\d+", "boolean": "true|false"}
    if field.kind in patterns:
        return re.fullmatch(patterns[field.kind], text) is not None
    if field.kind == "date":
        return bool(date.fromisoformat(text))
    return field.kind not in ("code", "codes") or text in code_lists()[field.of[0]]


def test_each_type_has_a_table_and_each_table_a_type():
    files = {path.stem for path in ASSETS.glob("*.csv")} - {"types", "codes", "code_maps", "schemas"}
    assert files == set(asset_types())


@pytest.mark.parametrize("name", sorted(asset_types()))
def test_a_table_has_the_agreed_header_and_no_ragged_or_repeated_row(name):
    header, *body = rows(f"{name}.csv")
    assert header in (HEADER, SHOWN)
    assert {len(row) for row in body} == {len(header)}
    assert [field for field, times in Counter(row[0] for row in body).items() if times > 1] == []
    assert not {"id", "geometry", "geom"} & {row[0] for row in body}


def test_the_unit_in_which_a_field_is_read_is_one_of_its_quantity():
    shown = {(name, field.name): field for name, field in every_field() if field.shown}
    assert [key for key, field in shown.items() if FACTORS[field.shown][0] != field.unit] == []
    assert shown["conduit", "height"].border == "mm"
    assert shown["conduit", "height"].scale == 0.001


def test_field_names_are_plain_identifiers():
    plain = re.compile("[a-z][a-z0-9_]*")
    assert [(name, field.name) for name, field in every_field() if not plain.fullmatch(field.name)] == []


def test_types_have_known_roles_and_geometries():
    for entry in asset_types().values():
        assert entry.role in ROLES
        assert entry.geometry in GEOMETRIES
        assert entry.icon


def test_each_field_type_is_known_and_points_at_something_that_exists():
    for name, field in every_field():
        assert field.kind in FIELD_TYPES, (name, field.name)
        if field.kind in ("code", "codes"):
            assert len(field.of) == 1, (name, field.name)
            assert field.of[0] in code_lists(), (name, field.name)
        elif field.kind == "asset":
            assert field.of, (name, field.name)
            assert set(field.of) <= set(asset_types()), (name, field.name)
        else:
            assert field.of == (), (name, field.name)


def test_units_are_si_and_only_numbers_have_one():
    for name, field in every_field():
        assert field.unit in SI_UNITS, (name, field.name, field.unit)
        assert not field.unit or field.kind == "number", (name, field.name)


def test_defaults_can_be_read_as_their_field():
    given = [(name, field) for name, field in every_field() if field.default]
    assert [(name, field.name) for name, field in given if not readable(field, field.default)] == []


def test_every_field_type_and_code_has_a_label_in_both_languages():
    labelled = [*asset_types().values(), *(field for _, field in every_field())]
    labelled += [code for values in code_lists().values() for code in values.values()]
    assert [entry for entry in labelled if not entry.zh.strip() or not entry.en.strip()] == []


def test_one_field_name_has_one_unit_in_all_types():
    units: dict[str, set[str]] = {}
    for _, field in every_field():
        units.setdefault(field.name, set()).add(field.unit)
    # A capacity is of water at a plant and of sludge at a sludge site; a weir's coefficient has a dimension.
    assert {name for name, found in units.items() if len(found) > 1} == {"capacity", "discharge_coefficient"}


@pytest.mark.parametrize("name", sorted(PROMISED))
def test_the_fields_that_the_other_parts_read_are_there(name):
    assert set(PROMISED[name].split()) <= {field.name for field in asset_types()[name].fields}


def test_every_type_has_a_name_a_district_and_a_note():
    for name, entry in asset_types().items():
        assert {"name", "district", "note"} <= {field.name for field in entry.fields}, name


def test_the_ends_of_a_link_may_be_every_node_type():
    for name, entry in asset_types().items():
        if entry.role == "link":
            assert entry.field("from_id").of == NODES, name
            assert entry.field("to_id").of == NODES, name
            assert entry.field("from_id").required, name


def test_shapes_are_those_of_swmm_in_lower_case():
    assert set(code_lists()["shape"]) == {shape.lower() for shape in SWMM_SHAPES}


def test_measured_quantities_are_those_of_the_registry():
    assert set(code_lists()["quantity"]) == set(quantities())


def test_no_code_is_listed_twice():
    header, *body = rows("codes.csv")
    assert header == ["list", "code", "zh", "en", "source"]
    assert {len(row) for row in body} == {5}
    assert [key for key, times in Counter((row[0], row[1]) for row in body).items() if times > 1] == []


def test_foreign_codes_lead_to_codes_that_exist_and_are_unambiguous():
    header, *body = rows("code_maps.csv")
    assert header == ["schema", "list", "foreign", "code"]
    schemas = {"census2013", "shenzhen_ps", "cjj61"}
    assert {row[0] for row in body} - {"spoken"} == schemas < foreign_schemas().keys()
    assert [row for row in body if row[3] not in code_lists()[row[1].rpartition(".")[2]]] == []
    assert [key for key, times in Counter(tuple(row[:3]) for row in body).items() if times > 1] == []


def test_data_source_two_means_different_things_in_the_two_census_schemas():
    source = {(row[0], row[2]): row[3] for row in rows("code_maps.csv") if row[1] == "data_source"}
    assert source["census2013", "2"] == "as_built_drawing"  # 竣工图
    assert source["shenzhen_ps", "2"] == "construction_drawing"  # 施工图


CENSUS_LISTS = [("material", 11), ("manhole_kind", 13), ("manhole_style", 12), ("status", 6)]


@pytest.mark.parametrize(("list_name", "count"), CENSUS_LISTS)
def test_the_census_lists_are_mapped_whole(list_name, count):
    mapped = {row[2] for row in rows("code_maps.csv") if row[:2] == ["census2013", list_name]}
    assert mapped == {str(number) for number in range(1, count + 1)}
