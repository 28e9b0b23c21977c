"""Of which day is a piece of evidence, and is that later than a step of a problem?

Evidence is a text such as ``inspection:i-7`` or ``rule:<code> 2026-05-01T08:30:00``: a day or time at its
end says when it was seen.
"""

import re

_DATED = re.compile(r" (\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?)?)$")


def dated(what: str, moment: str) -> str:
    """Return evidence with its day or time.

    Examples
    --------
    >>> dated("finding:missing", "2026-05-01")
    'finding:missing 2026-05-01'
    """
    return f"{what} {moment}" if moment else what


def day_of(evidence: str) -> str:
    """Return the day or time at the end of evidence, "" where it has none."""
    found = _DATED.search(evidence)
    return found[1] if found else ""


def undated(evidence: str) -> str:
    """Return evidence without its day or time."""
    return _DATED.sub("", evidence)


def later(seen: str, step: str) -> bool:
    """Tell whether something was seen after a step was taken; a mere day must be a later one.

    Examples
    --------
    >>> later("2026-05-01", "2026-05-01T08:00:00"), later("2026-05-01T09:00:00", "2026-05-01T08:00:00")
    (False, True)
    """
    return seen > step[: len(seen)] if "T" not in seen else seen >= step[: len(seen)]
