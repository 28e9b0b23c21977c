"""A small town whose registers are tried, and rows that people enter there."""

import dataclasses
import types
import typing
from contextlib import contextmanager

from wenqu.examples.little_city import little_city
from wenqu.network.model import City
from wenqu.records.project import Lot, PipeWork, Project
from wenqu.records.registry import record_kinds
from wenqu.services.city_state import Cities, CityState
from wenqu.services.edit_register import edit_rows
from wenqu.services.rights import LOCAL, Grant, Person
from wenqu.services.seen_city import SeenCities
from wenqu.store.database import open_store

WRITTEN = [name for name, kind in record_kinds().items() if kind.written]
PIPE = "C1"
PDF = b"%PDF-1.7 a page"
ABOUT = {"asset": PIPE, "conduit": PIPE, "asset_type": "conduit"}


@contextmanager
def little_town(folder):
    """Open a store with the small town."""
    store = open_store(folder / "store")
    with store.change("little", who="surveyor", why="survey") as change:
        change.put_city(City("little", "小城", "Little city", "EPSG:4549"))
        for table in little_city().tables.values():
            change.put(table)
    yield store
    store.close()


def sample(of):
    """Return something that a hint of a dataclass takes."""
    origin = typing.get_origin(of)
    if origin in {typing.Union, types.UnionType}:
        return sample(typing.get_args(of)[0])
    if dataclasses.is_dataclass(of):
        hints = typing.get_type_hints(of)
        return of(**{
            one.name: ABOUT.get(one.name) or sample(hints[one.name])
            for one in dataclasses.fields(of)
            if one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING
        })  # fmt: skip
    if origin is tuple:
        inner = [one for one in typing.get_args(of) if one is not Ellipsis]
        if Ellipsis in typing.get_args(of):
            return (sample(inner[0]),) if dataclasses.is_dataclass(inner[0]) else ()
        return tuple(sample(one) for one in inner)
    if isinstance(of, type) and issubclass(of, str) and of is not str:
        return next(iter(of))
    return {str: "a", float: 1.5, int: 2, bool: True}.get(of, {})


def state(store):
    return CityState(store.network("little"))


def zone(store):
    return str(store.network("little").table("zone").ids[0])


# Rows that people enter, as a form sends them, and what becomes of one field of each.
ROWS = {
    "team": ({"id": "R1", "name": "one", "work": "repair", "rate": 20.0, "district": "Z"}, "rate", 30.0),
    "day_off": ({"date": "2027-10-08", "kind": "holiday", "source": "notice"}, "kind", "workday"),
    "season": (
        {"key": "rain", "work": "repair", "begins": "06-01", "ends": "09-01", "share": 50.0}, "share", 40.0,
    ),
    "own_step": ({"work": "repair", "step": "money", "side": "before", "days": 30}, "days", 20),
    "milestone": (
        {"date": "2026-12-31", "district": "Z", "indicator": "repaired", "target": 80.0, "source": "plan"},
        "target", 90.0,
    ),
    "lot_step": ({"step": "permit", "ground": "trench", "days": 30, "after": "design"}, "days", 25),
    "trade": (
        {"trade": "trench", "methods": "open_cut", "ground": "trench", "crews": 2, "lot_days": 60},
        "crews", 4,
    ),
    "closure": (
        {"road": "中山路", "ground": "any", "since": "2027-05-01", "until": "2027-06-01", "source": "notice"},
        "until", "2027-07-01",
    ),
    "inspection_cycle": (
        {"kind": "functional", "rule": "ordinary", "low": 2, "high": 3, "source": "council"}, "high", 4,
    ),
    "money_rule": ({"rule": "advance", "value": 0.2}, "value", 0.1),
}  # fmt: skip


def entered(store, name):
    """Enter a row as its form would, and return what it is called."""
    fields = {key: zone(store) if value == "Z" else value for key, value in ROWS[name][0].items()}
    row = {"id": fields.pop("id", ""), "fields": fields}
    made = edit_rows(store, state(store), name, [row], person=LOCAL, who="clerk", why="filed")
    assert (made.written, made.issues) == (True, ())
    (id_,) = {one.id for one in made.changes}
    return id_


def written_row(store, name):
    """File a row of a kind that is stated anew, as its own page would."""
    place = zone(store)
    if name != "project":
        return entered(store, name)
    row = Project("P1", "works", (Lot("L1", "a lot", (PipeWork(PIPE, "cipp"),)),), district=place)
    with store.change("little", who="clerk", why="filed") as change:
        change.add_records(name, [row])
    return row.id


def seen(store, role, *, district="", city="little"):
    """Return the store and state as somebody sees them."""
    person = Person(role, (Grant(role, city, district),))
    known = SeenCities(Cities(store), person)
    return known.store, known.state("little"), person
