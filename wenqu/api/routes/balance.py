"""What came into a zone of the city, what left it, and what does nobody explain?"""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller, Known, State
from wenqu.api.errors import language_of
from wenqu.services.export_backward import MEDIA
from wenqu.services.export_balance import balance_workbook
from wenqu.services.rights import demand
from wenqu.services.view_balance import view_balance, view_zones

router = APIRouter(tags=["diagnosis"])
Of = Annotated[
    str, Query(max_length=200, description="city, or type and id: plant/…, station/…, meter/…, zone/…")
]
By = Literal["day", "month", "year", "all"]
Period = Annotated[str, Query(max_length=21, description="whose streams are told; the last when left out")]


@router.get("/cities/{city}/balance/zones")
def zones(state: State, known: Known, who: Caller) -> Answer:
    """Return the zones with their balance over the last year."""
    demand(who, "read_attributes", state.network.city.code)
    return Answer(view_zones(known, state))


@router.get("/cities/{city}/balance")
def balance(
    state: State, known: Known, who: Caller, of: Of = "city", by: By = "month", period: Period = ""
) -> Answer:
    """Return the balance of one zone by day, month, year or in all, with the streams of one period."""
    demand(who, "read_attributes", state.network.city.code)
    return Answer(view_balance(known, state, of, by=by, period=period))


@router.get("/cities/{city}/balance/workbook")
def balance_file(
    state: State, known: Known, who: Caller, request: Request, of: Of = "city", by: By = "month",
    period: Period = "",
) -> Response:  # fmt: skip
    """Return the balance of one zone as an Excel workbook."""
    demand(who, "export", state.network.city.code)
    made = view_balance(known, state, of, by=by, period=period)
    named = {"Content-Disposition": 'attachment; filename="balance.xlsx"'}
    return Response(balance_workbook(made, language_of(request)), media_type=MEDIA, headers=named)
