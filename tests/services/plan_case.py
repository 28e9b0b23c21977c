"""A small planned city whose areas are filed with their covariance, for the tests of what may be chosen."""

import numpy as np

from tests.services.test_plan_city import BOD, CODE, FLOW, filmed, plain_assumptions, posterior, sewers
from wenqu.network.model import City
from wenqu.series.model import series
from wenqu.services.area_waters import AREAS, AreaWaters, areas_document
from wenqu.services.diagnose_city import POSTERIOR
from wenqu.services.grade_city import grade_city
from wenqu.store.database import Store, open_store

RIVER, GROUND = 0.008, 0.007  # [m³/s] of the one area, B1
GROUND_CV, RIVER_CV, BOTH = 0.3, 0.2, 0.02
MEDIA = "application/vnd.apache.parquet"


def areas() -> AreaWaters:
    """Return the area B1: groundwater 7 L/s ± 30 %, river water 8 L/s ± 20 %, a little in common."""
    mean = np.array([[0.085, GROUND, RIVER]])
    relative = np.array([[0.01, 0, 0], [0, GROUND_CV**2, BOTH], [0, BOTH, RIVER_CV**2]])
    return AreaWaters(("B1",), mean, relative * np.outer(mean[0], mean[0]), np.zeros(1), np.zeros(1))


def build(folder, *, bod: float = BOD, spread: float = 0.0, filed: bool = True, findings=()) -> Store:
    """Return an open store with the city, its readings, grades and posterior.

    ``filed`` tells whether the diagnosis filed a covariance; ``spread`` makes the plant's months scatter, so
    that its yearly mean is unsure.
    """
    store = open_store(folder)
    days = np.arange("2024-01-01", "2024-12-31", dtype="datetime64[D]").astype("datetime64[s]")
    with store.change(CODE, who="test", why="set up") as change:
        change.put_city(City(CODE, "小城", "mini", simulated=True))
        for table in sewers():
            change.put(table)
        change.add_records("inspection", filmed())
        change.add_records("finding", findings)
        change.write_document(POSTERIOR, posterior(RIVER), MEDIA)
        if filed:
            change.write_document(AREAS, areas_document(areas()), MEDIA)
    month = days.astype("datetime64[M]").astype(int) % 12
    values = {"flow": np.full(len(days), FLOW), "bod5": bod + spread * np.where(month % 2, 1.0, -1.0)}
    store.write_series(CODE, [series("P", name, days, one, simulated=True) for name, one in values.items()])
    grade_city(store, CODE, who="test")
    plain_assumptions(store)
    return store
