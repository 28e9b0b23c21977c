"""How does a network become an INP file without losing what the engine uses?"""

from collections.abc import Iterator, Mapping

from wenqu.hydraulics.swmm.assets import Record, described
from wenqu.hydraulics.swmm.draw_rows import DRAWN_TYPES, drawn_lines, new_drawn_lines
from wenqu.hydraulics.swmm.edit import Edit, edit_of, stays
from wenqu.hydraulics.swmm.layouts import ATTACHED, DRAWN, OBJECTS
from wenqu.hydraulics.swmm.options import with_options
from wenqu.hydraulics.swmm.quantities import token_of
from wenqu.hydraulics.swmm.removed import row_without, rules_without
from wenqu.hydraulics.swmm.rows import edited_row, new_row
from wenqu.hydraulics.swmm.sections import InpModel, Row, Section, parse_inp, quoted
from wenqu.hydraulics.swmm.supplies import NO_RAIN, interval_of, rain_lines, rain_name
from wenqu.issues import Issue
from wenqu.network.model import Network
from wenqu.series.model import Series

WRITTEN = (*OBJECTS, *ATTACHED, "CURVES", "TIMESERIES", *DRAWN)
# A file made from nothing. One thread: runs are shared out over processes.
BLANK = """[TITLE]

[OPTIONS]
FLOW_UNITS CMS
INFILTRATION HORTON
FLOW_ROUTING DYNWAVE
LINK_OFFSETS DEPTH
ALLOW_PONDING NO
START_DATE 01/01/2020
START_TIME 00:00:00
END_DATE 01/02/2020
END_TIME 00:00:00
REPORT_STEP 00:05:00
WET_STEP 00:05:00
DRY_STEP 01:00:00
ROUTING_STEP 0:00:15
VARIABLE_STEP 0.75
THREADS 1

[REPORT]
INPUT NO
CONTROLS NO
SUBCATCHMENTS ALL
NODES ALL
LINKS ALL
"""


def write_inp(
    network: Network,
    model: InpModel | None = None,
    *,
    options: Mapping[str, str] | None = None,
    rain: Mapping[str, Series] | None = None,
    verbatim: bool = True,
    issues: list[Issue] | None = None,
) -> str:
    """Return the text of an EPA SWMM 5 input file for a network.

    With a model, its rows are the start: a row whose asset is unchanged stays as it is, character by
    character; a changed value becomes a new token in the file's units; the rows of removed assets go, in
    every section that names them; new assets come at the end of their sections. Without one, a whole
    file is made in metric units.

    Parameters
    ----------
    network
        All assets of the city, in SI: what the model has and the network has not counts as removed.
    model
        The file that they once came from (``InpReading.model``, or ``parse_inp`` of "model.inp").
    options
        Values for [OPTIONS] by name, as the engine wants them.
    rain
        Rain by gauge, written as time series.
    verbatim
        False writes every known value anew, from the assets alone; for proofs.
    issues
        Takes what could not be written as it was, and what had to be assumed.
    """
    if model is None:
        model, _ = parse_inp(BLANK.encode(), network.city.code)
    edit = edit_of(network, model, rain or {}, verbatim)
    lines = list(_lines(model, edit))
    if issues is not None:
        issues += [*edit.seen.issues, *edit.removed.issues]
    text = "\n".join(lines)
    return with_options(text, options) if options else text


def _lines(model: InpModel, edit: Edit) -> Iterator[str]:
    last = {section.name: index for index, section in enumerate(model.sections)}
    for index, section in enumerate(model.sections):
        if section.header is not None:
            yield section.header.text if section.known else f"[{section.name}]{edit.ending}"
        body = list(_section_lines(section, edit))
        new = list(_new_lines(section.name, edit)) if last[section.name] == index else []
        yield from _with_new(body, [line + edit.ending for line in new])
    for name in WRITTEN:
        new = list(_new_lines(name, edit)) if name not in last else []
        if new:
            yield from (line + edit.ending for line in (f"[{name}]", *new, ""))


