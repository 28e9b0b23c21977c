"""Which crews are there, which methods does each kind work by, and how long may one of its lots be?"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from wenqu.errors import BadInput

EVERY = "*"  # methods that no other trade names


@dataclass(frozen=True, slots=True)
class Trade:
    """One kind of crews: a row of ``trades.csv`` or of the city's own table."""

    trade: str
    methods: tuple[str, ...]  # rows of the price catalogue; EVERY for all that no other trade names
    ground: str  # trench where the road is opened, else trenchless
    crews: int  # how many there are
    lot_days: int  # [d] crew-days that a lot has at the most
    zh: str
    en: str
    source: str
    status: str  # default, or city


@cache
def trades() -> tuple[Trade, ...]:
    """Return Wenqu's trades in table order."""
    text = (files("wenqu.planning") / "trades.csv").read_text(encoding="utf-8")
    return tuple(_trade(row, row["status"]) for row in csv.DictReader(text.splitlines()))


def _trade(row: Mapping[str, str], status: str) -> Trade:
    return Trade(
        row["trade"],
        tuple(name for name in row["methods"].split("|") if name),
        row["ground"],
        int(row["crews"]),
        int(row["lot_days"]),
        row["zh"] or row["trade"],
        row["en"] or row["trade"],
        row["source"],
        status,
    )


def with_own_trades(own: Sequence[Mapping[str, str]], status: str) -> tuple[Trade, ...]:
    """Return Wenqu's trades with a city's own in place of those of the same name, or beside them.

    A method that the city gives to one of its trades leaves every other.

    Raises
    ------
    BadInput
        Two trades of the city name one method, or none is left for methods that no trade names.
    """
    found = {one.trade: one for one in trades()}
    taken: dict[str, str] = {}
    for row in own:
        known = found.get(row["trade"])
        names = {word: row[word] or (getattr(known, word) if known else "") for word in ("zh", "en")}
        made = _trade({**row, **names}, status)
        for method in made.methods:
            if method in taken and method != EVERY:
                raise BadInput("trade-method", method=method, one=taken[method], other=made.trade)
            taken[method] = made.trade
        found[made.trade] = made
    if not any(EVERY in one.methods for one in found.values()):
        raise BadInput("trade-every")
    return tuple(
        Trade(
            one.trade,
            tuple(name for name in one.methods if taken.get(name, one.trade) == one.trade),
            one.ground, one.crews, one.lot_days, one.zh, one.en, one.source, one.status,
        )
        for one in found.values()
    )  # fmt: skip


def trade_of(method: str, some: Sequence[Trade]) -> Trade:
    """Return whose crews work by a method: the trade that names it, else the one for every other."""
    for one in some:
        if method in one.methods:
            return one
    return next(one for one in some if EVERY in one.methods)
