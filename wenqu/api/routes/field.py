"""In the street: what a device takes along, and what it sends when it has a network again."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller, Known, State
from wenqu.api.errors import language_of
from wenqu.api.receiving import content_of
from wenqu.records.field_entry import FieldFile
from wenqu.services.attachments import LARGEST
from wenqu.services.field_bundle import field_bundle
from wenqu.services.field_conflicts import decide_conflict
from wenqu.services.field_entries import Sent, put_entry, try_again
from wenqu.services.field_files import field_file, keep_field_file, keep_photo, missing_files
from wenqu.services.field_parts import PIECE, files_begun, keep_piece
from wenqu.services.rights import demand
from wenqu.services.view_field import standing_row, view_conflicts, view_entries

router = APIRouter(tags=["field"])
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Short = Annotated[str, Field(max_length=400)]
Number = Annotated[float, Field(allow_inf_nan=False)]


FileName = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^/\\\x00-\x1f]+$")]


class File(BaseModel):
    """A photo or voice note of an entry."""

    sha256: Digest
    name: FileName
    media_type: Annotated[str, Field(max_length=100)] = ""
    bytes: Annotated[int, Field(ge=0)] = 0
    role: Annotated[str, Field(pattern=r"^(before|after|picture|voice)?$")] = ""


class Written(BaseModel):
    """What a device wrote."""

    kind: Short
    written_at: Annotated[str, Field(max_length=40)]
    order: Short = ""
    asset: Short = ""
    base: Annotated[int, Field(ge=0)] = 0
    place: Annotated[list[Number], Field(max_length=3)] = []
    body: dict[str, Any] = {}
    files: Annotated[list[File], Field(max_length=200)] = []


class Decided(BaseModel):
    """Whose value stands, field by field."""

    take: Annotated[dict[Short, Short], Field(max_length=200)]
    note: Annotated[str, Field(max_length=2000)] = ""


@router.get("/cities/{city}/field")
def bundle(
    state: State,
    known: Known,
    who: Caller,
    body: Annotated[str, Query(max_length=200)] = "",
    around: Annotated[
        str, Query(pattern=r"^(-?\d+(\.\d+)?,-?\d+(\.\d+)?)?$", description="longitude,latitude")
    ] = "",
) -> Answer:
    """Return what a device takes along: orders, a piece of the map around them, the forms."""
    demand(who, "read_attributes", state.network.city.code)
    east, _, north = around.partition(",")
    place = (float(east), float(north)) if around else None
    return Answer(field_bundle(known.whole.store, state, who, body=body, around=place))


@router.get("/cities/{city}/field/files")
def missing(
    known: Known,
    who: Caller,
    city: str,
    sha256: Annotated[list[str], Query(max_length=200)] = [],  # noqa: B006
) -> Answer:
    """Return which contents are not kept yet, and how many bytes have come of those that were begun."""
    demand(who, "read_attributes", city)
    store = known.whole.store
    begun = files_begun(store, city, sha256, who)
    return Answer({"missing": missing_files(store, city, sha256), "begun": begun})


@router.put("/cities/{city}/field/files/{digest}")
async def put_file(request: Request, known: Known, who: Caller, city: str, digest: str) -> Answer:
    """Keep a photo or voice note under its SHA-256; the body is the file."""
    demand(who, "read_attributes", city)
    content = await content_of(request, LARGEST)
    await run_in_threadpool(keep_field_file, known.whole.store, city, digest, content, person=who)
    return Answer({"sha256": digest}, 201)


@router.put("/cities/{city}/field/files/{digest}/pieces/{start}")
async def put_piece(
    request: Request,
    known: Known,
    who: Caller,
    city: str,
    digest: Digest,
    start: Annotated[int, Path(ge=0)],
    size: Annotated[int, Query(ge=1)],
) -> Answer:
    """Keep a piece of a photo or voice note from a byte on; ``size`` is that of the whole file."""
    demand(who, "read_attributes", city)
    content = await content_of(request, PIECE)
    given = (known.whole.store, city, digest, content)
    there = await run_in_threadpool(keep_piece, *given, start=start, size=size, person=who)
    return Answer({"sha256": digest, "there": there}, 201 if there == size else 202)


@router.post("/cities/{city}/field/files")
async def new_file(request: Request, known: Known, who: Caller, city: str, name: FileName) -> Answer:
    """Keep a photo or voice note; the answer says by which name a report names it."""
    demand(who, "read_attributes", city)
    given = (known.whole.store, city, name, await content_of(request, LARGEST))
    return Answer({"named": await run_in_threadpool(keep_photo, *given, person=who)}, 201)


@router.get("/cities/{city}/field/files/{digest}")
def file(state: State, known: Known, who: Caller, digest: str) -> Response:
    """Return a photo or voice note."""
    demand(who, "read_attributes", state.network.city.code)
    content, headers = field_file(known.whole.store, state, digest, who)
    return Response(content, headers=headers)


@router.put("/cities/{city}/field/entries/{entry}")
def put(request: Request, state: State, known: Known, who: Caller, entry: str, given: Written) -> Answer:
    """Take in what a device wrote, once or again: what is malformed is refused, all else is kept."""
    demand(who, "read_attributes", state.network.city.code)
    files = tuple(FieldFile(one.sha256, one.name, one.media_type, one.role) for one in given.files)
    plain = given.model_dump(exclude={"files", "place"})
    sent = Sent(**plain, files=files, place=tuple(given.place))
    made = put_entry(known.whole.store, state, entry, sent, person=who)
    return Answer(standing_row(made, language_of(request)))


@router.get("/cities/{city}/field/entries")
def entries(request: Request, state: State, known: Known, who: Caller, *, mine: bool = False) -> Answer:
    """Return what was sent from the street and how it stands: one's own, or all that one may see."""
    demand(who, "read_attributes", state.network.city.code)
    return Answer(view_entries(known.whole.store, state, who, language_of(request), mine=mine))


@router.post("/cities/{city}/field/entries/{entry}/again")
def again(request: Request, state: State, known: Known, who: Caller, entry: str) -> Answer:
    """Do what an entry says that waits, in the name of whoever asks."""
    demand(who, "read_attributes", state.network.city.code)
    made = try_again(known.whole.store, state, entry, person=who)
    return Answer(standing_row(made, language_of(request)))


@router.get("/cities/{city}/field/conflicts")
def conflicts(
    state: State, known: Known, who: Caller, asset: Annotated[str, Query(max_length=400)] = ""
) -> Answer:
    """Return what two people changed to different ends, side by side; of one asset (``type/id``) or all."""
    demand(who, "read_attributes", state.network.city.code)
    return Answer(view_conflicts(known.whole.store, state, who, asset))


@router.post("/cities/{city}/field/conflicts/{entry}")
def decide(request: Request, state: State, known: Known, who: Caller, entry: str, given: Decided) -> Answer:
    """Decide a conflict field by field; both values stay in the log."""
    demand(who, "edit_attributes", state.network.city.code)
    made = decide_conflict(known.whole.store, state, entry, given.take, given.note, person=who)
    return Answer(standing_row(made, language_of(request)))
