"""How are millions of defects graded in one pass?

The same answers as ``grading.grade_conduit``, on arrays. One pass moves whole rows to buckets of some
thousand conduits; then each bucket, small enough for the cache, is laid out, taken, sorted, scored and
graded. No function is called with an array for each conduit: Numba would count references at each call,
which takes longer than the grading.
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
Places = npt.NDArray[np.int32]
Slots = npt.NDArray[np.int64]
NEAR_TIE = 1e-6
TIE = 1e-9
# Columns of the table of kinds: family (2 takes no part), whether it counts one metre, scores by level.
FAMILY, LOCAL, SCORES = 0, 1, 2
FEW = 16  # rows up to which plain insertion sorts a conduit

# Conduits are graded in buckets that fit the processor's cache.
SHIFT = 11
BUCKET = 1 << SHIFT
# A sound row: where it starts and ends, its score and its family.
START, END, SCORE, OF = 0, 1, 2, 3
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
def bucket_order(conduit: Places, n: int, fault: Bytes) -> tuple[Slots, bool]:
    """Return where each bucket's rows begin, and whether the rows are in conduit order already."""
    buckets = (n >> SHIFT) + 1
    begin = np.zeros(buckets + 2, np.int64)
    in_order, last = True, 0
    for row in range(conduit.size):
        place = conduit[row]
        if place < 0 or place >= n:
            fault[row] = OTHER_CONDUIT
            in_order = False
            continue
        in_order &= place >= last
        last = place
        begin[(place >> SHIFT) + 2] += 1
    for bucket in range(buckets):
        begin[bucket + 2] += begin[bucket + 1]
    return begin, in_order


@nb.njit(cache=True, nogil=True)
def put_in_buckets(conduit, n, begin, code, level, start, length, moved, who):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917, ANN001, ANN201
    """Move each row to its bucket; afterwards ``begin[b]`` to ``begin[b + 1]`` are b's rows.

    A moved row is start, length and, as an integer in the same memory, its place in the bucket (12 bits), its
    row (32), its code and its level (8 each).
    """
    for row in range(conduit.size):
        place = conduit[row]
        if 0 <= place < n:
            bucket = place >> SHIFT
            slot = begin[bucket + 1]
            begin[bucket + 1] = slot + 1
            moved[slot, 0] = start[row]
            moved[slot, 1] = length[row]
            within = np.int64(place & (BUCKET - 1)) << 48
            who[slot, 2] = within | (row << 16) | ((code[row] & 0xFF) << 8) | (level[row] & 0xFF)


@nb.njit(cache=True, nogil=True)
def count_rows(low, high, first, in_order, conduit, who, begin, taken):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917, ANN001, ANN201
    """Lay out one bucket: where each conduit's rows begin in the scratch."""
    for place in range(BUCKET + 1):
        begin[place] = 0
    for i in range(low, high):
        begin[(conduit[i] - first if in_order else who[i, 2] >> 48) + 1] += 1
    for place in range(BUCKET):
        begin[place + 1] += begin[place]
        taken[place] = begin[place]


@nb.njit(cache=True, nogil=True)
def take_rows(  # type: ignore[no-untyped-def]  # noqa: C901, PLR0913, PLR0917, ANN201
    t, low, high, first, slack, in_order, conduit, code_of, level_of, start_of, length_of,  # noqa: ANN001
    moved, who, kinds, lengths, fault, marks, taken, rows,  # noqa: ANN001
):  # fmt: skip
    """Put the sound rows of one bucket into the scratch, as start, end, score and family."""
    codes, levels = kinds.shape[0], kinds.shape[1] - SCORES
    for i in range(low, high):
        if in_order:
            within, row, code, level = np.int64(conduit[i] - first), i, code_of[i], level_of[i]
            start, length = start_of[i], length_of[i]
        else:
            word, start, length = who[i, 2], moved[i, 0], moved[i, 1]
            within, row = word >> 48, (word >> 16) & 0xFFFFFFFF
            code, level = np.int8(word >> 8), np.int8(word)
        if code < 0 or code >= codes:
            fault[row] = UNKNOWN_CODE
            continue
        if level < 1 or level > levels or math.isnan(kinds[code, SCORES + level - 1]):
            fault[row] = IMPOSSIBLE_LEVEL
            continue
        if not (length >= 0 and length < math.inf):
            fault[row] = BAD_LENGTH
            continue
        p = first + within
        L = lengths[p] if lengths[p] > 0 and lengths[p] < math.inf else math.nan
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
            slot = taken[within]
            taken[within] = slot + 1
            rows[slot, START], rows[slot, END] = start, end
            rows[slot, SCORE], rows[slot, OF] = kinds[code, SCORES + level - 1], kinds[code, FAMILY]
            marks[7, p] |= EXTENT * long


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
                rows[j, START], rows[j, END] = rows[j - gap, START], rows[j - gap, END]
                rows[j, SCORE], rows[j, OF] = rows[j - gap, SCORE], rows[j - gap, OF]
                j -= gap
            rows[j, START], rows[j, END], rows[j, SCORE], rows[j, OF] = start, end, score, of
        gap //= 3


