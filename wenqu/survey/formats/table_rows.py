"""Which rows of a crew's tables say something about a pipe, which list defects, and which show pictures?

Layouts differ from firm to firm. A table is walked from top to bottom: a row of labels with their values
tells about the pipe at hand, a row of headings opens a list, what follows are its rows.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from wenqu.survey.formats.cell_values import ends_of, number, there, tidy
from wenqu.survey.formats.grids import Block, Cell, Grid, Paragraph, distinct
from wenqu.survey.formats.headings import FIGURES, IDENTITY, OF_DEFECT, group_of, heading_of, is_label, parted

USEFUL = {*FIGURES, *OF_DEFECT, *IDENTITY, "finding", "silt"}
CAPTION = re.compile(
    r"^(照片|图片|截图|图|photo|picture|fig(?:ure)?\.?)\s*(?:序号|编号|no\.?)?\s*[:：]?\s*[\w.\-()（）]*\d",
    re.IGNORECASE,
)
TOTALS = ("合计", "总计", "小计", "total", "sum")
UNIT_ROW = {"m", "mm", "cm", "km", "%", "米", "毫米", "厘米"}
PIPE_TITLE = re.compile(
    r"^(?:[（(]?[一二三四五六七八九十\d]{1,3}[)）、.．]\s*)?(?:管段|井段)?\s*[:：]?\s*([\w\-~～—→至]+?)\s*(?:管段|井段|段)(?:检测.{0,8})?[:：]?$"
)
LONGEST = 160  # letters of a paragraph that is looked through for labels
PAIR = re.compile(r"([^\s:：,，;；。]{1,16})\s*[:：]\s*([^\s:：]+?(?:\s\d[\d:]*)?)(?=\s|[,，;；。]|$)")


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that a row says: a field of ours ("" when nobody knows it), heading, text, unit."""

    field: str
    heading: str
    text: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """What a row says; ``kind``: about (labels with values), row (of a list), shot, title, unread."""

    kind: str
    table: str  # name of the table, "" outside tables
    row: int
    said: tuple[Said, ...] = ()
    pictures: tuple[str, ...] = ()
    text: str = ""  # caption or title

    def of(self, name: str) -> str:
        """Return what the row says of one field, "" when nothing."""
        return next((one.text for one in self.said if one.field == name and one.text), "")

    def unit(self, name: str) -> str:
        """Return the unit that the heading of a field names."""
        return next((one.unit for one in self.said if one.field == name and one.text), "")


@dataclass(frozen=True, slots=True)
class _Column:
    field: str
    heading: str
    unit: str
    first: int
    last: int  # column after the last


@dataclass(slots=True)
class Walk:
    """Where a walk through the blocks of a file is: a list may go on in the next table."""

    columns: list[_Column] = field(default_factory=list)
    width: int = 0

    def events(self, blocks: Sequence[Block]) -> Iterator[Event]:
        """Yield what each paragraph and each row says, in order."""
        for place, block in enumerate(blocks):
            if isinstance(block, Grid):
                if block.sheet:
                    self.columns, self.width = [], 0
                    yield Event("title", block.name, 0, text=block.name)
                yield from _together(self._table(upright(block)))
            else:
                yield from _paragraph(block, blocks, place)

    def _table(self, grid: Grid) -> Iterator[Event]:
        before, was = (self.columns, self.width), 0
        self.columns = []
        place, read = 0, False
        while place < len(grid.rows):
            made, used = self._row(grid, place, before if not was else ([], 0))
            if made and made[0].kind != "unread":
                read = True
            was += any(event.kind == "row" for event in made) or bool(self.columns)
            yield from (event for event in made if event.kind != "unread")
            place += used
        if not read and any(there(cell.text) for row in grid.rows for cell in row):
            yield Event("unread", grid.name, grid.first, text=_first_text(grid))
        if not self.columns:
            self.columns, self.width = before if not read else ([], 0)

    def _row(self, grid: Grid, place: int, before: tuple[list[_Column], int]) -> tuple[list[Event], int]:
        """Return what one row says, and how many rows that took."""
        row, where = grid.rows[place], (grid.name, grid.first + place)
        cells = distinct(row)
        full = [cell for _, cell in cells if there(cell.text) or cell.pictures]
        if not full:
            return [], 1
        if _heads(cells):
            self.columns, depth = _columns(grid, place)
            self.width = len(row)
            return [], depth
        about = _about(cells, listed=bool(self.columns))
        if about and not any(cell.pictures for cell in full):
            if any(one.field in IDENTITY for one in about):
                self.columns = []
            return [Event("about", *where, tuple(about))], 1
        if not self.columns and before[0] and len(row) == before[1]:
            self.columns, self.width = before
        return self._line(grid, place, full), 1

    def _line(self, grid: Grid, place: int, full: Sequence[Cell]) -> list[Event]:
        """Return what a row says that has neither headings nor labels."""
        row, where = grid.rows[place], (grid.name, grid.first + place)
        shots = self._shots(grid, place)
        below = place and any(cell.pictures for cell in grid.rows[place - 1])
        if shots or (_captions(full) and below):
            return shots
        if len(full) == 1 and (not self.columns or row.count(full[0]) > 0.6 * len(row) > 1):
            return [Event("title", *where, text=tidy(full[0].text))]
        return list(_listed(self.columns, row, where)) if self.columns else [Event("unread", *where)]

    def _shots(self, grid: Grid, place: int) -> list[Event]:
        """Return the pictures of a row that shows nothing else, each with its caption."""
        row = grid.rows[place]
        cells = distinct(row)
        shown = [(column, cell) for column, cell in cells if cell.pictures]
        column_of = {one.first: one.field for one in self.columns}
        if not shown or any(column_of.get(column) == "picture" for column, _ in shown):
            return []
        others = [cell for _, cell in cells if not cell.pictures and there(cell.text)]
        if others and not _captions(others) and self.columns:
            return []
        if others and not _captions(others) and not all(is_label(cell.text) for cell in others):
            return []
        made = []
        for column, cell in shown:
            around = [cell.text, _at(grid, place + 1, column), _at(grid, place - 1, column)]
            around += [other.text for other in others]
            text = next((tidy(one) for one in around if CAPTION.match(tidy(one))), tidy(cell.text))
            made.append(Event("shot", grid.name, grid.first + place, (), cell.pictures, text))
        return made


