"""What becomes of a problem that somebody saw: filed, joined to one on file, or that one opened again?

A problem is known again by asset, kind and stretch. What is said about one that is on file is never lost:
text, files and day become a step of its life.
"""

import hashlib
import math
from dataclasses import replace

from wenqu.errors import BadInput
from wenqu.records.problem import Problem, ProblemEvent
from wenqu.services.city_state import CityState
from wenqu.services.find_problems import REPORT, Filed, file_problems, stands_for, weight_of
from wenqu.services.named_files import FILE
from wenqu.services.problem_checks import check_day, check_place, check_stretch
from wenqu.services.problem_files import check_proofs
from wenqu.services.problem_ledger import ledger
from wenqu.services.problem_places import Places, identity
from wenqu.services.rights import WORKS, Person, allows, demand
from wenqu.store.database import Store
from wenqu.works.dated import dated
from wenqu.works.problem_life import Life
from wenqu.works.problem_severity import EMERGENCY, emergency
from wenqu.works.problem_tables import kinds

ORIGINS = ("cctv", "check", "outfall", "meter", "patrol", "citizen", "audit", "hand")
SAID = "report:"  # report:<origin> <day> is the evidence of somebody's word


def report_problem(  # noqa: PLR0913 what, where, by whom
    store: Store,
    state: CityState,
    *,
    asset_type: str,
    asset: str,
    kind: str,
    origin: str,
    what: str,
    found_on: str,
    person: Person,
    start: float = math.nan,
    end: float = math.nan,
    evidence: tuple[str, ...] = (),
) -> Filed:
    """File a problem that somebody saw, or add what was seen to the problem that is on file.

    Closed before that day, or refused, it is opened again; else the report joins it as evidence. The very
    same report counts once.

    Parameters
    ----------
    found_on
        ISO date, or time, at which it was seen.
    start, end
        Stretch of a conduit, from its start manhole. [m]

    Raises
    ------
    BadInput
        The kind or the origin is not in the tables, or nothing is said about it; an asset of that type has no
        such problem (``problem-at``), the day is none (``problem-day``), the stretch does not lie on the
        conduit (``problem-stretch``), or a file is named that nobody handed in (``problem-file``).
    UnknownAsset
        There is no such asset.
    Refused
        The person may neither decide, inspect nor work there.
    """
    city = state.network.city.code
    if kind not in kinds() or origin not in ORIGINS or not what.strip():
        raise BadInput(
            "problem", kind=kind, origin=origin, kinds=", ".join(kinds()), origins=", ".join(ORIGINS)
        )
    check_day(found_on)
    state.network.row(asset_type, asset)
    check_place(kind, asset_type, asset)
    place = Places(store, state)
    zone = str(place.districts.get(asset_type, {}).get(asset) or "")
    if not any(allows(person, action, city, zone) for action in WORKS):
        demand(person, "inspect", city, zone)
    row = place.row.get(asset, -1) if asset_type == "conduit" else -1
    whole = float(place.length[row]) if row >= 0 else 0.0
    check_stretch(asset_type, asset, whole, start, end)
    base = place.problem(kind, asset, 0, asset_type)
    why = emergency(kind)
    made = replace(
        base, id=identity(kind, asset_type, asset, start), origin=origin, found_on=found_on[:10],
        what=what.strip(), start=start, end=end, district=zone, evidence=evidence, emergency=bool(why),
        length=min(end, whole) - start if kinds()[kind].counts_length and end > start else base.length,
        severity=EMERGENCY if why else base.severity,
        reasons=(*base.reasons, f"emergency:{why}") if why else base.reasons,
    )  # fmt: skip
    if any(one.startswith(FILE) for one in evidence):
        check_proofs(store, city, landing(store, city, made.id), evidence)

    def moves(before: Life, told: Problem, who: str, at: str) -> ProblemEvent | None:
        return _told(before, told, who, at, found_on)

    return file_problems(store, city, [made], person=person, moves=moves)


def landing(store: Store, city: str, id_: str) -> str:
    """Return the problem that a report of this number reaches: itself, or the one in which it lives on."""
    there = stands_for(ledger(store, city), id_)
    return there[0].problem.id if there else id_


def _told(before: Life, told: Problem, who: str, at: str, seen: str) -> ProblemEvent | None:
    """Return the step by which a report moves a problem that is on file, None when it was said before."""
    back = before.state == "refused" or (before.state == "closed" and _since(seen, before.closed_at))
    if _said_before(before, told, who) and not (back and not told.evidence):
        return None
    own = dated(f"{SAID}{told.origin}", told.found_on)
    step = ("reopen", str(before.version)) if back else (REPORT, "")
    words = "|".join((*step, before.problem.id, who, told.what, own, *told.evidence))
    return ProblemEvent(
        hashlib.sha256(words.encode()).hexdigest()[:32], before.problem.id, step[0], at, who, told.what,
        evidence=told.evidence or (own,), simulated=told.simulated,
        asset_type=told.asset_type, asset=told.asset,
        **(weight_of(before, told) if back else {}),
    )  # fmt: skip


def _since(seen: str, closed: str) -> bool:
    """Tell whether something was seen after a closing; on the very day, where no hour is told, it was."""
    return seen >= closed[: len(seen)]


def _said_before(before: Life, told: Problem, who: str) -> bool:
    """Tell whether the same person has said the same of the same day, with nothing new to show."""
    first = before.problem
    proofs = set(first.evidence).union(*(event.evidence for event in before.events))
    words = [(first.by, first.what, first.found_on)]
    words += [
        (event.by, event.note, told.found_on)
        for event in before.events
        if told.evidence or dated(f"{SAID}{told.origin}", told.found_on) in event.evidence
    ]
    return set(told.evidence) <= proofs and (who, told.what, told.found_on) in words
