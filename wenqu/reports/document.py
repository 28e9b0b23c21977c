"""Of what is a report built? Headings, sentences, tables and figures, before they are set."""

from collections.abc import Iterable
from dataclasses import dataclass

from wenqu.messages import say
from wenqu.reports.wording import count, joined, rule_sentence


@dataclass(frozen=True, slots=True)
class Source:
    """From what a table or figure was made, and what of it is not confirmed."""

    text: str
    caution: str = ""  # "" when every rule that took part is confirmed


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a chapter (level 1) or a part of it (level 2)."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Text:
    """One paragraph; ``tone`` is plain, notice (something is missing) or strong."""

    text: str
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table on a page."""

    label: str
    width: str = "auto"  # auto, or a share of the rest: 1fr, 2fr
    number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of words, with a caption and what they came from."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    source: Source
    small: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing, with a caption, what it shows in words, and what it came from."""

    caption: str
    name: str
    svg: bytes
    says: str
    source: Source


Block = Heading | Text | Table | Figure


def source(
    language: str,
    *,
    rows: int,
    what: str,
    formula: str = "",
    edition: str = "",
    unconfirmed: Iterable[str] = (),
    caution: str = "",
) -> Source:
    """Return from what a table or figure was made.

    Parameters
    ----------
    rows, what
        How many rows of what: "conduits", "findings".
    formula, edition
        How it was reckoned, by which edition of which standard or table.
    unconfirmed
        Rules of the standard that took part and are not confirmed.
    caution
        Another reason for care, as a sentence.
    """
    said = say("report.source.rows", language, count=count(rows), what=what)
    if formula:
        said += say("report.source.formula", language, formula=formula)
    if edition:
        said += say("report.source.edition", language, edition=edition)
    rules = joined((rule_sentence(rule, language) for rule in sorted(set(unconfirmed))), language)
    warned = say("report.source.unconfirmed", language, rules=rules) if rules else ""
    between = " " if warned and caution and language == "en" else ""
    return Source(said + say("report.source.end", language), warned + between + caution)
