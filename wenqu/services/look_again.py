"""What is to be inspected again, by when, and how much of it is overdue?"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from wenqu.errors import BadInput
from wenqu.network.model import Assets, link_lengths
from wenqu.services.city_state import CityState
from wenqu.services.conduit_facts import facts_of, year_built
from wenqu.services.programme_tables import keep_table, own_text
from wenqu.services.rights import Person
from wenqu.services.sinking_ground import sinking
from wenqu.services.standing_inspections import standing_inspections
from wenqu.standards.inspection_cycles import KINDS, RULES, Cycle, inspection_cycles, inspection_reasons
from wenqu.store.database import Store
from wenqu.store.moments import now
from wenqu.survey.cycles import COUNTS, DUE, NEVER, OVERDUE, STATES, Turn, sooner, turn
from wenqu.survey.values import is_day

Floats = npt.NDArray[np.float64]
Names = npt.NDArray[np.object_]

TABLE = "inspection_cycles"  # a city's own cycles
FORMER = "inspection_cycles.csv"  # the document in which cities kept them before
LISTED = 500  # rows of an answer; the export has all
IN_USE = (None, "", "in_use", "to_be_abandoned", "other")


@dataclass(frozen=True, slots=True)
class Standing:
    """When each conduit in use is due. Rows are those of the conduit table that are in use."""

    conduits: Assets
    turns: dict[str, Turn]
    length: Floats  # [m]
    district: Names


def cycles_of(store: Store, city: str, as_of: str | None = None) -> dict[tuple[str, str], Cycle]:
    """Return the cycles that hold in a city: its own table, else that of Wenqu."""
    own = own_text(store, city, TABLE, as_of)
    if own is None:
        former = store.document(city, FORMER, as_of)
        own = None if former is None else former.decode("utf-8-sig")
    return dict(inspection_cycles(own))


def keep_cycles(
    store: Store, city: str, content: bytes, *, person: Person, reason: str
) -> list[dict[str, Any]]:
    """Keep a city's own table of cycles with who, when and why, and return the cycles that hold now.

    Raises
    ------
    BadInput
        It is no text, no reason is given, or a row does not hold; nothing is kept then.
    """
    try:
        read = csv.DictReader(content.decode("utf-8-sig").splitlines())
    except UnicodeDecodeError:
        raise BadInput("inspection-cycle-text") from None
    rows = [{**row, "source": row.get("source") or _edition(row)} for row in read]
    if "kind" not in (read.fieldnames or ()):
        raise BadInput("inspection-cycle", row=1, kinds=", ".join(KINDS), rules=", ".join(RULES))
    keep_table(store, city, TABLE, rows, person=person, reason=reason)
    return [_cycle(one) for one in cycles_of(store, city).values()]


def _edition(row: Mapping[str, str]) -> str:
    """Return whence the years are where a table names it as Wenqu's own does."""
    return " ".join(part for part in (row.get("standard"), row.get("edition")) if part)


def day_of(state: CityState) -> np.datetime64:
    """Return the day of the question: the as-of date, else today."""
    moment = state.network.as_of or now().isoformat()
    return np.datetime64(moment[:10], "D")


def standing(store: Store, state: CityState) -> Standing:
    """Return when each conduit is due for each kind of inspection."""
    return state.once(f"look-again {day_of(state)}", lambda: _standing(store, state))


def _standing(store: Store, state: CityState) -> Standing:
    table, facts, today = state.network.table("conduit"), facts_of(store, state), day_of(state)
    used = np.array([value in IN_USE for value in table.column("status")], dtype=np.bool_)
    conduits = table.take(used)
    cycles = cycles_of(store, state.network.city.code, state.network.as_of or None)
    seen, built = _last_seen(store, state, conduits), _built(conduits)
    about = {
        "soil": conduits.column("soil"),
        "subsidence": np.where(sinking(state)[used], "yes", "").astype(object),
        "age": facts.age[used],
        "structural_grade": facts.structural[used],
        "functional_grade": facts.functional[used],
    }
    turns = {
        kind: turn(kind, cycles, seen[kind], built, sooner(inspection_reasons(), kind, about), today)
        for kind in KINDS
    }
    return Standing(conduits, turns, np.nan_to_num(link_lengths(conduits)), conduits.column("district"))


