"""Orders of upkeep: issued, reported from the street, approved, scored."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller, Known, State
from wenqu.records.order import Order
from wenqu.services.order_findings import file_finding
from wenqu.services.report_order import report_and_ring
from wenqu.services.rights import demand
from wenqu.services.upkeep_orders import Report, issue_order
from wenqu.services.view_orders import view_order, view_orders, view_scores

router = APIRouter(tags=["orders"])
Text = Annotated[str, Field(max_length=2000)]
Name = Annotated[str, Field(max_length=200)]
Day = Annotated[str, Field(pattern=r"^(\d{4}-\d\d-\d\d)?$")]
Names = Annotated[list[Name], Field(max_length=500)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Degrees = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
AskedDay = Annotated[str, Query(pattern=r"^(\d{4}-\d\d-\d\d)?$", description="YYYY-MM-DD")]
AskedName = Annotated[str, Query(max_length=200)]


class Given(BaseModel):
    """An order as it is issued."""

    id: Annotated[str, Field(max_length=64)] = ""
    kind: Name
    assets: Annotated[list[Annotated[str, Field(max_length=400)]], Field(max_length=2000)]
    body: Name
    crew: Name = ""
    district: Name = ""
    planned_on: Day = ""
    due: Day = ""
    what: Text = ""
    source: Name = ""


class Told(BaseModel):
    """What is reported of an order."""

    step: Name
    note: Text = ""
    hours: Annotated[float, Field(ge=0, le=10_000, allow_inf_nan=False)] = 0.0
    quantities: Annotated[dict[Name, Amount], Field(max_length=20)] = {}
    answers: Annotated[dict[Name, Name], Field(max_length=100)] = {}
    before: Names = []
    after: Names = []
    place: Annotated[list[Degrees], Field(max_length=2)] = []
    id: Annotated[str, Field(max_length=64)] = ""
    written_at: Annotated[str, Field(max_length=40)] = ""


class Found(BaseModel):
    """A fault of an order's checklist that becomes a problem."""

    item: Name
    asset: Annotated[str, Field(max_length=400)]
    what: Text = ""


@router.get("/cities/{city}/orders")
def listed(state: State, known: Known, who: Caller, body: AskedName = "", day: AskedDay = "") -> Answer:
    """Return the orders that the caller may see, open and overdue ones first, and what each day holds."""
    demand(who, "read_attributes", state.network.city.code)
    return Answer(view_orders(known.whole.store, state, who, body=body, day=day))


@router.post("/cities/{city}/orders")
def issue(known: Known, who: Caller, city: str, given: Given) -> Answer:
    """Issue an order."""
    demand(who, "decide", city)
    asked = Order(**given.model_dump(exclude={"assets"}), assets=tuple(given.assets))
    return Answer(issue_order(known.whole.store, known.whole.state(city), asked, person=who).order, 201)


@router.get("/cities/{city}/orders/scores")
def scores(state: State, known: Known, who: Caller, since: AskedDay, until: AskedDay) -> Answer:
    """Return the score of each upkeep body in a period, each item with its orders."""
    demand(who, "read_attributes", state.network.city.code)
    return Answer(view_scores(known.whole.store, state, who, since, until))


@router.get("/cities/{city}/orders/{order}")
def one(state: State, known: Known, who: Caller, order: str) -> Answer:
    """Return one order with its events and the steps that the caller may take."""
    demand(who, "read_attributes", state.network.city.code)
    return Answer(view_order(known.whole.store, state, order, who))


@router.post("/cities/{city}/orders/{order}/reports")
def report(state: State, known: Known, who: Caller, city: str, order: str, given: Told) -> Answer:
    """File what was done; a device may send what it wrote without a network, once or again."""
    demand(who, "read_attributes", city)
    facts = given.model_dump()
    facts |= {name: tuple(facts[name]) for name in ("before", "after", "place")}
    asked = Report(**facts)
    report_and_ring(known.whole.store, city, order, asked, person=who)
    return Answer(view_order(known.whole.store, state, order, who), 201)


@router.post("/cities/{city}/orders/{order}/problems")
def finding(state: State, known: Known, who: Caller, order: str, given: Found) -> Answer:
    """File a fault of the checklist as a problem of one of the order's assets."""
    demand(who, "read_attributes", state.network.city.code)
    asked = (order, given.item, given.asset, given.what)
    whole = known.whole.state(state.network.city.code)  # the order names what its crew may not see
    return Answer(file_finding(known.whole.store, whole, *asked, person=who), 201)
