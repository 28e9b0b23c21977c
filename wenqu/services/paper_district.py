"""What does the implementation plan of a district say (实施方案): state, goals, works, bodies, proof?"""

import math
from collections import defaultdict

from wenqu.records.programme import Measure, Programme
from wenqu.reports.paper import Cell, Grid, Words
from wenqu.services.city_state import CityState
from wenqu.services.learned_prices import learned_prices, own_prices
from wenqu.services.paper_bodies import bodies_grid, district_bodies, project_bodies
from wenqu.services.paper_checks import checks_part
from wenqu.services.paper_draft import Draft, From, figure_only
from wenqu.services.paper_progress import milestones_grid, share_of, stage_source, stages_grid
from wenqu.services.paper_works import plan_source
from wenqu.services.plant_actions import plant_actions
from wenqu.services.plant_inflow import plant_inflows
from wenqu.services.problem_ledger import ledger
from wenqu.services.problem_lists import road_of, zone_name
from wenqu.services.programme_part import programme_part
from wenqu.services.standing_acceptances import standings
from wenqu.services.view_figures import day_of
from wenqu.services.works_ledger import works_ledger
from wenqu.store.database import Store
from wenqu.works.problem_life import Life

MM = 1e-3
LISTED = 60


def district_paper(store: Store, state: CityState, district: str, draft: Draft, whole: Store | None) -> None:
    """Write the implementation plan of one district into a draft.

    Raises
    ------
    UnknownAsset
        There is no such district.
    """
    state.network.row("zone", district)
    name, day = zone_name(state.network, district), day_of(state)
    share = share_of(store, state, "surveyed", day, district)
    source = stage_source(store, state, "surveyed", day, draft, share.of_count)
    length = draft.cite("network", draft.say("fact.network"), share.of_mm * MM, "km", source)
    draft.part(
        "state",
        draft.words("state", "district.state", district=name, length=length),
        stages_grid(store, state, day, draft, district),
        _problems(store, state, district, draft),
    )
    draft.part(
        "goal", draft.words("goal", "district.goal"), milestones_grid(store, state, day, draft, district)
    )
    programme = programme_part(store, state, whole)
    mine = [one for one in programme.measures if one.district == district] if programme else []
    if programme is None:
        draft.part("works", draft.missing("works", "district.no_programme"))
    elif not mine:
        draft.part("works", draft.missing("works", "district.no_measures", id=programme.id))
    else:
        _works(store, state, programme, mine, draft, whole)
    _projects(store, state, district, draft)
    rows = district_bodies(state, {district}, draft)
    rows += project_bodies(store, state, {name for one in mine for name in one.asset.split("|")}, draft)
    draft.part("bodies", draft.words("bodies", "plant.bodies"), bodies_grid(rows, draft))
    checks_part(store, state, mine, draft, district=district)


def problem_source(draft: Draft, rows: int, what: str) -> From:
    """Return the ledger of problems as what a figure was made from."""
    return From(draft.say("from.problems", what=what), rows, link="works?tab=problems")


def _problems(store: Store, state: CityState, district: str, draft: Draft) -> Words:
    at = day_of(state)
    lives = [
        one
        for one in ledger(store, state.network.city.code, state.network.as_of or None).values()
        if one.district == district
    ]
    counts = problem_counts(lives, at)
    facts = {
        key: draft.count(
            f"problems.{key}",
            draft.say(f"fact.problems_{key}"),
            value,
            problem_source(draft, len(lives), draft.say(f"fact.problems_{key}")),
        )
        for key, value in counts.items()
    }
    return draft.words("problems", "district.problems", **facts)


def problem_counts(lives: list[Life], at: str) -> dict[str, int]:
    """Return how many problems there are, and how many are open, overdue and closed."""
    return {
        "all": len(lives),
        "open": sum(one.stands.open for one in lives),
        "overdue": sum(one.overdue(at) for one in lives),
        "closed": sum(one.state == "closed" for one in lives),
    }


