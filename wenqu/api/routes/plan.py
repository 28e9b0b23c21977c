"""Which programme was chosen, and what does it reach?"""

from fastapi import APIRouter

from wenqu.api.answers import Answer
from wenqu.api.asked import Caller, Known, State
from wenqu.services.view_plan import view_plan
from wenqu.services.view_replan import may_plan
from wenqu.services.whole_reading import demand_whole

router = APIRouter(tags=["plan"])


@router.get("/cities/{city}/plan")
def plan(state: State, known: Known, who: Caller) -> Answer:
    """Return the city's last programme with its proof."""
    demand_whole(known.store, state.network.city.code)
    may = {"may_replan": may_plan(who, state.network.city.code)}
    return Answer(view_plan(known.store, state) | may)
