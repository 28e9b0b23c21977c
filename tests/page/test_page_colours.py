"""The classes of the map are told apart without red or green, in both themes, and stand out of the ground."""

import itertools
import re
from pathlib import Path

import numpy as np
import pytest

FRONT = Path(__file__).resolve().parents[2] / "frontend" / "src"
# Each question's classes with their strokes: a pair of like colours must differ in its stroke.
QUESTIONS = {
    "system": "storm, sanitary, combined, supply dashed, other dotted",
    "amounts": "ramp-1, ramp-2, ramp-3, ramp-4, ramp-5, unknown dotted",
    "material": "total, storm, sanitary, grade-1, grade-2 dashed, grade-3, combined dashed, ramp-5,"
    " ramp-3 dashed, other dotted",
    "grades": "grade-1, grade-2, grade-3 wide, grade-4 wider, unknown dotted",
    "problem": "grade-4 wider, grade-3 wide, grade-2, combined dashed, grade-1, unknown dotted",
}
# Linear light as those see it who lack one kind of cone (Viénot, Brettel and Mollon 1999).
SIGHT = {
    "all cones": np.eye(3),
    "no red": np.array([[0.1124, 0.8876, 0.0], [0.1124, 0.8876, 0.0], [0.0040, -0.0040, 1.0]]),
    "no green": np.array([[0.2928, 0.7072, 0.0], [0.2928, 0.7072, 0.0], [-0.0223, 0.0223, 1.0]]),
}
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def classes(question):
    """Yield the variable and the stroke of each class."""
    for one in QUESTIONS[question].split(", "):
        name, _, stroke = one.partition(" ")
        yield f"--{name}", stroke


def themes():
    """Return the colours of both themes."""
    text = (FRONT / "theme.css").read_text(encoding="utf-8")
    light, dark = (
        dict(re.findall(r"(--[\w-]+):\s*(#[0-9a-f]{6});", part))
        for part in text.split('[data-theme="dark"]')[:2]
    )
    return {"light": light, "dark": {**light, **dark}}


def linear(colour):
    channel = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(channel <= 0.04045, channel / 12.92, ((channel + 0.055) / 1.055) ** 2.4)


def lab(light):
    x, y, z = np.cbrt(np.clip(XYZ @ light / np.array([0.9505, 1.0, 1.089]), 0.0089, None))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("question", QUESTIONS)
def test_two_classes_differ_in_colour_or_in_stroke(question, theme, sight):
    colours = themes()[theme]
    for (one, stroke), (other, another) in itertools.combinations(classes(question), 2):
        seen = [lab(SIGHT[sight] @ linear(colours[name])) for name in (one, other)]
        apart = np.linalg.norm(seen[0] - seen[1])
        assert stroke != another or apart > 9, f"{one} and {other}: {apart:.1f}"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_class_stands_out_from_the_ground(theme):
    colours = themes()[theme]
    names = {name for question in QUESTIONS for name, _ in classes(question)}
    ground = XYZ[1] @ linear(colours["--map-ground"])
    for name in names:
        light = XYZ[1] @ linear(colours[name])
        contrast = (max(light, ground) + 0.05) / (min(light, ground) + 0.05)
        assert contrast > 1.9, f"{name}: {contrast:.2f}"
