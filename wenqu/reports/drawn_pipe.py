"""What is a drawn pipe: its scale on the sheet, its words, and how wide they are?"""

import math
from dataclasses import dataclass
from html import escape

from wenqu.messages import say
from wenqu.records.inspection import Defect, Inspection
from wenqu.standards.observations import code_name

WIDTH, LEFT, RIGHT = 960.0, 70.0, 70.0  # [px]
PIPE, LANE, ROW, HEAD = 44.0, 20.0, 24.0, 46.0  # [px]
ROMAN = ("–", "Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ")
LANES = 7  # of labels above each other
STEPS = (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500)  # [m] between two marks of the scale


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
class Sheet:
    """The sheet on which a pipe is drawn."""

    drawn: Drawn
    language: str
    paint: dict[str, str]
    top: float  # [px] crown of the pipe

    def x(self, distance: float) -> float:
        """Return where a distance stands. [px]"""
        return LEFT + (WIDTH - LEFT - RIGHT) * min(max(distance, 0.0), self.drawn.reach) / self.drawn.reach

    def say(self, key: str, **facts: object) -> str:
        """Return a sentence of the drawing."""
        return say(f"pipe_drawing.{key}", self.language, **facts)

    def level(self, defect: Defect) -> str:
        """Return the colour of a defect's level."""
        return self.paint[f"level-{min(max(defect.level, 0), 4)}"]


def text_at(x: float, y: float, words: str, colour: str, **more: str) -> str:
    """Return words at a place of the sheet."""
    rest = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in more.items())
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}"{rest}>{escape(words)}</text>'


def wide(words: str) -> float:
    """Return about how wide words are. [px]"""
    return sum(12.0 if ord(letter) > 255 else 6.8 for letter in words)


def short(words: str, room: float) -> str:
    """Return words cut to a width. [px]"""
    kept = words
    while kept and wide(kept) > room:
        kept = kept[:-1]
    return kept if kept == words else kept[:-1] + "…"


def told_of(sheet: Sheet, defect: Defect) -> str:
    """Return what a defect is, in words."""
    name = code_name(sheet.drawn.inspection.standard, defect.code, sheet.language)
    level = ROMAN[defect.level] if 0 < defect.level < len(ROMAN) else ""
    return " ".join(part for part in (defect.code, name, level, distance_of(defect), defect.remark) if part)


def distance_of(defect: Defect) -> str:
    """Return from where to where a defect goes, in words."""
    if not math.isfinite(defect.start):
        return "–"
    return f"{defect.start:.2f}" if not defect.length else f"{defect.start:.2f}–{defect.end:.2f}"


def remark_of(sheet: Sheet, defect: Defect) -> str:
    """Return what was said of a defect, its picture and film."""
    film = "" if defect.film_at is None else sheet.say("film", at=moment_of(defect.film_at))
    return "  ".join(part for part in (defect.remark.replace("\n", " "), defect.picture, film) if part)


def moment_of(seconds: float) -> str:
    """Return a moment of a film, in words."""
    whole = int(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"
