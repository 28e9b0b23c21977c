"""Under which rules does a city plan, who changed them when and why, and what would a change mean?"""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller, Known, State
from wenqu.services.programme_rules import check_rules, keep_rules, rules_version, view_rules
from wenqu.services.rights import demand, reach

router = APIRouter(tags=["plan"])


class Written(BaseModel):
    """Rules as somebody writes them: the names of rules.json."""

    rules: dict[str, Any]


class Kept(Written):
    """Rules to be kept, with the reason, and the version that was changed."""

    why: Annotated[str, Field(min_length=1, max_length=500)]
    seen: int | None = None


@router.get("/cities/{city}/plan/rules")
def rules(state: State, known: Known, who: Caller) -> Answer:
    """Return the rules of the programme, the names they may use, their versions and what they reach."""
    city = state.network.city.code
    demand(who, "read_attributes", city)
    return Answer(view_rules(known.store, state) | {"may": reach(who, "decide", city).whole})


@router.post("/cities/{city}/plan/rules/checks")
def check(state: State, known: Known, who: Caller, given: Written) -> Answer:
    """Return what is wrong with rules, in words, and which rules they would change; nothing is kept."""
    demand(who, "read_attributes", state.network.city.code)
    return Answer(check_rules(known.store, state, given.rules))


@router.put("/cities/{city}/plan/rules")
def keep(known: Known, who: Caller, city: str, given: Kept) -> Answer:
    """Keep rules as the city's own; the next programme is made under them."""
    demand(who, "decide", city)
    number = keep_rules(known.whole.store, city, given.rules, person=who, why=given.why, seen=given.seen)
    return Answer({"version": number})


@router.get("/cities/{city}/plan/rules/versions/{number}")
def version(known: Known, who: Caller, city: str, number: int) -> Answer:
    """Return the rules as they once were."""
    demand(who, "read_attributes", city)
    return Answer(rules_version(known.store, city, number))
