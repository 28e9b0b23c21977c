"""What do areas have in common? The joint posterior of their waters, as the diagnosis files it."""

import io
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from wenqu.diagnosis.city_posterior import CityPosterior
from wenqu.store.database import Store

Floats = npt.NDArray[np.float64]
Names = npt.NDArray[np.object_]
AREAS = "posterior-areas.parquet"
KINDS = ("sewage", "groundwater", "river")
TOGETHER = 700  # areas above which only each area's own waters are kept together


@dataclass(frozen=True, slots=True)
class AreaWaters:
    """Waters of A areas: 0 sewage that arrives, 1 groundwater, 2 river water; and the sewage that is lost."""

    names: tuple[str, ...]  # meter at which each ends, "" for what lies above no meter
    mean: Floats  # (A, 3) [m³/s]
    covariance: Floats  # (3A, 3A) [m⁶/s²] by area, then water
    lost: Floats  # (A,) [m³/s]
    lost_sd: Floats  # (A,) [m³/s]


def area_waters(found: CityPosterior, names: Names) -> AreaWaters:
    """Return the areas' waters of a diagnosis; of a very large city each area varies by itself."""
    count = len(found.cells)
    covariance = np.transpose(found.covariance, (1, 0, 3, 2)).reshape(3 * count, 3 * count)
    if count > TOGETHER:
        covariance = covariance * np.kron(np.eye(count), np.ones((3, 3)))
    spread = np.sqrt(np.maximum(found.lost.variance, 0.0))
    return AreaWaters(tuple(str(name) for name in names), found.mean.T, covariance, found.lost.mean, spread)


def areas_document(areas: AreaWaters) -> bytes:
    """Return the areas' waters with their covariance as a Parquet table, one row an area and water."""
    count = len(areas.names)
    lists = [np.flatnonzero(line).astype(np.int32) for line in np.triu(areas.covariance)]
    columns = {
        "area": pa.array([name for name in areas.names for _ in KINDS], pa.string()),
        "water": pa.array(list(KINDS) * count, pa.string()),
        "mean": areas.mean.ravel(),
        "lost": np.repeat(areas.lost, len(KINDS)),
        "lost_sd": np.repeat(areas.lost_sd, len(KINDS)),
        "with": pa.array(lists, pa.list_(pa.int32())),
        "covariance": pa.array(
            [areas.covariance[one, places] for one, places in enumerate(lists)], pa.list_(pa.float64())
        ),
    }
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out, compression="zstd")
    return out.getvalue()


def read_areas(store: Store, city: str, as_of: str | None = None) -> AreaWaters | None:
    """Return the filed waters of the areas, None where the last diagnosis filed none."""
    content = store.document(city, AREAS, as_of)
    if content is None:
        return None
    table = pq.read_table(io.BytesIO(content))
    size = len(table)
    covariance = np.zeros((size, size))
    for row, (places, values) in enumerate(
        zip(table["with"].to_pylist(), table["covariance"].to_pylist(), strict=True)
    ):
        covariance[row, places] = values
        covariance[places, row] = values
    step = len(KINDS)
    return AreaWaters(
        tuple(table["area"].to_pylist()[::step]),
        table["mean"].to_numpy().reshape(-1, step),
        covariance,
        table["lost"].to_numpy()[::step],
        table["lost_sd"].to_numpy()[::step],
    )
