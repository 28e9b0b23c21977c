"""Methods, prices and assumptions that a city plans its repairs with: seen, changed, taken back."""

from typing import Annotated, Literal

from fastapi import APIRouter, Response, UploadFile
from pydantic import BaseModel, Field

from wenqu.api.answers import Answer
from wenqu.api.asked import AsOf, Caller, Known
from wenqu.services.plan_assumptions import assumptions_told, keep_assumptions
from wenqu.services.price_book import (
    keep_prices,
    preview,
    prices_file,
    restore_prices,
    text_of,
    text_of_file,
)
from wenqu.services.rights import demand
from wenqu.services.view_prices import view_prices

router = APIRouter(tags=["plan"])
LARGEST = 4 << 20  # bytes of a file of prices
Reason = Annotated[str, Field(max_length=2000)]
Name = Annotated[str, Field(max_length=64)]
Cell = Annotated[str, Field(max_length=500)]
Rows = Annotated[list[dict[Name, Cell]], Field(max_length=300)]
MEDIA = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


class Table(BaseModel):
    """A price table, all of its rows."""

    rows: Rows


class Kept(Table):
    """A price table to keep, why, and which edition it was edited from."""

    reason: Reason
    base: Name = ""


class Why(BaseModel):
    """Why a former version is to hold again."""

    reason: Reason


class Assumed(Why):
    """A city's own values of assumptions, all of them."""

    own: Annotated[dict[Name, float], Field(max_length=50)]


@router.get("/cities/{city}/plan/prices")
def prices(known: Known, who: Caller, city: str, as_of: AsOf = None) -> Answer:
    """Return methods, prices and effects that hold, their versions, and what works have shown of them."""
    demand(who, "read_attributes", city)
    return Answer(view_prices(known.whole.store, city, who, as_of.isoformat() if as_of else None))


@router.get("/cities/{city}/plan/prices/table.{form}")
def table(known: Known, who: Caller, city: str, form: Literal["csv", "xlsx"], as_of: AsOf = None) -> Response:
    """Return the price table as a file to edit and give back."""
    demand(who, "export", city)
    body = prices_file(known.whole.store, city, form, as_of.isoformat() if as_of else None)
    named = {"Content-Disposition": f'attachment; filename="catalogue.{form}"'}
    return Response(body, media_type=MEDIA[form], headers=named)


@router.post("/cities/{city}/plan/prices/preview")
def try_rows(known: Known, who: Caller, city: str, given: Table) -> Answer:
    """Say what a table would change and what is wrong with it; nothing is kept."""
    demand(who, "decide", city)
    return Answer(preview(known.whole.store, city, text_of(given.rows)))


@router.post("/cities/{city}/plan/prices/file")
def try_file(known: Known, who: Caller, city: str, files: list[UploadFile]) -> Answer:
    """Read a table from a CSV file or a workbook, and say what it would change; nothing is kept."""
    demand(who, "decide", city)
    text = text_of_file(files[0].file.read(LARGEST), files[0].filename or "")
    return Answer(preview(known.whole.store, city, text))


@router.post("/cities/{city}/plan/prices")
def keep(known: Known, who: Caller, city: str, given: Kept) -> Answer:
    """Keep a price table as the city's, with the reason; every version before it stays."""
    demand(who, "decide", city)
    store, text = known.whole.store, text_of(given.rows)
    return Answer(keep_prices(store, city, text, person=who, reason=given.reason, base=given.base), 201)


@router.post("/cities/{city}/plan/prices/versions/{id_}")
def restore(known: Known, who: Caller, city: str, id_: str, given: Why) -> Answer:
    """Let a former version hold again ("default" for Wenqu's own)."""
    demand(who, "decide", city)
    return Answer(restore_prices(known.whole.store, city, id_, person=who, reason=given.reason), 201)


@router.get("/cities/{city}/plan/assumptions")
def assumptions(known: Known, who: Caller, city: str, as_of: AsOf = None) -> Answer:
    """Return the assumptions behind the options of the plan, with the city's own values."""
    demand(who, "read_attributes", city)
    moment = as_of.isoformat() if as_of else None
    return Answer(assumptions_told(known.whole.store, city, who, moment))


@router.post("/cities/{city}/plan/assumptions")
def assume(known: Known, who: Caller, city: str, given: Assumed) -> Answer:
    """Keep a city's own values with the reason; what is left out is Wenqu's again."""
    demand(who, "decide", city)
    made = keep_assumptions(known.whole.store, city, given.own, person=who, reason=given.reason)
    return Answer({"id": made}, 201)
