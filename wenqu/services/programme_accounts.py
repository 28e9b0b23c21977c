"""How far has the programme come? One logic for the cockpit, the figures and their export."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from wenqu.diagnosis.grading import Grade
from wenqu.errors import StoreFailed
from wenqu.network.model import link_lengths
from wenqu.records.acceptance import AsBuilt
from wenqu.records.denominator import Frozen
from wenqu.services.city_state import CityState
from wenqu.services.conduit_facts import worse_grade
from wenqu.services.filed_records import first_seen, grades
from wenqu.services.standing_acceptances import standings_on
from wenqu.services.works_ledger import Ledger, works_ledger
from wenqu.store.database import Store
from wenqu.supervision.accounting import STAGES, Account, PipeList, account, pipe_list
from wenqu.supervision.signed import read_signed
from wenqu.supervision.successors import credited, kept

PROBLEM_FROM = 3  # grade Ⅲ
SEWAGE = ("sanitary", "combined")
# Which list each stage is a share of: the sewage network, or its problem part.
LIST_OF = {
    "surveyed": "surveyed", "evaluated": "surveyed", "problem": "surveyed",
    "repaired": "repaired", "accepted": "repaired",
}  # fmt: skip
LISTS = ("surveyed", "repaired")


@dataclass(frozen=True, slots=True, eq=False)
class Denominator:
    """The list that a percentage is a share of, and the version it was frozen as; None is the living list."""

    pipes: PipeList
    frozen: Frozen | None


def frozen_versions(store: Store, state: CityState, key: str) -> list[Frozen]:
    """Return the frozen versions of a list, oldest first, as they had been signed by the state's moment."""
    city, moment = state.network.city.code, state.network.as_of or None
    rows = state.once("frozen", lambda: store.records(city, "frozen", Frozen, as_of=moment))
    return [row for row in rows if row.key == key]


def denominator(store: Store, state: CityState, key: str) -> Denominator:
    """Return the list in force: the last frozen one, else the pipes as they are."""

    def read() -> Denominator:
        versions = frozen_versions(store, state, key)
        if not versions:
            return Denominator(living_list(store, state, key), None)
        return Denominator(_seen(store, state, read_list(store, state, versions[-1])), versions[-1])

    return state.once(f"denominator {key} {store.sees_all(state.network.city.code)}", read)


def read_list(store: Store, state: CityState, version: Frozen) -> PipeList:
    """Return the pipes of a frozen version, proved by signature and digest.

    Raises
    ------
    StoreFailed
        The document is gone or is not the one that was frozen.
    BadInput
        Its signature does not fit.
    """
    content = store.frozen_list(state.network.city.code, version.document)
    if content is None:
        raise StoreFailed("file-missing", path=version.document)
    pipes = listed(read_signed(content, version.signer).payload)
    if pipes.digest != version.digest:
        raise StoreFailed("file-changed", path=version.document)
    return pipes


def listed(payload: Mapping[str, object]) -> PipeList:
    """Return the pipes of a signed list."""
    pipes: dict[str, list[object]] = payload["pipes"]  # type: ignore[assignment]
    return PipeList(
        tuple(str(one) for one in pipes["id"]),
        np.array(pipes["length_mm"], dtype=np.int64),
        tuple(str(one) for one in pipes["district"]),
    )


def _seen(store: Store, state: CityState, pipes: PipeList) -> PipeList:
    """Return what of a list belongs to the districts and the pipes that are seen."""
    if store.sees_all(state.network.city.code):
        return pipes
    zones = {str(name) for name in state.network.table("zone").ids}
    mine = {str(name) for name in state.network.table("conduit").ids}
    rows = [
        row
        for row, (id_, zone) in enumerate(zip(pipes.ids, pipes.districts, strict=True))
        if zone in zones or id_ in mine
    ]
    return PipeList(
        tuple(pipes.ids[row] for row in rows),
        pipes.length_mm[rows],
        tuple(pipes.districts[row] for row in rows),
    )


