"""What is wrong with the data behind this report, and what do its words mean?"""

from collections import defaultdict

from wenqu.issues import Issue
from wenqu.messages import say
from wenqu.reports.content import CityReport
from wenqu.reports.document import Block, Column, Heading, Table, Text, source
from wenqu.reports.wording import count, issue_sentence

STAGES = ("network", "inspection", "diagnosis")
WEIGHTS = ("block", "fault", "doubt", "note")
TERMS = (
    "extraneous", "missing", "interval", "data-share", "sealed", "repair-grade", "problem", "influent",
    "capacity-share", "gap",
)  # fmt: skip


def quality_chapter(report: CityReport, language: str) -> list[Block]:
    """Return the issues by kind with an example each, and the definitions of terms."""
    blocks: list[Block] = [Heading(say("report.quality.title", language))]
    if report.issues:
        blocks.append(_issues(report, language))
    else:
        blocks.append(Text(say("report.quality.none", language)))
    return blocks


def _issues(report: CityReport, language: str) -> Block:
    kinds: defaultdict[tuple[str, str, str], list[Issue]] = defaultdict(list)
    for stage, issue in report.issues:
        kinds[stage, str(issue.weight), issue.code].append(issue)
    order = sorted(
        kinds, key=lambda key: (STAGES.index(key[0]), WEIGHTS.index(key[1]), -len(kinds[key]), key[2])
    )
    rows = tuple(
        (
            say(f"report.stage.{stage}", language), say(f"report.weight.{weight}", language),
            issue_sentence(kinds[stage, weight, code][0], language), count(len(kinds[stage, weight, code])),
        )
        for stage, weight, code in order
    )  # fmt: skip
    columns = (
        Column(say("report.quality.stage", language)),
        Column(say("report.quality.weight", language)),
        Column(say("report.quality.example", language), "1fr"),
        Column(say("report.quality.count", language), number=True),
    )
    made = source(language, rows=len(report.issues), what=say("report.what.issues", language))
    return Table(say("report.quality.caption", language), columns, rows, made, small=True)


def terms_chapter(_report: CityReport, language: str) -> list[Block]:
    """Return what the words of the report mean."""
    rows = tuple(
        (say(f"report.term.{term}.name", language), say(f"report.term.{term}.means", language))
        for term in TERMS
    )
    columns = (
        Column(say("report.terms.term", language), "1fr"),
        Column(say("report.terms.means", language), "3.4fr"),
    )
    made = source(language, rows=len(rows), what=say("report.what.terms", language))
    return [
        Heading(say("report.terms.title", language)),
        Text(say("report.terms.reading", language)),
        Table(say("report.terms.caption", language), columns, rows, made),
    ]
