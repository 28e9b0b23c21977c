"""Does an outfall run in dry weather, by the words of whoever looked at it?"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

DRY_FLOW, NONE, FLOW, WET, DRY = "dry_flow", "none", "flow", "wet", "dry"


@cache
def _words() -> tuple[tuple[str, str], ...]:
    text = (files("wenqu.works") / "outfall_words.csv").read_text(encoding="utf-8")
    return tuple((row["word"], row["tells"]) for row in csv.DictReader(text.splitlines()))


@dataclass(frozen=True, slots=True)
class OutfallCode:
    """What a patrol can say of an outfall: a row of ``outfall_codes.csv``."""

    code: str
    tells: str  # dry_flow, none, or "" where it says nothing of dry weather
    zh: str
    en: str


@cache
def outfall_codes() -> tuple[OutfallCode, ...]:
    """Return what a patrol can say of an outfall."""
    text = (files("wenqu.works") / "outfall_codes.csv").read_text(encoding="utf-8")
    return tuple(OutfallCode(**row) for row in csv.DictReader(text.splitlines()))


@cache
def weathers() -> tuple[dict[str, str], ...]:
    """Return the weather that a patrol can choose: the word that is kept, whether it is wet, its names."""
    text = (files("wenqu.works") / "weathers.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def spelled(remarks: str) -> str:
    """Return remarks with the name of each code in its place, as officials write it.

    Examples
    --------
    >>> spelled("OF-DRY; 发黑")
    '晴天出流; 发黑'
    """
    for one in outfall_codes():
        remarks = remarks.replace(one.code, one.zh)
    return remarks


def contradicts(weather: str, codes: Iterable[str]) -> bool:
    """Tell whether a code of dry weather was given in the rain.

    Examples
    --------
    >>> contradicts("小雨", ["OF-DRY"]), contradicts("晴", ["OF-DRY"]), contradicts("雨", ["OF-WET"])
    (True, False, False)
    """
    dry = {one.code for one in outfall_codes() if one.tells}
    return _says(weather, WET) and any(code.upper() in dry for code in codes)


def _says(text: str, what: str) -> bool:
    plain = text.lower()
    return any(word in plain for word, tells in _words() if tells == what)


def runs_dry(weather: str, remarks: str) -> bool | None:
    """Return whether an outfall runs in dry weather; None where the words do not tell.

    That it runs counts when the weather was dry, or the remark itself says so; what was seen in rain tells
    nothing.

    Examples
    --------
    >>> runs_dry("晴", "有水流出"), runs_dry("小雨", "有水流出"), runs_dry("", "晴天出流，发黑")
    (True, None, True)
    >>> runs_dry("阴", "未见出流"), runs_dry("", "OF-DRY"), runs_dry("晴", "OF-WET")
    (False, True, None)
    >>> runs_dry("晴", "OF-DRY; 无出流标志牌"), runs_dry("雨后", "OF-DRY")
    (True, None)
    """
    coded = next((one.tells for one in outfall_codes() if one.code in remarks.upper()), None)
    if coded is not None:  # a code beats the words beside it
        return None if not coded or _says(weather, WET) else coded == DRY_FLOW
    if _says(remarks, NONE):
        return None if _says(weather, WET) else False
    if _says(remarks, DRY_FLOW):
        return True
    if _says(weather, WET) or not _says(weather, DRY):
        return None
    return True if _says(remarks, FLOW) else None
