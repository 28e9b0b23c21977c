"""What does a cell of a crew's table say: a distance, a level, a code, a date?"""

import re
import unicodedata
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache

from wenqu.network.formats.proposing import plain
from wenqu.survey.formats.headings import table

BLANKS = {"", "/", "-", "--", "—", "——", "－", "无", "\\", "none", "n/a"}
ROMAN = {"Ⅰ": 1, "Ⅱ": 2, "Ⅲ": 3, "Ⅳ": 4, "Ⅴ": 5, "I": 1, "II": 2, "III": 3, "IV": 4, "V": 5}
WORDS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5}
NUMBER = r"\d+(?:\.\d+)?"
SPAN = re.compile(
    rf"^({NUMBER})\s*(?:m|米)?\s*(?:-|~|～|—|–|至|到|to)+\s*({NUMBER})\s*(?:m|米)?$", re.IGNORECASE
)
ONE = re.compile(rf"^[^\d.+-]*([+-]?{NUMBER}|[+-]?\.\d+)\s*(mm|cm|km|m|毫米|厘米|米)?[^\d]*$", re.IGNORECASE)
UNITS = {
    "": Decimal(1), "m": Decimal(1), "米": Decimal(1), "mm": Decimal("0.001"), "毫米": Decimal("0.001"),
    "cm": Decimal("0.01"), "厘米": Decimal("0.01"), "km": Decimal(1000),
}  # fmt: skip
DAY_FIRST = re.compile(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})$")  # as in German files
COMMA = re.compile(r"(?<![\d,])(\d+),(\d{1,2})(?![\d,])")  # 12,3
DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
PACKED = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
TIME = re.compile(r"^(?:(\d{1,2})[:：时])?(\d{1,2})[:：分](\d{1,2})(?:\.(\d+))?秒?$")
CLOCK = re.compile(
    r"(?:时钟|钟点|环向)?位置\s*[:：]?\s*(\d{4}|\d{2}[-~]\d{2}|\d{2}|\d{1,2}点(?:[-~至到]\d{1,2}点)?)(?!\d)"
)
CLOCK_BEFORE = re.compile(r"(?<!\d)(\d{4})\s*(?:点钟?)?位置")
BARE_CLOCK = re.compile(r"(?<!\d)((?:0[1-9]|1[0-2]){2})(?!\d)")
LEVEL = re.compile(
    r"^(?:等级|level|grade)?[:：]?\s*(\d|[一二三四五]|[ⅠⅡⅢⅣⅤ]|I{1,3}|I?V)\s*级?\s*(?:[（(][^\d]*[）)])?$",
    re.IGNORECASE,
)
SAID_LEVELS = {"轻微": 1, "中等": 2, "严重": 3, "重大": 4}  # 轻微缺陷 … of CJJ 181, from memory

LEVEL_BEHIND = re.compile(
    r"(?<![\d.])[（(]?\s*[-—]?\s*(?<![\d.])([1-9]|[一二三四五]|[ⅠⅡⅢⅣⅤ])\s*级?\s*[）)]?$"
)
CODE = re.compile(r"(?<![A-Za-z])(KS|JS)?([A-Z]{2})(?![A-Za-z])")


@lru_cache(maxsize=65536)
def tidy(text: str) -> str:
    """Return a text with full-width digits and letters made narrow, blanks at the ends taken off."""
    kept = "".join(
        letter if letter in ROMAN or letter in "，。；、：（）" else unicodedata.normalize("NFKC", letter)
        for letter in text
    )
    return re.sub(r"[ \t\u00a0]+", " ", kept).strip()


def there(text: str) -> bool:
    """Tell whether a cell says anything."""
    return tidy(text).casefold() not in BLANKS


def metres(text: str, unit: str = "") -> float | None:
    """Return a length in metres; the unit beside the number goes before that of the heading. [m]"""
    found = ONE.match(COMMA.sub(r"\1.\2", tidy(text)))
    if not found or not there(text):
        return None
    scale = UNITS.get((found[2] or unit).casefold())
    return None if scale is None else float(Decimal(found[1]) * scale)


def number(text: str) -> float | None:
    """Return a number without unit."""
    found = re.match(rf"^([+-]?{NUMBER}|[+-]?\.\d+)$", tidy(text))
    return float(found[1]) if found else None


def stretch(text: str, unit: str = "") -> tuple[float | None, float]:
    """Return where something begins and how long it is, from 12.3 or 12.3-15.0. [m]"""
    scale = UNITS.get(unit.casefold(), Decimal(1))
    found = SPAN.match(tidy(text))
    if not found:
        return metres(text, unit), 0.0
    begin, end = sorted((Decimal(found[1]) * scale, Decimal(found[2]) * scale))
    return float(begin), float(end - begin)


def between(start: float, end: float) -> float:
    """Return the length from one written number to another, without the error of binary fractions. [m]"""
    return float(Decimal(repr(end)) - Decimal(repr(start)))


