"""How much of the city is in each class of the map's legend?"""

import numpy as np

from wenqu.network.model import link_lengths
from wenqu.services.city_state import CityState
from wenqu.services.conduit_facts import facts_of
from wenqu.services.map_classes import classes_of
from wenqu.store.database import Store


def map_legend(store: Store, state: CityState, question: str) -> dict[str, object]:
    """Return number and length [m] of the conduits of each class of a question.

    Raises
    ------
    BadInput
        Nobody knows the question.
    """
    conduits = state.network.table("conduit")
    lengths = np.nan_to_num(link_lengths(conduits))
    return {
        "by": question,
        "classes": [
            {"key": key, "count": int(rows.sum()), "length": round(float(lengths[rows].sum()), 1)}
            for key, rows in classes_of(question, conduits, facts_of(store, state)).items()
        ],
    }
