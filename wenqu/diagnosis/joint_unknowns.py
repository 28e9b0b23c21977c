"""What is not known of a city's waters, and what is thought of it before anything is read?

Of each area: sewage that arrives, groundwater, river water; how much the height and the speed of its wave are
off. Of each meter its bias. Of the city: the pattern of its day, the speed of the wave, the answers
of groundwater and river water to a metre of level, the shift of every end member, the error that all bills
have in common (a return ratio that is not this city's); how water divides.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.travelled_waves import ORDERS

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
SEWAGE, GROUND, RIVER, HEIGHT, SPEED = range(5)
WATERS = 3  # of the kinds of an area, the first three are flows
KINDS = 5
CITY_SPEED, FLATTER, ALPHA, BETA, TALLER, RATIO = range(6)
CITY = 6


@dataclass(frozen=True, slots=True)
class Sizes:
    """Standard deviations that no file gives. Relative unless a unit is named."""

    height: float = 0.03  # of the wave of one area
    speed: float = 0.15  # of the logarithm of the celerity of one area
    city_speed: float = 0.25
    flatter: float = 0.1  # of the slowest wave, lost on 10 km; the k-th loses k² times as much
    hour: float = 0.05  # of one hour of the pattern, of the mean
    taller: float = 0.02  # of the height of all waves together; rarely far more (Cauchy)
    ratio: float = 0.03  # of all bills together, rarely far more (Cauchy); no more than half the error of one
    wave: float = 0.002  # of a harmonic at one meter, of its mean sewage
    mean: float = 0.005  # of the mean flow at one meter
    ground_scale: float = 0.8  # of all groundwater together
    ground_area: float = 1.0
    river_area: float = 3.0
    answer: float = 0.8  # of log α and log β
    answer_area: float = 0.3  # scatter of α and β between areas
    local: float = 0.08  # scatter of end members between areas
    tracer: float = 0.08  # systematic error of a probe or laboratory
    span: float = 0.12  # of the span of the end members: neither of the two above is larger
    isotope: float = 0.04  # of the span: both for an isotope, whose value says nothing of its error
    freedom: float = 1.0  # of the Student-t of rare things


@dataclass(frozen=True, slots=True)
class Expected:
    """What is thought before any reading. A areas, M meters, K tracers."""

    made: Floats  # (A,) [m³/s] sewage by the bills
    made_cv: Floats  # (A,) [-] their error
    ground: Floats  # (A,) [m³/s]
    river: Floats  # (A,) [m³/s]
    bias: Floats  # (M,) [-] sd of each meter's systematic error
    member: Floats  # (3, K) end members of sewage, groundwater, river water
    member_sd: Floats  # (3, K)
    ground_answer: float  # [1/m] α
    river_answer: float  # [1/m] β
    more: Floats = field(default_factory=lambda: np.empty(0))  # (X,) splits and tanks, as in CellGraph
    more_sd: Floats = field(default_factory=lambda: np.empty(0))  # (X,)
    isotopes: frozenset[int] = frozenset()  # tracers whose zero means nothing: errors go by the span


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each unknown stands."""

    areas: int
    meters: int
    tracers: int
    unsure: int = 0  # splits and tanks

    @property
    def size(self) -> int:
        """Return the number of unknowns."""
        return self._members + 3 * self.tracers + self.unsure

    @property
    def more(self) -> slice:
        """Return the splits and tanks."""
        return slice(self.size - self.unsure, self.size)

    @property
    def _members(self) -> int:
        return KINDS * self.areas + self.meters + 2 * (ORDERS - 1) + CITY

    def of(self, kind: int) -> slice:
        """Return the unknowns of one kind in all areas."""
        return slice(kind * self.areas, (kind + 1) * self.areas)

    @property
    def bias(self) -> slice:
        """Return the biases of all meters."""
        start = KINDS * self.areas
        return slice(start, start + self.meters)

    @property
    def pattern(self) -> slice:
        """Return the errors of the waves of the pattern: real parts, then imaginary parts, of each order."""
        start = KINDS * self.areas + self.meters
        return slice(start, start + 2 * (ORDERS - 1))

    def city(self, what: int) -> int:
        """Return an unknown of the whole city."""
        return KINDS * self.areas + self.meters + 2 * (ORDERS - 1) + what

    def member(self, water: int, tracer: int) -> int:
        """Return the shift of an end member."""
        return self._members + water * self.tracers + tracer


@dataclass(frozen=True, slots=True)
class Prior:
    """Normal density of all unknowns but for what is rare, and sewage (``arriving_sewage``). N unknowns."""

    mean: Floats  # (N,)
    sd: Floats  # (N,)
    precision: Floats  # (N, N)
    floor: float  # [m⁶/s²] least variance of a flow


def common_error(expected: Expected, sizes: Sizes) -> float:
    """Return the error that all bills have in common. [-]"""
    whole = max(float(expected.made.sum()), 1e-30)
    return max(min(sizes.ratio, 0.5 * float(expected.made @ expected.made_cv) / whole), 1e-4)


def prior(expected: Expected, layout: Layout, sizes: Sizes, pattern: npt.NDArray[np.complex128]) -> Prior:
    """Return what is thought of the unknowns; all groundwater has one more factor in common."""
    mean, sd = np.zeros(layout.size), np.zeros(layout.size)
    mean[layout.of(SEWAGE)], sd[layout.of(SEWAGE)] = expected.made, expected.made_cv * expected.made
    mean[layout.of(GROUND)], sd[layout.of(GROUND)] = expected.ground, sizes.ground_area * expected.ground
    mean[layout.of(RIVER)], sd[layout.of(RIVER)] = expected.river, sizes.river_area * expected.river
    sd[layout.of(HEIGHT)], sd[layout.of(SPEED)] = sizes.height, sizes.speed
    sd[layout.bias] = np.maximum(expected.bias, 1e-4)
    # the error of one hour is spread evenly over all waves
    waves = sizes.hour / np.sqrt(48.0) / np.maximum(np.abs(pattern[1:]), 0.01)
    sd[layout.pattern] = np.tile(np.minimum(waves, 1.0), 2)
    sd[layout.city(CITY_SPEED)], sd[layout.city(FLATTER)] = sizes.city_speed, sizes.flatter
    sd[layout.city(TALLER)] = sizes.taller
    sd[layout.city(RATIO)] = common_error(expected, sizes)
    for place, answer in ((ALPHA, expected.ground_answer), (BETA, expected.river_answer)):
        mean[layout.city(place)], sd[layout.city(place)] = np.log(answer), sizes.answer
    if layout.tracers:
        sd[layout.member(0, 0) : layout.more.start] = np.maximum(expected.member_sd, 1e-9).ravel()
    mean[layout.more], sd[layout.more] = expected.more, expected.more_sd
    flows = slice(0, WATERS * layout.areas)
    floor = 1e-8 * float(expected.made.mean() + expected.ground.mean()) ** 2 + 1e-30
    sd[flows] = np.sqrt(np.maximum(sd[flows] ** 2, floor))
    precision = np.diag(sd**-2.0)
    ground = layout.of(GROUND)
    pulled = expected.ground / sd[ground] ** 2 * sizes.ground_scale
    size = float(pulled @ expected.ground) * sizes.ground_scale
    precision[ground, ground] -= np.outer(pulled, pulled) / (1 + size)
    return Prior(mean, sd, precision, floor)
