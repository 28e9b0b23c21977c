"""Which rows do the months of a city's meters give?

- Mean of the dry days: all water above the meter, × (1 + bias).
- Wave (mean less night): sewage alone, what of it does not run by night, × (1 + bias) (1 + error of the
  wave).
- Mixing, for each tracer: Σ (c_k - C) Q_k = 0, so that the bias of the meter stays outside.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, vstack

from wenqu.diagnosis.month_states import (
    GROUND,
    RIVER,
    SEWAGE,
    USERS,
    WATERS,
    WET,
    Areas,
    Layout,
    Spread,
    clean_size,
)
from wenqu.diagnosis.state_smoother import Rows

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
LEAST_MIXING = 0.005  # of the flow times the largest end member
MEAN, WAVE, MIXING = range(3)  # what a row is of


@dataclass(frozen=True, slots=True)
class MonthRecord:
    """What the meters of a city read month by month. T months, M meters, K tracers, X forcings."""

    months: npt.NDArray[np.datetime64]  # (T,) datetime64[M]
    mean: Floats  # (T, M) [m³/s] of the dry days, NaN where not read
    mean_sd: Floats  # (T, M) [m³/s] by the scatter of the days
    wave: Floats  # (T, M) [m³/s] mean less night, NaN where not read by the hour
    wave_sd: Floats  # (T, M) [m³/s]
    tracer: Floats  # (T, M, K) weighted by flow, NaN where not read
    tracer_sd: Floats  # (T, M, K)
    forcing: Floats  # (T, X) in units of its own spread, mean 0
    forcing_names: tuple[str, ...]  # (X,)
    member: Floats  # (3, K) groundwater, river water, sewage
    member_sd: Floats  # (3, K) relative

    @property
    def heard(self) -> Mask:
        """Return in which months a meter was read. (T, M)"""
        return np.isfinite(self.mean)

    @property
    def usual(self) -> Floats:
        """Return the middle of each meter's months. (M,) [m³/s]"""
        return _middle(self.mean)

    @property
    def usual_wave(self) -> Floats:
        """Return the middle of each meter's wave. (M,) [m³/s]"""
        return _middle(self.wave)


def _middle(values: Floats) -> Floats:
    known = np.isfinite(values).any(axis=0)
    found = np.zeros(values.shape[1])
    found[known] = np.nanmedian(values[:, known], axis=0)
    return found


def layout_of(record: MonthRecord, areas: int) -> Layout:
    """Return where the states of a record stand."""
    meters, tracers = record.mean.shape[1], record.tracer.shape[2]
    read = np.isfinite(record.tracer).any(axis=0)
    probes = tuple((int(meter), int(tracer)) for meter, tracer in zip(*np.nonzero(read), strict=True))
    return Layout(areas, meters, len(record.forcing_names), probes, tracers)


@dataclass(frozen=True, slots=True)
class MonthRows:
    """The rows of one month before it is said how far months scatter. R rows."""

    design: csr_array  # (R, n)
    value: Floats  # (R,)
    days: Floats  # (R,) sd by the scatter of the days
    usual: Floats  # (R,) what the scatter of months is a share of
    floor: Floats  # (R,) sd that is always there
    meter: Ints  # (R,)
    kind: Ints  # (R,) MEAN, WAVE or MIXING

    def rows(self, spread: Spread, loose: Floats, spoiled: Sequence[tuple[int, int]]) -> tuple[Rows, Ints]:
        """Return the rows with their errors, and which of them they are.

        Parameters
        ----------
        loose
            By how much the errors of each meter are larger. (M,)
        spoiled
            Meter and kind of rows that are left out; with the mean its wave goes too.
        """
        kept = np.ones(len(self.value), dtype=np.bool_)
        design = self.design
        for meter, kind in spoiled:
            kept &= ~((self.meter == meter) & ((self.kind == MIXING) == (kind == MIXING)))
        share = np.where(self.kind == MIXING, spread.tracer, spread.own)
        own = (spread.days * self.days) ** 2 + (share * self.usual) ** 2
        noise = own * loose[self.meter] ** 2 + self.floor**2
        if spoiled:
            design = design[kept]
        return Rows(design, self.value[kept], noise[kept]), np.flatnonzero(kept)


