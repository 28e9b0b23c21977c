"""Which defects does a crew name for one pipe, where do they begin and end, and what cannot be right?"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from wenqu.issues import Weight
from wenqu.network.formats.proposing import plain
from wenqu.records.inspection import Defect, Inspection
from wenqu.standards.condition import ConditionRules
from wenqu.standards.observations import special_codes
from wenqu.survey.formats.cell_values import (
    between,
    clock_in,
    code_of,
    is_code,
    level_of,
    metres,
    number,
    seconds_of,
    stretch,
    there,
    tidy,
    word_is,
)
from wenqu.survey.formats.described import read_description
from wenqu.survey.formats.gathering import Gathered, Gathering
from wenqu.survey.formats.headings import manhole_items
from wenqu.survey.formats.pictured import Shown
from wenqu.survey.formats.table_rows import Event, Said
from wenqu.survey.named_places import without_manholes

SOUND = ("正常", "无缺陷", "未发现", "未见", "完好", "良好", "no defect", "sound")
SLACK = 0.5  # [m] by which a crew's counter may run past the length they give themselves


@dataclass(frozen=True, slots=True)
class _Draft:
    defect: Defect
    edge: str  # KS opens a stretch, JS closes it
    event: Event


def defects_of(
    made: Gathering, one: Gathered, inspection: Inspection, rules: ConditionRules, shown: Shown
) -> Iterator[Defect]:
    """Yield the defects of one inspection, as the crew wrote them, and tell what is odd about each."""
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
    yield from _row_drafts(made, inspection, event, picture)


def _row_drafts(made: Gathering, inspection: Inspection, event: Event, picture: str) -> Iterator[_Draft]:
    """Yield the defect of a row of a list; one that is named in the description alone counts too."""
    if not any(there(event.of(name)) for name in ("defect", "distance", "level")):
        return
    if not there(event.of("defect")) and is_code(code_of(event.of("description"))[0]):
        event = replace(event, said=(*event.said, Said("defect", "", event.of("description"))))
    told = event.of("defect") if there(event.of("defect")) else event.of("description")
    if any(word in told.casefold() for word in SOUND):
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
    found = [plain(without_manholes(part)) for part in parts]  # W7井井盖破损
    if parts and all(name in items for name in found):
        return [(items[name]["code"], part.strip()) for name, part in zip(found, parts, strict=True)]
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
    if kind is None and defect.code not in special_codes():
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
