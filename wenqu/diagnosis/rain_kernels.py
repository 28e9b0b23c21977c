"""How does a sewer answer to one unit of rain? Triangles of a unit hydrograph and exponential memories.

Every kernel has the volume 1, so that its coefficient is the area whose whole rain would arrive. [m²]
"""

import numpy as np
import numpy.typing as npt
from scipy.signal import fftconvolve, lfilter

Floats = npt.NDArray[np.float64]
MEMORIES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 2400.0)  # [h]


def triangle(peak: float, recession: float, step: float) -> Floats:
    """Return a triangular unit hydrograph as means over steps; they add up to 1.

    It rises to the time to peak T and falls until T·(1 + K): what EPA SWMM calls the unit hydrograph of RDII.

    Parameters
    ----------
    peak
        T. [s]
    recession
        K. [-]
    step
        Width of the grid. [s]

    References
    ----------
    EPA SWMM 5.2, rdii.c; there the ordinate in the middle of a step stands for the mean over it.
    """
    base = peak * (1.0 + recession)
    edge = np.arange(int(np.ceil(base / step - 1e-9)) + 1) * step
    rising = edge**2 / (peak * base)
    falling = 1.0 - (base - np.minimum(edge, base)) ** 2 / (base * (base - peak))
    grown = np.where(edge <= peak, rising, falling)
    return np.asarray(np.diff(grown), dtype=np.float64)


def answered_by_triangle(rain: Floats, peak: float, recession: float, step: float) -> Floats:
    """Return what arrives of rain through a triangle. (T,) [m/s]"""
    shape = triangle(peak, recession, step)
    made = fftconvolve(rain, shape)[: len(rain)] if len(shape) > 1 else rain * shape[0]
    return np.asarray(np.maximum(made, 0.0), dtype=np.float64)


def answered_by_memory(rain: Floats, hours: float, step: float) -> Floats:
    """Return what arrives of rain through an exponential memory. (T,) [m/s]"""
    keep = float(np.exp(-step / (hours * 3600.0)))
    return np.asarray(lfilter([1.0 - keep], [1.0, -keep], rain), dtype=np.float64)


def memories(rain: Floats, step: float, longest: float) -> tuple[Floats, Floats]:
    """Return the memories that a record of a length can tell, and what arrives through each.

    Parameters
    ----------
    longest
        Longest memory. [s]

    Returns
    -------
    hours
        (k,) [h]
    arrived
        (k, T) [m/s]
    """
    fit = [one for one in MEMORIES if step / 3600.0 / 2 <= one <= longest / 3600.0] or [MEMORIES[1]]
    return np.array(fit), np.stack([answered_by_memory(rain, one, step) for one in fit])


def later(arrived: Floats, steps: int) -> Floats:
    """Return what arrives some steps later, or earlier where they are negative. (k, T)"""
    if not steps:
        return arrived
    moved = np.zeros_like(arrived)
    if steps > 0:
        moved[:, steps:] = arrived[:, :-steps]
    else:
        moved[:, :steps] = arrived[:, -steps:]
    return moved
