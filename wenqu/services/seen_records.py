"""Which statements of a kind may a person read? By asset, district, project, contract or document of each."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from wenqu.errors import Refused
from wenqu.records.programme import Programme
from wenqu.records.registry import RecordKind, called, record_kinds
from wenqu.services.city_state import CityState
from wenqu.services.document_register import seen_documents
from wenqu.services.held_rows import filings, statements
from wenqu.services.money_ledger import kept_accounts
from wenqu.services.money_rights import SEEING, sees_contract, sees_fund, sees_row, sees_whole
from wenqu.services.past import Past
from wenqu.services.rights import LOCAL, WORKS, Person, allows, demand, reach
from wenqu.services.seen_city import INSIDE, SeenStore
from wenqu.services.standing_inspections import standing_inspections
from wenqu.services.strange_names import every_id, without_strangers
from wenqu.services.works_ledger import works_ledger
from wenqu.services.works_rights import seen_projects
from wenqu.store.database import Store
from wenqu.store.records import Filing

Sees = Callable[[Any], bool]
OPEN = ("asset", "rules")  # read by whoever reads what is in the city
ABOUT = ("asset", "conduit")  # fields that name one asset


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, and the store as it is: what is read of it is cut here."""

    whole: Store
    person: Person

    @property
    def mark(self) -> str:
        """Return what tells apart those who do not see the same statements of a city."""
        return f"{self.person.account} {self.person.local} {self.person.grants} {self.person.actions}"


def reader_of(store: Store) -> Reader:
    """Return who reads through a store."""
    if isinstance(store, SeenStore):
        return Reader(store.whole, store.person)
    return Reader(store, LOCAL)


def may_read(person: Person, city: str, kind: RecordKind) -> bool:
    """Tell whether a person may read statements of a kind at all; which ones is asked of each."""
    if kind.sees in OPEN:
        return allows(person, "read_attributes", city)
    if kind.sees == "money":
        return any(allows(person, action, city) for action in (*SEEING, "work"))
    return any(allows(person, action, city) for action in INSIDE)


def demand_kind(person: Person, city: str, kind: RecordKind) -> None:
    """Refuse whoever may read no statement of a kind.

    Raises
    ------
    Refused
        A mere reader asks for what is not theirs (``rights``), or nobody has signed in (``sign-in``).
    """
    if not may_read(person, city, kind):
        demand(person, "read_attributes" if kind.sees in OPEN else "export", city)
        raise Refused("rights", action="export", city=city, district="", body="")


def seen_records(store: Store, state: CityState, kind: RecordKind) -> Sequence[Any]:
    """Return the statements of a kind that the reader may see, as they were filed, oldest first."""
    city, moment = state.network.city.code, state.network.as_of or None
    who = reader_of(store)
    demand_kind(who.person, city, kind)
    if kind.sees == "asset":
        return _about_assets(store, state, kind)
    rows = statements(who.whole, city, kind, moment, last_run=kind.stands == "run")
    sees, told = sees_of(store, state, kind), _blanking(store, state)
    return [told(row) for row in rows if sees(row)]


def _blanking(store: Store, state: CityState) -> Callable[[Any], Any]:
    """Return what takes the names of assets that are not seen out of a statement."""
    who, city = reader_of(store), state.network.city.code
    if not isinstance(store, SeenStore) or reach(who.person, "read_attributes", city).whole:
        return lambda row: row
    mine, every = every_id(state.network), store.every_id(city)
    return lambda row: without_strangers(row, mine, every)


def seen_filings(store: Store, state: CityState, kind: RecordKind) -> list[tuple[Any, Filing]]:
    """Return every statement of a kind that the reader may see with the change that filed it."""
    city, moment = state.network.city.code, state.network.as_of or None
    who = reader_of(store)
    demand_kind(who.person, city, kind)
    if kind.part:
        outer = record_kinds()[kind.within[1]]
        made = (
            seen_filings(store, state, outer)
            if outer.sees == "asset"
            else store.filed(city, outer.name, outer.cls, moment)
        )
        return [(row, filing) for one, filing in made for row in getattr(one, f"{kind.name}s")]
    if kind.sees == "asset":
        return store.filed(city, kind.name, kind.cls, moment)
    sees = sees_of(store, state, kind)
    told = _blanking(store, state)
    filed = filings(who.whole, city, kind, moment)
    plain = _reasons(store, state, kind)
    return [(told(row), plain(filing)) for row, filing in filed if sees(row)]


def _reasons(store: Store, state: CityState, kind: RecordKind) -> Callable[[Filing], Filing]:
    """Return what takes author and reason out of a filing where the reader is not told why others decide."""
    whole = reach(reader_of(store).person, "read_attributes", state.network.city.code).whole
    return (
        (lambda one: replace(one, who="", why="")) if kind.sees == "rules" and not whole else lambda one: one
    )


def _about_assets(store: Store, state: CityState, kind: RecordKind) -> Sequence[Any]:
    city, moment = state.network.city.code, state.network.as_of or None
    if kind.name == "inspection":
        return standing_inspections(store, city, moment)
    if kind.name == "defect":
        return [row for run in standing_inspections(store, city, moment) for row in run.defects]
    if kind.name == "measure":
        made = store.records(city, "programme", Programme, as_of=moment, last_run=True)
        return made[-1].measures if made else ()
    return store.records(city, kind.name, kind.cls, moment, kind.stands == "run")


