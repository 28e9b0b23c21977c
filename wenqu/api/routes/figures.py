"""Percentages that survive an audit: each with its frozen list, its pipes and a signed file."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Query, Request, Response

from wenqu.api.answers import Answer
from wenqu.api.asked import AsOf, Caller, Known, On, State
from wenqu.api.errors import language_of
from wenqu.services.describe_city import districts
from wenqu.services.export_backward import MEDIA, backward_workbook
from wenqu.services.freeze_figures import freeze_list
from wenqu.services.rights import demand
from wenqu.services.sign_figure import signed_figure, signed_workbook
from wenqu.services.view_backward import view_backward
from wenqu.services.view_figures import view_bridge, view_figures, view_stage

router = APIRouter(tags=["figures"])
Stage = Literal["surveyed", "evaluated", "problem", "repaired", "accepted"]
Key = Literal["surveyed", "repaired"]
District = Annotated[str, Query(max_length=200, description="id of a district; all when left out")]
Until = Annotated[date | None, Query(description="date to count back from; the next milestone when left out")]


@router.get("/cities/{city}/backward")
def schedule(
    known: Known, who: Caller, city: str, as_of: AsOf = None, until: Until = None, on: On = None
) -> Answer:
    """Return who must begin where and when so that survey and repair are done by the date."""
    demand(who, "read_attributes", city)
    return Answer(view_backward(known, city, who, *_days(as_of, until, on)))


@router.get("/cities/{city}/backward/workbook")
def schedule_workbook(
    state: State, known: Known, who: Caller, request: Request, as_of: AsOf = None, until: Until = None,
    on: On = None,
) -> Response:  # fmt: skip
    """Return the backward schedule as an Excel workbook."""
    city = state.network.city.code
    demand(who, "export", city)
    told = view_backward(known, city, who, *_days(as_of, until, on))
    names = {one["id"]: one["name"] for one in districts(state)}
    named = {"Content-Disposition": 'attachment; filename="backward.xlsx"'}
    return Response(backward_workbook(told, names, language_of(request)), media_type=MEDIA, headers=named)


def _days(*days: date | None) -> list[str]:
    return ["" if day is None else day.isoformat() for day in days]


@router.get("/cities/{city}/figures")
def figures(state: State, known: Known, who: Caller, on: On = None) -> Answer:
    """Return every stage of the programme by length and count, by district, with its frozen lists."""
    demand(who, "read_attributes", state.network.city.code)
    return Answer(view_figures(known.store, state, *_days(on)))


@router.get("/cities/{city}/figures/{stage}")
def stage(
    state: State, known: Known, who: Caller, stage: Stage, district: District = "", on: On = None
) -> Answer:
    """Return the pipes behind one percentage, each with its proofs."""
    demand(who, "read_attributes", state.network.city.code)
    return Answer(view_stage(known.store, state, stage, district, *_days(on)))


@router.get("/cities/{city}/figures/{stage}/signed")
def signed(state: State, known: Known, who: Caller, stage: Stage, on: On = None) -> Response:
    """Return one percentage of the whole city with every pipe as a signed file."""
    demand(who, "share", state.network.city.code)
    named = {"Content-Disposition": f'attachment; filename="{stage}.signed.json"'}
    made = signed_figure(known.whole.store, state, stage, *_days(on))
    return Response(made, media_type="application/json", headers=named)


@router.get("/cities/{city}/figures/{stage}/workbook")
def stage_workbook(
    state: State, known: Known, who: Caller, request: Request, stage: Stage, on: On = None
) -> Response:
    """Return one percentage of the whole city with pipes, proofs and rule as a workbook."""
    demand(who, "share", state.network.city.code)
    made = signed_workbook(known.whole.store, state, stage, language_of(request), *_days(on))
    named = {"Content-Disposition": f'attachment; filename="{stage}.xlsx"'}
    return Response(made, media_type=MEDIA, headers=named)


@router.get("/cities/{city}/figures/lists/{key}/bridge")
def bridge(state: State, known: Known, who: Caller, key: Key) -> Answer:
    """Return how the city as it is differs from the frozen list, by cause, to the millimetre."""
    demand(who, "share", state.network.city.code)
    return Answer(view_bridge(known.whole.store, state, key))


@router.post("/cities/{city}/figures/lists/{key}")
def freeze(
    known: Known, who: Caller, city: str, key: Key, reason: Annotated[str, Body(embed=True, max_length=2000)]
) -> Answer:
    """Freeze the list that a percentage is a share of, as a signed version with its reason."""
    demand(who, "decide", city)
    return Answer(freeze_list(known.whole.store, city, key, person=who, reason=reason), 201)
