"""How does an asset stand in a row of an INP file?"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from wenqu.hydraulics.swmm.assets import Record, RowUse, number, rating_factor
from wenqu.hydraulics.swmm.layouts import END_OF, LEVEL_OF, OBJECTS, Slot, layout
from wenqu.hydraulics.swmm.quantities import FileUnits, plain, token_of
from wenqu.hydraulics.swmm.sections import quoted, with_tokens
from wenqu.network.schema import asset_type

# Sections that an asset stands in when it has anything to say there: section → fields that say it.
OPTIONAL: dict[str, dict[str, tuple[str, ...]]] = {
    "manhole": {"DWF": ("dwf_m3_per_s",)},
    "storage": {"DWF": ("dwf_m3_per_s",)},
    "outfall": {"DWF": ("dwf_m3_per_s",)},
    "conduit": {"LOSSES": ("entry_loss", "exit_loss", "average_loss", "flap", "seepage")},
    "catchment": {"INFILTRATION": ("infiltration_first", "infiltration_last")},
}
ALWAYS = {"conduit": "XSECTIONS", "weir": "XSECTIONS", "gate": "XSECTIONS", "catchment": "SUBAREAS"}
WEIR_SHAPES = {"v_notch": "TRIANGULAR", "trapezoidal": "TRAPEZOIDAL"}


@dataclass(frozen=True, slots=True)
class Writing:
    """What a row needs to know beside its own asset."""

    units: FileUnits
    bottoms: dict[str, float]  # node → invert level as it will stand in the file [m]
    verbatim: bool  # an unchanged value keeps the very characters it came with


def object_section(type_: str, record: Record) -> str:
    """Return the section that opens an asset."""
    if type_ == "manhole":
        return "DIVIDERS" if record.get("kind") == "divider" and "divider_kind" in record else "JUNCTIONS"
    if type_ == "gate":
        return "OUTLETS" if record.get("kind") == "rating" else "ORIFICES"
    return next(section for section, (named, _) in OBJECTS.items() if named == type_)


def wanted_sections(type_: str, record: Record) -> Iterator[str]:
    """Yield the sections that an asset must stand in."""
    section = object_section(type_, record)
    yield section
    if type_ in ALWAYS and section != "OUTLETS":
        yield ALWAYS[type_]
    for optional, names in OPTIONAL.get(type_, {}).items():
        if any(record.get(name) for name in names):
            yield optional


def wanted_variant(section: str, type_: str, record: Record) -> str:
    """Return the variant of a section that suits a record."""
    shape = str(record.get("shape", "circular")).upper()
    if section == "XSECTIONS":
        if type_ == "weir":
            return WEIR_SHAPES.get(str(record.get("kind", "")), "RECT_OPEN")
        if type_ == "gate":
            return (
                shape if shape in {"CIRCULAR", "RECT_CLOSED"} and "shape" in record else _gate_shape(record)
            )
        return shape
    named = {
        "OUTFALLS": str(record.get("kind", "free")).upper(),
        "DIVIDERS": str(record.get("divider_kind", "")).upper(),
        "STORAGE": "TABULAR" if "curve" in record else "CONSTANT",
        "OUTLETS": "TABULAR" if "rating_curve" in record else "FUNCTIONAL",
        "INFILTRATION": "HORTON",
    }
    return named.get(section, "")


def _gate_shape(record: Record) -> str:
    return "RECT_CLOSED" if "width" in record else "CIRCULAR"


def default_token(type_: str, slot: Slot, units: FileUnits) -> str:
    """Return what stands in a place of which nothing is known: the asset table's default, else the row's."""
    entry = next((entry for entry in asset_type(type_).fields if entry.name == slot.field), None)
    if entry is None or not entry.default or slot.zero_is_missing or slot.kind in {"offset", "rating"}:
        return slot.default
    if entry.kind == "boolean":
        return token_of(slot.kind, entry.default == "true", units)
    if entry.kind in {"number", "integer"}:
        return token_of(slot.kind, float(entry.default), units)
    return token_of(slot.kind, entry.default, units)


def new_row(section: str, type_: str, name: str, record: Record, writing: Writing) -> str:
    """Return a row for an asset that the file does not have there yet."""
    slots = layout(section, type_, wanted_variant(section, type_, record))
    by_place = {slot.place: slot for slot in slots}
    tokens = [name]
    for place in range(1, max(by_place, default=0) + 1):
        slot = by_place.get(place)
        token = _token(slot, record, writing) if slot is not None and slot.field else None
        if token is None:
            token = default_token(type_, slot, writing.units) if slot is not None else "0"
        tokens.append(token)
    while tokens[-1] == "":
        tokens.pop()
    if section == "RAINGAGES":
        tokens += ["TIMESERIES", "no_rain"]
    elif section == "INFILTRATION":  # the file's own method may be another
        tokens.append("HORTON")
    return " ".join(f"{quoted(token):<16}" for token in tokens).rstrip()


def _token(slot: Slot, record: Record, writing: Writing) -> str | None:
    """Return a record's value for a slot as the file writes it, None when it has none."""
    value = _value(slot, record, writing)
    if value is None:
        return None
    if slot.kind == "rating":
        exponent = number(record.get("rating_exponent", 1.0))
        return plain(number(value) / rating_factor(exponent, writing.units))
    return token_of("length" if slot.kind == "offset" else slot.kind, value, writing.units)


