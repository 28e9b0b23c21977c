"""Which pipes is a percentage a share of? A list that was frozen, with who, when and why."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Frozen:
    """One version of the denominator of one indicator; the list itself is a signed document."""

    key: str  # indicator: surveyed (the sewage network), repaired (the problem network)
    version: int  # 1, 2, 3 … of this indicator
    as_of: str  # ISO date of the network that was listed
    network: int  # number of the change that the list was made at
    count: int
    length_mm: int
    digest: str  # SHA-256 of the list
    document: str  # name of the signed document in the store
    reason: str
    by: str
    at: str  # ISO time
    signer: str  # thumbprint of the key
    before: str = ""  # digest of the version that it takes the place of
    edition: str = ""  # rule that says which pipes belong into it
    simulated: bool = False
