"""Which defects does a report name in sentences: 距起始井12.3m处破裂（PL），等级Ⅲ级，时钟位置0305？"""

import re
from collections.abc import Iterator

from wenqu.survey.formats.cell_values import NUMBER, clock_in, code_of, is_code, tidy
from wenqu.survey.formats.table_rows import Event, Said

ENDS = re.compile(r"[\n；;。]")
COUNTED = re.compile(r"^\s*(?:[(（]?\d{1,2}[)）]|\d{1,2}[、.．](?!\d)|[①-⑳])\s*")
UNIT = r"(?:(?:m|米)(?![a-z]))"
TO = rf"({NUMBER})\s*{UNIT}?\s*(?:-|~|—|–|至|到)\s*({NUMBER})\s*{UNIT}"
AT = re.compile(rf"{TO}|({NUMBER})\s*{UNIT}", re.IGNORECASE)
LEVEL = re.compile(
    r"([1-5]|[一二三四五]|[ⅠⅡⅢⅣⅤ]|IV|V|I{1,3})\s*级|等级\s*[:：]?\s*([1-5ⅠⅡⅢⅣⅤ])|[（(]([1-5])[,，]"
)


def in_sentences(event: Event, text: str) -> Iterator[Event]:
    """Yield a row for each sentence of a text that names a defect and where it is.

    Examples
    --------
    >>> [row] = in_sentences(Event("about", "t", 1), "1、距W1井3.5m处错口，2级；其余正常")
    >>> [row.of(name) for name in ("distance", "defect", "level")]
    ['3.5m', 'CK', '2']
    """
    for part in ENDS.split(text):
        said = COUNTED.sub("", tidy(part))
        at, code = AT.search(said), _code(said)
        if at is None or not code:
            continue
        where = f"{at[1]}-{at[2]}m" if at[1] else f"{at[3]}m"
        level, clock = LEVEL.search(said), clock_in(said)
        facts = {
            "distance": where,
            "defect": code,
            "level": next((one for one in level.groups() if one), "") if level else "",
            "clock": clock,
            "description": said,
        }
        told = tuple(Said(name, "", value) for name, value in facts.items() if value)
        yield Event("row", event.table, event.row, told)


def _code(text: str) -> str:
    """Return the code that a sentence names, "" when it names none that is known."""
    code = code_of(AT.sub(" ", LEVEL.sub(" ", text)))[0]
    return code if is_code(code) else ""
