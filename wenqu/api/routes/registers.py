"""What stands in the registers, and how is it changed?"""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Body, Depends, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller, Known, State
from wenqu.api.errors import language_of
from wenqu.api.pages import PageRoute
from wenqu.api.receiving import content_of
from wenqu.services.attachments import LARGEST
from wenqu.services.describe_registers import describe_registers
from wenqu.services.edit_register import edit_found, edit_rows
from wenqu.services.kept_views import drop_view, keep_view, views_of
from wenqu.services.list_register import Asked, asked_of, list_register
from wenqu.services.note_pull import Taken, note
from wenqu.services.register_files import MEDIA, export_register, template
from wenqu.services.register_form import report_row
from wenqu.services.register_rows import file_of, form_of, history_of, keep_file
from wenqu.services.rights import demand
from wenqu.services.take_rows import take_rows
from wenqu.services.told_losses import register_losses
from wenqu.services.undo_change import undo_change

router = APIRouter(tags=["registers"])
pages = APIRouter(route_class=PageRoute)
Id = Annotated[str, Query(alias="id", description="id of the asset")]
Why = Annotated[str, Body(min_length=1, max_length=2000)]
Rows = Annotated[list[dict[str, Any]], Body(max_length=10_000)]


async def asked(  # noqa: PLR0913, PLR0917 what the address names
    request: Request,
    city: str,
    who: Caller,
    where: str = "",
    sort: str = "",
    columns: str = "",
    group: str = "",
    offset: int = 0,
    limit: int = 50,
    ids: Annotated[str, Query(description="only these assets, set apart by commas; @ and a selection")] = "",
) -> Asked:
    """Return what an address asks of a register."""
    if ids.startswith("@"):
        chosen = request.app.state.selections.of(city, who.account, ids[1:])
        ids = ",".join(id_ for some in chosen.ids.values() for id_ in some) or ids
    return asked_of(where, sort, columns, group, offset, limit, ids)


Question = Annotated[Asked, Depends(asked)]


@router.get("/cities/{city}/registers")
def registers(known: Known, state: State, city: str, who: Caller) -> Answer:
    """Return every register with its columns and counts."""
    demand(who, "read_attributes", city)
    return Answer(describe_registers(known.store, state))


@pages.get("/cities/{city}/registers/{register}")
def rows(known: Known, state: State, city: str, register: str, what: Question, who: Caller) -> Answer:
    """Return a page of a register, column by column, with totals and groups."""
    demand(who, "read_attributes", city)
    return Answer(list_register(known.store, state, register, what))


router.include_router(pages)


@router.get("/cities/{city}/registers/{register}/file/{kind}")
def file(  # noqa: PLR0913, PLR0917 what the address names
    known: Known,
    state: State,
    city: str,
    register: str,
    kind: str,
    what: Question,
    who: Caller,
    request: Request,
) -> Response:
    """Return what is listed as CSV, XLSX, GeoPackage or GeoJSON."""
    demand(who, "export", city)
    made = export_register(known.store, state, register, what, kind, language_of(request))
    note(known, who, city, Taken(register, kind, made.rows))
    return _download(made.content, MEDIA[kind], f"{city}-{register}.{kind}")


@router.get("/cities/{city}/registers/{register}/file/{kind}/losses")
def not_in_file(
    known: Known, state: State, city: str, register: str, kind: str, what: Question, who: Caller
) -> Answer:
    """Return what such a file would not give back, to be told before it is taken."""
    demand(who, "export", city)
    return Answer(register_losses(known.store, state, register, what, kind))


@router.get("/cities/{city}/registers/{register}/template")
def empty(city: str, register: str, who: Caller, request: Request) -> Response:
    """Return the empty sheet of a register, to be filled in and imported."""
    demand(who, "read_attributes", city)
    return _download(template(register, language_of(request)), MEDIA["xlsx"], f"{register}.xlsx")


@router.get("/cities/{city}/registers/{register}/form")
def form(known: Known, state: State, city: str, register: str, who: Caller, id_: Id = "") -> Answer:
    """Return the form of one asset; without an id that of a new one."""
    demand(who, "read_attributes", city)
    return Answer(form_of(known.store, state, register, id_))


