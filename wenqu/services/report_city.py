"""What is known of a city, as pages for its council and lists for its engineers?"""

import json
import math
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from wenqu.diagnosis.cards import cards
from wenqu.errors import BadInput
from wenqu.issues import Issue
from wenqu.messages import LANGUAGES
from wenqu.planning.costs import read_catalogue
from wenqu.planning.verify import Verdict
from wenqu.progress import Progress, silent
from wenqu.records.programme import Programme
from wenqu.reports.content import CityReport, Graded, Label, Method, PlantYear, Target
from wenqu.reports.pdf import report_pdf
from wenqu.reports.workbook import lists_xlsx
from wenqu.services import filed_records
from wenqu.services.check_network import check_network
from wenqu.services.city_state import CityState
from wenqu.services.indicators import capacity_bod, permits, repaired, surveyed
from wenqu.services.learned_prices import PRICES
from wenqu.services.plan_city import relaxed_sentences
from wenqu.services.plant_inflow import PlantInflow, plant_inflows
from wenqu.services.scope_names import scope_names
from wenqu.store.database import Store
from wenqu.store.moments import now
from wenqu.supervision.pace import pace
from wenqu.supervision.targets import standing

PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Row = TypeVar("Row")


def report_city(
    store: Store, city: str, *, language: str, folder: Path, who: str, progress: Progress = silent
) -> list[Path]:
    """Write a city's report and its lists into a folder, and file both in one change.

    Parameters
    ----------
    language
        zh or en.
    folder
        Where ``<city>-report.<language>.pdf`` and ``<city>-lists.<language>.xlsx`` go; made when it is
        not there.

    Returns
    -------
    list of Path
        The report, then the lists.

    Raises
    ------
    UnknownCity
        The store has no such city.
    BadInput
        There are no sentences in that language.
    """
    if language not in LANGUAGES:
        raise BadInput("language", language=language, known=", ".join(LANGUAGES))
    report = gather_report(store, CityState(store.network(city)), who=who)
    progress(0.5)
    stem = _file_name(city)
    made = {f"{stem}-report.{language}.pdf": (report_pdf(report, language), PDF)}
    progress(0.8)
    made[f"{stem}-lists.{language}.xlsx"] = (lists_xlsx(report, language), XLSX)
    folder.mkdir(parents=True, exist_ok=True)
    for name, (content, _) in made.items():
        (folder / name).write_bytes(content)
    with store.change(city, who=who, why="report") as change:
        for name, (content, media) in made.items():
            change.write_document(name, content, media)
    progress(1.0)
    return [folder / name for name in made]


def _file_name(name: str) -> str:
    """Return a name that stays in its folder, whatever the city's code is."""
    return "".join("_" if sign in '\\/:*?"<>|' else sign for sign in name)


def gather_report(store: Store, state: CityState, *, who: str) -> CityReport:
    """Return everything the report of a city says, as of the state."""
    network = state.network
    flow, spread, areas = _extraneous(store, state)
    programme = filed_records.programme(store, state)
    return CityReport(
        city=network.city,
        version=store.version(network.city.code),
        at=datetime.now().astimezone().isoformat(timespec="seconds"),
        by=who,
        network=network,
        inspections=filed_records.inspections(store, state),
        graded={id_: _same(Graded, row) for id_, row in filed_records.grades(store, state).items()},
        targets=_targets(store, state),
        plants=tuple(_same(PlantYear, row) for row in plant_inflows(store, state)),
        findings=tuple(filed_records.findings(store, state)),
        extraneous=flow,
        extraneous_sd=spread,
        areas=areas,
        methods={
            key: Method(
                Label(card.zh, card.en), card.formula, card.source, Label(card.trust_zh, card.trust_en)
            )
            for key, card in cards().items()
        },
        programme=programme,
        repairs=_repairs(store, state),
        kept_short=_kept_short(programme, state),
        issues=_issues(store, state),
    )


def _same(cls: type[Row], row: object) -> Row:
    """Return a row of the report with the values that a record has under the same names."""
    return cls(**{entry.name: getattr(row, entry.name) for entry in fields(cls)})  # type: ignore[arg-type]


def _extraneous(store: Store, state: CityState) -> tuple[Any, Any, Any]:
    """Return extraneous water, its standard deviation and the area of each conduit. [m³/s]"""
    ids = state.network.table("conduit").ids
    found = filed_records.posterior(store, state)
    flow, spread = np.full(len(ids), math.nan), np.full(len(ids), math.nan)
    areas = np.full(len(ids), "", dtype=object)
    if found is not None and len(ids):
        place = {str(id_): row for row, id_ in enumerate(found.ids)}
        at = np.array([place.get(str(id_), -1) for id_ in ids], dtype=np.int64)
        there = np.flatnonzero(at >= 0)
        there = there[~found.silent[at[there]]]
        source = at[there]
        flow[there] = found.groundwater[source] + found.river[source]
        spread[there] = np.hypot(found.groundwater_sd[source], found.river_sd[source])
        areas[there] = found.area[source]
    return flow, spread, areas


def _targets(store: Store, state: CityState) -> tuple[Target, ...]:
    """Return every indicator against its next milestone, as the cockpit shows them."""
    today = now().date()
    inflows: tuple[PlantInflow, ...] = plant_inflows(store, state)
    indicators = (
        surveyed(store, state, today), repaired(store, state, today), capacity_bod(inflows, today),
        permits(state, today),
    )  # fmt: skip
    made = []
    for indicator in indicators:
        if not indicator.rows:
            continue
        gains = indicator.gains(today)
        yearly = pace(gains)
        stands = standing(indicator.key, indicator.value(), today, yearly)
        rule = stands.target
        made.append(
            Target(
                rule.key, Label(rule.zh, rule.en), rule.operator, stands.today, rule.target, rule.date,
                stands.state, stands.pace_needed, sum(row.part for row in indicator.rows),
                sum(row.whole for row in indicator.rows), indicator.unit, len(indicator.rows),
                Label(rule.formula_zh, rule.formula_en), rule.edition, rule.status,
            )
        )  # fmt: skip
    return tuple(made)


def _repairs(store: Store, state: CityState) -> dict[str, Label]:
    """Return what the methods of repair are called in the city's price table and in the default one."""
    own = store.document(state.network.city.code, PRICES, state.network.as_of or None)
    books = [read_catalogue()] + ([] if own is None else [read_catalogue(own.decode("utf-8-sig"))])
    return {entry.key: Label(entry.zh, entry.en) for book in books for entry in book.methods}


def _kept_short(programme: Programme | None, state: CityState) -> tuple[Label, ...]:
    """Return in words which rules the programme cannot keep."""
    rules = json.loads(programme.rules) if programme and programme.rules else {}
    verdicts = [Verdict(**row) for row in rules.get("relaxations", [])]
    said = [relaxed_sentences(verdicts, language, scope_names(state, language)) for language in ("zh", "en")]
    return tuple(Label(zh, en) for zh, en in zip(*said, strict=True))


def _issues(store: Store, state: CityState) -> tuple[tuple[str, Issue], ...]:
    """Return what is wrong with the data: of the network, of the inspections, of the diagnosis."""
    code, moment = state.network.city.code, state.network.as_of or None
    graded = filed_records.grades(store, state).values()
    return (
        *(("network", issue) for issue in check_network(store, code, moment)),
        *(("inspection", issue) for row in graded for issue in row.issues),
        *(
            ("diagnosis", issue)
            for issue in store.records(code, "diagnosis-issue", Issue, moment, last_run=True)
        ),
    )
