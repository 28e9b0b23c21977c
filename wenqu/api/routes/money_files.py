"""Money as files: for finance, brought in, and the rows that could not be; unit costs and proposed prices."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller, Known
from wenqu.api.errors import language_of
from wenqu.api.receiving import content_of
from wenqu.api.routes.projects import District, Works
from wenqu.services.attachments import LARGEST
from wenqu.services.decide_price import decide_price
from wenqu.services.export_backward import MEDIA
from wenqu.services.export_money import money_csv, money_template, money_xlsx
from wenqu.services.rights import demand
from wenqu.services.take_money import drop_row, settle_row, take_money
from wenqu.services.unit_costs import view_unit_costs

router = APIRouter(tags=["money"])
TableName = Literal["funds", "contracts", "variations", "payments"]
Told = Literal["funds", "contracts", "variations", "payments", "budget"]
FileName = Annotated[str, Query(max_length=200, description="name of the file, with its ending")]
Text = Annotated[str, Field(max_length=2000)]


class Settled(BaseModel):
    """A kept row is filed after all, with cells put right where they are given."""

    cells: dict[Annotated[str, Field(max_length=40)], Text] | None = None
    why: Text = ""


class Dropped(BaseModel):
    """A kept row is not filed, and why."""

    why: Text


class Decided(BaseModel):
    """A proposed price is taken into the price table, or not."""

    verdict: Literal["approved", "rejected"]
    factor: float
    reason: Text


@router.get("/cities/{city}/money/workbook")
def workbook(works: Works, request: Request, city: str, district: District = "") -> Response:
    """Return the money as an Excel workbook: sums are formulas, each held against the service."""
    demand(works.person, "export", city)
    content = money_xlsx(works.store, works.state, works.person, language_of(request), district)
    return Response(content, media_type=MEDIA)


@router.get("/cities/{city}/money/tables/{table}")
def table_csv(works: Works, request: Request, city: str, table: Told, district: District = "") -> Response:
    """Return one table of money as CSV."""
    demand(works.person, "export", city)
    given = (works.store, works.state, works.person, language_of(request))
    return Response(money_csv(*given, table, district), media_type="text/csv; charset=utf-8")


@router.get("/cities/{city}/money/templates/{table}")
def template(who: Caller, request: Request, city: str, table: TableName) -> Response:
    """Return an empty workbook with the headings that money is brought in with."""
    demand(who, "decide", city)
    return Response(money_template(table, language_of(request)), media_type=MEDIA)


@router.post("/cities/{city}/money/imports/{table}")
async def take(
    request: Request, known: Known, who: Caller, city: str, table: TableName, name: FileName
) -> Answer:
    """File the rows of a workbook or CSV; rows that cannot be filed are kept with the reason."""
    demand(who, "decide", city)
    content = await content_of(request, LARGEST)
    given = (known.whole.store, city, table, name, content)
    made = await run_in_threadpool(take_money, *given, person=who)
    language = language_of(request)
    rows = [{"id": one.id, "row": one.row, "says": getattr(one, language)} for one in made.refused]
    return Answer({"filed": made.filed, "known": made.known, "refused": rows}, 201)


@router.post("/cities/{city}/money/refused/{row}/settled")
def settle(known: Known, who: Caller, city: str, row: str, given: Settled) -> Answer:
    """File a kept row after all."""
    demand(who, "decide", city)
    made = settle_row(known.whole.store, city, row, person=who, why=given.why, cells=given.cells)
    return Answer({"id": made}, 201)


@router.post("/cities/{city}/money/refused/{row}/dropped")
def drop(known: Known, who: Caller, city: str, row: str, given: Dropped) -> Answer:
    """Say of a kept row that it will not be filed, and why; it stays on record."""
    demand(who, "decide", city)
    drop_row(known.whole.store, city, row, person=who, why=given.why)
    return Answer({"id": row}, 201)


@router.get("/cities/{city}/money/costs")
def costs(works: Works, district: District = "") -> Answer:
    """Return unit costs by method, diameter and contractor with intervals, and the prices they propose."""
    return Answer(view_unit_costs(works.store, works.state, works.person, district))


@router.post("/cities/{city}/money/costs/{method}/decisions")
def decide(known: Known, who: Caller, city: str, method: str, given: Decided) -> Answer:
    """Take a proposed price into the city's price table, or not, with the reason."""
    demand(who, "decide", city)
    made = decide_price(
        known.whole.store, city, method, given.verdict, person=who, reason=given.reason, factor=given.factor
    )
    return Answer({"id": made.id, "now": made.now}, 201)
