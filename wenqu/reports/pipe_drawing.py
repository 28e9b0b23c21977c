"""How is a pipe with its defects drawn to scale? One SVG; on the page it takes the page's colours."""

import math
from collections.abc import Iterator
from html import escape

from wenqu.messages import say
from wenqu.records.inspection import Defect
from wenqu.reports.defect_marks import clock_hours, labels_of, marks_of
from wenqu.reports.drawn_pipe import (
    HEAD,
    LANE,
    LEFT,
    PIPE,
    ROMAN,
    ROW,
    STEPS,
    WIDTH,
    Drawn,
    Sheet,
    distance_of,
    remark_of,
    short,
    text_at,
    wide,
)
from wenqu.standards.observations import code_name

# What is drawn in which colour: the page's variable, and the colour where there is no page.
COLOURS = {
    "text": ("--text", "#16212a"),
    "soft": ("--text-soft", "#4d5b65"),
    "line": ("--line", "#d3dade"),
    "body": ("--accent-soft", "#e0edf5"),
    "pipe": ("--accent", "#0b5a8a"),
    "flow": ("--storm", "#0072b2"),
    "bad": ("--bad", "#b23c00"),
    "paper": ("--surface", "#ffffff"),
    "level-0": ("--grade-0", "#7b868d"),
    "level-1": ("--grade-1", "#009e73"),
    "level-2": ("--grade-2", "#56b4e9"),
    "level-3": ("--grade-3", "#e69f00"),
    "level-4": ("--grade-4", "#d55e00"),
}
COLUMNS = (("number", 8), ("distance", 44), ("code", 150), ("level", 330), ("clock", 400), ("remark", 500))


def pipe_svg(drawn: Drawn, language: str = "zh", *, themed: bool = False) -> str:
    """Return a pipe with its defects, to scale from the start manhole, and a table of them below.

    Each defect is a group with ``data-defect`` (its place in the inspection, from 0), ``data-code``,
    ``data-level``, ``data-picture`` and, where it is known, ``data-film-at`` [s], for the page to listen to.

    Parameters
    ----------
    themed
        Colours are the page's variables; by default they are fixed, for files that leave the page.
    """
    paint = {
        name: f"var({variable}, {fixed})" if themed else fixed for name, (variable, fixed) in COLOURS.items()
    }
    whole = drawn.inspection.asset_type == "conduit"
    labels = labels_of(drawn) if whole else []
    lanes = max((label.lane for label in labels), default=-1) + 1
    sheet = Sheet(drawn, language, paint, HEAD + 26 + LANE * lanes)
    table = sheet.top + (PIPE + 56 if whole else -20)
    total = table + ROW * (len(drawn.inspection.defects) + 1) + 12
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {total:g}" width="{WIDTH:g}" '
            f'height="{total:g}" font-family="Noto Sans SC, Microsoft YaHei, sans-serif" font-size="12" '
            f'role="img" aria-label="{escape(title_of(drawn, language))}">'
        ),
        "" if themed else f'<rect width="{WIDTH:g}" height="{total:g}" fill="{paint["paper"]}"/>',
        *_head(sheet),
        *(_pipe(sheet) if whole else ()),
        *(marks_of(sheet, labels) if whole else ()),
        *_table(sheet, table),
        "</svg>",
    ]
    return "\n".join(part for part in parts if part)


def title_of(drawn: Drawn, language: str) -> str:
    """Return what is drawn: which pipe, inspected how and when."""
    seen = drawn.inspection
    name = drawn.name or seen.asset or "-".join(part for part in (seen.start, seen.end) if part) or seen.id
    method = say(f"pipe_drawing.method.{seen.method}", language)
    return "  ".join(part for part in (name, method, seen.date) if part)


