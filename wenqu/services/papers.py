"""Which papers does a city's data write: one plant, a district, a month, tasks, tables; in which form?"""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from wenqu.errors import BadInput
from wenqu.messages import LANGUAGES, say
from wenqu.reports.paper import (
    Block,
    Chart,
    Fact,
    PaperContent,
    Words,
    cell_text,
    numbered,
    runs,
    source_line,
)
from wenqu.reports.paper_docx import paper_docx
from wenqu.reports.paper_pdf import paper_pdf
from wenqu.reports.paper_xlsx import paper_xlsx
from wenqu.services.city_state import CityState
from wenqu.services.describe_city import districts
from wenqu.services.paper_causes import cause_name
from wenqu.services.paper_district import district_paper
from wenqu.services.paper_draft import Draft
from wenqu.services.paper_month import month_paper
from wenqu.services.paper_plant import plant_paper
from wenqu.services.paper_tables import tables_paper
from wenqu.services.paper_tasks import tasks_paper
from wenqu.services.paper_words import with_edits, words_of
from wenqu.services.plant_inflow import plant_inflows
from wenqu.services.problem_lists import zone_name
from wenqu.services.programme_part import programme_part
from wenqu.services.rights import Person, reach
from wenqu.services.view_figures import day_of
from wenqu.store.database import Store
from wenqu.units import from_si

Writer = Callable[[Store, CityState, str, Draft, Store | None], None]
MEDIA = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


SHOWN = 500  # rows of a table on the page; the files have more


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of paper."""

    write: Writer
    subject: str  # what it is about: plant, district, month, or part (a district or the whole city)
    across: bool = False


KINDS: dict[str, Kind] = {
    "plant": Kind(plant_paper, "plant"),
    "district": Kind(district_paper, "district"),
    "month": Kind(month_paper, "month"),
    "tasks": Kind(tasks_paper, "part", across=True),
    "tables": Kind(tables_paper, "part", across=True),
}


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper as a file."""

    name: str
    media: str
    body: bytes
    facts: tuple[Fact, ...]  # the figures in it, in the order of their numbers
    title: str
    basis: str  # from which data it was made
    programme: str  # id of the programme it stands on, "" for none
    version: int  # number of the last change of the city that is in it


def make_paper(
    store: Store,
    state: CityState,
    kind: str,
    subject: str,
    language: str,
    format: str,  # noqa: A002 - as users say
    *,
    whole: Store | None = None,
) -> Paper:
    """Return a paper as a file, made from the store as it is now.

    Parameters
    ----------
    store, state
        What whoever asks may see.
    kind, subject
        ``plant`` with the id of a plant, ``district`` with that of a district, ``month`` with ``2026-03`` or
        ``2026-03/district``, ``tasks`` and ``tables`` with that of a district or "" for the whole city.
    language
        zh or en.
    format
        docx, pdf or xlsx.
    whole
        The store as it is, for what speaks of the whole city (the programme); it is cut to what is seen.

    Raises
    ------
    BadInput
        There is no such kind, language or format.
    UnknownAsset
        There is no such plant or district for whoever asks.
    """
    if format not in MEDIA:
        raise BadInput("paper-format", name=format, known=", ".join(MEDIA))
    content = paper_content(store, state, kind, subject, language, whole=whole)
    body = {"docx": paper_docx, "pdf": paper_pdf, "xlsx": paper_xlsx}[format](content)
    programme = programme_part(store, state, whole)
    stem = "-".join(part for part in (state.network.city.code, kind, subject, content.day) if part)
    return Paper(
        f"{_file_name(stem)}.{language}.{format}",
        MEDIA[format],
        body,
        content.listed,
        content.name,
        content.basis,
        programme.id if programme else "",
        state.network.version,
    )


def paper_content(
    store: Store, state: CityState, kind: str, subject: str, language: str, *, whole: Store | None = None
) -> PaperContent:
    """Return everything that a paper says, its figures numbered, with the texts that people wrote.

    Raises
    ------
    BadInput
        There is no such kind or language.
    UnknownAsset
        There is no such plant or district for whoever asks.
    """
    if kind not in KINDS:
        raise BadInput("paper-kind", name=kind, known=", ".join(KINDS))
    if language not in LANGUAGES:
        raise BadInput("language", language=language, known=", ".join(LANGUAGES))
    draft = Draft(state, language)
    KINDS[kind].write(store, state, subject, draft, whole)
    city = state.network.city
    name = city.zh if language == "zh" else city.en or city.zh
    programme = programme_part(store, state, whole)
    basis = say("paper.basis", language, version=state.network.version, day=day_of(state))
    if programme is not None:
        between = "" if language == "zh" else " "
        basis += between + say("paper.basis_programme", language, id=programme.id, at=programme.at[:10])
    content = PaperContent(
        city.code,
        kind,
        subject,
        language,
        say(f"paper.title.{kind}", language, city=name or city.code, **_named(state, kind, subject)).strip(),
        name or city.code,
        day_of(state),
        basis,
        tuple(draft.parts),
        draft.facts,
        city.simulated,
        KINDS[kind].across,
        (say("paper.simulated", language),) if city.simulated else (),
    )
    return numbered(with_edits(content, words_of(store, state, content)))


