"""What was seen of the sewers from within, and how does it come in?"""

from contextlib import suppress
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Depends, Query, Request, Response
from fastapi.responses import FileResponse
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller, Known, State
from wenqu.api.census_asked import Bringer, Running
from wenqu.api.errors import language_of
from wenqu.api.receiving import received
from wenqu.services.inspection_deliveries import InspectionDeliveries, inspection_deliveries
from wenqu.services.inspection_grades import drawing_of
from wenqu.services.inspection_media import media_headers, media_path, source_path
from wenqu.services.part_import import brings_all
from wenqu.services.report_inspections import MEDIA, inspections_file
from wenqu.services.rights import demand
from wenqu.services.score_differences import score_differences
from wenqu.services.seen_inspections import handed_inspections, inspection_of, survey_of
from wenqu.services.survey_coverage import coverage
from wenqu.services.take_in_inspections import begin_job
from wenqu.services.view_inspection_delivery import delivery_page
from wenqu.services.view_inspections import (
    Asked,
    list_inspections,
    show_inspection,
)
from wenqu.services.withdraw_inspection import withdraw_inspection

router = APIRouter(tags=["inspections"])
Id = Annotated[str, Query(alias="id", description="id of the inspection")]
Ids = Annotated[list[str] | None, Query(alias="id", description="ids of inspections; none for all")]
MEGABYTES = 8192


def films_of(request: Request) -> str:
    """Return where films lie that are not handed in."""
    return str(getattr(request.app.state, "films", ""))


def kept_of(request: Request, city: str, who: Caller, known: Bringer) -> InspectionDeliveries:
    """Return the deliveries of inspections beside the store: all, or to those who bring a part their own."""
    most = int(getattr(request.app.state, "inspection_mb", MEGABYTES))
    return inspection_deliveries(known.whole.store, most, "" if brings_all(who, city) else who.account)


Kept = Annotated[InspectionDeliveries, Depends(kept_of)]
Films = Annotated[str, Depends(films_of)]


