"""What does a paper say of why a plant's sewage arrives thin: causes with shares and intervals, and where?"""

import math
from collections.abc import Sequence
from typing import Any

from wenqu.diagnosis.cards import cards
from wenqu.messages import say, sentences
from wenqu.records.finding import Finding
from wenqu.reports.paper import Cell, Chart, Grid, Words
from wenqu.reports.waterfall import steps_of
from wenqu.services import filed_records
from wenqu.services.city_state import CityState
from wenqu.services.paper_draft import Draft, From, figure_only
from wenqu.services.problem_lists import zone_name
from wenqu.services.view_diagnosis import areas_above
from wenqu.store.database import Store

AREAS = 8
SAME = 0.0005  # [kg/m³] figures nearer than this read the same
ENDS = {"source", "arriving", "arrives", "sealed"}
DILUTION = "plant_dilution"


def causes_part(store: Store, state: CityState, plant: str, target: float, draft: Draft) -> None:
    """Write why the sewage of a plant arrives thin; without a diagnosis a sentence says so.

    ``target`` is what the plant should receive. [kg/m³]
    """
    told = [
        one for one in filed_records.findings(store, state) if one.method == DILUTION and one.asset == plant
    ]
    steps = sorted((one for one in told if "order" in one.facts), key=lambda one: float(one.facts["order"]))
    if len(steps) < 2:
        draft.part("causes", draft.missing("causes", "plant.no_diagnosis"))
        return
    link = f"diagnosis?asset=plant/{plant}"
    card = cards()[DILUTION]
    by = {one.quantity: one for one in steps}
    source, arrives = by.get("source", steps[0]), by.get("arriving", steps[-1])
    lost = source.value - float(arrives.facts["level"])
    made = From(
        draft.say(
            "from.finding",
            method=card.zh if draft.language == "zh" else card.en,
            id=plant,
            at=source.at[:10] or draft.say("not_known"),
        ),
        len(steps),
        card.formula,
        card.source,
        link=link,
    )

    rows: list[tuple[Cell, ...]] = []
    parts = []
    for one in (one for one in steps if one.quantity not in ENDS):
        name = cause_name(one.quantity, draft.language)
        change = draft.cite(
            f"cause.{one.quantity}",
            draft.say("fact.cause", cause=name),
            one.value,
            "mg/L",
            made,
            low=one.low,
            high=one.high,
        )
        share = math.nan if not lost > 0 else -one.value / lost
        ends = sorted((-one.low / lost, -one.high / lost)) if lost > 0 else [math.nan, math.nan]
        told_share = draft.cite(
            f"cause.{one.quantity}.share",
            draft.say("fact.cause_share", cause=name),
            share,
            "%",
            made,
            low=ends[0],
            high=ends[1],
        )
        rows.append((name, figure_only(change), figure_only(told_share)))
        if share > 0:
            parts.append(
                (
                    share,
                    draft.say(
                        "plant.cause", cause=name, change=_plus(draft, one, name, made), share=told_share
                    ),
                )
            )
    parts.sort(key=lambda pair: -pair[0])
    ends_said = {
        "source": draft.cite(
            "cause.source",
            draft.say("fact.source"),
            source.value,
            "mg/L",
            made,
            low=source.low,
            high=source.high,
        ),
        "arriving": draft.cite(
            "cause.arriving", draft.say("fact.arriving"), float(arrives.facts["level"]), "mg/L", made
        ),
        "lost": draft.cite("cause.lost", draft.say("fact.lost"), lost, "mg/L", made),
    }
    between = draft.say("plant.cause_between")
    words = draft.words("causes", "plant.causes", **ends_said, parts=between.join(text for _, text in parts))
    columns = (("cause", 1.6, False), ("change", 1.6, True), ("share", 1.6, True))
    note = draft.say("note.causes")
    grid = draft.grid("causes", columns, rows, units={"change": "mg/L", "share": "%"}, note=note)
    chart = Chart("waterfall", draft.say("table.waterfall"), steps_of(steps), target)
    judged = _assessed(told, arrives, made, draft)
    draft.part(
        "causes", words, chart, grid, judged, _verdict(told, made, draft), _areas(store, state, plant, draft)
    )


def _assessed(told: Sequence[Finding], arrives: Finding, made: From, draft: Draft) -> Words | None:
    """Return what the target is judged by, where that is another figure than what the waterfall ends with."""
    judged = next((float(one.facts["assessed"]) for one in told if "assessed" in one.facts), math.nan)
    if not abs(judged - float(arrives.facts["level"])) >= SAME:
        return None
    value = draft.cite("cause.assessed", draft.say("fact.assessed"), judged, "mg/L", made)
    return draft.words("assessed", "plant.assessed", value=value)


def _plus(draft: Draft, one: Finding, name: str, made: From) -> str:
    """Return how much a cause takes away, as a positive figure."""
    ends = sorted((-one.low, -one.high))
    return draft.cite(
        f"cause.{one.quantity}.less",
        draft.say("fact.cause_less", cause=name),
        -one.value,
        "mg/L",
        made,
        low=ends[0],
        high=ends[1],
    )


def cause_name(key: str, language: str) -> str:
    """Return what a step of the way from the source to the plant is called."""
    there = f"page.waterfall.{key}" in sentences(language)
    return say(f"page.waterfall.{key}", language) if there else key


def _verdict(told: list[Finding], made: From, draft: Draft) -> Words | None:
    sealed = next((one for one in told if one.quantity == "sealed"), None)
    if sealed is None:
        return None
    notes = [note for note in sealed.notes if note.startswith("diagnosis.verdict.")]
    reached = draft.cite(
        "sealed", draft.say("fact.sealed"), sealed.value, "mg/L", made, low=sealed.low, high=sealed.high
    )
    said = (" " if draft.language == "en" else "").join(say(note, draft.language) for note in notes)
    return draft.words("verdict", "plant.verdict", said=said, sealed=reached)


def _areas(store: Store, state: CityState, plant: str, draft: Draft) -> Grid | None:
    told: list[dict[str, Any]] = areas_above(state, filed_records.findings(store, state), plant)
    rows: list[tuple[Cell, ...]] = []
    for one in told[:AREAS]:
        water = one["extraneous"]
        name = str(one["name"] or one["id"])
        source = From(draft.say("from.area", id=one["id"]), 1, link=f"diagnosis?tab=areas&row={one['id']}")
        given = draft.cite(
            f"area.{one['id']}",
            draft.say("fact.area", area=name),
            water["value"],
            "m³/d",
            source,
            low=water["low"],
            high=water["high"],
        )
        lost: Cell = None
        if one["missing"]:
            gone = one["missing"]
            lost = figure_only(
                draft.cite(
                    f"area.{one['id']}.missing",
                    draft.say("fact.area_missing", area=name),
                    gone["value"],
                    "m³/d",
                    source,
                    low=gone["low"],
                    high=gone["high"],
                )
            )
        zone = zone_name(state.network, str(one["district"])) if one["district"] else draft.say("not_known")
        rows.append((name, zone, figure_only(given), lost))
    if not rows:
        return None
    columns = (
        ("area", 1.5, False),
        ("district", 1.0, False),
        ("extraneous", 1.8, True),
        ("missing", 1.8, True),
    )
    return draft.grid("areas", columns, rows, units={"extraneous": "m³/d", "missing": "m³/d"})
