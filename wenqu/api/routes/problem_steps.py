"""What is done with problems: a step of one or of several, merging, splitting; each says what it had seen."""

from typing import Annotated

from fastapi import APIRouter, Header
from pydantic import BaseModel, Field

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller, Known, State
from wenqu.services.rights import demand
from wenqu.services.split_problem import Part, split_problem
from wenqu.services.step_problem import Asked, demand_seen, step_problem, step_problems
from wenqu.services.view_problems import view_after

router = APIRouter(tags=["problems"])
Text = Annotated[str, Field(max_length=2000)]
Name = Annotated[str, Field(max_length=200)]
IfMatch = Annotated[str, Header(max_length=40, description="ETag of the problem as it was seen")]
Seen = Annotated[int, Field(description="how many events of it had been seen (`version`); or If-Match")]


class Step(BaseModel):
    """A step that somebody takes."""

    step: Name
    note: Text = ""
    body: Name = ""
    person: Name = ""
    due: Annotated[str, Field(pattern=r"^(\d{4}-\d\d-\d\d(T\d\d:\d\d)?)?$")] = ""
    district: Name = ""
    others: Annotated[list[Name], Field(max_length=50)] = []
    evidence: Annotated[list[Name], Field(max_length=50)] = []
    id: Annotated[str, Field(max_length=64)] = ""
    seen: Seen = -1

    def asked(self, if_match: str = "") -> Asked:
        """Return what is asked, on the state that the header or the field names."""
        told = self.model_dump(exclude={"others", "evidence", "seen", "problems"})
        made = Asked(
            **told, others=tuple(self.others), evidence=tuple(self.evidence), seen=_seen(if_match, self.seen)
        )
        demand_seen(made.step, made.seen)
        return made


class Chosen(BaseModel):
    """One problem of several, as it was seen."""

    id: Name
    seen: Seen


class Steps(Step):
    """The same step of several problems."""

    problems: Annotated[list[Chosen], Field(min_length=1, max_length=500)]
    seen: Seen = 0


class Stretch(BaseModel):
    """One part of a problem that is split."""

    start: Annotated[float, Field(ge=0)]
    end: Annotated[float, Field(ge=0)]
    what: Text = ""


class Parts(BaseModel):
    """The parts of a problem that is split."""

    parts: Annotated[list[Stretch], Field(max_length=100)]
    note: Text = ""
    seen: Seen = -1


def _seen(if_match: str, given: int) -> int:
    text = if_match.strip().removeprefix("W/").strip('"')
    return int(text) if text.isdecimal() else given


@router.post("/cities/{city}/problems/{problem}/steps")
def step(
    state: State, known: Known, who: Caller, city: str, problem: str, given: Step, if_match: IfMatch = ""
) -> Answer:
    """Take a problem one step further, on the state that was seen; 409 when somebody was quicker."""
    demand(who, "read_attributes", city)
    step_problem(known.whole.store, city, problem, given.asked(if_match), person=who)
    return Answer(view_after(known.whole.store, state, problem, who), 201)


@router.post("/cities/{city}/problems/steps")
def steps(known: Known, who: Caller, city: str, given: Steps) -> Answer:
    """Take the same step with several problems, all of them or none."""
    demand(who, "read_attributes", city)
    chosen = [(one.id, one.seen) for one in given.problems]
    for one in given.problems:
        demand_seen(given.step, one.seen)
    made = step_problems(known.whole.store, city, chosen, given.asked(), person=who)
    return Answer([{"id": one.problem.id, "state": one.state, "version": one.version} for one in made], 201)


@router.post("/cities/{city}/problems/{problem}/parts")
def split(known: Known, who: Caller, city: str, problem: str, given: Parts, if_match: IfMatch = "") -> Answer:
    """Split a problem by stretches, each a problem of its own."""
    demand(who, "read_attributes", city)
    seen = _seen(if_match, given.seen)
    demand_seen("split", seen)
    parts = [Part(part.start, part.end, part.what) for part in given.parts]
    made = split_problem(known.whole.store, city, problem, parts, person=who, note=given.note, seen=seen)
    return Answer([one.problem.id for one in made], 201)
