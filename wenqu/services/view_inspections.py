"""What is shown of the inspections of a city: the list, one of them whole, and how much of it was seen?"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wenqu.diagnosis.grading import Grade
from wenqu.issues import Issue, Place
from wenqu.messages import told as told_sentence
from wenqu.records.handed import Handed
from wenqu.records.inspection import Inspection
from wenqu.records.withdrawal import Withdrawal
from wenqu.services.city_state import CityState
from wenqu.services.filed_records import grades
from wenqu.services.inspection_grades import CJJ, drawing_of, grade_seen
from wenqu.services.inspection_media import linked_media, source_of
from wenqu.services.seen_inspections import (
    counting_of,
    every_inspection,
    every_sounded,
    handed_inspections,
    inspection_of,
    survey_of,
    withdrawals,
)
from wenqu.standards.condition import condition_rules
from wenqu.standards.inspection_methods import inspection_methods, rank_of
from wenqu.standards.observations import code_name
from wenqu.store.database import Store
from wenqu.survey.both_ends import PipeSurvey
from wenqu.survey.counting import Counting
from wenqu.survey.doubts import check_against_pipe
from wenqu.works.outfall_words import outfall_codes


@dataclass(frozen=True, slots=True)
class Asked:
    """Which inspections are asked for; what is empty does not narrow."""

    text: str = ""  # part of an id, an asset or a manhole
    method: str = ""
    asset: str = ""
    first: int = 0
    most: int = 200


def list_inspections(store: Store, state: CityState, asked: Asked) -> dict[str, Any]:
    """Return a page of the inspections, newest first."""
    found = [one for one in every_inspection(store, state) if _fits(one, asked)]
    found.sort(key=lambda one: one.date, reverse=True)
    graded, handed = grades(store, state), handed_inspections(store, state)
    gone = withdrawals(store, state)
    rows = found[asked.first : asked.first + asked.most]
    listed = [{**_listed(one, graded, handed), "withdrawn": one.id in gone} for one in rows]
    return {"count": len(found), "sums": _sums(found, handed), "rows": listed}


def _sums(found: Sequence[Inspection], handed: Mapping[str, Sequence[Handed]]) -> dict[str, float]:
    """Return what all inspections that fit come to, not those of one page only."""
    return {
        "length": math.fsum(one.length for one in found if math.isfinite(one.length)),
        "defects": sum(len(one.defects) for one in found),
        "media": sum(len(entry.media) for one in found for entry in handed.get(one.id, ())),
    }


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
    survey, counts = survey_of(store, state, one), counting_of(store, state, one)
    graded = counts.graded if counts and counts.holds(id_) else None
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
        "handed": [{**_handed_row(entry), "source": source_of(store, state, entry)} for entry in handed],
        "grade": grade_seen(state, survey, language, graded, every_sounded(store, state).unjudged),
        "counts": counts_row(counts, language),
        "withdrawn": _withdrawn(withdrawals(store, state).get(id_)),
        "drawing": drawing_of(store, state, survey, language, themed=True),
        "issues": [_said(issue, language) for issue in issues],
        "others": [
            {"id": other.id, "date": other.date, "method": other.method}
            for other in every_inspection(store, state)
            if (other.asset_type, other.asset) == (one.asset_type, one.asset) and other.id != id_
        ],
    }  # fmt: skip


def counts_row(found: Counting | None, language: str) -> dict[str, Any] | None:
    """Return which survey of a pipe counts, why, and what came later by a lesser method."""
    if found is None:
        return None
    method = found.survey.whole.method
    return {
        "ids": [run.inspection.id for run in found.survey.runs],
        "date": found.survey.whole.date,
        "method": method,
        "why": found.why,
        "weak": _method_row(method, language) if rank_of(method) > 1 else None,
        "sounded": [
            {"id": run.inspection.id, "date": run.inspection.date, "method": run.inspection.method}
            for run in (found.sounded.runs if found.sounded else ())
        ],
        "lesser": [
            {"id": one.id, "date": one.date, "method": one.method, **_method_row(one.method, language)}
            for one in found.lesser
        ],
    }


def _method_row(method: str, language: str) -> dict[str, str]:
    """Return what a way of looking can and cannot tell, with its clause."""
    known = inspection_methods()
    row = known.get(method, known["other"])
    return {"says": row.zh if language == "zh" else row.en, "clause": row.clause, "status": row.status}


def _withdrawn(found: Withdrawal | None) -> dict[str, str] | None:
    return None if found is None else {"why": found.why, "who": found.who, "at": found.at}


def _rows(
    survey: PipeSurvey, handed: Mapping[str, Sequence[Handed]], state: CityState, films: str
) -> list[dict[str, Any]]:
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
        rows.append(
            {
                "code": row.code, "level": row.level, "start": _plain(row.start), "length": row.length,
                "written": _plain(one.written), "again": one.again, "run": run.id, "clock": row.clock,
                "remark": row.remark, "variant": row.variant, "characters": list(row.characters),
                "quantities": list(row.quantities), "joint": row.joint, "continuous": row.continuous,
                "name": _code_names(run.standard, row.code),
                "picture": links[one.run].get(row.picture), "film": links[one.run].get(row.film or run.file),
                "film_at": row.film_at,
            }
        )  # fmt: skip
    return rows


def _code_names(standard: str, code: str) -> dict[str, str] | None:
    """Return what a code is called in both languages; None where no table has it."""
    if standard == CJJ:
        kinds, said = condition_rules().kinds, {one.code: one for one in outfall_codes()}
        known = kinds.get(code) or said.get(code)
        if known:
            return {"zh": known.zh, "en": known.en}
    names = {language: code_name(standard, code, language) for language in ("zh", "en")}
    return names if all(names.values()) else None


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
