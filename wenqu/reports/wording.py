"""How are a number, an interval, a code and a source written in a report?"""

import math
from collections.abc import Iterable
from datetime import date

from wenqu.issues import Issue
from wenqu.messages import say, sentences, told
from wenqu.network.schema import asset_types, code_lists
from wenqu.reports.content import CityReport
from wenqu.units import from_si

THIN = "\u202f"  # thin, and a number does not break at it
NOTHING = "–"
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
ROMAN = ("–", "Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ")


def _decimals(value: float, digits: int) -> int:
    """Return how many decimals a number has when it is written with significant digits."""
    return max(0, digits - 1 - math.floor(math.log10(abs(value)))) if value else 0


def _fixed(value: float, decimals: int) -> str:
    shown = f"{value + 0.0:,.{decimals}f}"
    if not shown.strip("-0.,"):
        return "0"
    return shown.replace(",", THIN).replace("-", "−")


def figure(value: float | None, digits: int = 3) -> str:
    """Return a number with significant digits and thin thousands separators; a dash when unknown.

    Examples
    --------
    >>> figure(227950.48), figure(0.012345), figure(-0.0), figure(float("nan"))
    ('228\u202f000', '0.0123', '0', '–')
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    rounded = float(f"{value:.{digits}g}")
    return _fixed(rounded, _decimals(rounded, digits))


def count(number: int) -> str:
    """Return a counted number in full.

    Examples
    --------
    >>> count(12345)
    '12\u202f345'
    """
    return f"{number:,}".replace(",", THIN)


def interval(value: float, low: float, high: float, digits: int = 3) -> str:
    r"""Return a value with its interval; no bound is written finer than the value.

    Examples
    --------
    >>> interval(12.44, 9.76, 15.1), interval(-1.0, -2.0, 0.5), interval(3.0, float("nan"), 4.0)
    ('12.4 (9.8–15.1)', '−1.00 (−2.00\xa0…\xa00.50)', '3.00')
    >>> interval(42.4, 4e-13, 370.0), interval(2.44, -303.0, 461.0)
    ('42.4 (0–370)', '2.4 (−303\xa0…\xa0461)')
    """
    if not all(map(math.isfinite, (value, low, high))):
        return figure(value, digits)
    largest = max(abs(low), abs(high), abs(value))
    finest = min(_decimals(value or largest, digits), _decimals(largest, digits) + 1)
    shown = []
    for part in (value, low, high):
        rounded = float(f"{part:.{digits}g}")
        shown.append(_fixed(rounded, min(finest, _decimals(rounded, digits))))
    between = "–" if low >= 0 else "\xa0…\xa0"
    return f"{shown[0]} ({shown[1]}{between}{shown[2]})"


def interval_in(unit: str, value: float, low: float, high: float) -> str:
    """Return a value in SI with its interval, written in another unit."""
    return interval(from_si(value, unit), from_si(low, unit), from_si(high, unit))


def percent(share: float | None, digits: int = 3) -> str:
    """Return a share in percent.

    Examples
    --------
    >>> percent(0.12345), percent(1.0)
    ('12.3 %', '100 %')
    """
    if share is None or not math.isfinite(share):
        return NOTHING
    return f"{figure(100 * share, digits)} %"


def code_label(name: str, code: object, language: str) -> str:
    """Return what a code of a list is called; the code itself when the list does not know it."""
    if code is None or code == "":
        return ""
    entry = code_lists().get(name, {}).get(str(code))
    return str(code) if entry is None else (entry.zh if language == "zh" else entry.en)


def type_label(name: str, language: str) -> str:
    """Return what an asset type is called."""
    entry = asset_types().get(name)
    return name if entry is None else (entry.zh if language == "zh" else entry.en)


def city_name(report: CityReport, language: str) -> str:
    """Return the city's name in a language, its other name or its code when it has none."""
    city = report.city
    first, second = (city.zh, city.en) if language == "zh" else (city.en, city.zh)
    return first or second or city.code


def repair_name(report: CityReport, method: str, language: str) -> str:
    """Return what a method of repair is called; its key when no price table knows it any more."""
    label = report.repairs.get(method)
    return label.of(language) if label else method


def issue_sentence(issue: Issue, language: str) -> str:
    """Return what an issue says."""
    facts = {"type": issue.type, "asset": issue.asset, **issue.facts}
    return told(f"issue.{issue.code}.says", language, facts)


def noted(keys: Iterable[str], language: str) -> str:
    """Return the sentences of message keys, one after the other."""
    return (" " if language == "en" else "").join(say(key, language) for key in dict.fromkeys(keys))


def rule_sentence(rule: str, language: str) -> str:
    """Return why a rule of a standard is not confirmed."""
    key = f"grading.unconfirmed.{rule}"
    return say(key, language) if key in sentences(language) else rule


def written_day(day: str, language: str) -> str:
    """Return an ISO date as an official paper writes it.

    Examples
    --------
    >>> written_day("2026-03-08", "zh"), written_day("2026-03-08", "en")
    ('2026年3月8日', '8 March 2026')
    """
    one = date.fromisoformat(day)
    if language == "zh":
        return f"{one.year}年{one.month}月{one.day}日"
    return f"{one.day} {MONTHS[one.month - 1]} {one.year}"


def joined(parts: Iterable[str], language: str) -> str:
    """Return parts as one list in a sentence."""
    return ("、" if language == "zh" else ", ").join(parts)
