"""Open to others: OGC API Features over the assets of a city (OGC 17-069r4, 18-058r1, 19-079r2)."""

from datetime import UTC, date, datetime
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller, Known
from wenqu.api.negotiating import answered
from wenqu.errors import BadInput
from wenqu.services.city_state import CityState
from wenqu.services.feature_collections import CONFORMANCE, collection, collections, landing, queryables
from wenqu.services.feature_items import MOST, ItemsQuestion, check_names, item, items
from wenqu.services.feature_pages import (
    collection_page,
    collections_page,
    conformance_page,
    item_page,
    items_page,
    landing_page,
)
from wenqu.services.feature_systems import CRS84
from wenqu.services.note_pull import Taken, note
from wenqu.services.rights import demand_any_read

router = APIRouter(prefix="/cities/{city}/ogc", tags=["features"])
PARAMETERS = (
    "limit",
    "offset",
    "bbox",
    "bbox-crs",
    "crs",
    "datetime",
    "filter",
    "filter-lang",
    "filter-crs",
    "f",
    "lang",
)
GEOJSON = "application/geo+json"


def _base(request: Request, city: str) -> str:
    whole = str(request.url.replace(query="", fragment=""))
    return whole[: whole.index("/ogc")] + "/ogc" if city else whole


def _as_of(asked: str) -> str:
    """Return the day of an instant, or of the end of an interval; "" when it is open: today."""
    first, slash, last = asked.partition("/")
    end = last if slash else first
    if end in {"", ".."}:
        return ""
    try:
        return date.fromisoformat(end[:10]).isoformat()
    except ValueError:
        raise BadInput(
            "parameter", name="datetime", value=asked[:80], known="2026-03-31, ../2026-03-31"
        ) from None


def _state(known: Known, city: str, asked: str = "") -> CityState:
    return known.state(city, _as_of(asked))


@router.get("")
def start(request: Request, known: Known, who: Caller, city: str) -> Response:
    """Return where the parts of the interface lie."""
    demand_any_read(who, city)
    base = _base(request, city)
    state = _state(known, city)
    made = landing(state, base, f"{base.split('/cities/')[0]}/openapi.json")
    return answered(request, Answer(made), lambda language: landing_page(made, state, base, language))


@router.get("/conformance")
def conformance(request: Request, who: Caller, known: Known, city: str) -> Response:
    """Return to which parts of the standards the interface conforms."""
    demand_any_read(who, known.store.city(city).code)
    made, base = {"conformsTo": CONFORMANCE}, _base(request, city)
    return answered(request, Answer(made), lambda language: conformance_page(made, base, language))


@router.get("/collections")
def all_collections(request: Request, known: Known, who: Caller, city: str) -> Response:
    """Return the collections: one for each asset type that the city has."""
    demand_any_read(who, city)
    state, base = _state(known, city), _base(request, city)
    made = collections(state, base)
    return answered(request, Answer(made), lambda language: collections_page(made, state, base, language))


@router.get("/collections/{name}")
def one_collection(request: Request, known: Known, who: Caller, city: str, name: str) -> Response:
    """Return what is known of one collection."""
    demand_any_read(who, city)
    state, base = _state(known, city), _base(request, city)
    made = collection(state, base, name)
    return answered(request, Answer(made), lambda language: collection_page(made, state, base, language))


@router.get("/collections/{name}/queryables")
def what_filters_may_name(request: Request, known: Known, who: Caller, city: str, name: str) -> Response:
    """Return the properties that a filter may name, with their units."""
    demand_any_read(who, known.store.city(city).code)
    return Answer(queryables(_base(request, city), name), media_type="application/schema+json")


class ItemsAsked(BaseModel):
    """The parameters of the standard; any property of the collection may be given beside them."""

    limit: int = Field(100, ge=1, description="features in one answer, 10000 at most")
    offset: int = Field(0, ge=0)
    bbox: str = Field("", description="xmin,ymin,xmax,ymax")
    bbox_crs: str = Field(CRS84, alias="bbox-crs")
    crs: str = CRS84
    moment: str = Field("", alias="datetime", description="as of this day, or as of the end of an interval")
    filter: str = Field("", description="CQL2")
    filter_lang: str = Field("cql2-text", alias="filter-lang")
    filter_crs: str = Field(CRS84, alias="filter-crs")

    def question(self, properties: dict[str, str]) -> ItemsQuestion:
        """Return what the service is asked."""
        given = self.model_dump(exclude={"moment"}) | {
            "limit": min(self.limit, MOST),
            "datetime": self.moment,
        }
        return ItemsQuestion(**given, properties=properties)


@router.get("/collections/{name}/items")
def some_items(
    request: Request, known: Known, who: Caller, city: str, name: str, asked: Annotated[ItemsAsked, Query()]
) -> Response:
    """Return the features that lie in a box, meet a filter or have given properties, page by page."""
    demand_any_read(who, city)
    given = request.query_params
    properties = {entry: given[entry] for entry in check_names(name, list(given), PARAMETERS)}
    state, here = _state(known, city, asked.moment), f"{_base(request, city)}/collections/{name}/items"
    page = items(
        state, name, asked.question(properties), here, datetime.now(UTC).isoformat(timespec="seconds")
    )
    note(known, who, city, Taken(name, "features", page.returned))
    answer = Response(page.body, media_type=GEOJSON, headers={"Content-Crs": f"<{page.crs}>"})
    base = _base(request, city)
    return answered(
        request, answer, lambda lang: items_page(orjson.loads(page.body), state, name, base, lang)
    )


@router.get("/collections/{name}/items/{id_:path}")
def one_item(
    request: Request, known: Known, who: Caller, city: str, name: str, id_: str, crs: str = CRS84
) -> Response:
    """Return one feature."""
    demand_any_read(who, city)
    state, base = _state(known, city), _base(request, city)
    body = item(state, name, id_, crs, base)
    answer = Response(body, media_type=GEOJSON, headers={"Content-Crs": f"<{crs}>"})
    return answered(request, answer, lambda lang: item_page(orjson.loads(body), state, name, base, lang))
