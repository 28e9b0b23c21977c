"""Which steps does a lot go through, each after which, and how long does each take?"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from wenqu.errors import BadInput

WORKS = "works"  # the one step whose days come from the crews
ANY, TRENCH, TRENCHLESS = "any", "trench", "trenchless"
GROUNDS = (TRENCH, TRENCHLESS)


@dataclass(frozen=True, slots=True)
class LotStep:
    """One step of a lot: a row of ``lot_steps.csv`` or of the city's own table."""

    step: str
    after: tuple[str, ...]  # steps that must be over before it begins
    ground: str  # ANY, or only where the road is opened (TRENCH), or only where not
    days: int  # working days; of the works 0: they come from the crew-days
    spread: float  # [-] of its days by which it may well be late, for the buffers
    zh: str
    en: str
    source: str
    status: str  # default, or city


@cache
def lot_steps() -> tuple[LotStep, ...]:
    """Return Wenqu's steps in table order."""
    text = (files("wenqu.planning") / "lot_steps.csv").read_text(encoding="utf-8")
    return tuple(step_from(row, row["status"]) for row in csv.DictReader(text.splitlines()))


def step_from(row: Mapping[str, str], status: str) -> LotStep:
    """Return a step of a table's row."""
    return LotStep(
        row["step"],
        tuple(name for name in row["after"].split("|") if name),
        row["ground"] or ANY,
        int(row["days"] or 0),
        float(row["spread"] or 0),
        row["zh"] or row["step"],
        row["en"] or row["step"],
        row["source"],
        status,
    )


def with_own(own: Sequence[Mapping[str, str]], status: str) -> tuple[LotStep, ...]:
    """Return Wenqu's steps with a city's own in place of those of the same name, or beside them.

    A step of 0 days is left out, except the works; these wait for every step that nothing else waits for.

    Raises
    ------
    BadInput
        A step comes after one that is not there, or after itself.
    """
    found = {one.step: one for one in lot_steps()}
    for row in own:
        known = found.get(row["step"])
        names = {word: row[word] or (getattr(known, word) if known else "") for word in ("zh", "en")}
        found[row["step"]] = step_from({**row, **names}, status)
    return checked_steps(found.values())


def checked_steps(steps: Iterable[LotStep]) -> tuple[LotStep, ...]:
    """Return the steps that count, each after those it waits for; see ``with_own``.

    Raises
    ------
    BadInput
        See ``with_own``.
    """
    made = {one.step: one for one in steps}
    for one in made.values():
        missing = [name for name in one.after if name not in made]
        if missing:
            raise BadInput("lot-step-after", step=one.step, after=missing[0])
    if WORKS not in made:
        raise BadInput("lot-step-works")
    ordered: list[LotStep] = []
    while len(ordered) < len(made):
        done = {one.step for one in ordered}
        ready = [one for one in made.values() if one.step not in done and done.issuperset(one.after)]
        if not ready:
            raise BadInput("lot-step-circle", steps=", ".join(name for name in made if name not in done))
        ordered.append(ready[0])
    ordered = _joined(ordered)
    return _without([one.step for one in ordered if not one.days and one.step != WORKS], ordered)


def _joined(ordered: Sequence[LotStep]) -> list[LotStep]:
    """Return the steps, the works waiting for each that stands neither before nor after them."""
    known = {WORKS, *before_works(ordered), *after_works(ordered)}
    loose = tuple(one.step for one in ordered if one.step not in known)
    made = [replace(one, after=one.after + loose) if one.step == WORKS else one for one in ordered]
    if not loose:
        return made
    behind = after_works(made)
    late = [one for one in made if one.step == WORKS or one.step in behind]
    return [one for one in made if one not in late] + late


def before_works(steps: Sequence[LotStep]) -> set[str]:
    """Return the names of the steps that the works wait for, near or far."""
    by_name = {one.step: one for one in steps}
    found: set[str] = set()
    open_ = list(by_name[WORKS].after)
    while open_:
        name = open_.pop()
        if name in by_name and name not in found:
            found.add(name)
            open_ += by_name[name].after
    return found


def after_works(steps: Sequence[LotStep]) -> set[str]:
    """Return the names of the steps that wait for the works, near or far."""
    found = {WORKS}
    for one in steps:  # each stands after those it waits for
        if found.intersection(one.after):
            found.add(one.step)
    return found - {WORKS}


def steps_on(ground: str, steps: Sequence[LotStep], *, let: bool = False) -> tuple[LotStep, ...]:
    """Return the steps of a lot: those of its ground; of one that is let already only works and after.

    A step that is left out hands on what it waits for to those that wait for it.
    """
    behind = after_works(steps)
    gone = [
        one.step
        for one in steps
        if one.ground not in {ANY, ground} or (let and one.step not in {WORKS, *behind})
    ]
    return _without(gone, steps)


def _without(gone: Sequence[str], steps: Sequence[LotStep]) -> tuple[LotStep, ...]:
    """Return the steps but some; who waited for one of these waits for what it had waited for."""
    waits: dict[str, tuple[str, ...]] = {}
    kept: list[LotStep] = []
    for one in steps:
        after = tuple(dict.fromkeys(far for name in one.after for far in waits.get(name, (name,))))
        if one.step in gone:
            waits[one.step] = after
        else:
            kept.append(replace(one, after=after))
    return tuple(kept)
