"""What is wrong at an asset, and what happened to it since: one problem, one life."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong, as it was found. What happens to it are events; this row never changes."""

    id: str
    asset_type: str
    asset: str
    kind: str  # row of problem_kinds.csv: structural, functional, misconnection, outfall, extraneous, …
    origin: str  # cctv | check | outfall | meter | patrol | citizen | audit | hand
    found_on: str  # ISO date
    severity: int  # 1 slight … 4 emergency
    reasons: tuple[str, ...] = ()  # of the severity: rows of the tables that gave it
    what: str = ""  # as written by whoever found it
    start: float = math.nan  # [m] from the start manhole; NaN: the whole asset
    end: float = math.nan  # [m]
    length: float = 0.0  # [m] that counts as problem length
    district: str = ""  # id of the zone it lies in
    evidence: tuple[str, ...] = ()  # inspection:id, finding:…, rule:…, file names
    emergency: bool = False
    by: str = ""
    at: str = ""  # ISO time it was filed
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class ProblemEvent:
    """One step in the life of a problem, or a word about it."""

    id: str  # given by whoever writes it: the same event twice counts once
    problem: str
    step: str  # row of problem_steps.csv
    at: str  # ISO time
    by: str  # account
    note: str = ""
    body: str = ""  # what an assignment sets: who repairs
    person: str = ""  # and who answers for it
    due: str = ""  # ISO date
    district: str = ""  # of a hand-over: to which district
    others: tuple[str, ...] = ()  # problems that it was merged into or split into
    evidence: tuple[str, ...] = ()  # inspection:id, test:id, names of files
    simulated: bool = False
    asset_type: str = ""  # of the problem: who may see the asset may see the event
    asset: str = ""
    start: float = math.nan  # [m] of the stretch as it is from then on; NaN: as before
    end: float = math.nan  # [m]
    severity: int = 0  # that a problem has from then on; 0: as before
    reasons: tuple[str, ...] = ()  # of that severity
    emergency: bool = False  # it has become one


@dataclass(frozen=True, slots=True)
class Alarm:
    """An emergency that somebody must see; open until somebody who may has taken note of it."""

    id: str
    problem: str
    asset_type: str
    asset: str
    why: str  # row of emergencies.csv
    at: str  # ISO time
    district: str = ""
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class AlarmNoted:
    """Somebody has taken note of an alarm."""

    alarm: str
    by: str
    at: str  # ISO time
    note: str = ""
