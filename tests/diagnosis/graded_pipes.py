"""One conduit and its defects."""

from wenqu.diagnosis.grading import Segment
from wenqu.records.inspection import Defect
from wenqu.standards.condition import condition_rules

RULES = condition_rules()


def seen(*rows: tuple[str, int, float] | tuple[str, int, float, float]) -> list[Defect]:
    """Return defects of conduit p from (code, level, start, length)."""
    return [Defect("p", *row) for row in rows]


def pipe(length=30.0, diameter=0.4, importance="other", soil="ordinary") -> Segment:
    """Return conduit p."""
    return Segment("p", length, diameter, importance, soil)
