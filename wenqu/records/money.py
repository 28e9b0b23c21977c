"""Which money is there, for what was it promised, and what was paid? Nothing here is ever changed.

Amounts are whole fen (1/100 yuan), so that no sum drifts. What was wrong is corrected by a counter-entry,
which names the statement that counts no more and says why.
"""

from dataclasses import dataclass

SOURCES = (
    "special_fund",
    "sewage_charge",
    "bond",
    "subsidy",
    "other",
)  # 专项资金、污水处理费、债券、补助、其他
PURPOSES = ("renewal", "new_sewer", "survey", "design", "supervision", "operation")
ADVANCE, PROGRESS, RETENTION, REFUND = "advance", "progress", "retention", "refund"
PAYMENT_KINDS = (ADVANCE, PROGRESS, RETENTION, REFUND)
CHANGE, SETTLEMENT = "change", "settlement"
VARIATION_KINDS = (CHANGE, SETTLEMENT)
APPROVED, REJECTED = "approved", "rejected"


@dataclass(frozen=True, slots=True)
class Fund:
    """Money that was set aside by one document."""

    id: str
    source: str  # one of SOURCES
    name: str
    year: int  # of the budget
    amount: int  # [fen]
    document: str  # number of the document that grants it
    date: str  # ISO date from which it can be drawn on
    district: str = ""  # "" for the whole city
    uses: tuple[str, ...] = ()  # purposes that the document narrows it to; none named: as its source allows
    files: tuple[str, ...] = ()
    note: str = ""
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """What a contract asks for one metre of a method, for pipes of some diameters."""

    method: str  # row of the price catalogue, or the city's own word
    price: int  # [fen/m]
    above: float = 0.0  # [m] diameters larger than this
    up_to: float = float("inf")  # [m] and no larger than this

    def fits(self, method: str, diameter: float) -> bool:
        """Tell whether it is the price of a pipe; one of unknown diameter fits the price for all."""
        everything = self.above <= 0 and self.up_to == float("inf")
        return self.method == method and (everything or self.above < diameter <= self.up_to)


@dataclass(frozen=True, slots=True)
class Funding:
    """What part of a contract a fund is meant to pay."""

    fund: str
    amount: int  # [fen]


@dataclass(frozen=True, slots=True)
class Contract:
    """What was agreed with one body about one lot."""

    id: str
    number: str  # of the paper
    project: str
    lot: str
    contractor: str
    purpose: str  # one of PURPOSES
    price: int  # [fen] all of it, taxes included
    signed: str  # ISO date
    begins: str  # ISO date
    ends: str  # ISO date
    prices: tuple[UnitPrice, ...] = ()
    advance: float = 0.0  # [-] of the price that may be paid before a metre is accepted
    recovered: float = 1.0  # [-] share of the works by whose acceptance the advance is worked off
    progress: float = 1.0  # [-] of what is accepted that may be paid before the settlement
    retention: float = 0.0  # [-] kept back until the defects period is over
    defect_days: int = 0  # [d] after the last acceptance
    funding: tuple[Funding, ...] = ()
    files: tuple[str, ...] = ()
    note: str = ""
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class Variation:
    """A change of what a contract costs, or its settlement."""

    id: str
    contract: str
    kind: str  # CHANGE or SETTLEMENT
    amount: int  # [fen] more, or less when negative
    date: str
    reason: str
    by: str  # account that filed it
    needs_approval: bool = False  # by the rule of the day it was filed on
    document: str = ""
    files: tuple[str, ...] = ()
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class Approval:
    """The word on a variation that needs one. The last stands."""

    id: str
    variation: str
    verdict: str  # APPROVED or REJECTED
    date: str
    by: str  # account
    body: str  # that decided
    document: str
    reason: str = ""
    files: tuple[str, ...] = ()
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that went to a contractor, or came back from one."""

    id: str
    contract: str
    fund: str
    kind: str  # one of PAYMENT_KINDS; REFUND came back
    amount: int  # [fen] never negative
    date: str
    pipes: tuple[str, ...] = ()  # accepted pipes that it was paid for
    document: str = ""  # invoice or voucher
    files: tuple[str, ...] = ()
    note: str = ""
    simulated: bool = False

    @property
    def paid(self) -> int:
        """Return what left the fund. [fen]"""
        return -self.amount if self.kind == REFUND else self.amount


@dataclass(frozen=True, slots=True)
class CounterEntry:
    """A statement that counts no more from a day on, and why."""

    id: str
    kind: str  # fund, contract, variation, payment
    entry: str  # its id
    date: str
    reason: str
    by: str
    document: str = ""
    files: tuple[str, ...] = ()
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class MoneyRule:
    """A city's own value of a rule of money. The last of a name stands."""

    id: str
    rule: str
    value: float | None  # None takes it back
    reason: str
    by: str
    simulated: bool = False

    @property
    def gone(self) -> bool:
        """Tell whether it takes the city's own value back."""
        return self.value is None


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row of an imported file that could not be filed, kept until somebody decides. The last stands."""

    id: str
    table: str  # contracts, payments …
    file: str
    row: int
    cells: tuple[tuple[str, str], ...]  # heading and content as they came
    code: str  # of the sentence that refuses it
    zh: str  # that sentence
    en: str
    district: str = ""  # of its project, where it named one that is known
    state: str = "waiting"  # waiting, filed, dropped
    by: str = ""
    why: str = ""
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class PriceDecision:
    """A proposed price was taken into the price table, or not."""

    id: str
    method: str
    verdict: str  # APPROVED or REJECTED
    factor: float  # [-] of the table's price
    low: float
    high: float
    count: int  # contracts
    contracts: tuple[str, ...]
    was: tuple[float, float, float]  # price_a, price_b, price_depth
    now: tuple[float, float, float]
    deflated_to: int  # year of prices, 0 when they are as signed
    date: str
    by: str
    reason: str = ""
    simulated: bool = False