def living_list(store: Store, state: CityState, key: str) -> PipeList:
    """Return the pipes that belong into a list as the city is: of sewage, or of sewage and bad.

    A pipe in a lot stays a problem pipe when the works made it good, or put another in its place.
    """
    conduits = state.network.table("conduit")
    lengths, system = np.nan_to_num(link_lengths(conduits)), conduits.column("system")
    zone = conduits.column("district")
    rows = np.flatnonzero(np.isin(system.astype(object), SEWAGE))
    ids = [str(name) for name in conduits.ids[rows]]
    zones = [str(zone[row] or "") for row in rows.tolist()]
    if key == "surveyed":
        return pipe_list(ids, lengths[rows], zones)
    ledger = works_ledger(store, state)
    bad = {id_ for id_, grade in grades(store, state).items() if is_problem(grade)}
    taken = _taken(ledger)
    news = {one.asset for one in ledger.as_built if any(old != one.asset for old in one.replaces)}
    found = {
        id_: (float(length), place)
        for id_, length, place in zip(ids, lengths[rows], zones, strict=True)
        if (id_ in bad or id_ in taken) and (id_ in taken or id_ not in news)
    }
    gone = {id_: said for id_, said in taken.items() if id_ not in found and not math.isnan(said[0])}
    there = {str(name) for name in conduits.ids}
    found |= {id_: said for id_, said in gone.items() if id_ not in there}
    names = list(found)
    return pipe_list(names, [found[name][0] for name in names], [found[name][1] for name in names])


def _taken(ledger: Ledger) -> dict[str, tuple[float, str]]:
    """Return the pipes that were taken into a lot as problems, with the length and district they had."""
    return {
        work.conduit: (work.length, project.district)
        for project in ledger.projects.values()
        for lot in project.lots
        for work in lot.works
        if work.grade >= PROBLEM_FROM
    }


def is_problem(grade: Grade | None) -> bool:
    """Tell whether a grade makes a problem pipe."""
    return grade is not None and worse_grade(grade) >= PROBLEM_FROM


def since(store: Store, state: CityState, stage: str, day: str = "9999-12-31") -> Mapping[str, str]:
    """Return the ISO date from which each pipe counts at a stage, by id; "" of one that nobody dated.

    An acceptance that was taken back or undone by a later proof counts until that day, and no longer; a
    pipe that was accepted anew counts from its new day when the day asked for lies after it.
    """
    if stage == "accepted":
        return accepted_on(store, state, day)
    return state.once(
        f"since {stage} {store.sees_all(state.network.city.code)}", lambda: _since(store, state, stage)
    )


def accepted_on(store: Store, state: CityState, day: str) -> Mapping[str, str]:
    """Return from when each pipe counted as accepted on a day, by whichever acceptance stood then."""
    stood = standings_on(store, state, day)
    dates = {id_: one.acceptance.date[:10] for id_, one in stood.items()}
    return credited(dates, works_ledger(store, state).after)


def _since(store: Store, state: CityState, stage: str) -> Mapping[str, str]:
    ledger = works_ledger(store, state)
    if stage == "repaired":
        return credited({one.asset: one.date[:10] for one in ledger.as_built}, ledger.after)
    seen = first_seen(store, state)
    if stage == "surveyed":
        return kept(seen, ledger.after)
    graded = grades(store, state)
    chosen = set(graded)
    if stage == "problem":  # what was found stays found when works made it good
        chosen = {id_ for id_, grade in graded.items() if is_problem(grade)} | set(_taken(ledger))
    return kept({id_: seen[id_] for id_ in chosen if id_ in seen}, ledger.after)


def stage_account(store: Store, state: CityState, stage: str, day: str) -> Account:
    """Return one stage of the programme on a day, as it was known at the state's moment."""
    return account(denominator(store, state, LIST_OF[stage]).pipes, since(store, state, stage, day), day)


def all_accounts(store: Store, state: CityState, day: str) -> dict[str, Account]:
    """Return every stage of the programme on a day."""
    return {stage: stage_account(store, state, stage, day) for stage in STAGES}


def built_for(ledger: Ledger, asset: str) -> list[AsBuilt]:
    """Return what was built in the place of a pipe."""
    return [one for one in ledger.as_built if one.asset == asset or asset in one.replaces]
