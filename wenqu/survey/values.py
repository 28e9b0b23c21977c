"""How does a cell of an inspection file become a number, a day, a clock or a second of the film?"""

import math
import re
from datetime import date

NAN = math.nan
DAY = re.compile(r"(\d{4})\D?(\d{1,2})\D?(\d{1,2})(?!\d)")
DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?!\d)")
CLOCK = re.compile(r"(?:(\d{1,2}):)?(\d{1,2}):(\d{1,2}(?:[.,]\d+)?)$")
OF_DAY = re.compile(r"(\d{1,2}):(\d{2})")


def number(text: str, decimal: str = ".") -> float:
    """Return a number as written, NaN when it is none; its decimal sign may be the other one.

    Examples
    --------
    >>> number("12,5", ","), number("12.5", ","), number("about 3")
    (12.5, 12.5, nan)
    """
    plain = text.strip().replace(" ", "")
    if decimal == "," or "." not in plain:
        plain = plain.replace(",", ".")
    try:
        value = float(plain)
    except ValueError:
        return NAN
    return value if math.isfinite(value) else NAN


def day(text: str) -> str:
    """Return a day as an ISO date; the text as it stands when no day can be read from it.

    Examples
    --------
    >>> day("26.01.2015"), day("2015-01-26T00:00:00"), day("20150126"), day("spring"), day("2015-02-30")
    ('2015-01-26', '2015-01-26', '2015-01-26', 'spring', '2015-02-30')
    """
    plain = text.strip()
    found = DAY.match(plain)
    if found:
        year, month, number = found.groups()
    else:
        found = DAY_FIRST.match(plain)
        if not found:
            return plain
        number, month, year = found.groups()
    if not (1 <= int(month) <= 12 and 1 <= int(number) <= 31):
        return plain
    return f"{year}-{int(month):02d}-{int(number):02d}"


def is_day(text: str) -> bool:
    """Tell whether a text is an ISO date of the calendar.

    Examples
    --------
    >>> is_day("2015-02-28"), is_day("2015-02-30"), is_day("0000-01-01"), is_day("20150226")
    (True, False, False, False)
    """
    try:
        return re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) is not None and bool(date.fromisoformat(text))
    except ValueError:
        return False


def time_of_day(text: str) -> str:
    """Return HH:MM; the text as it stands when it names no time."""
    found = OF_DAY.search(text)
    return f"{int(found[1]):02d}:{found[2]}" if found else text.strip()


def film_second(text: str) -> float | None:
    """Return the second of the film that a counter names, None when it names none.

    Examples
    --------
    >>> film_second("00:01:40"), film_second("2:05"), film_second("f7.mpg")
    (100.0, 125.0, None)
    """
    found = CLOCK.match(text.strip())
    if not found:
        return None
    hours, minutes, seconds = found.groups()
    return int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds.replace(",", "."))


def counter(second: float) -> str:
    """Return a second of the film as a counter.

    Examples
    --------
    >>> counter(100.0), counter(3725.5)
    ('00:01:40', '01:02:05.5')
    """
    whole = int(second)
    rest = f"{second - whole:.3f}".rstrip("0").rstrip(".")[1:]
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}{rest}"


def ring(start: str, end: str = "") -> str:
    """Return where on the ring, four digits from and to (0309) or two for one place (12).

    Examples
    --------
    >>> ring("3", "9"), ring("12"), ring(""), ring("12", "12")
    ('0309', '12', '', '1212')
    """
    hours = [f"{int(part):02d}" if part.isdecimal() else part for part in (start.strip(), end.strip())]
    return "".join(hours)


def ring_parts(clock: str) -> tuple[str, str]:
    """Return from and to of a place on the ring, without leading noughts.

    Examples
    --------
    >>> ring_parts("0309"), ring_parts("12")
    (('3', '9'), ('12', ''))
    """
    start, end = clock[:2], clock[2:4]
    return tuple(str(int(part)) if part.isdecimal() else part for part in (start, end))  # type: ignore[return-value]


def trimmed(*values: str) -> tuple[str, ...]:
    """Return texts without the empty ones at the end."""
    kept = [value.strip() for value in values]
    while kept and not kept[-1]:
        kept.pop()
    return tuple(kept)


def quantities(*values: str, decimal: str = ".") -> tuple[float | str | None, ...]:
    """Return quantities as written: numbers, words where they are words, None where left out.

    Examples
    --------
    >>> quantities("", "2,5", decimal=","), quantities("about 3", "")
    ((None, 2.5), ('about 3',))
    """
    made: list[float | str | None] = []
    for text in trimmed(*values):
        value = number(text, decimal)
        made.append((text or None) if math.isnan(value) else value)
    return tuple(made)
