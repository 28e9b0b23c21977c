"""Can what somebody states of a problem be so: its kind at this asset, its day, its date, its stretch?"""

import math
import re
from collections.abc import Sequence
from datetime import date, datetime

from wenqu.errors import BadInput
from wenqu.store.moments import now
from wenqu.works.problem_tables import kinds

CONDUIT = "conduit"
EARLIEST = "1900-01-01"  # nobody finds or plans anything before
YEARS = 100  # beyond which a date is a slip of the pen
SLACK = 0.5  # [m] that the tape of a crew and the map may differ
_DAY, _DUE = re.compile(r"\d{4}-\d\d-\d\d"), re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?)?")


def check_place(kind: str, asset_type: str, asset: str) -> None:
    """Refuse a kind of problem that an asset of that type cannot have.

    Raises
    ------
    BadInput
        ``problem-at``.
    """
    at = kinds()[kind].at
    if at and asset_type not in at:
        raise BadInput("problem-at", kind=kind, asset=f"{asset_type}/{asset}", known=", ".join(at))


def check_day(text: str) -> None:
    """Refuse a day on which nothing can have been found: none, one still to come, or of another age.

    Raises
    ------
    BadInput
        ``problem-day``.
    """
    today = now().date()
    try:
        fits = _DAY.fullmatch(text[:10]) is not None and date.fromisoformat(text[:10]) <= today
        fits = fits and text[:10] >= EARLIEST
    except ValueError:
        fits = False
    if not fits:
        raise BadInput("problem-day", value=text, today=today.isoformat())


def check_due(text: str, found_on: str) -> None:
    """Refuse a date until which nothing can be solved: none of the calendar, or before it was found.

    Raises
    ------
    BadInput
        ``problem-due``.
    """
    try:
        fits = _DUE.fullmatch(text) is not None and datetime.fromisoformat(text).year <= now().year + YEARS
    except ValueError:
        fits = False
    if not fits or text[:10] < found_on[:10]:
        raise BadInput("problem-due", value=text, found_on=found_on[:10])


def check_stretch(asset_type: str, asset: str, length: float, start: float, end: float) -> None:
    """Refuse a stretch that does not lie on its conduit; a start alone is a point.

    Parameters
    ----------
    length
        Of the conduit; 0 is not known. [m]
    start, end
        From the start manhole; NaN is not given. [m]

    Raises
    ------
    BadInput
        ``problem-stretch``.
    """
    if math.isnan(start) and math.isnan(end):
        return
    last = start if math.isnan(end) else end
    if asset_type != CONDUIT or not 0 <= start <= last <= length + SLACK:
        told = "–".join("" if math.isnan(one) else f"{one:g}" for one in (start, end))
        raise BadInput("problem-stretch", asset=f"{asset_type}/{asset}", stretch=told, length=f"{length:.1f}")


def check_parts(parts: Sequence[tuple[float, float]], low: float, high: float) -> bool:
    """Refuse parts that do not lie within what is split, or lie over one another; tell whether they cover it.

    Parameters
    ----------
    parts
        Start and end of each. [m]
    low, high
        Stretch that is split. [m]

    Raises
    ------
    BadInput
        There are fewer than two or one has no length (``problem-parts``), one lies outside
        (``problem-parts-outside``), or two overlap (``problem-parts-overlap``).
    """
    if len(parts) < 2 or any(not start < end for start, end in parts):
        raise BadInput("problem-parts", count=len(parts))
    reached = low
    whole = True
    for start, end in sorted(parts):
        told = f"{start:g}–{end:g}"
        if not (low <= start and end <= high + SLACK):
            raise BadInput("problem-parts-outside", part=told, low=f"{low:g}", high=f"{high:.1f}")
        if start < reached:
            raise BadInput("problem-parts-overlap", part=told, reached=f"{reached:g}")
        whole &= start <= reached + SLACK
        reached = end
    return whole and reached >= high - SLACK
