"""From when is something a problem in a city, and what makes it worse?"""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller, Known
from wenqu.services.problem_rules import keep_rules, rules_told
from wenqu.services.rights import demand

router = APIRouter(tags=["problems"])


class Own(BaseModel):
    """A city's own value of one rule; what is null is that of Wenqu."""

    rule: Annotated[str, Field(max_length=40)]
    value: float | None = None
    adds: float | None = None


@router.get("/cities/{city}/problem-rules")
def rules(known: Known, who: Caller, city: str) -> Answer:
    """Return from when something is a problem and what makes it worse, beside the values of Wenqu."""
    demand(who, "read_attributes", city)
    return Answer(rules_told(known.whole.store, city))


@router.put("/cities/{city}/problem-rules")
def own(known: Known, who: Caller, city: str, given: Annotated[list[Own], Field(max_length=100)]) -> Answer:
    """Keep a city's own values, all of them: a rule that is left out is that of Wenqu again."""
    demand(who, "administer", city)
    values = {row.rule: (row.value, row.adds) for row in given}
    return Answer(keep_rules(known.whole.store, city, values, who=who.account))
