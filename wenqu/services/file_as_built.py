"""File a pipe as built: who may, and how does the network change by it?"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from wenqu.errors import BadInput, Refused, UnknownAsset
from wenqu.network.edit_checks import check_edit
from wenqu.network.edits import Edit, applied, closed, edit_of
from wenqu.network.geometry import Floats
from wenqu.network.model import City, Network
from wenqu.records.acceptance import (
    AsBuilt,
)
from wenqu.records.project import Project
from wenqu.services.city_state import CityState
from wenqu.services.file_works import CONDUIT, check_day, in_project, new_id
from wenqu.services.grade_again import grade_edited
from wenqu.services.register_form import edit_of as form_edit
from wenqu.services.rights import Person, demand_account
from wenqu.services.works_files import check_files
from wenqu.services.works_ledger import read_ledger
from wenqu.services.works_rights import demand_part, project_of
from wenqu.store.database import Store

REPLACES = "replaces"  # column of a pipe that names the pipes it took the place of


def file_as_built(
    store: Store,
    city: str,
    built: AsBuilt,
    *,
    person: Person,
    fields: Mapping[str, object] | None = None,
    parts: Sequence[Floats] | None = None,
) -> AsBuilt:
    """File a pipe as built and change the network by it, both in one change.

    A pipe that takes the place of others starts from the first of them; the others are closed, and it names
    them. What is not said stays as it was.

    Parameters
    ----------
    fields
        Fields of the pipe that are other than before. SI.
    parts
        Its line as surveyed, in the city's coordinate system; None leaves it.

    Raises
    ------
    UnknownAsset
        A pipe that is mended, replaced or taken out is not there.
    BadInput
        A field cannot hold its value, or a new pipe replaces nothing.
    """
    demand_account(person)
    check_day(built.date)
    made = built if built.id else replace(built, id=new_id("A"))
    with store.change(city, who=person.account, why=f"as built {made.project} {made.asset}") as change:
        ledger = read_ledger(store, city)
        project, lot = project_of(ledger, made.project, made.lot or "?")
        for action in ("edit_attributes", "edit_geometry"):
            demand_part(person, (action,), city, project, lot)
        check_files(store, city, project.id, (made.file,))
        made = replace(made, simulated=made.simulated or project.simulated)
        if ("as_built", made.id) in ledger.filed:
            raise Refused("proof-twice", id=made.id)
        in_project(ledger.places(), made.replaces or (made.asset,), project)
        table, _ = change.standing(CONDUIT, [made.asset, *made.replaces])
        network = Network(City(city), {CONDUIT: table})
        edits = _edits(network, made, project, fields or {}, parts)
        there = {CONDUIT: {str(name) for name in table.ids} | {made.asset}}
        nodes = [str(value) for edit in edits for name, value in edit.fields.items() if name in ENDS]
        there |= change.there(list(NODES), nodes)
        wrong = [issue for edit in edits for issue in check_edit(edit, {}, there) if issue.weight == "block"]
        if wrong:
            raise BadInput("as-built-field", pipe=made.asset, field=str(wrong[0].facts.get("field", "")))
        for put in applied(network, edits).values():
            if len(put):
                change.put(put)
        for type_, ids in closed(edits).items():
            change.close(type_, ids)
        change.add_records("as_built", [made])
    grade_edited(store, city, edits, who=person.account)
    return made


def file_as_built_form(
    store: Store,
    state: CityState,
    built: AsBuilt,
    fields: Mapping[str, object],
    shape: object,
    *,
    person: Person,
) -> AsBuilt:
    """File a pipe as built as a form says it: fields in border units, the line in degrees, None as it was."""
    row = {"id": built.asset, "fields": fields, "shape": shape}
    edit = form_edit(state, CONDUIT, row)
    city = state.network.city.code
    return file_as_built(store, city, built, person=person, fields=edit.fields, parts=edit.parts)


ENDS = ("from_id", "to_id")
NODES = ("manhole", "gully", "storage", "station", "plant", "outfall")


def _edits(
    network: Network,
    built: AsBuilt,
    project: Project,
    fields: Mapping[str, object],
    parts: Sequence[Floats] | None,
) -> list[Edit]:
    table = network.table(CONDUIT)
    rows = {str(name): row for row, name in enumerate(table.ids)}
    missing = [name for name in built.replaces if name not in rows]
    if missing or (built.asset not in rows and not built.replaces):
        raise UnknownAsset(type=CONDUIT, id=(missing or [built.asset])[0], nearest="")
    if built.removed:
        return [Edit(CONDUIT, built.asset, gone=True)]
    lot = project.lot(built.lot)
    bodies = {party.role: party.body for party in project.answerable(lot)} if lot else {}
    said: dict[str, object] = {"built_on": built.date[:10], "project": project.id}
    said |= {"builder": bodies["contractor"]} if bodies.get("contractor") else {}
    said |= dict(fields)
    shape = None if parts is None else tuple(parts)
    if built.asset in rows:
        gone = [name for name in built.replaces if name != built.asset]
        named = {REPLACES: "|".join(gone)} if gone else {}
        edits = [Edit(CONDUIT, built.asset, said, named, shape)]
    else:
        first = edit_of(table, rows[built.replaces[0]])
        gone = list(built.replaces)
        whole = {**first.fields, **said}
        extra = {**first.extra, REPLACES: "|".join(gone)}
        edits = [Edit(CONDUIT, built.asset, whole, extra, shape or first.parts)]
    return edits + [Edit(CONDUIT, name, gone=True) for name in gone]
