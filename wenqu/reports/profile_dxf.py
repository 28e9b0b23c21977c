"""How does a long profile become a drawing that a designer opens? DXF with layers and a Chinese style."""

import io
from dataclasses import dataclass
from typing import Any

from wenqu.messages import say
from wenqu.network.long_profile import LongProfile
from wenqu.reports.profile_drawing import crown_at, known, title_of, waters_told

EXAGGERATION = 10.0  # vertical over horizontal, as in long sections 1:1000 / 1:100
LAYERS = {"GROUND": 3, "PIPE": 5, "ADVERSE": 1, "MANHOLE": 7, "WATER": 4, "DEFECT": 30, "TEXT": 7, "TABLE": 8}
STYLE = "WENQU"
FONT = "simsun.ttc"  # comes with every Chinese Windows; other systems substitute it
TEXT = 2.5  # [m] of the drawing: 2.5 mm on paper at 1:1000
ROW = 15.0  # seven figures of a column stand upright in it
NAMES = 26.0  # the row of the names
APART = 3.0  # [m] least distance of two upright columns
TABLE = ("node", "ground", "invert", "depth", "distance", "bore", "slope")
LABELS = -45.0  # where the words before the table start


Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The model space and how levels become heights in it."""

    space: Any
    datum: float  # [m]
    exaggeration: float

    def at(self, distance: float, level: float) -> Place:
        return distance, (level - self.datum) * self.exaggeration

    def line(self, layer: str, *ends: Place) -> None:
        self.space.add_lwpolyline(ends, dxfattribs={"layer": layer})

    def ring(self, layer: str, middle: Place, radius: float) -> None:
        self.space.add_circle(middle, radius, dxfattribs={"layer": layer})

    def write(self, words: str, place: Place, align: str = "LEFT", turned: float = 0.0) -> None:
        from ezdxf.enums import TextEntityAlignment

        looks = {"layer": "TEXT", "style": STYLE, "rotation": turned}
        made = self.space.add_text(words, height=TEXT, dxfattribs=looks)
        made.set_placement(place, align=TextEntityAlignment[align])


def profile_dxf(profile: LongProfile, language: str = "zh", exaggeration: float = EXAGGERATION) -> bytes:
    """Return a profile as DXF (AutoCAD 2010, UTF-8): one metre along is one unit, heights are exaggerated."""
    import ezdxf

    drawing = ezdxf.new("R2010", setup=True, units=6)  # type: ignore[attr-defined]
    drawing.styles.add(STYLE, font=FONT)
    for name, colour in LAYERS.items():
        drawing.layers.add(name, color=colour)
    levels = [level for stop in profile.stops for level in (stop.invert, stop.ground) if known(level)]
    sheet = _Sheet(drawing.modelspace(), min(levels, default=0.0) - 2.0, exaggeration)
    _lines(sheet, profile)
    _places(sheet, profile)
    _table(sheet, profile, language)
    top = sheet.at(0.0, max(levels, default=0.0))[1] + ROW
    sheet.write(title_of(profile, language), (LABELS, top))
    notes = [say("profile.exaggeration", language, times=f"{exaggeration:g}")]
    notes += [say("profile.datum", language, level=f"{sheet.datum:.2f}")]
    notes += waters_told(profile, language)
    notes += [say("profile.simulated", language)] if profile.simulated else []
    sheet.write("  ".join(notes), (LABELS, _foot(len(TABLE)) - TEXT * 2))
    sink = io.StringIO()
    drawing.write(sink)
    return sink.getvalue().encode("utf-8")


def _lines(sheet: _Sheet, profile: LongProfile) -> None:
    ground = [sheet.at(stop.distance, stop.ground) for stop in profile.stops if known(stop.ground)]
    if len(ground) > 1:
        sheet.line("GROUND", *ground)
    for part in profile.stretches:
        if known(part.from_invert) and known(part.to_invert):
            for lift in (0.0, part.height if known(part.height) else 0.0):
                ends = (
                    sheet.at(part.start, part.from_invert + lift),
                    sheet.at(part.end, part.to_invert + lift),
                )
                sheet.line("ADVERSE" if part.adverse else "PIPE", *ends)
    for stop in profile.stops:
        if known(stop.ground) and known(stop.invert):
            sheet.line("MANHOLE", sheet.at(stop.distance, stop.invert), sheet.at(stop.distance, stop.ground))


def _places(sheet: _Sheet, profile: LongProfile) -> None:
    for water in profile.waters:
        middle = sheet.at(water.distance, water.level)
        sheet.ring("WATER", middle, 0.8)
        sheet.write(f"{water.level:.2f}", (middle[0] + 1.5, middle[1] - TEXT / 2))
    parts = {part.id: part for part in profile.stretches}
    clear = -APART
    for mark in sorted(profile.marks, key=lambda one: one.distance):
        part = parts[mark.link]
        if not (known(part.from_invert) and known(part.to_invert)):
            continue
        middle = sheet.at(mark.distance, crown_at(part, mark.distance))
        sheet.ring("DEFECT", middle, 1.0)
        clear = max(clear + APART, mark.distance)  # words of neighbours stand side by side
        sheet.write(f"{mark.code}-{mark.level}", (clear, middle[1] + 2.0), "MIDDLE_LEFT", 90.0)


def _foot(rows: int) -> float:
    """Return where a row of the table starts: the lower line of those above it."""
    return -(NAMES + (rows - 1) * ROW) if rows else 0.0


def _table(sheet: _Sheet, profile: LongProfile, language: str) -> None:
    """Write a column for each stop and each stretch, upright: pipes of any length have room for it."""
    for part in profile.stretches:
        bore = f"DN{part.height * 1000:.0f}" if known(part.height) else "-"
        slope = f"{part.slope * 1000:.2f}‰" if known(part.slope) else "-"
        for row, cell in ((5, bore), (6, slope)):
            _cell(sheet, row, cell, (part.start + part.end) / 2)
    for stop in profile.stops:
        figures = (stop.ground, stop.invert, stop.ground - stop.invert)
        cells = [stop.name or stop.id, *(f"{one:.2f}" if known(one) else "-" for one in figures)]
        for row, cell in enumerate([*cells, f"{stop.distance:.1f}"]):
            _cell(sheet, row, cell, stop.distance)
    for row, name in enumerate(TABLE):
        sheet.write(say(f"profile.{name}", language), (LABELS, (_foot(row) + _foot(row + 1)) / 2 - TEXT / 2))
    for row in range(len(TABLE) + 1):
        sheet.line("TABLE", (LABELS - 3, _foot(row)), (profile.length + 20.0, _foot(row)))


def _cell(sheet: _Sheet, row: int, words: str, distance: float) -> None:
    sheet.write(words, (distance, (_foot(row) + _foot(row + 1)) / 2), "MIDDLE_CENTER", 90.0)
