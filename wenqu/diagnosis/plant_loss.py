"""How much of the strength at the source is diluted, and how much is lost in the sewers, month by month?

A tracer that stays (TP, NH3-N) is thinned by clean water and by nothing else; BOD5 is thinned alike and
decays and settles besides. With C the concentration at the plant, s at the source and e in the clean water:

    φ = (T_s - T) / (T_s - T_e)            share of clean water
    ℓ = 1 - (B - φ·B_e) / (B_s·(1 - φ))    share of the BOD5 lost on the way

Interval 5-95 %: seeded draws of the month's means and of the end members.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.end_member_table import EndMember, Table
from wenqu.diagnosis.plant_history import FEWEST, NOTHING, Span, weighted
from wenqu.diagnosis.plant_record import PlantDays

Floats = npt.NDArray[np.float64]
STAY = ("tp", "nh3n")  # tracers that stay, the better first
DRAWS = 1000
SAMPLES = 9  # bottles that a sampled end member is taken to rest on
FLOOR = 0.05  # [-] least error of an end member's mean


@dataclass(frozen=True, slots=True)
class LossMonth:
    """One month: what became of the BOD5 that left the source."""

    month: str
    bod5: float  # [kg/m³] that arrived, flow-weighted
    dilution: Span  # [-] clean water in the flow
    loss: Span  # [-] of the BOD5, on the way
    lost: float  # [kg/m³] of the strength at the source
    diluted: float  # [kg/m³]


@dataclass(frozen=True, slots=True)
class PlantLoss:
    """Dilution and loss by one tracer that stays."""

    tracer: str
    source: float  # [kg/m³] BOD5 at the source
    status: str  # of the source's figures: default, sampled …
    months: tuple[LossMonth, ...]
    dilution: Span  # of the whole record
    loss: Span


def plant_losses(record: PlantDays, table: Table, *, seed: int = 1) -> tuple[PlantLoss, ...]:
    """Return dilution and loss by each tracer that stays and was measured.

    Parameters
    ----------
    table
        End members of the city.
    """
    return tuple(
        found
        for tracer in STAY
        if np.isfinite(record.of(tracer)).sum() >= FEWEST
        and (found := _by(record, table, tracer, np.random.default_rng(seed))) is not None
    )


def _by(record: PlantDays, table: Table, tracer: str, generator: np.random.Generator) -> PlantLoss | None:
    members = {
        (kind, name): table.get((kind, name))
        for kind in ("sewage", "groundwater", "river")
        for name in ("bod5", tracer)
    }
    known = {key: one for key, one in members.items() if one is not None}
    if len(known) < len(members):
        return None
    drawn = _drawn(known, tracer, generator)
    month = record.days.astype("datetime64[M]")
    rows = []
    for one in np.unique(month):
        mine = np.flatnonzero(month == one)
        found = _split(record, tracer, mine, drawn, generator)
        if found is not None:
            rows.append(LossMonth(str(one), *found))
    whole = _split(record, tracer, np.arange(len(month)), drawn, generator)
    if whole is None:
        return None
    source = known["sewage", "bod5"]
    return PlantLoss(tracer, source.mean, source.status, tuple(rows), whole[1], whole[2])


def _drawn(
    known: Mapping[tuple[str, str], EndMember], tracer: str, generator: np.random.Generator
) -> dict[tuple[str, str], Floats]:
    """Return draws of the means at the source and in clean water, half groundwater and half river."""
    found = {key: _mean(one, generator) for key, one in known.items()}
    for name in ("bod5", tracer):
        found["clean", name] = 0.5 * (found["groundwater", name] + found["river", name])
    return found


def _mean(one: EndMember, generator: np.random.Generator) -> Floats:
    error = max(one.sd / SAMPLES**0.5, FLOOR * one.mean) if one.status == "sampled" else one.sd
    return np.maximum(one.mean + error * generator.normal(size=DRAWS), 0.0)


def _split(
    record: PlantDays,
    tracer: str,
    mine: npt.NDArray[np.int64],
    drawn: Mapping[tuple[str, str], Floats],
    generator: np.random.Generator,
) -> tuple[float, Span, Span, float, float] | None:
    """Return BOD5 at the plant, dilution, loss, what was lost and what was diluted; None without readings."""
    flow, bod5, stays = (record.of(name)[mine] for name in ("flow", "bod5", tracer))
    read = [np.isfinite(flow) & np.isfinite(one) & (flow > 0) for one in (bod5, stays)]
    if min(int(one.sum()) for one in read) < FEWEST:
        return None
    means = [
        weighted(flow, one) + _error(one[good]) * generator.normal(size=DRAWS)
        for one, good in zip((bod5, stays), read, strict=True)
    ]
    source, clean = drawn["sewage", tracer], drawn["clean", tracer]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (source - means[1]) / (source - clean)
        came = (means[0] - share * drawn["clean", "bod5"]) / (drawn["sewage", "bod5"] * (1 - share))
    dilution, loss = _span(share), _span(1 - came)
    if not np.isfinite([*dilution, *loss]).all():
        return None
    strength = float(np.median(drawn["sewage", "bod5"]))
    lost = strength * loss[0]
    return weighted(flow, bod5), dilution, loss, lost, strength - lost - weighted(flow, bod5)


def _error(values: Floats) -> float:
    return float(values.std(ddof=1)) / len(values) ** 0.5 if len(values) > 1 else 0.0


def _span(drawn: Floats) -> Span:
    good = drawn[np.isfinite(drawn)]
    if not len(good):
        return NOTHING
    low, middle, high = np.percentile(good, [5, 50, 95])
    return (float(middle), float(low), float(high))
