"""Which rows of a filled template enter a register of statements? The good ones, as one change."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from wenqu.errors import BadInput
from wenqu.network.edits import Edit
from wenqu.network.formats.proposing import plain
from wenqu.network.schema import Field
from wenqu.records.registry import RecordKind, called, every_code_list
from wenqu.services.city_state import CityState
from wenqu.services.edit_assets import EditReport
from wenqu.services.edit_records import edit_records, taking_kind
from wenqu.services.file_rows import file_rows, id_of
from wenqu.services.register_files import heading, template_fields, template_heading
from wenqu.services.register_filter import YES_NO
from wenqu.services.rights import Person
from wenqu.store.database import Store
from wenqu.survey.formats.list_tables import grids_of

MOST = 10_000  # rows of a file
HEADS = 20  # rows in which the headings are looked for
DAY = len("2026-01-31")
Line = tuple[int, dict[str, str]]  # number in the sheet, cells by field


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the rows of a file."""

    rows: int
    report: EditReport
    numbers: Mapping[str, int]  # name of a row → its number in the sheet


def take_rows(  # noqa: PLR0913 what, by whom, how
    store: Store,
    state: CityState,
    name: str,
    file: str,
    content: bytes,
    *,
    person: Person,
    why: str = "",
    who: str = "",
    preview: bool = False,
) -> Taken:
    """State the rows of a filled template (XLSX, XLS, ODS, CSV) in their register.

    A row that does not fit is told with its number and kept out; the others enter as one change.

    Raises
    ------
    BadInput
        The rows of the register come about by a deed (``record-deed``), or the file has no headings of its
        template (``rows-columns``), no row (``rows-empty``), too many (``rows-long``), or one twice
        (``rows-twice``).
    FileUnreadable
        It is no table.
    Refused
        The rights of the person do not reach one of the rows.
    """
    kind = taking_kind(name)
    lines = _lines(kind, file, content)
    edits = [_edit(kind, number, cells) for number, cells in lines]
    numbers: dict[str, int] = {}
    for (number, _), edit in zip(lines, edits, strict=True):
        if edit.id in numbers:
            raise BadInput("rows-twice", file=file, id=edit.id, row=number)
        numbers[edit.id] = number
    if kind.filed:
        filed = file_rows(store, state, kind, edits, person=person, preview=preview)
        return Taken(len(lines), filed, numbers)
    how = {"person": person, "who": who, "why": why or file}
    told = edit_records(store, state, kind, edits, preview=True, **how)  # type: ignore[arg-type]
    if preview or not told.changes:
        return Taken(len(lines), told, numbers)
    bad = {issue.asset for issue in told.issues}
    good = [edit for edit in edits if edit.id not in bad]
    made = edit_records(store, state, kind, good, **how)  # type: ignore[arg-type]
    return Taken(len(lines), replace(made, issues=told.issues), numbers)


def _lines(kind: RecordKind, file: str, content: bytes) -> list[Line]:
    with tempfile.TemporaryDirectory(prefix="wenqu-") as folder:
        path = Path(folder) / f"rows{Path(file).suffix.lower() or '.csv'}"
        path.write_bytes(content)
        grids, _, _ = grids_of(path)
    known = _headings(kind)
    needed = {entry.name for entry in template_fields(kind.name) if entry.required}
    needed |= set() if kind.filed or kind.keyed else {"id"}
    naming = needed if kind.filed else needed & {*kind.key}
    lacking = needed
    for grid in grids:
        texts = [[cell.text.strip() for cell in row] for row in grid.rows]
        for at, row in enumerate(texts[:HEADS]):
            columns = {place: known[plain(text)] for place, text in enumerate(row) if plain(text) in known}
            if not naming <= set(columns.values()):
                continue
            lacking = needed - set(columns.values())
            some = list(_filled(texts[at + 1 :], columns, grid.first + at + 1, kind))
            if not some:
                raise BadInput("rows-empty", file=file)
            if len(some) > MOST:
                raise BadInput("rows-long", file=file, rows=len(some), most=MOST)
            return some
    raise BadInput("rows-columns", file=file, missing=", ".join(sorted(lacking)))


def _filled(
    texts: Sequence[Sequence[str]], columns: Mapping[int, str], first: int, kind: RecordKind
) -> Iterator[Line]:
    for number, line in enumerate(texts, start=first):
        cells = {columns[place]: text for place, text in enumerate(line) if place in columns and text}
        if cells.get("id") or ((kind.keyed or kind.filed) and cells):
            yield number, cells


def _headings(kind: RecordKind) -> dict[str, str]:
    """Return the fields of a template by what may stand above them."""
    found: dict[str, str] = {}
    for entry in template_fields(kind.name):
        spelt = (
            entry.name,
            entry.zh,
            entry.en,
            template_heading(entry),
            heading(entry, "zh"),
            heading(entry, "en"),
        )
        found |= {plain(text): entry.name for text in spelt}
    return found


def _edit(kind: RecordKind, number: int, cells: Mapping[str, str]) -> Edit:
    known = {entry.name: entry for entry in template_fields(kind.name)}
    values = {name: _typed(known[name], text) for name, text in cells.items() if name != "id"}
    if kind.filed:
        return Edit(kind.name, cells.get("id") or id_of(kind, values), values)
    return Edit(kind.name, called(kind, values) or f"({number})" if kind.keyed else cells["id"], values)


def _typed(entry: Field, text: str) -> object:
    """Return a cell as its field holds it; what cannot be read stays text, for the check to name."""
    if entry.kind in {"code", "text"} and entry.of:
        words = every_code_list()[entry.of[0]]
        return next((code for code, one in words.items() if text in {code, one.zh, one.en}), text)
    if entry.kind == "boolean":
        return {1: True, 0: False}.get(YES_NO.get(text.casefold(), -1), text)
    if entry.kind == "date":
        return text.replace("/", "-").replace("T", " ").partition(" ")[0][:DAY]
    if entry.kind in {"number", "integer"}:
        try:
            return entry.inside(float(text.replace(",", "").replace("，", "")))
        except ValueError:
            return text
    return text
