"""What is known of one asset?"""

from fastapi import APIRouter

from wenqu.api.answers import Answer
from wenqu.api.asked import Known, State
from wenqu.services.asset_card import asset_card

router = APIRouter(tags=["assets"])


@router.get("/cities/{city}/assets/{type_}/{id_:path}")
def asset(state: State, known: Known, type_: str, id_: str) -> Answer:
    """Return the card of one asset: fields, what is wrong, figures, evidence, history."""
    return Answer(asset_card(known.store, state, type_, id_))
