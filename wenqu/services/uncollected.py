"""How does work that makes millions of objects which stay keep Python from looking for cycles in them?

The search for cycles goes through everything that is there, again and again while it grows: a fifth of the
time of an import. What an import makes has no cycles; it goes when nobody holds it any more.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Do some work (also as a decorator) without searches for cycles."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
