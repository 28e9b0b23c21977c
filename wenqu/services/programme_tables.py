"""What has a city set for its programme: calendar, steps, crews, cycles, by whom, when and why?"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from wenqu.errors import BadInput, Refused
from wenqu.planning.lot_steps import LotStep, lot_steps
from wenqu.planning.lot_steps import with_own as with_own_steps
from wenqu.planning.lots import Closure
from wenqu.planning.trades import Trade, trades, with_own_trades
from wenqu.records.programme_table import ProgrammeTable
from wenqu.records.registry import GONE, record_kinds
from wenqu.services.city_state import CityState
from wenqu.services.file_works import new_id
from wenqu.services.rights import Person, demand, demand_account, reach
from wenqu.standards.inspection_cycles import inspection_cycles
from wenqu.store.changes import OpenChange
from wenqu.store.database import Store
from wenqu.supervision.milestones import milestones
from wenqu.supervision.own_tables import (
    CHOICES,
    CITY,
    COLUMNS,
    OwnMilestone,
    Row,
    own_calendar,
    own_milestones,
    read_own,
    step_rows,
)
from wenqu.supervision.steps import Step, steps
from wenqu.supervision.working_days import Calendar, holidays, seasons

LISTED = 200  # former versions of a table that are told
KIND = "programme_table"


@dataclass(frozen=True, slots=True)
class Rules:
    """What a city counts its programme back with."""

    calendar: Calendar
    steps: tuple[Step, ...]
    milestones: tuple[OwnMilestone, ...]
    days: tuple[Row, ...]  # the city's own days off
    lot_steps: tuple[LotStep, ...]
    trades: tuple[Trade, ...]
    closures: tuple[Closure, ...]


def rules_of(store: Store, state: CityState) -> Rules:
    """Return the tables of a city as they stood at the state's moment: its own beside Wenqu's."""
    return state.once("programme rules", lambda: _rules(store, state))


def _rules(store: Store, state: CityState) -> Rules:
    own = _own(store, state)
    return Rules(
        own_calendar(own["holidays"], own["seasons"]),
        step_rows(own["steps"]),
        own_milestones(own["milestones"]),
        own["holidays"],
        with_own_steps(own["lot_steps"], CITY),
        with_own_trades(own["trades"], CITY),
        tuple(Closure(**row) for row in own["closures"]),
    )


def own_text(store: Store, city: str, name: str, as_of: str | None = None) -> str | None:
    """Return the CSV text of a city's own table, None where it never had one."""
    stated = [one for one in store.records(city, KIND, ProgrammeTable, as_of) if one.name == name]
    return stated[-1].text if stated else None


def _own(store: Store, state: CityState) -> dict[str, tuple[Row, ...]]:
    city, moment = state.network.city.code, state.network.as_of or None
    last = {one.name: one.text for one in store.records(city, KIND, ProgrammeTable, as_of=moment)}
    return {name: read_own(name, last.get(name, "")) for name in COLUMNS}


def keep_table(
    store: Store, city: str, name: str, rows: Sequence[Mapping[str, str]], *, person: Person, reason: str
) -> int:
    """Keep a city's own table, and return how many rows it has; no row takes all back.

    Raises
    ------
    BadInput
        No reason is given, there is no table of that name, or a row does not hold; nothing is kept then.
    """
    demand_account(person)
    if not reason.strip():
        raise BadInput("own-reason", name=name)
    made = checked_rows(store, city, name, rows)
    text = table_text(name, [*_of_others(store, city, name, made, person), *made])
    with store.change(city, who=person.account, why=f"{name}: {reason}") as change:
        file_own(change, name, text, reason, simulated=store.city(city).simulated)
    return len(made)


def checked_rows(store: Store, city: str, name: str, rows: Sequence[Mapping[str, str]]) -> tuple[Row, ...]:
    """Return the rows of a city's own table, each proved and all together.

    Raises
    ------
    BadInput
        There is no table of that name, a row does not hold, or the rows make no whole.
    """
    made = own_rows(name, table_text(name, rows))
    _known_districts(store, city, made)
    _whole(name, made)
    return made


def file_own(change: OpenChange, name: str, text: str, reason: str, *, simulated: bool) -> None:
    """File one version of a table within a change."""
    change.add_records(KIND, [ProgrammeTable(new_id("G"), name, text, reason.strip(), simulated)])


