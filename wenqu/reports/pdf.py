"""How does a city's report become pages?"""

from dataclasses import asdict

from wenqu.messages import say
from wenqu.reports.chapters.condition import condition_chapter
from wenqu.reports.chapters.network import network_chapter
from wenqu.reports.chapters.plants import plants_chapter
from wenqu.reports.chapters.programme import programme_chapter
from wenqu.reports.chapters.quality import quality_chapter, terms_chapter
from wenqu.reports.chapters.summary import summary_chapter
from wenqu.reports.chapters.targets import targets_chapter
from wenqu.reports.chapters.water import water_chapter
from wenqu.reports.content import CityReport
from wenqu.reports.document import Block, Figure, Heading, Table
from wenqu.reports.typeset import text_fonts, typeset
from wenqu.reports.wording import city_name

CHAPTERS = (
    summary_chapter, targets_chapter, network_chapter, condition_chapter, water_chapter, plants_chapter,
    programme_chapter, quality_chapter, terms_chapter,
)  # fmt: skip


def report_pdf(report: CityReport, language: str) -> bytes:
    """Return the report of a city as a PDF on A4.

    Raises
    ------
    EngineFailed
        The typesetter refused the document; what it said is in the facts.
    """
    blocks = [block for chapter in CHAPTERS for block in chapter(report, language)]
    drawings = {
        f"figure-{place}.svg": block.svg for place, block in enumerate(blocks) if isinstance(block, Figure)
    }
    return typeset("city.typ", _data(report, blocks, language), drawings)


def _data(report: CityReport, blocks: list[Block], language: str) -> dict[str, object]:
    name = city_name(report, language)
    return {
        "language": language,
        "fonts": text_fonts(),
        "title": say("report.title", language, city=name),
        "subtitle": say("report.subtitle", language),
        "city": name,
        "author": report.by,
        "facts": [
            [say(f"report.front.{key}", language), value]
            for key, value in (
                ("city", f"{name} ({report.city.code})"),
                ("version", say("report.source.version", language, version=report.version)),
                ("made", report.at[:16].replace("T", " ")),
                ("by", report.by),
                ("crs", report.city.crs or "–"),
            )
        ],
        "simulated": say("report.simulated", language) if report.city.simulated else "",
        "simulated_why": say("report.simulated-why", language) if report.city.simulated else "",
        "contents": say("report.contents", language),
        "page": say("report.page", language),
        "table": say("report.table", language),
        "figure": say("report.figure", language),
        "unconfirmed": "※",
        "blocks": [_block(place, blocks) for place in range(len(blocks))],
    }


def _block(place: int, blocks: list[Block]) -> dict[str, object]:
    """Return a block as the template reads it; what introduces a figure stays on its page."""
    block, after = blocks[place], blocks[place + 1 : place + 2]
    if isinstance(block, Figure):
        made = asdict(block)
        del made["svg"]
        return {"kind": "figure", **made, "file": f"figure-{place}.svg"}
    kind = "heading" if isinstance(block, Heading) else "table" if isinstance(block, Table) else "text"
    with_next = kind == "text" and bool(after) and isinstance(after[0], Figure)
    return {"kind": kind, "with-next": with_next, **asdict(block)}
