"""Consultation: drafts sent round, opinions, what became of them."""

from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller, Known, On, State, day_in
from wenqu.api.errors import language_of
from wenqu.api.receiving import content_of
from wenqu.records.opinion import Consultation, OpinionAnswer
from wenqu.services.attachments import LARGEST
from wenqu.services.consult import (
    Said,
    answer_opinion,
    drop_row,
    give_opinion,
    open_consultation,
    step_consultation,
)
from wenqu.services.deliver_documents import opinions_file
from wenqu.services.rights import demand
from wenqu.services.take_in_opinions import take_in_opinions
from wenqu.services.view_consultations import view_consultation, view_consultations

router = APIRouter(tags=["documents"])
Name = Annotated[str, Field(max_length=200)]
Text = Annotated[str, Field(max_length=5000)]
Day = Annotated[str, Field(pattern=r"^(\d{4}-\d\d-\d\d)?$")]
READ = "read_attributes"


class Opened(BaseModel):
    """A round as it is opened."""

    version: Annotated[int, Field(ge=1)]
    due: Day
    asked: Annotated[list[Name], Field(max_length=200)]
    note: Text = ""


class Told(BaseModel):
    """An opinion."""

    body: Name
    text: Text = ""
    none: bool = False
    date: Day = ""
    clause: Name = ""
    seat: Name = ""
    mends: Name = ""


class Decided(BaseModel):
    """What is decided about an opinion."""

    opinion: Name
    verdict: Name
    why: Text = ""
    change: Text = ""


class Moved(BaseModel):
    """A later last day, or the end of a round."""

    step: Name
    due: Day = ""
    note: Text = ""


class Dropped(BaseModel):
    """A row of a table that is dropped."""

    row: Name
    why: Text = ""


@router.get("/cities/{city}/consultations")
def rounds(state: State, known: Known, who: Caller, on: On = None) -> Answer:
    """Return the rounds of consultation that the caller may know of, the open ones first."""
    demand(who, READ, state.network.city.code)
    return Answer(view_consultations(known.whole.store, state, who, day_in(on)))


@router.post("/cities/{city}/official/{document}/consultations")
def send_round(known: Known, who: Caller, city: str, document: str, given: Opened) -> Answer:
    """Send a version of a document round until a day."""
    demand(who, READ, city)
    asked = Consultation("", document, given.version, given.due, tuple(given.asked), given.note)
    return Answer({"id": open_consultation(known.whole.store, city, asked, person=who).id}, 201)


@router.get("/cities/{city}/consultations/{consultation}")
def one(state: State, known: Known, who: Caller, consultation: str, on: On = None) -> Answer:
    """Return one round: opinions that the caller may read, what was decided, rows that wait."""
    demand(who, READ, state.network.city.code)
    return Answer(view_consultation(known.whole.store, state, consultation, who, day_in(on)))


@router.post("/cities/{city}/consultations/{consultation}/opinions")
def give(known: Known, who: Caller, city: str, consultation: str, given: Told) -> Answer:
    """Give an opinion, or say that there is none."""
    demand(who, READ, city)
    said = Said(**given.model_dump())
    return Answer({"id": give_opinion(known.whole.store, city, consultation, said, person=who).id}, 201)


@router.post("/cities/{city}/consultations/{consultation}/answers")
def decide(known: Known, who: Caller, city: str, consultation: str, given: Decided) -> Answer:
    """Decide about an opinion: adopted, partly, not, and why."""
    demand(who, READ, city)
    answer = OpinionAnswer("", **given.model_dump())
    made = answer_opinion(known.whole.store, city, consultation, answer, person=who)
    return Answer({"id": made.id}, 201)


@router.post("/cities/{city}/consultations/{consultation}/table")
async def take_in(
    request: Request, known: Known, who: Caller, city: str, consultation: str, name: str
) -> Answer:
    """Take in a table of opinions (Excel, Word, CSV), the body: good rows are filed, bad ones wait."""
    demand(who, READ, city)
    content = await content_of(request, LARGEST)
    given = (known.whole.store, city, consultation, name, content)
    return Answer(await run_in_threadpool(take_in_opinions, *given, person=who), 201)


@router.post("/cities/{city}/consultations/{consultation}/dropped")
def drop(known: Known, who: Caller, city: str, consultation: str, given: Dropped) -> Answer:
    """Drop a waiting row of a table, with the reason."""
    demand(who, READ, city)
    drop_row(known.whole.store, city, consultation, given.row, given.why, person=who)
    return Answer({"row": given.row}, 201)


@router.post("/cities/{city}/consultations/{consultation}/steps")
def move(known: Known, who: Caller, city: str, consultation: str, given: Moved) -> Answer:
    """Move the last day of a round, or close it."""
    demand(who, READ, city)
    step_consultation(
        known.whole.store, city, consultation, given.step, person=who, due=given.due, note=given.note
    )
    return Answer({"id": consultation}, 201)


@router.get("/cities/{city}/consultations/{consultation}/table.{form}")
def table(
    request: Request, state: State, known: Known, who: Caller, consultation: str,
    form: Literal["xlsx", "docx", "pdf"], on: On = None,
) -> Response:  # fmt: skip
    """Return the table of opinions and what became of them as Excel, Word or PDF."""
    demand(who, "export", state.network.city.code)
    given = (known.whole.store, state, consultation, who, form, language_of(request), day_in(on))
    content, headers = opinions_file(*given)
    return Response(content, headers=headers)
