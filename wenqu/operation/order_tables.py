"""Which kinds, checklists, steps and scores have orders of upkeep? Read from the tables beside this file."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

SAME = "="  # a step that leaves the state as it is


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of order."""

    name: str
    zh: str
    en: str
    photos: bool  # before and after
    quantities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a checklist."""

    kind: str
    name: str
    zh: str
    en: str
    finding: str  # kind of the problem that a fault is, "" when it is none
    source: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step: from which states, to which, who may, and what it needs."""

    name: str
    from_: tuple[str, ...]
    to: str
    who: str  # action of a grant: decide | work
    needs: tuple[str, ...]  # note | checklist | hours | photos
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class State:
    """One state of an order."""

    name: str
    open: bool
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class ScoreItem:
    """One item of the score of an upkeep body."""

    name: str
    weight: float
    zh: str
    en: str
    formula_zh: str
    formula_en: str
    status: str


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("wenqu.operation") / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def kinds() -> dict[str, Kind]:
    """Return every kind of order by name."""
    return {
        row["kind"]: Kind(
            row["kind"], row["zh"], row["en"], row["photos"] == "yes", tuple(row["quantities"].split("|"))
        )
        for row in _rows("order_kinds.csv")
    }


@cache
def quantities() -> dict[str, dict[str, str]]:
    """Return how quantities are called and their unit, by name."""
    return {row["quantity"]: row for row in _rows("order_quantities.csv")}


@cache
def checklist(kind: str) -> tuple[Item, ...]:
    """Return the checklist of a kind of order."""
    return tuple(
        Item(kind, row["item"], row["zh"], row["en"], row["finding"], row["source"])
        for row in _rows("order_checklist.csv")
        if row["kind"] == kind
    )


@cache
def steps() -> dict[str, Step]:
    """Return every step by name."""
    return {
        row["step"]: Step(
            row["step"], tuple(row["from"].split("|")), row["to"], row["who"],
            tuple(part for part in row["needs"].split("|") if part), row["zh"], row["en"],
        )
        for row in _rows("order_steps.csv")
    }  # fmt: skip


@cache
def states() -> dict[str, State]:
    """Return every state by name."""
    return {
        row["state"]: State(row["state"], row["open"] == "yes", row["zh"], row["en"])
        for row in _rows("order_states.csv")
    }


@cache
def score_items() -> tuple[ScoreItem, ...]:
    """Return the items of the score; their weights are defaults until a city sets its own."""
    names = ("zh", "en", "formula_zh", "formula_en", "status")
    return tuple(
        ScoreItem(row["item"], float(row["weight"]), **{name: row[name] for name in names})
        for row in _rows("upkeep_score.csv")
    )