@router.get("/cities/{city}/inspections")
def inspections(  # noqa: PLR0913, PLR0917 the filters of a list
    known: Known,
    state: State,
    city: str,
    who: Caller,
    text: str = "",
    method: str = "",
    asset: str = "",
    first: Annotated[int, Query(ge=0)] = 0,
    most: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> Answer:
    """Return a page of the inspections, newest first."""
    demand(who, "read_attributes", city)
    return Answer(list_inspections(known.store, state, Asked(text, method, asset, first, most)))


@router.get("/cities/{city}/inspections/one")
def inspection(
    request: Request, known: Known, state: State, city: str, who: Caller, id_: Id, films: Films
) -> Answer:
    """Return one inspection: observations on the pipe's axis, pictures and films, the grade step by step."""
    demand(who, "read_attributes", city)
    return Answer(show_inspection(known.store, state, id_, language_of(request), films))


@router.post("/cities/{city}/inspections/withdraw")
def withdraw(
    known: Known, city: str, who: Caller, id_: Id, asked: Annotated[dict[str, Any], Body()]
) -> Answer:
    """Take an inspection out of what counts, with its reason (``why``); ``back`` lets it count again."""
    why, back = str(asked.get("why", "")), bool(asked.get("back"))
    return Answer(withdraw_inspection(known.whole.store, city, id_, person=who, why=why, back=back))


@router.get("/cities/{city}/inspections/media")
def media(known: Known, state: State, city: str, who: Caller, id_: Id, name: str, films: Films) -> Response:
    """Return a picture or film; a film in pieces, as the player asks (HTTP ranges)."""
    demand(who, "read_attributes", city)
    handed = handed_inspections(known.store, state).get(id_, [])
    path, kind = media_path(known.store, state, id_, name, handed, films)
    return FileResponse(path, media_type=kind, headers=media_headers(name, kind))


@router.get("/cities/{city}/inspections/source")
def source(known: Known, state: State, city: str, who: Caller, id_: Id, delivery: str) -> Response:
    """Return the report in which an inspection came, as it came."""
    demand(who, "read_attributes", city)
    handed = handed_inspections(known.store, state).get(id_, [])
    path = source_path(known.store, state, id_, delivery, handed)
    name = next(one.file for one in handed if one.delivery == delivery)
    return FileResponse(path, headers=media_headers(name, "application/octet-stream"))


@router.get("/cities/{city}/inspections/drawing")
def drawing(request: Request, known: Known, state: State, city: str, who: Caller, id_: Id) -> Response:
    """Return the pipe of an inspection with its defects, to scale (SVG)."""
    demand(who, "read_attributes", city)
    survey = survey_of(known.store, state, inspection_of(known.store, state, id_))
    return Response(drawing_of(known.store, state, survey, language_of(request)), media_type="image/svg+xml")


@router.get("/cities/{city}/inspections/report.{form}")
def report(  # noqa: PLR0913, PLR0917 - each is a part of the address
    request: Request, known: Known, state: State, city: str, who: Caller, form: Literal["docx", "xlsx"],
    ids: Ids = None, text: str = "", scores: Literal["ours", "stated"] = "ours",
) -> Response:  # fmt: skip
    """Return inspections as the annex tables of CJJ 181, the evaluation as reckoned here or as stated."""
    demand(who, "export", city)
    made = inspections_file(
        known.store,
        state,
        form,
        language_of(request),
        ids=ids or (),
        text=text,
        as_stated=scores == "stated",
    )
    headers = {"Content-Disposition": f'attachment; filename="inspections.{form}"'}
    return Response(made, media_type=MEDIA[form], headers=headers)


@router.get("/cities/{city}/inspections/differences")
def differences(request: Request, known: Known, state: State, city: str, who: Caller) -> Answer:
    """Return every score of a contractor that we reckon otherwise, by pipe and cause."""
    demand(who, "read_attributes", city)
    return Answer(score_differences(known.store, state, language_of(request)))


@router.get("/cities/{city}/inspections/coverage")
def covered(known: Known, state: State, city: str, who: Caller, since: str = "") -> Answer:
    """Return by district how much of the sewers was seen; ``since`` a day."""
    demand(who, "read_attributes", city)
    return Answer(coverage(known.store, state, since))


@router.post("/cities/{city}/inspections/deliveries")
def begin(kept: Kept, city: str, who: Caller, size: Annotated[int, Query(ge=0)] = 0) -> Answer:
    """Open a delivery for files that come one by one; ``size`` of all, refused where there is no room."""
    return Answer(kept.begin(city, who.account, size), 201)


@router.get("/cities/{city}/inspections/deliveries")
def deliveries(request: Request, kept: Kept, city: str) -> Answer:
    """Return the deliveries of inspections of a city, newest first."""
    return Answer([delivery_page(one, language_of(request), short=True) for one in kept.known(city)])


@router.get("/cities/{city}/inspections/deliveries/{delivery}")
def delivery(request: Request, kept: Kept, city: str, delivery: str) -> Answer:
    """Return one delivery: its files, what it would bring, what became of it."""
    return Answer(delivery_page(kept.delivery(city, delivery), language_of(request)))


@router.post("/cities/{city}/inspections/deliveries/{delivery}/files")
async def put(request: Request, kept: Kept, city: str, delivery: str, name: str) -> Answer:
    """Put a file into a delivery: the body is the file, written as it comes; ``name`` with its folders."""
    one = await run_in_threadpool(kept.delivery, city, delivery)
    size = int(request.headers.get("content-length") or 0)
    with suppress(ClientDisconnect):  # nobody is there to be answered, and nothing was kept
        await received(request.stream(), lambda: kept.incoming(one, name, size))
    return Answer({"name": name})


@router.post("/cities/{city}/inspections/deliveries/{delivery}/check")
def check(known: Bringer, kept: Kept, running: Running, city: str, delivery: str, who: Caller) -> Answer:
    """Start the check as a job: read, match, and say what would come."""
    one = kept.counted(kept.delivery(city, delivery))
    return Answer(begin_job(running, known.whole.store, one, "check", who, kept.most), 202)


@router.post("/cities/{city}/inspections/deliveries/{delivery}/accept")
def accept(
    known: Bringer,
    kept: Kept,
    running: Running,
    city: str,
    delivery: str,
    who: Caller,
    asked: Annotated[dict[str, Any], Body()],
) -> Answer:
    """Start the acceptance as a job: one change, or nothing; then what has changed is graded."""
    one, why = kept.delivery(city, delivery), str(asked.get("why", "")).strip() or "inspections"
    return Answer(begin_job(running, known.whole.store, one, "accept", who, kept.most, why), 202)


@router.post("/cities/{city}/inspections/deliveries/{delivery}/drop")
def drop(kept: Kept, city: str, delivery: str) -> Answer:
    """Forget a delivery and its files; what was accepted of it stays in the city."""
    kept.drop(kept.delivery(city, delivery))
    return Answer({"dropped": delivery})