def _together(events: Iterator[Event]) -> Iterator[Event]:
    """Make one of rows of labels that follow each other, until one names a pipe anew."""
    held: Event | None = None
    for event in events:
        if event.kind != "about":
            if held is not None:
                yield held
            held = None
            yield event
        elif held is None or any(held.of(name) and event.of(name) for name in IDENTITY):
            if held is not None:
                yield held
            held = event
        else:
            held = replace(held, said=(*held.said, *event.said))
    if held is not None:
        yield held


def _first_text(grid: Grid) -> str:
    return next((tidy(cell.text) for row in grid.rows for cell in row if there(cell.text)), "")[:40]


def _at(grid: Grid, place: int, column: int) -> str:
    row = grid.rows[place] if 0 <= place < len(grid.rows) else ()
    return row[column].text if column < len(row) and not row[column].pictures else ""


def _captions(cells: Sequence[Cell]) -> bool:
    texts = [tidy(cell.text) for cell in cells if there(cell.text)]
    return bool(texts) and all(CAPTION.match(text) and len(text) <= 60 for text in texts)


def upright(grid: Grid) -> Grid:
    """Return a table whose pipes stand side by side, its labels in the first column, a pipe in each row."""
    rows = [row for row in grid.rows if any(cell.text.strip() for cell in row)]
    if len(rows) < 2 or any(len(distinct(row)) < 3 or not is_label(row[0].text) for row in rows):
        return grid
    others = [cell.text for row in rows for cell in row[1:] if cell.text.strip()]
    names = [
        {cell.text.strip() for cell in row[1:]} for row in rows if heading_of(row[0].text)[0] in IDENTITY
    ]
    if any(map(is_label, others)) or not any(len(some) > 1 for some in names):
        return grid
    width = min(len(row) for row in rows)
    return replace(grid, rows=[[row[column] for row in rows] for column in range(width)])


def _heads(cells: Sequence[tuple[int, Cell]]) -> bool:
    """Tell whether a row holds the headings of a list: labels stand side by side."""
    named = [bool(cell.text.strip()) for _, cell in cells]
    labels = [is_label(cell.text) or _is_group(cell.text) for _, cell in cells]
    count = sum(labels)
    if count < 2 or count < 0.5 * sum(named):
        return False
    beside = sum(one and two for one, two in pairwise(labels))
    both = zip(pairwise(labels), named[1:], strict=True)
    values = sum(one and filled and not two for (one, two), filled in both)
    useful = any(
        (name := heading_of(cell.text)[0]) in USEFUL or name.startswith("item:") for _, cell in cells
    )
    mostly = all(named) and count >= 3 and count >= 0.7 * len(cells)  # one that nobody knows among many
    return useful and (beside > values or mostly)


def _is_group(text: str) -> bool:
    return len(text.strip()) <= 12 and bool(group_of(text))


def _columns(grid: Grid, place: int) -> tuple[list[_Column], int]:
    """Return the columns under a row of headings, and how many rows the headings take."""
    top = list(grid.rows[place])
    below = list(grid.rows[place + 1]) if place + 1 < len(grid.rows) else []
    below += [Cell("")] * (len(top) - len(below))
    depth = 1
    if _goes_on(top, below):
        depth, groups, last = 2, list[str](), ""
        for one, two in zip(top, below, strict=False):
            last = one.text if one.text.strip() else last if two.text.strip() else ""
            groups.append(last)
    made: list[_Column] = []
    kept: list[tuple[Cell, Cell]] = []
    for column, cell in enumerate(top):
        under = below[column] if depth == 2 else cell
        if kept and kept[-1] == (cell, under):
            last_one = made[-1]
            made[-1] = _Column(last_one.field, last_one.heading, last_one.unit, last_one.first, column + 1)
            continue
        above = groups[column] if depth == 2 and under is not cell and under.text.strip() else ""
        words = under.text if above else cell.text
        name, unit = heading_of(words, above)
        heading = re.sub(r"\s+", "", above + words if not name else words)
        kept.append((cell, under))
        made.append(_Column(name, heading, unit, column, column + 1))
    units = grid.rows[place + depth] if place + depth < len(grid.rows) else ()
    texts = [tidy(cell.text).strip("()（）") for cell in units]
    if any(texts) and all(not text or text in UNIT_ROW for text in texts):
        depth += 1
        made = [
            _Column(one.field, one.heading, one.unit or (texts[one.first] if one.first < len(texts) else ""),
                    one.first, one.last)
            for one in made
        ]  # fmt: skip
    return made, depth


