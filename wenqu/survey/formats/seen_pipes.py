"""What does a crew say about one pipe or manhole, as an inspection of ours?"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from wenqu.issues import Issue, Weight
from wenqu.network.formats.proposing import plain
from wenqu.records.inspection import Defect, Inspection
from wenqu.standards.condition import ConditionRules, condition_rules
from wenqu.survey.delivery import SeenAsset
from wenqu.survey.formats.cell_values import (
    between,
    clock_in,
    code_of,
    date_of,
    ends_of,
    level_of,
    metres,
    number,
    seconds_of,
    stretch,
    there,
    tidy,
    word_in,
    word_is,
)
from wenqu.survey.formats.described import read_description
from wenqu.survey.formats.gathering import Gathered, Gathering
from wenqu.survey.formats.headings import FIGURES, manhole_items, table
from wenqu.survey.formats.pictured import Shown, matched
from wenqu.survey.formats.table_rows import Event

GRADES = ("structural_grade", "repair_grade", "functional_grade", "upkeep_grade")
OURS = (
    "asset",
    "start",
    "end",
    "manhole",
    "point",
    "method",
    "date",
    "film",
    "seen",
    "weather",
    "reason",
    "report_id",
)
MILLIMETRES = ("diameter",)  # what crews write without a unit
SOUND = ("正常", "无缺陷", "未发现", "未见", "完好", "良好", "no defect", "sound")
SLACK = 0.5  # [m] by which a crew's counter may run past the length they give themselves


def seen_assets(made: Gathering) -> tuple[list[SeenAsset], list[Issue]]:
    """Return an inspection for each pipe, manhole and finding that a file speaks of, and what is odd."""
    rules, ids = condition_rules(), Counter[str]()
    seen = []
    for one in made.found:
        asset = _seen(made, one, rules)
        own = asset.inspection.id
        ids[own] += 1
        if ids[own] > 1:
            own = f"{own}#{ids[own]}"
            defects = tuple(replace(defect, inspection=own) for defect in asset.inspection.defects)
            asset = replace(asset, inspection=replace(asset.inspection, id=own, defects=defects))
        seen.append(asset)
    return seen, made.issues


def _kind(one: Gathered) -> tuple[str, str]:
    """Return the type of asset and the method."""
    method = word_in("method", one.text("method")) or ("other" if one.text("method") else "")
    of_pipe = one.text("asset") or one.text("start") or one.text("end")
    finding = any(row.event.of("finding") for row in one.rows)
    if one.text("manhole") and not of_pipe and not one.text("point"):
        return "manhole", method or (one.method if one.method in {"patrol", "qv"} else "manhole")
    if one.text("point") or (finding and not of_pipe):
        return ("conduit" if of_pipe else "manhole" if one.text("manhole") else ""), method or "patrol"
    return "conduit", method or one.method or ("sonar" if one.silt else "cctv")


def _seen(made: Gathering, one: Gathered, rules: ConditionRules) -> SeenAsset:
    type_, method = _kind(one)
    asset = one.text("asset") or (one.text("manhole") if type_ == "manhole" else "")
    ends = (one.text("start"), one.text("end"))
    start, end = ends if any(ends) else ends_of(asset) if type_ == "conduit" else ("", "")
    name = asset or "-".join(part for part in (start, end) if part) or one.text("point") or one.text("place")
    date = date_of(one.text("date"))
    if date is None:
        made.tell("crew.bad-date", Weight.DOUBT, one.event, name, text=one.text("date"))
    own = one.text("report_id") or " ".join(part for part in (name, date or one.text("date")) if part)
    shown = matched(one)
    length = metres(one.text("seen"), one.said["seen"].unit) if "seen" in one.said else None
    direction = word_is("direction", one.text("direction"))
    inspection = Inspection(
        own, asset, method, date or "", math.nan if length is None else length, direction,
        one.text("inspector") or one.text("person"), one.text("film"), asset_type=type_, start=start, end=end,
        reason=one.text("reason"), weather=one.text("weather"),
    )  # fmt: skip
    defects = tuple(_defects(made, one, inspection, rules, shown))
    inspection = replace(inspection, defects=defects)
    media = [inspection.file, *(defect.picture for defect in defects), *shown.names()]
    facts = _facts(one, direction, date)
    _told(made, one, inspection, shown)
    where = " ".join(part for part in (made.file, one.event.table, str(one.event.row or "")) if part)
    return SeenAsset(
        inspection,
        start,
        end,
        _stated(one),
        facts,
        where,
        tuple(dict.fromkeys(name for name in media if name)),
    )


def _stated(one: Gathered) -> Mapping[str, float | str]:
    made: dict[str, float | str] = {}
    for name in FIGURES:
        text = one.text(name)
        if text:
            figure = level_of(text) if name in GRADES else number(text)
            made[name] = text if not figure and figure != 0 else float(figure)
    return made


def _facts(one: Gathered, direction: str, date: str | None) -> dict[str, str]:
    """Return what has no field of ours: by our word where there is one, else by its heading."""
    made = {}
    for name, said in one.said.items():
        lost = (name == "direction" and not direction) or (name == "date" and date is None)
        known = name in OURS or name in FIGURES or name in {"direction", "inspector"}
        known |= name == "person" and "inspector" not in one.said
        if known and not lost:
            continue
        unit = said.unit or ("mm" if name in MILLIMETRES and number(said.text) is not None else "")
        made[name] = f"{said.text} {unit}" if unit and number(said.text) is not None else said.text
    points = []
    for event in one.silt:
        at, deep = (
            metres(event.of("distance"), event.unit("distance")),
            metres(event.of("silt"), event.unit("silt")),
        )
        if at is not None and deep is not None:
            points.append(f"{at!r}={deep!r}")
    return made | ({"silt_profile": "; ".join(points)} if points else {}) | one.other


def _told(made: Gathering, one: Gathered, inspection: Inspection, shown: Shown) -> None:
    """Tell what is odd about an inspection as a whole."""
    if shown.unused:
        made.tell(
            "crew.picture-unused", Weight.NOTE, one.event, inspection.asset, count=len(shown.unused),
            names=", ".join(shown.unused[:5]),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Draft:
    defect: Defect
    edge: str  # KS opens a stretch, JS closes it
    event: Event


def _defects(
    made: Gathering, one: Gathered, inspection: Inspection, rules: ConditionRules, shown: Shown
) -> Iterator[Defect]:
    drafts = [
        draft
        for place, row in enumerate(one.rows)
        for draft in _drafts(made, inspection, row.event, shown.of_row.get(place, ""))
    ]
    reach = metres(one.text("length"), one.said["length"].unit) if "length" in one.said else None
    for draft in _stretches(made, inspection, drafts):
        _check(made, inspection, draft, rules, reach)
        yield draft.defect


def _drafts(made: Gathering, inspection: Inspection, event: Event, picture: str) -> Iterator[_Draft]:
    """Yield what one row saw: one defect, one finding, or each thing that is ticked."""

    def seen(code: str, start: float, remark: str, level: int = 0) -> _Draft:
        made = Defect(
            "", code, level, start, 0.0, inspection.date, inspection.id, remark=remark, picture=picture
        )
        return _Draft(made, "", event)

    for said in event.said:
        if said.field.startswith("item:") and said.text.strip() and word_is("no", said.text) != "no":
            remark = "" if word_is("yes", said.text) else tidy(said.text)
            yield seen(said.field[5:], math.nan, remark)
    finding = tidy(event.of("finding"))
    if there(finding) and not there(event.of("defect")):
        if not any(word in finding.casefold() for word in SOUND):
            level = level_of(event.of("level")) or 0
            at, _ = stretch(event.of("distance"), event.unit("distance"))
            for code, remark in _findings(finding):
                yield seen(code, math.nan if at is None else at, remark, level)
        return
    if not any(there(event.of(name)) for name in ("defect", "distance", "level")):
        return
    if any(word in event.of("defect").casefold() for word in SOUND):
        return
    if not there(event.of("defect")):
        made.tell("crew.half-row", Weight.BLOCK, event, inspection.asset, distance=event.of("distance"))
        return
    yield _draft(made, inspection, event, picture)


def _findings(text: str) -> list[tuple[str, str]]:
    """Return the code and the remark of each thing that a text names; words nobody lists are one finding."""
    items = manhole_items()
    parts = [part for part in re.split(r"[、；;，,\n]", text) if part.strip()]
    if parts and all(plain(part) in items for part in parts):
        return [(items[plain(part)]["code"], "") for part in parts]
    head, colon, rest = text.partition("：")
    known = items.get(plain(head)) if colon else None
    return [(known["code"], rest)] if known and rest else [("finding", text)]


def _draft(made: Gathering, inspection: Inspection, event: Event, picture: str) -> _Draft:
    text = event.of("defect")
    code, edge, in_name = code_of(text)
    level = level_of(event.of("level"))
    if level is None:
        made.tell("crew.bad-level", Weight.FAULT, event, inspection.asset, code=code, text=event.of("level"))
    start, length = stretch(event.of("distance"), event.unit("distance"))
    end = metres(event.of("distance_end"), event.unit("distance_end"))
    if start is not None and end is not None and end > start:
        length = between(start, end)
    length = metres(event.of("defect_length"), event.unit("defect_length")) or length
    if start is None:
        made.tell(
            "crew.bad-distance", Weight.FAULT, event, inspection.asset, code=code, text=event.of("distance")
        )
    said = read_description(event.of("description").strip())
    film_at = seconds_of(event.of("film_at"))
    clock = tidy(event.of("clock")) if there(event.of("clock")) else ""
    words = (said.remark, event.of("finding").strip(), event.of("remark").strip())
    remark = "，".join(part for part in words if part)
    defect = Defect(
        "", code, level or in_name, math.nan if start is None else start, length,
        inspection.date, inspection.id, clock or clock_in(text, bare=True) or said.clock, remark,
        picture, said.variant, film_at=said.film_at if film_at is None else film_at,
    )  # fmt: skip
    return _Draft(defect, edge, event)


def _stretches(made: Gathering, inspection: Inspection, drafts: Sequence[_Draft]) -> Iterator[_Draft]:
    """Join the row that opens a stretch (KS, 开始) with the one that closes it (JS, 结束)."""
    closing = [draft for draft in drafts if draft.edge == "JS"]
    for draft in drafts:
        if not draft.edge:
            yield draft
        elif draft.edge == "KS":
            start = draft.defect.start
            end = next(
                (
                    one
                    for one in closing
                    if one.defect.code == draft.defect.code and one.defect.start >= start
                ),
                None,
            )
            if end is None:
                made.tell(
                    "crew.open-stretch", Weight.DOUBT, draft.event, inspection.asset, code=draft.defect.code
                )
                yield draft
                continue
            closing.remove(end)
            level = draft.defect.level or end.defect.level
            length = between(start, end.defect.start)
            yield replace(draft, defect=replace(draft.defect, level=level, length=length))
    for draft in closing:
        made.tell("crew.open-stretch", Weight.DOUBT, draft.event, inspection.asset, code=draft.defect.code)
        yield draft


def _check(
    made: Gathering, inspection: Inspection, draft: _Draft, rules: ConditionRules, reach: float | None
) -> None:
    """Tell what cannot be right about a defect; it is kept as the crew wrote it."""
    defect, event = draft.defect, draft.event
    if inspection.asset_type != "conduit" or defect.code == "finding":
        return
    facts = {"code": defect.code, "level": defect.level}
    kind = rules.kinds.get(defect.code)
    marks = {row["value"] for row in table("words.csv") if row["kind"] == "mark"}
    if kind is None and defect.code not in marks:
        made.tell("crew.unknown-code", Weight.FAULT, event, inspection.asset, **facts)
    elif kind is not None and not defect.level:
        made.tell("crew.no-level", Weight.FAULT, event, inspection.asset, **facts)
    elif kind is not None and defect.level > len(kind.scores):
        made.tell(
            "crew.impossible-level", Weight.FAULT, event, inspection.asset, most=len(kind.scores), **facts
        )
    score = number(event.of("score"))
    if score is not None and kind is not None and 0 < defect.level <= len(kind.scores):
        due = kind.scores[defect.level - 1]
        if abs(due - score) > 1e-9:
            made.tell(
                "crew.score-differs", Weight.DOUBT, event, inspection.asset, score=score, due=due, **facts
            )
    far = reach if reach is not None else inspection.length
    if far and not math.isnan(far) and defect.start + defect.length > far + SLACK:
        made.tell(
            "crew.beyond-end",
            Weight.FAULT,
            event,
            inspection.asset,
            end=round(defect.end, 3),
            length=far,
            **facts,
        )
    if made.shown and there(event.of("picture")) and defect.picture not in made.shown:
        made.tell(
            "crew.no-picture", Weight.NOTE, event, inspection.asset, picture=event.of("picture"), **facts
        )