def _works(
    store: Store,
    state: CityState,
    programme: Programme,
    mine: list[Measure],
    draft: Draft,
    whole: Store | None,
) -> None:
    total = plan_source(programme, draft, len(mine))
    facts = {
        "count": draft.count("works.count", draft.say("fact.works_count"), len(mine), total),
        "cost": draft.cite(
            "works.cost",
            draft.say("fact.works_cost"),
            math.fsum(one.cost for one in mine),
            "万元",
            total,
            digits=4,
        ),
        "length": draft.cite(
            "works.length", draft.say("fact.works_length"), math.fsum(one.length for one in mine), "km", total
        ),
        "removed": draft.cite(
            "works.removed",
            draft.say("fact.removed"),
            math.fsum(one.flow_removed for one in mine),
            "m³/d",
            total,
        ),
    }
    draft.part(
        "works",
        draft.words("works", "district.works", **facts),
        methods_grid(store, programme, mine, draft, whole),
        _plants(store, state, programme, mine, draft, whole),
        _one_by_one(store, state, mine, draft, whole),
    )
    draft.part(
        "years", draft.words("years", "plant.years", id=programme.id), years_grid(programme, mine, draft)
    )


def method_names(store: Store, state_code: str, language: str, whole: Store | None) -> dict[str, str]:
    """Return what the methods of the city's price table are called."""
    book = own_prices(whole or store, state_code)
    return {one.key: one.zh if language == "zh" else one.en for one in book.methods}


def methods_grid(
    store: Store, programme: Programme, mine: list[Measure], draft: Draft, whole: Store | None
) -> Grid:
    """Return the measures by method: number, length, clean water kept out, cost."""
    names = method_names(store, draft.state.network.city.code, draft.language, whole)
    by: defaultdict[str, list[Measure]] = defaultdict(list)
    for one in mine:
        by[one.method].append(one)
    rows: list[tuple[Cell, ...]] = []
    for method, some in sorted(by.items(), key=lambda pair: -math.fsum(one.cost for one in pair[1])):
        rows.append(
            (
                names.get(method, method),
                len(some),
                *_sums(f"method.{method}", some, programme, draft, names.get(method, method)),
            )
        )
    columns = (
        ("method", 2.0, False),
        ("count", 0.7, True),
        ("length", 1.1, True),
        ("removed", 1.3, True),
        ("cost", 1.3, True),
    )
    units = {"length": "km", "removed": "m³/d", "cost": "万元"}
    return draft.grid("methods_of", columns, rows, units=units)


def years_grid(programme: Programme, mine: list[Measure], draft: Draft) -> Grid:
    """Return the measures by year: number, length, clean water kept out, cost."""
    rows: list[tuple[Cell, ...]] = []
    for window in programme.windows:
        some = [one for one in mine if one.window == window]
        rows.append((window, len(some), *_sums(f"year.{window}", some, programme, draft, window)))
    columns = (
        ("year", 1.0, False),
        ("count", 0.8, True),
        ("length", 1.2, True),
        ("removed", 1.3, True),
        ("cost", 1.3, True),
    )
    return draft.grid("years_of", columns, rows, units={"length": "km", "removed": "m³/d", "cost": "万元"})


def _sums(key: str, some: list[Measure], programme: Programme, draft: Draft, name: str) -> tuple[Cell, ...]:
    source = plan_source(programme, draft, len(some))
    length = draft.cite(
        f"{key}.length",
        draft.say("fact.method_length", method=name),
        math.fsum(one.length for one in some),
        "km",
        source,
    )
    removed = draft.cite(
        f"{key}.removed",
        draft.say("fact.method_removed", method=name),
        math.fsum(one.flow_removed for one in some),
        "m³/d",
        source,
    )
    cost = draft.cite(
        f"{key}.cost",
        draft.say("fact.method_cost", method=name),
        math.fsum(one.cost for one in some),
        "万元",
        source,
        digits=4,
    )
    return figure_only(length), figure_only(removed), figure_only(cost)


