"""What does a filter in CQL2 say? Text or JSON to one tree (OGC 21-065r2), read by the library ``cql2``."""

import re
from typing import Any

import cql2

from wenqu.errors import BadInput

LONGEST = 8000  # characters of a filter in an address
DEEPEST = 64  # brackets within brackets: the parser calls itself for each
_BRACKET = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}
_RUN = re.compile(rf"(?:(?:\bnot\b|-)\s*){{{DEEPEST},}}", re.IGNORECASE)

Tree = dict[str, Any] | list[Any] | str | float | bool | None


def read_filter(text: str, language: str = "cql2-text") -> Tree:
    """Return the tree of a filter, as CQL2 JSON has it.

    Parameters
    ----------
    language
        ``cql2-text`` or ``cql2-json``.

    Raises
    ------
    BadInput
        The language is another (``filter-language``), or the filter is too long, too deep or cannot be
        read (``filter``).
    """
    if language not in {"cql2-text", "cql2-json"}:
        raise BadInput("filter-language", language=language)
    if len(text) > LONGEST or _depth(text) > DEEPEST or _RUN.search(text):
        raise BadInput("filter-size", longest=LONGEST, deepest=DEEPEST)
    try:
        made = cql2.parse_text(text) if language == "cql2-text" else cql2.parse_json(text)
    except cql2.ParseError as error:
        raise BadInput("filter", said=" ".join(str(error).split())[:300]) from None
    tree: Tree = made.to_json()
    return tree


def _depth(text: str) -> int:
    deepest = now = 0
    for letter in text:
        now += _BRACKET.get(letter, 0)
        deepest = max(deepest, now)
    return deepest
