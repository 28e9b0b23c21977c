"""Somebody else edited the city between a look and a decision: is it looked at once more, and done then?"""

from collections.abc import Callable
from typing import TypeVar

from wenqu.errors import Refused

Made = TypeVar("Made")
STALE = "queue-stale"
TRIES = 5


def once_more(do: Callable[[], Made]) -> Made:
    """Do something, again where it is refused because the city has just changed.

    Raises
    ------
    Refused
        The city changes quicker than it can be judged (``queue-stale``), or as ``do`` says.
    """
    for _ in range(TRIES - 1):
        try:
            return do()
        except Refused as refused:
            if refused.reason != STALE:
                raise
    return do()
