"""Which names, trades, pipes and tracers does the example city draw from? The tables, read."""

import csv
from functools import cache
from importlib.resources import files


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of one of the tables beside this file."""
    text = (files("wenqu.examples.city") / f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@cache
def numbers(name: str, column: str) -> tuple[float, ...]:
    """Return one column of one table as numbers."""
    return tuple(float(row[column]) for row in rows(name))


@cache
def names(kind: str) -> tuple[str, ...]:
    """Return the invented names of one kind."""
    return tuple(row["zh"] for row in rows("names") if row["kind"] == kind)
