"""Which programme was chosen, and what does it reach?"""

from fastapi import APIRouter

from wenqu.api.answers import Answer
from wenqu.api.asked import Known, State
from wenqu.services.view_plan import view_plan

router = APIRouter(tags=["plan"])


@router.get("/cities/{city}/plan")
def plan(state: State, known: Known) -> Answer:
    """Return the city's last programme with its proof."""
    return Answer(view_plan(known.store, state))