def _head(sheet: Sheet) -> Iterator[str]:
    drawn, seen = sheet.drawn, sheet.drawn.inspection
    yield text_at(
        8, 18, title_of(drawn, sheet.language), sheet.paint["text"], font_size="14", font_weight="600"
    )
    facts = []
    if math.isfinite(drawn.length):
        facts.append(sheet.say("length", length=f"{drawn.length:.2f}"))
    if math.isfinite(seen.length):
        facts.append(sheet.say("seen", length=f"{seen.length:.2f}"))
    if math.isfinite(drawn.diameter):
        facts.append(f"DN{drawn.diameter * 1000:.0f}")
    facts += [sheet.say("simulated")] if seen.simulated else []
    yield text_at(8, 36, "  ·  ".join(facts), sheet.paint["soft"])


def _pipe(sheet: Sheet) -> Iterator[str]:
    """Yield the pipe between its manholes, the part that was not seen, flow, camera and scale."""
    seen, paint, top = sheet.drawn.inspection, sheet.paint, sheet.top
    length = sheet.drawn.length if math.isfinite(sheet.drawn.length) else sheet.drawn.reach
    first, last = sheet.x(0.0), sheet.x(length)
    yield (
        f'<rect x="{first:.1f}" y="{top:.1f}" width="{last - first:.1f}" height="{PIPE:g}" '
        f'fill="{paint["body"]}" stroke="{paint["pipe"]}"/>'
    )
    if math.isfinite(seen.length) and seen.length < length - 0.05:
        x = sheet.x(seen.length)
        yield (
            f'<rect x="{x:.1f}" y="{top:.1f}" width="{last - x:.1f}" height="{PIPE:g}" '
            f'fill="{paint["paper"]}" fill-opacity="0.75" stroke="{paint["soft"]}" stroke-dasharray="4 3"/>'
        )
        words = sheet.say("unseen")
        if wide(words) < last - x:
            yield text_at((x + last) / 2, top + PIPE / 2 + 4, words, paint["soft"], text_anchor="middle")
    for x, name in ((first, seen.start), (last, seen.end)):
        yield (
            f'<rect x="{x - 9:.1f}" y="{top - 8:.1f}" width="18" height="{PIPE + 16:g}" rx="3" '
            f'fill="{paint["paper"]}" stroke="{paint["text"]}" stroke-width="1.4"/>'
        )
        words = short(name or "–", 2 * LEFT - 8)
        yield text_at(x, top + PIPE + 24, words, paint["text"], text_anchor="middle", font_weight="600")
    yield from _arrows(sheet, first, last)
    yield from _scale(sheet, length)
    yield from _silt(sheet)


def _arrows(sheet: Sheet, first: float, last: float) -> Iterator[str]:
    """Yield which way the camera went and which way the water flows, between the names of the manholes."""
    direction, y = sheet.drawn.inspection.direction, sheet.top + PIPE + 20
    soft, flow = sheet.paint["soft"], sheet.paint["flow"]
    x = first + 80
    yield f'<path d="M{x:.1f} {y - 3:.1f}h10v-3l8 6-8 6v-3h-10z" fill="{soft}"/>'
    yield text_at(x + 24, y + 4, sheet.say("camera"), soft, font_size="11")
    if direction in {"downstream", "upstream"}:
        x = (first + last) / 2
        tip, back = (x + 40, x) if direction == "downstream" else (x, x + 40)
        side = 8 if tip < back else -8
        yield (
            f'<path d="M{back:.1f} {y:.1f}H{tip:.1f}M{tip + side:.1f} {y - 4:.1f}L{tip:.1f} {y:.1f}'
            f'L{tip + side:.1f} {y + 4:.1f}" fill="none" stroke="{flow}" stroke-width="1.8"/>'
        )
        yield text_at(x + 48, y + 4, sheet.say("flow"), flow, font_size="11")


