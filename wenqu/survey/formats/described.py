"""What does the description of a defect say beside words: clock position, scale, second of the film?"""

import re
from dataclasses import dataclass

from wenqu.survey.formats.cell_values import clock_in, clock_text, seconds_of, tidy

SCALES = {"硬质": "hard", "软质": "soft"}
CLOCK = re.compile(r"^位置([^，]+)$")
FILM = re.compile(r"^录像([\d:.]+)$")
PLAIN = "说明："  # stands before words that would be taken for something else


@dataclass(frozen=True, slots=True)
class Description:
    """What a description says."""

    clock: str = ""
    variant: str = ""
    film_at: float | None = None  # [s]
    remark: str = ""


def read_description(text: str) -> Description:
    """Return what a description says; what is no more than words is the remark, whole.

    >>> read_description("位置0309，录像00:01:23，渗水")
    Description(clock='0309', variant='', film_at=83.0, remark='渗水')
    """
    clock, variant, film_at, rest = "", "", None, text
    while rest:
        head, comma, tail = rest.partition("，")
        found, film = CLOCK.match(head), FILM.match(head)
        if found and not clock:
            clock = found[1]
        elif film and film_at is None and seconds_of(film[1]) is not None:
            film_at = seconds_of(film[1])
        elif head in SCALES and not variant:
            variant = SCALES[head]
        else:
            break
        rest = tail if comma else ""
    if text.startswith(PLAIN):  # said to be no more than words
        return Description(remark=text.removeprefix(PLAIN))
    if rest == text:
        return Description(clock_in(tidy(text)), "", None, text.removeprefix(PLAIN))
    return Description(clock, variant, film_at, rest.removeprefix(PLAIN))


def write_description(said: Description) -> str:
    """Return a description that reads back as it was."""
    scales = {code: word for word, code in SCALES.items()}
    parts = [f"位置{said.clock}"] if said.clock else []
    parts += [scales[said.variant]] if said.variant in scales else []
    parts += [f"录像{clock_text(said.film_at)}"] if said.film_at is not None else []
    remark = said.remark
    again = read_description(remark)
    if remark and again != Description(remark=remark):
        remark = PLAIN + remark
    return "，".join([*parts, remark] if remark else parts)
