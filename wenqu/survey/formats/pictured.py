"""Which picture of a report shows which defect?

A picture in the row of a defect is its own. Else the words under a picture (照片 3) are compared with what
the row says under 照片序号; both count within one pipe only, for firms begin anew with each.
"""

import re
from dataclasses import dataclass

from wenqu.network.formats.proposing import plain
from wenqu.survey.formats.cell_values import there, tidy
from wenqu.survey.formats.gathering import Gathered

LEAD = re.compile(
    r"^(?:照片|图片|截图|图|photo|picture|fig(?:ure)?\.?)?\s*(?:序号|编号|no\.?)?\s*[:：]?\s*", re.IGNORECASE
)
NUMBERED = re.compile(r"[\w.\-()]*\d[\w.\-()]*")


@dataclass(frozen=True, slots=True)
class Shown:
    """The pictures of one inspection."""

    of_row: dict[int, str]  # place of the row → name of its picture, or what the row says of it
    unused: tuple[str, ...]  # pictures that no row names

    def names(self) -> tuple[str, ...]:
        """Return the names of pictures of the pipe itself."""
        return self.unused


def label_of(text: str) -> str:
    """Return what tells one picture from another in a caption or a cell: 照片 3 → 3.

    >>> label_of("照片序号：3"), label_of("图3 W12-W13破裂"), label_of("IMG_001.jpg")
    ('3', '3', 'img001jpg')
    """
    rest = LEAD.sub("", tidy(text))
    found = NUMBERED.search(rest)
    return plain(found[0]) if found else ""


def matched(one: Gathered) -> Shown:
    """Return which picture each row of an inspection shows, and which belong to none."""
    captions: dict[str, str] = {}
    everything: list[str] = []
    for shot in one.shots:
        everything += shot.pictures
        label = label_of(shot.text)
        for name in shot.pictures:
            captions.setdefault(plain(name), name)
            if label:
                captions.setdefault(label, name)
    of_row: dict[int, str] = {}
    for place, row in enumerate(one.rows):
        text = row.event.of("picture")
        if row.event.pictures:
            of_row[place] = row.event.pictures[0]
            everything += row.event.pictures
        elif there(text):
            first = re.split(r"[、,，;；\s]+", tidy(text))[0] if label_of(text) else text
            of_row[place] = captions.get(plain(tidy(text))) or captions.get(label_of(first)) or tidy(text)
    used = set(of_row.values())
    return Shown(of_row, tuple(name for name in dict.fromkeys(everything) if name not in used))
