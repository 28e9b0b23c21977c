"""Which ground drains its rain to each junction of the example city?"""

import numpy as np
import numpy.typing as npt
import shapely

from wenqu.examples.city.land import DISTRICTS, Floats, Land
from wenqu.examples.city.parcels import Polygons
from wenqu.examples.city.streets import Streets
from wenqu.network.geometry import shapes_from
from wenqu.network.model import Assets, assets


def catchment_table(
    frame: Land,
    plan: Streets,
    given: tuple[Polygons, npt.NDArray[np.object_]],
    origin: Floats,
) -> Assets:
    """Return the land that drains to each junction; ``given``: its shapes and outlets."""
    shapes, outlets = given
    there = np.array([shape is not None and not shape.is_empty for shape in shapes], dtype=np.bool_)
    rows = np.flatnonzero(there & (outlets != None))  # noqa: E711
    area = shapely.area(shapes[rows])
    ring = frame.centre_distance(plan.x[rows], plan.y[rows])
    district = frame.district(frame.compartment(plan.x[rows], plan.y[rows]))
    park = frame.park(plan.x[rows], plan.y[rows]) >= 0
    drawn = shapes_from(shapes[rows])
    hard = np.round(0.48 + 0.3 * np.exp(-ring / 1500), 2)
    columns = {
        "outlet_id": outlets[rows],
        "system": np.where(plan.old[rows], "combined", "storm").astype(object),
        "gauge": np.array(["YL-01", "YL-02"], dtype=object)[
            (plan.x[rows] > frame.width / 2).astype(np.int64)
        ],
        "area": np.round(area, 1),
        "imperviousness": hard,
        "width": np.round(np.sqrt(area), 1),
        "slope": np.full(len(rows), 0.003),
        "land_use": np.where(park, "industrial", np.where(ring < 900, "commercial", "residential")).astype(
            object
        ),
        "runoff_coefficient": np.round(0.9 * hard + 0.1, 2),
        "district": np.array(DISTRICTS, dtype=object)[district],
    }
    ids = [f"HS{row + 1:05d}" for row in range(len(rows))]
    return assets("catchment", ids, columns, drawn.with_coords(drawn.coords + origin))
