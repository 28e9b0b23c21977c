"""How is a conduit rated by the grades of its PACP defects?

Each defect has a grade from 1 (minor) to 5 (most severe) by the code book of NASSCO, which is not here:
the grades come with the survey. A rating is the sum of grades, an index their mean, and a quick rating
four signs: the highest grade, how often, the next highest, how often.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from wenqu.errors import BadInput
from wenqu.records.inspection import Inspection
from wenqu.standards.tables import rows_of

STANDARD, EDITION = "NASSCO PACP", "7"
FAMILIES = ("structural", "operation")
HIGHEST = 5
PLAIN = 9  # occurrences up to which a quick rating shows the figure itself
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
STEP = 5  # occurrences that share one letter
NONE = "0000"


@dataclass(frozen=True, slots=True)
class PacpRating:
    """The rating of one family of defects, or of both together."""

    counts: tuple[int, ...]  # occurrences of grade 1 to 5
    rating: int  # sum of grades over occurrences
    index: float  # [-] rating over occurrences; 0 when there is none
    quick: str


@dataclass(frozen=True, slots=True)
class PacpGrade:
    """What PACP says about one conduit."""

    conduit: str
    structural: PacpRating
    operation: PacpRating
    overall: PacpRating
    ungraded: int  # rows without a grade: codes of the book that describe, or grades not delivered
    standard: str
    edition: str
    unconfirmed: tuple[str, ...]  # rules from memory that took part


@dataclass(frozen=True, slots=True)
class PacpRatings:
    """The ratings of many conduits as arrays; the last axis of the counts is the grade from 1 to 5."""

    counts: npt.NDArray[np.int64]  # (conduits, 2, 5)
    rating: npt.NDArray[np.int64]  # (conduits, 3) structural, operation, overall
    index: npt.NDArray[np.float64]  # (conduits, 3)
    quick: npt.NDArray[np.str_]  # (conduits, 3)


def quick_rating(counts: Sequence[int]) -> str:
    """Return the quick rating of the occurrences of grade 1 to 5.

    Examples
    --------
    >>> quick_rating([1, 3, 2, 5, 3]), quick_rating([0, 0, 0, 0, 0]), quick_rating([0, 0, 0, 12, 0])
    ('5345', '0000', '4A00')
    """
    found = [(grade, int(counts[grade - 1])) for grade in range(HIGHEST, 0, -1) if counts[grade - 1] > 0]
    signs = "".join(f"{grade}{_sign(times)}" for grade, times in found[:2])
    return signs.ljust(len(NONE), "0")


def _sign(times: int) -> str:
    """Return the sign of a number of occurrences: 10 to 14 are A, 15 to 19 are B, … and Z is the last."""
    return str(times) if times <= PLAIN else LETTERS[min((times - PLAIN - 1) // STEP, len(LETTERS) - 1)]


def pacp_rating(counts: Sequence[int]) -> PacpRating:
    """Return rating, index and quick rating of the occurrences of grade 1 to 5.

    Raises
    ------
    BadInput
        There are not five counts, or one is negative.

    Examples
    --------
    >>> found = pacp_rating([1, 3, 2, 5, 3])
    >>> found.rating, round(found.index, 2), found.quick
    (48, 3.43, '5345')
    """
    if len(counts) != HIGHEST or min(counts) < 0:
        raise BadInput("pacp-counts", counts=str(list(counts)))
    rating = sum(grade * times for grade, times in enumerate(counts, 1))
    times = sum(counts)
    return PacpRating(tuple(counts), rating, rating / times if times else 0.0, quick_rating(counts))


def _rule(name: str) -> float:
    found = {row["rule"]: float(row["value"]) for row in rows_of("rules.csv", STANDARD, EDITION)}
    return found[name]


def occurrences(length: float) -> int:
    """Return as how many defects a continuous one counts: one for each five feet, at least one.

    Parameters
    ----------
    length
        Length of the defect; 0 for a point. [m]

    Examples
    --------
    >>> occurrences(0.0), occurrences(3.048), occurrences(4.0)
    (1, 2, 3)
    """
    return max(1, math.floor(length / _rule("continuous_unit") + 0.5))


def grade_by_pacp(inspection: Inspection) -> PacpGrade:
    """Rate one conduit by the grades that its survey states.

    Parameters
    ----------
    inspection
        A survey by PACP. Rows without a grade are counted and take no part; the row that closes a
        continuous defect is not counted again.

    Returns
    -------
    PacpGrade
        Structural, operation and overall rating, and the rules from memory that took part.

    References
    ----------
    .. [1] NASSCO PACP 7; the arithmetic as published in the help of asset software.
    """
    counts = {family: [0] * HIGHEST for family in FAMILIES}
    ungraded, long = 0, False
    for row in inspection.defects:
        if row.closes:
            continue
        if row.level not in range(1, HIGHEST + 1) or row.variant not in FAMILIES:
            ungraded += 1
            continue
        long |= row.length > 0
        counts[row.variant][row.level - 1] += occurrences(row.length)
    both = [one + two for one, two in zip(*counts.values(), strict=True)]
    unsure = ["continuous_unit"] if long else []
    if max(*both, *counts["structural"], *counts["operation"]) > PLAIN:
        unsure.append("quick_letters")
    return PacpGrade(
        inspection.asset, pacp_rating(counts["structural"]), pacp_rating(counts["operation"]),
        pacp_rating(both), ungraded, STANDARD, inspection.edition or EDITION, tuple(unsure),
    )  # fmt: skip


def pacp_ratings(
    conduits: int,
    conduit: npt.ArrayLike,
    family: npt.ArrayLike,
    grade: npt.ArrayLike,
    length: npt.ArrayLike | None = None,
) -> PacpRatings:
    """Rate many conduits at once, with the answers of ``pacp_rating``.

    Parameters
    ----------
    conduits
        How many conduits there are.
    conduit, family, grade
        One entry a defect: place of its conduit, 0 structural or 1 operation, grade from 1 to 5. A row
        with another grade, or of no conduit (-1), takes no part.
    length
        Length of each defect, points when not given. [m]
    """
    where, kind, level = np.asarray(conduit), np.asarray(family), np.asarray(grade)
    times = np.ones(len(where), np.int64)
    if length is not None:
        long = np.floor(np.nan_to_num(np.asarray(length, float)) / _rule("continuous_unit") + 0.5)
        times = np.maximum(long, 1).astype(np.int64)
    sound = (
        (where >= 0) & (where < conduits) & (level >= 1) & (level <= HIGHEST) & ((kind == 0) | (kind == 1))
    )
    cells = (where[sound].astype(np.int64) * 2 + kind[sound]) * HIGHEST + level[sound] - 1
    size = conduits * 2 * HIGHEST
    counts = np.bincount(cells, times[sound], size).astype(np.int64).reshape(conduits, 2, HIGHEST)
    three = np.concatenate([counts, counts.sum(axis=1, keepdims=True)], axis=1)
    rating = three @ np.arange(1, HIGHEST + 1)
    total = three.sum(axis=2)
    index = np.divide(rating, total, out=np.zeros(rating.shape), where=total > 0)
    return PacpRatings(counts, rating, index, _quick_ratings(three))


def _quick_ratings(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.str_]:
    """Return the quick rating of each row of counts (…, 5)."""
    signs = np.array([_sign(times) for times in range(PLAIN + 1 + STEP * len(LETTERS))])
    flat = counts.reshape(-1, HIGHEST)
    there = flat > 0
    rows = np.arange(len(flat))
    made: npt.NDArray[Any] = np.full(len(flat), "", dtype="U4")
    for _ in range(2):
        some = there.any(axis=1)
        best = HIGHEST - 1 - there[:, ::-1].argmax(axis=1)
        times = np.minimum(flat[rows, best], len(signs) - 1)
        pair = np.char.add((best + 1).astype("U1"), signs[times])
        made = np.char.add(made, np.where(some, pair, "00"))
        there[rows, best] = False
    return made.reshape(counts.shape[:-1])
