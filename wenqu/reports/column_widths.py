"""How wide are the columns of a table on paper, so that no word of a heading is broken in two?"""

import re
from collections.abc import Sequence

from wenqu.reports.paper import Head

POINT = 0.3528  # [mm]
BESIDE = 2.6  # [mm] what a cell keeps free beside its text, both sides, with a hair to spare
LATIN, HAN = 0.72, 1.0  # [em] of a bold letter, of the widest font that may stand in
WORD = re.compile(r"[（《]?[^\s\u2e80-\u9fff\uff00-\uffef]+[）》]?|[\u2e80-\u9fff\uff00-\uffef]{1,2}")


def heading_text(label: str) -> str:
    r"""Return a heading that may go on in a new line before its unit: Latin letters hold on to a bracket.

    Examples
    --------
    >>> heading_text("本月 BOD5（mg/L）").split("\u200b")
    ['本月 BOD5', '（mg/L）']
    """
    return label.replace("（", "\u200b（")


def column_widths(heads: Sequence[Head], width: float, size: float) -> list[float]:
    """Return the width of each column. [mm]

    Each has its share of the page, and at least room for the longest word of its heading (two letters of a
    Chinese one); what such a column takes more, the others give. Where not all of that has room, each has of
    the page in proportion to it.

    Parameters
    ----------
    heads
        The columns with their shares.
    width
        Of the whole table. [mm]
    size
        Of the letters. [pt]

    Examples
    --------
    >>> [round(one, 1) for one in column_widths([Head("No.", 0.1), Head("What is to be done", 2)], 100, 9)]
    [9.5, 90.5]
    """
    least = [_word(head.label) * size * POINT + BESIDE for head in heads]
    if sum(least) >= width:
        return [width * one / sum(least) for one in least]
    held: set[int] = set()
    while True:
        room = width - sum(least[place] for place in held)
        shares = sum(head.width for place, head in enumerate(heads) if place not in held)
        made = [
            least[place] if place in held else room * head.width / shares for place, head in enumerate(heads)
        ]
        narrow = {place for place, one in enumerate(made) if one < least[place]} - held
        if not narrow:
            return made
        held |= narrow


def _word(label: str) -> float:
    """Return the width of the longest word of a heading. [em]"""
    return max(
        (sum(HAN if letter >= "\u2e80" else LATIN for letter in word) for word in WORD.findall(label)),
        default=0.0,
    )
