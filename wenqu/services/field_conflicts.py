"""Two people changed the same field to different ends: both are shown, somebody who may decides."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from wenqu.errors import BadInput, Refused, Unknown
from wenqu.network.edits import Edit
from wenqu.network.model import Network
from wenqu.network.schema import asset_type
from wenqu.records.field_entry import Clash, FieldOutcome
from wenqu.services.city_state import CityState
from wenqu.services.edit_conflicts import SHAPE
from wenqu.services.field_entries import OUTCOME, Standing, entry_to_see
from wenqu.services.field_sight import may
from wenqu.services.register_form import at_border
from wenqu.services.rights import Person, demand_account
from wenqu.services.settle_after_edit import edit_and_settle
from wenqu.store.database import Store
from wenqu.store.moments import now

SIDES = ("yours", "theirs")


def clash_row(type_: str, clash: Clash) -> dict[str, Any]:
    """Return one field of a conflict as people read it: border units, its name in both languages."""
    entry = None if clash.name.startswith("@") else asset_type(type_).field(clash.name)
    values = {name: json.loads(getattr(clash, name)) for name in ("yours", "theirs", "base")}
    return {
        "name": clash.name,
        "label": {"zh": entry.zh, "en": entry.en} if entry else {"zh": "位置", "en": "place"},
        "unit": entry.border if entry else "",
        **{name: at_border(entry, value) if entry else value for name, value in values.items()},
        "theirs_by": clash.theirs_by,
        "theirs_at": clash.theirs_at,
    }


def decide_conflict(
    store: Store, state: CityState, id_: str, take: Mapping[str, str], note: str, *, person: Person
) -> Standing:
    """Decide, field by field, whose value stands; both stay in the log.

    Parameters
    ----------
    take
        "yours" (of the entry) or "theirs" for every field of the conflict.

    Raises
    ------
    Unknown
        There is no such conflict for this person.
    BadInput
        A field is left open, or one is named that is not in conflict.
    Refused
        The person may not edit there, or the asset has moved on since: look again.
    """
    demand_account(person)
    one = entry_to_see(store, state, id_, person)
    outcome = one.outcome
    if outcome is None or outcome.state != "conflict":
        raise Unknown("field-conflict", name=id_)
    names = {clash.name for clash in outcome.clashes}
    if set(take) != names or any(side not in SIDES for side in take.values()):
        raise BadInput("field-take", fields=", ".join(sorted(names)))
    entry, city = one.entry, state.network.city.code
    if not may(person, "edit_attributes", state, entry.asset_type, entry.asset):
        raise Refused("rights", action="edit_attributes", city=city, district="", body="")
    mine = {clash.name: json.loads(clash.yours) for clash in outcome.clashes if take[clash.name] == "yours"}
    version = _write(store, state.network, one, mine, person) if mine else 0
    decided = FieldOutcome(
        id_, "entered", now().isoformat(timespec="seconds"), (), outcome.clashes, outcome.theirs,
        (*outcome.made, *((f"change:{version}",) if version else ())),
        entry.asset_type, entry.asset, person.account,
        tuple(f"{name}={side}" for name, side in sorted(take.items())), note.strip(), entry.simulated,
    )  # fmt: skip
    with store.change(city, who=person.account, why=f"street {id_[:8]}: decided") as change:
        change.add_records(OUTCOME, [decided])
    return Standing(entry, decided)


def _write(store: Store, before: Network, one: Standing, mine: Mapping[str, Any], person: Person) -> int:
    entry, outcome = one.entry, one.outcome
    shape = mine.get(SHAPE)
    fields = {name: value for name, value in mine.items() if name != SHAPE}
    parts = (
        None if shape is None else tuple(np.asarray(part, dtype=np.float64).reshape(-1, 2) for part in shape)
    )
    edit = Edit(entry.asset_type, entry.asset, fields, {}, parts, False, outcome.theirs if outcome else None)
    why = f"street {entry.id[:8]}: decided"
    report = edit_and_settle(store, before.city.code, before, [edit], person=person, why=why)
    if report.conflicts:
        raise Refused("field-moved", asset=entry.asset, who=report.conflicts[0].who)
    if report.issues:
        raise BadInput("field-take", fields=", ".join(sorted(mine)))
    return report.version
