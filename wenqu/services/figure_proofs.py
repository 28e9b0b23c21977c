"""By what does a pipe count? Each proof with its stated day and the day it was filed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from wenqu.diagnosis.grading import Grade
from wenqu.records.acceptance import Acceptance, AsBuilt
from wenqu.records.inspection import Inspection
from wenqu.services.city_state import CityState
from wenqu.services.filed_records import inspections
from wenqu.services.gate_pipes import looks_of
from wenqu.services.programme_accounts import is_problem
from wenqu.services.standing_acceptances import standings, standings_on
from wenqu.services.works_ledger import Ledger, works_ledger
from wenqu.store.database import Store
from wenqu.store.records import Filing
from wenqu.supervision.successors import heirs

NEVER = Filing(0, "", "")


@dataclass(frozen=True, slots=True)
class DatedProof:
    """One thing that a pipe counts by."""

    kind: str  # cctv, qv …, grade, as_built, acceptance, closed_water, material, hidden
    id: str
    date: str  # as its author states, "" when not said
    filed: str  # day of the change that holds it: nobody can state it


@dataclass(frozen=True, slots=True)
class Grounds:
    """What one pipe counts by, and by which rules."""

    filed: str = ""  # day on which the last of what makes it count was filed
    proofs: tuple[DatedProof, ...] = ()
    rules: tuple[str, ...] = ()  # standard, edition and clause that were held against it


NOTHING = Grounds()


def grounds(store: Store, state: CityState, stage: str, day: str) -> Mapping[str, Grounds]:
    """Return by pipe what it counts by at a stage on an ISO day, of what took a pipe's place too."""
    sees = store.sees_all(state.network.city.code)
    if stage == "accepted":
        return state.once(f"grounds accepted {day} {sees}", lambda: _accepted(store, state, day))
    return state.once(f"grounds {stage} {sees}", lambda: MADE_BY[stage](store, state))


def heirs_grounds(store: Store, state: CityState, stage: str, pipe: str, day: str) -> Grounds:
    """Return what a pipe of a list counts by on an ISO day, itself or all that took its place."""
    known = grounds(store, state, stage, day)
    own = known.get(pipe)
    if own is not None and stage not in {"repaired", "accepted"}:
        return own
    found = [known[name] for name in heirs(pipe, works_ledger(store, state).after) if name in known]
    return _joined(found) if found else own or NOTHING


def _joined(some: Iterable[Grounds]) -> Grounds:
    rows = list(some)
    return Grounds(
        max((one.filed for one in rows), default=""),
        tuple(dict.fromkeys(proof for one in rows for proof in one.proofs)),
        tuple(dict.fromkeys(rule for one in rows for rule in one.rules)),
    )


def _surveyed(store: Store, state: CityState) -> Mapping[str, Grounds]:
    """Return the first look into each pipe: looking again is no progress."""
    made = {}
    for pipe, looks in looks_of(store, state).items():
        dated = [pair for pair in looks if pair[0].date[:10]] or looks
        row, filing = min(dated, key=lambda pair: pair[0].date[:10])
        made[pipe] = Grounds(filing.at[:10], (_look(row, filing),))
    return made


def _evaluated(store: Store, state: CityState) -> Mapping[str, Grounds]:
    return _graded(store, state, lambda _: True)


def _problem(store: Store, state: CityState) -> Mapping[str, Grounds]:
    """Return the last grade that made each pipe a problem: works may have made it good since."""
    return _graded(store, state, is_problem)


def _graded(store: Store, state: CityState, fits: Callable[[Grade], bool]) -> Mapping[str, Grounds]:
    """Return the last fitting grade of each pipe with the look that it was given for."""
    city, moment = state.network.city.code, state.network.as_of or None
    chosen = inspections(store, state)
    looks = looks_of(store, state)
    made = {}
    for grade, filing in store.filed(city, "grade", Grade, moment):
        if not fits(grade):
            continue
        seen = [
            pair
            for pair in looks.get(grade.conduit, ())
            if pair[0].standard == grade.standard and pair[1].number <= filing.number
        ]
        mine = chosen[grade.conduit].id if grade.conduit in chosen else ""
        last = next((pair for pair in seen if pair[0].id == mine), None) or (seen[-1] if seen else None)
        rule = f"{grade.standard}-{grade.edition}"
        proof = DatedProof("grade", f"{grade.conduit}@{filing.number}", "", filing.at[:10])
        made[grade.conduit] = Grounds(filing.at[:10], (*([_look(*last)] if last else ()), proof), (rule,))
    return made


def _look(row: Inspection, filing: Filing) -> DatedProof:
    return DatedProof(row.method, row.id, row.date[:10], filing.at[:10])


def _repaired(store: Store, state: CityState) -> Mapping[str, Grounds]:
    ledger = works_ledger(store, state)
    return {one.asset: Grounds(_filed(ledger, one), (_as_built(ledger, one),)) for one in ledger.as_built}


def _accepted(store: Store, state: CityState, day: str) -> Mapping[str, Grounds]:
    """Return the acceptance of each pipe that stood on the day, else its last, and what it rests on."""
    ledger = works_ledger(store, state)
    known = _stated(store, state, ledger)
    stood = {**standings(store, state), **standings_on(store, state, day)}
    return {asset: _of_acceptance(one.acceptance, ledger, known) for asset, one in stood.items()}


def _of_acceptance(one: Acceptance, ledger: Ledger, known: Mapping[tuple[str, str], DatedProof]) -> Grounds:
    filed = ledger.filed.get(("acceptance", one.id), NEVER).at[:10]
    word = DatedProof("acceptance", one.id, one.date[:10], filed)
    rest = [
        known.get((proof.kind, proof.id), DatedProof(proof.kind, proof.id, "", "")) for proof in one.proofs
    ]
    return Grounds(filed, (word, *rest), one.rules)


def _stated(store: Store, state: CityState, ledger: Ledger) -> dict[tuple[str, str], DatedProof]:
    """Return everything that an acceptance may rest on, by kind and id."""
    papers: dict[str, tuple[Any, ...]] = {
        "closed_water": ledger.closed_water,
        "material": ledger.material,
        "hidden": ledger.hidden,
        "as_built": ledger.as_built,
    }
    made = {
        (kind, one.id): DatedProof(
            kind, one.id, one.date[:10], ledger.filed.get((kind, one.id), NEVER).at[:10]
        )
        for kind, some in papers.items()
        for one in some
    }
    for looks in looks_of(store, state).values():
        made |= {("cctv", row.id): _look(row, filing) for row, filing in looks if row.method == "cctv"}
    return made


def _as_built(ledger: Ledger, one: AsBuilt) -> DatedProof:
    return DatedProof("as_built", one.id, one.date[:10], _filed(ledger, one))


def _filed(ledger: Ledger, one: AsBuilt) -> str:
    return ledger.filed.get(("as_built", one.id), NEVER).at[:10]


MADE_BY: Mapping[str, Callable[[Store, CityState], Mapping[str, Grounds]]] = {
    "surveyed": _surveyed,
    "evaluated": _evaluated,
    "problem": _problem,
    "repaired": _repaired,
}
