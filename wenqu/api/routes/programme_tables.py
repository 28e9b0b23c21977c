"""Days off, seasons, steps, crews, closed roads, cycles and milestones that a city sets for itself."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from wenqu.api.answers import Answer
from wenqu.api.asked import AsOf, Caller, Known
from wenqu.services.programme_tables import keep_table, programme_tables
from wenqu.services.rights import demand

router = APIRouter(tags=["figures"])
Name = Literal[
    "holidays", "seasons", "steps", "milestones", "lot_steps", "trades", "closures", "inspection_cycles"
]
Cell = Annotated[str, Field(max_length=200)]


class Table(BaseModel):
    """A city's own rows of one table, and why."""

    rows: Annotated[list[dict[Cell, Cell]], Field(max_length=1000)]
    reason: Annotated[str, Field(max_length=2000)]


@router.get("/cities/{city}/programme-tables")
def tables(known: Known, who: Caller, city: str, as_of: AsOf = None) -> Answer:
    """Return each table with Wenqu's rows, the city's own, and who set them when and why."""
    demand(who, "read_attributes", city)
    state = known.whole.state(city, as_of.isoformat() if as_of else "")
    return Answer(programme_tables(known.whole.store, state, who))


@router.post("/cities/{city}/programme-tables/{name}")
def table(known: Known, who: Caller, city: str, name: Name, given: Table) -> Answer:
    """Keep a city's own table with the reason; no row takes all back."""
    demand(who, "decide", city)
    kept = keep_table(known.whole.store, city, name, given.rows, person=who, reason=given.reason)
    return Answer({"rows": kept}, 201)
