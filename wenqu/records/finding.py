"""What a method found at an asset, with everything needed to check it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of one method: a value with its interval, and from what it was made."""

    asset_type: str
    asset: str
    method: str  # key of the method's card
    quantity: str  # what the value is: extraneous, sewage, share, missing, grade, …
    value: float  # SI
    low: float  # 5 % bound, SI; NaN when the method has no interval
    high: float  # 95 % bound, SI
    unit: str  # SI unit
    since: str = ""  # ISO time: the period it speaks of
    until: str = ""
    inputs: tuple[str, ...] = ()  # what it was made from: series, records, tables with edition
    notes: tuple[str, ...] = ()  # message keys of warnings that belong to the value
    version: str = ""
    by: str = ""
    at: str = ""  # ISO time of the run
    simulated: bool = False
    facts: dict[str, float | str] = field(default_factory=dict)  # method's own numbers, SI
