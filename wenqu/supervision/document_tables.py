"""Which kinds, states, steps and times of keeping have official documents? Read from tables."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

SAME = "="  # a step that leaves the state as it is


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of official document."""

    name: str
    zh: str
    en: str
    retention: str  # that is proposed when it is archived
    paper: str  # kind of paper that the city's data can be made into, "" when none


@dataclass(frozen=True, slots=True)
class State:
    """One state of a version."""

    name: str
    open: bool  # on its way to being issued
    issued: bool  # was sent out: everybody who may read there sees it
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step: from which states, to which, who may, and what it needs."""

    name: str
    from_: tuple[str, ...]
    to: str  # a state, or SAME
    who: str  # action of a grant
    roles: tuple[str, ...]  # that may take it with that action; () any
    needs: tuple[str, ...]  # note | seat | number | shelf | retention | countersigned | answered
    apart: tuple[str, ...]  # steps whose author may not take this one too
    signs: bool
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Retention:
    """How long a document is kept; nothing is deleted when the time is over."""

    name: str
    years: int  # 0 for ever
    zh: str
    en: str
    source: str
    status: str


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("wenqu.supervision") / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split("|") if part)


@cache
def kinds() -> dict[str, Kind]:
    """Return every kind by name."""
    return {
        row["kind"]: Kind(row["kind"], row["zh"], row["en"], row["retention"], row["paper"])
        for row in _rows("document_kinds.csv")
    }


@cache
def states() -> dict[str, State]:
    """Return every state by name, in the order of a life."""
    return {
        row["state"]: State(row["state"], row["open"] == "yes", row["issued"] == "yes", row["zh"], row["en"])
        for row in _rows("document_states.csv")
    }


@cache
def steps() -> dict[str, Step]:
    """Return every step by name, in the order of a life."""
    return {
        row["step"]: Step(
            row["step"], _parts(row["from"]), row["to"], row["who"], _parts(row["roles"]),
            _parts(row["needs"]), _parts(row["apart"]), row["signs"] == "yes", row["zh"], row["en"],
        )
        for row in _rows("document_steps.csv")
    }  # fmt: skip


@cache
def retentions() -> dict[str, Retention]:
    """Return every time of keeping by name."""
    return {
        row["retention"]: Retention(
            row["retention"], int(row["years"] or 0), row["zh"], row["en"], row["source"], row["status"]
        )
        for row in _rows("document_retentions.csv")
    }
