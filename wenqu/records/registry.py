"""Which kinds of statements are there, which fields has each, and by which deed does it come about?

A kind is a row of ``kinds.csv``; its fields are those of its class as ``fields.csv`` calls them (``*``: what
a field is called in every kind that does not say otherwise). A row of that table which the class does not
have is a field that a city has added: it is kept in each statement beside the others.
"""

import csv
import importlib
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, make_dataclass
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any
from urllib.parse import quote

from wenqu.network.schema import Code, Field, asset_types, code_lists

PYTHON = {"float": "number", "int": "integer", "int | None": "integer", "bool": "boolean"}
PYTHON |= {"float | None": "number"}
HANDED = ("file", "photos")  # files that a page takes with a row
RECKONED = {"order": ("district", "length")}  # what filing works out, by how it is filed
MADE_OF = {"number": float, "integer": int, "boolean": bool}  # of a field that a table adds; else text
# How the rows of a kind come about: entered by people in its register, by a deed with rules of its own
# (a step, a signature, a payment), or worked out by the machine.
ENTERED, DEED, COMPUTED = "entered", "deed", "computed"
GONE = "gone"  # field of a kind whose rows can be taken back; it is no column
OWN = ("simulated", "by", "at", "reason")  # what the machine writes into a statement; the reason is that
EMPTY = {"number": float("nan"), "integer": 0, "boolean": False}


@dataclass(frozen=True, slots=True)
class RecordKind:
    """One kind of statement: a row of ``kinds.csv`` with its fields."""

    name: str
    group: str  # survey, diagnosis, problem, plan, works, money, operation, documents
    cls: type[Any]
    zh: str
    en: str
    key: tuple[str, ...]  # fields that tell one from another
    stands: str  # each statement; the last of a key; those of the last run
    within: tuple[
        str, str
    ]  # field that names a statement of another kind, and that kind; no field: it is a part
    held: tuple[str, str]  # kind and name of the table that its rows are kept in; "" each is a statement
    sees: str  # who reads it: asset, inside, works, money, documents, rules
    made: str  # ENTERED, DEED or COMPUTED
    written: str  # action that states one anew in the register; "" comes about otherwise
    filed: str  # how its page files a new one, which its register does too; "" it does not
    screen: str  # where that is done
    at: str  # which row of that screen shows one: its fields in braces, "" none does
    deed: dict[str, str]  # language → by which deed a row comes about; none where its register makes new ones
    fields: tuple[Field, ...]

    @property
    def part(self) -> bool:
        """Tell whether its rows are parts of statements of another kind."""
        return bool(self.within[1]) and not self.within[0]

    @property
    def keyed(self) -> bool:
        """Tell whether a row is called by what some of its fields say, not by an id of its own."""
        return self.key != ("id",)

    def field(self, name: str) -> Field | None:
        """Return a field by name."""
        return next((entry for entry in self.fields if entry.name == name), None)


def _table(name: str, package: str = "wenqu.records") -> list[dict[str, str]]:
    text = (files(package) / name).read_text(encoding="utf-8")
    if name.endswith(".toml"):
        return [{"key": key, **card} for key, card in tomllib.loads(text).items() if isinstance(card, dict)]
    return list(csv.DictReader(text.splitlines()))


@cache
def record_kinds() -> dict[str, RecordKind]:
    """Return every kind of statement by name, in the order of their table."""
    rows = _table("fields.csv")
    return {row["kind"]: _kind(row, rows) for row in _table("kinds.csv")}


def _kind(row: dict[str, str], named: list[dict[str, str]]) -> RecordKind:
    name = row["kind"]
    told = {one["field"]: one for one in named if one["kind"] == "*"}
    own = {one["field"]: one for one in named if one["kind"] == name}
    module, _, attribute = row["class"].partition(":")
    cls: type[Any] = getattr(importlib.import_module(module), attribute)
    cls = widened(cls, own)
    inner, _, outer = row["within"].rpartition("=")
    holder, _, table = row["held"].partition("/")
    return RecordKind(
        name, row["group"], cls, row["zh"], row["en"],
        tuple(filter(None, row["key"].split("|"))), row["stands"], (inner, outer), (holder, table),
        row["sees"], row["made"], row["written"], row["filed"], row["screen"], row["row"],
        {"zh": row["deed_zh"], "en": row["deed_en"]} if row["deed_zh"] else {},
        described(cls, {**told, **own}),
    )  # fmt: skip


