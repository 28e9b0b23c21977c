"""Which inspection does not count any more, or counts again, and why? It stays on record either way."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """One decision about one inspection; of several the last holds."""

    asset: str
    inspection: str  # its id
    why: str
    who: str
    at: str  # ISO time
    holds: bool = True  # False: it counts again
    asset_type: str = "conduit"
    simulated: bool = False
