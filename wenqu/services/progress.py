"""How does a service say how far it is? As everything else does: see ``wenqu.progress``."""

from wenqu.progress import Progress, counted, part, silent, stoppable

__all__ = ["Progress", "counted", "part", "silent", "stoppable"]
