"""Which kinds, states and steps has the life of a problem? Read from the tables beside this file."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

SAME = "="  # a step that leaves the state as it is


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem."""

    name: str
    zh: str
    en: str
    base: int  # severity before grade and place count
    counts_length: bool
    at: tuple[str, ...] = ()  # asset types that can have it; none: any


@dataclass(frozen=True, slots=True)
class State:
    """One state of a problem."""

    name: str
    open: bool
    owes: str  # action that the next step takes: decide, work, inspect; "" when closed
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step: from which states, to which, who may, and what it needs."""

    name: str
    from_: tuple[str, ...]
    to: str  # a state, or SAME
    who: str  # action of a grant: decide | work | inspect | read_attributes
    needs: tuple[str, ...]  # note | body | due | evidence | district | others | emergency
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Deadline:
    """How long a problem may last."""

    kind: str  # "" any
    severity: int
    hours: float  # [h]
    zh: str
    en: str
    source: str
    status: str


@dataclass(frozen=True, slots=True)
class Emergency:
    """What raises an alarm on arrival."""

    name: str
    what: str  # defect | kind
    code: str
    level: int
    zh: str
    en: str
    source: str
    status: str


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("wenqu.works") / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def kinds() -> dict[str, Kind]:
    """Return every kind by name."""
    return {
        row["kind"]: Kind(
            row["kind"], row["zh"], row["en"], int(row["base"]), row["counts_length"] == "yes",
            tuple(part for part in row["at"].split("|") if part),
        )
        for row in _rows("problem_kinds.csv")
    }  # fmt: skip


@cache
def states() -> dict[str, State]:
    """Return every state by name, in the order of a life."""
    return {
        row["state"]: State(row["state"], row["open"] == "yes", row["owes"], row["zh"], row["en"])
        for row in _rows("problem_states.csv")
    }


@cache
def steps() -> dict[str, Step]:
    """Return every step by name, in the order of a life."""
    return {
        row["step"]: Step(
            row["step"], tuple(row["from"].split("|")), row["to"], row["who"],
            tuple(part for part in row["needs"].split("|") if part), row["zh"], row["en"],
        )
        for row in _rows("problem_steps.csv")
    }  # fmt: skip


@cache
def deadlines() -> tuple[Deadline, ...]:
    """Return every deadline, the special ones first."""
    return tuple(
        Deadline(
            row["kind"],
            int(row["severity"]),
            float(row["hours"]),
            row["zh"],
            row["en"],
            row["source"],
            row["status"],
        )
        for row in _rows("problem_deadlines.csv")
    )


@cache
def emergencies() -> tuple[Emergency, ...]:
    """Return what raises an alarm on arrival."""
    return tuple(
        Emergency(
            row["emergency"], row["what"], row["code"], int(row["level"] or 0), row["zh"], row["en"],
            row["source"], row["status"],
        )
        for row in _rows("emergencies.csv")
    )  # fmt: skip
