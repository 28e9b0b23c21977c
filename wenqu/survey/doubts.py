"""What cannot be right in an inspection, now that its pipe is known? Told, and nothing is left out."""

import math
from collections.abc import Iterator

from wenqu.issues import Issue, Place, Weight
from wenqu.records.inspection import Inspection
from wenqu.survey.both_ends import SLACK
from wenqu.survey.matching import Pipe

SHARE = 0.02  # by which a counter of metres may run over


def check_against_pipe(pipe: Pipe, one: Inspection, place: Place, told: str = "") -> Iterator[Issue]:
    """Yield what contradicts the pipe: a defect beyond its end, more seen than there is, the wrong way.

    Parameters
    ----------
    told
        Direction that the file names; the manholes may say otherwise.
    """
    facts: dict[str, object] = {"inspection": one.id, "length": round(pipe.length, 2)}
    if pipe.length > 0:
        for row in one.defects:
            if not math.isnan(row.start) and row.end > pipe.length + SLACK:
                more = {"defect": row.code, "start": round(row.start, 2), "end": round(row.end, 2)}
                yield Issue("match.beyond-end", Weight.DOUBT, "conduit", pipe.id, place, {**facts, **more})
        if one.length > pipe.length + max(SLACK, SHARE * pipe.length):
            more = {"seen": round(one.length, 2)}
            yield Issue("match.longer", Weight.DOUBT, "conduit", pipe.id, place, {**facts, **more})
    if told and one.direction and told != one.direction:
        more = {"told": told, "found": one.direction, "start": one.start}
        yield Issue("match.other-way", Weight.DOUBT, "conduit", pipe.id, place, {**facts, **more})
