"""What is shown of the inspections of a city: the list, one of them whole, and how much of it was seen?"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from wenqu.diagnosis.grading import Grade, Segment, grade_conduit
from wenqu.diagnosis.grading_told import told_grade
from wenqu.errors import Unknown
from wenqu.issues import Issue, Place
from wenqu.messages import told as told_sentence
from wenqu.records.handed import Handed
from wenqu.records.inspection import Inspection
from wenqu.reports.pipe_drawing import Drawn, pipe_svg
from wenqu.services.city_state import CityState
from wenqu.services.filed_records import grades
from wenqu.services.grade_city import SLACK, segments
from wenqu.services.inspection_media import linked_media
from wenqu.standards.condition import condition_rules
from wenqu.store.database import Store
from wenqu.survey.both_ends import PipeSurvey, joined, last_survey
from wenqu.survey.doubts import check_against_pipe
from wenqu.survey.matching import Pipe, pipes_of

CJJ = "CJJ 181"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which inspections are asked for; what is empty does not narrow."""

    text: str = ""  # part of an id, an asset or a manhole
    method: str = ""
    asset: str = ""
    first: int = 0
    most: int = 200


def filed_inspections(store: Store, state: CityState) -> list[Inspection]:
    """Return every inspection, oldest first; read once for each state."""
    moment = state.network.as_of or None
    return state.once(
        "all inspections",
        lambda: store.records(state.network.city.code, "inspection", Inspection, as_of=moment),
    )


def handed_inspections(store: Store, state: CityState) -> dict[str, list[Handed]]:
    """Return how each inspection was handed over, by its id."""
    moment = state.network.as_of or None

    def read() -> dict[str, list[Handed]]:
        found: dict[str, list[Handed]] = {}
        for one in store.records(state.network.city.code, "handed", Handed, as_of=moment):
            found.setdefault(one.inspection, []).append(one)
        return found

    return state.once("handed", read)


def list_inspections(store: Store, state: CityState, asked: Asked) -> dict[str, Any]:
    """Return a page of the inspections, newest first."""
    found = [one for one in filed_inspections(store, state) if _fits(one, asked)]
    found.sort(key=lambda one: one.date, reverse=True)
    graded, handed = grades(store, state), handed_inspections(store, state)
    rows = found[asked.first : asked.first + asked.most]
    return {"count": len(found), "rows": [_listed(one, graded, handed) for one in rows]}


def _fits(one: Inspection, asked: Asked) -> bool:
    text = asked.text.casefold()
    named = (one.id, one.asset, one.start, one.end, one.inspector)
    return (
        (not asked.method or one.method == asked.method)
        and (not asked.asset or one.asset == asked.asset)
        and (not text or any(text in name.casefold() for name in named))
    )


def _listed(
    one: Inspection, graded: Mapping[str, Grade], handed: Mapping[str, Sequence[Handed]]
) -> dict[str, Any]:
    grade = graded.get(one.asset) if one.asset_type == "conduit" and one.standard == CJJ else None
    some = handed.get(one.id, ())
    return {
        **_head(one),
        "defects": len(one.defects),
        "worst": max((row.level for row in one.defects), default=0),
        "structural_grade": grade.structural_grade if grade else None,
        "functional_grade": grade.functional_grade if grade else None,
        "media": sum(len(entry.media) for entry in some),
    }


def _head(one: Inspection) -> dict[str, Any]:
    names = ("id", "asset_type", "asset", "method", "date", "time", "length", "direction", "inspector",
             "start", "end", "standard", "edition", "reason", "weather", "file", "simulated")  # fmt: skip
    return {name: _plain(getattr(one, name)) for name in names}


def _plain(value: object) -> object:
    return None if isinstance(value, float) and math.isnan(value) else value


def show_inspection(
    store: Store, state: CityState, id_: str, language: str, films: str = ""
) -> dict[str, Any]:
    """Return one inspection with the survey that it belongs to, its pictures and films, and its grade.

    Parameters
    ----------
    films
        Address or folder of films that were not handed in, ``{file}`` for their name.

    Raises
    ------
    Unknown
        There is no inspection of that id.
    """
    one = inspection_of(store, state, id_)
    handed = handed_inspections(store, state).get(id_, [])
    survey = survey_of(store, state, one)
    media = linked_media(state.network.city.code, id_, handed, films)
    pipe = survey.pipe
    issues = list(check_against_pipe(pipe, one, Place())) if one.asset_type == "conduit" else []
    return {
        **_head(one),
        "pipe": {"start": pipe.start, "end": pipe.end, "length": _plain(pipe.length)},
        "axis": {
            "start": survey.axis,
            "length": _plain(survey.length),
            "covered": survey.covered,
            "coverage": _plain(survey.coverage),
            "overlap": survey.overlap,
            "gap": survey.gap,
            "runs": [
                {"id": run.inspection.id, "date": run.inspection.date, "backward": run.backward,
                 "begin": run.begin, "end": run.end, "start": run.inspection.start}
                for run in survey.runs
            ],
        },
        "defects": _rows(survey, handed_inspections(store, state), state, films),
        "media": media,
        "handed": [_handed_row(entry) for entry in handed],
        "grade": graded_steps(state, survey, language) if _is_graded(one) else None,
        "drawing": drawing_of(state, survey, language, themed=True),
        "issues": [_said(issue, language) for issue in issues],
        "others": [
            {"id": other.id, "date": other.date, "method": other.method}
            for other in filed_inspections(store, state)
            if (other.asset_type, other.asset) == (one.asset_type, one.asset) and other.id != id_
        ],
    }  # fmt: skip