def sees_of(store: Store, state: CityState, kind: RecordKind) -> Sees:
    """Return what tells whether the reader may see a statement of a kind."""
    who, city = reader_of(store), state.network.city.code
    if kind.sees == "money":
        return _sees_money(who, state, kind)
    if kind.sees == "documents":
        return _sees_documents(who, state, kind)
    if kind.sees == "rules":
        return _sees_rules(who.person, city)
    if kind.sees == "works":
        return _sees_works(store, state)
    if reach(who.person, "read_attributes", city).whole:
        return lambda _row: True
    ids = {str(name) for table in state.network.tables.values() for name in table.ids}
    return _sees_part(store, state, kind, ids)


def _sees_works(store: Store, state: CityState) -> Sees:
    """Return what tells whether a statement is about a project that the reader may know of."""
    who, city = reader_of(store), state.network.city.code
    if any(reach(who.person, action, city).whole for action in WORKS):
        return lambda _row: True
    mine = None if store.sees_all(city) else set(state.network.table("conduit").ids.tolist())
    seen = seen_projects(works_ledger(who.whole, state), city, who.person, mine)
    return lambda row: getattr(row, "project", row.id) in seen


def _sees_rules(person: Person, city: str) -> Sees:
    """Return what tells whether a rule is the whole city's, or one of a district that the reader sees."""
    there = reach(person, "read_attributes", city)
    mine = {"", *(district for district, _ in there.places)}
    return lambda row: there.whole or getattr(row, "district", "") in mine


def _sees_part(store: Store, state: CityState, kind: RecordKind, ids: Collection[str]) -> Sees:
    """Return what tells whether somebody who sees a part of the city sees a statement of a kind."""
    person, city = reader_of(store).person, state.network.city.code
    zones = {zone for zone, body in reach(person, "read_attributes", city).places if zone and not body}
    field, of = kind.within
    parents = _seen_ids(store, state, record_kinds()[of]) if field else frozenset()

    def sees(row: Any) -> bool:
        names = assets_of(row)
        if names:
            return all(name in ids for name in names)
        if getattr(row, "district", ""):
            return row.district in zones
        return bool(field) and str(getattr(row, field)) in parents

    return sees


def _seen_ids(store: Store, state: CityState, kind: RecordKind) -> frozenset[str]:
    return frozenset(key_of(kind, row) for row in seen_records(store, state, kind))


def assets_of(row: Any) -> list[str]:
    """Return the ids of the assets that a statement names."""
    names = [str(getattr(row, name)) for name in ABOUT if getattr(row, name, "")]
    names += [str(name) for name in getattr(row, "assets", ()) if isinstance(name, str)]
    return [name.partition("/")[2] if "/" in name else name for name in names]


def key_of(kind: RecordKind, row: Any) -> str:
    """Return what a statement is called among those of its kind, "" for one without a name."""
    return called(kind, {name: getattr(row, name) for name in kind.key})


def _sees_money(who: Reader, state: CityState, kind: RecordKind) -> Sees:
    person, city = who.person, state.network.city.code
    if sees_whole(person, city):
        return lambda _row: True
    accounts = kept_accounts(who.whole, state)

    def contract(id_: str) -> bool:
        return id_ in accounts and sees_contract(person, city, accounts[id_])

    variations = {
        row.id: row.contract
        for row in who.whole.records(city, "variation", record_kinds()["variation"].cls)
    }  # fmt: skip
    told: dict[str, Sees] = {
        "fund": lambda row: sees_fund(person, city, row),
        "contract": lambda row: contract(row.id),
        "variation": lambda row: contract(row.contract),
        "payment": lambda row: contract(row.contract),
        "approval": lambda row: contract(variations.get(row.variation, "")),
        "refused_row": lambda row: sees_row(person, city, row),
        "money_rule": lambda _row: True,
    }
    return told.get(kind.name, lambda _row: False)


def _sees_documents(who: Reader, state: CityState, kind: RecordKind) -> Sees:
    """Return what tells whether a statement is about a document that the reader may know of."""
    person, city, moment = who.person, state.network.city.code, state.network.as_of or None
    if person.local:
        return lambda _row: True
    if kind.name == "paper_words":
        whole = reach(person, "read_attributes", city).whole
        ids = {str(name) for table in state.network.tables.values() for name in table.ids}
        return lambda row: whole or (bool(row.asset) and row.asset in ids)
    seen = seen_documents(who.whole, city, person, Past(moment))
    documents = {(id_, number) for id_, (_, numbers) in seen.items() for number in numbers}
    chain = _chain(kind)
    kinds = record_kinds()
    rows = {of: {row.id: row for row in who.whole.records(city, of, kinds[of].cls)} for _, of in chain[:-1]}

    def sees(row: Any) -> bool:
        version = getattr(row, "version", getattr(row, "number", None))
        for field, of in chain:
            id_ = getattr(row, field)
            if of == "official_document":
                return id_ in seen and (not isinstance(version, int) or (id_, version) in documents)
            row = rows[of].get(id_)
            if row is None:
                return False
            version = getattr(row, "version", None)
        return row.id in seen

    return sees


def _chain(kind: RecordKind) -> list[tuple[str, str]]:
    """Return by which fields a kind leads to its document."""
    found: list[tuple[str, str]] = []
    while kind.within[0]:
        found.append(kind.within)
        kind = record_kinds()[kind.within[1]]
    return found
