"""What is to be inspected again, and which streets this year?"""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response, UploadFile

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller, Known, State
from wenqu.api.errors import language_of
from wenqu.services.due_sheets import due_sheet, plan_sheet
from wenqu.services.look_again import due_answer, keep_cycles
from wenqu.services.plan_looks import RATE, SETUP, Year, plan_answer
from wenqu.services.rights import demand
from wenqu.services.view_deterioration import deterioration_answer

router = APIRouter(tags=["inspection-cycles"])
Kind = Literal["structural", "functional"]
Days = Annotated[float, Query(ge=0, le=100_000, description="days of all crews together")]
Rate = Annotated[float, Query(gt=0, le=5000, description="length that a crew films in a day [m]")]
Setup = Annotated[float, Query(ge=0, le=10, description="days to set up before a stretch")]
District = Annotated[str, Query(max_length=200, description="id of a district; all when left out")]
Late = Annotated[bool, Query(description="what is overdue comes first")]
Reason = Annotated[str, Query(max_length=2000, description="why; kept with the table")]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def year(
    crew_days: Days = 60,
    kind: Kind = "structural",
    rate: Rate = RATE,
    setup: Setup = SETUP,
    overdue_first: Late = False,
) -> Year:
    """Return what a year is planned with."""
    return Year(crew_days, kind, rate, setup, overdue_first)


Asked = Annotated[Year, Depends(year)]


@router.get("/cities/{city}/inspection-cycles/due")
def due(state: State, known: Known, who: Caller, kind: Kind | None = None, district: District = "") -> Answer:
    """Return what is due, overdue and never inspected: lengths, districts, the longest overdue first."""
    demand(who, "read_attributes", state.network.city.code)
    return Answer(due_answer(known.store, state, kind or "", district))


@router.get("/cities/{city}/inspection-cycles/due.xlsx")
def due_file(state: State, known: Known, who: Caller, request: Request, kind: Kind | None = None) -> Response:
    """Return every conduit that is due as an Excel workbook."""
    demand(who, "export", state.network.city.code)
    return _sheet("inspections-due", due_sheet(known.store, state, kind or "", language_of(request)))


@router.get("/cities/{city}/inspection-cycles/plan")
def plan(state: State, known: Known, who: Caller, asked: Asked) -> Answer:
    """Return the stretches that a year's crew-days should see, with the bound that is proved."""
    demand(who, "read_attributes", state.network.city.code)
    return Answer(plan_answer(known.store, state, asked))


@router.get("/cities/{city}/inspection-cycles/plan.xlsx")
def plan_file(state: State, known: Known, who: Caller, request: Request, asked: Asked) -> Response:
    """Return the yearly plan as an Excel workbook, conduit by conduit."""
    demand(who, "export", state.network.city.code)
    return _sheet("inspection-plan", plan_sheet(known.store, state, asked, language_of(request)))


@router.get("/cities/{city}/inspection-cycles/deterioration")
def deterioration(state: State, known: Known, who: Caller) -> Answer:
    """Return how conduits get worse, how well that is known, and what each order would have found."""
    demand(who, "read_attributes", state.network.city.code)
    return Answer(deterioration_answer(known.store, state))


@router.put("/cities/{city}/inspection-cycles/table")
def table(known: Known, who: Caller, city: str, file: UploadFile, reason: Reason = "") -> Answer:
    """Keep the city's own table of cycles (CSV: kind, rule, low, high, …) with the reason."""
    demand(who, "decide", city)
    content = file.file.read(1 << 20)
    return Answer(keep_cycles(known.whole.store, city, content, person=who, reason=reason))


def _sheet(name: str, body: bytes) -> Response:
    named = {"Content-Disposition": f'attachment; filename="{name}.xlsx"'}
    return Response(body, media_type=XLSX, headers=named)