def _plants(
    store: Store,
    state: CityState,
    programme: Programme,
    mine: list[Measure],
    draft: Draft,
    whole: Store | None,
) -> Grid | None:
    """Return what the works of the district bring at each plant that is seen."""
    code = state.network.city.code
    book = learned_prices(whole or store, code, own_prices(whole or store, code))
    ours = {one.option for one in mine}
    rows: list[tuple[Cell, ...]] = []
    for inflow in plant_inflows(store, state):
        if not any(one.plant == inflow.id for one in mine):
            continue
        found = plant_actions(programme, inflow.id, inflow.flow, inflow.flow * inflow.bod5, book)
        some = [one for one in found.gains if one.measure.option in ours]
        source = plan_source(programme, draft, len(some), draft.say("formula.gain"))
        gain = draft.cite(
            f"plant.{inflow.id}",
            draft.say("fact.plant_gain", plant=inflow.name),
            math.fsum(one.gain for one in some),
            "mg/L",
            source,
        )
        today = draft.cite(
            f"plant.{inflow.id}.bod5",
            draft.say("fact.plant_bod5", plant=inflow.name),
            inflow.bod5,
            "mg/L",
            From(
                draft.say("from.series", names=f"bod5@{inflow.id}", since=inflow.since, until=inflow.until),
                inflow.days,
                "Σ(Q·C) / ΣQ",
                link=f"diagnosis?asset=plant/{inflow.id}",
            ),
            low=inflow.bod5_low,
            high=inflow.bod5_high,
        )
        rows.append((inflow.name, len(some), figure_only(today), figure_only(gain)))
    if not rows:
        return None
    columns = (("plant", 1.6, False), ("count", 0.8, True), ("bod5", 1.6, True), ("gain_of", 1.6, True))
    return draft.grid("plants_of", columns, rows, units={"bod5": "mg/L", "gain_of": "mg/L"})


def _one_by_one(
    store: Store, state: CityState, mine: list[Measure], draft: Draft, whole: Store | None
) -> Grid:
    names = method_names(store, state.network.city.code, draft.language, whole)
    shown = sorted(mine, key=lambda one: (one.window, -one.cost, one.option))[:LISTED]
    rows = [
        (
            number,
            one.asset.replace("|", "、" if draft.language == "zh" else ", "),
            road_of(state.network, one.asset_type, one.asset.split("|")[0]),
            names.get(one.method, one.method),
            one.window,
            round(one.length, 1) or None,
            draft.money(one.cost, 2),
            one.option,
        )
        for number, one in enumerate(shown, 1)
    ]
    columns = (
        ("number", 0.4, True),
        ("asset", 1.4, False),
        ("road", 1.0, False),
        ("method", 1.5, False),
        ("year", 0.6, False),
        ("length", 0.7, True),
        ("cost", 0.8, True),
        ("record", 1.8, False),
    )
    note = draft.say("note.first_of", shown=len(shown), count=len(mine))
    return draft.grid("measures", columns, rows, units={"length": "m", "cost": "万元"}, note=note)


def _projects(store: Store, state: CityState, district: str, draft: Draft) -> None:
    found, stands = works_ledger(store, state), standings(store, state)
    day = day_of(state)
    built = {one.asset for one in found.as_built if one.date[:10] <= day}
    rows: list[tuple[Cell, ...]] = []
    for project in found.projects.values():
        if project.district != district:
            continue
        works = [work for lot in project.lots for work in lot.works]
        length = math.fsum(work.length for work in works if not math.isnan(work.length))
        source = From(
            draft.say("from.project", id=project.id), len(works), link=f"works?tab=projects&row={project.id}"
        )
        cited = draft.cite(
            f"project.{project.id}", draft.say("fact.project", project=project.name), length, "km", source
        )
        contractor = next((party.body for party in project.parties if party.role == "contractor"), "")
        accepted = sum(work.conduit in stands and stands[work.conduit].on(day) for work in works)
        rows.append(
            (
                project.name,
                contractor or draft.say("not_named"),
                project.begins or None,
                project.ends or None,
                len(works),
                figure_only(cited),
                sum(work.conduit in built for work in works),
                accepted,
            )
        )
    if not rows:
        draft.part("projects", draft.missing("projects", "district.no_projects"))
        return
    columns = (
        ("project", 1.6, False),
        ("contractor", 1.4, False),
        ("begins", 0.9, False),
        ("ends", 0.9, False),
        ("pipes", 0.6, True),
        ("length", 0.9, True),
        ("built", 0.6, True),
        ("accepted_pipes", 0.7, True),
    )
    draft.part("projects", draft.grid("projects", columns, rows, units={"length": "km"}))
