"""Official documents: the register, versions, approval steps, signatures, the register on paper."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller, Known, On, State, day_in
from wenqu.api.errors import language_of
from wenqu.api.receiving import content_of
from wenqu.records.official import MadeFrom, OfficialDocument
from wenqu.services.attachments import LARGEST
from wenqu.services.deliver_documents import register_file, sheet_file, version_file
from wenqu.services.file_document import Draft, begin_document, file_version, stored_draft
from wenqu.services.file_paper import file_paper
from wenqu.services.rights import demand
from wenqu.services.step_document import Asked, step_document
from wenqu.services.verify_documents import verify_documents
from wenqu.services.view_documents import Sought, view_document, view_documents

router = APIRouter(tags=["documents"])
Name = Annotated[str, Field(max_length=200)]
Text = Annotated[str, Field(max_length=2000)]
Seats = Annotated[list[Name], Field(max_length=100)]
AskedName = Annotated[str, Query(max_length=200)]
AskedText = Annotated[str, Query(max_length=2000)]
READ = "read_attributes"


class Begun(BaseModel):
    """A document as it is begun."""

    kind: Name
    title: Annotated[str, Field(max_length=300)]
    district: Name = ""
    subject: Name = ""
    countersigners: Seats = []
    body: Name = ""


class Stored(BaseModel):
    """A document that the store has made already, filed as a version."""

    name: Annotated[str, Field(max_length=400)]
    reason: Text


class Written(BaseModel):
    """A paper that the data write, filed as a version."""

    kind: Name
    subject: Annotated[str, Field(max_length=300)] = ""
    language: Literal["zh", "en"] = "zh"
    form: Literal["docx", "pdf", "xlsx"] = "docx"
    reason: Text


class Step(BaseModel):
    """A step as it is asked for."""

    step: Name
    version: Annotated[int, Field(ge=1)]
    note: Text = ""
    seat: Name = ""
    number: Annotated[str, Field(max_length=80)] = ""
    shelf: Annotated[str, Field(max_length=80)] = ""
    retention: Name = ""
    recipients: Seats = []
    id: Annotated[str, Field(max_length=64)] = ""
    seen: int = -1


def _sought(
    kind: AskedName = "", stands: AskedName = "", district: AskedName = "", text: AskedName = ""
) -> Sought:
    return Sought(kind, stands, district, text)


@router.get("/cities/{city}/official")
def register(  # noqa: PLR0913, PLR0917 what of the register
    state: State, known: Known, who: Caller, kind: AskedName = "", stands: AskedName = "",
    district: AskedName = "", text: AskedName = "", on: On = None, *, mine: bool = False,
) -> Answer:  # fmt: skip
    """Return the register of official documents that the caller may see, newest first."""
    demand(who, READ, state.network.city.code)
    asked = Sought(kind, stands, district, text, mine)
    return Answer(view_documents(known.whole.store, state, who, asked, day_in(on)))


@router.post("/cities/{city}/official")
def begin(known: Known, who: Caller, city: str, given: Begun) -> Answer:
    """Begin an official document."""
    demand(who, READ, city)
    facts = given.model_dump(exclude={"countersigners"})
    asked = OfficialDocument("", **facts, countersigners=tuple(given.countersigners))
    return Answer({"id": begin_document(known.whole.store, city, asked, person=who).id}, 201)


@router.get("/cities/{city}/official/list.{form}")
def listed(  # noqa: PLR0913, PLR0917 what of the register, in which form
    request: Request, state: State, known: Known, who: Caller, form: Literal["xlsx", "docx", "pdf"],
    kind: AskedName = "", stands: AskedName = "", district: AskedName = "", text: AskedName = "",
    on: On = None,
) -> Response:  # fmt: skip
    """Return the register as Excel, Word or PDF, in the official layout."""
    demand(who, "export", state.network.city.code)
    asked = _sought(kind, stands, district, text)
    given = (known.whole.store, state, who, asked, form, language_of(request), day_in(on))
    content, headers = register_file(*given)
    return Response(content, headers=headers)


@router.get("/cities/{city}/official/check")
def check(known: Known, who: Caller, city: str, document: AskedName = "") -> Answer:
    """Prove every version that the caller may see: its content, its signatures, their chain."""
    demand(who, READ, city)
    return Answer(verify_documents(known.whole.store, city, who, document))


@router.get("/cities/{city}/official/{document}")
def one(state: State, known: Known, who: Caller, document: str, on: On = None) -> Answer:
    """Return one document: its versions, steps, signatures, and the steps that the caller may take."""
    demand(who, READ, state.network.city.code)
    return Answer(view_document(known.whole.store, state, document, who, day_in(on)))


@router.post("/cities/{city}/official/{document}/versions")
async def upload(  # noqa: PLR0913, PLR0917 what, of what, why, from what
    request: Request, known: Known, who: Caller, city: str, document: str, name: str, reason: AskedText,
    said: AskedText = "",
) -> Answer:  # fmt: skip
    """File a version; the body is the file, ``said`` what its author says about the data behind it."""
    demand(who, READ, city)
    content = await content_of(request, LARGEST)
    draft = Draft(name, content, reason, MadeFrom(said=said))
    given = (known.whole.store, city, document, draft)
    life = await run_in_threadpool(file_version, *given, person=who)
    return Answer({"version": life.versions[-1].version.number}, 201)


@router.post("/cities/{city}/official/{document}/stored")
def stored(known: Known, who: Caller, city: str, document: str, given: Stored) -> Answer:
    """File a document that the store has made already as a version, with the data state it was made from."""
    demand(who, READ, city)
    store = known.whole.store
    draft = stored_draft(known.store, store, city, given.name, given.reason)
    life = file_version(store, city, document, draft, person=who)
    return Answer({"version": life.versions[-1].version.number}, 201)


@router.post("/cities/{city}/official/{document}/papers")
def paper(state: State, known: Known, who: Caller, document: str, given: Written) -> Answer:
    """Make a paper of what the caller may see and file it as a version, with the figures in it."""
    demand(who, READ, state.network.city.code)
    life = file_paper(known, state, document, **given.model_dump(), person=who)
    return Answer({"version": life.versions[-1].version.number}, 201)


@router.post("/cities/{city}/official/{document}/steps")
def step(known: Known, who: Caller, city: str, document: str, given: Step) -> Answer:
    """Take a version one step further; the caller signs its hash."""
    demand(who, READ, city)
    facts = given.model_dump() | {"recipients": tuple(given.recipients)}
    step_document(known.whole.store, city, document, Asked(**facts), person=who)
    return Answer(view_document(known.whole.store, known.whole.state(city), document, who), 201)


@router.get("/cities/{city}/official/{document}/versions/{number}/file")
def file(state: State, known: Known, who: Caller, document: str, number: int) -> Response:
    """Return the file of one version; one that was changed behind the store's back is refused."""
    demand(who, READ, state.network.city.code)
    content, headers = version_file(known.whole.store, state, document, number, who)
    return Response(content, headers=headers)


@router.get("/cities/{city}/official/{document}/sheet")
def sheet(state: State, known: Known, who: Caller, document: str) -> Response:
    """Return versions, steps and signatures as one signed file that can be proved without the store."""
    demand(who, READ, state.network.city.code)
    content, headers = sheet_file(known.whole.store, state, document, who)
    return Response(content, headers=headers)
