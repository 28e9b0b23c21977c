"""Which step of a lot is known to be late, and until when?"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LotDelay:
    """A step that is not over before a day. The last statement about a step of a lot stands."""

    id: str
    programme: str  # id of the programme that the lot was cut from
    lot: str
    step: str
    until: str  # ISO date of its last day at the earliest; "" takes the delay back
    reason: str
    district: str = ""
    simulated: bool = False
