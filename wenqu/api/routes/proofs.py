"""File a proof of works, a pipe as built, an acceptance, or take one back."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller, Known
from wenqu.records.acceptance import AsBuilt, ClosedWaterTest, HiddenWork, MaterialSample
from wenqu.services.accept_pipes import accept_in, withdraw_in
from wenqu.services.file_as_built import file_as_built_form
from wenqu.services.file_works import file_proof
from wenqu.services.rights import demand

router = APIRouter(tags=["projects"])
Name = Annotated[str, Field(max_length=200)]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]
Pipes = Annotated[list[Name], Field(max_length=2000)]
File = Annotated[str, Field(max_length=600)]
NOTHING = float("nan")


class Sheet(BaseModel):
    """What every proof says."""

    id: Annotated[str, Field(max_length=64, pattern=r"^[^/\\]*$")] = ""
    lot: Name
    assets: Pipes
    date: Day

    def facts(self) -> dict[str, Any]:
        """Return what was given, lists as tuples."""
        given = self.model_dump()
        return {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}


class Sample(Sheet):
    """A sample of what is built in."""

    material: Name
    passed: bool
    maker: Name = ""
    batch: Name = ""
    laboratory: Name = ""
    file: File = ""


class Look(Sheet):
    """What was looked at before it was covered."""

    part: Name
    passed: bool
    photos: Annotated[list[File], Field(max_length=50)] = []
    witness: Name = ""


class Test(Sheet):
    """A closed-water test as read. SI."""

    head: float
    soak: float
    duration: float
    water: float
    length: float = NOTHING
    tester: Name = ""
    witness: Name = ""
    file: File = ""


class Built(BaseModel):
    """A pipe as built; fields in the unit of the register's heading, the line in degrees."""

    id: Annotated[str, Field(max_length=64, pattern=r"^[^/\\]*$")] = ""
    lot: Name
    asset: Name
    date: Day
    method: Name
    replaces: Pipes = []
    removed: bool = False
    surveyor: Name = ""
    file: File = ""
    fields: dict[str, str | float | None] = {}
    shape: list[list[tuple[float, float]]] | None = None


class Word(BaseModel):
    """An acceptance, or its end."""

    asset: Name
    date: Annotated[str, Field(pattern=r"^(\d{4}-\d\d-\d\d)?$")] = ""
    by: Name = ""
    reason: Annotated[str, Field(max_length=2000)] = ""


@router.post("/cities/{city}/projects/{project}/material")
def material(known: Known, who: Caller, city: str, project: str, given: Sample) -> Answer:
    """File a sample of material."""
    demand(who, "read_attributes", city)
    made = MaterialSample(project=project, **given.facts())
    return Answer({"id": file_proof(known.whole.store, city, made, person=who).id}, 201)


@router.post("/cities/{city}/projects/{project}/hidden")
def hidden(known: Known, who: Caller, city: str, project: str, given: Look) -> Answer:
    """File a look at hidden works with its photos."""
    demand(who, "read_attributes", city)
    made = HiddenWork(project=project, **given.facts())
    return Answer({"id": file_proof(known.whole.store, city, made, person=who).id}, 201)


@router.post("/cities/{city}/projects/{project}/closed-water")
def closed_water(known: Known, who: Caller, city: str, project: str, given: Test) -> Answer:
    """File a closed-water test with its readings."""
    demand(who, "read_attributes", city)
    made = ClosedWaterTest(project=project, **given.facts())
    return Answer({"id": file_proof(known.whole.store, city, made, person=who).id}, 201)


@router.post("/cities/{city}/projects/{project}/as-built")
def as_built(known: Known, who: Caller, city: str, project: str, given: Built) -> Answer:
    """File a pipe as built; the network changes by it in the same change."""
    demand(who, "read_attributes", city)
    facts = given.model_dump(exclude={"fields", "shape", "replaces"})
    made = AsBuilt(project=project, replaces=tuple(given.replaces), **facts)
    state = known.whole.state(city)
    kept = file_as_built_form(known.whole.store, state, made, given.fields, given.shape, person=who)
    return Answer({"id": kept.id}, 201)


@router.post("/cities/{city}/projects/{project}/acceptances")
def accept(known: Known, who: Caller, city: str, project: str, given: Word) -> Answer:
    """Accept a pipe when nothing lacks."""
    demand(who, "decide", city)
    made = accept_in(
        known.whole.store, city, project, given.asset, person=who, day=given.date, by=given.by,
        reason=given.reason,
    )  # fmt: skip
    return Answer({"id": made.id}, 201)


@router.post("/cities/{city}/projects/{project}/withdrawals")
def withdraw(known: Known, who: Caller, city: str, project: str, given: Word) -> Answer:
    """Take an acceptance back, with the reason."""
    demand(who, "decide", city)
    made = withdraw_in(known.whole.store, city, project, given.asset, person=who, reason=given.reason)
    return Answer({"id": made.id}, 201)