@router.get("/cities/{city}/registers/{register}/history")
def history(known: Known, state: State, city: str, register: str, who: Caller, id_: Id) -> Answer:
    """Return every version of an asset with what it changed."""
    demand(who, "read_attributes", city)
    return Answer(history_of(known.store, state, register, id_))


@router.get("/cities/{city}/registers/{register}/views")
def views(known: Known, city: str, register: str, who: Caller) -> Answer:
    """Return the views of a register that the caller kept, by name."""
    return Answer(views_of(known.store, who, city, register))


@router.post("/cities/{city}/registers/{register}/views")
def keep_one(
    known: Known,
    city: str,
    register: str,
    who: Caller,
    name: Annotated[str, Body()],
    view: Annotated[dict[str, str], Body()],
) -> Answer:
    """Keep a view of a register under a name: filter, sort, columns, group."""
    return Answer(keep_view(known.store, who, city, register, name, view))


@router.delete("/cities/{city}/registers/{register}/views")
def drop_one(known: Known, city: str, register: str, who: Caller, name: str) -> Answer:
    """Let a view go."""
    return Answer(drop_view(known.store, who, city, register, name))


@router.post("/cities/{city}/registers/{register}/edits")
def edits(  # noqa: PLR0913, PLR0917 what is written, why, and how conflicts are settled
    known: Known,
    state: State,
    register: str,
    who: Caller,
    rows: Rows,
    why: Why,
    settle: Annotated[list[dict[str, str]], Body()] = [],  # noqa: B006 - FastAPI copies it
    preview: Annotated[bool, Body()] = False,
) -> Answer:
    """Write the rows of a form as one change, or say what keeps them from being written."""
    made = edit_rows(known.store, state, register, rows, person=who, why=why, settle=settle, preview=preview)
    return Answer(report_row(made))


@router.post("/cities/{city}/registers/{register}/bulk")
def bulk(  # noqa: PLR0913, PLR0917 which rows, what is written, why
    known: Known,
    state: State,
    register: str,
    what: Question,
    who: Caller,
    values: Annotated[dict[str, Any], Body()],
    why: Why,
    preview: Annotated[bool, Body()] = True,
) -> Answer:
    """Give all that is found the same values; by default only say what would change."""
    made = edit_found(known.store, state, register, what, values, person=who, why=why, preview=preview)
    return Answer(report_row(made))


@router.post("/cities/{city}/changes/{number}/undo")
def undo(known: Known, city: str, number: int, who: Caller, why: Annotated[str, Body(embed=True)]) -> Answer:
    """Take a change of assets back, as a change of its own."""
    now = known.state(city).network
    return Answer(report_row(undo_change(known.store, city, number, person=who, why=why, before=now)))


@router.get("/cities/{city}/registers/{register}/attachment")
def attachment(
    known: Known, state: State, city: str, register: str, who: Caller, id_: Id, name: str
) -> Response:
    """Return one file of a row."""
    demand(who, "read_attributes", city)
    content, headers = file_of(known.store, state, register, id_, name, person=who)
    return Response(content, headers=headers)


@router.post("/cities/{city}/registers/{register}/attachment")
async def keep(
    request: Request, known: Known, state: State, register: str, who: Caller, id_: Id, name: str
) -> Answer:
    """Keep a file with a row; the body is the file."""
    content = await content_of(request, LARGEST)
    kept = await run_in_threadpool(keep_file, known.store, state, register, id_, (name, content), person=who)
    return Answer({"document": kept})


@router.post("/cities/{city}/registers/{register}/rows")
async def rows_in(  # noqa: PLR0913, PLR0917 what the address names
    request: Request,
    known: Known,
    state: State,
    register: str,
    who: Caller,
    name: str,
    why: str = "",
    preview: bool = False,
) -> Answer:
    """Take the rows of a filled template into a register of statements; the body is the file."""
    content = await content_of(request, LARGEST)
    made = await run_in_threadpool(
        take_rows, known.store, state, register, name, content, person=who, why=why, preview=preview
    )
    return Answer({**report_row(made.report), "rows": made.rows, "numbers": dict(made.numbers)})


def _download(content: bytes, media: str, name: str) -> Response:
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type=media, headers=headers)
