"""What does the monthly bulletin say (月报): this month against the last, from the ledgers?"""

import math
import re
from collections.abc import Mapping
from datetime import date, timedelta

from wenqu.errors import BadInput, NotEnoughData
from wenqu.reports.paper import Cell, Grid, Words
from wenqu.reports.wording import NOTHING
from wenqu.services.city_state import CityState
from wenqu.services.paper_district import problem_counts, problem_source
from wenqu.services.paper_draft import Draft, From, figure_only
from wenqu.services.paper_progress import districts_grid, share_of, stage_source
from wenqu.services.paper_upkeep import Span, upkeep_part
from wenqu.services.planned_checks import ledger_of
from wenqu.services.plant_inflow import plant_inflows
from wenqu.services.plant_story import plant_story
from wenqu.services.problem_ledger import ledger
from wenqu.services.standing_acceptances import standings
from wenqu.services.view_figures import day_of
from wenqu.services.works_ledger import works_ledger
from wenqu.store.database import Store
from wenqu.supervision.accounting import STAGES
from wenqu.works.problem_life import Life, life

MM = 1e-3
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


def span_of(month: str, day: str) -> Span:
    """Return a month and the one before.

    Raises
    ------
    BadInput
        It is no month, or one that has not begun by the day of the question.
    """
    if not MONTH.fullmatch(month) or f"{month}-01" > day:
        raise BadInput("paper-month", name=month)
    begins = date.fromisoformat(f"{month}-01")
    after = (begins + timedelta(days=31)).replace(day=1)
    last = begins - timedelta(days=1)
    return Span(
        month,
        begins.isoformat(),
        min((after - timedelta(days=1)).isoformat(), day),
        last.isoformat()[:7],
        last.replace(day=1).isoformat(),
        last.isoformat(),
    )


def month_paper(store: Store, state: CityState, subject: str, draft: Draft, whole: Store | None) -> None:
    """Write the bulletin of a month (``2026-03``), or of a district in it (``2026-03/zone``), into a draft.

    Raises
    ------
    BadInput
        It is no month, or one that has not begun.
    UnknownAsset
        There is no such district.
    """
    month, _, district = subject.partition("/")
    span = span_of(month, day_of(state))
    if district:
        state.network.row("zone", district)
    _progress(store, state, span, district, draft)
    _problems(store, state, span, district, draft)
    _works(store, state, span, district, draft)
    upkeep_part(store, state, span, district, draft, whole)
    _plants(store, state, span, district, draft)
    _checks(store, state, span, draft)
    _due(store, state, span, district, draft)


def _progress(store: Store, state: CityState, span: Span, district: str, draft: Draft) -> None:
    rows: list[tuple[Cell, ...]] = []
    lead: dict[str, str] = {}
    for stage in STAGES:
        now_ = share_of(store, state, stage, span.ends, district)
        then = share_of(store, state, stage, span.before_ends, district)
        name = draft.say(f"stage.{stage}")
        source = stage_source(store, state, stage, span.ends, draft, now_.of_count)
        length = draft.cite(
            f"stage.{stage}", draft.say("fact.stage", stage=name), now_.length_mm * MM, "km", source
        )
        share = draft.cite(
            f"stage.{stage}.share", draft.say("fact.stage_share", stage=name), now_.by_length, "%", source
        )
        old = stage_source(store, state, stage, span.before_ends, draft, then.of_count)
        before = draft.cite(
            f"stage.{stage}.before",
            draft.say("fact.stage_before", stage=name),
            then.length_mm * MM,
            "km",
            old,
        )
        more = draft.cite(
            f"stage.{stage}.more",
            draft.say("fact.stage_more", stage=name),
            (now_.length_mm - then.length_mm) * MM,
            "km",
            source,
        )
        rows.append((name, *map(figure_only, (length, before, more, share))))
        lead[f"{stage}_more"], lead[f"{stage}_share"] = more, share
    columns = (
        ("stage", 1.4, False),
        ("this_month", 1.2, True),
        ("last_month", 1.2, True),
        ("more", 1.2, True),
        ("share_of", 1.2, True),
    )
    units = {"this_month": "km", "last_month": "km", "more": "km", "share_of": "%"}
    words = draft.words(
        "progress",
        "month.progress",
        until=span.ends,
        **{key: lead[key] for key in ("surveyed_more", "surveyed_share", "accepted_more", "accepted_share")},
    )
    blocks: list[Words | Grid] = [words, draft.grid("progress", columns, rows, units=units)]
    if not district:
        blocks.append(districts_grid(store, state, span.ends, span.before_ends, draft))
    draft.part("progress", *blocks)


