"""What is shown of works: the projects, and one of them pipe by pipe with what is proved and what lacks?"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from wenqu.errors import Unknown
from wenqu.records.project import Lot, PipeWork, Project
from wenqu.services.city_state import CityState
from wenqu.services.gate_pipes import evidences_of
from wenqu.services.rights import Person, reach
from wenqu.services.standing_acceptances import Standing, standings_by
from wenqu.services.view_figures import counted_day, day_of
from wenqu.services.view_proofs import told_tightness
from wenqu.services.wording import lack_sentence
from wenqu.services.works_ledger import Ledger, stated_by, works_ledger
from wenqu.services.works_rights import has_part, seen_projects
from wenqu.store.database import Store
from wenqu.supervision.successors import heirs
from wenqu.works.gate import LACKS, Check, Evidence, gate, stated_days

LISTED = 500
DEGREES = "EPSG:4326"
Conduits = frozenset[str] | None  # those that the person may read, None for all


def project_seen(store: Store, state: CityState, id_: str, person: Person, conduits: Conduits) -> Project:
    """Return a project that a person may know of.

    Raises
    ------
    Unknown
        There is no such project for this person.
    """
    seen = seen_projects(works_ledger(store, state), state.network.city.code, person, conduits)
    if id_ not in seen:
        raise Unknown("project", name=id_)
    return seen[id_]


def pipes_seen(
    store: Store, state: CityState, pipes: Iterable[str], person: Person, conduits: Conduits
) -> None:
    """Refuse pipes that a person may neither read nor knows from a project.

    Raises
    ------
    Unknown
        One of them is not there for this person.
    """
    if conduits is None:
        return
    seen = seen_projects(works_ledger(store, state), state.network.city.code, person, conduits).values()
    known = conduits.union(*(one.assets for one in seen))
    for name in pipes:
        if name not in known:
            raise Unknown(name=name, nearest="")


def view_projects(
    store: Store, state: CityState, person: Person, conduits: Conduits, district: str = "", on: str = ""
) -> dict[str, Any]:
    """Return the projects that a person may know of, with how far each has come.

    With ``on`` what is stated for that ISO day counts by what the state knows; ``known`` says on which day.
    """
    city, (ledger, day) = state.network.city.code, _counted(store, state, on)
    seen = [
        one
        for one in seen_projects(ledger, city, person, conduits).values()
        if not district or one.district == district
    ]
    stands = standings_by(store, state, day)
    built = {one.asset for one in ledger.as_built if one.date[:10] <= day}
    rows = [_project_row(one, ledger, stands, built, day) for one in seen]
    return {
        "day": day,
        "known": day_of(state),
        "rows": rows[:LISTED],
        "count": len(rows),
        "listed": LISTED,
        "lines": _lines(state, person, [name for row in rows[:LISTED] for name in row.pop("heirs")]),
        "simulated": state.network.city.simulated,
    }


def _counted(store: Store, state: CityState, on: str) -> tuple[Ledger, str]:
    """Return the ledger and the day that is counted on."""
    day, ledger = counted_day(state, on), works_ledger(store, state)
    return (stated_by(ledger, day) if on else ledger), day


def _project_row(
    one: Project, ledger: Ledger, stands: Mapping[str, Standing], built: set[str], day: str
) -> dict[str, Any]:
    now_ = {name: heirs(name, ledger.after) for name in one.assets}
    lengths = {work.conduit: work.length for lot in one.lots for work in lot.works}

    def share(counts: set[str]) -> dict[str, float]:
        done = [name for name, some in now_.items() if all(heir in counts for heir in some)]
        return {"count": len(done), "length": math.fsum(_number(lengths[name]) for name in done)}

    accepted = {asset for asset, stand in stands.items() if stand.on(day)}
    lapsed = [name for some in now_.values() for name in some if name in stands and name not in accepted]
    bodies = {party.role: party.body for party in one.parties}
    return {
        "id": one.id,
        "name": one.name,
        "district": one.district,
        "begins": one.begins,
        "ends": one.ends,
        "simulated": one.simulated,
        "lots": len(one.lots),
        "contractor": bodies.get("contractor", ""),
        "whole": share({heir for some in now_.values() for heir in some}),
        "built": share(built),
        "accepted": share(accepted),
        "lapsed": len(lapsed),
        "heirs": [heir for some in now_.values() for heir in some],
    }


def view_project(
    store: Store, state: CityState, id_: str, person: Person, conduits: Conduits, language: str, on: str = ""
) -> dict[str, Any]:
    """Return one project: parties, lots, and each pipe with its gate.

    Raises
    ------
    Unknown
        There is no such project for this person.
    """
    one = project_seen(store, state, id_, person, conduits)
    city, (ledger, day) = state.network.city.code, _counted(store, state, on)
    now_ = [name for asset in one.assets for name in heirs(asset, ledger.after)]
    evidence, stands = evidences_of(store, state, now_, ledger, on), standings_by(store, state, day)

    def told(work: PipeWork) -> list[dict[str, Any]]:
        return [
            _pipe_row(name, work, evidence[name], stands.get(name), ledger, day, language)
            for name in heirs(work.conduit, ledger.after)
        ]

    filing = ledger.filed["project", one.id]
    return {
        **{name: getattr(one, name) for name in ("id", "name", "district", "begins", "ends", "note")},
        "day": day,
        "known": day_of(state),
        "simulated": one.simulated,
        "filed": filing.at[:10],
        "filed_by": filing.who,
        "parties": [asdict(party) for party in one.parties],
        "lots": [
            {
                "id": lot.id,
                "name": lot.name,
                "parties": [asdict(party) for party in one.answerable(lot)],
                "own": [asdict(party) for party in lot.parties],
                "pipes": [row for work in lot.works for row in told(work)],
                "may": _may(person, city, one, lot),
            }
            for lot in one.lots
        ],
        "may": _may(person, city, one, None),
        "lines": _lines(state, person, now_),
    }


def _may(person: Person, city: str, one: Project, lot: Lot | None) -> list[str]:
    actions = ("decide", "work", "inspect", "edit_attributes", "edit_geometry")
    return [action for action in actions if has_part(person, action, city, one, lot)]


def _pipe_row(
    name: str, work: PipeWork, evidence: Evidence, stands: Standing | None, ledger: Ledger, day: str,
    language: str,
) -> dict[str, Any]:  # fmt: skip
    found = gate(evidence)
    pipe, dated = evidence.pipes.get(name), stated_days(evidence)
    return {
        "pipe": name,
        "was": work.conduit,
        "method": evidence.method,
        "planned": work.method,
        "grade": work.grade,
        "problems": list(work.problems),
        "length": _number(pipe.length if pipe else work.length),
        "done": evidence.done,
        "open": found.open,
        "strip": [
            {
                "key": check.requirement.key,
                "state": check.state,
                "rule": check.requirement.rule,
                "status": check.requirement.status,
                "proofs": _proofs(check, evidence, dated),
                "lacks": [lack_sentence(lack, language) for lack in check.lacks],
                "tightness": told_tightness(check.tightness, language) if check.tightness else None,
            }
            for check in found.checks
        ],
        "accepted": _accepted(stands, ledger, day, language),
    }


def _proofs(check: Check, evidence: Evidence, dated: Mapping[tuple[str, str], str]) -> list[dict[str, str]]:
    """Return the proofs of one requirement with both days; where none proves it, those that were filed."""
    named = [(proof.kind, proof.id) for proof in check.proofs]
    if not named and check.state == LACKS:
        named = [key for key in dated if key[0] == check.requirement.key]
    return [
        {
            "kind": kind,
            "id": id_,
            "date": dated.get((kind, id_), ""),
            "filed": evidence.filed.get((kind, id_), ""),
        }
        for kind, id_ in named
    ]


def _accepted(stands: Standing | None, ledger: Ledger, day: str, language: str) -> dict[str, Any] | None:
    if stands is None:
        return None
    word = stands.acceptance
    return {
        "id": word.id,
        "date": word.date[:10],
        "filed": ledger.filed["acceptance", word.id].at[:10],
        "by": word.by,
        "stands": stands.on(day),
        **told_end(stands, language),
    }


def told_end(stands: Standing, language: str) -> dict[str, Any]:
    """Return from when an acceptance counts no more, why and by what; all empty while it stands."""
    if stands.taken_back:
        return {"until": stands.until, "says": stands.taken_back.reason, "proof": None,
                "by_whom": stands.taken_back.by}  # fmt: skip
    if stands.lapse:
        return {"until": stands.until, "says": lack_sentence(stands.lapse.lack, language),
                "proof": asdict(stands.lapse.proof), "by_whom": ""}  # fmt: skip
    return {"until": "", "says": "", "proof": None, "by_whom": ""}


def _lines(state: CityState, person: Person, names: Sequence[str]) -> list[dict[str, Any]]:
    """Return the lines of some conduits, to who may see shapes. [°]"""
    if not reach(person, "read_geometry", state.network.city.code):
        return []
    table = state.network.table("conduit")
    some = table.take(np.flatnonzero(np.isin(table.ids, list(dict.fromkeys(names)))))
    shapes = state.placed(some.shapes, DEGREES)
    return [
        {"id": str(name), "parts": parts}
        for row, name in enumerate(some.ids)
        if (parts := list(_parts(shapes, row)))
    ]


def _parts(shapes: Any, row: int) -> Iterable[list[list[float]]]:
    for part in range(int(shapes.assets[row]), int(shapes.assets[row + 1])):
        yield np.round(shapes.coords[shapes.parts[part] : shapes.parts[part + 1]], 7).tolist()


def _number(value: float) -> float:
    return 0.0 if math.isnan(value) else value
