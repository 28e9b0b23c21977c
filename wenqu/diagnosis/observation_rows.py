"""Which linear statements about the pipes do the meters make?

Flow row: sewage + groundwater + river above the meter = dry flow; error: the meter's systematic error and
the scatter of the days. Mixing row of tracer c: Σ_k (c_k - C) Q_k = 0; error: that of the reading C times
the flow, the scatter of the end members between areas, and, shared by all meters, the error of each end
member itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.defaults import default
from wenqu.diagnosis.end_member_table import KINDS, Table
from wenqu.diagnosis.meter_evidence import MeterEvidence
from wenqu.diagnosis.mixing import DECAYING
from wenqu.diagnosis.observers import Observer
from wenqu.diagnosis.tree_posterior import Rows
from wenqu.issues import Issue, Weight

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sighting:
    """One place with its evidence and how long the sewers above it are."""

    observer: Observer
    evidence: MeterEvidence
    length: float  # [m] of sewer above it


def usable_tracers(sightings: Sequence[Sighting], table: Table) -> tuple[tuple[str, ...], tuple[Issue, ...]]:
    """Return the conservative tracers that are read and have end members, and what is read in vain."""
    read = sorted({name for entry in sightings for name in entry.evidence.tracers})
    complete = [name for name in read if all((kind, name) in table for kind in KINDS)]
    issues = [
        Issue("diagnosis.tracer-without-end-member", Weight.DOUBT, facts={"tracer": name})
        for name in read
        if name not in complete
    ]
    return tuple(name for name in complete if name not in DECAYING), tuple(issues)


def observation_rows(
    sightings: Sequence[Sighting], tracers: Sequence[str], table: Table, split: Floats
) -> Rows:
    """Return the rows of all meters.

    Parameters
    ----------
    sightings
        Placed meters with their evidence. (M,)
    tracers
        Conservative tracers to use.
    table
        End members.
    split
        Present estimate of sewage, groundwater and river water above each meter, for the errors of the
        mixing rows. (M, 3) [m³/s]
    """
    rows: list[tuple[Observer, Floats, float, float]] = []
    shared: list[Floats] = []
    columns = {(name, kind): place for place, (name, kind) in enumerate(_pairs(tracers))}
    for entry, waters in zip(sightings, split, strict=True):
        rows.append((entry.observer, np.ones(len(KINDS)), entry.evidence.flow, _flow_noise(entry)))
        shared.append(np.zeros(len(columns)))
        total = float(np.maximum(waters, 0.0).sum())
        for name in tracers:
            if name not in entry.evidence.tracers:
                continue
            weights, noise = _mixing(entry, name, table, np.maximum(waters, 0.0))
            loading = np.zeros(len(columns))
            for kind, water in zip(KINDS, waters, strict=True):
                loading[columns[name, kind]] = table[kind, name].sd * max(float(water), 0.0)
            size = max(
                total * table["sewage", name].mean, 1e-30
            )  # rows of order one: a better conditioned matrix
            rows.append((entry.observer, weights / size, 0.0, noise / size**2))
            shared.append(loading / size)
    return Rows(
        np.array([observer.first for observer, *_ in rows], dtype=np.int64),
        np.array([observer.last for observer, *_ in rows], dtype=np.int64),
        np.array([weights for _, weights, _, _ in rows]).reshape(-1, len(KINDS)),
        np.array([value for _, _, value, _ in rows], dtype=np.float64),
        np.array([noise for *_, noise in rows], dtype=np.float64),
        np.array(shared).reshape(len(rows), len(columns)),
    )


def _pairs(tracers: Sequence[str]) -> list[tuple[str, str]]:
    return [(name, kind) for name in tracers for kind in KINDS]


def flow_sd(entry: Sighting) -> float:
    """Return the sd of a dry flow: systematic error, random error over the days, scatter. [m³/s]"""
    seen, meter = entry.evidence, entry.observer
    random = meter.flow_error / np.sqrt(seen.dry_days)
    return float(np.sqrt(((meter.bias_error**2 + random**2) * seen.flow**2) + seen.scatter**2))


def _flow_noise(entry: Sighting) -> float:
    return max(flow_sd(entry) ** 2, 1e-14)


def _mixing(entry: Sighting, name: str, table: Table, waters: Floats) -> tuple[Floats, float]:
    tracer = entry.evidence.tracers[name]
    members = np.array([table[kind, name].mean for kind in KINDS])
    blocks = max(1.0, entry.length / default("block_length"))
    local = default("local_scatter") ** 2 * float(((members * waters) ** 2).sum()) / blocks
    noise = (tracer.sd * float(waters.sum())) ** 2 + local
    return members - tracer.mean, max(noise, 1e-24)


def expected_split(sightings: Sequence[Sighting], sums: Floats) -> Floats:
    """Return sums of the prior above each meter, scaled to its measured flow. (M, 3)"""
    flow = np.array([entry.evidence.flow for entry in sightings])
    total = np.maximum(sums.sum(axis=1), 1e-30)
    found: Floats = sums * (np.maximum(flow, 0.0) / total)[:, None]
    return found


def above(values: Floats, sightings: Sequence[Sighting]) -> Floats:
    """Return sums over the pipes above each meter. (T, n) → (M, T)"""
    walked = np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)
    first = np.array([entry.observer.first for entry in sightings], dtype=np.int64)
    last = np.array([entry.observer.last for entry in sightings], dtype=np.int64)
    found: Floats = (walked[:, last] - walked[:, first]).T
    return found
