"""Which states does a city have month by month, and how do they drift?

Of each area between meters: groundwater, river water, sewage; what its clean water answers to each forcing
(levels, old rain, season); what of its clean water and of its sewage comes and goes within months. Of each
meter: its bias and the error of its wave. Of each probe: its shift. Of the city: a wetness that all clean
water has in common, and a season of its users.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.state_smoother import Drift

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
GROUND, RIVER, SEWAGE = range(3)
WATERS = 3
BIAS, PROBE = 3, 4
STEP_KINDS = ("groundwater", "river", "sewage", "meter", "probe")  # what can jump, by the numbers above
WET, USERS = range(2)
METER_DRIFT = 0.002  # [-] a month, of a meter's bias
PROBE_DRIFT = 0.003  # [-] a month, of a probe's shift
SEWAGE_DRIFT = 0.5  # of the drift of clean water
WAVE_ERROR = 0.1  # [-] of a meter's wave: the pattern is not known
ANSWER = 0.3  # [-] of its clean water, by which an area answers to one sd of a forcing
KEEP_WET, KEEP_USERS = 0.85, 0.4  # by which the common wetness and season remember
KEEP_AREA = 0.7  # by which what comes and goes in one area remembers
USERS_SPREAD = 0.06  # [-] of the season of the users
EXCHANGED = 2  # months without a reading after which a meter may be another
LEAST_CLEAN = 0.1  # of the sewage: the least size of clean water by which its drift is told


@dataclass(frozen=True, slots=True)
class Areas:
    """What is expected of the areas, and which meters are below them. A areas, M meters."""

    above: Mask  # (M, A) whether an area drains through a meter
    mean: Floats  # (3, A) groundwater, river water, sewage expected [m³/s]
    covariance: Floats  # (3, A, A) of each water [m⁶/s²]
    night: Floats  # (M, A) [-] night flow over mean flow of the sewage of an area at a meter
    bias: Floats  # (M,) [-] sd of a meter's systematic error
    size: Floats | None = None  # (3, A) what the record itself says of the waters, once it was asked [m³/s]

    @property
    def usual(self) -> Floats:
        """Return the usual size of each water: what common factors and shares are of. (3, A) [m³/s]"""
        return self.mean if self.size is None else self.size


@dataclass(frozen=True, slots=True)
class Spread:
    """What is learnt from the record. Shares of the clean water (own: of the flow)."""

    drift: float = 0.015  # of an area, a month
    common: float = 0.1  # of the whole city
    area: float = 0.05  # of the clean water of one area that comes and goes
    users: float = 0.02  # of the sewage of one area that comes and goes
    own: float = 0.01  # of one month at one meter
    tracer: float = 0.05  # of one month of a tracer: sewage itself is not the same every month
    days: float = 1.0  # factor of the error that the scatter of the days gives


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each state stands. A areas, M meters, X forcings, probes (meter, tracer), K tracers."""

    areas: int
    meters: int
    forcings: int
    probes: tuple[tuple[int, int], ...]
    tracers: int

    def of(self, water: int) -> slice:
        """Return the states of one water in all areas."""
        return slice(water * self.areas, (water + 1) * self.areas)

    def passing(self, what: int) -> slice:
        """Return what comes and goes in all areas, of clean water (WET) or of sewage (USERS)."""
        return self.of(WATERS + what)

    def answer(self, forcing: int) -> slice:
        """Return the answers of all areas to one forcing."""
        return self.of(WATERS + 2 + forcing)

    @property
    def bias(self) -> slice:
        """Return the biases of the meters."""
        return slice(self._meters, self._meters + self.meters)

    @property
    def wave(self) -> slice:
        """Return the errors of the meters' waves."""
        return slice(self._meters + self.meters, self._probes)

    @property
    def probe(self) -> slice:
        """Return the shifts of the probes."""
        return slice(self._probes, self._city)

    @property
    def _meters(self) -> int:
        return (WATERS + 2 + self.forcings) * self.areas

    @property
    def _probes(self) -> int:
        return self._meters + 2 * self.meters

    @property
    def _city(self) -> int:
        return self._probes + len(self.probes)

    def common(self, what: int) -> int:
        """Return a state of the whole city."""
        return self._city + what

    def member(self, water: int, tracer: int) -> int:
        """Return the shift of an end member."""
        return self._city + 2 + water * self.tracers + tracer

    @property
    def size(self) -> int:
        """Return the number of states."""
        return self._city + 2 + WATERS * self.tracers


