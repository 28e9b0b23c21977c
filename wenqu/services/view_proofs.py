"""What is shown of one proof: its sheet, the day it is stated for and the day it was filed, its files."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from wenqu.errors import Unknown
from wenqu.records.acceptance import Acceptance, AsBuilt, ClosedWaterTest, HiddenWork, MaterialSample
from wenqu.services.city_state import CityState
from wenqu.services.gate_pipes import built_pipes
from wenqu.services.rights import Person
from wenqu.services.wording import lack_sentence
from wenqu.services.works_files import file_row
from wenqu.services.works_ledger import Ledger, works_ledger
from wenqu.services.works_rights import seen_projects
from wenqu.standards.tables import closed_water, rows
from wenqu.store.database import Store
from wenqu.works.requirements import is_plastic
from wenqu.works.tightness import Tightness, measured, tightness

Paper = MaterialSample | HiddenWork | ClosedWaterTest | AsBuilt | Acceptance
LITRES = 1000.0  # [L/m³]


@dataclass(frozen=True, slots=True)
class Reading:
    """A closed-water test as somebody types it. SI."""

    assets: tuple[str, ...]
    head: float = math.nan  # [m]
    soak: float = math.nan  # [s]
    duration: float = math.nan  # [s]
    water: float = math.nan  # [m³]
    length: float = math.nan  # [m]


def papers(ledger: Ledger, kind: str) -> tuple[Paper, ...]:
    """Return the proofs of a kind in the order they were filed.

    Raises
    ------
    Unknown
        There is no such kind.
    """
    found: Mapping[str, tuple[Paper, ...]] = {
        "material": ledger.material,
        "hidden": ledger.hidden,
        "closed_water": ledger.closed_water,
        "as_built": ledger.as_built,
        "acceptance": ledger.acceptances,
    }
    if kind not in found:
        raise Unknown("proof", name=kind, known=", ".join(found))
    return found[kind]


def proof_seen(
    store: Store, state: CityState, kind: str, id_: str, person: Person, conduits: frozenset[str] | None
) -> None:
    """Refuse the proof of a project that the person may not know of.

    Raises
    ------
    Unknown
        There is no such proof for this person.
    """
    ledger = works_ledger(store, state)
    seen = seen_projects(ledger, state.network.city.code, person, conduits)
    if not any(row.id == id_ and row.project in seen for row in papers(ledger, kind)):
        raise Unknown("works-paper", name=id_)


def view_proof(store: Store, state: CityState, kind: str, id_: str, language: str) -> dict[str, Any]:
    """Return the sheet of one proof.

    Raises
    ------
    Unknown
        There is no such proof.
    """
    ledger = works_ledger(store, state)
    one = next((row for row in papers(ledger, kind) if row.id == id_), None)
    if one is None:
        raise Unknown("works-paper", name=id_)
    filing = ledger.filed[kind, id_]
    said = {name: value for name, value in asdict(one).items() if name not in {"file", "photos"}}
    files = one.photos if isinstance(one, HiddenWork) else (getattr(one, "file", ""),)
    project = ledger.projects.get(one.project)
    return {
        "kind": kind,
        **{name: _plain(value) for name, value in said.items()},
        "project_name": project.name if project else one.project,
        "filed": filing.at[:10],
        "filed_by": filing.who,
        "change": filing.number,
        "files": [file_row(state.network.city.code, one.project, name) for name in files if name],
        "closed_water": _tested(state, ledger, one, language) if isinstance(one, ClosedWaterTest) else None,
    }


def read_closed_water(store: Store, state: CityState, reading: Reading, language: str) -> dict[str, Any]:
    """Return what a closed-water test says while it is typed: what may leak, by which row of which table."""
    test = ClosedWaterTest("", "", "", reading.assets, "", reading.head, reading.soak, reading.duration,
                           reading.water, reading.length)  # fmt: skip
    return _tested(state, works_ledger(store, state), test, language)


def _tested(state: CityState, ledger: Ledger, test: ClosedWaterTest, language: str) -> dict[str, Any]:
    pipes = built_pipes(state.network, test.assets)
    methods = methods_of(ledger, test.assets)
    found = tightness(test, pipes, methods)
    asked = {row["rule"]: row for row in rows("closed_water_rules.csv")}
    first = asked["head"]
    return {
        **told_tightness(found, language),
        "standard": first["standard"],
        "edition": first["edition"],
        "sections": [
            _section(test, one, methods.get(name, "")) if (one := pipes.get(name)) else {"pipe": name}
            for name in test.assets
        ],
        "conditions": [
            {
                "rule": name, "zh": row["zh"], "en": row["en"], "value": float(row["value"]),
                "unit": row["unit"], "clause": row["clause"], "status": row["status"],
            }
            for name, row in asked.items()
            if name in {"head", "soak", "observe", "sections"}
        ],
    }  # fmt: skip


def told_tightness(found: Tightness, language: str) -> dict[str, Any]:
    """Return what a test says, in litres and in the unit of the standard's table."""
    return {
        "allowed_l": _plain(found.allowed * LITRES),
        "water_l": _plain(found.water * LITRES),
        "rate": _plain(measured(found.rate)),
        "passed": found.passed,
        "lacks": [lack_sentence(one, language) for one in found.lacks],
    }


def _section(test: ClosedWaterTest, pipe: Any, method: str) -> dict[str, Any]:
    plastic = is_plastic(pipe.material, method)
    known = not math.isnan(pipe.length + pipe.diameter)
    rule = closed_water(pipe.diameter, plastic=plastic) if known else None
    seconds = 1800.0 if math.isnan(test.duration) else test.duration
    return {
        "pipe": pipe.id,
        "length": _plain(pipe.length),
        "diameter_mm": _plain(pipe.diameter * 1000),
        "material": pipe.material,
        "plastic": plastic,
        "rate": measured(rule.allowed) if rule else None,
        "allowed_l": rule.volume(pipe.length, seconds) * LITRES if rule else None,
        "source": rule.source if rule else "",
        "formula": ("q = 0.0046 D" if plastic else "q = 1.25 √D")
        if rule and rule.source == "formula"
        else "",
        "clause": rule.clause if rule else "",
        "status": rule.status if rule else "",
    }


def methods_of(ledger: Ledger, assets: tuple[str, ...]) -> dict[str, str]:
    """Return what was or will be done to each of some pipes."""
    places = ledger.places()
    found = {name: places[name][2].method for name in assets if name in places}
    return found | {one.asset: one.method for one in ledger.as_built if one.asset in assets}


def _plain(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value
