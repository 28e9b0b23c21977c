"""What does a city share: which registers, how fresh, in which forms, and who took them last?"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from wenqu.network.schema import asset_type, asset_types
from wenqu.services.city_state import Cities, CityState
from wenqu.services.rights import EVERYWHERE, Person, allows, demand, roles
from wenqu.store.accounts import Accounts
from wenqu.store.changes import Change
from wenqu.store.moments import now, text_of
from wenqu.store.pulls import Pull

LOOKED_BACK = 1000  # changes
RECENT = timedelta(days=30)
FORMS = ("csv", "xlsx", "geojson", "gpkg")  # of register_files; a thing without a shape has no drawn ones


@dataclass(frozen=True, slots=True)
class Entry:
    """One register that is shared."""

    type: str
    label: dict[str, str]
    geometry: str
    count: int
    changed: dict[str, object] | None  # number, at, who of the city's last change; None: longer ago
    forms: tuple[str, ...]  # files that this reader may take
    pulled: Pull | None  # None: never, or not shown
    pulls: int  # of the last thirty days
    shared: bool  # with those who only read; they do not see what is not


@dataclass(frozen=True, slots=True)
class Reader:
    """One who may read the city: an account by a role, or a token."""

    account: str  # "" is anybody
    title: str
    role: dict[str, str] | None  # None: a token
    district: str = ""
    body: str = ""
    token: str = ""
    actions: tuple[str, ...] = ()
    expires: str = ""  # ISO time


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything that a city shares."""

    entries: tuple[Entry, ...]
    shares: bool  # the reader shares this city and sees who takes what
    recent: tuple[Pull, ...]  # the last pulls
    readers: tuple[Reader, ...]  # none to those who do not share the city


def catalogue(known: Cities, state: CityState, who: Person, accounts: Accounts | None = None) -> Catalogue:
    """Return the catalogue of a city as a person may see it."""
    code = state.network.city.code
    shares = allows(who, "share", code)
    pulls = known.store.pulls(code) if shares else []
    forms = FORMS if allows(who, "export", code) else ()
    changes = known.whole.store.changes(code, LOOKED_BACK)
    told = known.store.sees_all(code)
    hidden = accounts.withheld(code) if accounts is not None else frozenset()
    entries = [
        Entry(
            name,
            {"zh": kind.zh, "en": kind.en},
            kind.geometry,
            len(state.network.table(name)),
            _changed(name, changes, told=told),
            forms if kind.geometry != "none" else forms[:2],
            next((pull for pull in pulls if pull.collection == name), None),
            _recent(pulls)[name],
            name not in hidden,
        )
        for name, kind in asset_types().items()
        if len(state.network.table(name))
    ]
    readers = tuple(_readers(accounts, code)) if shares and accounts is not None else ()
    return Catalogue(tuple(entries), shares, tuple(pulls[:20]), readers)


def set_shared(accounts: Accounts, who: Person, city: str, type_: str, *, shared: bool) -> None:
    """Share a register with those who only read the city, or keep it from them.

    What is not shared is absent for them everywhere: in lists, on the map, in files and interfaces.

    Raises
    ------
    Refused
        The person does not share the city.
    UnknownType
        There is no such asset type.
    """
    demand(who, "share", city)
    accounts.set_shared(city, asset_type(type_).name, who.account, shared=shared)


def _readers(accounts: Accounts, code: str) -> Iterator[Reader]:
    """Yield who may read a city: roles given there or everywhere, and the tokens of those accounts."""
    titles = {one.name: one for one in accounts.all()}
    known = roles()
    names = set()
    for row in accounts.grants():
        shut = row.account in titles and titles[row.account].disabled
        if row.city not in {EVERYWHERE, code} or row.role not in known or shut:
            continue
        names.add(row.account)
        title = titles[row.account].title if row.account in titles else ""
        role = {"zh": known[row.role].zh, "en": known[row.role].en}
        yield Reader(row.account, title, role, row.district, row.body)
    today = text_of(now())
    for token in accounts.tokens():
        if token.account in names and not token.revoked and token.expires > today:
            yield Reader(
                token.account,
                titles[token.account].title,
                None,
                token=token.name,
                actions=token.actions,
                expires=token.expires,
            )


def _changed(type_: str, changes: list[Change], *, told: bool) -> dict[str, object] | None:
    """Return the newest change that touched assets of a type; to who sees a part, when it was and no more."""
    for entry in changes:  # newest first
        counts: Any = entry.counts.get(type_, {})
        if isinstance(counts, dict) and any(counts.get(key) for key in ("new", "changed", "closed")):
            return {"number": entry.number, "at": entry.at, "who": entry.who if told else ""}
    return None


def _recent(pulls: list[Pull]) -> Counter[str]:
    since = now() - RECENT
    return Counter(pull.collection for pull in pulls if datetime.fromisoformat(pull.at) >= since)
