"""Which column of a delivered file fills which field of which asset type? The map, read and written."""

import dataclasses
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson

from wenqu.errors import BadInput, FileMissing, FileUnreadable, UnknownUnit
from wenqu.network.schema import asset_type
from wenqu.units import FACTORS

# What a column of a table without shapes may say about where and what a row is.
PLACES = ("x", "y", "from_x", "from_y", "to_x", "to_y", "wkt", "attachment", "feature")
AXES = ("", "east-north", "north-east")


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """One column that fills one field."""

    field: str
    column: str
    unit: str = ""  # unit of the delivered numbers; "" means that of the field (SI)
    codes: Mapping[str, str] = dataclasses.field(
        default_factory=dict
    )  # delivered code → ours, before all other lists
    assumed: bool = False  # the unit was not in the file and was taken from the table of known names


@dataclass(frozen=True, slots=True)
class LayerMap:
    """What one layer holds."""

    layer: str
    type: str  # asset type
    id: str  # column of the identity; "" numbers the rows
    columns: tuple[ColumnMap, ...]
    schema: str = ""  # the foreign schema whose code lists apply: a row of schemas.csv
    extra: Mapping[str, str] = dataclasses.field(
        default_factory=dict
    )  # column in the file → name it had before
    places: Mapping[str, str] = dataclasses.field(default_factory=dict)  # PLACES → column of a bare table
    axes: str = ""  # of a bare table's x and y: "east-north" or "north-east"; "" is told by the numbers
    kinds: Mapping[str, str] = dataclasses.field(
        default_factory=dict
    )  # unknown column → number, integer, boolean or text, where the format does not keep it
    headings: tuple[str, ...] = ()  # all columns of the layer when the map was used: known again by them
    taken_from: tuple[str, str] = (
        "",
        "",
    )  # file and day of the map, where the columns told it

    def known(self) -> set[str]:
        """Return the columns that have a meaning."""
        return {self.id, *(entry.column for entry in self.columns), *self.places.values()}


@dataclass(frozen=True, slots=True)
class FieldMap:
    """What every layer of a delivery holds; layers that are not named are left out."""

    layers: tuple[LayerMap, ...]
    open: bool = False  # layers and columns that it does not name are still looked up among known names
    firm: str = ""  # the survey firm whose deliveries look like this
    encoding: str = ""  # that a person chose, where the bytes of the file fit several
    alike: tuple[LayerMap, ...] = ()  # of other files: used for a layer that has the very same columns

    def of(self, layer: str) -> LayerMap | None:
        """Return the map of one layer, None when it is not to be read."""
        return next((entry for entry in self.layers if entry.layer == layer), None)


def read_fieldmap(path: Path) -> FieldMap:
    """Read a field map from JSON or TOML.

    Raises
    ------
    FileMissing, FileUnreadable
        The file is not there or is neither.
    BadInput
        It lacks what a map needs.
    UnknownType, UnknownUnit
        A type, field or unit in it does not exist.
    """
    if not path.is_file():
        raise FileMissing(path=str(path))
    text = path.read_text(encoding="utf-8-sig")
    try:
        made = tomllib.loads(text) if path.suffix.lower() == ".toml" else orjson.loads(text)
    except ValueError as error:  # both kinds of syntax error are ValueErrors
        raise FileUnreadable("fieldmap", path=str(path), said=str(error)) from None
    return fieldmap_from(made, path.name)


def fieldmap_of(text: bytes | str, file: str) -> FieldMap:
    """Return a field map that goes with a file, from its JSON.

    Raises
    ------
    FileUnreadable
        It is no whole JSON.
    """
    try:
        made = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise FileUnreadable("fieldmap", path=file, said=str(error)) from None
    return fieldmap_from(made, file)


def fieldmap_from(made: object, file: str) -> FieldMap:
    """Return a field map from the plain dictionaries of its file."""
    layers = made.get("layers") if isinstance(made, dict) else None
    if not isinstance(layers, dict):
        raise BadInput("fieldmap", file=file, missing="layers")
    firm = str(made.get("firm", "")) if isinstance(made, dict) else ""
    encoding = str(made.get("encoding", "")) if isinstance(made, dict) else ""
    entries = tuple(_layer(str(name), entry, file) for name, entry in layers.items())
    return FieldMap(entries, firm=firm, encoding=encoding)


def _layer(name: str, entry: object, file: str) -> LayerMap:
    if not isinstance(entry, dict) or "type" not in entry:
        raise BadInput("fieldmap", file=file, missing=f"layers.{name}.type")
    kind = asset_type(str(entry["type"]))
    columns = []
    for field_name, value in entry.get("fields", {}).items():
        about = value if isinstance(value, dict) else {"column": value}
        if "column" not in about:
            raise BadInput("fieldmap", file=file, missing=f"layers.{name}.fields.{field_name}.column")
        unit = str(about.get("unit", ""))
        kind.field(field_name)
        if unit and unit not in FACTORS:
            raise UnknownUnit(
                "column", file=file, layer=name, column=about["column"], unit=unit, known=", ".join(FACTORS)
            )
        codes = {str(key): str(code) for key, code in about.get("codes", {}).items()}
        columns.append(ColumnMap(field_name, str(about["column"]), unit, codes))
    extra = {str(column): str(name) for column, name in entry.get("extra", {}).items()}
    return LayerMap(
        name,
        kind.name,
        str(entry.get("id", "")),
        tuple(columns),
        str(entry.get("schema", "")),
        extra,
        _places(entry, file, name),
        _axes(entry, file, name),
        {str(column): str(kind) for column, kind in entry.get("kinds", {}).items()},
        tuple(map(str, entry.get("headings", ()))),
    )


def _places(entry: dict[str, object], file: str, name: str) -> dict[str, str]:
    places = entry.get("places", {})
    if not isinstance(places, dict) or not set(places) <= set(PLACES):
        raise BadInput("fieldmap", file=file, missing=f"layers.{name}.places: {', '.join(PLACES)}")
    return {str(role): str(column) for role, column in places.items() if column}


def _axes(entry: dict[str, object], file: str, name: str) -> str:
    axes = str(entry.get("axes", ""))
    if axes not in AXES:
        raise BadInput("fieldmap", file=file, missing=f"layers.{name}.axes: {', '.join(AXES[1:])}")
    return axes


def fieldmap_text(fieldmap: FieldMap) -> str:
    """Return a field map as JSON, to be kept beside the delivery and used again."""
    layers: dict[str, dict[str, object]] = {}
    for layer in fieldmap.layers:
        fields = {}
        for entry in layer.columns:
            about: dict[str, object] = {"column": entry.column}
            if entry.unit:
                about["unit"] = entry.unit
            if entry.codes:
                about["codes"] = dict(entry.codes)
            fields[entry.field] = about
        layers[layer.layer] = {
            "type": layer.type,
            "id": layer.id,
            "schema": layer.schema,
            "fields": fields,
            "extra": dict(layer.extra),
        }
        rest: dict[str, object] = {
            "places": dict(layer.places),
            "axes": layer.axes,
            "kinds": dict(layer.kinds),
        }
        rest["headings"] = list(layer.headings)
        layers[layer.layer] |= {key: value for key, value in rest.items() if value}
    about = {"firm": fieldmap.firm, "encoding": fieldmap.encoding}
    made: dict[str, object] = {key: value for key, value in about.items() if value}
    return json.dumps(made | {"layers": layers}, ensure_ascii=False, indent=1)


def write_fieldmap(path: Path, fieldmap: FieldMap) -> None:
    """Write a field map as JSON."""
    path.write_text(fieldmap_text(fieldmap) + "\n", encoding="utf-8")
