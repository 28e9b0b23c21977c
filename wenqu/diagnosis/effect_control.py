"""May the control be used? By rules that are known before the works, so that nobody chooses.

The control is asked on the dry days that the meter itself has read after the works, in their order. It is
left out when it has read too few of them or none of many in a row, and then the band without it holds: a
control that stops for good must not make a city wait for ever.
"""

import numpy as np
import numpy.typing as npt

NONE, USED, GAPS, STOPPED, BROKE = "none", "used", "gaps", "stopped", "broke"
HALF = 0.5  # share of the meter's dry days that a control must have read, and of the window it may be silent
WILD = 3.0  # a control that changes by more than this many of its own bands broke


def reading(read: npt.NDArray[np.bool_], wanted: int) -> str:
    """Return whether a control has read enough: used, gaps or stopped.

    Parameters
    ----------
    read
        Of each dry day that the meter has read after the works, whether the control has read it too.
    wanted
        Dry days of the window.

    Examples
    --------
    >>> days = np.ones(30, np.bool_)
    >>> reading(days, 20)
    'used'
    >>> days[12:] = False
    >>> reading(days, 20)
    'stopped'
    """
    enough = np.flatnonzero(np.cumsum(read) >= wanted)
    asked = read[: int(enough[0]) + 1] if len(enough) else read
    if _silent(asked) >= HALF * wanted:
        return STOPPED
    first = read[:wanted]
    if len(first) and first.sum() < HALF * len(first):
        return GAPS
    return USED if len(enough) or len(read) < wanted / HALF else GAPS


def _silent(read: npt.NDArray[np.bool_]) -> int:
    """Return the most days in a row without a reading."""
    ends = np.flatnonzero(np.concatenate([[True], read, [True]]))
    return int(np.diff(ends).max()) - 1
