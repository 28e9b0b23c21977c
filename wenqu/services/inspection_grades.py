"""What grade has one survey by the standard it was made by, step by step, and how does it look to scale?"""

import math
from collections.abc import Collection
from dataclasses import replace
from typing import Any

import numpy as np

from wenqu.diagnosis.classes_told import told_classes, told_pacp
from wenqu.diagnosis.condition_grade import Surroundings, condition_grade
from wenqu.diagnosis.grading import Segment, grade_conduit
from wenqu.diagnosis.grading_told import told_grade
from wenqu.diagnosis.pacp_rating import STANDARD as PACP
from wenqu.diagnosis.pacp_rating import grade_by_pacp
from wenqu.records.inspection import Inspection
from wenqu.reports.drawn_pipe import Drawn
from wenqu.reports.pipe_drawing import pipe_svg
from wenqu.services.city_state import CityState
from wenqu.services.grade_city import SLACK, as_seen, segments
from wenqu.services.seen_inspections import handed_inspections
from wenqu.standards.classes import BFR, DWA, class_rules
from wenqu.standards.condition import condition_rules
from wenqu.standards.observations import EN
from wenqu.store.database import Store
from wenqu.survey.both_ends import PipeSurvey
from wenqu.survey.sounded_silt import PROFILE, Sounding, profile_of

CJJ = "CJJ 181"
AROUND = {"sanitary": ("foul",), "combined": ("foul",), "storm": ("storm",)}  # system → class_extras.csv


def grade_seen(
    state: CityState,
    survey: PipeSurvey,
    language: str,
    graded: Inspection | None = None,
    unjudged: Collection[str] = frozenset(),
) -> dict[str, Any] | None:
    """Return the grade of a survey by its own standard with the steps to it; None where there is none.

    ``graded`` is the survey with the deposits that a newer sonar met, ``unjudged`` the soundings that say
    nothing yet. The ``told`` lines are complete sentences; ``counted`` are the defects of CJJ 181 as joined.
    """
    one = survey.whole
    if one.standard == EN and one.asset_type in {"conduit", "manhole"}:
        return {"told": _classes(state, survey, language), "counted": []}
    if not one.looked_inside:
        return None
    if one.standard == PACP:
        return {"told": list(told_pacp(grade_by_pacp(one), language)), "counted": []}
    return graded_steps(state, survey, language, graded, unjudged) if one.standard == CJJ else None


def _classes(state: CityState, survey: PipeSurvey, language: str) -> list[str]:
    """Return the classes by each table that is here."""
    one, lines = survey.whole, list[str]()
    for name in (BFR, DWA):
        rules = class_rules(name)
        around = tuple(place for place in _around(state, survey) if place in rules.extras)
        place = Surroundings(survey.length, around)
        lines += told_classes(condition_grade(one, rules, place=place), one, rules, language)
    return lines


def _around(state: CityState, survey: PipeSurvey) -> tuple[str, ...]:
    conduits = state.network.table("conduit")
    rows = np.flatnonzero(conduits.ids == survey.pipe.id)
    return AROUND.get(str(conduits.column("system")[rows[0]]), ()) if len(rows) else ()


def graded_steps(
    state: CityState,
    survey: PipeSurvey,
    language: str,
    graded: Inspection | None = None,
    unjudged: Collection[str] = frozenset(),
) -> dict[str, Any]:
    """Return the grade of a survey with every number that it takes to check it by hand."""
    segment = segment_of(state, survey)
    rules = condition_rules()
    one = graded or survey.whole
    made = as_seen(grade_conduit(segment, one.defects, rules, slack=SLACK), one, unjudged)
    names = ("S", "S_max", "F", "S_M", "RI", "structural_grade", "repair_grade", "structural_density", "K",
             "E", "T", "Y", "Y_max", "G", "Y_M", "MI", "functional_grade", "upkeep_grade",
             "functional_density", "K_functional", "E_functional", "standard", "edition", "n1", "n2", "m1",
             "m2")  # fmt: skip
    return {
        **{name: _plain(getattr(made, name)) for name in names},
        "unconfirmed": list(made.unconfirmed),
        "told": list(told_grade(made, language, rules)),
        "length": segment.length,
        "alpha": rules.value("near_factor_structural"),
        "beta": rules.value("near_factor_functional"),
        "weights": {
            name: rules.value(name)
            for name in ("repair_weight_F", "repair_weight_K", "repair_weight_E", "repair_weight_T",
                         "upkeep_weight_G", "upkeep_weight_K", "upkeep_weight_E")
        },
        "counted": [
            {"family": one.family, "codes": list(one.codes), "start": one.start, "end": one.end,
             "score": one.score, "length": one.length, "near": one.near}
            for one in made.what_from
        ],
    }  # fmt: skip


def drawing_of(
    store: Store, state: CityState, survey: PipeSurvey, language: str, *, themed: bool = False
) -> str:
    """Return a survey to scale as SVG, in the page's colours or for files that leave it; "" of no pipe."""
    one = survey.whole
    if one.asset_type != "conduit":
        return ""
    segment = segment_of(state, survey)
    start = survey.axis or one.start
    between = replace(one, start=start, end=_other_end(survey, start))
    drawn = Drawn(
        between, survey.length, segment.diameter or math.nan, sound=_soundings(store, state, survey)
    )
    return pipe_svg(drawn, language, themed=themed)


def _soundings(store: Store, state: CityState, survey: PipeSurvey) -> tuple[Sounding, ...]:
    """Return the silt that a sonar met, on the axis of the survey."""
    handed, found = handed_inspections(store, state), list[Sounding]()
    for run in survey.runs:
        told = next((one for one in handed.get(run.inspection.id, ()) if PROFILE in one.facts), None)
        points = profile_of(told.facts) if told else ()
        found += [(survey.length - at if run.backward else at, deep) for at, deep in points]
    return tuple(sorted(found))


def _other_end(survey: PipeSurvey, start: str) -> str:
    """Return the manhole opposite a drawing's start: as the crew names it, else as the network does."""
    told, pipe = survey.whole.end, survey.pipe
    if told and told != start:
        return told
    return {pipe.start: pipe.end, pipe.end: pipe.start}.get(start, "")


def _plain(value: object) -> object:
    return None if isinstance(value, float) and math.isnan(value) else value


def segment_of(state: CityState, survey: PipeSurvey) -> Segment:
    """Return what grading needs to know of a survey's pipe."""
    conduits = state.network.table("conduit")
    rows = np.flatnonzero(conduits.ids == survey.pipe.id)
    if not len(rows):
        return Segment(survey.pipe.id, None, None)
    return segments(conduits.take(rows))[survey.pipe.id]
