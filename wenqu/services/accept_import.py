"""Let a checked delivery in: one change with who, when and why, or nothing."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import orjson

from wenqu.errors import Refused
from wenqu.issues import Issue
from wenqu.progress import Progress, part, silent
from wenqu.services.file_inspections import WAITING_RULES
from wenqu.services.grade_again import grade_changed
from wenqu.services.stage_import import Import, mended_on_reading, survey_document
from wenqu.services.uncollected import uncollected
from wenqu.services.waiting_rows import waiting_of
from wenqu.store.changes import OpenChange
from wenqu.store.database import Store
from wenqu.store.waiting import Waiting

DELIVERY = "delivery"  # with the counts of a change: the delivery that it let in


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of a delivery."""

    number: int  # of the change; that of the last one when nothing changed
    changed: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # by type: new, changed, same
    closed: Mapping[str, int] = field(default_factory=dict)
    waiting: int = 0  # rows outside
    doubts: int = 0  # about assets that entered
    mended: int = 0


@uncollected()
def accept_import(
    store: Store,
    made: Import,
    *,
    who: str,
    why: str,
    delivery: str = "",
    close_gone: bool = False,
    progress: Progress = silent,
) -> Accepted:
    """Write everything that a delivery brings as one change.

    Parameters
    ----------
    delivery
        Id under which the rows that wait are kept together.
    close_gone
        Close the assets that the survey delivered before and this time did not.

    Raises
    ------
    Refused
        The city has changed since the delivery was checked (``import-stale``).
    Cancelled
        The progress called it off; nothing was written.
    """
    code, news = made.city.code, False
    rows = list(waiting_of(made.staged, made.places, delivery or made.survey))
    with store.change(code, who=who, why=why) as change:
        if change.number - 1 != made.based_on:
            raise Refused("import-stale", city=code)
        before = change.number == 1
        change.put_city(made.city)
        changed = {}
        tables = list(made.staged.tables.items())
        for number, (type_, table) in enumerate(tables):
            step = part(progress, 0.85 * number / len(tables), 0.85 * (number + 1) / len(tables))
            counts = change.put(table, step)
            news |= bool(counts.new or counts.changed)
            changed[type_] = {"new": counts.new, "changed": counts.changed, "same": counts.same}
        closed = _closed(change, made) if close_gone else {}
        fresh = _queue(change, made, rows)
        if delivery:
            change.tell(DELIVERY, delivery)
        if before or news or fresh or closed:
            _file(change, made)
        progress(0.95)
    if changed.get("conduit", {}).get("changed"):
        pipes = {str(id_) for id_ in made.staged.tables["conduit"].ids}
        grade_changed(store, code, pipes, who=who, repeat=False)
    progress(1.0)
    inside = Counter(row.inside for row in rows)
    return Accepted(
        change.number,
        changed,
        closed,
        inside[False],
        inside[True],
        len(made.staged.mended) + len(mended_on_reading(made)),
    )


def _closed(change: OpenChange, made: Import) -> dict[str, int]:
    done = {}
    for type_, difference in made.changes.items():
        if difference.gone:
            change.close(type_, difference.gone)
            done[type_] = len(difference.gone)
    return done


def _queue(change: OpenChange, made: Import, rows: Iterable[Waiting]) -> int:
    """Put rows into the queue and return how many are new; those that waited before for the same stay."""
    known = change.open_waiting()
    if not known:
        return change.add_waiting(list(rows))
    keys = {(row.rule, row.type, row.asset) for row in rows if row.asset}
    delivered = {(type_, str(id_)) for type_, table in made.staged.tables.items() for id_ in table.ids}
    delivered |= {(row.type, row.asset) for row in rows if not row.inside}
    over = [
        id_
        for key, id_ in known.items()
        if key not in keys and (key[1], key[2]) in delivered and key[0] not in WAITING_RULES
    ]
    settled = [id_ for id_ in made.settled if id_ not in set(over) and id_ in set(known.values())]
    if settled:
        change.decide(settled, "settled", made.survey)
    if over:
        change.decide(over, "replaced", made.survey)
    return change.add_waiting(
        [row for row in rows if not row.asset or (row.rule, row.type, row.asset) not in known]
    )


def _file(change: OpenChange, made: Import) -> None:
    change.add_records("issue", told_issues(made))
    for name, (content, media) in made.documents.items():
        change.write_document(name, content, media)
    ids = {type_: sorted(str(id_) for id_ in table.ids) for type_, table in made.staged.tables.items()}
    change.write_document(survey_document(made.survey), orjson.dumps(ids), "application/json")


def told_issues(made: Import) -> Iterable[Issue]:
    """Yield everything that the reading and the rules found, each with its place in the file."""
    yield from made.issues
    found = [entry.issue for entry in made.staged.queued] + [entry.issue for entry in made.staged.flagged]
    for issue in found:
        if issue.code.startswith("format."):  # the reader has told it
            continue
        yield (
            issue
            if issue.place.file
            else replace(issue, place=made.places.get((issue.type, issue.asset), issue.place))
        )
