"""How does something long say how far it is, and how is it called off?

Whoever does long work takes a ``Progress`` and tells it the share that is done, 0 to 1. The progress may
raise ``Cancelled``: every teller therefore stands where an error leaves nothing behind, as inside the
transaction of a change.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from wenqu.errors import Cancelled

Progress = Callable[[float], None]  # told the share that is done, 0 to 1
Item = TypeVar("Item")


def silent(share: float) -> None:
    """Say nothing and never call off."""


def part(progress: Progress, low: float, high: float) -> Progress:
    """Return the progress of one step of a longer work, which takes it from ``low`` to ``high``.

    Examples
    --------
    >>> told = []
    >>> step = part(told.append, 0.5, 0.9)
    >>> step(0.0), step(0.5), step(1.0)
    (None, None, None)
    >>> told
    [0.5, 0.7, 0.9]
    """
    return lambda share: progress(low + (high - low) * share)


def stoppable(progress: Progress, called_off: Callable[[], bool]) -> Progress:
    """Return a progress that calls the work off as soon as ``called_off`` says so.

    Examples
    --------
    >>> import threading
    >>> asked = threading.Event()
    >>> progress = stoppable(silent, asked.is_set)
    >>> progress(0.1)
    >>> asked.set()
    >>> progress(0.2)
    Traceback (most recent call last):
    wenqu.errors.Cancelled: error.cancelled
    """

    def told(share: float) -> None:
        if called_off():
            raise Cancelled
        progress(share)

    return told


def counted(items: Sequence[Item], progress: Progress) -> Iterator[Item]:
    """Yield items and tell after each how many of them are done."""
    progress(0.0)
    for number, item in enumerate(items, start=1):
        yield item
        progress(number / len(items))
