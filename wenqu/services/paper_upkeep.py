"""What does the monthly bulletin say of upkeep: orders issued, done, late, and what was done by kind?"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from wenqu.operation.order_life import Run
from wenqu.operation.order_tables import kinds
from wenqu.reports.paper import Cell, Grid
from wenqu.services.city_state import CityState
from wenqu.services.paper_draft import Draft, From, figure_only
from wenqu.services.upkeep_orders import orders_on
from wenqu.store.database import Store


@dataclass(frozen=True, slots=True)
class Span:
    """A month and the one before, as far as they have gone by."""

    month: str  # YYYY-MM
    begins: str  # ISO date
    ends: str  # its last day, or the day of the question in a month that still runs
    before: str  # YYYY-MM
    before_begins: str
    before_ends: str


def upkeep_part(
    store: Store, state: CityState, span: Span, district: str, draft: Draft, whole: Store | None
) -> None:
    """Write how many orders of upkeep were issued, approved and late, this month and the last.

    Steps of orders name no asset, so that a store cut to a district holds none: orders are read from
    ``whole`` and kept where all their assets are seen in ``state``.
    """
    now_, then = (_stood(store, whole, state, day, district) for day in (span.ends, span.before_ends))
    if not now_:
        draft.part("upkeep", draft.missing("upkeep", "month.no_orders"))
        return
    here = _counts(now_, span.begins, span.ends)
    before = _counts(then, span.before_begins, span.before_ends)
    rows: list[tuple[Cell, ...]] = []
    facts: dict[str, str] = {}
    for key, value in here.items():
        label = draft.say(f"fact.orders_{key}")
        facts[key] = draft.count(f"orders.{key}", label, value, _source(draft, len(now_), label))
        last = draft.count(
            f"orders.{key}.before",
            draft.say("fact.before", what=label),
            before[key],
            _source(draft, len(then), label),
        )
        rows.append((label, figure_only(facts[key]), figure_only(last), value - before[key]))
    columns = (
        ("matter", 2.0, False),
        ("this_month", 1.0, True),
        ("last_month", 1.0, True),
        ("more", 1.0, True),
    )
    draft.part(
        "upkeep",
        draft.words("upkeep", "month.upkeep", **facts),
        draft.grid("orders_month", columns, rows),
        _kinds(now_, span, draft),
    )


def _stood(store: Store, whole: Store | None, state: CityState, day: str, district: str) -> list[Run]:
    code = state.network.city.code
    every = orders_on(whole or store, code, day, state.network.as_of or None)
    if whole is not None and not store.sees_all(code):
        every = [one for one in every if _seen(one, state)]
    return [one for one in every if not district or one.order.district == district]


def _seen(one: Run, state: CityState) -> bool:
    """Tell whether all assets of an order are among those that are seen."""
    named = [asset.partition("/") for asset in one.order.assets]
    return bool(named) and all(id_ in state.network.table(type_).ids for type_, _, id_ in named)


def _source(draft: Draft, rows: int, what: str) -> From:
    return From(draft.say("from.orders", what=what), rows, link="operation?tab=orders")


def _within(day: str, first: str, last: str) -> bool:
    return bool(day) and first <= day[:10] <= last


def _counts(runs: Sequence[Run], first: str, last: str) -> dict[str, int]:
    return {
        "issued": sum(_within(one.order.at, first, last) for one in runs),
        "approved": sum(_within(one.approved_at, first, last) for one in runs),
        "open": sum(one.open for one in runs),
        "overdue": sum(one.overdue(last) for one in runs),
        "sent_back": sum(
            event.step == "send_back" and _within(event.at, first, last)
            for one in runs
            for event in one.events
        ),
    }


def _kinds(runs: Sequence[Run], span: Span, draft: Draft) -> Grid | None:
    """Return by kind what was approved in the month: orders, hours, metres, silt. None where nothing was."""
    rows: list[tuple[Cell, ...]] = []
    for kind in kinds().values():
        mine = [
            one
            for one in runs
            if one.order.kind == kind.name and _within(one.approved_at, span.begins, span.ends)
        ]
        if not mine:
            continue
        name = kind.zh if draft.language == "zh" else kind.en
        sums = [one.summed() for one in mine]
        cells = [
            draft.cite(
                f"orders.{kind.name}.{what}",
                draft.say("fact.orders_kind", kind=name, what=draft.say(f"column.{what}")),
                value,
                unit,
                _source(draft, len(mine), name),
            )
            for what, value, unit in (
                ("order_hours", math.fsum(hours for hours, _ in sums), "-"),
                ("order_length", math.fsum(made.get("length", 0.0) for _, made in sums), "m"),
                ("order_silt", math.fsum(made.get("silt", math.nan) for _, made in sums), "m³"),
            )
        ]
        rows.append((name, len(mine), *map(figure_only, cells)))
    if not rows:
        return None
    columns = (
        ("order_kind", 1.4, False),
        ("orders", 0.8, True),
        ("order_hours", 1.0, True),
        ("order_length", 1.0, True),
        ("order_silt", 1.0, True),
    )
    return draft.grid("orders_kind", columns, rows, units={"order_length": "m", "order_silt": "m³"})
