"""Where do the mark and the label of each defect of a drawn pipe stand?"""

import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from html import escape

from wenqu.records.inspection import Defect
from wenqu.reports.drawn_pipe import LANE, LANES, PIPE, Drawn, Sheet, short, text_at, told_of, wide

CLOCK = re.compile(r"^(\d{2})(\d{2})$|^(\d{1,2})\s*(?:点|$)(?:[-~至到](\d{1,2})点?)?")


@dataclass(frozen=True, slots=True)
class Label:
    """The label of one defect."""

    number: int
    defect: Defect
    x: float
    lane: int
    words: str  # "" where there is no room for any: the table has them


def labels_of(drawn: Drawn) -> list[Label]:
    """Return a label for each defect, in lanes so that none lies on another.

    Where defects crowd, labels are numbers of the table; what has no room for that has a line and a dot.
    """
    made = _laid(drawn, _mark)
    if all(label.lane < LANES for label in made):
        return made
    short = _laid(drawn, lambda place, _: str(place + 1))
    return [one if one.lane < LANES else replace(one, lane=LANES - 1, words="") for one in short]


def _laid(drawn: Drawn, words: Callable[[int, Defect], str]) -> list[Label]:
    scale = Sheet(drawn, "", {}, 0.0)
    ends: list[float] = []
    made = []
    order = sorted(enumerate(drawn.inspection.defects), key=lambda one: (one[1].start, one[0]))
    for place, defect in order:
        if not math.isfinite(defect.start):
            continue
        told = words(place, defect)
        x, half = scale.x(defect.start), wide(told) / 2 + 6
        lane = next((lane for lane, end in enumerate(ends) if end <= x - half), len(ends))
        ends[lane : lane + 1] = [x + half]
        made.append(Label(place, defect, x, lane, told))
    return made


def _mark(place: int, defect: Defect) -> str:
    level = f"-{defect.level}" if defect.level else ""
    return f"{place + 1} {short(defect.code, 60)}{level}"


def marks_of(sheet: Sheet, labels: Iterable[Label]) -> Iterator[str]:
    """Yield the mark of each defect: its line, its stretch, its dot by the clock, its label."""
    length = sheet.drawn.length
    for label in sorted(labels, key=lambda one: -one.lane):  # a label covers the lines of those above it
        defect, colour, x = label.defect, sheet.level(label.defect), label.x
        beyond = math.isfinite(length) and defect.end > length + 0.005
        film = "" if defect.film_at is None else f' data-film-at="{defect.film_at:g}"'
        yield (
            f'<g data-defect="{label.number}" data-code="{escape(defect.code)}" data-level="{defect.level}" '
            f'data-picture="{escape(defect.picture)}"{film}><title>{escape(told_of(sheet, defect))}</title>'
        )
        y = sheet.top - 14 - LANE * label.lane
        if defect.length > 0:
            end = sheet.x(defect.end)
            yield (
                f'<rect x="{x:.1f}" y="{sheet.top:.1f}" width="{max(end - x, 2):.1f}" height="{PIPE:g}" '
                f'fill="{colour}" fill-opacity="0.35" stroke="{colour}"/>'
            )
        ends = sheet.top + PIPE
        dashes = ' stroke-dasharray="3 2"' if beyond else ""
        yield f'<path d="M{x:.1f} {y + 4:.1f}V{ends:.1f}" stroke="{colour}" stroke-width="2"{dashes}/>'
        yield _at_clock(sheet, defect, x, colour)
        if not label.words:
            yield "</g>"
            continue
        words = label.words + (" !" if beyond else "")
        half, edge = wide(words) / 2 + 4, sheet.paint["bad"] if beyond else colour
        yield (
            f'<rect x="{x - half:.1f}" y="{y - 11:.1f}" width="{2 * half:.1f}" height="16" rx="3" '
            f'fill="{sheet.paint["paper"]}" stroke="{edge}" stroke-width="1.4"/>'
        )
        yield text_at(x, y + 1, words, sheet.paint["text"], text_anchor="middle", font_size="11") + "</g>"


def _at_clock(sheet: Sheet, defect: Defect, x: float, colour: str) -> str:
    """Return a dot as high in the pipe as the clock position lies: twelve at the crown, six at the invert."""
    hours = clock_hours(defect.clock)
    height = 0.5 if hours is None else sum(0.5 - 0.5 * math.cos(math.pi * hour / 6) for hour in hours) / 2
    return f'<circle cx="{x:.1f}" cy="{sheet.top + PIPE * height:.1f}" r="4" fill="{colour}"/>'


def clock_hours(clock: str) -> tuple[int, int] | None:
    """Return from which to which hour a defect goes round the pipe, clockwise; None when it is not said.

    >>> clock_hours("0903"), clock_hours("12点"), clock_hours("3点至9点"), clock_hours("")
    ((9, 3), (12, 12), (3, 9), None)
    """
    found = CLOCK.match(clock.strip())
    if not found:
        return None
    first = int(found[1] or found[3])
    last = int(found[2] or found[4] or first)
    return (first, last) if 1 <= first <= 12 and 1 <= last <= 12 else None
