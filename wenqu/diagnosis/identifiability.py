"""What can these meters and tracers tell apart, and what can they never?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wenqu.diagnosis.end_member_table import KINDS, Table

APART = 2.0  # standard deviations by which two waters must differ in some tracer


@dataclass(frozen=True, slots=True)
class Identifiability:
    """What the evidence can separate. The codes are message keys of sentences to print."""

    rank: int  # of the matrix [1, c_1 … c_K]: how many waters can be told apart
    together: tuple[tuple[str, str], ...]  # pairs of waters that look alike
    codes: tuple[str, ...]


def identifiability(
    tracers: Sequence[str],
    table: Table,
    tracer_error: float,
    *,
    water_use: bool,
    meters: int,
    levels: Sequence[str] | None = None,
    inlets: bool = True,
) -> Identifiability:
    """Return what flow means and tracers can separate.

    Three waters are separable when the matrix [1, c_1 … c_K] over the waters has rank 3 after each
    column is scaled by the error of its tracer: scatter of the end members and of the reading.

    Parameters
    ----------
    tracers
        Conservative tracers that are read.
    table
        End members.
    tracer_error
        Relative error of a reading. [-]
    water_use
        Whether the users' water is known: without it nothing says what should arrive.
    meters
        Number of places with a flow.
    levels
        Levels that move and that meters were compared with, of groundwater and river_stage; None when that
        is told elsewhere.
    inlets
        Whether there is any place where river water could enter.
    """
    known = [name for name in tracers if all((kind, name) in table for kind in KINDS)]
    means = np.array([[table[kind, name].mean for name in known] for kind in KINDS])
    spread = np.array([[table[kind, name].sd for name in known] for kind in KINDS])
    rank, together = 1, tuple((a, b) for i, a in enumerate(KINDS) for b in KINDS[i + 1 :])
    if known:
        error = np.sqrt((spread**2).mean(axis=0) + (tracer_error * means.mean(axis=0)) ** 2)
        apart = (means - means[0])[1:] / error
        # two waters h errors apart, both far from the third, leave a singular value of h / sqrt(2)
        rank += int((np.linalg.svd(apart, compute_uv=False) > APART / np.sqrt(2)).sum())
        scaled = means / error
        distance = np.sqrt(((scaled[:, None] - scaled[None]) ** 2).sum(axis=2))
        together = tuple(
            (a, KINDS[j]) for i, a in enumerate(KINDS) for j in range(i + 1, 3) if distance[i, j] <= APART
        )
    codes = [f"diagnosis.identify.rank-{rank}"]
    codes += [f"diagnosis.identify.alike-{a}-{b}" for a, b in together if known]
    if not water_use:
        codes.append("diagnosis.identify.no-water-use")
    if not meters:
        codes.append("diagnosis.identify.no-meters")
    if levels is not None and meters:
        codes += _by_levels(levels)
    if not inlets:
        codes.append("diagnosis.identify.no-inlets")
    if meters and water_use:
        codes.append("diagnosis.identify.missing-or-meter")
    codes += ["diagnosis.identify.lost-or-never-connected", "diagnosis.identify.areas-not-pipes"]
    return Identifiability(rank, together, tuple(codes))


def _by_levels(levels: Sequence[str]) -> list[str]:
    word = {0: "none", 1: levels[0] if levels else "", 2: "both"}[len(levels)]
    return [f"diagnosis.identify.levels-{word}"]
