"""A crew reports an order: what it answered as a fault and cannot wait is filed, and rings, at once.

A missing cover, a collapsed road or sewage in the street does not wait until somebody opens the order.
"""

import numpy as np

from wenqu.operation.order_life import Run
from wenqu.operation.order_tables import checklist
from wenqu.records.order import Order, OrderEvent
from wenqu.services.city_state import CityState
from wenqu.services.order_findings import NAMED, assets_for
from wenqu.services.report_problem import report_problem
from wenqu.services.rights import Person
from wenqu.services.upkeep_orders import Report, report_order
from wenqu.store.database import Store
from wenqu.store.moments import begin_of, now
from wenqu.works.problem_severity import emergency

FAULT = "fault"


def report_and_ring(
    store: Store, city: str, id_: str, given: Report, *, person: Person
) -> tuple[Run, tuple[str, ...]]:
    """File what was reported of an order and return it as it then stands, with the alarms raised.

    Raises
    ------
    WenquError
        See ``report_order``.
    """
    made = report_order(store, city, id_, given, person=person)
    event = made.events[-1]
    ringing = [
        item
        for item in checklist(made.order.kind)
        if event.answers.get(item.name) == FAULT and item.finding and emergency(item.finding)
    ]
    if not ringing or (given.id and event.id != given.id):  # what came twice has rung
        return made, ()
    state, alarms = CityState(store.network(city)), list[str]()
    for item in ringing:
        found = _ring(store, state, made.order, event, item.finding, f"{item.zh}：有问题")
        alarms += found
    return made, tuple(alarms)


def _ring(
    store: Store, state: CityState, order: Order, event: OrderEvent, kind: str, what: str
) -> tuple[str, ...]:
    """File one fault at the asset that it most likely is of; it does not ask for more than the report did."""
    fitting = assets_for(state, order, kind)
    if not fitting:
        return ()
    type_, _, id_ = _nearest(state, fitting, event.place).partition("/")
    seen = min(begin_of(event.written_at or event.at), now())
    doubt = "" if len(fitting) == 1 else f"（工单 {order.id} 的一处，位置待核）"
    return report_problem(
        store, state, asset_type=type_, asset=id_, kind=kind, origin="patrol", what=f"{what}{doubt}",
        found_on=seen.isoformat(timespec="seconds"), person=Person(event.by, local=True),
        evidence=(f"{NAMED}{order.id}",),
    ).alarms  # fmt: skip


def _nearest(state: CityState, names: tuple[str, ...], place: tuple[float, ...]) -> str:
    """Return the asset nearest to where the report was written, the first where nobody knows."""
    if len(place) < 2 or len(names) == 1:
        return names[0]
    away = []
    for name in names:
        type_, _, id_ = name.partition("/")
        table = state.network.table(type_)
        shapes = table.take(np.array([state.network.row(type_, id_)])).shapes
        coords = state.placed(shapes, "EPSG:4326").coords
        east = (coords[:, 0] - place[0]) * np.cos(np.radians(place[1]))
        away.append(float(np.hypot(east, coords[:, 1] - place[1]).min()) if len(coords) else np.inf)
    return names[int(np.argmin(away))]
