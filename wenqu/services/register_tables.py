"""Which registers has a city, which columns has each, and what stands in them?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from wenqu.errors import UnknownType
from wenqu.network.model import Column, column_of, missing_column
from wenqu.network.schema import Field, asset_types
from wenqu.records.registry import RecordKind, gone, record_kinds
from wenqu.services.city_state import CityState
from wenqu.services.seen_records import key_of, reader_of, seen_records
from wenqu.store.database import Store

Ints = npt.NDArray[np.int32] | npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
ID = Field("id", "text", (), "", "", True, "编号", "id", "")


MANY = 0.2  # of the rows: from there on a column is read for all


@dataclass(frozen=True, slots=True)
class Register:
    """One register: a type of assets or a kind of statements, with the columns that its table gives it."""

    name: str
    of: str  # assets or records
    chain: str
    geometry: str
    zh: str
    en: str
    fields: tuple[Field, ...]  # the id first
    naming: tuple[str, ...] = ()  # the columns that name a row where it has no id of its own

    def field(self, name: str) -> Field:
        """Return one column by name.

        Raises
        ------
        UnknownType
            The register has no such column.
        """
        for entry in self.fields:
            if entry.name == name:
                return entry
        known = ", ".join(entry.name for entry in self.fields)
        raise UnknownType("field", type=self.name, field=name, known=known)


@cache
def registers() -> dict[str, Register]:
    """Return every register by name: the asset types along the chain, then the records."""
    found = {
        kind.name: Register(
            kind.name, "assets", kind.chain, kind.geometry, kind.zh, kind.en, (ID, *kind.fields)
        )
        for kind in asset_types().values()
    }
    for kind in record_kinds().values():
        own = tuple(entry for entry in kind.fields if entry.name != "id")
        first = kind.field("id") or ID
        chain = f"record_{kind.group}"
        naming = kind.key if kind.keyed else ()
        found[kind.name] = Register(
            kind.name, "records", chain, "none", kind.zh, kind.en, (first, *own), naming
        )
    return found


def register(name: str) -> Register:
    """Return one register.

    Raises
    ------
    UnknownType
        There is none of that name.
    """
    known = registers()
    if name not in known:
        raise UnknownType(type=name, known=", ".join(known), nearest="")
    return known[name]


@dataclass(frozen=True, eq=False)
class Texts:
    """A column of words: each distinct word once, its place for every row, and the order of the words."""

    words: list[str]
    places: Ints  # -1 where there is none

    @cached_property
    def ranks(self) -> Ints:
        """Return the rank of every row's word, the missing ones last."""
        order = np.array(sorted(range(len(self.words)), key=self.words.__getitem__), dtype=np.int64)
        ranks = np.empty(len(self.words) + 1, dtype=np.int32)
        ranks[order] = np.arange(len(self.words))
        ranks[-1] = len(self.words)
        return ranks[self.places]


def texts_of(column: Column) -> Texts:
    """Return a column of objects as words and places."""
    try:
        coded = pa.array(column, pa.large_string()).dictionary_encode()
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return _texts_one_by_one(column)
    places = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    return Texts(coded.dictionary.to_pylist(), places)


def _texts_one_by_one(column: Column) -> Texts:
    """Return a column of which some cells are lists or numbers."""
    seen: dict[object, int] = {None: -1}
    places = np.empty(len(column), dtype=np.int32)
    words: list[str] = []
    for row, value in enumerate(column.tolist()):
        key = " ".join(map(str, value)) if isinstance(value, list | tuple) else value
        place = seen.get(key)
        if place is None:
            place = seen[key] = len(words)
            words.append(str(key))
        places[row] = place
    return Texts(words, places)


def _strings_of(column: Column) -> pa.Array:
    try:
        return pa.array(column, pa.large_string())
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        texts = _texts_one_by_one(column)
        return pa.array(texts.words, pa.large_string()).take(pa.array(texts.places, mask=texts.places < 0))


