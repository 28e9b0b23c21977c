"""Orders of upkeep: issued, done in the street, looked at, scored. Merged by identity, nobody overwritten."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import uuid4

import numpy as np

from wenqu.errors import BadInput, Refused, Unknown
from wenqu.network.model import link_lengths
from wenqu.operation.order_life import ANSWERS, Run, lacks, open_steps, run
from wenqu.operation.order_tables import kinds, steps
from wenqu.records.order import Order, OrderEvent
from wenqu.services.city_state import CityState
from wenqu.services.rights import Person, demand, demand_account, reach
from wenqu.services.sight import districts_of
from wenqu.store.database import Store
from wenqu.store.moments import begin_of, now

ORDER, EVENT = "order", "order_event"
NOWHERE = "-"  # no district: only who decides for the whole city orders there


@dataclass(frozen=True, slots=True)
class Report:
    """What a crew or an office reports of an order."""

    step: str
    note: str = ""
    hours: float = 0.0
    quantities: Mapping[str, float] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    place: tuple[float, ...] = ()
    id: str = ""  # given where it was written: the same again counts once
    written_at: str = ""


def orders(store: Store, city: str, as_of: str | None = None) -> dict[str, Run]:
    """Return every order of a city as it stands or stood, by id."""
    events: dict[str, list[OrderEvent]] = {}
    for event in store.records(city, EVENT, OrderEvent, as_of=as_of):
        events.setdefault(event.order, []).append(event)
    return {
        row.id: run(row, events.get(row.id, ())) for row in store.records(city, ORDER, Order, as_of=as_of)
    }


def orders_on(store: Store, city: str, day: str, as_of: str | None = None) -> list[Run]:
    """Return the orders of a city as they stood at the end of a day (ISO date)."""
    until = f"{day}T24"
    every = orders(store, city, as_of).values()
    return [
        run(one.order, [event for event in one.events if event.at < until])
        for one in every
        if one.order.at < until
    ]


def seen_by(person: Person, city: str, runs: dict[str, Run]) -> dict[str, Run]:
    """Return the orders that a person may read: of their district, or of their body."""
    there = reach(person, "read_attributes", city)
    return runs if there.whole else {id_: one for id_, one in runs.items() if within(there.places, one.order)}


def within(places: Sequence[tuple[str, str]], order: Order) -> bool:
    """Tell whether an order belongs to the district or the body of one of some grants."""
    return any(
        own in {"", order.district} and whose in {"", order.body} and (own or whose) for own, whose in places
    )


def issue_order(store: Store, state: CityState, given: Order, *, person: Person) -> Run:
    """Issue an order.

    Raises
    ------
    BadInput
        Its kind is not in the table, nobody is charged with it, or it names nothing (``order``); no day says
        until when, a day is none, or it is planned after its date (``order-date``).
    Unknown
        It names an asset that is not there.
    Refused
        The person may not decide in the district of each of its assets.
    """
    demand_account(person)
    city = state.network.city.code
    if given.kind not in kinds() or not given.body.strip() or not given.assets:
        raise BadInput("order", kind=given.kind, known=", ".join(kinds()))
    _check_days(given)
    length = _length(state, given.assets)
    zones = _districts(state, given.assets)
    for one in sorted(zones):
        demand(person, "decide", city, one or NOWHERE)
    zone = zones.pop() if len(zones) == 1 else ""
    made = replace(
        given, id=given.id or f"O-{uuid4().hex[:10]}", district=zone, length=length, by=person.account,
        at=now().isoformat(timespec="seconds"), simulated=state.network.city.simulated,
    )  # fmt: skip
    with store.change(city, who=person.account, why=f"order {made.kind}") as change:
        if (before := orders(store, city).get(made.id)) is not None:
            return before
        change.add_records(ORDER, [made])
    return Run(made)


def _length(state: CityState, assets: Sequence[str]) -> float:
    total = 0.0
    for name in assets:
        type_, _, id_ = name.partition("/")
        table = state.network.table(type_)
        if id_ not in set(table.ids.tolist()):
            raise Unknown(name=name, nearest="")
        if type_ == "conduit":
            total += float(np.nan_to_num(link_lengths(table)[state.network.row(type_, id_)]))
    return total


def _districts(state: CityState, assets: Sequence[str]) -> set[str]:
    """Return the districts in which assets lie, "" for those of none."""
    known = districts_of(state.network)
    parts = [name.partition("/") for name in assets]
    return {str(known[type_][state.network.row(type_, id_)] or "") for type_, _, id_ in parts}


def _check_days(given: Order) -> None:
    days = [day for day in (given.planned_on, given.due) if day]
    try:
        fits = all(date.fromisoformat(day).isoformat() == day for day in days) and days == sorted(days)
    except ValueError:
        fits = False
    if not days or not fits:
        raise BadInput("order-date", planned=given.planned_on or "-", due=given.due or "-")


def report_order(store: Store, city: str, id_: str, given: Report, *, person: Person) -> Run:
    """File what was reported of an order and return it as it then stands.

    What a device wrote while the order moved on is kept beside it, marked, and overwrites nothing.

    Raises
    ------
    Unknown
        There is no such order or step, or the person may not know of it.
    Refused
        The person may not take the step, or would approve their own work.
    BadInput
        A number is negative, an answer is none of ok, fault, none, what the step needs is missing, or the
        time at which a device wrote it is none.
    """
    demand_account(person)
    if given.step not in steps():
        raise Unknown("order-step", name=given.step, known=", ".join(steps()))
    if given.written_at:
        begin_of(given.written_at)
    wrong = [name for name, value in given.answers.items() if value not in ANSWERS]
    if given.hours < 0 or any(value < 0 for value in given.quantities.values()) or wrong:
        raise BadInput("order-report", answers=", ".join(ANSWERS))
    with store.change(city, who=person.account, why=f"order {given.step}") as change:
        before = seen_by(person, city, orders(store, city)).get(id_)
        if before is None:
            raise Unknown("order", name=id_)
        event = _event(before, given, person)
        if any(one.id == event.id for one in before.events):
            return before
        _may(before, given.step, city, person)
        if given.step not in {step.name for step in open_steps(before)}:
            if not given.written_at:
                known = ", ".join(step.name for step in open_steps(before))
                raise Refused("order-step", step=given.step, state=before.state, open=known)
            event = replace(event, apart=True)
        elif missing := lacks(before, event):
            raise BadInput("order-needs", step=given.step, needs=", ".join(missing))
        change.add_records(EVENT, [event])
    return run(before.order, (*before.events, event))


def _event(before: Run, given: Report, person: Person) -> OrderEvent:
    return OrderEvent(
        given.id or uuid4().hex, before.order.id, given.step, now().isoformat(timespec="seconds"),
        person.account, given.written_at, given.note.strip(), given.hours, dict(given.quantities),
        dict(given.answers),
        given.before, given.after, given.place, simulated=before.order.simulated,
    )  # fmt: skip


def _may(before: Run, step: str, city: str, person: Person) -> None:
    action = steps()[step].who
    there = reach(person, action, city)
    if not there.whole and not within(there.places, before.order):
        raise Refused("order-rights", step=step, action=action)
    if not person.local and step == "approve" and person.account in before.hands:
        raise Refused("order-own", step=step)
