"""How does a service say how far it is?"""

from collections.abc import Callable

Progress = Callable[[float], None]  # told the share that is done, 0 to 1


def silent(share: float) -> None:
    """Say nothing."""