def level_of(text: str) -> int | None:
    """Return the level that a cell names, 0 when it names none, None when it cannot be read."""
    if not there(text):
        return 0
    found = LEVEL.match(tidy(text))
    return _level(found[1]) if found else SAID_LEVELS.get(tidy(text).removesuffix("缺陷"))


def _level(word: str) -> int:
    upper = word.upper()
    return ROMAN[upper] if upper in ROMAN else WORDS[word] if word in WORDS else int(word)


@cache
def _names(kind: str) -> tuple[tuple[str, str], ...]:
    rows = [(row["alias"], row["value"]) for row in table("words.csv") if row["kind"] == kind]
    return tuple(sorted(rows, key=lambda row: -len(row[0])))


@lru_cache(maxsize=16384)
def word_in(kind: str, text: str) -> str:
    """Return the code of the longest known word that stands in a text, "" when there is none."""
    said = plain(text)
    return next((value for alias, value in _names(kind) if plain(alias) in said), "")


def word_is(kind: str, text: str) -> str:
    """Return the code of the known word that a text is."""
    said = plain(text) or text.strip()
    return next((value for alias, value in _names(kind) if (plain(alias) or alias) == said), "")


def is_code(text: str) -> bool:
    """Tell whether a text is a code of the standard or of its special marks."""
    return any(value == text for kind in ("code", "mark") for _, value in _names(kind))


@lru_cache(maxsize=16384)
def code_of(text: str) -> tuple[str, str, int]:
    """Return the code that a cell names, whether it opens (KS) or closes (JS) a stretch, and its level or 0.

    Letters go before words: 破裂(PL), PL3, KSPL, 结束破裂, 破裂，位置：0309. A name nobody knows is the code.
    """
    said = tidy(text)
    body = BARE_CLOCK.sub("", CLOCK.sub("", said)).strip("，,;；/ ")
    edge = "KS" if "开始" in body else "JS" if "结束" in body else ""
    behind = LEVEL_BEHIND.search(body)
    level = _level(behind[1]) if behind else 0
    letters = [found for found in CODE.finditer(body) if found[2] not in {"KS", "JS"}]
    letters = letters or [found for found in CODE.finditer(body.upper()) if is_code(found[2])]  # pl
    if letters:
        return letters[0][2], letters[0][1] or edge, level
    code = word_in("code", body) or word_in("mark", body)
    return code or (body[: behind.start()].strip() if behind else body), edge, level


def clock_in(text: str, *, bare: bool = False) -> str:
    """Return the clock position that a text names (位置0309); ``bare``: four digits alone suffice."""
    said = tidy(text)
    found = CLOCK.search(said) or CLOCK_BEFORE.search(said)
    if found:
        return re.sub(r"[-~]", "", found[1]) if found[1][-1].isdigit() else found[1]
    alone = BARE_CLOCK.search(said) if bare else None
    return alone[1] if alone else ""


def date_of(text: str) -> str | None:
    """Return the first day that a text names as ISO date, "" when it is empty, None when there is none."""
    said = tidy(text)
    if not there(said):
        return ""
    german = DAY_FIRST.match(said)
    found = DATE.search(said) or PACKED.match(said)
    if not found and not german:
        return None
    year, month, day = found.groups() if found else reversed(german.groups()) if german else ()
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def seconds_of(text: str) -> float | None:
    """Return the moment of a film, from 00:01:23. [s]"""
    found = TIME.match(tidy(text))
    if not found:
        return None
    whole = 3600 * int(found[1] or 0) + 60 * int(found[2]) + int(found[3])
    return float(f"{whole}.{found[4] or 0}")


def clock_text(seconds: float) -> str:
    """Return a moment of a film as 00:01:23."""
    whole = int(seconds)
    rest = repr(float(seconds)).partition(".")[2]
    text = f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"
    return text if rest == "0" else f"{text}.{rest}"


def ends_of(name: str) -> tuple[str, str]:
    """Return the two manholes that the name of a pipe is made of, two empty texts when it is not.

    W12-W13, W12～W13, WS-12-WS-13; a plain PL-001 has no two ends.
    """
    said = tidy(name)
    for sign in ("→", "->", "～", "~", "—", "--", "至", "到"):
        left, found, right = said.partition(sign)
        if found and left.strip() and right.strip() and sign not in right:
            return left.strip(), right.strip()
    parts = said.split("-")
    if len(parts) % 2:
        return "", ""
    half = len(parts) // 2
    left, right = "-".join(parts[:half]), "-".join(parts[half:])
    shapes = [re.sub(r"\d+", "0", side) for side in (left, right)]
    alike = shapes[0] == shapes[1] and "0" in shapes[0] and re.search(r"[^\d\W]", shapes[0])
    return (left.strip(), right.strip()) if alike else ("", "")
