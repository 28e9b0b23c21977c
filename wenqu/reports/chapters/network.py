"""What does the city have in the ground?"""

import numpy as np
import numpy.typing as npt

from wenqu.messages import say
from wenqu.network.model import link_lengths
from wenqu.network.schema import asset_types
from wenqu.reports.content import CityReport
from wenqu.reports.document import Block, Column, Heading, Table, Text, source
from wenqu.reports.wording import code_label, count, figure, percent, type_label

KM = 1000.0
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
SYSTEMS = ("storm", "sanitary", "combined", "supply", "other")


def network_chapter(report: CityReport, language: str) -> list[Block]:
    """Return counts of everything, and the sewers by kind of water."""
    blocks: list[Block] = [Heading(say("report.network.title", language))]
    if not any(len(table) for table in report.network.tables.values()):
        return [*blocks, Text(say("report.missing.network", language), "notice")]
    return [*blocks, _systems(report, language), _counts(report, language)]


def _systems(report: CityReport, language: str) -> Block:
    conduits = report.network.table("conduit")
    lengths, systems = np.nan_to_num(link_lengths(conduits)), conduits.column("system")
    seen = np.array([str(id_) in report.inspections for id_ in conduits.ids], dtype=np.bool_)
    heights = conduits.column("height")
    rows = []
    for name in (*SYSTEMS, None):
        mine = np.array([system == name for system in systems], dtype=np.bool_)
        if mine.any():
            label = code_label("system", name, language) if name else say("report.unknown", language)
            rows.append(_system_row(label, mine, lengths, heights, seen))
    everything = np.ones(len(conduits), dtype=np.bool_)
    rows.append(_system_row(say("report.total", language), everything, lengths, heights, seen))
    columns = (
        Column(say("report.network.system", language), "1fr"),
        Column(say("report.network.conduits", language), number=True),
        Column(say("report.network.length-km", language), number=True),
        Column(say("report.network.diameters", language), number=True),
        Column(say("report.network.inspected", language), number=True),
    )
    made = source(
        language, rows=len(conduits), what=type_label("conduit", language),
        formula=say("report.network.formula", language),
        edition=say("report.source.version", language, version=report.version),
    )  # fmt: skip
    return Table(say("report.network.systems", language), columns, tuple(rows), made)


def _system_row(
    label: str,
    mine: Mask,
    lengths: Floats,
    heights: Floats,
    seen: Mask,
) -> tuple[str, ...]:
    length = float(lengths[mine].sum())
    known = heights[mine & ~np.isnan(heights)] * KM
    sizes = f"{known.min():.0f}–{known.max():.0f}" if len(known) else "–"
    share = float(lengths[mine & seen].sum()) / length if length > 0 else None
    return (label, count(int(mine.sum())), figure(length / KM, 4), sizes, percent(share))


def _counts(report: CityReport, language: str) -> Block:
    kinds = [(name, table) for name in asset_types() if len(table := report.network.table(name))]
    rows = []
    for name, table in kinds:
        entry = asset_types()[name]
        linear = entry.geometry == "line" and entry.role == "link"
        length = figure(float(np.nansum(link_lengths(table))) / KM) if linear else ""
        rows.append((type_label(name, language), count(len(table)), length))
    columns = (
        Column(say("report.network.type", language), "1fr"),
        Column(say("report.network.count", language), number=True),
        Column(say("report.network.length-km", language), number=True),
    )
    made = source(
        language, rows=sum(len(table) for _, table in kinds), what=say("report.what.assets", language),
        edition=say("report.source.version", language, version=report.version),
    )  # fmt: skip
    return Table(say("report.network.counts", language), columns, tuple(rows), made)
