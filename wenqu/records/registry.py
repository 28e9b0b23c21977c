"""Which kinds of statements have a register, and which fields has each?"""

import csv
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files

from wenqu.network.schema import Field
from wenqu.records.finding import Finding
from wenqu.records.inspection import Defect, Inspection
from wenqu.records.programme import Measure


@dataclass(frozen=True, slots=True)
class RecordKind:
    """One kind of statement: what it is made of and how it is called."""

    name: str
    cls: type
    zh: str
    en: str
    fields: tuple[Field, ...]


KINDS: dict[str, tuple[type, str, str]] = {
    "inspection": (Inspection, "检测记录", "inspections"),
    "defect": (Defect, "缺陷", "defects"),
    "finding": (Finding, "诊断结果", "findings"),
    "measure": (Measure, "方案措施", "measures of the programme"),
}
PYTHON = {"float": "number", "int": "integer", "int | None": "integer", "bool": "boolean"}


@cache
def record_kinds() -> dict[str, RecordKind]:
    """Return every kind of statement by name; a field that no table names is called by its own name."""
    text = (files("wenqu.records") / "fields.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    found = {}
    for name, (cls, zh, en) in KINDS.items():
        told = {row["field"]: row for row in rows if row["kind"] == name}
        found[name] = RecordKind(name, cls, zh, en, described(cls, told))
    return found


def described(cls: type, told: dict[str, dict[str, str]]) -> tuple[Field, ...]:
    """Return the fields of a dataclass, as its table describes them or else as Python knows them."""
    made = []
    for entry in fields(cls):
        row = told.get(entry.name, {})
        type_ = row.get("type") or PYTHON.get(getattr(entry.type, "__name__", str(entry.type)), "text")
        kind, _, of = type_.partition(":")
        names = (row.get("zh") or entry.name, row.get("en") or entry.name)
        made.append(Field(entry.name, kind, (of,) if of else (), row.get("unit", ""), "", False, *names, ""))
    return tuple(made)
