"""What must a reader with one minute know?"""

import math

import numpy as np

from wenqu.messages import say
from wenqu.network.model import link_lengths
from wenqu.reports.chapters.condition import grade_source, lengths_of, problems
from wenqu.reports.chapters.plants import capacity_unit, waterfall_of
from wenqu.reports.chapters.programme import money, programme_source, spent
from wenqu.reports.chapters.water import largest_area, plants_total, posterior_source, total_words
from wenqu.reports.content import CityReport
from wenqu.reports.document import Block, Column, Heading, Source, Table, Text
from wenqu.reports.wording import city_name, count, figure, joined, percent
from wenqu.units import from_si

KM = 1000.0


def summary_chapter(report: CityReport, language: str) -> list[Block]:
    """Return the key figures with what each is from, and the conclusions in words."""
    rows = tuple(row for row in key_figures(report, language) if row[1])
    columns = (
        Column(say("report.summary.what", language), "1.2fr"),
        Column(say("report.summary.value", language), "1fr", number=True),
        Column(say("report.summary.from", language), "2.4fr"),
    )
    blocks: list[Block] = [Heading(say("report.summary.title", language))]
    blocks += [Text(text, tone) for text, tone in _conclusions(report, language)]
    whole = Source(say("report.summary.source", language, version=report.version, at=report.at[:10]))
    return [*blocks, Table(say("report.summary.caption", language), columns, rows, whole)]


def _from(made: Source, language: str) -> str:
    return made.text + (say("report.summary.caution", language) if made.caution else "")


def key_figures(report: CityReport, language: str) -> list[tuple[str, str, str]]:
    """Return the figures of the first page: what, how much, from what."""
    conduits = report.network.table("conduit")
    length = float(np.nansum(link_lengths(conduits))) / KM
    version = say("report.source.version", language, version=report.version)
    rows = [
        (say("report.summary.length", language), f"{figure(length, 4)} km" if len(conduits) else "",
         say("report.summary.of-conduits", language, count=count(len(conduits)), version=version)),
    ]  # fmt: skip
    if report.graded:
        lengths, found = lengths_of(report), problems(report)
        bad = float(np.nansum([lengths.get(row.conduit, np.nan) for row in found])) / KM
        said = say("report.summary.problem-value", language, length=figure(bad), count=count(len(found)))
        rows.append(
            (say("report.summary.problems", language), said, _from(grade_source(report, language), language))
        )
    total = total_words(report, language)
    if total is not None:
        of = say("report.summary.bounds-added", language, plants=plants_total(report)[3])  # type: ignore[index]
        rows.append((say("report.summary.extraneous", language), f"{total[0]} {total[1]}",
                     of + _from(posterior_source(report, language), language)))  # fmt: skip
    rows += _of_plants(report, language)
    if report.programme is not None:
        cost, unit = money(spent(report.programme), language)
        rows.append((say("report.summary.cost", language), f"{cost} {unit}",
                     _from(programme_source(report.programme, language), language)))  # fmt: skip
    return rows


def _of_plants(report: CityReport, language: str) -> list[tuple[str, str, str]]:
    known = [plant for plant in report.plants if not math.isnan(plant.bod5)]
    if not known:
        return []
    unit = capacity_unit(language)
    meeting = [plant for plant in known if plant.bod5 > plant.threshold]
    value = say(
        "report.summary.plants-value", language, meets=count(len(meeting)), count=count(len(report.plants))
    )
    size = sum(plant.capacity for plant in report.plants)
    of = say("report.summary.plants-from", language, days=count(sum(plant.days for plant in known)),
             capacity=figure(from_si(size, unit)), unit=unit)  # fmt: skip
    return [(say("report.summary.plants", language), value, of)]


def _conclusions(report: CityReport, language: str) -> list[tuple[str, str]]:
    """Return the sentences of the first page with their tones; what is missing is said too."""
    name = city_name(report, language)
    conduits = report.network.table("conduit")
    if not len(conduits):
        return [(say("report.missing.network", language), "notice")]
    length = figure(float(np.nansum(link_lengths(conduits))) / KM, 4)
    said = [(say("report.summary.opening", language, city=name, count=count(len(conduits)), length=length),
        "plain")]  # fmt: skip
    said += _of_condition(report, language)
    total, largest = total_words(report, language), largest_area(report)
    if total is not None and largest is not None:
        facts = {"total": total[0], "unit": total[1], "area": largest[0], "amount": largest[1]}
        said.append((say("report.summary.water", language, **facts), "plain"))
    elif not report.findings:
        said.append((say("report.missing.findings", language), "notice"))
    said += _of_influent(report, language)
    if report.programme is None:
        said.append((say("report.missing.programme", language), "notice"))
    return said


def _of_condition(report: CityReport, language: str) -> list[tuple[str, str]]:
    if not report.graded:
        key = "grades" if report.inspections else "inspections"
        return [(say(f"report.missing.{key}", language), "notice")]
    found = problems(report)
    lengths = lengths_of(report)
    bad = float(np.nansum([lengths.get(row.conduit, np.nan) for row in found]))
    whole = float(np.nansum([lengths.get(id_, np.nan) for id_ in report.graded]))
    facts = {
        "graded": count(len(report.graded)), "problems": count(len(found)), "length": figure(bad / KM),
        "share": percent(bad / whole if whole > 0 else None),
    }  # fmt: skip
    return [(say("report.summary.condition", language, **facts), "plain")]


def _of_influent(report: CityReport, language: str) -> list[tuple[str, str]]:
    known = [plant for plant in report.plants if not math.isnan(plant.bod5)]
    if not known:
        return [(say("report.missing.bod5", language), "notice")]
    short = [plant for plant in known if not plant.bod5 > plant.threshold]
    if not short:
        return [(say("report.summary.all-meet", language, count=count(len(known))), "strong")]
    named = joined((f"{plant.name} {figure(from_si(plant.bod5, 'mg/L'))} mg/L" for plant in short), language)
    said = [(say("report.summary.short", language, count=count(len(short)), plants=named), "strong")]
    enough = [
        plant.name
        for plant in short
        for sealed in [waterfall_of(report, plant.id)[1]]
        if sealed is not None and sealed.facts.get("verdict") == "sealing-suffices"
    ]
    if enough:
        said.append((say("report.summary.sealing", language, plants=joined(enough, language)), "plain"))
    return said
