"""What would a delivery bring, change and leave waiting? Read and checked; nothing is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import orjson

from wenqu.errors import UnknownCity
from wenqu.issues import Issue, Place, Weight
from wenqu.network.comparing import Difference, differences
from wenqu.network.formats.assembling import BadRow
from wenqu.network.formats.reading import stacked
from wenqu.network.merging import amid, merged
from wenqu.network.model import Assets, City, Network
from wenqu.network.repairs.unread_values import UNREAD, unread
from wenqu.network.schema import types_of
from wenqu.network.staging import Flagged, Staged, stage
from wenqu.progress import Progress, part, silent
from wenqu.services.delivery import Delivery, InFiles
from wenqu.services.part_import import SURVEYS, strange_rows, survey_of
from wenqu.services.read_files import How, read_files
from wenqu.services.repeated_rows import kept_once
from wenqu.services.rights import LOCAL, Person
from wenqu.services.seen_city import store_for
from wenqu.services.settled_rows import settled_rows, with_waiting
from wenqu.services.uncollected import uncollected
from wenqu.services.waiting_rows import edit_row
from wenqu.store.database import Store

READ = 0.2  # of the time goes into reading
MENDED = {"format.shape-mended", "format.changed-code"}
ENDS = {"connectivity.no-end", "connectivity.unknown-end"}


@dataclass(frozen=True, slots=True)
class Import:
    """A delivery as it would enter; accepting it is one change."""

    city: City
    based_on: int  # number of the city's last change when it was checked
    survey: str  # name under which a re-delivery is known again
    staged: Staged
    issues: tuple[Issue, ...]  # of the reading: what was assumed, recognised, left out
    changes: Mapping[str, Difference]
    places: Mapping[tuple[str, str], Place] = field(default_factory=dict)
    documents: Mapping[str, tuple[bytes, str]] = field(default_factory=dict)
    encodings: Mapping[str, str] = field(default_factory=dict)  # by file
    read: Mapping[str, int] = field(default_factory=dict)  # rows read by type, before any was kept out
    settled: tuple[int, ...] = ()  # doubts in the queue that are none any more


def survey_name(paths: Sequence[Path], how: How) -> str:
    """Return the name under which a delivery is known again: as given, else the firm and its files."""
    return how.survey or " ".join([*([how.firm] if how.firm else []), *sorted(path.name for path in paths)])


def mended_on_reading(made: Import) -> list[Issue]:
    """Return what the reader itself has put right: rings that crossed themselves, codes out of use."""
    return [issue for issue in made.issues if issue.code in MENDED]


@uncollected()
def stage_import(
    store: Store,
    paths: Sequence[Path],
    code: str,
    how: How | None = None,
    progress: Progress = silent,
    person: Person = LOCAL,
) -> Import:
    """Return what files would bring into a city, which may be new.

    The city is looked at as a whole. What the person may not let in waits (``wenqu.services.part_import``).

    Raises
    ------
    BadInput, FileMissing, FileUnreadable, UnknownUnit
        A file cannot be used, or names no coordinate system and none is given (never guessed).
    Cancelled
        The progress called it off.
    """
    how = how or How()
    before = network_before(store, code)
    survey, mine = survey_of(person, code, survey_name(paths, how)), store_for(store, person, code)
    city, deliveries = read_files(store, before, paths, how, part(progress, 0.0, READ))
    whole = _together([one for _, one in deliveries])
    confirmed = store.confirmed(code) if before.version else []
    incoming = (
        with_waiting(mine, replace(before, city=city), whole.tables) if before.version else whole.tables
    )
    staged = stage(
        before,
        incoming,
        whole.bad,
        city=city,
        confirmed=confirmed,
        strange=strange_rows(person, before, lambda ids: store.closed(code, ids)),
        progress=part(progress, READ, 0.95),
    )
    staged = _with_unread(_loose(staged, whole.tables), whole.issues)
    after = Network(city, merged(before.tables, staged.tables))
    settled = settled_rows(mine, after, confirmed) if before.version else ()
    changes = differences(before.tables, staged.tables, _delivered_before(store, before, survey, staged))
    progress(1.0)
    return Import(
        city,
        before.version,
        survey,
        staged,
        whole.issues,
        changes,
        whole.places,
        whole.documents,
        {name: one.encoding for name, one in deliveries},
        {type_: len(table) for type_, table in whole.tables.items()},
        settled,
    )


def _loose(staged: Staged, incoming: Mapping[str, Assets]) -> Staged:
    """Return a staging in which links enter whose nodes are to come in a file of their own.

    A delivery without any nodes is a part of one: a pipe in it is good, its end is only not there yet.
    """
    if any(len(incoming[type_]) for type_ in types_of("node") if type_ in incoming):
        return staged
    loose = [entry for entry in staged.queued if entry.edit and entry.issue.code in ENDS]
    others = [entry.issue for entry in staged.queued if entry.issue.code not in ENDS]
    held = {(issue.type, issue.asset) for issue in others if not issue.code.startswith("format.")}
    free = [entry for entry in loose if (entry.issue.type, entry.issue.asset) not in held]
    tables = dict(staged.tables)
    for type_ in dict.fromkeys(entry.issue.type for entry in free):
        ids = {entry.issue.asset for entry in free if entry.issue.type == type_}
        back = incoming[type_].take(amid(incoming[type_], ids))
        tables[type_] = stacked(tables[type_], back) if len(tables.get(type_, ())) else back
    out = {id(entry) for entry in free}
    queued = tuple(entry for entry in staged.queued if id(entry) not in out)
    flagged = (*staged.flagged, *(Flagged(entry.issue, entry.proposals) for entry in free))
    return replace(staged, tables=tables, queued=queued, flagged=flagged)


def _with_unread(staged: Staged, issues: Sequence[Issue]) -> Staged:
    """Return a staging that also lists the values that the reader could not read, with what they may mean.

    Their rows enter without them: a bad cell costs no good one.
    """
    asked = [issue for issue in issues if issue.code in UNREAD and issue.type in staged.tables]
    inside = {type_: set(staged.tables[type_].ids) for type_ in {issue.type for issue in asked}}
    told = tuple(Flagged(issue, unread(issue)) for issue in asked if issue.asset in inside[issue.type])
    return replace(staged, flagged=(*staged.flagged, *told))


def network_before(store: Store, code: str) -> Network:
    """Return a city as it is; an empty one that is not there yet."""
    try:
        return store.network(code)
    except UnknownCity:
        return Network(City(code), {})


def survey_document(survey: str) -> str:
    """Return the name of the document that remembers what a survey delivered last."""
    return f"{SURVEYS}{survey}.json"


def _delivered_before(store: Store, before: Network, survey: str, staged: Staged) -> dict[str, list[str]]:
    """Return by type the ids that the survey delivered last time and that do not wait outside now."""
    kept = store.document(before.city.code, survey_document(survey)) if before.version else None
    if kept is None:
        return {}
    waiting = {(entry.edit.type, entry.edit.id) for entry in staged.queued if entry.edit}
    found: dict[str, list[str]] = orjson.loads(kept)
    return {type_: [id_ for id_ in ids if (type_, id_) not in waiting] for type_, ids in found.items()}


def _together(deliveries: Sequence[Delivery]) -> Delivery:
    """Return several files as one delivery.

    A row that says again what an earlier file said of the same identity is kept once, and it is told; one
    that says something else waits.
    """
    first, *others = deliveries
    tables, bad = dict(first.tables), list(first.bad)
    issues, documents = list(first.issues), dict(first.documents)
    for other in others:
        for type_, table in other.tables.items():
            fresh = table
            if type_ in tables:
                used = amid(table, tables[type_].ids)
                tables[type_], again, added = kept_once(tables[type_], table, other.crs)
                different = np.flatnonzero(used & ~again)
                issues += [_again(table, again, added, (other, deliveries))] if again.any() else []
                twice = [_twice(table, int(row), (other, deliveries)) for row in different]
                bad += twice
                issues += [row.issue for row in twice]
                fresh = table.take(~used)
                tables[type_] = stacked(tables[type_], fresh)
            else:
                tables[type_] = table
        bad += other.bad
        issues += other.issues
        documents |= other.documents
    places = InFiles([one.places for one in deliveries])
    return replace(
        first, tables=tables, bad=tuple(bad), issues=tuple(issues), places=places, documents=documents
    )


def _again(
    table: Assets, again: npt.NDArray[np.bool_], added: int, delivered: tuple[Delivery, Sequence[Delivery]]
) -> Issue:
    """Return the note that rows of a file repeat those of an earlier one."""
    own, every = delivered
    name = (table.type, str(table.ids[int(np.flatnonzero(again)[0])]))
    known = next((one.places[name] for one in every if name in one.places), Place())
    place = own.places.get(name, Place())
    facts: dict[str, object] = {"count": int(again.sum()), "other": known.file or "-", "added": added}
    return Issue(
        "import.repeated", Weight.NOTE, table.type, place=Place(place.file, place.sheet), facts=facts
    )


def _twice(table: Assets, row: int, delivered: tuple[Delivery, Sequence[Delivery]]) -> BadRow:
    name, (own, every) = (table.type, str(table.ids[row])), delivered
    place = own.places.get(name, Place())
    known = next((one.places[name] for one in every if name in one.places), Place())
    facts: dict[str, object] = {"column": "id", "other": known.file or "-"}
    issue = Issue("format.duplicate-elsewhere", Weight.BLOCK, *name, place, facts)
    return edit_row(issue, table, row)