def _with_new(body: list[str], new: list[str]) -> list[str]:
    """Return the lines of a section with new ones behind the last that is not blank."""
    if not new:
        return body
    end = len(body)
    while end and not body[end - 1].strip():
        end -= 1
    return [*body[:end], *new, *(body[end:] or [""])]


def _section_lines(section: Section, edit: Edit) -> Iterator[str]:
    """Yield the rows of one section of the model as they stand now."""
    if section.name == "CONTROLS" and edit.removed.any():
        yield from rules_without(section, edit.removed, edit.model.name)
        return
    notes = {row.line: note for row, note in described(section)} if section.name in OBJECTS else {}
    waiting: list[str] = []  # comments belong to the row beneath them
    for row in section.rows:
        if not row.tokens:
            waiting.append(row.text)
            continue
        new = list(_row_lines(section, row, edit))
        kept = waiting if new or not notes.get(row.line) else _without_note(waiting)
        if new and row.line in edit.found.opened:
            kept = _with_note(kept, notes[row.line], row, edit)
        yield from kept
        yield from new
        waiting = []
    yield from waiting


def _without_note(comments: list[str]) -> list[str]:
    """Return comment lines without the description at their end."""
    end = len(comments)
    while (
        end and comments[end - 1].strip().startswith(";") and not comments[end - 1].strip().startswith(";;")
    ):
        end -= 1
    return comments[:end]


def _with_note(comments: list[str], before: str, row: Row, edit: Edit) -> list[str]:
    """Return comment lines with the description that the asset has now."""
    current = edit.current(*edit.found.opened[row.line])
    after = str(current[1].get("note", before)) if current is not None else before
    if after == before:
        return comments
    return [*_without_note(comments), *(f";{line}{edit.ending}" for line in after.splitlines())]


def _row_lines(section: Section, row: Row, edit: Edit) -> Iterator[str]:
    """Yield what becomes of one row: itself, an edited one, several, or nothing."""
    use = edit.found.uses.get(row.line)
    if row.line in edit.drawn.owners:
        yield from drawn_lines(section.name, row, edit)
    elif use is None:
        text = row_without(section.name, row, edit.removed) if edit.removed.any() else row.text
        if text is not None:
            yield text
    else:
        current = edit.current(use.type, use.id)
        if current is None or not stays(use, edit):
            return
        if section.name == "RAINGAGES" and use.id in edit.rain:
            yield _rain_row(use.id, edit) + edit.ending
        else:
            yield edited_row(use, edit.found.record(use.type, use.id), current[1], edit.writing)


def _rain_row(name: str, edit: Edit) -> str:
    interval = token_of("clock", interval_of(edit.rain[name]), edit.writing.units)
    return f"{quoted(name)} INTENSITY {interval} 1.0 TIMESERIES {quoted(rain_name(name))}"


def _new_lines(section: str, edit: Edit) -> Iterator[str]:
    """Yield the rows that a section lacks."""
    if section == "CURVES":
        yield from edit.curve_lines
    elif section == "TIMESERIES":
        yield from rain_lines(edit.rain, edit.writing.units)
        new = [name for name in edit.seen.records["gauge"] if not edit.knows("gauge", name)]
        if any(name not in edit.rain for name in new):
            yield f"{NO_RAIN} 0:00 0"
    elif section in DRAWN_TYPES:
        yield from new_drawn_lines(section, edit)
    elif section in {*OBJECTS, *ATTACHED}:
        for type_, records in edit.seen.records.items():
            for name, record in records.items():
                if edit.lacks(section, type_, name, record):
                    yield _new_row(section, type_, name, record, edit)


def _new_row(section: str, type_: str, name: str, record: Record, edit: Edit) -> str:
    if section == "RAINGAGES" and name in edit.rain:
        return _rain_row(name, edit)
    return new_row(section, type_, name, record, edit.writing)
