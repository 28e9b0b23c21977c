"""File new rows of a register as their own page does: one by one, under its rules, never changed after."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any, cast

from wenqu.errors import BadInput, Refused, WenquError
from wenqu.issues import Issue, Weight
from wenqu.network.edits import Edit
from wenqu.records.registry import RecordKind
from wenqu.services.city_state import CityState
from wenqu.services.edit_assets import EditReport, FieldChange
from wenqu.services.file_works import file_proof
from wenqu.services.held_rows import filings
from wenqu.services.rights import Person, demand_account
from wenqu.services.seen_records import key_of, reader_of
from wenqu.services.state_row import misfits, row_changes, row_of
from wenqu.services.upkeep_orders import issue_order
from wenqu.services.wording import sentence
from wenqu.store.changes import OpenChange
from wenqu.store.database import Store

BETWEEN = re.compile(r"[;；,，、\n]+")  # assets of a cell


def _proof(store: Store, state: CityState, row: Any, person: Person) -> Any:
    return file_proof(store, state.network.city.code, row, person=person)


def _order(store: Store, state: CityState, row: Any, person: Person) -> Any:
    assets = tuple(name if "/" in name else f"conduit/{name}" for name in row.assets)
    return issue_order(store, state, replace(row, assets=assets), person=person).order


FILE: Mapping[str, Callable[[Store, CityState, Any, Person], Any]] = {"proof": _proof, "order": _order}


class _Rehearsal:
    """A store in which nothing is kept: each change is taken back where it would have been written."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @contextmanager
    def change(self, *asked: Any, **named: Any) -> Iterator[OpenChange]:
        """Open a change that leaves nothing."""
        with suppress(_Rehearsed), self._store.change(*asked, **named) as change:
            yield change
            raise _Rehearsed


class _Rehearsed(Exception):
    pass


def id_of(kind: RecordKind, values: Mapping[str, object]) -> str:
    """Return the id of a row that is given none: the same for the same words, so that it is filed once."""
    words = "\n".join(f"{name}={values[name]}" for name in sorted(values))
    return f"{kind.name[0].upper()}-{hashlib.sha256(words.encode()).hexdigest()[:12]}"


def file_rows(
    store: Store,
    state: CityState,
    kind: RecordKind,
    edits: Sequence[Edit],
    *,
    person: Person,
    preview: bool = False,
) -> EditReport:
    """File new rows, each as a change of its own; what cannot be filed is told row by row.

    Raises
    ------
    Refused
        Nobody has signed in, or the rights of the person do not reach a row.
    """
    demand_account(person)
    whole, city = reader_of(store).whole, state.network.city.code
    home = cast("Store", _Rehearsal(whole)) if preview else whole
    filed = {key_of(kind, row) for row, _ in filings(whole, city, kind)}
    changes: list[FieldChange] = []
    issues: list[Issue] = []
    for edit in edits:
        wrong = list(misfits(kind, edit, None, {}))
        if wrong:
            issues += wrong
            continue
        try:
            if edit.id in filed:
                raise BadInput("record-deed", register=kind.name, deed=kind.deed["en"])
            made = FILE[kind.filed](home, state, _row(kind, edit, state), person)
        except WenquError as error:
            if isinstance(error, Refused) and error.reason in {"rights", "sign-in"}:
                raise
            said = {language: sentence(error, language) for language in ("zh", "en")}
            issues.append(Issue("edit.refused", Weight.BLOCK, kind.name, edit.id, facts={"said": said}))
        else:
            changes += row_changes(kind, edit.id, None, made)
    written = bool(changes) and not preview
    return EditReport(written, whole.version(city), tuple(changes), tuple(issues))


def _row(kind: RecordKind, edit: Edit, state: CityState) -> Any:
    values = dict(edit.fields)
    values["assets"] = tuple(filter(None, (name.strip() for name in BETWEEN.split(str(values["assets"])))))
    return row_of(kind, edit.id, None, values, simulated=state.network.city.simulated)
