"""Which rows of a later file only say again what an earlier one said? They are kept once, not queued."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyproj import CRS

from wenqu.network.geometry import Ints, Shapes, drawn_alike
from wenqu.network.merging import with_shapes
from wenqu.network.model import Assets, Column, missing_column
from wenqu.network.schema import asset_type

Mask = npt.NDArray[np.bool_]
NEAR = 1e-3  # [m] two drawings of one place may differ by what a format rounds
NEAR_DEGREES = 1e-8  # [°] about a millimetre
CLOSE = 1e-6  # numbers, in the unit of the field or relative, where a format rounds


def kept_once(first: Assets, later: Assets, crs: str) -> tuple[Assets, Mask, int]:
    """Return the earlier table with what the repeats add, which later rows repeat, and how many add.

    A later row repeats an earlier one of the same identity when nothing that both say differs: fields,
    columns nobody knows, shape (to a millimetre). What only the later says is added to the earlier row.

    Parameters
    ----------
    first, later
        Tables of one type in one coordinate system.
    crs
        That system, "" for a plan.
    """
    place = pc.index_in(pa.array(later.ids, pa.string()), pa.array(first.ids, pa.string()))
    rows = place.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    known = np.flatnonzero(rows >= 0)
    old, new = first.take(rows[known]), later.take(known)
    near = NEAR_DEGREES if crs and CRS.from_user_input(crs).is_geographic else NEAR
    agree = _agreeing_shapes(old.shapes, new.shapes, near)
    for ours, theirs in ((old.fields, new.fields), (old.extra, new.extra)):
        for name in ours.keys() & theirs.keys():
            agree &= _absent(ours[name]) | _absent(theirs[name]) | _equal(ours[name], theirs[name])
    repeated = np.zeros(len(later), dtype=bool)
    repeated[known[agree]] = True
    here, come = rows[known[agree]], new.take(np.flatnonzero(agree))
    added = np.zeros(len(come), dtype=bool)
    kinds = {entry.name: entry.kind for entry in asset_type(first.type).fields}
    at = (len(first), here, added)
    fields, extra = _filled(first.fields, come.fields, at, kinds), _filled(first.extra, come.extra, at, {})
    bare = np.flatnonzero((np.diff(first.shapes.assets)[here] == 0) & (np.diff(come.shapes.assets) > 0))
    added[bare] = True
    shapes = with_shapes(first.shapes, here[bare], come.shapes, bare)
    return replace(first, fields=fields, extra=extra, shapes=shapes), repeated, int(added.sum())


def _filled(
    known: Mapping[str, Column],
    come: Mapping[str, Column],
    at: tuple[int, Ints, Mask],
    kinds: Mapping[str, str],
) -> dict[str, Column]:
    """Return columns that also say what only ``come`` says, at rows of a size; ``added`` is marked."""
    made, (size, here, added) = dict(known), at
    for name, column in come.items():
        own = made.get(name)
        gaps = ~_absent(column) & (_absent(own[here]) if own is not None else True)
        if not gaps.any():
            continue
        own = missing_column(kinds.get(name, "text"), size) if own is None else own.copy()
        own = own.astype(object) if object in (own.dtype, column.dtype) else own
        own[here[gaps]] = column[gaps]
        made[name] = own
        added |= gaps
    return made


def _absent(column: Column) -> Mask:
    if column.dtype == object:
        return np.array([one is None or one == "" or one != one for one in column.tolist()], dtype=bool)  # noqa: PLR0124 NaN
    return np.isnan(column) if column.dtype.kind == "f" else column == -1


def _equal(one: Column, other: Column) -> Mask:
    if object not in (one.dtype, other.dtype):
        near: Mask = np.isclose(one.astype(float), other.astype(float), rtol=CLOSE, atol=CLOSE)
        return near
    pairs = zip(one.tolist(), other.tolist(), strict=True)
    return np.array([a == b or _text(a) == _text(b) for a, b in pairs], dtype=bool)


def _text(value: object) -> str:
    """Return a value of a column nobody knows as every format would write it: 3.0 and "3" are one."""
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value) if whole else value).strip()  # type: ignore[call-overload]


def _agreeing_shapes(old: Shapes, new: Shapes, near: float) -> Mask:
    """Return which shapes do not contradict each other: one is not drawn, or both lie in one place."""
    bare = [np.diff(shapes.assets) == 0 for shapes in (old, new)]
    agree: Mask = bare[0] | bare[1] | drawn_alike(old, new, near)
    return agree
