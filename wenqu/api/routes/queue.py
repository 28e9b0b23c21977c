"""What waits to be mended, and what becomes of it?"""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller
from wenqu.api.census_asked import Bringer
from wenqu.api.errors import language_of
from wenqu.services.decide_queue import decide
from wenqu.services.rewrite_queue import rewrite, rewriting_form
from wenqu.services.view_queue import drawn_row, queue_page
from wenqu.store.waiting import Sought

router = APIRouter(tags=["queue"])


@router.get("/cities/{city}/queue")
def queue(  # noqa: PLR0913, PLR0917 the filters of a list
    request: Request,
    known: Bringer,
    city: str,
    state: str = "open",
    rule: str = "",
    type: str = "",  # noqa: A002 - its public name
    inside: bool | None = None,
    text: str = "",
    first: Annotated[int, Query(ge=0)] = 0,
    most: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Answer:
    """Return the counts by rule and a page of rows, each with its proposals in words."""
    sought = Sought(state, rule, type, inside, text)
    return Answer(queue_page(known.store, known.state(city), sought, first, most, language_of(request)))


@router.get("/cities/{city}/queue/{row}/drawing")
def drawing(known: Bringer, city: str, row: int, repair: str = "") -> Answer:
    """Return the drawing of a row as it came and as a repair would leave it."""
    return Answer(drawn_row(known.store, known.state(city), row, repair))


@router.get("/cities/{city}/queue/{row}/form")
def form(known: Bringer, city: str, row: int) -> Answer:
    """Return the form of a row that a person corrects by hand."""
    return Answer(rewriting_form(known.store, known.whole.state(city), row))


@router.post("/cities/{city}/queue/{row}/rewrite")
def rewrite_by_hand(
    known: Bringer, city: str, row: int, who: Caller, asked: Annotated[dict[str, Any], Body()]
) -> Answer:
    """Let a row in as a person wrote it: ``id``, ``fields``, ``shape`` in degrees, ``why``."""
    return Answer(rewrite(known, city, row, asked, who))


@router.post("/cities/{city}/queue/decisions")
def decisions(known: Bringer, city: str, who: Caller, asked: Annotated[dict[str, Any], Body()]) -> Answer:
    """Repair, dismiss, confirm or rewrite rows (``ids``, or all of a ``rule``) as one change."""
    return Answer(decide(known, city, asked, who))