def _is_graded(one: Inspection) -> bool:
    return one.looked_inside and one.standard == CJJ


def inspection_of(store: Store, state: CityState, id_: str) -> Inspection:
    """Return one inspection.

    Raises
    ------
    Unknown
        There is none of that id.
    """
    found = next((one for one in filed_inspections(store, state) if one.id == id_), None)
    if found is None:
        raise Unknown("inspection", name=id_)
    return found


def survey_of(store: Store, state: CityState, one: Inspection) -> PipeSurvey:
    """Return the survey that a run belongs to: with that from the other end, if it has one."""
    pipe = pipes_of(state.network.table("conduit"), [one.asset]).get(one.asset)
    pipe = pipe or Pipe(one.asset, one.start, one.end, math.nan)
    if not one.looked_inside:
        return joined(pipe, [one])
    runs = [
        other for other in filed_inspections(store, state) if other.asset == one.asset and other.looked_inside
    ]
    last = last_survey(pipe, runs)
    return last if any(run.inspection.id == one.id for run in last.runs) else joined(pipe, [one])


def _rows(
    survey: PipeSurvey, handed: Mapping[str, Sequence[Handed]], state: CityState, films: str
) -> list[dict[str, Any]]:
    kinds = condition_rules().kinds
    city = state.network.city.code
    links = [
        {
            entry["name"]: entry
            for entry in linked_media(city, run.inspection.id, handed.get(run.inspection.id, ()), films)
        }
        for run in survey.runs
    ]
    rows = []
    for one in survey.placed:
        row, run = one.defect, survey.runs[one.run].inspection
        known = kinds.get(row.code) if run.standard == CJJ else None
        rows.append(
            {
                "code": row.code, "level": row.level, "start": _plain(row.start), "length": row.length,
                "written": _plain(one.written), "again": one.again, "run": run.id, "clock": row.clock,
                "remark": row.remark, "variant": row.variant, "characters": list(row.characters),
                "quantities": list(row.quantities), "joint": row.joint, "continuous": row.continuous,
                "name": {"zh": known.zh, "en": known.en} if known else None,
                "picture": links[one.run].get(row.picture), "film": links[one.run].get(row.film or run.file),
                "film_at": row.film_at,
            }
        )  # fmt: skip
    return rows


def _handed_row(one: Handed) -> dict[str, Any]:
    names = ("number", "name", "start", "end", "delivery", "file", "where", "matched")
    stated = {name: _plain(value) for name, value in one.stated.items()}
    return {
        **{name: getattr(one, name) for name in names},
        "stated": stated,
        "facts": dict(one.facts),
        "missing": list(one.missing),
    }


def _said(issue: Issue, language: str) -> dict[str, str]:
    return {
        "code": issue.code,
        "weight": str(issue.weight),
        "says": told_sentence(f"issue.{issue.code}.says", language, issue.facts),
        "remedy": told_sentence(f"issue.{issue.code}.remedy", language, issue.facts),
    }


def graded_steps(state: CityState, survey: PipeSurvey, language: str) -> dict[str, Any]:
    """Return the grade of a survey with every number that it takes to check it by hand."""
    segment = _segment(state, survey)
    rules = condition_rules()
    made = grade_conduit(segment, survey.whole.defects, rules, slack=SLACK)
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


def drawing_of(state: CityState, survey: PipeSurvey, language: str, *, themed: bool = False) -> str:
    """Return a survey to scale as SVG, in the page's colours or for files that leave it; "" of no pipe."""
    one = survey.whole
    if one.asset_type != "conduit":
        return ""
    segment = _segment(state, survey)
    drawn = Drawn(replace(one, start=survey.axis or one.start), survey.length, segment.diameter or math.nan)
    return pipe_svg(drawn, language, themed=themed)


def _segment(state: CityState, survey: PipeSurvey) -> Segment:
    conduits = state.network.table("conduit")
    rows = np.flatnonzero(conduits.ids == survey.pipe.id)
    if not len(rows):
        return Segment(survey.pipe.id, None, None)
    return segments(conduits.take(rows))[survey.pipe.id]
