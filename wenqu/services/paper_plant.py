"""What does the paper of one plant say (一厂一策): state, causes, goal, works, years, bodies, proof?"""

import math
from collections.abc import Mapping

from wenqu.diagnosis.plant_chance import Chance
from wenqu.errors import NotEnoughData
from wenqu.network.schema import code_lists
from wenqu.records.programme import Programme
from wenqu.reports.paper import Cell, Grid, Words
from wenqu.services.city_state import CityState
from wenqu.services.learned_prices import learned_prices, own_prices
from wenqu.services.paper_bodies import bodies_part
from wenqu.services.paper_causes import causes_part
from wenqu.services.paper_checks import checks_part
from wenqu.services.paper_draft import Draft, From, figure_only
from wenqu.services.paper_works import works_parts
from wenqu.services.plan_assumptions import assumed_of
from wenqu.services.plant_actions import PlantActions, plant_actions
from wenqu.services.plant_inflow import PlantInflow, plant_inflows
from wenqu.services.plant_story import planned_chances, plant_story
from wenqu.services.problem_lists import zone_name
from wenqu.services.programme_part import programme_part
from wenqu.store.database import Store

MONTHS = 12
SURE = 0.8  # [-] chance below which a paper says that more is needed


def plant_paper(store: Store, state: CityState, plant: str, draft: Draft, whole: Store | None) -> None:
    """Write the paper of one plant into a draft.

    Raises
    ------
    UnknownAsset
        There is no such plant.
    """
    state.network.row("plant", plant)
    inflow = next(one for one in plant_inflows(store, state) if one.id == plant)
    _state_part(store, state, inflow, draft)
    causes_part(store, state, plant, inflow.threshold, draft)
    programme = programme_part(store, state, whole)
    price_store = whole or store
    code = state.network.city.code
    book = learned_prices(price_store, code, own_prices(price_store, code))
    actions = None
    if programme is not None:
        actions = plant_actions(programme, plant, inflow.flow, inflow.flow * inflow.bod5, book)
    chances = _chances(store, state, plant, programme)
    _goal_part(inflow, actions, programme, chances, draft)
    if math.isfinite(inflow.bod5) and inflow.bod5 > inflow.threshold and not (actions and actions.methods):
        draft.part("works", draft.missing("works", "plant.no_works_needed"))
    elif programme is None:
        draft.part("works", draft.missing("works", "plant.no_programme"))
    else:
        assert actions is not None
        migration = assumed_of(price_store, code, state.network.as_of or None).migration
        works_parts(state, programme, actions, chances, migration, draft)
    bodies_part(store, state, actions, draft, plant=plant)
    checks_part(store, state, [one.measure for one in actions.gains] if actions else [], draft, plant=plant)


def _state_part(store: Store, state: CityState, inflow: PlantInflow, draft: Draft) -> None:
    table, row = state.network.table("plant"), state.network.row("plant", inflow.id)
    unknown = draft.say("not_known")
    plant_link = f"registers?tab=plant&ids={inflow.id}"
    register = From(
        draft.say("from.register", type=draft.say("type.plant"), id=inflow.id), 1, link=plant_link
    )

    def text(name: str) -> str:
        value = table.column(name)[row]
        return str(value) if value not in {None, ""} else unknown

    facts = {
        "plant": inflow.name,
        "district": zone_name(state.network, inflow.district) if inflow.district else unknown,
        "operator": text("operator"),
        "process": text("process"),
        "kind": _of_list("plant_kind", inflow.kind, draft.language) or unknown,
        "receiving": _reach_name(state, text("receiving")),
    }
    unit = draft.flow_unit(inflow.capacity)
    capacity = (
        draft.cite("capacity", draft.say("fact.capacity"), inflow.capacity, unit, register)
        if inflow.capacity
        else unknown
    )
    blocks: list[Words | Grid | None] = [draft.words("state", "plant.state", **facts, capacity=capacity)]
    blocks.append(_inflow_words(inflow, draft))
    blocks.append(_months(store, state, inflow, draft))
    draft.part("state", *blocks)


