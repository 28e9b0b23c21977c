"""Which text of a drawing belongs to which point or line? Only where no other could be meant."""

import numpy as np
import shapely
from scipy.spatial import KDTree

from wenqu.network.formats.drawing_entities import Drawn, Label

REACH = 5.0  # heights of a text within which what it names must lie
APART = 1.5  # the next nearest must be so many times as far


def labels_of(drawn: list[Drawn], labels: list[Label]) -> dict[int, str]:
    """Return the text that names an entity, by its place in the list."""
    named = [label for label in labels if label.text]
    if not drawn or not named:
        return {}
    points = [place for place, one in enumerate(drawn) if not one.line]
    lines = [place for place, one in enumerate(drawn) if one.line]
    found, used = _at_points([drawn[place] for place in points], named)
    made = {points[place]: named[text].text for place, text in found.items()}
    rest = [label for place, label in enumerate(named) if place not in used]
    along = _along_lines([drawn[place] for place in lines], rest)
    return made | {lines[place]: text for place, text in along.items()}


def _at_points(points: list[Drawn], labels: list[Label]) -> tuple[dict[int, int], set[int]]:
    """Return by point its text, and the texts that lie at points at all."""
    if not points:
        return {}, set()
    places = np.array([one.coords[0, :2] for one in points])
    texts = np.array([(label.x, label.y) for label in labels])
    reach = REACH * np.array([label.height for label in labels])
    to_point, point = KDTree(places).query(texts, k=2)
    to_text, text = KDTree(texts).query(places, k=2)
    found = {}
    for place, (own, next_) in enumerate(to_point):
        at = point[place, 0]
        mutual = own <= reach[place] and text[at, 0] == place
        if mutual and next_ >= APART * own and to_text[at, 1] >= APART * to_text[at, 0]:
            found[int(at)] = place
    return found, {int(place) for place in np.flatnonzero(to_point[:, 0] <= reach)}


def _along_lines(lines: list[Drawn], labels: list[Label]) -> dict[int, str]:
    if not lines or not labels:
        return {}
    shapes = np.array([shapely.LineString(one.coords[:, :2]) for one in lines], dtype=object)
    tree = shapely.STRtree(shapes)
    meant: dict[int, list[str]] = {}
    for label in labels:
        place = shapely.Point(label.x, label.y)
        near = tree.query(place, predicate="dwithin", distance=REACH * label.height)
        order = sorted((float(shapely.distance(shapes[line], place)), int(line)) for line in near)
        if order and (len(order) == 1 or order[1][0] >= APART * order[0][0]):
            meant.setdefault(order[0][1], []).append(label.text)
    return {line: texts[0] for line, texts in meant.items() if len(texts) == 1}
