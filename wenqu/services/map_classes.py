"""Into which classes does a question part the conduits? The same on the map, in its legend and on paper."""

import numpy as np
import numpy.typing as npt

from wenqu.errors import BadInput
from wenqu.network.model import Assets
from wenqu.services.conduit_facts import PROBLEMS, ConduitFacts

Bools = npt.NDArray[np.bool_]
BOUNDS = {
    "diameter": (0.3, 0.5, 0.8, 1.2),  # [m]
    "age": (10.0, 20.0, 30.0, 40.0),  # [a]
    "extraneous": (10.0, 50.0, 150.0, 500.0),  # [m³/(d·km)]
}
CODES = {
    "system": ("storm", "sanitary", "combined", "supply"),
    "material": (
        "concrete", "reinforced_concrete", "vitrified_clay", "hdpe", "pe", "pvc", "upvc", "ductile_iron",
        "cast_iron",
    ),
}  # fmt: skip
GRADES = ("grade", "structural", "functional")
QUESTIONS = ("system", "diameter", "age", "material", *GRADES, "problem", "extraneous", "plan_year")


def classes_of(question: str, conduits: Assets, facts: ConduitFacts) -> dict[str, Bools]:
    """Return the conduits of each class, (n,) each; every conduit is in exactly one, the unknown in the last.

    Raises
    ------
    BadInput
        Nobody knows the question.
    """
    if question in CODES:
        return _coded(conduits.column(question), CODES[question], "other")
    if question == "problem":
        return _coded(facts.problem, PROBLEMS, "unknown")
    if question in GRADES:
        grades = getattr(facts, question)
        return {str(grade): grades == grade for grade in (1, 2, 3, 4, 0)}
    if question == "plan_year":
        years = np.unique(facts.plan_year[~np.isnan(facts.plan_year)])
        made = {f"{year:.0f}": facts.plan_year == year for year in years}
        return {**made, "none": np.isnan(facts.plan_year)}
    if question in BOUNDS:
        return _amounts(question, conduits, facts)
    raise BadInput("print", what="question", given=question, known=", ".join(QUESTIONS))


def _coded(column: npt.NDArray[np.object_], known: tuple[str, ...], rest: str) -> dict[str, Bools]:
    made = {code: np.asarray(column == code, dtype=np.bool_) for code in known}
    return {**made, rest: ~np.logical_or.reduce(list(made.values()))}


def _amounts(question: str, conduits: Assets, facts: ConduitFacts) -> dict[str, Bools]:
    values = {
        "diameter": conduits.column("height"), "age": facts.age, "extraneous": facts.extraneous_per_km
    }[question]  # fmt: skip
    step = np.searchsorted(BOUNDS[question], values, side="right")  # NaN sorts behind all
    known = ~np.isnan(values)
    made = {str(each): known & (step == each) for each in range(len(BOUNDS[question]) + 1)}
    return {**made, "unknown": ~known}
