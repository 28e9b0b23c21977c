"""What would a delivery change in what is there? New, changed with the fields that differ, same, gone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from wenqu.network.edits import plain
from wenqu.network.geometry import drawn_alike
from wenqu.network.model import Assets, Column

MOST = 500  # changed assets of one type that are told one by one
SHAPE = "shape"  # stands for the drawing among the names of the fields that differ


@dataclass(frozen=True, slots=True)
class Differing:
    """One asset that would change."""

    id: str
    fields: Mapping[str, tuple[object, object]]  # as it is, as it would be


@dataclass(frozen=True, slots=True)
class Difference:
    """What would become of the assets of one type."""

    new: int
    changed: int
    same: int
    fields: Mapping[str, int] = field(default_factory=dict)  # how many assets change in which field
    examples: tuple[Differing, ...] = ()  # the first changed ones
    gone: tuple[str, ...] = ()  # ids that the survey delivered before and this delivery lacks


def differences(
    before: Mapping[str, Assets],
    incoming: Mapping[str, Assets],
    delivered_before: Mapping[str, Iterable[str]],
) -> dict[str, Difference]:
    """Return by type what the incoming tables would change.

    Parameters
    ----------
    before
        The city's tables as they are.
    incoming
        What would be put.
    delivered_before
        By type the ids that the same survey delivered last time.
    """
    types = dict.fromkeys([*incoming, *delivered_before])
    return {
        type_: _difference(before.get(type_), incoming.get(type_), delivered_before.get(type_, ()))
        for type_ in types
    }


def _difference(before: Assets | None, incoming: Assets | None, earlier: Iterable[str]) -> Difference:
    ids = incoming.ids if incoming is not None else np.empty(0, object)
    there = set(before.ids.tolist()) if before is not None else set()
    come = set(ids.tolist())
    gone = tuple(sorted(id_ for id_ in earlier if id_ in there and id_ not in come))
    if incoming is None or before is None or not len(before):
        return Difference(len(ids), 0, 0, gone=gone)
    place = pc.index_in(pa.array(ids, pa.string()), pa.array(before.ids, pa.string()))
    rows = place.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    known = np.flatnonzero(rows >= 0)
    old, new = before.take(rows[known]), incoming.take(known)
    masks = _differing(old, new)
    any_ = np.logical_or.reduce(list(masks.values())) if masks else np.zeros(len(known), bool)
    chosen = np.flatnonzero(any_)
    examples = tuple(
        Differing(
            str(new.ids[row]),
            {name: _both(name, old, new, int(row)) for name, mask in masks.items() if mask[row]},
        )
        for row in chosen[:MOST]
    )
    counts = {name: int(mask.sum()) for name, mask in masks.items() if mask.any()}
    return Difference(len(ids) - len(known), len(chosen), len(known) - len(chosen), counts, examples, gone)


def _differing(old: Assets, new: Assets) -> dict[str, npt.NDArray[np.bool_]]:
    masks = {}
    for name in dict.fromkeys([*old.fields, *new.fields]):
        masks[name] = _unequal(old.column(name), new.column(name))
    for name in dict.fromkeys([*old.extra, *new.extra]):
        nothing = np.full(len(old), None, dtype=object)
        masks[name] = _unequal(old.extra.get(name, nothing), new.extra.get(name, nothing))
    masks[SHAPE] = ~drawn_alike(old.shapes, new.shapes)
    return masks


def _unequal(one: Column, other: Column) -> npt.NDArray[np.bool_]:
    if object in (one.dtype, other.dtype):
        pairs = zip(one.tolist(), other.tolist(), strict=True)
        return np.array([a != b and not (a != a and b != b) for a, b in pairs], dtype=bool)  # noqa: PLR0124 NaN
    both = np.isnan(one) & np.isnan(other) if one.dtype.kind == "f" and other.dtype.kind == "f" else False
    unequal: npt.NDArray[np.bool_] = (one != other) & ~both
    return unequal


def _both(name: str, old: Assets, new: Assets, row: int) -> tuple[object, object]:
    if name == SHAPE:
        return old.shapes.of(row).tolist(), new.shapes.of(row).tolist()
    return _value(old, name, row), _value(new, name, row)


def _value(table: Assets, name: str, row: int) -> object:
    column = table.fields.get(name, table.extra.get(name))
    return None if column is None else plain(column[row])
