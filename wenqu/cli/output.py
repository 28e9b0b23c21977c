"""How does the command line speak? Tables for people, JSON for programs, sentences for both."""

import getpass
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson
import typer
from rich.cells import cell_len
from rich.console import Console
from rich.measure import Measurement
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from wenqu.issues import Issue, Weight
from wenqu.messages import say, sentences, told
from wenqu.network.schema import asset_types
from wenqu.progress import Progress as Telling
from wenqu.progress import silent
from wenqu.settings import Settings, read_settings

if TYPE_CHECKING:  # whoever asks for help does not wait for the database
    from wenqu.store.database import Store

# Ids and file names are shown as they are: neither [brackets] nor :colons: mean anything in them.
people = Console(highlight=False, markup=False, emoji=False)
aside = Console(stderr=True, highlight=False, markup=False, emoji=False)
NOBODY = "unnamed"
SHOWN = 12  # issues listed one by one; the rest is counted
OF_A_RULE = 3  # and of one rule no more than this: ten meters without an answer are one piece of news
WIDEST = 10_000  # columns
LONGEST_WORD = 40  # columns
MARK = {Weight.BLOCK: "✗", Weight.FAULT: "!", Weight.DOUBT: "?", Weight.NOTE: "·"}


@cache
def settings() -> Settings:
    """Return the settings, read once."""
    return read_settings()


@contextmanager
def opened() -> "Iterator[Store]":
    """Open the store that the settings name, and close it whatever happens."""
    from wenqu.store.database import open_store

    store = open_store(settings().store, archive=settings().archive or None)
    try:
        yield store
    finally:
        store.close()


def author() -> str:
    """Return who is named as author of changes."""
    if settings().author:
        return settings().author
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have a number and no name
        return NOBODY


def words(key: str, **facts: object) -> str:
    """Return a sentence in the language of the settings."""
    return say(key, settings().language, **facts)


def answer(content: Any) -> None:
    """Print a result as JSON in UTF-8, whatever the console speaks; NaN becomes null."""
    option = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
    plain = asdict(content) if is_dataclass(content) and not isinstance(content, type) else content
    typer.echo(orjson.dumps(plain, option=option, default=str))


def table(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], numbers: Sequence[int] = ()
) -> None:
    """Print a table; ``numbers`` are the columns set to the right."""
    made = Table(title=title, title_justify="left", box=None, padding=(0, 2, 0, 0), header_style="bold")
    cells = [[str(cell) for cell in row] for row in rows]
    for place, column in enumerate(columns):
        number = place in numbers
        parts = [part for row in cells for part in ([row[place]] if number else row[place].split())]
        least = max((cell_len(part) for part in parts), default=1)
        made.add_column(
            column, justify="right" if number else "left", overflow="fold", min_width=min(least, LONGEST_WORD)
        )
    for row in cells:
        made.add_row(*row)
    least = Measurement.get(people, people.options.update(max_width=WIDEST), made).minimum
    people.print(made, width=max(people.width, least), crop=False)  # a figure is never cut short


def place_of(issue: Issue) -> str:
    """Return where an issue stands: file, sheet, row, asset."""
    parts = [issue.place.file, issue.place.sheet]
    if issue.place.row is not None:
        parts.append(words("cli.row", row=issue.place.row))
    if issue.asset:
        parts.append(f"{_type_word(issue.type)} {issue.asset}".strip())
    elif not any(parts):  # of a whole register
        parts.append(_type_word(issue.type))
    return " · ".join(part for part in parts if part)


def _type_word(type_: str) -> str:
    known = asset_types().get(type_)
    return type_ if known is None or settings().language != "zh" else known.zh


def issue_row(issue: Issue) -> dict[str, object]:
    """Return an issue for a program: facts and the sentences made from them."""
    from wenqu.services.wording import method_words

    language = settings().language
    facts = method_words(issue.facts, language)
    return {
        **asdict(issue),
        "says": told(f"issue.{issue.code}.says", language, facts),
        "remedy": told(f"issue.{issue.code}.remedy", language, facts),
    }


def show_issues(issues: Sequence[Issue]) -> None:
    """Print issues: the heaviest with place and remedy, few of a rule, each once; the rest is counted."""
    if not issues:
        people.print(words("cli.no-issues"))
        return
    order = list(Weight)
    alike: dict[str, list[Issue]] = {}
    for issue in sorted(issues, key=lambda issue: order.index(issue.weight)):
        alike.setdefault(f"{issue.code} {issue.facts}", []).append(issue)
    listed, told = [], Counter[str]()
    for group in alike.values():
        told[group[0].code] += 1
        if told[group[0].code] <= OF_A_RULE:
            listed.append(group)
    for first, *others in listed[:SHOWN]:
        row = issue_row(first)
        said = ": ".join(part for part in (place_of(first), str(row["says"])) if part)
        more = words("cli.alike", count=len(others)) if others else ""
        people.print(f"{MARK[first.weight]} {said}{more}", soft_wrap=True)
        people.print(f"    → {row['remedy']}", soft_wrap=True, style="dim")
    if len(alike) > min(SHOWN, len(listed)):
        counted = Counter((issue.weight, issue.code) for issue in issues)
        examples = {issue.code: issue for issue in reversed(issues)}
        rows = [
            (MARK[weight], _called(examples[code]), code, count)
            for (weight, code), count in counted.most_common()
        ]
        names = ("", words("cli.rule"), "", words("cli.count"))
        table(words("cli.all-issues", count=len(issues)), names, rows, (3,))


def _called(issue: Issue) -> str:
    """Return the name of an issue's rule, or what the issue says where the rule has none."""
    name = sentences(settings().language).get(f"issue.{issue.code}.name")
    return name or str(issue_row(issue)["says"])


@contextmanager
def progress(key: str, *, quiet: bool = False) -> Iterator[Telling]:
    """Show a bar while something long runs; it is told the share that is done (0 to 1)."""
    if quiet or not aside.is_terminal:
        yield silent
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=aside, transient=True) as bar:
        task = bar.add_task(words(key), total=1.0)
        yield lambda share: bar.update(task, completed=share)


def figure(value: float, digits: int = 3) -> str:
    """Return a number with three significant figures and thin thousands separators."""
    if value != value:  # noqa: PLR0124 - NaN
        return "-"
    rounded = float(f"{value:.{digits}g}")
    return f"{rounded:,.0f}".replace(",", "\u2009") if abs(rounded) >= 100 else f"{rounded:g}"


def span(value: float, low: float, high: float) -> str:
    """Return a value with its interval as 12.4 (9.8-15.1)."""
    if low != low or high != high:  # noqa: PLR0124 - NaN
        return figure(value)
    return f"{figure(value)} ({figure(low)}–{figure(high)})"
