"""Which pipes are likely to let groundwater in, and how much against each other?"""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.pipe_columns import Pipes, number_column, text_column

Floats = npt.NDArray[np.float64]


@cache
def factors() -> dict[str, dict[str, float]]:
    """Return the factors by field and value; for age the value is the highest age of the class. [-]"""
    text = (files("wenqu.diagnosis") / "groundwater_factors.csv").read_text(encoding="utf-8")
    table: dict[str, dict[str, float]] = {}
    for row in csv.DictReader(text.splitlines()):
        table.setdefault(row["field"], {})[row["value"]] = float(row["factor"])
    return table


def groundwater_weights(there: Pipes, year: int, grades: Mapping[str, int] | None = None) -> Floats:
    """Return how much groundwater each pipe would take against others: length × class × age or grade.

    Parameters
    ----------
    there
        Pipes; those that do not count (pressure mains, storm sewers to the river, …) get nothing.
    year
        The present year, for the age.
    grades
        Repair grade 1 to 4 by conduit id, from inspections: it takes the place of the age.

    Returns
    -------
    Floats
        Weights (n,), in metres of an average pipe. [m]
    """
    table = factors()
    water = text_column(there, "groundwater_class")
    by_class = np.array([table["groundwater_class"].get(value, 1.0) for value in water])
    age = year - number_column(there, "year")
    limits = np.array([float(value) for value in table["age"]])
    by_age = np.array([*table["age"].values(), list(table["age"].values())[-1]])
    condition = np.where(np.isnan(age), 1.0, by_age[np.searchsorted(limits, np.nan_to_num(age))])
    if grades:
        ids = there.topology.link_ids[there.order.link]
        seen = np.array([table["grade"].get(str(grades.get(str(id_), 0)), np.nan) for id_ in ids])
        condition = np.where(np.isnan(seen), condition, seen)
    bore = number_column(there, "height")
    known = bore[~np.isnan(bore) & (bore > 0)]
    middle = float(np.median(known)) if len(known) else 1.0
    girth = np.sqrt(np.clip(np.where(np.isnan(bore) | (bore <= 0), middle, bore) / middle, 0.25, 4.0))
    return np.where(there.counted, there.length * by_class * condition * girth, 0.0)