@nb.njit(cache=True, nogil=True)
def sort_rows(places: int, begin: Slots, taken: Slots, rows: Floats) -> None:
    """Sort the rows of each conduit of a bucket by family and start."""
    for place in range(places):
        if taken[place] - begin[place] > FEW:
            _sort(rows, begin[place], taken[place])
            continue
        for i in range(begin[place] + 1, taken[place]):
            start, end, score, of = rows[i, START], rows[i, END], rows[i, SCORE], rows[i, OF]
            j = i - 1
            while j >= begin[place] and (rows[j, OF] > of or (rows[j, OF] == of and rows[j, START] > start)):
                rows[j + 1, START], rows[j + 1, END] = rows[j, START], rows[j, END]
                rows[j + 1, SCORE], rows[j + 1, OF] = rows[j, SCORE], rows[j, OF]
                j -= 1
            rows[j + 1, START], rows[j + 1, END] = start, end
            rows[j + 1, SCORE], rows[j + 1, OF] = score, of


@nb.njit(cache=True, nogil=True)
def score_rows(t, first, last, begin, taken, rows, lengths, numbers, counts, marks):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917, ANN001, ANN201
    """Write mean, largest, parameter, density and the numbers of defects of each family."""
    for p in range(first, last):
        L = lengths[p] if lengths[p] > 0 and lengths[p] < math.inf else math.nan
        i, stop, bits = begin[p - first], taken[p - first], 0
        if i < stop:
            bits = DENSITY
            marks[6, p] |= NO_LENGTH * math.isnan(L)
        for family in range(2):
            total, reached, largest, far, near, was_near = 0.0, 0.0, 0.0, 0, 0, False
            while i < stop and rows[i, OF] == family:
                # One defect as counted: this row and those that join it.
                start, end, score, members = rows[i, START], rows[i, END], rows[i, SCORE], 1
                gap = math.inf
                while i + 1 < stop and rows[i + 1, OF] == family:
                    gap = rows[i + 1, START] - end
                    if gap > t.cluster + NEAR_TIE:
                        break
                    i, members, gap = i + 1, members + 1, math.inf
                    score += rows[i, SCORE]
                    end = max(end, rows[i, END])
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
        marks[7, p] |= bits


@nb.njit(cache=True, nogil=True)
def _grade(cuts: Tuple, value: float) -> int:
    """Return the grade of a value, 0 when it is not known."""
    return 0 if math.isnan(value) else _rank(cuts, value) + 1


@nb.njit(cache=True, nogil=True)
def write_indices(t, first, last, diameters, areas, soils, numbers, marks):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917, ANN001, ANN201
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


@nb.njit(cache=True, nogil=True)
def grade_buckets(  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917, ANN201
    t, first_bucket, last_bucket, slack, in_order, cursor, conduit, code, level, start, length,  # noqa: ANN001
    moved, who, kinds, lengths, diameters, areas, soils, numbers, counts, marks, fault,  # noqa: ANN001
):  # fmt: skip
    """Grade the conduits of some buckets, one bucket after the other; others may run beside it."""
    begin, taken = np.empty(BUCKET + 1, np.int64), np.empty(BUCKET, np.int64)
    most = 0
    for bucket in range(first_bucket, last_bucket):
        most = max(most, cursor[bucket + 1] - cursor[bucket])
    rows = np.empty((most, 4))
    for bucket in range(first_bucket, last_bucket):
        low, high, first = cursor[bucket], cursor[bucket + 1], bucket << SHIFT
        last = min(first + BUCKET, lengths.size)
        for p in range(first, last):
            marks[6, p], marks[7, p] = 0, 0
        count_rows(low, high, first, in_order, conduit, who, begin, taken)
        take_rows(
            t, low, high, first, slack, in_order, conduit, code, level, start, length,
            moved, who, kinds, lengths, fault, marks, taken, rows,
        )  # fmt: skip
        sort_rows(last - first, begin, taken, rows)
        score_rows(t, first, last, begin, taken, rows, lengths, numbers, counts, marks)
        write_indices(t, first, last, diameters, areas, soils, numbers, marks)
