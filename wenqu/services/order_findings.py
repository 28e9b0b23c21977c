"""What a crew found at fault becomes a problem; order and problem name each other."""

from typing import Any

from wenqu.errors import BadInput, Unknown
from wenqu.operation.order_life import faults
from wenqu.operation.order_tables import checklist
from wenqu.records.order import Order
from wenqu.services.city_state import CityState
from wenqu.services.find_problems import Filed
from wenqu.services.problem_ledger import ledger
from wenqu.services.report_problem import report_problem
from wenqu.services.rights import Person, demand_account
from wenqu.services.upkeep_orders import orders, seen_by
from wenqu.store.database import Store
from wenqu.store.moments import now
from wenqu.works.problem_tables import kinds

NAMED = "order:"  # order:<id> is what a problem names as evidence


def file_finding(
    store: Store, state: CityState, order: str, item: str, asset: str, what: str, *, person: Person
) -> Filed:
    """File a fault of an order's checklist as a problem of one of its assets.

    Raises
    ------
    Unknown
        There is no such order for this person.
    BadInput
        The item was not answered as a fault, is no kind of problem, or the asset is none of the order's.
    Refused
        The person may neither decide, inspect nor work there.
    """
    demand_account(person)
    city = state.network.city.code
    one = seen_by(person, city, orders(store, city)).get(order)
    if one is None:
        raise Unknown("order", name=order)
    row = next((entry for entry in checklist(one.order.kind) if entry.name == item), None)
    known = assets_for(state, one.order, row.finding) if row is not None and row.finding else ()
    if row is None or item not in faults(one) or asset not in known:
        raise BadInput("order-finding", item=item, asset=asset, order=order)
    type_, _, id_ = asset.partition("/")
    return report_problem(
        store, state, asset_type=type_, asset=id_, kind=row.finding, origin="patrol",
        what=what.strip() or f"{row.zh}：有问题", person=person, evidence=(f"{NAMED}{order}",),
        found_on=min(one.done_at or "9", now().isoformat(timespec="seconds")),
    )  # fmt: skip


def assets_for(state: CityState, order: Order, kind: str) -> tuple[str, ...]:
    """Return the assets at which a problem of a kind may be that a crew met on an order, as type/id.

    Those of the order that can have it; where none can (no pipe has a cover), the manholes of its conduits.
    """
    at = kinds()[kind].at
    own = tuple(name for name in order.assets if not at or name.partition("/")[0] in at)
    if own:
        return own
    table = state.network.table("conduit")
    rows = [
        state.network.row("conduit", id_)
        for type_, _, id_ in (name.partition("/") for name in order.assets)
        if type_ == "conduit" and state.network.known_row("conduit", id_) is not None
    ]
    ends = [str(table.column(end)[row] or "") for row in rows for end in ("from_id", "to_id")]
    manholes = set(state.network.table("manhole").ids.tolist()) if "manhole" in at else set()
    return tuple(f"manhole/{one}" for one in dict.fromkeys(ends) if one in manholes)


def problems_of(store: Store, state: CityState, order: str) -> list[dict[str, Any]]:
    """Return the problems that name an order as what they were found by."""
    lives = ledger(store, state.network.city.code, state.network.as_of or None).values()
    return [
        {"id": life.problem.id, "kind": life.problem.kind, "asset": life.problem.asset, "state": life.state}
        for life in lives
        if f"{NAMED}{order}" in life.problem.evidence
        or any(f"{NAMED}{order}" in event.evidence for event in life.events)
    ]
