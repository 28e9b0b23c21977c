"""What does the task list of a programme say (任务清单): what, where, by whom, by when, from which row?"""

from dataclasses import dataclass

from wenqu.records.programme import Measure
from wenqu.reports.paper import Cell, Grid
from wenqu.services.city_state import CityState
from wenqu.services.paper_district import method_names, problem_source
from wenqu.services.paper_draft import Draft
from wenqu.services.paper_works import plan_source
from wenqu.services.problem_ledger import ledger
from wenqu.services.problem_lists import BORN, road_of, zone_name
from wenqu.services.programme_part import programme_part
from wenqu.services.standing_acceptances import standings
from wenqu.services.view_figures import day_of
from wenqu.services.works_ledger import Ledger, works_ledger
from wenqu.store.database import Store
from wenqu.works.problem_tables import kinds, states


def tasks_paper(store: Store, state: CityState, district: str, draft: Draft, whole: Store | None) -> None:
    """Write the tasks of a city or of one district into a draft.

    Raises
    ------
    UnknownAsset
        There is no such district.
    """
    if district:
        state.network.row("zone", district)
    programme = programme_part(store, state, whole)
    if programme is None:
        draft.part("programme_tasks", draft.missing("tasks", "tasks.no_programme"))
    else:
        mine = [one for one in programme.measures if not district or one.district == district]
        source = plan_source(programme, draft, len(mine))
        count = draft.count("tasks", draft.say("fact.tasks"), len(mine), source)
        draft.part(
            "programme_tasks",
            draft.words("tasks", "tasks.programme", id=programme.id, count=count),
            _planned(store, state, mine, draft, whole),
        )
    _of_problems(store, state, district, draft)


def _planned(
    store: Store,
    state: CityState,
    mine: list[Measure],
    draft: Draft,
    whole: Store | None,
) -> Grid:
    names = method_names(store, state.network.city.code, draft.language, whole)
    plants = state.network.table("plant")
    called = dict(zip(plants.ids.tolist(), plants.column("name").tolist(), strict=True))
    zones = state.network.table("zone")
    bodies = dict(zip(zones.ids.tolist(), zones.column("responsible").tolist(), strict=True))
    found = works_ledger(store, state)
    done = _stages(store, state, found)
    in_project = found.places()
    rows: list[tuple[Cell, ...]] = []
    for number, one in enumerate(sorted(mine, key=lambda row: (row.window, row.district, row.option)), 1):
        assets = one.asset.split("|")
        place = next((in_project[name] for name in assets if name in in_project), None)
        contractor = ""
        if place is not None:
            contractor = next((p.body for p in place[0].answerable(place[1]) if p.role == "contractor"), "")
        rows.append(
            (
                number,
                names.get(one.method, one.method),
                "、".join(assets) if draft.language == "zh" else ", ".join(assets),
                road_of(state.network, one.asset_type, assets[0]) or None,
                zone_name(state.network, one.district) if one.district else draft.say("no_district"),
                one.window,
                round(one.length, 1) or None,
                draft.money(one.cost, 3),
                str(called.get(one.plant) or one.plant or "") or None,
                contractor or str(bodies.get(one.district) or "") or draft.say("not_named"),
                place[0].name if place else None,
                draft.say(f"task.{done.of(assets)}"),
                one.option,
            )
        )
    columns = (
        ("number", 0.4, True),
        ("method", 1.5, False),
        ("asset", 1.3, False),
        ("road", 0.9, False),
        ("district", 0.8, False),
        ("year", 0.5, False),
        ("length", 0.6, True),
        ("cost", 0.7, True),
        ("plant", 1.0, False),
        ("answers", 1.1, False),
        ("project", 1.0, False),
        ("stands", 0.7, False),
        ("record", 1.4, False),
    )
    return draft.grid("tasks", columns, rows, units={"length": "m", "cost": "万元"})


@dataclass(frozen=True, slots=True)
class _Stages:
    """Which pipes are how far."""

    let: set[str]
    built: set[str]
    accepted: set[str]

    def of(self, assets: list[str]) -> str:
        """Return how far a task is: accepted or built once all its pipes are, let once one is let."""
        if all(name in self.accepted for name in assets):
            return "accepted"
        if all(name in self.built for name in assets):
            return "built"
        return "let" if any(name in self.let for name in assets) else "planned"


def _stages(store: Store, state: CityState, found: Ledger) -> _Stages:
    day = day_of(state)
    built = [one for one in found.as_built if one.date[:10] <= day]
    return _Stages(
        {name for project in found.projects.values() for name in project.assets},
        {one.asset for one in built} | {old for one in built for old in one.replaces},
        {name for name, one in standings(store, state).items() if one.on(day)},
    )


def _of_problems(store: Store, state: CityState, district: str, draft: Draft) -> None:
    at = day_of(state)
    lives = [
        one
        for one in ledger(store, state.network.city.code, state.network.as_of or None).values()
        if one.stands.open and one.state not in BORN and (not district or one.district == district)
    ]
    label = draft.say("fact.problem_tasks")
    count = draft.count("problem_tasks", label, len(lives), problem_source(draft, len(lives), label))
    words = draft.words("problem_tasks", "tasks.problems", count=count)
    if not lives:
        draft.part("problem_tasks", draft.missing("problem_tasks", "tasks.no_problems"))
        return
    lives.sort(key=lambda one: (one.due or "9", one.problem.id))
    rows: list[tuple[Cell, ...]] = []
    for number, one in enumerate(lives, 1):
        kind, stands = kinds()[one.problem.kind], states()[one.state]
        rows.append(
            (
                number,
                kind.zh if draft.language == "zh" else kind.en,
                one.problem.asset,
                road_of(state.network, one.problem.asset_type, one.problem.asset) or None,
                zone_name(state.network, one.district) if one.district else draft.say("no_district"),
                one.body or draft.say("not_named"),
                one.due[:10] or None,
                stands.zh if draft.language == "zh" else stands.en,
                draft.say("yes") if one.overdue(at) else None,
                one.problem.id,
            )
        )
    columns = (
        ("number", 0.4, True),
        ("kind", 1.0, False),
        ("asset", 1.1, False),
        ("road", 1.0, False),
        ("district", 0.9, False),
        ("answers", 1.2, False),
        ("due", 0.8, False),
        ("stands", 0.8, False),
        ("overdue", 0.5, False),
        ("record", 1.1, False),
    )
    draft.part("problem_tasks", words, draft.grid("problem_tasks", columns, rows))
