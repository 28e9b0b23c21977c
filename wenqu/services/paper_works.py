"""What does a paper say of planned works: by method, by year, one by one?"""

import math
from collections import defaultdict
from collections.abc import Mapping

from wenqu.diagnosis.plant_chance import Chance
from wenqu.planning.assumptions import assumptions
from wenqu.records.programme import Measure, Programme
from wenqu.reports.paper import Cell, Grid
from wenqu.services.city_state import CityState
from wenqu.services.paper_draft import Draft, From, figure_only
from wenqu.services.plant_actions import PlantActions
from wenqu.services.problem_lists import road_of

LISTED = 60  # measures of a paper one by one; the task list has all


def plan_source(programme: Programme, draft: Draft, rows: int, formula: str = "") -> From:
    """Return the programme as what a figure was made from."""
    status = "default" if "default" in programme.catalogue else "city"
    return From(
        draft.say("from.programme", id=programme.id),
        rows,
        formula,
        draft.say("edition.prices", edition=programme.catalogue),
        status,
        "plan",
    )


def works_parts(
    state: CityState,
    programme: Programme,
    actions: PlantActions,
    chances: Mapping[str, Chance],
    migration: float,
    draft: Draft,
) -> None:
    """Write what is done for a plant, and the years in which it is done; ``migration`` is the city's μ."""
    if not actions.methods:
        draft.part("works", draft.missing("works", "plant.no_measures", id=programme.id))
        return
    every = [one.measure for one in actions.gains]
    total = plan_source(programme, draft, len(every))
    facts = {
        "count": draft.count("works.count", draft.say("fact.works_count"), len(every), total),
        "cost": _money(
            draft, "works.cost", draft.say("fact.works_cost"), math.fsum(m.cost for m in every), total
        ),
        "removed": draft.cite(
            "works.removed",
            draft.say("fact.removed"),
            math.fsum(m.flow_removed for m in every),
            "m³/d",
            total,
        ),
        "gained": draft.cite(
            "works.gained", draft.say("fact.gained"), math.fsum(m.load_gained for m in every), "kg/d", total
        ),
        "gain": _total_gain(actions, programme, draft),
    }
    draft.part(
        "works",
        draft.words("works", "plant.works", **facts),
        _methods(programme, actions, draft),
        draft.words("effects", "plant.effects", migration=_migration(migration, draft)),
        _one_by_one(state, programme, actions, draft),
    )
    draft.part(
        "years",
        draft.words("years", "plant.years", id=programme.id),
        _years(programme, actions, chances, draft),
    )


def _migration(value: float, draft: Draft) -> str:
    """Return the share of the effect that is taken to move to unsealed neighbours, as a figure."""
    usual = assumptions()["migration"]
    status = usual.status if value == usual.value else "city"
    source = From(draft.say("from.assumption"), 1, "η·(1 − μ·u)", usual.source, status, "plan?tab=prices")
    return draft.cite("migration", draft.say("fact.migration"), value, "-", source, digits=2)


def _money(draft: Draft, key: str, label: str, value: float, source: From) -> str:
    return draft.cite(key, label, value, "万元", source, digits=4)


def _total_gain(actions: PlantActions, programme: Programme, draft: Draft) -> str:
    value = math.fsum(one.gain for one in actions.methods)
    return draft.cite(
        "works.gain",
        draft.say("fact.works_gain"),
        value,
        "mg/L",
        plan_source(programme, draft, len(actions.gains), draft.say("formula.gain")),
    )


def _methods(programme: Programme, actions: PlantActions, draft: Draft) -> Grid:
    rows: list[tuple[Cell, ...]] = []
    for one in actions.methods:
        name = one.zh if draft.language == "zh" else one.en
        source = plan_source(programme, draft, len(one.gains), draft.say("formula.gain"))
        key = f"method.{one.method}"
        low, high = one.gain * one.low, one.gain * one.high
        gain = draft.cite(
            f"{key}.gain",
            draft.say("fact.method_gain", method=name),
            one.gain,
            "mg/L",
            source,
            low=low,
            high=high,
        )
        cost = _money(draft, f"{key}.cost", draft.say("fact.method_cost", method=name), one.cost, source)
        length = draft.cite(
            f"{key}.length", draft.say("fact.method_length", method=name), one.length, "km", source
        )
        removed = draft.cite(
            f"{key}.removed", draft.say("fact.method_removed", method=name), one.removed, "m³/d", source
        )
        rows.append((name, len(one.gains), *map(figure_only, (length, removed, gain, cost))))
    columns = (
        ("method", 1.8, False),
        ("count", 0.7, True),
        ("length", 1.1, True),
        ("removed", 1.2, True),
        ("gain", 1.8, True),
        ("cost", 1.2, True),
    )
    units = {"length": "km", "removed": "m³/d", "gain": "mg/L", "cost": "万元"}
    note = draft.say("note.methods")
    if math.isfinite(actions.rest) and abs(actions.rest) > 1e-5:
        rest = draft.cite(
            "works.rest",
            draft.say("fact.rest"),
            actions.rest,
            "mg/L",
            plan_source(programme, draft, 0, draft.say("formula.rest")),
        )
        note += draft.say("note.rest", rest=rest)
    return draft.grid("methods", columns, rows, units=units, note=note)


