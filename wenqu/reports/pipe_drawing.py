"""How is a pipe with its defects drawn to scale? One SVG; on the page it takes the page's colours."""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape

from wenqu.messages import say
from wenqu.records.inspection import Defect, Inspection
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
WIDTH, LEFT, RIGHT = 960.0, 70.0, 70.0  # [px]
PIPE, LANE, ROW, HEAD = 44.0, 20.0, 24.0, 46.0  # [px]
STEPS = (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500)  # [m] between two marks of the scale
COLUMNS = (("number", 8), ("distance", 44), ("code", 150), ("level", 330), ("clock", 400), ("remark", 500))
ROMAN = ("–", "Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ")
CLOCK = re.compile(r"^(\d{2})(\d{2})$|^(\d{1,2})\s*(?:点|$)(?:[-~至到](\d{1,2})点?)?")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A pipe as it is drawn: from the manhole where the camera went in."""

    inspection: Inspection
    length: float  # [m] of the pipe; NaN when nobody knows
    diameter: float = math.nan  # [m]
    name: str = ""  # "" for that of the inspection
    sound: tuple[tuple[float, float], ...] = ()  # [m] deposits: distance and depth

    @property
    def reach(self) -> float:
        """Return how far the drawing goes: to the end of the pipe, or of what lies beyond it. [m]"""
        ends = [self.length, self.inspection.length, *(one.end for one in self.inspection.defects)]
        known = [end for end in ends if math.isfinite(end)]
        return max([*known, *(at for at, _ in self.sound), 1.0])


@dataclass(frozen=True, slots=True)
class _Sheet:
    drawn: Drawn
    language: str
    paint: dict[str, str]
    top: float  # [px] crown of the pipe

    def x(self, distance: float) -> float:
        """Return where a distance stands. [px]"""
        return LEFT + (WIDTH - LEFT - RIGHT) * min(max(distance, 0.0), self.drawn.reach) / self.drawn.reach

    def say(self, key: str, **facts: object) -> str:
        return say(f"pipe_drawing.{key}", self.language, **facts)

    def level(self, defect: Defect) -> str:
        return self.paint[f"level-{min(max(defect.level, 0), 4)}"]


@dataclass(frozen=True, slots=True)
class _Label:
    number: int
    defect: Defect
    x: float
    lane: int


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
    labels = _labels(drawn) if whole else []
    lanes = max((label.lane for label in labels), default=-1) + 1
    sheet = _Sheet(drawn, language, paint, HEAD + 26 + LANE * lanes)
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
        *(_marks(sheet, labels) if whole else ()),
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


def _text(x: float, y: float, words: str, colour: str, **more: str) -> str:
    rest = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in more.items())
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}"{rest}>{escape(words)}</text>'


def _wide(words: str) -> float:
    """Return about how wide words are. [px]"""
    return sum(12.0 if ord(letter) > 255 else 6.8 for letter in words)


def _short(words: str, room: float) -> str:
    kept = words
    while kept and _wide(kept) > room:
        kept = kept[:-1]
    return kept if kept == words else kept[:-1] + "…"


def _head(sheet: _Sheet) -> Iterator[str]:
    drawn, seen = sheet.drawn, sheet.drawn.inspection
    yield _text(
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
    yield _text(8, 36, "  ·  ".join(facts), sheet.paint["soft"])


def _pipe(sheet: _Sheet) -> Iterator[str]:
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
        if _wide(words) < last - x:
            yield _text((x + last) / 2, top + PIPE / 2 + 4, words, paint["soft"], text_anchor="middle")
    for x, name in ((first, seen.start), (last, seen.end)):
        yield (
            f'<rect x="{x - 9:.1f}" y="{top - 8:.1f}" width="18" height="{PIPE + 16:g}" rx="3" '
            f'fill="{paint["paper"]}" stroke="{paint["text"]}" stroke-width="1.4"/>'
        )
        words = _short(name or "–", 2 * LEFT - 8)
        yield _text(x, top + PIPE + 24, words, paint["text"], text_anchor="middle", font_weight="600")
    yield from _arrows(sheet, first, last)
    yield from _scale(sheet, length)
    yield from _silt(sheet)


def _arrows(sheet: _Sheet, first: float, last: float) -> Iterator[str]:
    """Yield which way the camera went and which way the water flows, between the names of the manholes."""
    direction, y = sheet.drawn.inspection.direction, sheet.top + PIPE + 20
    soft, flow = sheet.paint["soft"], sheet.paint["flow"]
    x = first + 80
    yield f'<path d="M{x:.1f} {y - 3:.1f}h10v-3l8 6-8 6v-3h-10z" fill="{soft}"/>'
    yield _text(x + 24, y + 4, sheet.say("camera"), soft, font_size="11")
    if direction in {"downstream", "upstream"}:
        x = (first + last) / 2
        tip, back = (x + 40, x) if direction == "downstream" else (x, x + 40)
        side = 8 if tip < back else -8
        yield (
            f'<path d="M{back:.1f} {y:.1f}H{tip:.1f}M{tip + side:.1f} {y - 4:.1f}L{tip:.1f} {y:.1f}'
            f'L{tip + side:.1f} {y + 4:.1f}" fill="none" stroke="{flow}" stroke-width="1.8"/>'
        )
        yield _text(x + 48, y + 4, sheet.say("flow"), flow, font_size="11")


def _scale(sheet: _Sheet, length: float) -> Iterator[str]:
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
        yield _text(x, y + 16, f"{one:g} m", sheet.paint["soft"], text_anchor="middle", font_size="10")


def _silt(sheet: _Sheet) -> Iterator[str]:
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


def _labels(drawn: Drawn) -> list[_Label]:
    """Return a label for each defect, in lanes so that none lies on another."""
    scale = _Sheet(drawn, "", {}, 0.0)
    ends: list[float] = []
    made = []
    order = sorted(enumerate(drawn.inspection.defects), key=lambda one: (one[1].start, one[0]))
    for place, defect in order:
        if not math.isfinite(defect.start):
            continue
        x, half = scale.x(defect.start), _wide(_mark(place, defect)) / 2 + 6
        lane = next((lane for lane, end in enumerate(ends) if end <= x - half), len(ends))
        ends[lane : lane + 1] = [x + half]
        made.append(_Label(place, defect, x, lane))
    return made


def _mark(place: int, defect: Defect) -> str:
    level = f"-{defect.level}" if defect.level else ""
    return f"{place + 1} {_short(defect.code, 60)}{level}"


def _marks(sheet: _Sheet, labels: Iterable[_Label]) -> Iterator[str]:
    length = sheet.drawn.length
    for label in sorted(labels, key=lambda one: -one.lane):  # a label covers the lines of those above it
        defect, colour, x = label.defect, sheet.level(label.defect), label.x
        beyond = math.isfinite(length) and defect.end > length + 0.005
        film = "" if defect.film_at is None else f' data-film-at="{defect.film_at:g}"'
        yield (
            f'<g data-defect="{label.number}" data-code="{escape(defect.code)}" data-level="{defect.level}" '
            f'data-picture="{escape(defect.picture)}"{film}><title>{escape(_told(sheet, defect))}</title>'
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
        words = _mark(label.number, defect) + (" !" if beyond else "")
        half, edge = _wide(words) / 2 + 4, sheet.paint["bad"] if beyond else colour
        yield (
            f'<rect x="{x - half:.1f}" y="{y - 11:.1f}" width="{2 * half:.1f}" height="16" rx="3" '
            f'fill="{sheet.paint["paper"]}" stroke="{edge}" stroke-width="1.4"/>'
        )
        yield _text(x, y + 1, words, sheet.paint["text"], text_anchor="middle", font_size="11") + "</g>"


def _at_clock(sheet: _Sheet, defect: Defect, x: float, colour: str) -> str:
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


def _told(sheet: _Sheet, defect: Defect) -> str:
    name = code_name(sheet.drawn.inspection.standard, defect.code, sheet.language)
    level = ROMAN[defect.level] if 0 < defect.level < len(ROMAN) else ""
    return " ".join(part for part in (defect.code, name, level, _distance(defect), defect.remark) if part)


def _distance(defect: Defect) -> str:
    if not math.isfinite(defect.start):
        return "–"
    return f"{defect.start:.2f}" if not defect.length else f"{defect.start:.2f}–{defect.end:.2f}"


def _table(sheet: _Sheet, top: float) -> Iterator[str]:
    """Yield each defect in words, with a dial that shows where on the ring it lies."""
    paint = sheet.paint
    if not sheet.drawn.inspection.defects:
        yield _text(8, top + 16, sheet.say("none"), paint["soft"])
        return
    for name, x in COLUMNS:
        yield _text(x, top + 16, sheet.say(f"column.{name}"), paint["soft"])
    for place, defect in enumerate(sheet.drawn.inspection.defects):
        y = top + ROW * (place + 1)
        name = code_name(sheet.drawn.inspection.standard, defect.code, sheet.language)
        level = ROMAN[defect.level] if 0 < defect.level < len(ROMAN) else str(defect.level or "–")
        yield f'<path d="M8 {y:.1f}H{WIDTH - 8:g}" stroke="{paint["line"]}" stroke-width="0.8"/>'
        cells = (
            str(place + 1), _distance(defect), _short(f"{defect.code} {name}".strip(), 170), level,
            defect.clock, _short(_remark(sheet, defect), WIDTH - 508),
        )  # fmt: skip
        for (column, x), words in zip(COLUMNS, cells, strict=True):
            shift = 24 if column == "clock" else 14 if column == "level" else 0
            yield _text(x + shift, y + 16, words, paint["text"])
        yield f'<rect x="330" y="{y + 6:.1f}" width="10" height="12" rx="2" fill="{sheet.level(defect)}"/>'
        yield from _dial(sheet, defect, 410, y + 12)


def _remark(sheet: _Sheet, defect: Defect) -> str:
    film = "" if defect.film_at is None else sheet.say("film", at=_moment(defect.film_at))
    return "  ".join(part for part in (defect.remark.replace("\n", " "), defect.picture, film) if part)


def _moment(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def _dial(sheet: _Sheet, defect: Defect, x: float, y: float) -> Iterator[str]:
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
