"""What a device wrote in the street comes in: kept first, then done; once, whatever arrives twice.

Nothing that is well-formed is lost: what cannot be done (no right there, an asset that is not there) waits
with its reason, for its author and for the office.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from wenqu.errors import BadInput, Unknown, WenquError
from wenqu.records.field_entry import FieldEntry, FieldFile, FieldOutcome
from wenqu.services.city_state import CityState
from wenqu.services.field_deeds import Done, do
from wenqu.services.field_files import ENTRY, missing_files
from wenqu.services.field_sight import may_see
from wenqu.services.rights import Person, demand, demand_account
from wenqu.store.database import Store
from wenqu.store.moments import now

OUTCOME = "field_outcome"
KINDS = ("report", "inspection", "edit", "note")
LARGEST_BODY = 200_000  # characters


@dataclass(frozen=True, slots=True)
class Sent:
    """An entry as a device sends it."""

    kind: str
    written_at: str
    order: str = ""
    asset: str = ""  # type/id
    base: int = 0
    body: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[FieldFile, ...] = ()
    place: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """How an entry stands."""

    entry: FieldEntry
    outcome: FieldOutcome | None  # None: kept, and what comes of it is not known yet
    missing: tuple[str, ...] = ()  # contents that must be sent first; then nothing was kept
    again: bool = False  # it had come before

    @property
    def state(self) -> str:
        """Say how it stands: entered, already, conflict, waits."""
        if self.outcome is None:
            return "waits"
        return "already" if self.again and self.outcome.state == "entered" else self.outcome.state


def put_entry(store: Store, state: CityState, id_: str, sent: Sent, *, person: Person) -> Standing:
    """Take in what a device wrote.

    Parameters
    ----------
    store
        The whole store; what may be done is asked step by step.
    state
        The city as the person sees it.

    Raises
    ------
    BadInput
        It is malformed: nothing of it was kept.
    Refused
        Nobody has signed in, or the person may read nothing here.
    """
    demand_account(person)
    city = state.network.city.code
    demand(person, "read_attributes", city)
    entry = _entry(id_, sent, person, simulated=state.network.city.simulated)
    lacking = tuple(missing_files(store, city, [file.sha256 for file in entry.files]))
    if lacking:
        return Standing(entry, None, lacking)
    with store.change(city, who=person.account, why=f"street: {entry.kind}") as change:
        before = standing_of(store, city, id_)
        if before is None:
            change.add_records(ENTRY, [entry])
    if before is not None:
        if before.entry.by != person.account:
            raise BadInput("field-id", id=id_)
        if before.outcome is not None:
            return replace(before, again=True)
        entry = before.entry
    outcome = _done(store, state, entry, person)
    with store.change(city, who=person.account, why=f"street: {entry.kind}") as change:
        before = standing_of(store, city, id_)
        if before is not None and before.outcome is not None:  # another did it at the same moment
            return replace(before, again=True)
        change.add_records(OUTCOME, [outcome])
    return Standing(entry, outcome)


def _done(store: Store, state: CityState, entry: FieldEntry, person: Person, by: str = "") -> FieldOutcome:
    """Do what an entry says and return what became of it: what cannot be done waits with its reason."""
    try:
        done = do(store, state, entry, person)
    except WenquError as error:
        done = Done("waits", said=(error.key, _plain(error.facts)))
    return FieldOutcome(
        entry.id, done.state, now().isoformat(timespec="seconds"), done.said, done.clashes, done.theirs,
        done.made, entry.asset_type, entry.asset, by, simulated=entry.simulated,
    )  # fmt: skip


def _plain(facts: Mapping[str, object]) -> str:
    return json.dumps({name: str(value) for name, value in facts.items()}, ensure_ascii=False)


def _entry(id_: str, sent: Sent, person: Person, *, simulated: bool) -> FieldEntry:
    try:
        known = str(UUID(id_)) == id_.lower()
        datetime.fromisoformat(sent.written_at)
    except ValueError:
        known = False
    body = json.dumps(dict(sent.body), ensure_ascii=False)
    type_, _, asset = sent.asset.partition("/")
    fits = known and sent.kind in KINDS and len(body) <= LARGEST_BODY and len(sent.place) in {0, 2, 3}
    whole = not sent.asset or bool(type_ and asset)
    if not (fits and whole) or (sent.kind == "edit" and not (sent.asset and sent.base > 0)):
        raise BadInput("field-entry", id=id_, kind=sent.kind, known=", ".join(KINDS))
    return FieldEntry(
        id_, sent.kind, person.account, now().isoformat(timespec="seconds"), sent.written_at, sent.order,
        type_, asset, sent.base, body, _apart(sent.files), sent.place, simulated,
    )  # fmt: skip


def _apart(files: tuple[FieldFile, ...]) -> tuple[FieldFile, ...]:
    """Give two files of one name a name each: every camera begins with 1.jpg."""
    names = [file.name for file in files]
    return tuple(
        replace(file, name=f"{names[:at].count(file.name) + 1}-{file.name}")
        if names.count(file.name) > 1
        else file
        for at, file in enumerate(files)
    )


def standings(store: Store, city: str) -> dict[str, Standing]:
    """Return every entry of a city as it stands, by id, oldest first."""
    found = {entry.id: Standing(entry, None) for entry in store.records(city, ENTRY, FieldEntry)}
    for outcome in store.records(city, OUTCOME, FieldOutcome):
        if outcome.entry in found:
            found[outcome.entry] = replace(found[outcome.entry], outcome=outcome)
    return found


def standing_of(store: Store, city: str, id_: str) -> Standing | None:
    """Return one entry as it stands, None when it never came."""
    return standings(store, city).get(id_)


def seen_entries(store: Store, state: CityState, person: Person, *, mine: bool = False) -> Sequence[Standing]:
    """Return the entries that a person may see, newest first."""
    rows = standings(store, state.network.city.code).values()
    return [
        one
        for one in reversed(list(rows))
        if (one.entry.by == person.account if mine else may_see(one.entry, state, person))
    ]


def entry_to_see(store: Store, state: CityState, id_: str, person: Person) -> Standing:
    """Return one entry that a person may see.

    Raises
    ------
    Unknown
        There is none, or it is not for them.
    """
    one = standing_of(store, state.network.city.code, id_)
    if one is None or not may_see(one.entry, state, person):
        raise Unknown("field-entry", name=id_)
    return one


def try_again(store: Store, state: CityState, id_: str, *, person: Person) -> Standing:
    """Do what an entry says that waits: the reason may be gone. Its author, or who may see it, asks.

    The deed is done in the name of whoever asks: they need the right.

    Raises
    ------
    Unknown
        There is no such entry for them.
    """
    demand_account(person)
    one = entry_to_see(store, state, id_, person)
    if one.outcome is not None and one.outcome.state != "waits":
        return replace(one, again=True)
    outcome = _done(store, state, one.entry, person, person.account)
    with store.change(state.network.city.code, who=person.account, why="street: again") as change:
        change.add_records(OUTCOME, [outcome])
    return Standing(one.entry, outcome)
