"""Which conditions of the programme bind its schedule too: packages in order, places closed for years?

A lot with a package or an asset that is closed waits as a whole, as it does where one of its streets is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from wenqu.planning.conditions import Moratorium
from wenqu.planning.law import Rules as Law
from wenqu.planning.lot_steps import ANY, TRENCH
from wenqu.planning.lots import Closure, Lot, Repair
from wenqu.planning.trades import Trade, trade_of


def pairs_of(law: Law, lots: Sequence[Lot]) -> tuple[tuple[str, str], ...]:
    """Return the lots of which the second waits for the first: those of packages that the rules put in order.

    Two packages in one lot are left to its crew, and so is an order by which two lots would wait for one
    another.
    """
    made: dict[tuple[str, str], None] = {}
    for order in law.orders:
        first, then = (
            [lot.id for lot in lots if any(name in {one.package, one.asset} for one in lot.repairs)]
            for name in (order.first, order.then)
        )
        for pair in ((one, other) for one in first for other in then if one != other):
            if not _leads(made, pair[1], pair[0]):
                made[pair] = None
    return tuple(made)


def _leads(pairs: Iterable[tuple[str, str]], one: str, other: str) -> bool:
    """Tell whether a lot waits for another, directly or through others."""
    after: dict[str, list[str]] = {}
    for first, then in pairs:
        after.setdefault(first, []).append(then)
    open_, seen = [one], set()
    while open_:
        at = open_.pop()
        if at == other:
            return True
        if at not in seen:
            seen.add(at)
            open_ += after.get(at, [])
    return False


def closed_streets(law: Law, trades: Sequence[Trade]) -> tuple[Closure, ...]:
    """Return the streets that the rules close, as closed roads."""
    return tuple(
        Closure(one.name, _ground(one, trades), *_span(one, law), one.source or one.reason)
        for one in law.moratoria
        if one.of == "street" and one.name and _ground(one, trades)
    )


def closed_with(lot: Lot, law: Law) -> Lot:
    """Return a lot with the years in which it, its district or the whole city is closed."""
    wide = [
        one for one in law.moratoria if one.of == "city" or (one.of, one.name) == ("district", lot.district)
    ]
    spans = {
        _span(one, law)
        for one in wide
        if not one.methods or {row.method for row in lot.repairs} <= set(one.methods)
    } | {
        _span(one, law)
        for one in law.moratoria
        if one.of in {"package", "asset"} and any(_is_closed(row, one) for row in lot.repairs)
    }
    return replace(lot, closed=tuple(sorted({*lot.closed, *spans}))) if spans else lot


def _is_closed(row: Repair, rule: Moratorium) -> bool:
    """Tell whether a moratorium of one package or asset speaks of a repair that is still to be built."""
    named = rule.name in {row.package, *row.asset.split("|")}
    return named and row.days > 0 and (not rule.methods or row.method in rule.methods)


def _ground(one: Moratorium, trades: Sequence[Trade]) -> str:
    """Return which works a moratorium stops: all, those that dig, or none that can be told apart ("")."""
    if not one.methods:
        return ANY
    return TRENCH if any(trade_of(name, trades).ground == TRENCH for name in one.methods) else ""


def _span(one: Moratorium, law: Law) -> tuple[str, str]:
    """Return the first and the last day of a moratorium."""
    since, until = one.since or law.windows[0], one.until or law.windows[-1]
    return f"{since[:4]}-01-01", f"{until[:4]}-12-31"
