"""The schedule of the programme: lots, crews, critical chain, what a delay leads to, files to take away."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from wenqu.api.answers import Answer
from wenqu.api.asked import AsOf, Caller, Known
from wenqu.api.errors import language_of
from wenqu.services.export_schedule import schedule_file
from wenqu.services.rights import demand
from wenqu.services.slip_schedule import LONGEST, Late, file_delay, take_back_delay, view_slip
from wenqu.services.view_schedule import view_schedule

router = APIRouter(tags=["plan"])
Name = Annotated[str, Field(min_length=1, max_length=200)]
Text = Annotated[str, Field(max_length=2000)]
Days = Annotated[int, Query(ge=1, le=LONGEST, description="calendar days by which the step is over later")]
Format = Literal["xlsx", "csv", "ics", "xml"]


class Delay(BaseModel):
    """A step that is late, and why."""

    lot: Name
    step: Name
    days: Annotated[int, Field(ge=1, le=LONGEST)]
    reason: Text


class Again(BaseModel):
    """A delay that does not hold any more, and why."""

    lot: Name
    step: Name
    reason: Text


@router.get("/cities/{city}/schedule")
def schedule(known: Known, who: Caller, city: str, as_of: AsOf = None) -> Answer:
    """Return when each lot of the programme is prepared, built, tested and accepted, by which crew."""
    return Answer(view_schedule(known, city, who, as_of.isoformat() if as_of else ""))


@router.get("/cities/{city}/schedule/slip")
def slip(known: Known, who: Caller, city: str, lot: str, step: str, days: Days, as_of: AsOf = None) -> Answer:
    """Return what moves and what is missed when a step of a lot is late; nothing is stored."""
    return Answer(view_slip(known, city, who, Late(lot, step, days), as_of.isoformat() if as_of else ""))


@router.get("/cities/{city}/schedule/file")
def file(
    known: Known, who: Caller, city: str, request: Request, form: Format, as_of: AsOf = None
) -> Response:
    """Return the schedule as a workbook, a table, a calendar (iCalendar) or a project (MS Project XML)."""
    demand(who, "export", city)
    made = schedule_file(known, city, who, form, language_of(request), as_of.isoformat() if as_of else "")
    named = {"Content-Disposition": f'attachment; filename="schedule.{form}"'}
    return Response(made.body, media_type=made.media, headers=named)


@router.post("/cities/{city}/schedule/delays")
def delay(known: Known, who: Caller, city: str, given: Delay) -> Answer:
    """Store that a step is late: every schedule from now on counts with it."""
    demand(who, "decide", city)
    late = Late(given.lot, given.step, given.days)
    made = file_delay(known.whole.store, known.whole.state(city), late, person=who, reason=given.reason)
    return Answer(made, 201)


@router.post("/cities/{city}/schedule/delays/back")
def delay_back(known: Known, who: Caller, city: str, given: Again) -> Answer:
    """Take a delay back."""
    demand(who, "decide", city)
    made = take_back_delay(
        known.whole.store, known.whole.state(city), given.lot, given.step, person=who, reason=given.reason
    )
    return Answer(made, 201)