def _inflow_words(inflow: PlantInflow, draft: Draft) -> Words:
    """Return what arrives; a plant without readings says so."""
    if math.isnan(inflow.flow):
        return draft.missing("inflow", "plant.no_flow")
    rule = From(
        draft.say("from.register", type=draft.say("type.plant"), id=inflow.id),
        1,
        edition=draft.say("edition.bod"),
        status="verified",
        link=f"diagnosis?asset=plant/{inflow.id}",
    )
    link = f"diagnosis?asset=plant/{inflow.id}"
    read = From(
        draft.say("from.series", names=f"flow@{inflow.id}", since=inflow.since, until=inflow.until),
        0,
        "ΣQ / n",
        link=link,
    )
    flow = draft.cite("flow", draft.say("fact.flow"), inflow.flow, draft.flow_unit(inflow.flow), read)
    load = draft.say("not_known")
    if inflow.capacity:
        share = inflow.flow / inflow.capacity
        load = draft.cite(
            "load_share",
            draft.say("fact.load_share"),
            share,
            "%",
            From(read.record, 0, "Q / Q设计" if draft.language == "zh" else "Q / capacity", link=link),
        )
    target = draft.cite("target", draft.say("fact.target"), inflow.threshold, "mg/L", rule)
    said = {"since": inflow.since, "until": inflow.until, "flow": flow, "load_share": load, "target": target}
    if math.isnan(inflow.bod5):
        return draft.missing("inflow", "plant.no_bod5", **said, days=inflow.days)
    source = From(
        draft.say(
            "from.series", names=f"flow@{inflow.id}, bod5@{inflow.id}", since=inflow.since, until=inflow.until
        ),
        inflow.days,
        "C = Σ(Q·C) / ΣQ",
        link=link,
    )
    bod5 = draft.cite(
        "bod5",
        draft.say("fact.bod5"),
        inflow.bod5,
        "mg/L",
        source,
        low=inflow.bod5_low,
        high=inflow.bod5_high,
    )
    short = draft.cite(
        "short",
        draft.say("fact.short"),
        abs(inflow.bod5 - inflow.threshold),
        "mg/L",
        From(source.record, inflow.days, "|C − C*|", link=link),
    )
    key = "plant.inflow_meets" if inflow.bod5 > inflow.threshold else "plant.inflow_short"
    return draft.words("inflow", key, **said, bod5=bod5, short=short, days=inflow.days)


def _months(store: Store, state: CityState, inflow: PlantInflow, draft: Draft) -> Grid | Words:
    try:
        story = plant_story(store, state, inflow.id)
    except NotEnoughData:
        return draft.missing("months", "plant.no_months")
    rows: list[tuple[Cell, ...]] = []
    unit = draft.flow_unit(inflow.flow)
    for one in story.history.months[-MONTHS:]:
        link = f"diagnosis?tab=record&asset=plant/{inflow.id}"
        record = draft.say(
            "from.series", names=f"flow@{inflow.id}, bod5@{inflow.id}", since=one.month, until=one.month
        )
        source = From(record, one.days, "Σ(Q·C) / ΣQ", link=link)
        flow = draft.cite(
            f"month.{one.month}.flow", draft.say("fact.month_flow", month=one.month), one.flow, unit, source
        )
        bod5 = draft.cite(
            f"month.{one.month}.bod5",
            draft.say("fact.month_bod5", month=one.month),
            one.means.get("bod5", math.nan),
            "mg/L",
            source,
        )
        value, low, high = one.year_bod5
        year = draft.cite(
            f"month.{one.month}.year",
            draft.say("fact.year_bod5", month=one.month),
            value,
            "mg/L",
            From(record, 0, draft.say("formula.year"), link=link),
            low=low,
            high=high,
        )
        rows.append((one.month, one.days, *map(figure_only, (flow, bod5, year))))
    columns = (
        ("month", 1.0, False),
        ("days", 0.7, True),
        ("flow", 1.2, True),
        ("bod5", 1.2, True),
        ("year_bod5", 1.8, True),
    )
    return draft.grid(
        "months",
        columns,
        rows,
        units={"flow": unit, "bod5": "mg/L", "year_bod5": "mg/L"},
        note=draft.say("note.months"),
    )


