"""When is each conduit to be inspected again, and how much length is due or overdue?"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.standards.inspection_cycles import Cycle, Reason

Dates = npt.NDArray[np.datetime64]  # [D], NaT where not known
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Names = npt.NDArray[np.object_]

DAYS = 365.25  # [d/a]
WITHIN, DUE, OVERDUE, NEVER = "within", "due", "overdue", "never"
# Which methods count as an inspection of which kind: a look from the manhole (QV) or sonar sees no cracks.
COUNTS = {"structural": ("cctv", "visual"), "functional": ("cctv", "visual", "qv", "sonar")}
STATES = (WITHIN, DUE, OVERDUE, NEVER)


@dataclass(frozen=True, slots=True)
class Turn:
    """When the next inspection of one kind is due. All (n,)."""

    kind: str
    due: Dates  # from this day on it is due
    overdue: Dates  # from this day on it is overdue
    state: Names  # within | due | overdue | never
    sooner: Names  # reasons for a shorter cycle, joined by |; "" for the ordinary one

    def lengths(self, length: Floats) -> dict[str, float]:
        """Return the length in each state. [m]"""
        return {state: float(np.nansum(length[self.state == state])) for state in STATES}


def sooner(reasons: tuple[Reason, ...], kind: str, facts: Mapping[str, npt.NDArray[np.generic]]) -> Names:
    """Return the reasons for a shorter cycle of each conduit, joined by "|".

    Parameters
    ----------
    reasons
        The table of reasons.
    kind
        structural or functional.
    facts
        Columns by the table's field: codes as text, ages and grades as numbers (NaN or 0 not known). (n,)
        A field that is absent gives no reason.
    """
    size = len(next(iter(facts.values())))
    asked = [reason for reason in reasons if reason.kind == kind and reason.field in facts]
    found = [np.where(_holds(facts[reason.field], reason), reason.reason, "") for reason in asked]
    found.append(np.full(size, "", dtype=object))
    return np.array(["|".join(filter(None, row)) for row in zip(*found, strict=True)], dtype=object)


def _holds(column: npt.NDArray[np.generic], reason: Reason) -> Bools:
    if reason.operator == "=":
        return np.asarray(column.astype(object) == reason.value, dtype=np.bool_)
    numbers, limit = column.astype(np.float64), float(reason.value)
    return np.asarray(numbers > limit if reason.operator == ">" else numbers >= limit, dtype=np.bool_)


def turn(
    kind: str,
    cycles: Mapping[tuple[str, str], Cycle],
    seen: Dates,
    built: Dates,
    sooner_for: Names,
    today: np.datetime64,
) -> Turn:
    """Return when each conduit is to be inspected again.

    The clock runs from the last inspection of that kind; of a conduit that was never inspected from the day
    it was built, and it stays in state ``never``. Where neither is known it is due at once.

    Parameters
    ----------
    cycles
        Cycles by kind and rule.
    seen, built
        Day of the last inspection of this kind and day of construction, NaT where not known. (n,), (n,)
    sooner_for
        Reasons for the shorter cycle, "" for none. (n,)
    today
        The day of the question.

    References
    ----------
    .. [1] CJJ 68-2016 (from memory): structural every 5 to 10 years, functional every 1 to 2.
    """
    ordinary, shortened = cycles[kind, "ordinary"], cycles[kind, "shortened"]
    short = np.asarray(sooner_for != "", dtype=np.bool_)
    since = np.where(np.isnat(seen), built, seen)
    due = _later(since, np.where(short, shortened.low, ordinary.low))
    overdue = _later(since, np.where(short, shortened.high, ordinary.high))
    unknown = np.isnat(since)
    due[unknown] = overdue[unknown] = today
    state = np.full(len(seen), WITHIN, dtype=object)
    state[due <= today] = DUE
    state[overdue <= today] = OVERDUE
    state[np.isnat(seen)] = NEVER
    return Turn(kind, due, overdue, state, sooner_for)


def _later(since: Dates, years: Floats) -> Dates:
    moved: Dates = (since.astype(np.int64) + np.round(years * DAYS).astype(np.int64)).astype("datetime64[D]")
    return np.where(np.isnat(since), since, moved)
