"""Money of works: what was set aside, promised and paid, against accepted metres."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller, Known
from wenqu.api.errors import language_of
from wenqu.api.receiving import content_of
from wenqu.api.routes.projects import District, Works
from wenqu.services.attachments import LARGEST
from wenqu.services.file_money import file_contract, file_fund, set_rule
from wenqu.services.file_payment import file_counter_entry, file_payment
from wenqu.services.file_variation import decide_variation, file_variation
from wenqu.services.money_files import fund_file, keep_fund_file
from wenqu.services.money_forms import (
    ApprovalForm,
    ContractForm,
    CounterForm,
    FundForm,
    FundingForm,
    PaymentForm,
    PriceForm,
    VariationForm,
)
from wenqu.services.money_rights import demand_fund_seen, demand_money
from wenqu.services.rights import demand
from wenqu.services.view_money import view_money
from wenqu.services.view_money_contract import view_contract
from wenqu.services.view_money_rules import view_rules

router = APIRouter(tags=["money"])
Name = Annotated[str, Field(max_length=200)]
Id = Annotated[str, Field(max_length=64, pattern=r"^[^/\\]*$")]
Text = Annotated[str, Field(max_length=2000)]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]
Files = Annotated[list[Annotated[str, Field(max_length=600)]], Field(max_length=50)]
LISTS = ("uses", "files", "pipes")


def stated(given: BaseModel, **more: Any) -> dict[str, Any]:
    """Return what was stated, its lists as tuples."""
    facts = given.model_dump() | more
    return facts | {name: tuple(facts[name]) for name in LISTS if name in facts}


class Granted(BaseModel):
    """Money that was set aside. [yuan]"""

    id: Id = ""
    source: Name
    name: Name
    year: int
    amount: float
    document: Name
    date: Day
    district: Name = ""
    uses: Annotated[list[Name], Field(max_length=20)] = []
    files: Files = []
    note: Text = ""


class Priced(BaseModel):
    """A unit price. [yuan/m], diameters in m"""

    method: Name
    price: float
    above: float = 0.0
    up_to: float | None = None


class Share(BaseModel):
    """What a fund is to pay of a contract. [yuan]"""

    fund: Name
    amount: float


class Agreed(BaseModel):
    """A contract about one lot. [yuan], shares as fractions"""

    id: Id = ""
    number: Name
    project: Name
    lot: Name
    contractor: Name
    purpose: Name
    price: float
    signed: Day
    begins: Day
    ends: Day
    prices: Annotated[list[Priced], Field(max_length=200)] = []
    advance: float = 0.0
    recovered: float = 1.0
    progress: float = 1.0
    retention: float = 0.0
    defect_days: int = 0
    funding: Annotated[list[Share], Field(max_length=50)] = []
    files: Files = []
    note: Text = ""


class Varied(BaseModel):
    """A variation of a contract, or its settlement. [yuan]"""

    id: Id = ""
    kind: Literal["change", "settlement"] = "change"
    amount: float
    date: Day
    reason: Text
    document: Name = ""
    files: Files = []


class Word(BaseModel):
    """The word on a variation."""

    verdict: Literal["approved", "rejected"]
    date: Day
    body: Name
    document: Name
    reason: Text = ""
    files: Files = []


class Paid(BaseModel):
    """A payment, or what came back. [yuan]"""

    id: Id = ""
    fund: Name
    kind: Literal["advance", "progress", "retention", "refund"] = "progress"
    amount: float
    date: Day
    pipes: Annotated[list[Name], Field(max_length=5000)] = []
    document: Name
    files: Files = []
    note: Text = ""


class Struck(BaseModel):
    """A counter-entry."""

    kind: Literal["fund", "contract", "variation", "payment"]
    entry: Name
    date: Annotated[str, Field(pattern=r"^(\d{4}-\d\d-\d\d)?$")] = ""
    reason: Text
    document: Name = ""


class RuleSet(BaseModel):
    """A city's own value of a rule; null takes it back."""

    rule: Name
    value: float | None
    reason: Text


@router.get("/cities/{city}/money")
def money(works: Works, request: Request, district: District = "") -> Answer:
    """Return budget, contracts, payments against accepted metres, curves and warnings."""
    return Answer(view_money(works.store, works.state, works.person, language_of(request), district))


@router.get("/cities/{city}/money/rules")
def rules(works: Works) -> Answer:
    """Return the rules of money: Wenqu's, the city's own, and who set them when and why."""
    return Answer(view_rules(works.store, works.state, works.person))


