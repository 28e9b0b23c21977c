"""Of what is an official paper built: parts, named texts, tables, and figures that lead to their rows?

Texts and cells hold references to figures in braces: ``{bod5}`` is the figure with its unit and its place
among the sources, ``{bod5|n}`` the same without the unit (where a heading names it), ``{bod5|r}`` the place
alone.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from wenqu.messages import say
from wenqu.reports.waterfall import Step

TOKEN = re.compile(r"\{([^{}|\s]+)(?:\|([nr]))?\}")
Cell = str | float | int | None
PRINTED = 800  # rows of a table on paper
LONG_TITLE = 20  # letters from which a title has two lines


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure of a paper and from what it was made."""

    key: str
    label: str
    text: str  # as it stands in the paper: with interval, without unit
    value: float  # in its border unit, NaN when it is no single number
    unit: str  # border unit as people of the language write it, "" for none
    record: str  # from which rows: record, series, document
    rows: int = 0
    formula: str = ""
    edition: str = ""  # of the rule or table
    status: str = ""  # verified, single source, memory, default, city; "" where no rule took part
    link: str = ""  # on the page: what opens the rows
    number: int = 0  # place in the list of sources, 0 until it is numbered

    @property
    def said(self) -> str:
        """Return the figure with its unit."""
        return f"{self.text} {self.unit}" if self.unit and self.unit != "%" else self.text + self.unit


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a sentence; the number of its figure when it is one."""

    text: str
    fact: int = 0
    key: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A figure that is no longer what it was when a text was edited."""

    label: str
    before: str
    now: str  # "" when there is no such figure any more


@dataclass(frozen=True, slots=True)
class Words:
    """A named text: drafted from figures, and kept as people wrote it once they did."""

    key: str
    text: str  # with references in braces; a line is a paragraph
    draft: str = ""  # what was drafted where ``text`` is edited
    edited: bool = False
    version: int = 0  # how often it was edited
    by: str = ""
    at: str = ""
    changes: tuple[Change, ...] = ()
    redrafted: bool = False  # the draft says something else than when the text was edited
    notice: bool = False  # it tells what is missing; nobody edits it


@dataclass(frozen=True, slots=True)
class Head:
    """One column of a table."""

    label: str
    width: float = 1.0  # share
    number: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of a paper."""

    key: str
    caption: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""  # below it, references in braces


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing of a paper: what stands in the table beside it, seen at a glance."""

    key: str
    caption: str
    steps: tuple[Step, ...]
    target: float  # [kg/m³]


Block = Words | Grid | Chart


@dataclass(frozen=True, slots=True)
class Part:
    """A chapter."""

    key: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class PaperContent:
    """Everything that a paper says."""

    city: str  # code
    kind: str
    subject: str
    language: str
    title: str  # "|" where a long one may be broken
    issuer: str  # who reports
    day: str  # ISO date as of which
    basis: str  # a sentence: from which change of the data, which programme
    parts: tuple[Part, ...]
    facts: Mapping[str, Fact]
    simulated: bool = False
    across: bool = False  # wide tables: A4 across
    marks: tuple[str, ...] = field(default=())  # sentences of warning below the title

    @property
    def name(self) -> str:
        """Return the title in one line."""
        return self.title.replace("|", "")

    @property
    def title_lines(self) -> tuple[str, ...]:
        """Return the title as it is set: a long one in two lines."""
        return tuple(self.title.split("|")) if len(self.name) > LONG_TITLE else (self.name,)

    @property
    def words(self) -> Iterator[Words]:
        """Return every named text."""
        for part in self.parts:
            for block in part.blocks:
                if isinstance(block, Words):
                    yield block

    @property
    def listed(self) -> tuple[Fact, ...]:
        """Return the figures that the paper shows, in the order of their numbers."""
        return tuple(sorted((one for one in self.facts.values() if one.number), key=lambda one: one.number))


def references(text: str) -> list[str]:
    """Return the keys of the figures that a text refers to, in their order.

    Examples
    --------
    >>> references("inflow {flow}, {bod5|n} mg/L {flow|r}")
    ['flow', 'bod5', 'flow']
    """
    return [found[1] for found in TOKEN.finditer(text)]


def numbered(content: PaperContent) -> PaperContent:
    """Return the paper with its figures numbered as they appear; what nobody refers to has no number."""
    order: dict[str, int] = {}
    for text in _texts(content):
        for key in references(text):
            if key in content.facts:
                order.setdefault(key, len(order) + 1)
    facts = {key: replace(one, number=order.get(key, 0)) for key, one in content.facts.items()}
    return replace(content, facts=facts)


def _texts(content: PaperContent) -> Iterator[str]:
    for part in content.parts:
        for block in part.blocks:
            if isinstance(block, Words):
                yield block.text
            if not isinstance(block, Grid):
                continue
            for row in block.rows:
                yield from (cell for cell in row if isinstance(cell, str))
            yield block.note


def runs(text: str, facts: Mapping[str, Fact], language: str) -> tuple[Run, ...]:
    """Return a text as pieces, its references filled with today's figures.

    A figure that is no longer there is said to be so: nothing is left out in silence.
    """
    made: list[Run] = []
    last = 0
    for found in TOKEN.finditer(text):
        if found.start() > last:
            made.append(Run(text[last : found.start()]))
        last = found.end()
        one, how = facts.get(found[1]), found[2]
        if one is None:
            made.append(Run(say("paper.gone", language)))
            continue
        if how != "r":
            made.append(Run(one.text if how == "n" else one.said, 0, one.key))
        made.append(Run(f"[F{one.number}]", one.number, one.key))
    if last < len(text):
        made.append(Run(text[last:]))
    return tuple(made)


def plain(text: str, facts: Mapping[str, Fact], language: str) -> str:
    """Return a text as words, each figure followed by its number in the list of sources."""
    return "".join(run.text for run in runs(text, facts, language))


def printed(grid: Grid, language: str) -> Grid:
    """Return a table as it is printed: a long one is cut, and says so; the workbook has all."""
    if len(grid.rows) <= PRINTED:
        return grid
    more = say("paper.note.more_rows", language, shown=PRINTED, count=len(grid.rows))
    return replace(grid, rows=grid.rows[:PRINTED], note=f"{grid.note} {more}".strip())


def cell_text(cell: Cell) -> str:
    """Return a cell as words; nothing for nothing."""
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return "–"
    if isinstance(cell, float):
        return f"{cell:,.4f}".rstrip("0").rstrip(".").replace(",", "\u202f").replace("-", "−")
    return f"{cell:,}".replace(",", "\u202f") if isinstance(cell, int) else cell


def source_groups(content: PaperContent) -> list[tuple[tuple[Fact, ...], str]]:
    """Return the list of sources: neighbours that were made from the same rows share one line."""
    made: list[tuple[tuple[Fact, ...], str]] = []
    for one in content.listed:
        line = source_line(one, content.language)
        if made and made[-1][1] == line:
            made[-1] = ((*made[-1][0], one), line)
        else:
            made.append(((one,), line))
    return made


def source_line(one: Fact, language: str) -> str:
    """Return from what a figure was made, as one line of the list of sources."""
    parts = [say("paper.source.record", language, record=one.record)]
    if one.rows:
        parts.append(say("paper.source.rows", language, rows=one.rows))
    if one.formula:
        parts.append(say("paper.source.formula", language, formula=one.formula))
    if one.edition:
        parts.append(say("paper.source.edition", language, edition=one.edition))
    if one.status:
        parts.append(say(f"paper.status.{one.status.replace(' ', '_')}", language))
    return say("paper.between", language).join(parts)
