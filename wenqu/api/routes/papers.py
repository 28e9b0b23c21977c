"""Papers that the data write: which there are, what one says, as a file, and what people wrote into it."""

from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller, Known, State
from wenqu.api.errors import language_of
from wenqu.services.edit_paper import edit_paper, words_history
from wenqu.services.papers import make_paper, paper_content, paper_told, papers_offered
from wenqu.services.rights import demand

router = APIRouter(tags=["documents"])
Subject = Annotated[str, Query(max_length=300, description="plant, district or month; empty: the whole city")]
Language = Annotated[
    Literal["", "zh", "en"], Query(description="of the paper; that of the request when left out")
]


class Written(BaseModel):
    """What somebody writes into a paper."""

    subject: Annotated[str, Field(max_length=300)] = ""
    language: Literal["zh", "en"]
    name: Annotated[str, Field(max_length=200)]
    text: Annotated[str, Field(max_length=20_000)]
    version: Annotated[int, Field(ge=0)]


@router.get("/cities/{city}/papers")
def offered(state: State, known: Known, who: Caller) -> Answer:
    """Return which papers can be made: kinds, plants with what they receive, districts."""
    demand(who, "read_attributes", state.network.city.code)
    return Answer(papers_offered(known.store, state, who))


@router.get("/cities/{city}/papers/{kind}")
def told(
    state: State,
    known: Known,
    who: Caller,
    request: Request,
    kind: str,
    subject: Subject = "",
    language: Language = "",
) -> Answer:
    """Return what a paper says: texts, tables, and every figure with what it was made from."""
    demand(who, "read_attributes", state.network.city.code)
    asked = (kind, subject, language or language_of(request))
    return Answer(paper_told(paper_content(known.store, state, *asked, whole=known.whole.store)))


@router.get("/cities/{city}/papers/{kind}/file.{form}")
def as_file(  # noqa: PLR0913, PLR0917 a paper is asked for by that much
    state: State,
    known: Known,
    who: Caller,
    request: Request,
    kind: str,
    form: Literal["docx", "pdf", "xlsx"],
    subject: Subject = "",
    language: Language = "",
) -> Response:
    """Return a paper as a Word, PDF or Excel file."""
    demand(who, "export", state.network.city.code)
    asked = (kind, subject, language or language_of(request), form)
    made = make_paper(known.store, state, *asked, whole=known.whole.store)
    named = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(made.name)}"}
    return Response(made.body, media_type=made.media, headers=named)


@router.post("/cities/{city}/papers/{kind}/words")
def write(state: State, known: Known, who: Caller, kind: str, given: Written) -> Answer:
    """Keep what somebody wrote into a paper; an empty text takes it back to the draft."""
    demand(who, "decide", state.network.city.code)
    made = edit_paper(known, state, kind, **given.model_dump(), person=who)
    return Answer({"id": made.id, "at": made.at}, 201)


@router.get("/cities/{city}/papers/{kind}/words")
def history(
    state: State,
    known: Known,
    who: Caller,
    kind: str,
    name: str,
    subject: Subject = "",
    language: Literal["zh", "en"] = "zh",
) -> Answer:
    """Return every version of one text of a paper, the last first."""
    demand(who, "read_attributes", state.network.city.code)
    return Answer({"rows": words_history(known.store, state, kind, subject, language, name)})
