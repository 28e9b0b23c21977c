"""How are millions of defects graded in one pass?

The same answers as ``grading.grade_conduit``, on arrays. Defects are put in conduit order by one counting
sort that moves whole rows, so that each conduit's rows are read from one place; then four passes
over the conduits take the sound rows, sort them, score them, and make the indices. The passes call no
function with an array for each conduit: Numba would count references at each call, which takes longer than
the grading.
"""

import math
from typing import NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.grading_faults import (
    BAD_LENGTH,
    CLIPPED,
    CLUSTERED,
    DENSITY,
    EXTENT,
    IMPOSSIBLE_LEVEL,
    LONG_LOCAL,
    NO_DIAMETER,
    NO_IMPORTANCE,
    NO_LENGTH,
    NO_SOIL,
    OTHER_CONDUIT,
    OUTSIDE,
    SHORTEST,
    THRESHOLD,
    UNKNOWN_CODE,
)

Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.int8]
NEAR_TIE = 1e-6
TIE = 1e-9
# Columns of the table of kinds: family (2 takes no part), whether it counts one metre, scores by level.
FAMILY, LOCAL, SCORES = 0, 1, 2
FEW = 16  # rows up to which plain insertion sorts a conduit

# A moved row: start, length, and (as an integer in the same memory) place, code and level in one number.
START, LENGTH, WHO, WIDTH = 0, 1, 2, 4
# The same row once it is found sound.
END, SCORE, OF = 1, 2, 3
# Rows of the results, in the order in which the kernel writes them.
NUMBERS = ("S", "S_max", "F", "S_M", "Y", "Y_max", "G", "Y_M", "RI", "K", "E", "T", "MI", "K_functional",
           "E_functional")  # fmt: skip
COUNTS = ("n1", "n2", "m1", "m2")
MARKS = ("structural_grade", "repair_grade", "structural_density", "functional_grade", "upkeep_grade",
         "functional_density", "lacks", "unconfirmed")  # fmt: skip


Tuple = tuple[float, ...]


class Tables(NamedTuple):
    """The rules as plain numbers: arrays in here would cost a reference count at every call."""

    cluster: float  # [m]
    near: float  # [m]
    cap: float
    shortest: float  # [m]
    threshold: float
    on_g: bool
    weight: Tuple  # α, β
    repair: Tuple  # weights of F, K, E, T
    upkeep: Tuple  # weights of G, K, E
    F_cuts: Tuple  # a value above the i-th cut is beyond the i-th band
    RI_cuts: Tuple
    G_cuts: Tuple
    MI_cuts: Tuple
    S_M_cuts: Tuple
    Y_M_cuts: Tuple
    E_cuts: Tuple  # [m]
    E_values: Tuple
    K_values: Tuple  # by importance, NaN last for an unknown one
    T_values: Tuple
    soil_bits: tuple[int, ...]  # by soil: SOIL where its T is not verified


@nb.njit(cache=True, nogil=True)
def _rank(cuts: Tuple, value: float) -> int:
    """Return the place of the band that holds a value."""
    place = 0
    for cut in cuts:
        place += value > cut
    return place


@nb.njit(cache=True, nogil=True)
def conduit_order(
    conduit: npt.NDArray[np.int32], n: int, fault: Bytes
) -> tuple[npt.NDArray[np.int64], bool]:
    """Return where each conduit's rows begin, and whether the rows are in order."""
    begin = np.zeros(n + 2, np.int64)
    in_order, last = True, 0
    for row in range(conduit.size):
        place = conduit[row]
        if place < 0 or place >= n:
            fault[row] = OTHER_CONDUIT
            in_order = False
            continue
        in_order &= place >= last
        last = place
        begin[place + 2] += 1
    for place in range(n):
        begin[place + 2] += begin[place + 1]
    return begin, in_order


@nb.njit(cache=True, nogil=True)
def put_in_order(conduit, begin, code, level, start, length, moved, who):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917, ANN001, ANN201
    """Move each row to its conduit; afterwards ``begin[p]`` to ``begin[p + 1]`` are p's rows."""
    n = begin.size - 2
    for row in range(conduit.size):
        place = conduit[row]
        if 0 <= place < n:
            slot = begin[place + 1]
            begin[place + 1] = slot + 1
            moved[slot, START] = start[row]
            moved[slot, LENGTH] = length[row]
            who[slot, WHO] = (row << 16) | ((code[row] & 0xFF) << 8) | (level[row] & 0xFF)


