"""What does the page show of orders: the list, one order, the calendar, the scores of the upkeep bodies?"""

from dataclasses import asdict
from typing import Any

from wenqu.errors import Unknown
from wenqu.operation.order_life import Run, faults, open_steps
from wenqu.operation.order_tables import checklist, kinds, quantities, score_items, states, steps
from wenqu.operation.upkeep_score import upkeep_scores
from wenqu.services.city_state import CityState
from wenqu.services.order_findings import assets_for, problems_of
from wenqu.services.rights import Person, reach
from wenqu.services.upkeep_orders import orders, seen_by, within
from wenqu.store.database import Store
from wenqu.store.moments import now

LISTED = 2000


def view_orders(
    store: Store, state: CityState, person: Person, *, body: str = "", day: str = ""
) -> dict[str, Any]:
    """Return the orders a person may see: open and overdue first, the tables, what a day holds."""
    city, moment = state.network.city.code, state.network.as_of or None
    today = (state.network.as_of or now().isoformat())[:10]
    runs = list(seen_by(person, city, orders(store, city, moment)).values())
    chosen = [
        one
        for one in runs
        if (not body or one.order.body == body) and (not day or one.order.planned_on == day)
    ]
    chosen.sort(key=lambda one: (not one.open, not one.overdue(today), one.order.until or "9", one.order.id))
    return {
        "states": {name: sum(one.state == name for one in chosen) for name in states()},
        "overdue": sum(one.overdue(today) for one in chosen),
        "rows": [order_row(one, today) for one in chosen[:LISTED]],
        "count": len(chosen),
        "all": len(runs),
        "days": _days(runs),
        "today": today,
        "tables": order_tables(),
        "simulated": state.network.city.simulated,
    }


def _days(runs: list[Run]) -> dict[str, int]:
    """Return how many open orders each planned day holds."""
    found: dict[str, int] = {}
    for one in runs:
        if one.open and one.order.planned_on:
            found[one.order.planned_on] = found.get(one.order.planned_on, 0) + 1
    return dict(sorted(found.items()))


def order_row(one: Run, today: str) -> dict[str, Any]:
    """Return one order for a list."""
    hours, made = one.summed()
    return {
        **asdict(one.order),
        "assets": list(one.order.assets),
        "state": one.state,
        "open": one.open,
        "overdue": one.overdue(today),
        "done_at": one.done_at,
        "hours": hours,
        "quantities": made,
        "faults": list(faults(one)),
        "apart": len(one.apart),
        "version": len(one.events),
    }


def order_tables() -> dict[str, Any]:
    """Return how kinds, checklists, states and steps are called."""
    return {
        "kinds": {
            row.name: {
                "zh": row.zh, "en": row.en, "photos": row.photos, "quantities": row.quantities,
                "checklist": [
                    {"item": item.name, "zh": item.zh, "en": item.en, "finding": item.finding}
                    for item in checklist(row.name)
                ],
            }
            for row in kinds().values()
        },
        "quantities": quantities(),
        "states": {row.name: {"zh": row.zh, "en": row.en} for row in states().values()},
        "steps": {row.name: {"zh": row.zh, "en": row.en, "needs": row.needs} for row in steps().values()},
    }  # fmt: skip


def view_order(store: Store, state: CityState, id_: str, person: Person) -> dict[str, Any]:
    """Return one order with its events and the steps that the person may take."""
    city, moment = state.network.city.code, state.network.as_of or None
    one = seen_by(person, city, orders(store, city, moment)).get(id_)
    if one is None:
        raise Unknown("order", name=id_)
    today = (state.network.as_of or now().isoformat())[:10]
    return {
        **order_row(one, today),
        "events": [{**asdict(event), "place": list(event.place)} for event in one.events],
        "steps": [] if moment else may_step(one, city, person),
        "problems": problems_of(store, state, id_),
        "places": {
            item.name: list(assets_for(state, one.order, item.finding))
            for item in checklist(one.order.kind)
            if item.finding and item.name in faults(one)
        },
        "tables": order_tables(),
    }  # fmt: skip


def may_step(one: Run, city: str, person: Person) -> list[str]:
    """Return the steps of an order that are open to a person."""
    return [step.name for step in open_steps(one) if _takes(one, step.who, city, person)]


def _takes(one: Run, action: str, city: str, person: Person) -> bool:
    there = reach(person, action, city)
    return bool(person.account) and (there.whole or within(there.places, one.order))


def view_scores(store: Store, state: CityState, person: Person, since: str, until: str) -> dict[str, Any]:
    """Return the score of each upkeep body in a period, each item with the orders that it comes from."""
    city = state.network.city.code
    runs = list(seen_by(person, city, orders(store, city, state.network.as_of or None)).values())
    return {
        "since": since,
        "until": until,
        "items": [asdict(row) for row in score_items()],
        "bodies": [
            {
                "body": one.body,
                "score": one.score,
                "hours": one.hours,
                "quantities": one.quantities,
                "items": [{**asdict(item), "share": item.share} for item in one.items],
            }
            for one in upkeep_scores(runs, since, until)
        ],
        "simulated": state.network.city.simulated,
    }