def _one_by_one(state: CityState, programme: Programme, actions: PlantActions, draft: Draft) -> Grid:
    names = {one.method: one.zh if draft.language == "zh" else one.en for one in actions.methods}
    shown = actions.gains[:LISTED]
    source = plan_source(programme, draft, len(actions.gains))
    every = draft.count("measures", draft.say("fact.measures"), len(actions.gains), source)
    rows = [
        (
            number,
            one.measure.asset.replace("|", "、" if draft.language == "zh" else ", "),
            road_of(state.network, one.measure.asset_type, one.measure.asset.split("|")[0]),
            names[one.measure.method],
            one.measure.window,
            round(one.measure.length, 1) or None,
            draft.money(one.measure.cost, 2),
            None if math.isnan(one.gain) else round(one.gain * 1e3, 3),
            one.measure.option,
        )
        for number, one in enumerate(shown, 1)
    ]
    columns = (
        ("number", 0.4, True),
        ("asset", 1.3, False),
        ("road", 1.0, False),
        ("method", 1.4, False),
        ("year", 0.6, False),
        ("length", 0.7, True),
        ("cost", 0.8, True),
        ("gain_each", 0.8, True),
        ("record", 1.6, False),
    )
    units = {"length": "m", "cost": "万元", "gain_each": "mg/L"}
    note = draft.say("note.measures", shown=len(shown), count=figure_only(every))
    return draft.grid("measures", columns, rows, units=units, note=note)


def _years(programme: Programme, actions: PlantActions, chances: Mapping[str, Chance], draft: Draft) -> Grid:
    outlook = {one.window: one for one in actions.outlook}
    by_year: defaultdict[str, list[Measure]] = defaultdict(list)
    for one in actions.gains:
        by_year[one.measure.window].append(one.measure)
    rows: list[tuple[Cell, ...]] = []
    for window in actions.windows:
        mine, there, chance = by_year[window], outlook.get(window), chances.get(window)
        source = plan_source(programme, draft, len(mine))
        key = f"year.{window}"
        cost = _money(
            draft,
            f"{key}.cost",
            draft.say("fact.year_cost", year=window),
            math.fsum(one.cost for one in mine),
            source,
        )
        length = draft.cite(
            f"{key}.length",
            draft.say("fact.year_length", year=window),
            math.fsum(one.length for one in mine),
            "km",
            source,
        )
        planned, likely, odds = None, None, None
        if there is not None:
            planned = figure_only(
                draft.cite(
                    f"{key}.bod5",
                    draft.say("fact.year_planned", year=window),
                    there.concentration,
                    "mg/L",
                    From(draft.say("from.outlook", plant=there.plant), 1, "L / Q", link="plan"),
                )
            )
        if chance is not None:
            value, low, high = chance.bod5
            made = From(
                draft.say("from.chances", id=programme.id),
                0,
                draft.say("formula.chance"),
                "",
                "default",
                f"diagnosis?asset=plant/{there.plant}" if there else "plan",
            )
            likely = figure_only(
                draft.cite(
                    f"{key}.likely",
                    draft.say("fact.year_likely", year=window),
                    value,
                    "mg/L",
                    made,
                    low=low,
                    high=high,
                )
            )
            odds = figure_only(
                draft.cite(
                    f"{key}.chance",
                    draft.say("fact.year_chance", year=window),
                    chance.chance,
                    "%",
                    made,
                    digits=2,
                )
            )
        meets = draft.say("yes" if there.meets else "no") if there else None
        rows.append((window, len(mine), *map(figure_only, (length, cost)), planned, likely, odds, meets))
    columns = (
        ("year", 0.6, False),
        ("count", 0.6, True),
        ("length", 1.0, True),
        ("cost", 1.1, True),
        ("planned", 1.1, True),
        ("likely", 1.8, True),
        ("chance", 0.9, True),
        ("meets", 0.6, False),
    )
    units = {"length": "km", "cost": "万元", "planned": "mg/L", "likely": "mg/L", "chance": "%"}
    return draft.grid("years", columns, rows, units=units, note=draft.say("note.years"))
