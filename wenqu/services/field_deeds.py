"""What does an entry of the street do: report an order, file an inspection, edit an asset, tell a problem?"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from wenqu.errors import BadInput, Refused, Unknown
from wenqu.network.schema import asset_type, code_lists
from wenqu.records.field_entry import Clash, FieldEntry, FieldFile
from wenqu.records.handed import Handed
from wenqu.records.inspection import Defect, Inspection
from wenqu.services.city_state import CityState
from wenqu.services.edit_conflicts import Conflict
from wenqu.services.field_files import kept_of, name_of
from wenqu.services.field_sight import may, place_of
from wenqu.services.file_inspections import document_of, write_media
from wenqu.services.grade_again import grade_changed
from wenqu.services.named_files import DIGITS, FILE
from wenqu.services.named_files import document_of as named_document
from wenqu.services.problem_files import home_of
from wenqu.services.problem_places import identity
from wenqu.services.register_form import edit_of
from wenqu.services.report_order import report_and_ring
from wenqu.services.report_problem import landing, report_problem
from wenqu.services.rights import Person
from wenqu.services.ring_for_others import may_hand_on, ring_for_others, whole_city
from wenqu.services.ring_on_arrival import ring_on_arrival
from wenqu.services.settle_after_edit import edit_and_settle
from wenqu.services.upkeep_orders import Report
from wenqu.store.database import Store
from wenqu.store.moments import begin_of, now
from wenqu.survey.values import is_day
from wenqu.works.outfall_words import contradicts
from wenqu.works.problem_severity import emergency
from wenqu.works.problem_tables import kinds

NEAR = 60.0  # [m] from the device within which a note is taken to mean an asset
TRIES = 3  # of an edit while others edit


@dataclass(frozen=True, slots=True)
class Done:
    """What came of an entry."""

    state: str  # entered | conflict | waits
    said: tuple[str, ...] = ()
    clashes: tuple[Clash, ...] = ()
    theirs: int = 0
    made: tuple[str, ...] = ()


def do(store: Store, state: CityState, entry: FieldEntry, person: Person) -> Done:
    """Do what an entry says; done twice it does nothing more.

    Raises
    ------
    WenquError
        It cannot be done, or not by this person: the entry waits.
    """
    body = json.loads(entry.body)
    if entry.kind == "report":
        return _report(store, state, entry, body, person)
    if entry.kind == "inspection":
        return _inspection(store, state, entry, body, person)
    if entry.kind == "edit":
        return _edit(store, state, entry, body, person)
    return _note(store, state, entry, body, person)


def _report(
    store: Store, state: CityState, entry: FieldEntry, body: Mapping[str, Any], person: Person
) -> Done:
    names = {
        role: tuple(name_of(file) for file in entry.files if file.role == role)
        for role in ("before", "after")
    }
    given = Report(
        str(body.get("step", "")), str(body.get("note", "")), _number(body.get("hours"), 0.0),
        {str(name): _number(value, 0.0) for name, value in _mapping(body.get("quantities")).items()},
        {str(name): str(value) for name, value in _mapping(body.get("answers")).items()},
        names["before"], names["after"], tuple(entry.place[:2]), entry.id, entry.written_at,
    )  # fmt: skip
    run, alarms = report_and_ring(store, state.network.city.code, entry.order, given, person=person)
    late = next((event.apart for event in run.events if event.id == entry.id), False)
    said = (*(("field.apart", "{}") if late else ()), *_rang(alarms))
    return Done("entered", said, made=(f"order:{entry.order}", *_named(alarms)))


def _inspection(
    store: Store, state: CityState, entry: FieldEntry, body: Mapping[str, Any], person: Person
) -> Done:
    city = state.network.city.code
    if place_of(state, entry.asset_type, entry.asset) is None:
        return _inspection_of_others(store, state, entry, body, person)
    if not any(
        may(person, action, state, entry.asset_type, entry.asset) for action in ("inspect", "work", "import")
    ):
        raise Refused("rights", action="inspect", city=city, district="", body="")
    made = _seen(entry, body)
    names = [file.name for file in entry.files]
    told = {file.name: kept_of(store, city, file) for file in entry.files}
    with store.change(city, who=person.account, why="street: inspection") as change:
        if not any(row.id == made.id for row in store.records(city, "inspection", Inspection)):
            change.add_records("inspection", [made])
            write_media(change, [(made, told)])
            media = {name: document_of(made, name, names) for name in names}
            row = Handed(
                made.asset, made.id, made.id, made.asset, made.start, made.end, "", "", f"field:{entry.id}",
                media=media, digest=entry.id, matched="hand", asset_type=made.asset_type,
                simulated=made.simulated,
            )  # fmt: skip
            change.add_records("handed", [row])
    alarms: tuple[str, ...] = ()
    if made.looked_inside:
        grade_changed(store, city, [made.asset], who=person.account)
        alarms = ring_on_arrival(store, city, [made.asset], who=person.account)
    return Done("entered", _rang(alarms), made=(f"inspection:{made.id}", *_named(alarms)))


def _inspection_of_others(
    store: Store, state: CityState, entry: FieldEntry, body: Mapping[str, Any], person: Person
) -> Done:
    """Let an inspection wait of what its author may not see; an emergency in it rings for those who may.

    Raises
    ------
    Unknown
        There is no such asset, or nothing in it is an emergency: told alike.
    """
    if may_hand_on(person, state.network.city.code):
        seen = _seen(entry, body)
        if seen.looked_inside and emergency("structural", seen.defects):
            whole = whole_city(store, state, person)
            if place_of(whole, entry.asset_type, entry.asset) is not None:
                ring_for_others(store, whole, [(seen, f"field:{entry.id}")], who=person.account)
                return Done("waits", ("field.handed-waits", "{}"))
    raise Unknown(name=entry.asset, nearest="")


def _rang(alarms: Sequence[str]) -> tuple[str, ...]:
    """Return what the device is told of alarms that an entry raised: its sentence and the facts."""
    return ("field.rang", json.dumps({"count": len(alarms)})) if alarms else ()


def _named(alarms: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"alarm:{one}" for one in alarms)


def _seen(entry: FieldEntry, body: Mapping[str, Any]) -> Inspection:
    """Return the inspection that an entry tells; its id comes from the entry, so that it counts once."""
    methods = code_lists()["inspection_method"]
    method, day = str(body.get("method", "")), str(body.get("inspected_on", ""))[:10]
    if method not in methods or not is_day(day):
        raise BadInput("field-inspection", method=method, day=day, known=", ".join(sorted(methods)))
    id_ = f"street-{entry.id}"
    pictures = {file.sha256: file.name for file in entry.files}
    defects = tuple(
        _defect(entry, id_, row, day, pictures)
        for row in body.get("defects") or []
        if isinstance(row, Mapping)
    )
    weather = str(body.get("weather") or "").strip()
    if entry.asset_type == "outfall" and contradicts(weather, [row.code for row in defects]):
        raise BadInput("field-outfall", asset=entry.asset, weather=weather)
    return Inspection(
        id_, entry.asset, method, day, _number(body.get("length_m"), math.nan),
        str(body.get("direction") or ""), entry.by, standard="CJJ 181", edition="2012", defects=defects,
        simulated=entry.simulated,
        asset_type=entry.asset_type, start=str(body.get("start") or ""), end=str(body.get("end") or ""),
        time=entry.written_at[11:16], weather=weather,
    )  # fmt: skip


def _defect(
    entry: FieldEntry, inspection: str, row: Mapping[str, Any], day: str, pictures: Mapping[str, str]
) -> Defect:
    start, end = _number(row.get("at_m"), math.nan), _number(row.get("to_m"), math.nan)
    long = max(end - start, 0.0) if end == end and start == start else 0.0  # noqa: PLR0124 - NaN
    return Defect(
        entry.asset, str(row.get("code", "")).strip().upper(), int(_number(row.get("level"), 0)), start,
        long, day, inspection, str(row.get("clock") or ""), str(row.get("note") or ""),
        pictures.get(str(row.get("picture") or ""), ""),
    )  # fmt: skip


def _edit(store: Store, state: CityState, entry: FieldEntry, body: Mapping[str, Any], person: Person) -> Done:
    city = state.network.city.code
    if place_of(state, entry.asset_type, entry.asset) is None:
        raise Unknown(name=entry.asset, nearest="")
    fields = {name: value for name, value in body.items() if name != "@shape"}
    row = {"id": entry.asset, "fields": fields, "shape": body.get("@shape"), "based_on": entry.base}
    edit = edit_of(state, entry.asset_type, row)
    clashes: dict[str, Conflict] = {}
    for _ in range(TRIES):
        how = {one.key: "theirs" for one in clashes.values()}
        why = f"street {entry.id[:8]}"
        report = edit_and_settle(store, city, state.network, [edit], person=person, why=why, settle=how)
        new = {one.field: one for one in report.conflicts}
        if not new:
            break
        clashes |= new
    if report.issues:
        issue = report.issues[0]
        return Done(
            "waits",
            (
                f"issue.{issue.code}.says",
                json.dumps({k: str(v) for k, v in issue.facts.items()}, ensure_ascii=False),
            ),
        )
    number = (f"change:{report.version}",) if report.written else ()
    if not clashes:
        return Done("entered", made=number)
    found = tuple(_clash(one) for one in clashes.values())
    return Done(
        "conflict", ("field.conflict", "{}"), found, max(one.number for one in clashes.values()), number
    )


def _clash(one: Conflict) -> Clash:
    yours, theirs, base = (
        json.dumps(value, ensure_ascii=False) for value in (one.mine, one.theirs, one.before)
    )
    return Clash(one.field, yours, theirs, base, one.who, one.at)


def _note(store: Store, state: CityState, entry: FieldEntry, body: Mapping[str, Any], person: Person) -> Done:
    kind, text = str(body.get("kind") or ""), str(body.get("text") or "").strip()
    if not text and not entry.files:
        raise BadInput("field-note")
    if not kind:
        return Done("entered")
    if kind not in kinds():
        raise BadInput("field-finding", kind=kind, known=", ".join(kinds()))
    city = state.network.city.code
    rings = bool(emergency(kind)) and may_hand_on(person, city)
    there = whole_city(store, state, person) if rings and _may_be_of_others(state, entry) else state
    type_, asset = (entry.asset_type, entry.asset) if entry.asset else nearest(there, entry.place, kind)
    if place_of(there, type_, asset) is None:
        raise Unknown(name=asset, nearest="")
    hands_on = place_of(state, type_, asset) is None
    problem = landing(store, city, identity(kind, type_, asset))
    proofs = _proofs(store, city, problem, entry, person)
    filed = report_problem(
        store, there, asset_type=type_, asset=asset, kind=kind, origin="patrol",
        what=text or asset_type(type_).zh, person=replace(person, local=hands_on or person.local),
        found_on=min(begin_of(entry.written_at), now()).isoformat(timespec="seconds"),
        evidence=(f"field:{entry.id}", *proofs),
    )  # fmt: skip
    if hands_on:
        return Done("entered", ("field.handed", "{}"))  # not which problem: they may not see it
    ids = (*filed.filed, *filed.reopened, *filed.joined) or (problem,)
    made = (*(f"problem:{id_}" for id_ in ids), *_named(filed.alarms))
    return Done("entered", _rang(filed.alarms), made=made)


def _may_be_of_others(state: CityState, entry: FieldEntry) -> bool:
    return not entry.asset or place_of(state, entry.asset_type, entry.asset) is None


def _proofs(store: Store, city: str, problem: str, entry: FieldEntry, person: Person) -> tuple[str, ...]:
    """Keep the pictures of a note with the problem that it tells."""
    pictures = [file for file in entry.files if file.role != "voice"]
    if not pictures:
        return ()
    with store.change(city, who=person.account, why=f"{problem}: street") as change:
        for file in pictures:
            kept, media = kept_of(store, city, file)
            change.write_kept(named_document(home_of(problem), _digits(file), file.name), kept, media)
    return tuple(f"{FILE}{_digits(file)}/{file.name}" for file in pictures)


def _digits(file: FieldFile) -> str:
    return file.sha256[:DIGITS]


def nearest(state: CityState, place: tuple[float, ...], kind: str) -> tuple[str, str]:
    """Return type and id of the manhole nearest to a device; of what no manhole can have, of the outfall.

    Raises
    ------
    BadInput
        The device did not say where it was, or there is none within 60 m (``field-nowhere``).
    """
    at = kinds()[kind].at
    type_ = "manhole" if not at or "manhole" in at else "outfall"
    table = state.network.table(type_)
    known = np.flatnonzero(np.diff(table.shapes.assets) > 0)
    if len(place) < 2 or not len(known):
        raise BadInput("field-nowhere", metres=NEAR)
    shapes = state.placed(table.take(known).shapes, "EPSG:4326")
    coords = shapes.coords[shapes.parts[shapes.assets[:-1]]]
    east = (coords[:, 0] - place[0]) * 111_320.0 * math.cos(math.radians(place[1]))
    away = np.hypot(east, (coords[:, 1] - place[1]) * 110_574.0)
    if away.min() > NEAR:
        raise BadInput("field-nowhere", metres=NEAR)
    return type_, str(table.ids[known[int(away.argmin())]])


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _number(value: object, else_: float) -> float:
    try:
        found = float(str(value))
    except ValueError:
        return else_
    return found if math.isfinite(found) else else_