def clean_size(areas: Areas) -> Floats:
    """Return by what the clean water of each area is measured. (A,) [m³/s]"""
    clean = areas.usual[GROUND] + areas.usual[RIVER]
    least = 1e-3 * float(areas.mean.sum()) + 1e-12
    found: Floats = np.maximum(np.maximum(clean, LEAST_CLEAN * areas.usual[SEWAGE]), least)
    return found


def drift_of(areas: Areas, layout: Layout, spread: Spread, heard: Mask, member_sd: Floats) -> Drift:
    """Return what is thought of the states before the readings.

    Parameters
    ----------
    heard
        Whether a meter was read in a month: after a gap it may be another meter. (T, M)
    member_sd
        Relative error of each end member. (3, K)
    """
    months, clean = len(heard), clean_size(areas)
    mean, covariance = np.zeros(layout.size), np.zeros((layout.size, layout.size))
    added, keep = np.zeros((months, layout.size)), np.ones(layout.size)
    for water in range(WATERS):
        mean[layout.of(water)] = areas.mean[water]
        covariance[layout.of(water), layout.of(water)] = areas.covariance[water]
    sewage = np.maximum(areas.usual[SEWAGE], 0.1 * clean)
    share = areas.mean[: RIVER + 1] / np.maximum(areas.mean[: RIVER + 1].sum(axis=0), 1e-30)
    added[1:, layout.of(GROUND)] = share[GROUND] * (spread.drift * clean) ** 2
    added[1:, layout.of(RIVER)] = share[RIVER] * (spread.drift * clean) ** 2
    added[1:, layout.of(SEWAGE)] = (SEWAGE_DRIFT * spread.drift * sewage) ** 2
    variance = np.zeros(layout.size)
    for forcing in range(layout.forcings):
        variance[layout.answer(forcing)] = (ANSWER * clean) ** 2
    variance[layout.bias], variance[layout.wave] = areas.bias**2, WAVE_ERROR**2
    variance[layout.probe] = 0.08**2
    added[1:, layout.bias], added[1:, layout.probe] = METER_DRIFT**2, PROBE_DRIFT**2
    for meter in range(layout.meters):
        for month in _returns(heard[:, meter]):
            added[month, layout.bias.start + meter] += areas.bias[meter] ** 2
    for what, part in ((WET, spread.area * clean), (USERS, spread.users * sewage)):
        at = layout.passing(what)
        keep[at], variance[at] = KEEP_AREA, part**2
        added[1:, at] = part**2 * (1 - KEEP_AREA**2)
    for place, keeps, sd in ((WET, KEEP_WET, spread.common), (USERS, KEEP_USERS, USERS_SPREAD)):
        one = layout.common(place)
        keep[one], variance[one] = keeps, sd**2
        added[1:, one] = sd**2 * (1 - keeps**2)
    for water in range(WATERS):
        for tracer in range(layout.tracers):
            variance[layout.member(water, tracer)] = member_sd[water, tracer] ** 2
    covariance[np.diag_indices(layout.size)] += variance
    return Drift(mean, covariance, keep, added)


def _returns(heard: Mask) -> list[int]:
    """Return the months in which a meter is read again after a gap."""
    there = np.flatnonzero(heard)
    return [int(month) for month in there[1:][np.diff(there) > EXCHANGED]]