def _scale(sheet: Sheet, length: float) -> Iterator[str]:
    step = next((one for one in STEPS if sheet.drawn.reach / one <= 14), STEPS[-1])
    y = sheet.top + PIPE + 32
    last = sheet.x(sheet.drawn.reach)
    yield f'<path d="M{sheet.x(0):.1f} {y:.1f}H{last:.1f}" stroke="{sheet.paint["soft"]}"/>'
    at = [number * step for number in range(int(sheet.drawn.reach / step) + 1)]
    room = 40.0
    at = [one for one in at if abs(sheet.x(length) - sheet.x(one)) > room or one == length]
    for one in [*at, length]:
        x = sheet.x(one)
        yield f'<path d="M{x:.1f} {y:.1f}v5" stroke="{sheet.paint["soft"]}"/>'
        yield text_at(x, y + 16, f"{one:g} m", sheet.paint["soft"], text_anchor="middle", font_size="10")


def _silt(sheet: Sheet) -> Iterator[str]:
    """Yield the deposits that a sonar saw, as deep as they are against the diameter."""
    points, bore = sheet.drawn.sound, sheet.drawn.diameter
    if len(points) < 2 or not math.isfinite(bore) or bore <= 0:
        return
    low = sheet.top + PIPE
    line = " ".join(f"{sheet.x(at):.1f},{low - PIPE * min(deep / bore, 1.0):.1f}" for at, deep in points)
    first, last = sheet.x(points[0][0]), sheet.x(points[-1][0])
    yield (
        f'<polygon points="{first:.1f},{low:.1f} {line} {last:.1f},{low:.1f}" fill="{sheet.paint["soft"]}" '
        f'fill-opacity="0.5"><title>{escape(sheet.say("silt"))}</title></polygon>'
    )


def _table(sheet: Sheet, top: float) -> Iterator[str]:
    """Yield each defect in words, with a dial that shows where on the ring it lies."""
    paint = sheet.paint
    if not sheet.drawn.inspection.defects:
        yield text_at(8, top + 16, sheet.say("none"), paint["soft"])
        return
    for name, x in COLUMNS:
        yield text_at(x, top + 16, sheet.say(f"column.{name}"), paint["soft"])
    for place, defect in enumerate(sheet.drawn.inspection.defects):
        y = top + ROW * (place + 1)
        name = code_name(sheet.drawn.inspection.standard, defect.code, sheet.language)
        level = ROMAN[defect.level] if 0 < defect.level < len(ROMAN) else str(defect.level or "–")
        yield f'<path d="M8 {y:.1f}H{WIDTH - 8:g}" stroke="{paint["line"]}" stroke-width="0.8"/>'
        cells = (
            str(place + 1), distance_of(defect), short(f"{defect.code} {name}".strip(), 170), level,
            defect.clock, short(remark_of(sheet, defect), WIDTH - 508),
        )  # fmt: skip
        for (column, x), words in zip(COLUMNS, cells, strict=True):
            shift = 24 if column == "clock" else 14 if column == "level" else 0
            yield text_at(x + shift, y + 16, words, paint["text"])
        yield f'<rect x="330" y="{y + 6:.1f}" width="10" height="12" rx="2" fill="{sheet.level(defect)}"/>'
        yield from _dial(sheet, defect, 410, y + 12)


def _dial(sheet: Sheet, defect: Defect, x: float, y: float) -> Iterator[str]:
    hours, radius = clock_hours(defect.clock), 8.0
    if hours is None:
        return
    ring = f'cx="{x:g}" cy="{y:.1f}" r="{radius:g}" fill="none"'
    yield f'<circle {ring} stroke="{sheet.paint["line"]}" stroke-width="2"/>'
    first, last = hours
    wide = (last - first) % 12 or (0 if first == last else 12)
    points = [math.radians(30 * first - 90 + 30 * wide * step / 12) for step in range(13)]
    if not wide:
        points = [math.radians(30 * first - 90 + shift) for shift in (-14, 14)]
    line = " ".join(f"{x + radius * math.cos(one):.1f},{y + radius * math.sin(one):.1f}" for one in points)
    yield f'<polyline points="{line}" fill="none" stroke="{sheet.level(defect)}" stroke-width="3.5"/>'
