"""What a crew found at fault becomes a problem; order and problem name each other."""

from typing import Any

from wenqu.errors import BadInput, Unknown
from wenqu.operation.order_life import faults
from wenqu.operation.order_tables import checklist
from wenqu.services.city_state import CityState
from wenqu.services.find_problems import Filed, report_problem
from wenqu.services.problem_ledger import ledger
from wenqu.services.rights import Person, demand_account
from wenqu.services.upkeep_orders import orders, seen_by
from wenqu.store.database import Store
from wenqu.store.moments import now

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
    if row is None or not row.finding or item not in faults(one) or asset not in one.order.assets:
        raise BadInput("order-finding", item=item, asset=asset, order=order)
    type_, _, id_ = asset.partition("/")
    return report_problem(
        store, state, asset_type=type_, asset=id_, kind=row.finding, origin="patrol",
        what=what.strip() or row.zh, found_on=(one.done_at or now().isoformat())[:10], person=person,
        evidence=(f"{NAMED}{order}",),
    )  # fmt: skip


def problems_of(store: Store, state: CityState, order: str) -> list[dict[str, Any]]:
    """Return the problems that name an order as what they were found by."""
    lives = ledger(store, state.network.city.code, state.network.as_of or None).values()
    return [
        {"id": life.problem.id, "kind": life.problem.kind, "asset": life.problem.asset, "state": life.state}
        for life in lives
        if f"{NAMED}{order}" in life.problem.evidence
    ]