@router.post("/cities/{city}/money/rules")
def set_own_rule(known: Known, who: Caller, city: str, given: RuleSet) -> Answer:
    """Set a city's own value of a rule of money, or take it back."""
    demand(who, "decide", city)
    made = set_rule(known.whole.store, city, given.rule, given.value, person=who, reason=given.reason)
    return Answer({"rule": made.rule, "value": made.value}, 201)


@router.get("/cities/{city}/money/contracts/{contract}")
def one_contract(works: Works, request: Request, contract: str) -> Answer:
    """Return one contract: terms, pipes, variations, payments, what may be paid and what is wrong."""
    return Answer(view_contract(works.store, works.state, contract, works.person, language_of(request)))


@router.post("/cities/{city}/money/funds")
def grant(known: Known, who: Caller, city: str, given: Granted) -> Answer:
    """File money that was set aside by one document."""
    demand(who, "decide", city)
    made = FundForm(**stated(given)).made()
    return Answer({"id": file_fund(known.whole.store, city, made, person=who).id}, 201)


@router.post("/cities/{city}/money/files/{district}")
async def keep_file(
    request: Request, known: Known, who: Caller, city: str, district: str, name: str
) -> Answer:
    """Keep the document of a fund; district is '-' for the whole city. The body is the file."""
    demand(who, "decide", city)
    content = await content_of(request, LARGEST)
    zone = "" if district == "-" else district
    given = (known.whole.store, city, zone, name, content)
    return Answer({"evidence": await run_in_threadpool(keep_fund_file, *given, person=who)}, 201)


@router.get("/cities/{city}/money/files/{district}/{digest}/{name}")
def file(known: Known, who: Caller, city: str, district: str, digest: str, name: str) -> Response:
    """Return the document of a fund."""
    zone = "" if district == "-" else district
    demand_fund_seen(who, city, zone)
    content, headers = fund_file(known.whole.store, city, zone, digest, name)
    return Response(content, headers=headers)


@router.post("/cities/{city}/money/contracts")
def agree(known: Known, who: Caller, city: str, given: Agreed) -> Answer:
    """File a contract about one lot."""
    demand(who, "read_attributes", city)
    prices = tuple(PriceForm(**one.model_dump()) for one in given.prices)
    funding = tuple(FundingForm(**one.model_dump()) for one in given.funding)
    made = ContractForm(**stated(given, prices=prices, funding=funding)).made()
    return Answer({"id": file_contract(known.whole.store, city, made, person=who).id}, 201)


@router.post("/cities/{city}/money/contracts/{contract}/variations")
def vary(known: Known, who: Caller, city: str, contract: str, given: Varied) -> Answer:
    """File a variation or the settlement; beyond a share it waits for an approval."""
    demand(who, "read_attributes", city)
    form = VariationForm(**stated(given, contract=contract))
    made = file_variation(known.whole.store, city, form.made(), person=who)
    return Answer({"id": made.id, "needs_approval": made.needs_approval}, 201)


@router.post("/cities/{city}/money/variations/{variation}/approvals")
def approve(known: Known, who: Caller, city: str, variation: str, given: Word) -> Answer:
    """Approve or reject a variation that waits; never by who filed it."""
    demand(who, "read_attributes", city)
    word = ApprovalForm(**stated(given, variation=variation)).made()
    return Answer({"id": decide_variation(known.whole.store, city, word, person=who).id}, 201)


@router.post("/cities/{city}/money/contracts/{contract}/payments")
def pay(known: Known, who: Caller, city: str, contract: str, given: Paid) -> Answer:
    """File a payment; beyond what the accepted metres allow it is refused with what may be paid."""
    demand(who, "read_attributes", city)
    form = PaymentForm(**stated(given, contract=contract))
    made = file_payment(known.whole.store, city, form.made(), person=who)
    return Answer({"id": made.id, "pipes": made.pipes}, 201)


@router.post("/cities/{city}/money/counter-entries")
def strike(known: Known, who: Caller, city: str, given: Struck) -> Answer:
    """File that a statement counts no more, with the reason; it stays on record."""
    demand(who, "read_attributes", city)
    demand_money(who, city)
    made = CounterForm(**given.model_dump()).made()
    return Answer({"id": file_counter_entry(known.whole.store, city, made, person=who).id}, 201)
