"""What does the daily wave of an area's sewage look like when it reaches each meter?

A pipe at distance x from a meter sends its wave there after x / c. The mean of ``p(h - x / c)`` over the
pipes of an area is, harmonic by harmonic, the pattern times one complex number of the area and one of the
meter, so that M meters × A areas cost 13 numbers each and no pipe is visited twice.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
DAY = 86400.0
HOURS = 24


@dataclass(frozen=True, slots=True)
class Ways:
    """How far the sewage of each area is from the end of the network. A areas, M meters."""

    area: Ints  # (n,) area of each pipe
    sewage: Floats  # (n,) weight of each pipe, its expected sewage
    down: Floats  # (n,) [m] from the pipe to the end of its network
    meter_down: Floats  # (M,) [m] from the meter to the end of its network
    above: npt.NDArray[np.bool_]  # (M, A) which areas drain through which meters


def waves(ways: Ways, pattern: Floats, celerity: float) -> Floats:
    """Return the daily wave of one unit of sewage of each area at each meter, 0 where it does not pass.

    Parameters
    ----------
    pattern
        Hourly factors at the source, mean 1. (24,) [-]
    celerity
        Speed of the wave. [m/s]

    Returns
    -------
    Floats
        (M, A, 24) [-], mean over the day 1 where the area drains through the meter.
    """
    areas = ways.above.shape[1]
    turn = -2j * np.pi / (DAY * celerity) * np.arange(HOURS // 2 + 1)
    total = np.bincount(ways.area, weights=ways.sewage, minlength=areas)
    sent = np.ones((areas, len(turn)), dtype=np.complex128)
    for order in range(1, len(turn)):
        phase = np.exp(turn[order] * ways.down) * ways.sewage
        real = np.bincount(ways.area, weights=phase.real, minlength=areas)
        imaginary = np.bincount(ways.area, weights=phase.imag, minlength=areas)
        sent[:, order] = np.where(total > 0, (real + 1j * imaginary) / np.where(total > 0, total, 1.0), 1.0)
    back = np.exp(-np.outer(ways.meter_down, turn))
    spectrum = np.fft.rfft(pattern) * sent[None] * back[:, None]
    found: Floats = np.where(ways.above[:, :, None], np.fft.irfft(spectrum, HOURS, axis=2), 0.0)
    return found