def _value(slot: Slot, record: Record, writing: Writing) -> object:
    """Return the value that belongs in a slot, in SI; None when nothing is known."""
    if slot.kind == "offset":
        return _end(slot, record, writing)
    if slot.field == "depth" and "depth" not in record and {"ground_level", "invert_level"} <= record.keys():
        return max(number(record["ground_level"]) - number(record["invert_level"]), 0.0)
    return record.get(slot.field)


def _end(slot: Slot, record: Record, writing: Writing) -> float | None:
    """Return the end of a link: a height above the node or a level, as the file has it. [m]"""
    bottom = writing.bottoms.get(str(record.get(END_OF[slot.field])))
    height, level = record.get(slot.field), record.get(LEVEL_OF[slot.field])
    if height is None and level is not None and bottom is not None:
        height = number(level) - bottom
    if not writing.units.elevation:
        return None if height is None else number(height)
    if height is not None and bottom is not None:
        return bottom + number(height)
    return None if level is None else number(level)


def same(before: object, after: object) -> bool:
    """Tell whether two values are one: numbers to nine digits."""
    if before is None or after is None:
        return before is after
    if isinstance(before, bool | int | float) and isinstance(after, bool | int | float):
        return math.isclose(before, after, rel_tol=1e-9, abs_tol=1e-12)
    return str(before) == str(after)


def edited_row(use: RowUse, before: Record, after: Record, writing: Writing) -> str:
    """Return the row of an asset, with new tokens only where its values changed.

    What is missing now was not contradicted: the file's token stays.
    """
    if use.section in {"OUTFALLS", "DIVIDERS", "STORAGE", "OUTLETS", "XSECTIONS"}:
        wanted = wanted_variant(use.section, use.type, after)
        if wanted != wanted_variant(use.section, use.type, before) and layout(use.section, use.type, wanted):
            return new_row(use.section, use.type, use.row.tokens[0], after, writing)
    changes: dict[int, str] = {}
    for slot in use.slots:
        token = _changed_token(slot, use, before, after, writing) if slot.field else None
        if token is not None:
            changes[slot.place] = token
    return _with_more_tokens(use, changes, writing.units)


def _changed_token(slot: Slot, use: RowUse, before: Record, after: Record, writing: Writing) -> str | None:
    """Return the new token of a slot, None when the old one stays."""
    changed = changed_record(slot, before, after)
    if changed is None and not writing.verbatim and slot.place < len(use.row.tokens):
        changed = {name: value for name, value in after.items() if name not in LEVEL_OF.values()}
        if slot.zero_is_missing and slot.field not in after:
            return None
    return None if changed is None else _token(slot, changed, writing)


def changed_record(slot: Slot, before: Record, after: Record) -> Record | None:
    """Return the values to write into a slot, None when nothing changed there.

    Several fields may say the same. Of a link's end the height above the node goes before the level; of
    a node's depth the depth itself goes before ground level less invert level.
    """

    def differ(*names: str) -> bool:
        return any(name in after and not same(before.get(name), after[name]) for name in names)

    if slot.kind == "offset" and not differ(slot.field):
        return _without(after, slot.field) if differ(LEVEL_OF[slot.field]) else None
    if slot.field == "depth" and not differ("depth"):
        levels = {"ground_level", "invert_level"}
        return _without(after, "depth") if levels <= after.keys() and differ(*levels) else None
    if slot.kind == "rating":
        return after if differ("rating_coefficient", "rating_exponent") else None
    return after if differ(slot.field) else None


def _without(record: Record, name: str) -> Record:
    return {key: value for key, value in record.items() if key != name}


def _with_more_tokens(use: RowUse, changes: dict[int, str], units: FileUnits) -> str:
    """Return a row with changed tokens, lengthened by defaults when a change lies beyond its end."""
    count = len(use.row.tokens)
    beyond = {place: token for place, token in changes.items() if place >= count}
    text = with_tokens(use.row, {place: token for place, token in changes.items() if place < count})
    if not beyond:
        return text
    by_place = {slot.place: slot for slot in use.slots}
    code, mark, comment = text.partition(";")
    more = []
    for place in range(count, max(beyond) + 1):
        slot = by_place.get(place)
        filler = default_token(use.type, slot, units) if slot is not None else "0"
        more.append(quoted(beyond.get(place, filler)))
    ending = "\r" if text.endswith("\r") and not mark else ""
    return f"{code.rstrip()} {' '.join(more)}{ending}" + (f" {mark}{comment}" if mark else "")