def known_on(one: Life) -> str:
    """Return since when the ledger knows a problem: its filing, or its first step where that is earlier."""
    return min([one.problem.at or one.problem.found_on, *(event.at for event in one.events)])


def lives_on(store: Store, state: CityState, day: str, district: str = "") -> list[Life]:
    """Return the problems as they stood at the end of a day."""
    code, until = state.network.city.code, f"{day}T24"
    every = ledger(store, code, state.network.as_of or None)
    stood = [
        life(one.problem, [event for event in one.events if event.at < until])
        for one in every.values()
        if known_on(one) < until
    ]
    return [one for one in stood if not district or one.district == district]


def _problems(store: Store, state: CityState, span: Span, district: str, draft: Draft) -> None:
    now_, then = (lives_on(store, state, day, district) for day in (span.ends, span.before_ends))
    counts, before = problem_counts(now_, span.ends), problem_counts(then, span.before_ends)
    found = {
        "found": _between(now_, span.begins, span.ends, "at"),
        "solved": _between(now_, span.begins, span.ends, "closed_at"),
    }
    earlier = {
        "found": _between(then, span.before_begins, span.before_ends, "at"),
        "solved": _between(then, span.before_begins, span.before_ends, "closed_at"),
    }
    rows: list[tuple[Cell, ...]] = []
    facts: dict[str, str] = {}
    for key, value, old in (
        *((key, found[key], earlier[key]) for key in found),
        *((key, counts[key], before[key]) for key in ("open", "overdue", "closed")),
    ):
        label = draft.say(f"fact.problems_{key}")
        facts[key] = draft.count(f"problems.{key}", label, value, problem_source(draft, len(now_), label))
        last = draft.count(
            f"problems.{key}.before",
            draft.say("fact.before", what=label),
            old,
            problem_source(draft, len(then), label),
        )
        rows.append((label, figure_only(facts[key]), figure_only(last), value - old))
    columns = (
        ("matter", 2.0, False),
        ("this_month", 1.0, True),
        ("last_month", 1.0, True),
        ("more", 1.0, True),
    )
    draft.part(
        "problems", draft.words("problems", "month.problems", **facts), draft.grid("problems", columns, rows)
    )


def _between(lives: list[Life], first: str, last: str, when: str) -> int:
    def day(one: Life) -> str:
        return (one.closed_at if when == "closed_at" else known_on(one))[:10]

    return sum(bool(day(one)) and first <= day(one) <= last for one in lives)


def _works(store: Store, state: CityState, span: Span, district: str, draft: Draft) -> None:
    found, stands = works_ledger(store, state), standings(store, state)
    lengths = {
        work.conduit: 0.0 if math.isnan(work.length) else work.length
        for project in found.projects.values()
        for lot in project.lots
        for work in lot.works
    }
    zones = {
        work.conduit: project.district
        for project in found.projects.values()
        for lot in project.lots
        for work in lot.works
    }
    built = {one.asset: one.date[:10] for one in found.as_built}
    accepted = {name: one.acceptance.date[:10] for name, one in stands.items()}
    rows: list[tuple[Cell, ...]] = []
    for key, days in (("built", built), ("accepted_pipes", accepted)):
        here = {name: day for name, day in days.items() if not district or zones.get(name) == district}
        now_, then = (
            _within(here, span.begins, span.ends),
            _within(here, span.before_begins, span.before_ends),
        )
        label = draft.say(f"column.{key}")
        source = From(draft.say("from.works", what=label), len(now_), link="works?tab=projects")
        length = draft.cite(
            f"works.{key}",
            draft.say("fact.works_month", what=label),
            math.fsum(lengths.get(name, 0.0) for name in now_),
            "km",
            source,
        )
        old = draft.cite(
            f"works.{key}.before",
            draft.say("fact.before", what=label),
            math.fsum(lengths.get(name, 0.0) for name in then),
            "km",
            source,
        )
        rows.append((label, len(now_), figure_only(length), len(then), figure_only(old)))
    columns = (
        ("matter", 1.6, False),
        ("this_pipes", 0.9, True),
        ("this_month", 1.2, True),
        ("last_pipes", 0.9, True),
        ("last_month", 1.2, True),
    )
    grid = draft.grid("works_month", columns, rows, units={"this_month": "km", "last_month": "km"})
    ending = [
        one.name
        for one in found.projects.values()
        if span.begins <= one.ends <= span.ends and (not district or one.district == district)
    ]
    said = "、".join(ending) if draft.language == "zh" else ", ".join(ending)
    words = draft.words("works", "month.works_ending" if ending else "month.works", projects=said)
    draft.part("works_month", words, grid)


def _within(days: Mapping[str, str], first: str, last: str) -> list[str]:
    return [name for name, day in days.items() if first <= day <= last]