def month_rows(record: MonthRecord, areas: Areas, layout: Layout) -> list[MonthRows]:
    """Return the rows of every month."""
    usual = record.usual, record.usual_wave
    return [_month(record, areas, layout, (month, usual)) for month in range(len(record.months))]


When = tuple[int, tuple[Floats, Floats]]  # the month, the usual means and waves of the meters


def _month(record: MonthRecord, areas: Areas, layout: Layout, when: When) -> MonthRows:
    parts = [
        _means(record, areas, layout, when),
        _waves(record, areas, layout, when),
        *(_mixing(record, areas, layout, when, tracer) for tracer in range(layout.tracers)),
    ]
    design = vstack([part.design for part in parts], format="csr")
    return MonthRows(design, *(np.concatenate([getattr(part, name) for part in parts]) for name in _NAMES))


_NAMES = ("value", "days", "usual", "floor", "meter", "kind")


def _means(record: MonthRecord, areas: Areas, layout: Layout, when: When) -> MonthRows:
    month, usual = when[0], when[1][0]
    at = np.flatnonzero(np.isfinite(record.mean[month]))
    reach = areas.above[at].astype(np.float64)
    design = _waters(record, areas, layout, month, [reach] * WATERS)
    design[np.arange(len(at)), layout.bias.start + at] = usual[at]
    days, floor = record.mean_sd[month, at], np.full(len(at), 1e-9)
    return MonthRows(
        csr_array(design), record.mean[month, at], days, usual[at], floor, at, np.full(len(at), MEAN)
    )


def _waves(record: MonthRecord, areas: Areas, layout: Layout, when: When) -> MonthRows:
    month, usual = when[0], when[1][1]
    at = np.flatnonzero(np.isfinite(record.wave[month]))
    reach = areas.above[at] * (1 - areas.night[at])
    nothing = np.zeros_like(reach)
    design = _waters(record, areas, layout, month, [nothing, nothing, reach])
    design[np.arange(len(at)), layout.bias.start + at] = usual[at]
    design[np.arange(len(at)), layout.wave.start + at] = usual[at]
    days, floor = record.wave_sd[month, at], np.full(len(at), 1e-9)
    return MonthRows(
        csr_array(design), record.wave[month, at], days, usual[at], floor, at, np.full(len(at), WAVE)
    )


def _mixing(record: MonthRecord, areas: Areas, layout: Layout, when: When, tracer: int) -> MonthRows:
    month, usual = when[0], when[1][0]
    value = record.tracer[month, :, tracer]
    at = np.flatnonzero(np.isfinite(value))
    reach = areas.above[at].astype(np.float64)
    member, read = record.member[:, tracer], value[at]
    weights = [(member[water] - read)[:, None] * reach for water in range(WATERS)]
    design = _waters(record, areas, layout, month, weights)
    size = np.maximum(np.abs(member).max() * usual[at], 1e-30)
    number = {pair: place for place, pair in enumerate(layout.probes)}
    probe = np.array([number[int(meter), tracer] for meter in at], dtype=np.int64)
    design[np.arange(len(at)), layout.probe.start + probe] = read * usual[at]
    for water in range(WATERS):
        design[:, layout.member(water, tracer)] = member[water] * (reach @ areas.usual[water])
    days, own = (one * usual[at] / size for one in (record.tracer_sd[month, at, tracer], read))
    floor, kind = np.full(len(at), LEAST_MIXING), np.full(len(at), MIXING)
    design /= size[:, None]
    return MonthRows(csr_array(design), np.zeros(len(at)), days, own, floor, at, kind)


def _waters(
    record: MonthRecord, areas: Areas, layout: Layout, month: int, weights: Sequence[Floats]
) -> Floats:
    """Return rows of all waters by their weights. Forcings move the groundwater, stages the river's water."""
    design = np.zeros((len(weights[0]), layout.size))
    for water in range(WATERS):
        design[:, layout.of(water)] = weights[water]
    for number, name in enumerate(record.forcing_names):
        water = RIVER if name == "river_stage" and areas.mean[RIVER].any() else GROUND
        design[:, layout.answer(number)] = record.forcing[month, number] * weights[water]
    design[:, layout.passing(WET)], design[:, layout.passing(USERS)] = weights[GROUND], weights[SEWAGE]
    design[:, layout.common(WET)] = weights[GROUND] @ clean_size(areas)
    design[:, layout.common(USERS)] = weights[SEWAGE] @ areas.usual[SEWAGE]
    return design