def _named(state: CityState, kind: str, subject: str) -> dict[str, str]:
    if kind == "plant":
        row = state.network.row("plant", subject)
        return {"plant": str(state.network.table("plant").column("name")[row] or subject)}
    month, _, zone = subject.partition("/") if kind == "month" else ("", "", subject)
    return {"month": month, "district": zone_name(state.network, zone) if zone else ""}


def _file_name(name: str) -> str:
    return "".join("_" if sign in '\\/:*?"<>|' else sign for sign in name)


def paper_told(content: PaperContent) -> dict[str, Any]:
    """Return a paper as the page shows it: texts as pieces, each figure with its number and its rows."""
    language, facts = content.language, content.facts

    def pieces(text: str) -> list[dict[str, object]]:
        return [asdict(run) for run in runs(text, facts, language)]

    def block(one: Block) -> dict[str, object]:
        if isinstance(one, Words):
            return {
                "words": one.key,
                "text": one.text,
                "draft": one.draft,
                "edited": one.edited,
                "version": one.version,
                "by": one.by,
                "at": one.at,
                "redrafted": one.redrafted,
                "notice": one.notice,
                "changes": [asdict(change) for change in one.changes],
                "lines": [pieces(line) for line in one.text.split("\n") if line.strip()],
                "drafted": [pieces(line) for line in one.draft.split("\n") if line.strip()],
            }
        if isinstance(one, Chart):
            steps = [
                {
                    "key": step.key,
                    "label": cause_name(step.key, language),
                    **{
                        name: None if math.isnan(value) else from_si(value, "mg/L")
                        for name, value in (("value", step.value), ("low", step.low), ("high", step.high))
                    },
                }
                for step in one.steps
            ]
            return {
                "chart": one.key,
                "caption": one.caption,
                "steps": steps,
                "target": from_si(one.target, "mg/L"),
            }
        return {
            "grid": one.key,
            "caption": one.caption,
            "heads": [asdict(head) for head in one.heads],
            "count": len(one.rows),
            "rows": [
                [
                    pieces(cell)
                    if isinstance(cell, str)
                    else [{"text": cell_text(cell), "fact": 0, "key": ""}]
                    for cell in row
                ]
                for row in one.rows[:SHOWN]
            ],
            "note": pieces(one.note),
        }

    return {
        "kind": content.kind,
        "subject": content.subject,
        "title": content.name,
        "day": content.day,
        "basis": content.basis,
        "simulated": content.simulated,
        "marks": list(content.marks),
        "parts": [
            {"key": part.key, "title": part.title, "blocks": [block(one) for one in part.blocks]}
            for part in content.parts
        ],
        "facts": [{**_fact(one), "source": source_line(one, language)} for one in content.listed],
        "known": [_fact(one) for one in facts.values()],
    }


def _fact(one: Fact) -> dict[str, object]:
    return {"key": one.key, "number": one.number, "label": one.label, "said": one.said, "link": one.link}


def plants_short(store: Store, state: CityState) -> list[str]:
    """Return the plants that receive less than their target, the thinnest first."""
    short = [one for one in plant_inflows(store, state) if one.bod5 <= one.threshold]
    return [one.id for one in sorted(short, key=lambda one: (one.bod5, one.id))]


def papers_offered(store: Store, state: CityState, person: Person) -> dict[str, Any]:
    """Return which papers can be made of what is seen: plants with what they receive, districts.

    ``may`` holds the districts in whose papers the person may write, "" for the papers of the whole city.
    """
    decides = reach(person, "decide", state.network.city.code)
    plants = [
        {
            "id": one.id,
            "name": one.name,
            "district": one.district,
            "bod5": None if math.isnan(one.bod5) else from_si(one.bod5, "mg/L"),
            "threshold": from_si(one.threshold, "mg/L"),
            "meets": None if math.isnan(one.bod5) else one.bod5 > one.threshold,
        }
        for one in plant_inflows(store, state)
    ]
    plants.sort(key=lambda one: (one["meets"] is not False, one["bod5"] is None, one["bod5"] or 0.0))
    return {
        "kinds": {key: kind.subject for key, kind in KINDS.items()},
        "plants": plants,
        "districts": districts(state),
        "formats": list(MEDIA),
        "may": ["", *(one["id"] for one in districts(state))]
        if decides.whole
        else sorted({zone for zone, body in decides.places if zone and not body}),
        "simulated": state.network.city.simulated,
    }


def subject_place(state: CityState, kind: str, subject: str) -> tuple[str, str]:
    """Return the district of a paper ("" the whole city), and the asset that it is about ("" for none).

    Raises
    ------
    UnknownAsset
        There is no such plant or district for whoever asks.
    """
    if kind == "plant":
        row = state.network.row("plant", subject)
        return str(state.network.table("plant").column("district")[row] or ""), subject
    zone = _zone(kind, subject)
    if zone:
        state.network.row("zone", zone)
    return zone, zone


def _zone(kind: str, subject: str) -> str:
    return subject.partition("/")[2] if kind == "month" else subject
