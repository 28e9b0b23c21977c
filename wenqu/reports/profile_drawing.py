"""How is a long profile drawn? One SVG from one profile; on the page it takes the page's colours."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from wenqu.messages import say
from wenqu.network.long_profile import LongProfile, Stop, Stretch

# What each line is drawn in: the page's variable, and the colour where there is no page.
COLOURS = {
    "ground": ("--grade-1", "#009e73"),
    "pipe": ("--storm", "#0072b2"),
    "body": ("--accent-soft", "#e0edf5"),
    "water": ("--map-river-name", "#2f6f9c"),
    "adverse": ("--bad", "#b23c00"),
    "defect": ("--grade-4", "#d55e00"),
    "text": ("--text", "#16212a"),
    "soft": ("--text-soft", "#4d5b65"),
    "line": ("--line", "#d3dade"),
    "paper": ("--surface", "#ffffff"),
}
LEFT, RIGHT, TOP = 136, 60, 40  # [px]
WIDTH, HEIGHT = 1200.0, 340.0  # [px]
ROW = 20  # [px] a row of the table below
APART = 62  # [px] least distance of two columns of words
ROOM = 50  # [px] least room of a bore or a slope
ROWS = ("node", "ground", "invert", "depth", "distance", "bore", "slope")
VERTICAL_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)


@dataclass(frozen=True, slots=True)
class Frame:
    """From metres to the sheet."""

    width: float  # [px]
    height: float  # [px] of the drawing, without the table
    length: float  # [m]
    low: float  # [m]
    high: float  # [m]

    def x(self, distance: float) -> float:
        """Return where a distance stands. [px]"""
        return LEFT + (self.width - LEFT - RIGHT) * distance / max(self.length, 1e-9)

    def y(self, level: float) -> float:
        """Return where a level stands. [px]"""
        return TOP + (self.height - TOP) * (self.high - level) / (self.high - self.low)


def known(value: float) -> bool:
    """Tell whether a level is known."""
    return value == value  # noqa: PLR0124 - NaN


def frame_of(profile: LongProfile, height: float = HEIGHT) -> Frame:
    """Return the frame in which all levels of a profile have room."""
    levels = [level for stop in profile.stops for level in (stop.ground, stop.invert) if known(level)]
    levels += [
        level + (part.height if known(part.height) else 0)
        for part in profile.stretches
        for level in (part.from_invert, part.to_invert)
        if known(level)
    ]
    levels += [water.level for water in profile.waters]
    low, high = min(levels, default=0.0), max(levels, default=1.0)
    room = max(0.08 * (high - low), 0.25)
    return Frame(WIDTH, height, profile.length, low - room, high + room)


def profile_svg(
    profile: LongProfile, language: str = "zh", *, themed: bool = False, height: float = HEIGHT
) -> str:
    """Return a profile as SVG.

    Parameters
    ----------
    themed
        Colours are the page's variables; by default they are fixed, for files that leave the page.
    height
        Height of the drawing above its table. [px]
    """
    frame = frame_of(profile, height)
    width = frame.width
    total = frame.height + ROW * len(ROWS) + 34
    paint = {
        name: f"var({variable}, {fixed})" if themed else fixed for name, (variable, fixed) in COLOURS.items()
    }
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {total:g}" width="{width:g}" '
            f'height="{total:g}" font-family="Noto Sans SC, Microsoft YaHei, sans-serif" font-size="11" '
            f'role="img" aria-label="{escape(title_of(profile, language))}">'
        ),
        "" if themed else f'<rect width="{width:g}" height="{total:g}" fill="{paint["paper"]}"/>',
        *_axis(frame, paint),
        *_pipes(profile, frame, paint),
        *_ground(profile, frame, paint),
        *_waters(profile, frame, paint),
        *_manholes(profile, frame, paint),
        *_marks(profile, frame, paint),
        *_table(profile, frame, paint, language),
        *_head(profile, frame, paint, language),
        "</svg>",
    ]
    return "\n".join(part for part in parts if part)


def title_of(profile: LongProfile, language: str) -> str:
    """Return the title: from where to where, how long."""
    first, last = profile.stops[0], profile.stops[-1]
    return say(
        "profile.title",
        language,
        start=first.name or first.id,
        end=last.name or last.id,
        length=f"{profile.length:,.1f}",
    )


def _text(x: float, y: float, words: str, colour: str, **more: str) -> str:
    rest = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in more.items())
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}"{rest}>{escape(words)}</text>'


def _line(points: Iterable[tuple[float, float]], colour: str, **more: str) -> str:
    rest = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in more.items())
    joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{joined}" fill="none" stroke="{colour}"{rest}/>'


def _axis(frame: Frame, paint: dict[str, str]) -> Iterable[str]:
    span = frame.high - frame.low
    step = next((one for one in VERTICAL_STEPS if span / one <= 8), VERTICAL_STEPS[-1])
    number = int(frame.low / step) - 1
    while number * step <= frame.high:
        level = number * step
        if level >= frame.low:
            y = frame.y(level)
            yield _line([(LEFT, y), (frame.width - RIGHT, y)], paint["line"], stroke_width="0.6")
            yield _text(LEFT - 8, y + 4, f"{level:.1f}", paint["soft"], text_anchor="end")
        number += 1


def _pipes(profile: LongProfile, frame: Frame, paint: dict[str, str]) -> Iterable[str]:
    for part in profile.stretches:
        if not (known(part.from_invert) and known(part.to_invert)):
            continue
        bore = part.height if known(part.height) else 0.0
        x0, x1 = frame.x(part.start), frame.x(part.end)
        bottom = [(x0, frame.y(part.from_invert)), (x1, frame.y(part.to_invert))]
        crown = [(x0, frame.y(part.from_invert + bore)), (x1, frame.y(part.to_invert + bore))]
        corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in (*bottom, *reversed(crown)))
        colour = paint["adverse"] if part.adverse else paint["pipe"]
        dash = {"stroke_dasharray": "6 3"} if part.pressed else {}
        yield f'<g data-link="{escape(part.id)}"><polygon points="{corners}" fill="{paint["body"]}"/>'
        yield _line(crown, colour, stroke_width="1", **dash)
        yield _line(bottom, colour, stroke_width="2", **dash) + "</g>"


def _ground(profile: LongProfile, frame: Frame, paint: dict[str, str]) -> Iterable[str]:
    points = [(frame.x(stop.distance), frame.y(stop.ground)) for stop in profile.stops if known(stop.ground)]
    if len(points) > 1:
        yield _line(points, paint["ground"], stroke_width="1.6")


def _waters(profile: LongProfile, frame: Frame, paint: dict[str, str]) -> Iterable[str]:
    """Draw each reading at its gauge; between gauges nobody has read, so no line is drawn."""
    for water in profile.waters:
        x, y = frame.x(water.distance), frame.y(water.level)
        told = escape(f"{water.asset} {water.level:.2f} m {water.at}".strip())
        yield (
            f'<g data-water="{escape(water.asset)}"><path fill="{paint["water"]}" '
            f'd="M{x - 4:.1f} {y - 7:.1f}h8l-4 7zM{x - 9:.1f} {y:.1f}h18v1h-18z"><title>{told}</title></path>'
        )
        yield _text(x + 7, y - 3, f"{water.level:.2f}", paint["water"]) + "</g>"


def _manholes(profile: LongProfile, frame: Frame, paint: dict[str, str]) -> Iterable[str]:
    for stop in profile.stops:
        x = frame.x(stop.distance)
        ends = [level for level in (stop.ground, stop.invert) if known(level)]
        if len(ends) == 2:
            yield _line(
                [(x, frame.y(stop.ground)), (x, frame.y(stop.invert))], paint["text"], stroke_width="1"
            )
        yield _line([(x, frame.height), (x, frame.height + 5)], paint["soft"], stroke_width="0.6")


def _marks(profile: LongProfile, frame: Frame, paint: dict[str, str]) -> Iterable[str]:
    parts = {part.id: part for part in profile.stretches}
    for mark in profile.marks:
        part = parts[mark.link]
        if not (known(part.from_invert) and known(part.to_invert)):
            continue
        x, y = frame.x(mark.distance), frame.y(crown_at(part, mark.distance))
        yield (
            f'<g data-defect="{escape(mark.code)}"><circle cx="{x:.1f}" cy="{y:.1f}" r="{2 + mark.level}" '
            f'fill="{paint["defect"]}"><title>{escape(f"{mark.code}-{mark.level} {mark.at}".strip())}</title>'
            "</circle></g>"
        )


def crown_at(part: Stretch, distance: float) -> float:
    """Return the crown of a stretch at a distance; its invert where the bore is not known. [m]"""
    return part.invert_at(distance) + (part.height if known(part.height) else 0.0)


def runs(profile: LongProfile, frame: Frame, room: float = ROOM) -> list[list[Stretch]]:
    """Return the stretches as they are told in the table: one by one, or a whole run of one bore together.

    Together where one of the run is too narrow for its own words.
    """
    same: list[list[Stretch]] = []
    for part in profile.stretches:
        before = same[-1][-1] if same else None
        if before and (before.height == part.height or not (known(before.height) or known(part.height))):
            same[-1].append(part)
        else:
            same.append([part])
    made: list[list[Stretch]] = []
    for run in same:
        narrow = any(frame.x(part.end) - frame.x(part.start) < room for part in run)
        made += [run] if narrow else [[part] for part in run]
    return made


def slopes_told(run: list[Stretch]) -> str:
    """Return the slope of a run in per mille, from the least to the greatest where they differ."""
    told = [f"{value:.2f}" for value in sorted(part.slope * 1000 for part in run if known(part.slope))]
    if not told:
        return "–"
    return f"{told[0]} ‰" if told[0] == told[-1] else f"{told[0]} … {told[-1]} ‰"


def columns(profile: LongProfile, frame: Frame, apart: float = APART) -> list[Stop]:
    """Return the stops whose words have room: the first, the last, and those between far enough apart."""
    kept: list[Stop] = []
    last = profile.stops[-1]
    for stop in profile.stops[:-1]:
        clear = not kept or frame.x(stop.distance) - frame.x(kept[-1].distance) >= apart
        if clear and (not kept or frame.x(last.distance) - frame.x(stop.distance) >= apart):
            kept.append(stop)
    return [*kept, last]


def _table(profile: LongProfile, frame: Frame, paint: dict[str, str], language: str) -> Iterable[str]:
    top = frame.height + 8
    for place, name in enumerate(ROWS):
        y = top + ROW * place
        yield _line([(8, y), (frame.width - 8, y)], paint["line"], stroke_width="0.6")
        yield _text(8, y + 14, say(f"profile.{name}", language), paint["soft"])
    for stop in columns(profile, frame):
        x = frame.x(stop.distance)
        figures = (stop.ground, stop.invert, stop.ground - stop.invert)
        cells = [f"{figure:.2f}" if known(figure) else "–" for figure in figures]
        for place, words in enumerate((stop.name or stop.id, *cells, f"{stop.distance:.1f}")):
            short = words if len(words) <= 10 else words[:9] + "…"
            yield _text(x, top + ROW * place + 14, short, paint["text"], text_anchor="middle")
    for run in runs(profile, frame):
        x0, x1 = frame.x(run[0].start), frame.x(run[-1].end)
        for x in (x0, x1):
            yield _line([(x, top + ROW * 5), (x, top + ROW * 7)], paint["line"], stroke_width="0.6")
        slope = slopes_told(run)
        if x1 - x0 < ROOM:
            continue
        bore = f"DN{run[0].height * 1000:.0f}" if known(run[0].height) else "–"
        yield _text((x0 + x1) / 2, top + ROW * 5 + 14, bore, paint["text"], text_anchor="middle")
        if x1 - x0 >= 6.2 * len(slope):
            colour = paint["adverse"] if any(part.adverse for part in run) else paint["text"]
            yield _text((x0 + x1) / 2, top + ROW * 6 + 14, slope, colour, text_anchor="middle")


def _head(profile: LongProfile, frame: Frame, paint: dict[str, str], language: str) -> Iterable[str]:
    yield _text(8, 17, title_of(profile, language), paint["text"], font_size="13", font_weight="600")
    drawn = [("ground", "ground_line"), ("pipe", "pipe_line")]
    drawn += [("water", "water_line")] if profile.waters else []
    drawn += [("adverse", "adverse_line")] if any(part.adverse for part in profile.stretches) else []
    drawn += [("defect", "defect_mark")] if profile.marks else []
    x = float(LEFT)
    for colour, key in drawn:
        words = say(f"profile.{key}", language)
        yield f'<rect x="{x:.1f}" y="26" width="14" height="4" fill="{paint[colour]}"/>'
        yield _text(x + 18, 32, words, paint["soft"])
        x += 34 + sum(12 if ord(letter) > 255 else 6.2 for letter in words)
    metres = (frame.high - frame.low) / (frame.height - TOP)
    along = max(profile.length, 1e-9) / (frame.width - LEFT - RIGHT)
    notes = [say("profile.exaggeration", language, times=f"{along / metres:.0f}")]
    notes += waters_told(profile, language)
    notes += [say("profile.simulated", language)] if profile.simulated else []
    y = frame.height + ROW * len(ROWS) + 26
    yield _text(8, y, "　".join(notes) if language == "zh" else "  ·  ".join(notes), paint["soft"])


def waters_told(profile: LongProfile, language: str) -> list[str]:
    """Return from which days the water levels are; nothing when there are none."""
    days = sorted(water.at[:10] for water in profile.waters if water.at)
    if not days:
        return []
    day = days[0] if days[0] == days[-1] else f"{days[0]} – {days[-1]}"
    return [say("profile.waters_of", language, day=day)]