def keep_file(store: Store, city: str, name: str, content: bytes, *, person: Person, reason: str) -> int:
    """Keep a city's own table that comes as a CSV file.

    Raises
    ------
    BadInput
        It is no UTF-8 text (``inspection-cycle-text``), or see ``keep_table``.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput("inspection-cycle-text") from None
    rows = list(csv.DictReader(text.splitlines()))
    return keep_table(store, city, name, rows, person=person, reason=reason)


def further(name: str) -> tuple[str, ...]:
    """Return the columns that a city has added to the rows of a table, in the register of these."""
    held = next((kind for kind in record_kinds().values() if kind.held == (KIND, name)), None)
    known = {*COLUMNS[name], GONE}
    return tuple(entry.name for entry in fields(held.cls) if entry.name not in known) if held else ()


def own_rows(name: str, text: str) -> tuple[Row, ...]:
    """Return the rows of a city's own table with all their columns, each proved.

    Raises
    ------
    BadInput
        A row does not hold.
    """
    return read_own(name, text, further(name))


def table_text(name: str, rows: Sequence[Mapping[str, str]]) -> str:
    """Return rows as the CSV text of a table."""
    if name not in COLUMNS:
        raise BadInput("own-table", name=name, known=", ".join(COLUMNS))
    out = io.StringIO()
    writer = csv.DictWriter(out, [*COLUMNS[name], *further(name)], extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: " ".join(str(value or "").split()) for key, value in row.items()} for row in rows)
    return out.getvalue()


def _of_others(store: Store, city: str, name: str, rows: Sequence[Row], person: Person) -> tuple[Row, ...]:
    """Return what stays of a table that a district states: the rows of others; who decides all states all.

    Raises
    ------
    Refused
        It is no table of milestones, or a row is of another district.
    """
    there = reach(person, "decide", city)
    if there.whole:
        return ()
    mine = {district for district, _ in there.places if district}
    if name != "milestones" or not mine:
        raise Refused("rights", action="decide", city=city, district="", body="")
    for row in rows:
        demand(person, "decide", city, row["district"] or "*")
    last = [one.text for one in store.records(city, KIND, ProgrammeTable) if one.name == name]
    return tuple(row for row in own_rows(name, last[-1] if last else "") if row["district"] not in mine)


def _known_districts(store: Store, city: str, rows: Sequence[Row]) -> None:
    named = [(number, row["district"]) for number, row in enumerate(rows, 1) if row.get("district")]
    if not named:
        return
    zones = {str(id_) for id_ in store.network(city, types=["zone"]).table("zone").ids}
    for number, zone in named:
        if zone not in zones:
            raise BadInput("own-row", name="milestones", row=number, column="district", value=zone)


def _whole(name: str, rows: Sequence[Row]) -> None:
    """Refuse rows that each hold but make no whole: a circle of steps, a method of two trades."""
    if name == "lot_steps":
        with_own_steps(rows, CITY)
    elif name == "trades":
        with_own_trades(rows, CITY)
    elif name == "closures":
        for number, row in enumerate(rows, 1):
            if row["since"] > row["until"]:
                raise BadInput("own-row", name=name, row=number, column="until", value=row["until"])
    elif name == "inspection_cycles":
        for number, row in enumerate(rows, 1):
            if float(row["low"]) > float(row["high"]):
                raise BadInput("own-row", name=name, row=number, column="high", value=row["high"])


def programme_tables(store: Store, state: CityState, person: Person) -> list[dict[str, Any]]:
    """Return each table: its columns, Wenqu's rows, the city's own, and who set them when and why.

    Who reads a part of the city is told of its own districts, and not why others decided what.
    """
    city, moment = state.network.city.code, state.network.as_of or None
    filed = store.filed(city, KIND, ProgrammeTable, moment)
    last = {one.name: one.text for one, _ in filed}
    own = {name: own_rows(name, last.get(name, "")) for name in COLUMNS}
    there = reach(person, "read_attributes", city)
    mine = None if there.whole else {"", *(district for district, _ in there.places)}
    decides = reach(person, "decide", city)
    return [
        {
            "name": name,
            "columns": COLUMNS[name],
            "choices": CHOICES[name],
            "given": _given(name),
            "own": [row for row in own[name] if mine is None or row.get("district", "") in mine],
            "may": decides.whole or (name == "milestones" and any(zone for zone, _ in decides.places)),
            "history": [
                {
                    "at": filing.at,
                    "by": filing.who,
                    "reason": one.reason,
                    "rows": one.text.count("\n") - 1,
                }
                for one, filing in reversed(filed)
                if one.name == name and mine is None
            ][:LISTED],
        }
        for name in COLUMNS
    ]


def _given(name: str) -> list[dict[str, Any]]:
    shipped: dict[str, Sequence[Any]] = {
        "holidays": holidays(),
        "seasons": seasons(),
        "steps": steps(),
        "lot_steps": [{**asdict(one), "after": "|".join(one.after)} for one in lot_steps()],
        "trades": [{**asdict(one), "methods": "|".join(one.methods)} for one in trades()],
        "closures": (),
        "inspection_cycles": [
            {**asdict(one), "source": f"{one.standard} {one.edition}"} for one in inspection_cycles().values()
        ],
    }
    if name == "milestones":
        return [{**asdict(one), "district": ""} for one in milestones()]
    return [dict(one) if isinstance(one, Mapping) else asdict(one) for one in shipped[name]]
