"""What changed between an INP file and the network that came from it?"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wenqu.hydraulics.swmm.assets import ASCII_UPPER, Collected, Record, RowUse, collect, number
from wenqu.hydraulics.swmm.curves import curves_of
from wenqu.hydraulics.swmm.drawing import Drawing, drawing, shapes_of
from wenqu.hydraulics.swmm.engine_assets import LINKS, NODES, EngineAssets, Shape, engine_assets
from wenqu.hydraulics.swmm.layouts import OBJECTS, layout
from wenqu.hydraulics.swmm.removed import Removed, removed_names
from wenqu.hydraulics.swmm.rows import (
    Writing,
    changed_record,
    object_section,
    wanted_sections,
    wanted_variant,
)
from wenqu.hydraulics.swmm.sections import InpModel
from wenqu.hydraulics.swmm.supplies import complete, pump_curve_lines
from wenqu.network.model import Network
from wenqu.series.model import Series

SAME_ROLE = {**dict.fromkeys(NODES, NODES), **dict.fromkeys(LINKS, LINKS)}


@dataclass
class Edit:
    """A file, what it says, and what it is to say."""

    model: InpModel
    found: Collected  # what the file says
    drawn: Drawing
    seen: EngineAssets  # what it is to say
    removed: Removed
    writing: Writing
    rain: Mapping[str, Series]
    ending: str  # carriage return where the file has one
    shapes: dict[tuple[str, str], Shape] = field(default_factory=dict)  # as the file has them
    standing: set[tuple[str, str]] = field(default_factory=set)  # section and name: the row stays
    moved: dict[tuple[str, str], bool] = field(default_factory=dict)  # section and name, once it is met
    curve_lines: tuple[str, ...] = ()

    def current(self, type_: str, name: str) -> tuple[str, Record] | None:
        """Return type and record of an asset; it may meanwhile be of another type of the same role."""
        for other in (type_, *SAME_ROLE.get(type_, ())):
            if name in self.seen.records[other]:
                return other, self.seen.records[other][name]
        return None

    def knows(self, type_: str, name: str) -> bool:
        """Tell whether the file has this asset."""
        return name in self.found.records.get(type_, {})

    def lacks(self, section: str, type_: str, name: str, record: Record) -> bool:
        """Tell whether an asset needs a row in a section that has none for it.

        An asset of the file that did without the row still does, until its values there change.
        """
        if (section, name) in self.standing or section not in wanted_sections(type_, record):
            return False
        if section in OBJECTS or not self.knows(type_, name):
            return True
        before = self.found.record(type_, name)
        slots = layout(section, type_, wanted_variant(section, type_, record))
        return any(slot.field and changed_record(slot, before, record) is not None for slot in slots)


def edit_of(network: Network, model: InpModel, rain: Mapping[str, Series], verbatim: bool) -> Edit:
    """Return what is to change in a file so that it says what the network says."""
    found = collect(model)
    known = {(type_, id_) for type_, table in found.records.items() for id_ in table}
    seen = engine_assets(network, {id_ for _, id_ in known})
    series = {row.tokens[0].translate(ASCII_UPPER) for row in model.rows("TIMESERIES")}
    complete(seen, known, curves_of(model).keys() | series)
    present: dict[str, set[str]] = {role: set() for _, role in OBJECTS.values()}
    for type_, role in OBJECTS.values():
        present[role] |= {name.translate(ASCII_UPPER) for name in seen.records[type_]}
    edit = Edit(
        model,
        found,
        drawing(model, found),
        seen,
        removed_names(found.names, present),
        Writing(found.units, _bottoms(found, seen), verbatim),
        {seen.names.get(("gauge", id_), id_): readings for id_, readings in rain.items()},
        "\r" if b"\r\n" in model.content else "",
        curve_lines=tuple(pump_curve_lines(seen, known, found.units)),
    )
    for type_, records in found.records.items():
        shapes = shapes_of(type_, found, edit.drawn)
        edit.shapes.update({(type_, id_): shapes.of(row) for row, id_ in enumerate(records)})
    edit.standing.update((use.section, use.id) for use in found.uses.values() if stays(use, edit))
    return edit


def stays(use: RowUse, edit: Edit) -> bool:
    """Tell whether a row still has its place: its asset is there and still belongs in this section."""
    current = edit.current(use.type, use.id)
    if current is None:
        return False
    type_, record = current
    if use.section in OBJECTS:
        return type_ == use.type and object_section(type_, record) == use.section
    return type_ == use.type or use.section not in {"XSECTIONS", "LOSSES"}


def _bottoms(found: Collected, seen: EngineAssets) -> dict[str, float]:
    """Return the invert level that each node will have in the file. [m]"""
    return {
        name: number(record["invert_level"])
        for records in (found.records, seen.records)
        for type_ in NODES
        for name, record in records.get(type_, {}).items()
        if "invert_level" in record and seen.node(name) is not None
    }
