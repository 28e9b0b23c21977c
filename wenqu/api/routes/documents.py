"""Which documents has the city?"""

from urllib.parse import quote

from fastapi import APIRouter, Response

from wenqu.api.answers import Answer
from wenqu.api.asked import Known
from wenqu.errors import Unknown

router = APIRouter(tags=["documents"])
# Photos and films are shown with what they belong to, versions of official documents by their register.
BESIDE = ("attachment/", "field/", "inspections/", "deliveries/", "official/")


@router.get("/cities/{city}/documents")
def documents(known: Known, city: str) -> Answer:
    """Return the city's documents: name, kind, size, time."""
    known.store.city(city)
    rows = [
        {"name": entry.name, "media": entry.media, "size": entry.size, "at": entry.at}
        for entry in known.store.documents(city)
        if not entry.name.startswith(BESIDE)
    ]
    return Answer(rows)


@router.get("/cities/{city}/documents/{name:path}")
def document(known: Known, city: str, name: str) -> Response:
    """Return one document as a download."""
    known.store.city(city)
    media = {entry.name: entry.media for entry in known.store.documents(city)}
    content = known.store.document(city, name)
    if content is None:
        raise Unknown(name=name)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type=media[name], headers=headers)
