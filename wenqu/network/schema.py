"""Which asset types there are and which fields each has: the tables, read."""

import csv
import difflib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from wenqu.errors import UnknownType
from wenqu.units import border_unit, factor

ROLES = ("node", "link", "area", "place", "thing")
GEOMETRIES = ("point", "line", "polygon", "none")
FIELD_TYPES = ("text", "number", "integer", "boolean", "date", "code", "codes", "asset")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an asset type: a row of ``assets/<type>.csv``."""

    name: str
    kind: str  # one of FIELD_TYPES
    of: tuple[str, ...]  # asset types a reference may point to, or the one code list
    unit: str  # SI unit of the stored value, "" when it has none
    default: str
    required: bool
    zh: str
    en: str
    source: str
    shown: str = ""  # unit in which people read and write it, where it is not the usual one of its SI unit

    @property
    def border(self) -> str:
        """Return the unit of lists, forms, templates and tables that go out, "" where it has none."""
        unit = border_unit(self.unit, self.shown)
        return "" if unit == "-" else unit

    @property
    def scale(self) -> float:
        """Return what a value in the border unit is multiplied with to be SI."""
        return factor(self.border) if self.border else 1.0

    def at_border(self, value: float) -> float:
        """Return a stored number as people read it, without the dust of the conversion."""
        return value if self.scale == 1.0 else float(f"{value / self.scale:.12g}")

    def inside(self, value: float) -> float:
        """Return a number that somebody wrote as it is stored."""
        return value if self.scale == 1.0 else float(f"{value * self.scale:.15g}")


@dataclass(frozen=True, slots=True)
class AssetType:
    """One asset type: a row of ``assets/types.csv`` with its fields."""

    name: str
    role: str
    geometry: str
    chain: str
    icon: str
    zh: str
    en: str
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field:
        """Return one field by name.

        Raises
        ------
        UnknownType
            The type has no such field.
        """
        for entry in self.fields:
            if entry.name == name:
                return entry
        names = [entry.name for entry in self.fields]
        raise UnknownType("field", type=self.name, field=name, known=", ".join(names))


@dataclass(frozen=True, slots=True)
class Code:
    """One value of a code list."""

    code: str
    zh: str
    en: str
    source: str


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("wenqu.network") / "assets" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _field(row: dict[str, str]) -> Field:
    kind, _, of = row["type"].partition(":")
    return Field(
        row["field"],
        kind,
        tuple(of.split("|")) if of else (),
        row["unit"],
        row["default"],
        row["required"] == "yes",
        row["zh"],
        row["en"],
        row["source"] or "",
        row.get("shown") or "",
    )


@cache
def asset_types() -> dict[str, AssetType]:
    """Return every asset type by name, in the order of the chain's table."""
    return {
        row["type"]: AssetType(
            row["type"],
            row["role"],
            row["geometry"],
            row["chain"],
            row["icon"],
            row["zh"],
            row["en"],
            tuple(_field(entry) for entry in _rows(f"{row['type']}.csv")),
        )
        for row in _rows("types.csv")
    }


def asset_type(name: str) -> AssetType:
    """Return one asset type.

    Raises
    ------
    UnknownType
        There is no such type; the nearest name is given.
    """
    types = asset_types()
    if name not in types:
        nearest = difflib.get_close_matches(name, types, n=1)
        raise UnknownType(type=name, nearest=nearest[0] if nearest else "", known=", ".join(types))
    return types[name]


def types_of(role: str) -> tuple[str, ...]:
    """Return the names of the asset types with one role, in table order."""
    return tuple(name for name, entry in asset_types().items() if entry.role == role)


@cache
def code_lists() -> dict[str, dict[str, Code]]:
    """Return every code list by name, each by code."""
    lists: dict[str, dict[str, Code]] = {}
    for row in _rows("codes.csv"):
        lists.setdefault(row["list"], {})[row["code"]] = Code(
            row["code"], row["zh"], row["en"], row["source"]
        )
    return lists


@dataclass(frozen=True, slots=True)
class Foreign:
    """One schema of others in which networks are delivered: a row of ``assets/schemas.csv``."""

    name: str
    short: str
    zh: str
    en: str
    like: str  # the schema whose names and codes hold where it has none of its own
    status: str  # verified, single source, memory


@cache
def foreign_schemas() -> dict[str, Foreign]:
    """Return the schemas of others by name; of two that fit equally the first is taken."""
    names = ("schema", "short", "zh", "en", "like", "status")
    return {row["schema"]: Foreign(*(row[name] for name in names)) for row in _rows("schemas.csv")}


def schema_family(name: str) -> tuple[str, ...]:
    """Return a schema and the one that it is like."""
    known = foreign_schemas().get(name)
    return (name, known.like) if known and known.like else (name,)
