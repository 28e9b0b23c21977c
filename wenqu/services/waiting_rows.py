"""How does what a staging kept out become rows of the queue, and a row of the queue edits again?"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from wenqu.issues import Issue, Place, Weight
from wenqu.network.edits import Edit, edit_of
from wenqu.network.formats.assembling import BadRow
from wenqu.network.model import Assets
from wenqu.network.repairs.repair import Repair, Sure
from wenqu.network.staging import Flagged, Queued, Staged
from wenqu.store.waiting import Waiting

TOLD = {Weight.BLOCK, Weight.FAULT, Weight.DOUBT}  # a note at an asset that entered needs nobody


def waiting_of(staged: Staged, places: Mapping[tuple[str, str], Place], delivery: str) -> Iterator[Waiting]:
    """Yield the rows of the queue, those that wait outside first."""
    for entry in staged.queued:
        body = {"edit": entry.edit, "raw": entry.raw, "waits_for": entry.waits_for}
        yield _row(entry, places, delivery, body, inside=False)
    for flagged in staged.flagged:
        if flagged.issue.weight in TOLD:
            yield _row(flagged, places, delivery, {}, inside=True)


def doubt_row(entry: Flagged) -> Waiting:
    """Return the row of a doubt that no file brought."""
    return _row(entry, {}, "", {}, inside=True)


def _row(
    entry: Queued | Flagged,
    places: Mapping[tuple[str, str], Place],
    delivery: str,
    body: dict[str, Any],
    *,
    inside: bool,
) -> Waiting:
    issue = entry.issue
    place = issue.place if issue.place.file else places.get((issue.type, issue.asset), issue.place)
    edit = body.get("edit")
    at = issue.at or (_middle(edit) if edit is not None else None)
    told = {**body, "facts": issue.facts, "proposals": entry.proposals}
    return Waiting(
        issue.code,
        str(issue.weight),
        inside,
        issue.type,
        issue.asset,
        place.file,
        place.sheet,
        place.row,
        at,
        told,
        delivery,
    )


def _middle(edit: Edit) -> tuple[float, float] | None:
    if not edit.parts:
        return None
    coords = np.concatenate([np.asarray(part).reshape(-1, 2) for part in edit.parts])
    coords = coords[np.isfinite(coords).all(axis=1)]
    return (float(coords[:, 0].mean()), float(coords[:, 1].mean())) if len(coords) else None


def issue_of(row: Waiting) -> Issue:
    """Return the finding that a row of the queue stands for."""
    facts = dict(row.body.get("facts", {}))
    return Issue(
        row.rule, Weight(row.weight), row.type, row.asset, Place(row.file, row.sheet, row.row), facts, row.at
    )


def edit_from(plain: Mapping[str, Any] | None) -> Edit | None:
    """Return an edit from its JSON."""
    if plain is None:
        return None
    parts = plain.get("parts")
    shapes = (
        None if parts is None else tuple(np.asarray(part, dtype=np.float64).reshape(-1, 2) for part in parts)
    )
    return Edit(
        plain["type"],
        plain["id"],
        plain.get("fields") or {},
        plain.get("extra") or {},
        shapes,
        bool(plain.get("gone")),
        plain.get("based_on"),
    )


def repairs_from(plain: Iterable[Mapping[str, Any]]) -> tuple[Repair, ...]:
    """Return proposals from their JSON."""
    return tuple(
        Repair(
            entry["rule"],
            entry["key"],
            entry["type"],
            entry["id"],
            tuple(edit for edit in map(edit_from, entry["edits"]) if edit is not None),
            Sure(entry["sure"]),
            dict(entry["facts"]),
            bool(entry.get("instead")),
        )
        for entry in plain
    )


def edit_row(issue: Issue, table: Assets, row: int) -> BadRow:
    """Return a row of a table as one that waits."""
    edit = edit_of(table, row)
    return BadRow(issue, {**edit.fields, **edit.extra}, edit)