def _plants(store: Store, state: CityState, span: Span, district: str, draft: Draft) -> None:
    rows: list[tuple[Cell, ...]] = []
    unit = "万m³/d" if draft.language == "zh" else "m³/d"
    for inflow in plant_inflows(store, state):
        if district and inflow.district != district:
            continue
        try:
            months = {one.month: one for one in plant_story(store, state, inflow.id).history.months}
        except NotEnoughData:
            months = {}
        cells: list[Cell] = []
        for month, name in ((span.month, "this"), (span.before, "last")):
            one = months.get(month)
            source = From(
                draft.say(
                    "from.series", names=f"flow@{inflow.id}, bod5@{inflow.id}", since=month, until=month
                ),
                one.days if one else 0,
                "Σ(Q·C) / ΣQ",
                link=f"diagnosis?asset=plant/{inflow.id}",
            )
            given = (one.flow, one.means.get("bod5", math.nan)) if one else (math.nan, math.nan)
            flow = draft.cite(
                f"plant.{inflow.id}.flow.{name}",
                draft.say("fact.plant_flow", plant=inflow.name, month=month),
                given[0],
                unit,
                source,
            )
            bod5 = draft.cite(
                f"plant.{inflow.id}.bod5.{name}",
                draft.say("fact.plant_month", month=month, plant=inflow.name),
                given[1],
                "mg/L",
                source,
            )
            cells += [figure_only(flow), figure_only(bod5)]
        rows.append((inflow.name, *cells, round(inflow.threshold * 1e3, 1)))
    if not rows:
        draft.part("plants", draft.missing("plants", "month.no_plants"))
        return
    columns = (
        ("plant", 1.5, False),
        ("this_flow", 1.1, True),
        ("this_bod5", 1.1, True),
        ("last_flow", 1.1, True),
        ("last_bod5", 1.1, True),
        ("target_bod5", 0.9, True),
    )
    units = {
        "this_flow": unit,
        "last_flow": unit,
        "this_bod5": "mg/L",
        "last_bod5": "mg/L",
        "target_bod5": "mg/L",
    }
    draft.part(
        "plants",
        draft.words("plants", "month.plants")
        if any(cell != NOTHING for _, *cells, _ in rows for cell in cells)
        else draft.missing("plants", "month.plants_silent"),
        draft.grid("plants_month", columns, rows, units=units),
    )


def _checks(store: Store, state: CityState, span: Span, draft: Draft) -> None:
    found = ledger_of(store, state)
    rows: list[tuple[Cell, ...]] = []
    for one in found.judged.values():
        terms = found.verifications.get(one.verification)
        if terms is None or not span.begins <= one.date[:10] <= span.ends:
            continue
        source = From(
            draft.say("from.verification", id=terms.id),
            1,
            draft.say("formula.band"),
            link=f"works?tab=effects&row={terms.id}",
        )
        change = draft.cite(
            f"check.{terms.id}",
            draft.say("fact.change", meter=terms.asset),
            one.change,
            "%",
            source,
            low=one.low,
            high=one.high,
        )
        rows.append(
            (terms.name, terms.asset, one.date[:10], figure_only(change), draft.say(f"check.{one.verdict}"))
        )
    if not rows:
        draft.part("checks", draft.missing("checks", "month.no_checks"))
        return
    columns = (
        ("check", 1.6, False),
        ("meter", 1.0, False),
        ("date", 1.0, False),
        ("seen_change", 1.4, True),
        ("verdict", 1.0, False),
    )
    draft.part("checks", draft.grid("judged", columns, rows, units={"seen_change": "%"}))


def _due(store: Store, state: CityState, span: Span, district: str, draft: Draft) -> None:
    """Write what is due in the month after."""
    begins = date.fromisoformat(span.begins)
    first = (begins + timedelta(days=31)).replace(day=1).isoformat()
    last = ((begins + timedelta(days=62)).replace(day=1) - timedelta(days=1)).isoformat()
    due = [
        one
        for one in lives_on(store, state, span.ends, district)
        if one.stands.open and first <= one.due[:10] <= last
    ]
    label = draft.say("fact.problems_due")
    count = draft.count("problems.due", label, len(due), problem_source(draft, len(due), label))
    ending = [
        one
        for one in works_ledger(store, state).projects.values()
        if first <= one.ends <= last and (not district or one.district == district)
    ]
    projects = draft.count(
        "projects.due",
        draft.say("fact.projects_due"),
        len(ending),
        From(
            draft.say("from.works", what=draft.say("fact.projects_due")),
            len(ending),
            link="works?tab=projects",
        ),
    )
    draft.part(
        "next", draft.words("next", "month.next", first=first, last=last, problems=count, projects=projects)
    )