def widened(cls: type, own: dict[str, dict[str, str]]) -> type:
    """Return a class with the fields that its table has beyond those of the class."""
    known = {entry.name for entry in fields(cls)}
    more: list[tuple[str, type, Any]] = []
    for name, row in own.items():
        if name not in known:
            kind = row["type"].partition(":")[0]
            more.append((name, MADE_OF.get(kind, str), field(default=EMPTY.get(kind, ""))))
    if not more:
        return cls
    wide: type = make_dataclass(cls.__name__, more, bases=(cls,), frozen=True, slots=True)
    return wide


def described(cls: type, told: dict[str, dict[str, str]]) -> tuple[Field, ...]:
    """Return the fields of a dataclass, as its table describes them or else as Python knows them."""
    made = []
    for entry in fields(cls):
        if entry.name == GONE:
            continue
        row = told.get(entry.name, {})
        type_ = row.get("type") or PYTHON.get(getattr(entry.type, "__name__", str(entry.type)), "text")
        kind, _, of = type_.partition(":")
        names = (row.get("zh") or entry.name, row.get("en") or entry.name)
        made.append(
            Field(
                entry.name, kind, tuple(of.split("|")) if of else (), row.get("unit") or "",
                row.get("default") or "", row.get("required") == "yes", *names, "", row.get("shown") or "",
            )
        )  # fmt: skip
    return tuple(made)


def gone(row: Any) -> bool:
    """Tell whether a statement says that there is no such row: what made it was taken back."""
    return bool(getattr(row, GONE, False))


def page_of(kind: RecordKind, row: Any = None) -> str:
    """Return the address of the page on which the rows of a kind come about; given a row, what shows it.

    Examples
    --------
    >>> page_of(record_kinds()["payment"])
    'works?tab=money'
    """
    named = {} if row is None else {one.name: str(getattr(row, one.name)) for one in fields(row)}
    if (
        not kind.at
        or row is None
        or not all(named[name] for _, name, _, _ in Formatter().parse(kind.at) if name)
    ):
        return kind.screen
    return f"{kind.screen}{'&' if '?' in kind.screen else '?'}row={quote(kind.at.format(**named))}"


def nested(cls: type, name: str) -> bool:
    """Tell whether a field of a class holds several things, so that no form can take it."""
    entry = next(one for one in fields(cls) if one.name == name)
    default = entry.default if entry.default is not MISSING else None
    return isinstance(default, tuple) or entry.default_factory is not MISSING or "tuple[" in str(entry.type)


def fixed(kind: RecordKind, entry: Field) -> bool:
    """Tell whether a field of a row is not written in the form: the machine's own, its name, or parts."""
    return (
        not kind.written
        or entry.name in OWN
        or (kind.keyed and entry.name in {*kind.key, "id"})
        or nested(kind.cls, entry.name)
    )


def called(kind: RecordKind, values: Mapping[str, object]) -> str:
    """Return what a row is called by the fields that name it, "" where they say nothing."""
    parts = [values.get(name) for name in kind.key]
    told = [f"{part:g}" if isinstance(part, float) else str(part) for part in parts if part not in {None, ""}]
    return " · ".join(told)


def opens(kind: RecordKind, entry: Field) -> bool:
    """Tell whether a field is written in the form of a new row."""
    if not kind.filed:
        return named_by(kind, entry) or not fixed(kind, entry)
    made = {*OWN, "id", *HANDED, *RECKONED.get(kind.filed, ())}
    return entry.name not in made and (entry.name == "assets" or not nested(kind.cls, entry.name))


def named_by(kind: RecordKind, entry: Field) -> bool:
    """Tell whether a field is what a row is called by: written once, where the row is new."""
    return bool(kind.written) and kind.keyed and entry.name in kind.key


@cache
def every_code_list() -> dict[str, dict[str, Code]]:
    """Return the code lists of assets and those of statements, by name."""
    found = dict(code_lists())
    found["asset_type"] = {one.name: Code(one.name, one.zh, one.en, "") for one in asset_types().values()}
    for row in _table("codes.csv"):
        found.setdefault(row["list"], {})[row["code"]] = Code(row["code"], row["zh"], row["en"], "")
    for of in _table("code_tables.csv"):
        found[of["list"]] = {
            row[of["column"]]: Code(row[of["column"]], row["zh"], row["en"], "")
            for row in _table(of["table"], of["package"])
        }
    return found
