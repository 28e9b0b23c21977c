"""How much may a grade rest on a survey by each method?"""

from dataclasses import dataclass
from functools import cache

from wenqu.standards.tables import rows_of

STANDARD, EDITION = "CJJ 181", "2012"


@dataclass(frozen=True, slots=True)
class Method:
    """One row of ``inspection_methods.csv``."""

    method: str  # code list inspection_method
    rank: int  # 1 carries a grade; of two, the lower rank is not replaced by the higher
    structure: bool  # whether it sees structural defects: where it names none, there are none
    zh: str
    en: str
    standard: str
    edition: str
    clause: str
    status: str


@cache
def inspection_methods() -> dict[str, Method]:
    """Return the methods that the standard knows, by code."""
    found = {}
    for row in rows_of("inspection_methods.csv", STANDARD, EDITION):
        plain = {
            name: row[name] for name in ("method", "zh", "en", "standard", "edition", "clause", "status")
        }
        found[row["method"]] = Method(rank=int(row["rank"]), structure=row["structure"] == "yes", **plain)
    return found


def sees_structure(method: str) -> bool:
    """Tell whether a survey by this method that names no structural defect means that there is none."""
    known = inspection_methods()
    return method not in known or known[method].structure


def rank_of(method: str) -> int:
    """Return the rank of a method; one that the standard does not know ranks last.

    Examples
    --------
    >>> rank_of("cctv") < rank_of("sonar") < rank_of("qv") < rank_of("drone")
    True
    """
    known = inspection_methods()
    return known[method].rank if method in known else max(one.rank for one in known.values()) + 1
