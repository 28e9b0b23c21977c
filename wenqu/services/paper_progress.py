"""What does a paper say of how far the programme has come: stages, milestones, districts?"""

from wenqu.reports.paper import Cell, Grid
from wenqu.services.city_state import CityState
from wenqu.services.paper_draft import Draft, From, figure_only, source_only
from wenqu.services.problem_lists import zone_name
from wenqu.services.programme_accounts import LIST_OF, denominator, stage_account
from wenqu.services.programme_tables import rules_of
from wenqu.services.view_figures import STAGE_OF, rule_of
from wenqu.store.database import Store
from wenqu.supervision.accounting import STAGES, Share
from wenqu.supervision.milestones import Milestone, milestones
from wenqu.supervision.own_tables import OwnMilestone

MM, KM = 1e-3, 1e3
NOTHING = Share(0, 0, 0, 0)


def share_of(store: Store, state: CityState, stage: str, day: str, district: str = "") -> Share:
    """Return one stage on a day, of the whole of what is seen or of one district."""
    found = stage_account(store, state, stage, day)
    return found.by_district().get(district, NOTHING) if district else found.whole()


def stage_source(store: Store, state: CityState, stage: str, day: str, draft: Draft, rows: int) -> From:
    """Return the pipes of a stage as what a figure was made from."""
    frozen = denominator(store, state, LIST_OF[stage]).frozen
    which = draft.say("from.frozen", version=frozen.version) if frozen else draft.say("from.living")
    rule = rule_of(stage, day)
    formula = rule.formula_zh if draft.language == "zh" else rule.formula_en
    return From(
        draft.say("from.stage", stage=draft.say(f"stage.{stage}"), list=which, day=day),
        rows,
        formula,
        rule.edition,
        rule.status,
        f"works?tab=figures&row={stage}",
    )


def stages_grid(store: Store, state: CityState, day: str, draft: Draft, district: str = "") -> Grid:
    """Return every stage of the programme with its length, its whole and its share."""
    rows: list[tuple[Cell, ...]] = []
    for stage in STAGES:
        share = share_of(store, state, stage, day, district)
        source = stage_source(store, state, stage, day, draft, share.of_count)
        name = draft.say(f"stage.{stage}")
        done = draft.cite(
            f"stage.{stage}", draft.say("fact.stage", stage=name), share.length_mm * MM, "km", source
        )
        whole = draft.cite(
            f"stage.{stage}.of", draft.say("fact.stage_of", stage=name), share.of_mm * MM, "km", source
        )
        part = draft.cite(
            f"stage.{stage}.share", draft.say("fact.stage_share", stage=name), share.by_length, "%", source
        )
        rows.append((name, share.count, *map(figure_only, (done, whole, part))))
    columns = (
        ("stage", 1.4, False),
        ("pipes", 0.8, True),
        ("length", 1.2, True),
        ("whole", 1.2, True),
        ("share_of", 1.2, True),
    )
    return draft.grid("stages", columns, rows, units={"length": "km", "whole": "km", "share_of": "%"})


def milestones_grid(store: Store, state: CityState, day: str, draft: Draft, district: str = "") -> Grid:
    """Return what is asked by which date, by the programme and by the city itself, with what is reached."""
    rows: list[tuple[Cell, ...]] = []
    own = [one for one in rules_of(store, state).milestones if one.district in {"", district}]
    every: list[Milestone | OwnMilestone] = [*milestones(), *own]
    asked = [(one.date, one.zh, one.en, one.indicator, one.target, one.source) for one in every]
    for number, (date, zh, en, indicator, target, source) in enumerate(sorted(asked)):
        stage, goal = STAGE_OF.get(indicator), zh if draft.language == "zh" else en
        reached: Cell = None
        wanted = f"{100 * target:g}" if target == target else None  # noqa: PLR0124 - NaN: no figure is set
        asked_by = From(draft.say("from.milestone"), 1, edition=source, link="works?tab=figures")
        rule = draft.told(
            f"milestone.{number}",
            f"{date} {goal}",
            f"{wanted} %" if wanted else draft.say("no_figure"),
            asked_by,
        )
        if stage is not None:
            share = share_of(store, state, stage, day, district)
            cited = draft.cite(
                f"goal.{number}",
                draft.say("fact.goal", goal=goal),
                share.by_length,
                "%",
                stage_source(store, state, stage, day, draft, share.of_count),
            )
            reached = figure_only(cited)
        rows.append((date, goal, wanted, reached, source_only(rule)))
    columns = (
        ("date", 0.9, False),
        ("goal", 2.6, False),
        ("target", 0.7, True),
        ("reached", 1.0, True),
        ("source", 0.5, False),
    )
    return draft.grid("goals", columns, rows, units={"target": "%", "reached": "%"})


def districts_grid(store: Store, state: CityState, day: str, before: str, draft: Draft) -> Grid:
    """Return the accepted and surveyed length of each district on a day, against an earlier day."""
    rows: list[tuple[Cell, ...]] = []
    made = {
        (stage, date): stage_account(store, state, stage, date).by_district()
        for stage in ("surveyed", "accepted")
        for date in (day, before)
    }
    zones = sorted({zone for some in made.values() for zone in some})
    for zone in zones:
        cells: list[Cell] = []
        for stage in ("surveyed", "accepted"):
            now_ = made[stage, day].get(zone, NOTHING)
            then = made[stage, before].get(zone, NOTHING)
            source = stage_source(store, state, stage, day, draft, now_.of_count)
            name = zone_name(state.network, zone) if zone else draft.say("no_district")
            label = draft.say("fact.district_stage", district=name, stage=draft.say(f"stage.{stage}"))
            reference = draft.cite(
                f"district.{zone or '-'}.{stage}", label, now_.length_mm * MM, "km", source
            )
            cells += [
                figure_only(reference),
                round((now_.length_mm - then.length_mm) * MM / KM, 3),
                None if now_.of_mm == 0 else round(100 * now_.by_length, 1),
            ]
        rows.append((zone_name(state.network, zone) if zone else draft.say("no_district"), *cells))
    columns = (
        ("district", 1.2, False),
        ("surveyed", 1.1, True),
        ("surveyed_more", 0.9, True),
        ("surveyed_share", 0.9, True),
        ("accepted", 1.1, True),
        ("accepted_more", 0.9, True),
        ("accepted_share", 0.9, True),
    )
    units = {
        "surveyed": "km",
        "accepted": "km",
        "surveyed_more": "km",
        "accepted_more": "km",
        "surveyed_share": "%",
        "accepted_share": "%",
    }
    return draft.grid("districts", columns, rows, units=units)
