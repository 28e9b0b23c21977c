"""How are a number, an interval, a code and a source written in a report?"""

import math
from collections.abc import Iterable

from wenqu.issues import Issue
from wenqu.messages import say, sentences, told
from wenqu.network.schema import asset_types, code_lists
from wenqu.reports.content import CityReport

THIN = "\u2009"
NOTHING = "–"
ROMAN = ("–", "Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ")


def figure(value: float | None, digits: int = 3) -> str:
    """Return a number with significant digits and thin thousands separators; a dash when unknown.

    Examples
    --------
    >>> figure(227950.48), figure(0.012345), figure(-0.0), figure(float("nan"))
    ('228\u2009000', '0.0123', '0', '–')
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    rounded = float(f"{value:.{digits}g}") + 0.0
    if rounded == 0:
        return "0"
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(rounded))))
    return f"{rounded:,.{decimals}f}".replace(",", THIN).replace("-", "−")


def count(number: int) -> str:
    """Return a counted number in full.

    Examples
    --------
    >>> count(12345)
    '12\u2009345'
    """
    return f"{number:,}".replace(",", THIN)


def interval(value: float, low: float, high: float, digits: int = 3) -> str:
    """Return a value with its interval.

    Examples
    --------
    >>> interval(12.44, 9.76, 15.1), interval(-1.0, -2.0, 0.5), interval(3.0, float("nan"), 4.0)
    ('12.4 (9.76–15.1)', '−1.00 (−2.00 … 0.500)', '3.00')
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        return figure(value, digits)
    between = "–" if low >= 0 else " … "
    return f"{figure(value, digits)} ({figure(low, digits)}{between}{figure(high, digits)})"


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


def joined(parts: Iterable[str], language: str) -> str:
    """Return parts as one list in a sentence."""
    return ("、" if language == "zh" else ", ").join(parts)