@nb.njit(cache=True, nogil=True)
def take_range(  # type: ignore[no-untyped-def]  # noqa: C901, PLR0913, PLR0917, ANN201
    t, first, last, slack, begin, moved, who, taken, kinds, code_of, level_of, start_of, length_of,  # noqa: ANN001
    lengths, fault, marks, in_order,  # noqa: ANN001
):  # fmt: skip
    """Leave the sound rows of each conduit as start, end, score and family, packed from its first row on."""
    codes, levels = kinds.shape[0], kinds.shape[1] - SCORES
    for p in range(first, last):
        L = lengths[p] if lengths[p] > 0 and lengths[p] < math.inf else math.nan
        slot, bits = begin[p], 0
        for i in range(begin[p], begin[p + 1]):
            if in_order:
                row, code, level, start, length = i, code_of[i], level_of[i], start_of[i], length_of[i]
            else:
                start, length = moved[i, START], moved[i, LENGTH]
                row, code, level = who[i, WHO] >> 16, np.int8(who[i, WHO] >> 8), np.int8(who[i, WHO])
            if code < 0 or code >= codes:
                fault[row] = UNKNOWN_CODE
                continue
            if level < 1 or level > levels or math.isnan(kinds[code, SCORES + level - 1]):
                fault[row] = IMPOSSIBLE_LEVEL
                continue
            if not (length >= 0 and length < math.inf):
                fault[row] = BAD_LENGTH
                continue
            if not (start >= 0 and start < math.inf) or start > L + slack + NEAR_TIE:
                fault[row] = OUTSIDE
                continue
            long = length > t.shortest + NEAR_TIE
            if long and kinds[code, LOCAL] > 0:
                length, fault[row] = t.shortest, LONG_LOCAL
            end = start + length
            if end > L:
                if length > t.shortest + NEAR_TIE and end > L + NEAR_TIE:
                    fault[row] = CLIPPED
                start, end = min(start, L), L
            if kinds[code, FAMILY] < 2:
                bits |= EXTENT * long
                moved[slot, START], moved[slot, END] = start, end
                moved[slot, SCORE], moved[slot, OF] = kinds[code, SCORES + level - 1], kinds[code, FAMILY]
                slot += 1
        taken[p] = slot
        marks[6, p] = NO_LENGTH if math.isnan(L) and slot > begin[p] else 0
        marks[7, p] = bits


@nb.njit(cache=True, nogil=True)
def _sort(rows: Floats, first: int, last: int) -> None:
    """Sort the rows of one conduit by family and start, in place: insertion over shrinking gaps.

    A conduit with a hundred thousand rows must not stop the rest.
    """
    gap = 1
    while gap < (last - first) // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for i in range(first + gap, last):
            start, end, score, of = rows[i, START], rows[i, END], rows[i, SCORE], rows[i, OF]
            j = i
            while j >= first + gap and (
                rows[j - gap, OF] > of or (rows[j - gap, OF] == of and rows[j - gap, START] > start)
            ):
                rows[j] = rows[j - gap]
                j -= gap
            rows[j, START], rows[j, END], rows[j, SCORE], rows[j, OF] = start, end, score, of
        gap //= 3


@nb.njit(cache=True, nogil=True)
def sort_range(first: int, last: int, begin: npt.NDArray[np.int64], taken: npt.NDArray[np.int64],
               moved: Floats) -> None:  # fmt: skip
    """Sort the sound rows of each conduit by family and start."""
    for p in range(first, last):
        if taken[p] - begin[p] > FEW:
            _sort(moved, begin[p], taken[p])
            continue
        for i in range(begin[p] + 1, taken[p]):
            start, end, score, of = moved[i, START], moved[i, END], moved[i, SCORE], moved[i, OF]
            j = i - 1
            while j >= begin[p] and (
                moved[j, OF] > of or (moved[j, OF] == of and moved[j, START] > start)
            ):
                moved[j + 1, START], moved[j + 1, END] = moved[j, START], moved[j, END]
                moved[j + 1, SCORE], moved[j + 1, OF] = moved[j, SCORE], moved[j, OF]
                j -= 1
            moved[j + 1, START], moved[j + 1, END] = start, end
            moved[j + 1, SCORE], moved[j + 1, OF] = score, of