def _goes_on(top: Sequence[Cell], below: Sequence[Cell]) -> bool:
    """Tell whether the row below the headings is a second row of headings."""
    own = [(one, two) for one, two in zip(top, below, strict=False) if two is not one and two.text.strip()]
    if not own or any(number(two.text) is not None for _, two in own):
        return False
    if [tidy(cell.text) for cell in top] == [tidy(cell.text) for cell in below]:
        return False
    group, known = "", 0
    for one, two in zip(top, below, strict=False):
        group = one.text if one.text.strip() else group
        if two is not one and two.text.strip():
            known += bool(heading_of(two.text, group)[0])
    return known >= max(1, 0.6 * len(own))


def _about(cells: Sequence[tuple[int, Cell]], *, listed: bool) -> list[Said]:
    """Return the labels of a row with their values, [] when it is no such row."""
    texts = [cell.text.strip() for _, cell in cells]
    labels = [is_label(text) for text in texts]
    within = [bool(parted(text)[0]) for text in texts]
    known = sum(labels) + sum(within)
    first = next((place for place, text in enumerate(texts) if text), 0)
    begins = labels[first] or within[first]
    if not known or not (begins or (known > 1 and not listed)):
        return []
    if listed and not within[first] and known < 2 and len([text for text in texts if text]) > 2:
        return []
    made, place = list[Said](), 0
    while place < len(texts):
        label, value = parted(texts[place])
        if not label and texts[place]:
            label = texts[place]
            if place + 1 < len(texts) and not labels[place + 1] and not within[place + 1]:
                place += 1
                value = texts[place]
        name, unit = heading_of(label)
        if name == "more" and value:  # a label that nobody knows, and its value
            label, value, name = value, texts[place + 1] if place + 1 < len(texts) else "", ""
            place += 1
        if name or value:
            made.append(Said(name, re.sub(r"\s+", "", label), value, unit))
        place += 1
    return made


def _listed(columns: Sequence[_Column], row: Sequence[Cell], where: tuple[str, int]) -> Iterator[Event]:
    """Yield what a row of a list says; a row whose cells hold several lines is as many rows."""
    first = tidy(row[0].text) if row else ""
    if first.casefold() in TOTALS:
        return
    said, pictures = list[Said](), list[str]()
    for column in columns:
        under = [cell for _, cell in distinct(row[column.first : column.last])]
        text = " ".join(cell.text.strip() for cell in under if cell.text.strip())
        pictures += [name for cell in under for name in cell.pictures]
        if column.heading or text:
            said.append(Said(column.field, column.heading, text, column.unit))
    event = Event("row", *where, tuple(said), tuple(dict.fromkeys(pictures)))
    lines = event.of("distance").split("\n")
    if len(lines) == 1:
        yield event
        return
    for place in range(len(lines)):
        parts = [
            Said(one.field, one.heading, split[place] if len(split) == len(lines) else one.text, one.unit)
            for one in said
            for split in [one.text.split("\n")]
        ]
        yield Event("row", *where, tuple(parts), event.pictures)


def _paragraph(block: Paragraph, blocks: Sequence[Block], place: int) -> Iterator[Event]:
    text = tidy(block.text)
    if block.pictures:
        beside = [text, _text_of(blocks, place + 1), _text_of(blocks, place - 1)]
        caption = next((one for one in beside if CAPTION.match(one)), text)
        yield Event("shot", "", 0, (), block.pictures, caption)
        return
    if not text or len(text) > LONGEST:
        return
    said = []
    for found in PAIR.finditer(block.text):
        label = found[1]
        if is_label(label) and not heading_of(label)[0].startswith("item:"):
            said.append(Said(heading_of(label)[0], label, found[2].strip(), heading_of(label)[1]))
    named = PIPE_TITLE.match(text)
    if named and all(ends_of(named[1])):
        said.append(Said("asset", "", named[1]))
    if said:
        yield Event("about", "", 0, tuple(said))
    if not said or named:
        yield Event("title", "", 0, text=text)


def _text_of(blocks: Sequence[Block], place: int) -> str:
    block = blocks[place] if 0 <= place < len(blocks) else None
    return tidy(block.text) if isinstance(block, Paragraph) and not block.pictures else ""
