"""How do inspections of a city become the annex tables of CJJ 181, as a Word file or a workbook?"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from wenqu.diagnosis.grading import Grade, Segment, grade_conduit
from wenqu.errors import NotEnoughData, Refused, Unknown
from wenqu.records.handed import Handed
from wenqu.records.inspection import Inspection
from wenqu.reports.drawn_png import drawn_png
from wenqu.services.city_state import CityState
from wenqu.services.grade_city import SLACK, as_seen, segments
from wenqu.services.inspection_grades import CJJ, drawing_of
from wenqu.services.seen_inspections import filed_inspections, handed_inspections, survey_of
from wenqu.services.view_inspections import Asked, list_inspections
from wenqu.standards.condition import condition_rules
from wenqu.store.database import Store
from wenqu.survey.delivery import SeenAsset
from wenqu.survey.formats.annex_writing import write_lists, write_report
from wenqu.survey.formats.annexes import plain_number
from wenqu.survey.formats.headings import FIGURES
from wenqu.survey.sounded_silt import unjudged

MEDIA = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MOST = 500  # inspections of one file
PICTURES = {".jpg", ".jpeg", ".png", ".bmp", ".gif"}  # that Word shows


def inspections_file(
    store: Store,
    state: CityState,
    form: str,
    language: str,
    *,
    ids: Sequence[str] = (),
    text: str = "",
    as_stated: bool = False,
) -> bytes:
    """Return inspections as the annex tables of CJJ 181.

    Parameters
    ----------
    form
        docx or xlsx, both with pictures and drawings.
    ids
        Which inspections; none given means all.
    text
        Only those that are listed under this part of a number, a pipe or a manhole.
    as_stated
        The evaluation as the contractor stated it; else as reckoned here.

    Raises
    ------
    Unknown
        A file of this kind is not written, or there is no inspection of such an id.
    NotEnoughData
        The city has no inspections, or none is listed under the text.
    Refused
        There are more than one file should hold.
    """
    if form not in MEDIA:
        raise Unknown("report-ending", name=form, known=", ".join(f".{one}" for one in MEDIA))
    chosen = _chosen(store, state, ids, text)
    if len(chosen) > MOST:
        raise Refused("many-inspections", count=len(chosen), most=MOST)
    handed = handed_inspections(store, state)
    pipes = segments(state.network.table("conduit"))
    seen = [_seen(one, handed.get(one.id, ()), pipes, language, as_stated=as_stated) for one in chosen]
    pictures = _pictures(store, state, [entry for one in chosen for entry in handed.get(one.id, ())])
    drawings = {one.id: drawing_of(store, state, survey_of(store, state, one), language) for one in chosen}
    drawn = drawn_png({id_: svg for id_, svg in drawings.items() if svg})
    write = write_lists if form == "xlsx" else write_report
    return write(seen, language, pictures, drawn)


def _chosen(store: Store, state: CityState, ids: Sequence[str], text: str) -> list[Inspection]:
    """Return the inspections that are asked for, oldest first."""
    filed = filed_inspections(store, state)
    if not filed:
        raise NotEnoughData("none-inspected", city=state.network.city.code)
    if ids:
        wanted, known = set(ids), {one.id for one in filed}
        for id_ in ids:
            if id_ not in known:
                raise Unknown("inspection", name=id_)
    elif text:
        wanted = {row["id"] for row in list_inspections(store, state, Asked(text, most=MOST + 1))["rows"]}
        if not any(one.id in wanted for one in filed):
            raise NotEnoughData("none-listed", text=text)
    else:
        return filed
    return [one for one in filed if one.id in wanted]


def _seen(
    one: Inspection, handed: Sequence[Handed], pipes: Mapping[str, Segment], language: str, *, as_stated: bool
) -> SeenAsset:
    """Return an inspection as its table has it: what was handed in with it, and its evaluation."""
    segment = pipes.get(one.asset) if one.asset_type == "conduit" else None
    facts = {name: text for entry in reversed(handed) for name, text in entry.facts.items()}
    if segment is not None:
        if segment.diameter is not None:
            facts.setdefault("diameter", f"{plain_number(round(segment.diameter * 1000, 1))} mm")
        if segment.length is not None:
            facts.setdefault("length", f"{plain_number(round(segment.length, 2))} m")
    stated: dict[str, float | str] = {}
    if as_stated:
        stated = {name: value for entry in reversed(handed) for name, value in entry.stated.items()}
    elif segment is not None and one.looked_inside and one.standard == CJJ:
        grade = grade_conduit(segment, one.defects, slack=SLACK)
        silent = {one.id} if unjudged(one, facts, segment.diameter or math.nan) else ()
        stated = _ours(as_seen(grade, one, silent), language)
    names = [name for entry in handed for name in (*entry.media, *entry.missing)]
    media = tuple(dict.fromkeys([*(row.picture for row in one.defects if row.picture), *names]))
    defects = tuple(replace(row, length=round(row.length, 6)) for row in one.defects)
    return SeenAsset(replace(one, defects=defects), one.start, one.end, stated, facts, "", media)


def _ours(grade: Grade, language: str) -> dict[str, float | str]:
    """Return our figures, rounded as reports have them, with the words of the grades."""
    rules = condition_rules()
    made: dict[str, float | str] = {}
    for name in FIGURES:
        value = getattr(grade, name, None)
        if isinstance(value, int | float):
            made[name] = float(value) if name.endswith("_grade") else round(float(value), 3)
    for name, index, rank in (
        ("structural_says", "F", grade.structural_grade), ("functional_says", "G", grade.functional_grade),
    ):  # fmt: skip
        band = next((one for one in rules.grades[index] if one.rank == rank), None)
        if band is not None:
            made[name] = band.zh if language == "zh" else band.en
    return made


def _pictures(store: Store, state: CityState, handed: Sequence[Handed]) -> dict[str, bytes]:
    """Return the pictures that were handed in, by name."""
    made: dict[str, bytes] = {}
    for entry in handed:
        for name, document in entry.media.items():
            path = store.document_path(state.network.city.code, document)
            if Path(name).suffix.lower() in PICTURES and path is not None and path.is_file():
                made.setdefault(name, path.read_bytes())
    return made