@nb.njit(cache=True, nogil=True)
def score_range(t, first, last, begin, taken, moved, lengths, numbers, counts, marks):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917, ANN001, ANN201
    """Write mean, largest, parameter, density and the numbers of defects of each family."""
    for p in range(first, last):
        L = lengths[p] if lengths[p] > 0 and lengths[p] < math.inf else math.nan
        i, bits = begin[p], 0
        for family in range(2):
            total, reached, largest, far, near, was_near = 0.0, 0.0, 0.0, 0, 0, False
            while i < taken[p] and moved[i, OF] == family:
                # One defect as counted: this row and those that join it.
                start, end, score, members = moved[i, START], moved[i, END], moved[i, SCORE], 1
                gap = math.inf
                while i + 1 < taken[p] and moved[i + 1, OF] == family:
                    gap = moved[i + 1, START] - end
                    if gap > t.cluster + NEAR_TIE:
                        break
                    i, members, gap = i + 1, members + 1, math.inf
                    score += moved[i, SCORE]
                    end = max(end, moved[i, END])
                i += 1
                if members > 1:
                    score = min(score, t.cap)
                    bits |= CLUSTERED
                bits |= SHORTEST * (end - start < t.shortest - NEAR_TIE)
                is_near = gap <= t.near + NEAR_TIE
                beside = was_near or is_near
                weighted = score * t.weight[family] if beside else score
                near, far = near + beside, far + (not beside)
                total += weighted
                reached += weighted * max(end - start, t.shortest)
                largest = max(largest, score)
                was_near = is_near
            mean = total / (far + near) if far + near > 0 else 0.0
            at = 4 * family
            numbers[at, p], numbers[at + 1, p], numbers[at + 2, p] = mean, largest, max(mean, largest)
            numbers[at + 3, p] = reached / (mean * L) if mean > 0 else math.nan
            counts[2 * family, p], counts[2 * family + 1, p] = far, near
        marks[7, p] |= bits | DENSITY * (taken[p] > begin[p])


@nb.njit(cache=True, nogil=True)
def _grade(cuts: Tuple, value: float) -> int:
    """Return the grade of a value, 0 when it is not known."""
    return 0 if math.isnan(value) else _rank(cuts, value) + 1


@nb.njit(cache=True, nogil=True)
def index_range(t, first, last, diameters, areas, soils, numbers, marks):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917, ANN001, ANN201
    """Write RI and MI of scored conduits with the K, E and T they are made with, and all grades."""
    for p in range(first, last):
        F, G = numbers[2, p], numbers[6, p]
        area = t.K_values[areas[p]]
        D = diameters[p]
        size = t.E_values[_rank(t.E_cuts, D)] if D > 0 and math.inf > D else math.nan
        low_F, low_G = t.threshold - TIE > F, t.threshold - TIE > G
        K, E = (0.0, 0.0) if low_F else (area, size)
        T = t.T_values[soils[p]] if F > TIE else 0.0
        low = (low_G if t.on_g else low_F) or G <= TIE
        KG, EG = (0.0, 0.0) if low else (area, size)
        RI = t.repair[0] * F + t.repair[1] * K + t.repair[2] * E + t.repair[3] * T
        MI = t.upkeep[0] * G + t.upkeep[1] * KG + t.upkeep[2] * EG
        numbers[8, p], numbers[9, p], numbers[10, p], numbers[11, p] = RI, K, E, T
        numbers[12, p], numbers[13, p], numbers[14, p] = MI, KG, EG
        marks[0, p], marks[1, p] = _grade(t.F_cuts, F), _grade(t.RI_cuts, RI)
        marks[2, p] = _grade(t.S_M_cuts, numbers[3, p])
        marks[3, p], marks[4, p] = _grade(t.G_cuts, G), _grade(t.MI_cuts, MI)
        marks[5, p] = _grade(t.Y_M_cuts, numbers[7, p])
        lacks = NO_DIAMETER * (math.isnan(E) or math.isnan(EG))
        lacks |= NO_IMPORTANCE * (math.isnan(K) or math.isnan(KG))
        marks[6, p] |= lacks | NO_SOIL * math.isnan(T)
        took = t.soil_bits[soils[p]] if F > TIE else 0
        if G > TIE and low_F != low_G and (area != 0 or size != 0):
            took |= THRESHOLD
        marks[7, p] |= took
