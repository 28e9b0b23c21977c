"""Who may take which step of an order: every step, every role, here and elsewhere."""

from contextlib import suppress

import numpy as np
import pytest

from wenqu.errors import Refused, Unknown
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, assets
from wenqu.operation.order_tables import checklist, steps
from wenqu.records.order import Order, OrderEvent
from wenqu.services.rights import Grant, Person, roles
from wenqu.services.upkeep_orders import EVENT, ORDER, Report, report_order
from wenqu.store.database import open_store

BEFORE = {  # step: the steps that lead to where it is open
    "accept": (), "start": ("accept",), "progress": ("start",), "done": ("start",),
    "approve": ("start", "done"), "send_back": ("start", "done"), "cancel": (), "note": (),
}  # fmt: skip
CREW = {"accept", "start", "progress", "done", "note"}  # the steps of those who work
OFFICE = {"approve", "send_back", "cancel"}  # the steps of those who decide
MAY = {  # role, district, body: the steps
    ("city_office", "", ""): CREW | OFFICE,
    ("administrator", "", ""): CREW | OFFICE,
    ("district", "E", ""): CREW | OFFICE,
    ("district", "W", ""): set(),
    ("operator", "", "group"): CREW,
    ("operator", "", "another"): set(),
    ("bureau", "", ""): set(),
    ("surveyor", "", ""): set(),
    ("contractor", "", "group"): CREW,
    ("contractor", "", "another"): set(),
    ("drainage_user", "", ""): set(),
    ("public_reader", "", ""): set(),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    made = open_store(str(tmp_path_factory.mktemp("roles") / "store"))
    with made.change("c", who="tester", why="tables") as change:
        change.put_city(City("c", crs="EPSG:4549"))
        change.put(assets("manhole", ["a"], {}, Shapes.points(np.zeros((1, 2)))))
        for number in range(len(MAY)):  # everybody finds an order at each step
            for step, past in BEFORE.items():
                id_ = f"{step}-{number}"
                change.add_records(ORDER, [Order(id_, "dredging", ("manhole/a",), "group", district="E")])
                events = [OrderEvent(f"{id_}-{one}", id_, one, "2026-03-01", "somebody") for one in past]
                change.add_records(EVENT, events)
    yield made
    made.close()


def test_every_step_and_every_role_is_in_the_table():
    assert set(BEFORE) == set(steps())
    assert {role for role, _, _ in MAY} == set(roles())


@pytest.mark.parametrize("whose", MAY, ids="-".join)
def test_who_may_take_which_step(store, whose):
    role, district, body = whose
    person = Person("somebody else", (Grant(role, "c", district, body),))
    answers = {item.name: "ok" for item in checklist("dredging")}
    taken = set()
    for step in steps():
        report = Report(step, "why", 1.0, {}, answers, ("a.jpg",), ("b.jpg",))
        with suppress(Refused, Unknown):
            report_order(store, "c", f"{step}-{list(MAY).index(whose)}", report, person=person)
            taken.add(step)
    assert taken == MAY[whose]
