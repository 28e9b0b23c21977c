"""Which moments do the times of a table name, in standard time of the place?"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from wenqu.issues import Issue, Place, Weight
from wenqu.services.case_tables import CaseTable, Mask

USUAL = (  # of dates that are no ISO 8601: 2024/3/1 8:00, 2024年3月1日 8:00
    (r"^(\d{4})[./年-](\d{1,2})[./月-](\d{1,2})日?", r"\1-0\2-0\3"),
    (r"-0(\d\d)", r"-\1"),
    (r"^([\d-]{10})[T ]+(\d{1,2}):", r"\1T0\2:"),
    (r"T0(\d\d):", r"T\1:"),
)
MOMENT = r"^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)?(Z|[+-]\d\d:?\d\d)?$"


def moments(table: CaseTable) -> npt.NDArray[np.datetime64]:
    """Return the column ``time`` in standard time of the place, NaT where unreadable. (R,) datetime64[s]

    With offsets, all rows are put on the least offset that occurs: winter time, so that clocks that are put
    forward and back leave neither a hole nor a double hour. Without offsets the clock is taken as it is.
    """
    found = np.full(len(table), np.datetime64("NaT"), dtype="datetime64[s]")
    if not len(table):
        return found
    column = table.columns["time"]
    fits = pc.match_substring_regex(column, MOMENT).to_numpy(zero_copy_only=False)
    if not fits.all():
        column, fits = _usual(table, column, fits)
    table.tell("case.not-a-time", ~fits)
    good = column.filter(pa.array(fits))
    zone = pc.utf8_replace_slice(good, 0, 10, "")
    zone = pc.replace_substring_regex(zone, r"^[T ]?[\d:.]*", "")
    plain = (
        pc.replace_substring_regex(good, r"(Z|[+-]\d\d:?\d\d)$", "")
        if pc.any(pc.not_equal(zone, "")).as_py()
        else good
    )
    stamps = plain.to_numpy(zero_copy_only=False).astype("U19")
    try:
        times = stamps.astype("datetime64[s]")
    except ValueError:  # a day that does not exist
        times, kept = _one_by_one(stamps)
        rows = np.flatnonzero(fits)
        wrong = np.zeros(len(table), dtype=np.bool_)
        wrong[rows[~kept]] = True
        table.tell("case.not-a-time", wrong)
    offsets = _offsets(zone)
    if offsets is not None:
        base = int(offsets.min())
        times = times - (offsets - base).astype("timedelta64[s]")
        if len(np.unique(offsets)) > 1:
            facts: dict[str, object] = {"file": table.file, "hours": base / 3600}
            table.issues.append(Issue("case.summer-time", Weight.NOTE, place=Place(table.file), facts=facts))
    found[fits] = times
    return found


def _usual(table: CaseTable, column: pa.Array, fits: Mask) -> tuple[pa.Array, Mask]:
    """Return times that were written year/month/day hour:minute as ISO 8601, and which are such now."""
    spelt = column
    for pattern, instead in USUAL:
        spelt = pc.replace_substring_regex(spelt, pattern, instead)
    now = pc.match_substring_regex(spelt, MOMENT).to_numpy(zero_copy_only=False)
    if (now > fits).any():
        facts: dict[str, object] = {"file": table.file, "rows": int((now > fits).sum())}
        table.issues.append(Issue("case.times-spelt", Weight.NOTE, place=Place(table.file), facts=facts))
    return pc.if_else(pa.array(fits), column, spelt), fits | now


def _one_by_one(stamps: npt.NDArray[np.str_]) -> tuple[npt.NDArray[np.datetime64], Mask]:
    times = np.full(len(stamps), np.datetime64("NaT"), dtype="datetime64[s]")
    kept = np.zeros(len(stamps), dtype=np.bool_)
    for row, stamp in enumerate(stamps.tolist()):
        try:
            times[row] = np.datetime64(stamp, "s")
        except ValueError:
            continue
        kept[row] = True
    return times, kept


def _offsets(zone: pa.Array) -> npt.NDArray[np.int64] | None:
    """Return seconds east of Greenwich of every row, None when no row says."""
    kinds = pc.unique(zone).to_pylist()
    if kinds == [""] or not kinds:
        return None
    seconds = {"": 0, "Z": 0}
    for kind in kinds:
        if kind not in seconds:
            digits = kind[1:].replace(":", "")
            seconds[kind] = (1 if kind[0] == "+" else -1) * (int(digits[:2]) * 3600 + int(digits[2:]) * 60)
    said = [seconds[kind] for kind in kinds if kind]
    seconds[""] = max(set(said), key=said.count)
    places = pc.index_in(zone, value_set=pa.array(kinds)).to_numpy()
    return np.asarray(np.array([seconds[kind] for kind in kinds], dtype=np.int64)[places])