def _chances(store: Store, state: CityState, plant: str, programme: Programme | None) -> dict[str, Chance]:
    """Return how probably the plant meets its target at the end of each year; none where nothing says so."""
    if programme is None:
        return {}
    try:
        return {one.window: one for one in planned_chances(store, state, plant, programme)}
    except NotEnoughData:
        return {}


def _goal_part(
    inflow: PlantInflow,
    actions: PlantActions | None,
    programme: Programme | None,
    chances: Mapping[str, Chance],
    draft: Draft,
) -> None:
    rule = From(
        draft.say("from.register", type=draft.say("type.plant"), id=inflow.id),
        1,
        edition=draft.say("edition.bod"),
        status="verified",
        link=f"diagnosis?asset=plant/{inflow.id}",
    )
    target = draft.cite("target", draft.say("fact.target"), inflow.threshold, "mg/L", rule)
    reached = actions.reached if actions else None
    if programme is None or actions is None or reached is None:
        draft.part("goal", draft.words("goal", "plant.goal_open", target=target))
        return
    first = next((one.window for one in actions.outlook if one.meets), "")
    plan = From(draft.say("from.outlook", plant=inflow.id), len(actions.outlook), "L / Q", link="plan")
    facts = {
        "target": target,
        "year": first or reached.window,
        "last": reached.window,
        "reached": draft.cite(
            "reached", draft.say("fact.reached", year=reached.window), reached.concentration, "mg/L", plan
        ),
        "flow": draft.cite(
            "reached_flow",
            draft.say("fact.reached_flow", year=reached.window),
            reached.flow,
            draft.flow_unit(reached.flow),
            plan,
        ),
    }
    words = draft.words("goal", "plant.goal" if first else "plant.goal_missed", **facts)
    draft.part("goal", words, _success(inflow, facts["year"], programme.id, chances, draft))


def _success(
    inflow: PlantInflow, year: str, programme: str, chances: Mapping[str, Chance], draft: Draft
) -> Words:
    """Say how probable it is that the goal is met: a mean above the target is no promise."""
    one = chances.get(year)
    if one is None:
        return draft.missing("success", "plant.success_unknown")
    made = From(
        draft.say("from.chances", id=programme), 0, draft.say("formula.chance"), "", "default",
        f"diagnosis?asset=plant/{inflow.id}",
    )  # fmt: skip
    label = draft.say("fact.year_chance", year=year)
    chance = draft.cite(f"year.{year}.chance", label, one.chance, "%", made, digits=2)
    value, low, high = one.bod5
    likely = draft.cite(
        f"year.{year}.likely",
        draft.say("fact.year_likely", year=year),
        value,
        "mg/L",
        made,
        low=low,
        high=high,
    )
    key = "plant.success" if one.chance >= SURE else "plant.success_low"
    return draft.words("success", key, year=year, chance=chance, likely=likely)


def _reach_name(state: CityState, id_: str) -> str:
    """Return what a reach is called; its id where it has no name or is not known."""
    table = state.network.table("reach")
    names = dict(zip(table.ids.tolist(), table.column("name").tolist(), strict=True))
    return str(names.get(id_) or id_)


def _of_list(name: str, code: str, language: str) -> str:
    entry = code_lists().get(name, {}).get(code)
    return "" if entry is None else (entry.zh if language == "zh" else entry.en)
