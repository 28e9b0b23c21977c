"""How do the streets of the example city run?"""

from dataclasses import dataclass

import numpy as np

from wenqu.examples.city.land import Flags, Floats, Ints, Land
from wenqu.examples.city.lists import names

SPACING = 205.0  # [m] between junctions, on average
AVENUE_EVERY = 4


@dataclass(frozen=True, slots=True)
class Streets:
    """Junctions and the streets between them. J junctions, E streets."""

    x: Floats  # (J,) [m]
    y: Floats  # (J,) [m]
    cell: Ints  # (J,) piece of land a sewer cannot leave by gravity: a compartment or an industrial park
    old: Flags  # (J,) in an old town
    start: Ints  # (E,) junction
    end: Ints  # (E,) junction
    length: Floats  # (E,) [m]
    bow: Floats  # (E,) [-] how far a street bends to its left, as a share of its length
    avenue: Flags  # (E,)
    road: Ints  # (E,) row of road_names
    road_names: tuple[str, ...]


def cells(frame: Land, x: Floats, y: Floats) -> Ints:
    """Return the piece of land of points; an industrial park is one of its own."""
    own = frame.compartment(x, y)
    park = frame.park(x, y)
    boxes = frame.parks()
    middle = frame.compartment(boxes[:, [0, 2]].mean(axis=1), boxes[:, [1, 3]].mean(axis=1))
    pieces = (frame.mains + 1) * (frame.canals + 1)
    inside = (park >= 0) & (own == middle[np.maximum(park, 0)])
    return np.where(inside, pieces + park, own)


def _grid(frame: Land, generator: np.random.Generator) -> tuple[Floats, Floats, int, int]:
    columns, rows = max(6, round(frame.width / SPACING)), max(6, round(frame.height / SPACING))
    u, v = (np.arange(columns) + 0.5) / columns, (np.arange(rows) + 0.5) / rows
    squeeze = 0.045 if frame.width < 12_000 else 0.0
    x, y = np.meshgrid(
        frame.width * (u + squeeze * np.sin(2 * np.pi * u)),
        frame.height * (v + squeeze * np.sin(2 * np.pi * v)),
    )
    turn = frame.phases
    east = 34 * np.sin(2 * np.pi * y / 2100 + turn[0]) + 21 * np.sin(2 * np.pi * (x + y) / 1300 + turn[1])
    north = 34 * np.sin(2 * np.pi * x / 2300 + turn[2]) + 21 * np.sin(2 * np.pi * (x - y) / 1450 + turn[3])
    jitter = generator.normal(0, 10, (2, rows, columns))
    return (x + east + jitter[0]).ravel(), (y + north + jitter[1]).ravel(), columns, rows


def _road_names(columns: int, rows: int) -> tuple[str, ...]:
    first, second = names("road_first"), names("road_second")
    words = [a + b for b in second for a in first]
    made = []
    for number in range(columns + rows):
        avenue = number % AVENUE_EVERY == 2
        suffix = "大道" if avenue else ("街" if number < columns else "路")
        made.append(words[(number * 7) % len(words)] + suffix)
    return tuple(made)


def streets(frame: Land, generator: np.random.Generator) -> Streets:
    """Lay a grid that bends with the land, is dense in the middle, has gaps and stays out of the water."""
    x, y, columns, rows = _grid(frame, generator)
    number = np.arange(columns * rows).reshape(rows, columns)
    start = np.concatenate([number[:, :-1].ravel(), number[:-1, :].ravel()])
    end = np.concatenate([number[:, 1:].ravel(), number[1:, :].ravel()])
    row_road = columns + np.arange(rows * (columns - 1)) // (columns - 1)
    column_road = np.tile(np.arange(columns), rows - 1)
    road = np.concatenate([row_road, column_road])
    avenue = road % AVENUE_EVERY == 2
    kept = frame.outline(x, y) & (frame.river_distance(x, y) > 14)
    cell, old = cells(frame, x, y), frame.old_town(x, y)
    length = np.hypot(x[end] - x[start], y[end] - y[start])
    same = kept[start] & kept[end] & (cell[start] == cell[end]) & (length > 60) & (length < 480)
    gone = (generator.random(len(start)) < 0.13) & ~avenue
    # a street whose middle lies in the water would have to cross a bend of the river
    middle_x, middle_y = (x[start] + x[end]) / 2, (y[start] + y[end]) / 2
    here = np.flatnonzero(same & ~gone & (frame.river_distance(middle_x, middle_y) > 8))
    used, flat = np.unique(np.concatenate([start[here], end[here]]), return_inverse=True)
    bow = generator.normal(0, 0.025, len(here))
    return Streets(
        x[used],
        y[used],
        cell[used],
        old[used],
        flat[: len(here)].astype(np.int64),
        flat[len(here) :].astype(np.int64),
        length[here],
        bow,
        avenue[here],
        road[here].astype(np.int64),
        _road_names(columns, rows),
    )
