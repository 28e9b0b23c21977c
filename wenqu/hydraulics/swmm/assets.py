"""Which assets do the rows of an INP file describe, and from which row is each value?"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from wenqu.hydraulics.swmm.layouts import (
    ATTACHED,
    CHOICE,
    END_OF,
    KIND_OF_SECTION,
    LEVEL_OF,
    OBJECTS,
    TOKENS,
    Layout,
    Slot,
    layout,
    layout_name,
    variant_of,
    variants,
)
from wenqu.hydraulics.swmm.quantities import BadTokenError, FileUnits, file_units, number_of, value_of
from wenqu.hydraulics.swmm.sections import InpModel, Row, Section
from wenqu.issues import Issue, Weight

ASCII_UPPER = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
NOTHING = "*"  # how a row says that a place is left free
# Kind of a slot that names another asset → roles of the assets it may name.
REFERENCES = {"node": ("node",), "link": ("link",), "outlet": ("node", "area")}
ROLE_OF_TAG = {"NODE": "node", "LINK": "link", "SUBCATCH": "area"}

Record = dict[str, object]  # field → value in SI


@dataclass(frozen=True, slots=True)
class RowUse:
    """A row that tells something about an asset."""

    row: Row
    section: str
    type: str
    id: str
    variant: str | None
    slots: Layout


@dataclass
class Collected:
    """What the rows of a file say, by asset."""

    units: FileUnits
    records: dict[str, dict[str, Record]] = field(default_factory=dict)  # type → id → record
    names: dict[str, dict[str, tuple[str, str]]] = field(default_factory=dict)  # role → NAME → type, id
    opened: dict[int, tuple[str, str]] = field(default_factory=dict)  # line → type and id of a new asset
    uses: dict[int, RowUse] = field(default_factory=dict)  # line → use
    issues: list[Issue] = field(default_factory=list)

    def find(self, role: str, token: str) -> tuple[str, str] | None:
        """Return type and id of the asset a token means; the engine does not mind the case of a name."""
        return self.names.get(role, {}).get(token.translate(ASCII_UPPER))

    def record(self, type_: str, id_: str) -> Record:
        """Return the record of one asset."""
        return self.records[type_][id_]


def collect(model: InpModel) -> Collected:
    """Return the assets of a parsed file, with the rows they stand in and the issues found.

    Raises
    ------
    UnknownUnit
        FLOW_UNITS is none of the engine's six.
    """
    units, issues = file_units(model)
    found = Collected(units, issues=issues)
    for section in model.sections:
        if section.name in OBJECTS:
            _open_assets(model, section, found)
    for section in model.sections:
        if section.name in OBJECTS:
            _read_objects(model, section, found)
        elif section.name in ATTACHED:
            _attach(model, section, found)
        elif section.name == "TAGS":
            _tag(section, found)
    _fill_ends(found)
    found.issues.extend(_check_links(model, found))
    return found


def _issue(model: InpModel, section: str, row: Row, code: str, weight: Weight, **facts: object) -> Issue:
    asset = facts.pop("asset", row.tokens[0] if row.tokens else "")
    type_ = facts.pop("type", "")
    return Issue(code, weight, str(type_), str(asset), model.place(section, row), facts)


def described(section: Section) -> Iterator[tuple[Row, str]]:
    """Yield the rows with tokens, each with the description in the comment lines right above it."""
    said: list[str] = []
    for row in section.rows:
        text = row.text.strip()
        if row.tokens:
            yield row, "\n".join(said)
            said = []
        elif text.startswith(";") and not text.startswith(";;"):
            said.append(text[1:].strip())
        else:
            said = []


def _open_assets(model: InpModel, section: Section, found: Collected) -> None:
    type_, role = OBJECTS[section.name]
    names = found.names.setdefault(role, {})
    records = found.records.setdefault(type_, {})
    for row, note in described(section):
        id_ = row.tokens[0]
        name = id_.translate(ASCII_UPPER)
        if name in names:
            facts = {"first": names[name][1], "type": type_}
            found.issues.append(_issue(model, section.name, row, "inp.duplicate", Weight.BLOCK, **facts))
            continue
        names[name] = (type_, id_)
        record = records[id_] = {"note": note} if note else {}
        if section.name in KIND_OF_SECTION:
            field_, value = KIND_OF_SECTION[section.name]
            record[field_] = value
        elif type_ == "gauge":
            record["measures"] = "rain"
        found.opened[row.line] = (type_, id_)


def _read_objects(model: InpModel, section: Section, found: Collected) -> None:
    """Read the rows that opened assets, now that every name is known."""
    for row in section.rows:
        if row.line in found.opened:
            _read_row(model, section.name, row, found.opened[row.line], found)


def _attach(model: InpModel, section: Section, found: Collected) -> None:
    seen: set[tuple[str, str]] = set()
    for row in section.rows:
        if not row.tokens or (section.name == "DWF" and row.tokens[1:2] and row.tokens[1].upper() != "FLOW"):
            continue
        target = found.find(ATTACHED[section.name], row.tokens[0])
        if target is None:
            found.issues.append(_issue(model, section.name, row, "inp.orphan", Weight.FAULT))
        elif target in seen:
            facts = {"first": target[1], "type": target[0]}
            found.issues.append(_issue(model, section.name, row, "inp.twice", Weight.DOUBT, **facts))
        else:
            seen.add(target)
            _read_row(model, section.name, row, target, found)


def _tag(section: Section, found: Collected) -> None:
    for row in section.rows:
        role = ROLE_OF_TAG.get(row.tokens[0].upper()) if len(row.tokens) > 2 else None
        target = found.find(role, row.tokens[1]) if role else None
        if target is not None:
            found.record(*target)["tag"] = row.tokens[2]


def _read_row(model: InpModel, section: str, row: Row, target: tuple[str, str], found: Collected) -> None:
    """Read the known tokens of one row into the record of its asset."""
    type_, id_ = target
    say = {"type": type_, "asset": id_}
    fewest, most = TOKENS[section]
    if len(row.tokens) < fewest and not _short_is_enough(section, row):
        facts = {"found": len(row.tokens), "needed": fewest, **say}
        found.issues.append(_issue(model, section, row, "inp.short-row", Weight.FAULT, **facts))
    if len(row.tokens) > most:
        facts = {"found": len(row.tokens), "most": most, "beyond": " ".join(row.tokens[most:]), **say}
        found.issues.append(_issue(model, section, row, "inp.extra-fields", Weight.NOTE, **facts))
    variant = variant_of(section, type_, row.tokens, model)
    if variant is None and section in CHOICE and len(row.tokens) > CHOICE[section]:
        known = ", ".join(variants(layout_name(section, type_)))
        facts = {"text": row.tokens[CHOICE[section]], "known": known, "field": "", **say}
        found.issues.append(_issue(model, section, row, "inp.word", Weight.FAULT, **facts))
    slots = layout(section, type_, variant)
    found.uses[row.line] = RowUse(row, section, type_, id_, variant, slots)
    record = found.record(type_, id_)
    for slot in slots:
        if slot.place >= len(row.tokens) or not slot.field:
            continue
        try:
            value = slot_value(slot, row, found)
        except BadTokenError as error:
            facts = {**error.facts, "field": slot.field, **say}
            found.issues.append(_issue(model, section, row, error.code, Weight.FAULT, **facts))
            continue
        if slot.kind in REFERENCES and not _resolves(slot.kind, row.tokens[slot.place], found):
            facts = {"missing": row.tokens[slot.place], "field": slot.field, **say}
            found.issues.append(_issue(model, section, row, "inp.dangling", Weight.FAULT, **facts))
        if value is not None and not (slot.zero_is_missing and value == 0):
            record[slot.field] = value


def _short_is_enough(section: str, row: Row) -> bool:
    """Tell whether a row may be shorter than its kind: DUMMY sections and ideal pumps need less."""
    words = {token.upper() for token in row.tokens}
    return (section == "XSECTIONS" and "DUMMY" in words) or (section == "PUMPS" and len(row.tokens) == 3)


def _resolves(kind: str, name: str, found: Collected) -> bool:
    return name == NOTHING or any(found.find(role, name) for role in REFERENCES[kind])


def slot_value(slot: Slot, row: Row, found: Collected) -> object:
    """Return what one token of a row says, in SI.

    Raises
    ------
    BadTokenError
        The token is not what its place asks for.
    """
    text = row.tokens[slot.place]
    if text == NOTHING and (slot.kind == "offset" or slot.kind in REFERENCES):
        return None
    if slot.kind in REFERENCES:
        hits = [found.find(role, text) for role in REFERENCES[slot.kind]]
        return next((hit[1] for hit in hits if hit is not None), text)
    if slot.kind == "rating":
        exponent = number_of(row.tokens[slot.place + 1]) if len(row.tokens) > slot.place + 1 else 1.0
        return number_of(text) * rating_factor(exponent, found.units)
    return value_of("length" if slot.kind == "offset" else slot.kind, text, found.units)


def rating_factor(exponent: float, units: FileUnits) -> float:
    """Return the factor to SI of a in Q = a·h^b, which depends on b."""
    return float(units.factor("flow") / units.factor("length") ** exponent)


def _fill_ends(found: Collected) -> None:
    """Give each link both its height above the node and its level, whichever the file has."""
    inverts = {
        id_: record["invert_level"]
        for type_ in ("manhole", "outfall", "storage")
        for id_, record in found.records.get(type_, {}).items()
        if "invert_level" in record
    }
    for use in found.uses.values():
        if use.section not in OBJECTS:
            continue
        record = found.record(use.type, use.id)
        for slot in use.slots:
            if slot.kind == "offset":
                bottom = inverts.get(str(record.get(END_OF[slot.field], "")))
                at_bottom = slot.place >= len(use.row.tokens) or use.row.tokens[slot.place] == NOTHING
                _fill_end(record, slot.field, bottom, at_bottom, found.units)
    for type_ in ("manhole", "storage"):
        for record in found.records.get(type_, {}).values():
            if "depth" in record and "invert_level" in record:
                record["ground_level"] = number(record["invert_level"]) + number(record["depth"])


def _fill_end(record: Record, name: str, bottom: object, at_bottom: bool, units: FileUnits) -> None:
    level = LEVEL_OF[name]
    value = record.pop(name, None)
    if at_bottom:  # "*" or left out
        record[name] = 0.0
        if bottom is not None:
            record[level] = bottom
    elif value is None:  # it could not be read
        return
    elif units.elevation:
        record[level] = value
        if bottom is not None:
            record[name] = number(value) - number(bottom)
    else:
        record[name] = value
        if bottom is not None:
            record[level] = number(bottom) + number(value)


def number(value: object) -> float:
    """Return a value of a record as the number it is."""
    return float(value) if isinstance(value, float | int) else float(str(value))


def _check_links(model: InpModel, found: Collected) -> Iterator[Issue]:
    """Yield the conduits that have no cross-section."""
    for use in found.uses.values():
        if use.section == "CONDUITS" and "shape" not in found.record(use.type, use.id):
            facts = {"type": use.type, "asset": use.id}
            yield _issue(model, use.section, use.row, "inp.no-shape", Weight.FAULT, **facts)
