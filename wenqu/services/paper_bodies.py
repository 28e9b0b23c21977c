"""What does a paper say of who answers: for a plant, a district, a project; "not named" where nobody is?"""

from collections.abc import Sequence

from wenqu.messages import say
from wenqu.reports.paper import Cell, Grid
from wenqu.services.city_state import CityState
from wenqu.services.paper_draft import Draft, From, source_only
from wenqu.services.plant_actions import PlantActions
from wenqu.services.problem_lists import zone_name
from wenqu.services.works_ledger import works_ledger
from wenqu.store.database import Store


def bodies_part(
    store: Store, state: CityState, actions: PlantActions | None, draft: Draft, *, plant: str
) -> None:
    """Write who answers: for the plant, for each district in which works are planned, for projects."""
    rows: list[tuple[Cell, ...]] = []
    table, at = state.network.table("plant"), state.network.row("plant", plant)
    register = From(
        draft.say("from.register", type=draft.say("type.plant"), id=plant),
        1,
        link=f"registers?tab=plant&ids={plant}",
    )
    name = str(table.column("name")[at] or plant)
    for role in ("operator", "owner", "keeper"):
        body = str(table.column(role)[at] or "")
        said = _body(draft, f"body.{role}", name, draft.say(f"role.{role}"), body, register)
        rows.append(said)
    measures = [one.measure for one in actions.gains] if actions else []
    rows += district_bodies(state, {one.district for one in measures if one.district}, draft)
    rows += project_bodies(store, state, {name for one in measures for name in one.asset.split("|")}, draft)
    draft.part("bodies", draft.words("bodies", "plant.bodies"), bodies_grid(rows, draft))


def bodies_grid(rows: Sequence[Sequence[Cell]], draft: Draft) -> Grid:
    """Return the table of who answers."""
    columns = (("matter", 1.8, False), ("role", 1.0, False), ("body", 1.8, False), ("source", 0.5, False))
    return draft.grid("bodies", columns, rows)


def _body(draft: Draft, key: str, matter: str, role: str, body: str, source: From) -> tuple[Cell, ...]:
    said = body or draft.say("not_named")
    reference = draft.told(key, draft.say("fact.body", matter=matter, role=role), said, source)
    return matter, role, said, source_only(reference)


def district_bodies(state: CityState, districts: set[str], draft: Draft) -> list[tuple[Cell, ...]]:
    """Return who answers for each district; "not named" where the register names nobody."""
    zones = state.network.table("zone")
    at = {str(id_): row for row, id_ in enumerate(zones.ids)}
    made = []
    for zone in sorted(districts):
        body = str(zones.column("responsible")[at[zone]] or "") if zone in at else ""
        source = From(
            draft.say("from.register", type=draft.say("type.zone"), id=zone),
            1,
            link=f"registers?tab=zone&ids={zone}",
        )
        matter = draft.say("plant.works_in", district=zone_name(state.network, zone))
        made.append(_body(draft, f"body.zone.{zone}", matter, draft.say("role.responsible"), body, source))
    return made


def project_bodies(store: Store, state: CityState, assets: set[str], draft: Draft) -> list[tuple[Cell, ...]]:
    """Return who answers for each project that some assets are in."""
    made = []
    for project in works_ledger(store, state).projects.values():
        if not assets & set(project.assets):
            continue
        source = From(
            draft.say("from.project", id=project.id), 1, link=f"works?tab=projects&row={project.id}"
        )
        known = {party.role: party.body for party in project.parties}
        for role in ("owner", "contractor", "supervisor"):
            body = known.get(role, "")
            made.append(
                _body(
                    draft,
                    f"body.project.{project.id}.{role}",
                    project.name,
                    say(f"works.party.{role}", draft.language),
                    body,
                    source,
                )
            )
    return made
