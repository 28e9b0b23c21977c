"""How do people state money? In yuan; what is filed is whole fen."""

import math
from dataclasses import asdict, dataclass

from wenqu.errors import BadInput
from wenqu.records.money import (
    PROGRESS,
    Approval,
    Contract,
    CounterEntry,
    Fund,
    Funding,
    Payment,
    UnitPrice,
    Variation,
)

MOST = 10**13  # [fen] of one amount: a hundred billion yuan, above it somebody has typed a wrong unit
NEAR = 1e-3  # [fen] two amounts this close are one


def fen(yuan: float) -> int:
    """Return an amount in whole fen.

    Raises
    ------
    BadInput
        It is no number, has parts of a fen, or is larger than any budget (``money-amount``).

    Examples
    --------
    >>> fen(1234.56)
    123456
    """
    if not math.isfinite(yuan) or abs(yuan) * 100 > MOST or abs(yuan * 100 - round(yuan * 100)) > NEAR:
        raise BadInput("money-amount", amount=yuan)
    return round(yuan * 100)


@dataclass(frozen=True, slots=True)
class FundForm:
    """Money that was set aside. [yuan]"""

    source: str
    name: str
    year: int
    amount: float
    document: str
    date: str
    id: str = ""
    district: str = ""
    uses: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    note: str = ""

    def made(self) -> Fund:
        """Return it as it is filed."""
        return Fund(**(asdict(self) | {"amount": fen(self.amount), "uses": self.uses, "files": self.files}))


@dataclass(frozen=True, slots=True)
class PriceForm:
    """A unit price [yuan/m] for diameters [m]; no upper end means all."""

    method: str
    price: float
    above: float = 0.0
    up_to: float | None = None

    def made(self) -> UnitPrice:
        """Return it as it is filed."""
        return UnitPrice(
            self.method, fen(self.price), self.above, math.inf if self.up_to is None else self.up_to
        )


@dataclass(frozen=True, slots=True)
class FundingForm:
    """What a fund is to pay. [yuan]"""

    fund: str
    amount: float


@dataclass(frozen=True, slots=True)
class ContractForm:
    """A contract about one lot. [yuan], shares as fractions."""

    number: str
    project: str
    lot: str
    contractor: str
    purpose: str
    price: float
    signed: str
    begins: str
    ends: str
    id: str = ""
    prices: tuple[PriceForm, ...] = ()
    advance: float = 0.0
    recovered: float = 1.0
    progress: float = 1.0
    retention: float = 0.0
    defect_days: int = 0
    funding: tuple[FundingForm, ...] = ()
    files: tuple[str, ...] = ()
    note: str = ""

    def made(self) -> Contract:
        """Return it as it is filed."""
        facts = {name: getattr(self, name) for name in self.__slots__}
        return Contract(
            **facts
            | {
                "price": fen(self.price),
                "prices": tuple(one.made() for one in self.prices),
                "funding": tuple(Funding(one.fund, fen(one.amount)) for one in self.funding),
            }
        )


@dataclass(frozen=True, slots=True)
class VariationForm:
    """A variation, or the settlement. [yuan]"""

    contract: str
    amount: float
    date: str
    reason: str
    kind: str = "change"
    id: str = ""
    document: str = ""
    files: tuple[str, ...] = ()

    def made(self) -> Variation:
        """Return it as it is filed."""
        return Variation(**(asdict(self) | {"amount": fen(self.amount), "files": self.files}), by="")


@dataclass(frozen=True, slots=True)
class ApprovalForm:
    """The word on a variation."""

    variation: str
    verdict: str
    date: str
    body: str
    document: str
    reason: str = ""
    files: tuple[str, ...] = ()

    def made(self) -> Approval:
        """Return it as it is filed."""
        return Approval("", by="", **(asdict(self) | {"files": self.files}))


@dataclass(frozen=True, slots=True)
class PaymentForm:
    """A payment, or what came back. [yuan]"""

    contract: str
    fund: str
    amount: float
    date: str
    document: str
    kind: str = PROGRESS
    id: str = ""
    pipes: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    note: str = ""

    def made(self) -> Payment:
        """Return it as it is filed."""
        facts = asdict(self) | {"amount": fen(self.amount), "pipes": self.pipes, "files": self.files}
        return Payment(**facts)


@dataclass(frozen=True, slots=True)
class CounterForm:
    """A counter-entry."""

    kind: str
    entry: str
    reason: str
    date: str = ""
    document: str = ""

    def made(self) -> CounterEntry:
        """Return it as it is filed."""
        return CounterEntry("", by="", **asdict(self))
