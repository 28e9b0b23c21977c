"""Does an outfall run in dry weather, by the words of whoever looked at it?"""

import csv
from functools import cache
from importlib.resources import files

DRY_FLOW, NONE, FLOW, WET, DRY = "dry_flow", "none", "flow", "wet", "dry"


@cache
def _words() -> tuple[tuple[str, str], ...]:
    text = (files("wenqu.works") / "outfall_words.csv").read_text(encoding="utf-8")
    return tuple((row["word"], row["tells"]) for row in csv.DictReader(text.splitlines()))


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
    >>> runs_dry("阴", "未见出流")
    False
    """
    if _says(remarks, NONE):
        return None if _says(weather, WET) else False
    if _says(remarks, DRY_FLOW):
        return True
    if _says(weather, WET) or not _says(weather, DRY):
        return None
    return True if _says(remarks, FLOW) else None