@dataclass(frozen=True, eq=False)
class Rows:
    """What stands in a register as of one moment: columns of SI values."""

    register: Register
    state: CityState
    ids: Column
    columns: Mapping[str, Column]
    key: str  # under which what is made of it is kept with the state

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.ids)

    def column(self, name: str) -> Column:
        """Return one column; all missing where nobody filled it."""
        if name == "id":
            return self.ids
        entry = self.register.field(name)
        return self.columns[name] if name in self.columns else missing_column(entry.kind, len(self))

    def texts(self, name: str) -> Texts:
        """Return one column as words, made once for this state."""
        return self.state.once(f"{self.key}/{name}", lambda: texts_of(self.column(name)))

    def strings(self, name: str) -> pa.Array:
        """Return one column as an Arrow array of strings, made once for this state."""
        return self.state.once(self._strings(name), lambda: _strings_of(self.column(name)))

    def has_strings(self, name: str) -> bool:
        """Tell whether the strings of a column are made, or it cannot do without (cells of several kinds)."""
        return self.state.made(self._strings(name)) is not None or self.register.of != "assets"

    def strings_at(self, name: str, rows: Ints) -> pa.Array:
        """Return the strings of some rows; of few no others are looked at."""
        if len(rows) < MANY * len(self) and self.state.made(self._strings(name)) is None:
            return _strings_of(self.column(name)[rows])
        every = self.strings(name)
        return every if len(rows) == len(self) else every.take(pa.array(rows))

    def _strings(self, name: str) -> str:
        return f"{self.key}/{name}/strings"

    def lowered(self, name: str) -> pa.Array:
        """Return the same in small letters."""
        name_ = f"{self.key}/{name}/lowered"
        return self.state.once(name_, lambda: pc.utf8_lower(self.strings(name)))

    def is_number(self, name: str) -> bool:
        """Tell whether a column holds numbers or yes and no."""
        return self.column(name).dtype.kind in "fiu"


def rows_of_register(store: Store, state: CityState, name: str) -> Rows:
    """Return the rows of a register as of the state's moment."""
    which = register(name)
    if which.of == "assets":
        table = state.network.table(name)
        return Rows(which, state, table.ids, table.fields, f"register/{name}")
    kind = record_kinds()[name]
    mark = "" if kind.sees == "asset" else f"/{reader_of(store).mark}"
    key = f"register/{name}{mark}"
    columns = state.once(key, lambda: _columns(which, kind, standing(kind, seen_records(store, state, kind))))
    return Rows(which, state, columns["id"], columns, key)


def standing(kind: RecordKind, rows: Sequence[object]) -> Sequence[object]:
    """Return the statements that stand: of kinds whose last one holds, the last of a key if it is there."""
    if kind.stands != "last":
        return rows
    return [row for row in {key_of(kind, row): row for row in rows}.values() if not gone(row)]


def named(kind: RecordKind, rows: Sequence[object]) -> list[str]:
    """Return what each statement is called in its register; of several alike the later ones bear a number."""
    seen: dict[str, int] = {}
    found = []
    for row in rows:
        name = key_of(kind, row)
        seen[name] = seen.get(name, 0) + 1
        found.append(
            name if name and seen[name] == 1 else f"{name} #{seen[name]}" if name else str(seen[name])
        )
    return found


def _columns(which: Register, kind: RecordKind, rows: Sequence[object]) -> dict[str, Column]:
    columns = {"id": column_of("text", named(kind, rows))}
    for entry in which.fields[1:]:
        columns[entry.name] = column_of(entry.kind, [plain(entry, getattr(row, entry.name)) for row in rows])
    return columns


def plain(entry: Field, value: object) -> object:
    """Return a value of a statement as a cell holds it: SI, text for what holds several things."""
    if entry.kind in {"number", "integer"}:
        return len(value) if isinstance(value, tuple) else value
    if isinstance(value, tuple):
        return "; ".join(map(_told, value)) or None
    if is_dataclass(value) and not isinstance(value, type):
        return _told(value)
    if isinstance(value, Mapping):
        return orjson.dumps(value, default=str).decode() if value else None
    if value is None or value == "" or (isinstance(value, int | float) and entry.kind == "boolean"):
        return None if value == "" else value
    value = value.value if isinstance(value, Enum) else value
    return str(value) if entry.kind in {"text", "code", "date", "asset"} else value


def _told(value: object) -> str:
    """Return a part of a statement in a line: what is empty in it is left out."""
    if isinstance(value, tuple):
        return ", ".join(map(_told, value))
    if isinstance(value, float):
        return f"{value:.6g}"
    if is_dataclass(value) and hasattr(value, "id"):
        return str(value.id)
    if is_dataclass(value) and not isinstance(value, type):
        parts = [_told(getattr(value, entry.name)) for entry in fields(value)]
        return " ".join(part for part in parts if part and part != "nan")
    return str(value)
