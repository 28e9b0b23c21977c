"""Which moment a date or time of the caller means."""

import re
from datetime import UTC, datetime, timedelta, timezone

import numpy as np

from wenqu.errors import BadInput

# Every city of the People's Republic keeps this time the year round; servers often run on UTC.
LOCAL = timezone(timedelta(hours=8))
_LATEST = "9999-12-31T23:59:59.999999"
_SHAPE = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?(Z|[+-]\d{2}:?\d{2})?")

Moment = str | datetime | np.datetime64


def now() -> datetime:
    """Return the local standard time, without its zone."""
    return datetime.now(LOCAL).replace(tzinfo=None)


def begin_of(moment: Moment) -> datetime:
    """Return the first instant of what ``moment`` names: a date begins at midnight.

    Raises
    ------
    BadInput
        It is no ISO date or time.
    """
    return _instant(moment, "")


def end_of(moment: Moment) -> datetime:
    """Return the last instant of what ``moment`` names: a date lasts to the end of the day.

    Raises
    ------
    BadInput
        It is no ISO date or time.

    Examples
    --------
    >>> end_of("2026-03-31").isoformat()
    '2026-03-31T23:59:59.999999'
    >>> end_of("2026-03-31T06:30").isoformat()
    '2026-03-31T06:30:59.999999'
    """
    return _instant(moment, _LATEST)


def _instant(moment: Moment, rest: str) -> datetime:
    text = moment.isoformat() if isinstance(moment, datetime) else str(moment)
    found = _SHAPE.fullmatch(text)
    if found is None:
        raise BadInput("moment", value=text)
    zone = found.group(4) or ""
    local = text.removesuffix(zone)
    try:
        instant = datetime.fromisoformat(local + rest[len(local) :] + zone)
        return instant.astimezone(LOCAL).replace(tzinfo=None) if instant.tzinfo else instant
    except (ValueError, OverflowError):
        raise BadInput("moment", value=text) from None


def text_of(instant: datetime | None) -> str:
    """Return an instant as ISO text, "" for none."""
    return "" if instant is None else instant.isoformat()


def from_seconds(seconds: int) -> datetime:
    """Return the instant of a datetime64[s] count, without a zone."""
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