def _last_seen(store: Store, state: CityState, conduits: Assets) -> dict[str, npt.NDArray[np.datetime64]]:
    city, moment = state.network.city.code, state.network.as_of or None
    latest: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}
    today = str(day_of(state))
    for one in standing_inspections(store, city, moment):
        day = one.date[:10]
        if not one.looked_inside or not is_day(day) or day > today:
            continue
        for kind in KINDS:
            if one.method in COUNTS[kind]:
                latest[kind][one.asset] = max(day, latest[kind].get(one.asset, ""))
    return {
        kind: np.array([days.get(str(id_), "NaT") for id_ in conduits.ids], dtype="datetime64[D]")
        for kind, days in latest.items()
    }


def _built(conduits: Assets) -> npt.NDArray[np.datetime64]:
    """Return the day each conduit was built: the end of its year where only that is known."""
    return np.array(
        [
            "NaT" if np.isnan(year) or not 1 <= year <= 9999 else f"{int(year):04d}-12-31"
            for year in year_built(conduits)
        ],
        dtype="datetime64[D]",
    )


def due_answer(store: Store, state: CityState, kind: str = "", district: str = "") -> dict[str, Any]:
    """Return what is due: lengths by kind, state and district, the longest overdue first, and the rules."""
    made = standing(store, state)
    here = np.ones(len(made.length), np.bool_) if not district else made.district == district
    asked = [kind] if kind else list(KINDS)
    city, moment = state.network.city.code, state.network.as_of or None
    return {
        "day": str(day_of(state)),
        "kinds": {name: _totals(made, made.turns[name], here) for name in asked},
        "rows": _rows(made, asked, here)[:LISTED],
        "listed": LISTED,
        "cycles": [_cycle(one) for one in cycles_of(store, city, moment).values()],
        "reasons": [
            {"reason": one.reason, "zh": one.zh, "en": one.en, "status": one.status, "kind": one.kind}
            for one in inspection_reasons()
        ],
        "simulated": state.network.city.simulated,
    }


def due_rows(store: Store, state: CityState, kind: str = "") -> list[dict[str, Any]]:
    """Return every conduit that is due, overdue or was never inspected, the longest overdue first."""
    made = standing(store, state)
    return _rows(made, [kind] if kind else list(KINDS), np.ones(len(made.length), np.bool_))


def _totals(made: Standing, one: Turn, here: npt.NDArray[np.bool_]) -> dict[str, Any]:
    names = sorted({str(zone or "") for zone in made.district[here].tolist()})
    return {
        "length_m": {state: float(made.length[here & (one.state == state)].sum()) for state in STATES},
        "count": {state: int((here & (one.state == state)).sum()) for state in STATES},
        "districts": [
            {
                "district": name or None,
                "length_m": {
                    state: float(made.length[here & (one.state == state) & _of(made.district, name)].sum())
                    for state in STATES
                },
            }
            for name in names
        ],
    }


def _of(district: Names, name: str) -> npt.NDArray[np.bool_]:
    return np.array([str(zone or "") == name for zone in district.tolist()], dtype=np.bool_)


def _rows(made: Standing, kinds: list[str], here: npt.NDArray[np.bool_]) -> list[dict[str, Any]]:
    rows = []
    for kind in kinds:
        one = made.turns[kind]
        for row in np.flatnonzero(here & np.isin(one.state.astype(str), [DUE, OVERDUE, NEVER])):
            rows.append(  # noqa: PERF401 - two loops read better apart
                {
                    "conduit": str(made.conduits.ids[row]),
                    "kind": kind,
                    "state": one.state[row],
                    "due": str(one.due[row]),
                    "overdue": str(one.overdue[row]),
                    "sooner": [name for name in one.sooner[row].split("|") if name],
                    "length_m": float(made.length[row]),
                    "district": str(made.district[row] or ""),
                    "road": str(made.conduits.column("road")[row] or ""),
                }
            )
    return sorted(rows, key=lambda row: (row["overdue"], row["conduit"], row["kind"]))


def _cycle(one: Cycle) -> dict[str, Any]:
    names = ("kind", "rule", "low", "high", "zh", "en", "standard", "edition", "status", "note")
    return {name: getattr(one, name) for name in names}
