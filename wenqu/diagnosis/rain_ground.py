"""Which ground lies above each meter and between meters, and what is expected of it when it rains?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.defaults import default
from wenqu.diagnosis.expected_sewage import pipe_of_assets
from wenqu.diagnosis.observers import Observer
from wenqu.diagnosis.pipe_columns import Pipes, text_column
from wenqu.network.topology import Ints

Floats = npt.NDArray[np.float64]
MOSTLY = 0.5  # share of the areas that must have a catchment for the catchments to be believed


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """The areas between M placed meters. S areas; two meters at one place end the same area."""

    ends: tuple[int, ...]  # (S,) meter at which each ends, as its place among the placed ones
    above: Floats  # (M, S) 1 where the area lies above the meter
    of_pipe: Ints  # (n,) area of each pipe, -1 above no meter
    length: Floats  # (S,) [m] of sewers
    size: Floats  # (S,) [m²]
    basis: str  # catchments, width
    weight: Floats  # (S,) what is expected of each when it rains against the others


def ground(there: Pipes, placed: Sequence[Observer]) -> Ground:
    """Return the ground between placed meters, by catchments where they are listed, else a strip."""
    spans = [(one.first, one.last) for one in placed]
    unique = sorted(set(spans), key=lambda one: one[0] - one[1])
    of_pipe = np.full(len(there.length), -1, dtype=np.int64)
    for row, (first, last) in enumerate(unique):  # the widest first, so that the deepest meter stays
        of_pipe[first:last] = row
    above = np.array(
        [[float(first <= a and b <= last) for a, b in unique] for first, last in spans], dtype=np.float64
    ).reshape(len(spans), len(unique))
    count, inside = len(unique), of_pipe >= 0
    laid = np.where(there.counted, there.length, 0.0)

    def summed(values: Floats) -> Floats:
        return np.bincount(of_pipe[inside], weights=values[inside], minlength=count).astype(np.float64)

    length = summed(laid)
    combined = text_column(there, "system") == "combined"
    weight = summed(laid * np.where(combined, default("combined_weight"), 1.0))
    weight += summed(_unseparated(there)) * default("unseparated_weight")
    listed = summed(_catchments(there))
    known = bool(count) and bool((listed > 0).mean() > MOSTLY)
    strip = length * default("sewered_width")
    size = np.where(listed > 0, listed, strip) if known else strip
    ends = tuple(spans.index(one) for one in unique)
    return Ground(ends, above, of_pipe, length, size, "catchments" if known else "width", weight)


def _unseparated(there: Pipes) -> Floats:
    """Return how many users whose rain is not separated drain into each pipe. (n,)"""
    table = there.network.table("source")
    mixed = np.array([value is not None and not bool(value) for value in table.column("separated")], np.bool_)
    pipe = pipe_of_assets(there, list(table.column("connects_to")[mixed]))
    return np.bincount(pipe[pipe >= 0], minlength=len(there.length)).astype(np.float64)


def _catchments(there: Pipes) -> Floats:
    """Return the area of the catchments that drain into each pipe. (n,) [m²]"""
    table = there.network.table("catchment")
    pipe = pipe_of_assets(there, list(table.column("outlet_id")))
    size = np.nan_to_num(table.column("area"))
    good = pipe >= 0
    return np.bincount(pipe[good], weights=size[good], minlength=len(there.length)).astype(np.float64)
