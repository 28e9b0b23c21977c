"""How do files become part of a city? Handed in, recognised, mapped, checked, accepted."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Request, UploadFile

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller
from wenqu.api.census_asked import Bringer, Kept, Running
from wenqu.api.errors import language_of
from wenqu.services.city_grid import grid_public
from wenqu.services.take_in import begin
from wenqu.services.view_delivery import delivery_page, lying, mapped_preview, recognised

router = APIRouter(tags=["deliveries"])
MEGABYTES = 2048


@router.post("/cities/{city}/deliveries")
def hand_in(request: Request, kept: Kept, city: str, who: Caller, files: list[UploadFile]) -> Answer:
    """Keep files (or a ZIP of them) beside the city; nothing is in the city yet."""
    most = getattr(request.app.state, "upload_mb", MEGABYTES) << 20
    made = kept.receive(city, who.account, ((one.filename or "", one.file) for one in files), most)
    return Answer(delivery_page(made, language_of(request)), 201)


@router.get("/cities/{city}/deliveries")
def deliveries(request: Request, kept: Kept, city: str) -> Answer:
    """Return the deliveries of a city, newest first."""
    return Answer([delivery_page(one, language_of(request), short=True) for one in kept.known(city)])


@router.get("/cities/{city}/own-grid")
def own_grid(known: Bringer, city: str) -> Answer:
    """Return the public system that the city's own grid leads to, "" where none is kept; no parameters."""
    return Answer({"public": grid_public(known.whole.store, city)})


@router.get("/cities/{city}/deliveries/{delivery}")
def delivery(request: Request, kept: Kept, city: str, delivery: str) -> Answer:
    """Return one delivery: its state, answers, the outcome of the check, what became of it."""
    return Answer(delivery_page(kept.delivery(city, delivery), language_of(request)))


@router.post("/cities/{city}/deliveries/{delivery}/drop")
def drop(kept: Kept, city: str, delivery: str) -> Answer:
    """Forget a delivery and its files; what was accepted of it stays in the city."""
    kept.drop(kept.delivery(city, delivery))
    return Answer({"dropped": delivery})


@router.get("/cities/{city}/deliveries/{delivery}/files")
def files(request: Request, known: Bringer, kept: Kept, city: str, delivery: str) -> Answer:
    """Return what each file is, holds and probably means, and where it may lie."""
    return Answer(recognised(known.whole, kept, kept.delivery(city, delivery), language_of(request)))


@router.post("/cities/{city}/deliveries/{delivery}/preview")
def preview(
    request: Request, kept: Kept, city: str, delivery: str, asked: Annotated[dict[str, Any], Body()]
) -> Answer:
    """Return the first rows of a layer as they would become assets by a field map."""
    return Answer(mapped_preview(kept, kept.delivery(city, delivery), asked, language_of(request)))


@router.post("/cities/{city}/deliveries/{delivery}/where")
def where(
    known: Bringer, kept: Kept, city: str, delivery: str, asked: Annotated[dict[str, Any], Body()]
) -> Answer:
    """Return where files would lie in a coordinate system or by the parameters of an own grid."""
    return Answer(lying(known.whole, kept, kept.delivery(city, delivery), asked))


@router.post("/cities/{city}/deliveries/{delivery}/answers")
def answer(
    request: Request, kept: Kept, city: str, delivery: str, answers: Annotated[dict[str, Any], Body()]
) -> Answer:
    """Keep what a person says: coordinate systems, field maps, firm, survey."""
    made = kept.answer(kept.delivery(city, delivery), answers)
    return Answer(delivery_page(made, language_of(request)))


@router.post("/cities/{city}/deliveries/{delivery}/check")
def check(known: Bringer, kept: Kept, running: Running, city: str, delivery: str, who: Caller) -> Answer:
    """Start the check as a job."""
    return Answer(begin(running, known.whole.store, kept.delivery(city, delivery), "check", who), 202)


@router.post("/cities/{city}/deliveries/{delivery}/accept")
def accept(  # noqa: PLR0913, PLR0917 what, into what, by whom, why
    known: Bringer,
    kept: Kept,
    running: Running,
    city: str,
    delivery: str,
    who: Caller,
    why: Annotated[str, Body(min_length=1)],
    close_gone: Annotated[bool, Body()] = False,
) -> Answer:
    """Start the acceptance as a job: one change, or nothing."""
    one = kept.delivery(city, delivery)
    return Answer(begin(running, known.whole.store, one, "accept", who, why=why, close_gone=close_gone), 202)
