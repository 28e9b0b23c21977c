"""A search for a source: started, sampled by any crew on any device, taken back, ended. Nobody overwrites."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import uuid4

import numpy as np

from wenqu.diagnosis.search_readings import Chances, Tracer
from wenqu.errors import BadInput, Refused, Unknown
from wenqu.records.search import Search, SearchEvent
from wenqu.services.asked_network import node_of
from wenqu.services.city_state import CityState
from wenqu.services.rights import Person, allows, demand, demand_account, reach
from wenqu.services.sight import BODIES, districts_of
from wenqu.store.database import Store
from wenqu.store.moments import now

SEARCH, EVENT = "search", "search_event"
STEPS = ("reading", "undo", "found", "stopped", "close")
ANSWERS = ("seen", "unseen")
CREWS = 6


@dataclass(frozen=True, slots=True)
class Hunt:
    """A search with its events that still stand."""

    search: Search
    events: tuple[SearchEvent, ...] = ()
    undone: frozenset[str] = field(default_factory=frozenset)

    @property
    def standing(self) -> tuple[SearchEvent, ...]:
        """Return the events that were not taken back, without the taking back."""
        return tuple(one for one in self.events if one.id not in self.undone and one.step != "undo")

    @property
    def closed(self) -> bool:
        """Tell whether somebody has ended it."""
        return any(one.step == "close" for one in self.standing)


def searches(store: Store, city: str, as_of: str | None = None) -> dict[str, Hunt]:
    """Return every search of a city with its events, by id, the latest first."""
    events: dict[str, list[SearchEvent]] = {}
    for event in store.records(city, EVENT, SearchEvent, as_of=as_of):
        events.setdefault(event.search, []).append(event)
    rows = sorted(store.records(city, SEARCH, Search, as_of=as_of), key=lambda row: row.at, reverse=True)
    return {row.id: _hunt(row, events.get(row.id, ())) for row in rows}


def _hunt(row: Search, events: Sequence[SearchEvent]) -> Hunt:
    return Hunt(row, tuple(events), frozenset(one.of for one in events if one.step == "undo"))


def may(person: Person, action: str, row: Search, city: str) -> bool:
    """Tell whether a person may do something in a search: of their district, or of their body."""
    there = reach(person, action, city)
    return there.whole or any(
        own in {"", row.district} and whose in {"", row.body} and (own or whose)
        for own, whose in there.places
    )


def may_sample(person: Person, row: Search, city: str) -> bool:
    """Tell whether a person may open manholes for a search: those who work, and those who inspect."""
    return may(person, "work", row, city) or may(person, "inspect", row, city)


def seen_by(person: Person, city: str, hunts: dict[str, Hunt]) -> dict[str, Hunt]:
    """Return the searches that a person may read."""
    return {id_: one for id_, one in hunts.items() if may(person, "read_attributes", one.search, city)}


def start_search(store: Store, state: CityState, given: Search, *, person: Person) -> Hunt:
    """Start a search above the place where the water was noticed.

    Raises
    ------
    BadInput
        Nothing says what is looked for, or the chances, the tracer or the rules cannot be.
    UnknownAsset
        The place is not there.
    Refused
        The person may not work there.
    """
    demand_account(person)
    city = state.network.city.code
    demand(person, "inspect" if allows(person, "inspect", city) else "work", city)
    _check(given)
    type_, id_ = _placed(state, given.start)
    row = state.network.row(type_, id_)
    district = str(districts_of(state.network)[type_][row] or "")
    table = state.network.table(type_)
    bodies = [str(table.fields[name][row] or "") for name in BODIES[::-1] if name in table.fields]
    made = replace(
        given, id=given.id or f"T-{uuid4().hex[:8]}", start=f"{type_}/{id_}", what=given.what.strip(),
        district=district, body=next((name for name in bodies if name), ""), by=person.account,
        at=now().isoformat(timespec="seconds"), simulated=state.network.city.simulated,
    )  # fmt: skip
    if not may_sample(person, made, city):
        raise Refused("rights", action="work", city=city, district=district, body=made.body)
    with store.change(city, who=person.account, why=f"search {made.start}") as change:
        if (before := searches(store, city).get(made.id)) is not None:
            return before
        change.add_records(SEARCH, [made])
    return Hunt(made)


def _check(given: Search) -> None:
    Chances(given.hit, given.false)
    if given.tracer:
        Tracer(*given.tracer)
    rules = given.radius > 0 and 0.5 < given.sure < 1 and 1 <= given.crews <= CREWS and given.others >= 0
    if not given.what.strip() or not rules:
        raise BadInput("search", radius=given.radius, sure=given.sure, crews=given.crews, most=CREWS)


def _placed(state: CityState, name: str) -> tuple[str, str]:
    """Return type and id of the node that is meant: of a pipe its lower end."""
    type_, _, id_ = name.partition("/")
    node = node_of(state, id_ if type_ in state.network.tables else name, "down")
    return str(state.topology.node_type[node]), str(state.topology.node_ids[node])


def report_step(store: Store, state: CityState, id_: str, given: SearchEvent, *, person: Person) -> Hunt:
    """File a sample, its taking back, a source that was found or stopped, or the end.

    Parameters
    ----------
    state
        What the person may see of the city: nothing else can be sampled.

    Raises
    ------
    Unknown
        There is no such search, step or event, or the person may not know of it.
    Refused
        The person may not work there, or the search was ended.
    BadInput
        A reading without an answer or with a value that the search has no tracer for.
    """
    demand_account(person)
    city = state.network.city.code
    with store.change(city, who=person.account, why=f"search {given.step}") as change:
        before = seen_by(person, city, searches(store, city)).get(id_)
        if before is None:
            raise Unknown("search", name=id_)
        if not may_sample(person, before.search, city):
            raise Refused("rights", action="work", city=city, district=before.search.district,
                          body=before.search.body)  # fmt: skip
        if any(one.id == given.id for one in before.events):
            return before
        event = _event(state, before, given, person)
        change.add_records(EVENT, [event])
    return _hunt(before.search, (*before.events, event))


def _event(state: CityState, before: Hunt, given: SearchEvent, person: Person) -> SearchEvent:
    if given.step not in STEPS:
        raise Unknown("search-step", name=given.step, known=", ".join(STEPS))
    if before.closed and given.step != "undo":
        raise Refused("search-closed", search=before.search.id)
    asset = given.asset
    if given.step in {"reading", "found"}:
        type_, id_ = _placed(state, given.asset)
        asset = f"{type_}/{id_}"
    if given.step == "reading":
        _answered(before.search, given)
    wanted = {"undo": before.standing, "stopped": [one for one in before.standing if one.step == "found"]}
    if given.step in wanted and given.of not in {one.id for one in wanted[given.step]}:
        raise Unknown("search-event", name=given.of, search=before.search.id)
    return replace(
        given, id=given.id or uuid4().hex, search=before.search.id, asset=asset, by=person.account,
        at=now().isoformat(timespec="seconds"), note=given.note.strip(), simulated=before.search.simulated,
    )  # fmt: skip


def _answered(search: Search, given: SearchEvent) -> None:
    if given.value is not None:
        if search.tracer and np.isfinite(given.value):
            return
        raise BadInput("search-value", search=search.id)
    if given.answer not in ANSWERS:
        raise BadInput("search-answer", answers=", ".join(ANSWERS))
