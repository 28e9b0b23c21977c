"""Where and when was something let into the sewer that sensors below have seen?

An exact grid over place and start. What enters at a place arrives at a sensor below it after the travel time,
spread out, and thinned by the flow there; sensors that are not below the place see nothing of it, and that
counts too. The amounts let in during three spells after the start are not searched for: with a normal prior
they are integrated out, so each cell of the grid has its likelihood in closed form and nothing can be stuck
in a wrong optimum. A common error of the celerity and how fast a pulse spreads are summed over.

What no simple model of a sewer explains stays for many readings and is alike at several sensors, so the
readings say less than as many independent ones would: the log likelihood is multiplied by ``TEMPER``. It was
chosen on generated discharges, so that a region of 90 % holds the place in at least 90 of 100 cases; the
benchmark judges it on others.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numba
import numpy as np
import numpy.typing as npt
from scipy.special import erf

from wenqu.diagnosis.search_tree import BLIND, SearchTree
from wenqu.errors import BadInput, NotEnoughData

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
SPELLS = 3  # of equal length after the start
ALIKE = 0.6  # correlation of the amounts of two spells
MISFIT = 0.05  # [-] of the largest departure: what no simple model of a sewer explains
FINE = 300.0  # [s] between two readings, from which on …
COARSE = 0.5  # [-] … more of it is left unexplained, at most so much
FACTORS = np.linspace(0.84, 1.16, 9)  # celerity against what was assumed
SPREADS = (0.4, 1.0, 2.5)  # how fast a pulse spreads against what was assumed
TEMPER = 0.6  # [-] worth of a reading against an independent one


@dataclass(frozen=True, slots=True)
class Signal:
    """How one quantity at one sensor departs from what it is at that hour without a discharge."""

    place: int  # of the search tree
    quantity: str  # the amounts of two quantities are independent
    departure: Floats  # (T,) at equal steps; NaN for a gap
    flow: float  # [m³/s] at the sensor
    noise: float  # 1 sd of a reading, in the unit of the departure
    amount: float  # prior sd of what one spell brings, unit × m³


@dataclass(frozen=True, slots=True)
class Wave:
    """How water travels, on the whole way down."""

    celerity: float = 0.6  # [m/s]
    spread: float = 60.0  # [s] variance of the arrival per time of travel
    spell: float = 1200.0  # [s]


@dataclass(frozen=True, slots=True)
class Trace:
    """Place and start of a discharge."""

    mass: Floats  # (N,) how likely each place is
    start: Ints  # (N,) likeliest step at which it began, had it been there
    celerity: float  # [-] factor that fits best
    evidence: float  # ln of how much better one discharge explains the readings than none


def trace_discharge(
    tree: SearchTree,
    signals: Sequence[Signal],
    step: float,
    *,
    wave: Wave | None = None,
    prior: Floats | None = None,
) -> Trace:
    """Return how likely a discharge came from each place.

    Parameters
    ----------
    tree
        Places; what enters a place's pipe counts as entering at its upper end.
    signals
        Departures at sensors, all on the same time steps.
    step
        Time between two readings. [s]
    wave
        Travel.
    prior
        Weight of each place, such as its permitted users with the substance; length when left out. (N,)

    Raises
    ------
    BadInput
        Signals of different length, or a flow, noise or amount that is not positive.
    NotEnoughData
        No signal, or no place can hold a source.
    """
    used = wave or Wave()
    weight = np.where(tree.length > BLIND, tree.length if prior is None else prior, 0.0)
    _check(signals, weight)
    steps = len(signals[0].departure)
    way = depths(tree)
    deepest = float((way + tree.step).max()) / used.celerity / FACTORS[0]
    bins = min(int(np.ceil(deepest / step)) + 1, steps)
    spell = max(round(used.spell / step), 1)
    total = np.full((len(weight), steps), -np.inf)  # summed over celerity and spread as it goes
    by_factor = np.full(len(FACTORS), -np.inf)
    for spread in SPREADS:
        wave_ = replace(used, spread=used.spread * spread)
        terms = _terms(signals, (bins, steps, step), wave_)
        for row, factor in enumerate(FACTORS):
            log = np.zeros((len(weight), steps))
            slow = step * used.celerity * factor
            for places, fits, overlap, precision, inverse in terms:
                _evidence(log, places, tree.last, way, weight, fits, overlap, precision, inverse, slow, spell)
            tops, sums = _gather(total, log, weight)
            by_factor[row] = np.logaddexp(by_factor[row], _log_sum(tops, sums, weight))
    return _traced(total, weight, float(FACTORS[int(by_factor.argmax())]))


def _log_sum(tops: Floats, sums: Floats, weight: Floats) -> float:
    """Return the logarithm of the sum over places, by their weight, of what ``_gather`` says of each."""
    there = weight > 0
    top = float(tops[there].max())
    return top + float(np.log((weight[there] * sums[there] * np.exp(tops[there] - top)).sum()))


def _terms(
    signals: Sequence[Signal], clock: tuple[int, int, float], wave: Wave
) -> list[tuple[Ints, Floats, Floats, Floats, Floats]]:
    """Return by quantity the places of its sensors, their fits, the overlaps, precisions and the prior."""
    bins, steps, step = clock
    spell = max(round(wave.spell / step), 1)
    kernels = _kernels(bins, steps, step, wave)
    overlap = np.stack([_overlaps(kernels, lag * spell) for lag in range(SPELLS)])  # (B, K)
    misfit = np.hypot(MISFIT, COARSE * np.clip((step - FINE) / 1200.0, 0.0, 1.0))
    found = []
    for quantity in dict.fromkeys(one.quantity for one in signals):
        some = [one for one in signals if one.quantity == quantity]
        noise = np.array([np.hypot(one.noise, misfit * np.nanmax(np.abs(one.departure))) for one in some])
        flows = np.array([one.flow for one in some])
        fits = np.stack([
            _fits(np.nan_to_num(one.departure), kernels) / (own**2 * one.flow)
            for one, own in zip(some, noise, strict=True)
        ])  # fmt: skip
        amount = max(one.amount for one in some) ** 2
        inverse: Floats = np.linalg.inv(amount * (ALIKE + (1 - ALIKE) * np.eye(SPELLS))).astype(np.float64)
        at = np.array([one.place for one in some], dtype=np.int64)
        found.append((at, fits, overlap, 1 / (noise * flows) ** 2, inverse))
    return found


def _check(signals: Sequence[Signal], weight: Floats) -> None:
    if not signals or not weight.sum() > 0:
        raise NotEnoughData("discharge-trace", signals=len(signals))
    lengths = {len(one.departure) for one in signals}
    bad = [one.quantity for one in signals if not min(one.flow, one.noise, one.amount) > 0]
    if len(lengths) > 1 or bad:
        raise BadInput("discharge-trace", lengths=", ".join(map(str, sorted(lengths))), bad=", ".join(bad))


def depths(tree: SearchTree) -> Floats:
    """Return the way from each place to the end of its network. (N,) [m]"""
    found = np.zeros(len(tree.parent))
    for place, below in enumerate(tree.parent.tolist()):
        if below >= 0:
            found[place] = found[below] + tree.step[place]
    return found


def _kernels(bins: int, steps: int, step: float, wave: Wave) -> Floats:
    """Return what one unit let in during a spell brings at each later step, by travel time in steps. (K, T)

    A normal arrival laid over the spell, per cubic metre a second of flow: flux / flow is the departure.
    """
    travel = np.arange(bins)[:, None] * step
    sd = np.sqrt(wave.spread * travel + (0.02 * travel) ** 2 + (0.3 * step) ** 2)
    edges: Floats = ((np.arange(steps + 1)[None, :] - 0.5) * step).astype(np.float64)

    def arrived(times: Floats) -> Floats:
        """Return the integral of the share that has arrived up to each time."""
        reduced = (times - travel) / sd
        share = 0.5 * (1 + erf(reduced / np.sqrt(2)))
        bell = np.exp(-0.5 * reduced**2) / np.sqrt(2 * np.pi)
        found: Floats = (times - travel) * share + sd * bell
        return found

    whole = (arrived(edges) - arrived(edges - wave.spell)) / wave.spell
    found: Floats = np.maximum(np.diff(whole, axis=1), 0.0) / step
    return found


def _overlaps(kernels: Floats, lag: int) -> Floats:
    if lag >= kernels.shape[1]:
        return np.zeros(len(kernels))
    found: Floats = (kernels[:, lag:] * kernels[:, : kernels.shape[1] - lag]).sum(axis=1)
    return found


def _fits(departure: Floats, kernels: Floats) -> Floats:
    """Return the sum of departure times arrival for every travel time and start. (K, T)"""
    size = 2 * len(departure)
    seen = np.fft.rfft(departure, size)
    found: Floats = np.fft.irfft(seen[None] * np.conj(np.fft.rfft(kernels, size, axis=1)), size, axis=1)
    return np.ascontiguousarray(found[:, : len(departure)])


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _travels(
    place: int, places: Ints, last: Ints, way: Floats, slow: float, bins: int
) -> tuple[Ints, int]:  # fmt: skip
    """Return the travel time to each sensor in steps, -1 where it sees nothing, and how many see it."""
    found = np.full(len(places), -1, np.int64)
    count = 0
    for number, sensor in enumerate(places):
        travel = np.int64(np.round((way[place] - way[sensor]) / slow))
        if sensor < place < last[sensor] and 0 <= travel < bins:
            found[number] = travel
            count += 1
    return found, count


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _square(travels: Ints, overlap: Floats, precision: Floats) -> Floats:
    """Return what the sensors together would tell of each pair of spells. (B, B)"""
    found = np.zeros((len(overlap), len(overlap)))
    for number, travel in enumerate(travels):
        if travel >= 0:
            for one in range(len(overlap)):
                for two in range(len(overlap)):
                    found[one, two] += precision[number] * overlap[abs(one - two), travel]
    return found


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _fitted(travels: Ints, fits: Floats, spells: int, spell: int) -> Floats:
    """Return how well what the sensors saw fits each spell after each start. (B, T)"""
    steps = fits.shape[2]
    found = np.zeros((spells, steps))
    for number, travel in enumerate(travels):
        if travel >= 0:
            for one in range(spells):
                shift = one * spell
                for start in range(steps - shift):  # along the row: what lies together is read together
                    found[one, start] += fits[number, travel, start + shift]
    return found


@numba.njit(cache=True, parallel=True)  # type: ignore[untyped-decorator]
def _evidence(  # noqa: PLR0913, PLR0917 - a compiled loop takes arrays, not objects
    log: Floats, places: Ints, last: Ints, way: Floats, weight: Floats, fits: Floats, overlap: Floats,
    precision: Floats, inverse: Floats, slow: float, spell: int,
) -> None:  # fmt: skip
    """Add the log evidence of one quantity for every place and start; ``slow`` is metres a step."""
    spells, prior = len(overlap), np.linalg.det(inverse)
    for place in numba.prange(len(log)):
        if weight[place] <= 0:
            continue
        travels, count = _travels(place, places, last, way, slow, fits.shape[1])
        if count == 0:
            continue
        whole = inverse + _square(travels, overlap, precision)
        held = np.linalg.inv(whole)
        shrink = -0.5 * np.log(np.linalg.det(whole) / prior)
        fit = _fitted(travels, fits, spells, spell)
        for start in range(log.shape[1]):
            told = 0.0
            for one in range(spells):
                for two in range(spells):
                    told += fit[one, start] * held[one, two] * fit[two, start]
            log[place, start] += shrink + 0.5 * told


@numba.njit(cache=True, parallel=True)  # type: ignore[untyped-decorator]
def _gather(total: Floats, log: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Add the tempered evidence to the sum; return its top at each place, and the sum over its starts."""
    tops, sums = np.full(len(log), -np.inf), np.zeros(len(log))
    for place in numba.prange(len(log)):
        if weight[place] <= 0:
            continue
        top = log[place, 0]
        for start in range(log.shape[1]):
            top = max(top, log[place, start])
        tops[place] = TEMPER * top
        for start in range(log.shape[1]):
            new, old = TEMPER * log[place, start], total[place, start]
            sums[place] += np.exp(new - tops[place])
            high, low = max(new, old), min(new, old)
            total[place, start] = high + np.log1p(np.exp(low - high))
    return tops, sums


def _traced(log: Floats, weight: Floats, factor: float) -> Trace:
    there = weight > 0
    share = weight / weight.sum()
    with np.errstate(divide="ignore"):
        log = log + np.log(share)[:, None]
    top = float(log[there].max())
    cells = np.exp(log - top)
    by_place = cells.sum(axis=1)
    whole = float(by_place.sum())
    return Trace(
        by_place / whole,
        cells.argmax(axis=1).astype(np.int64),
        factor,
        top + float(np.log(whole / len(FACTORS) / len(SPREADS) / log.shape[1])),
    )
