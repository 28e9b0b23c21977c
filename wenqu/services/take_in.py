"""Check a delivery and let it in, as jobs that can be left and called off."""

from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from wenqu.issues import Issue
from wenqu.network.model import Network
from wenqu.network.repairs.unread_values import UNREAD
from wenqu.progress import Progress, part
from wenqu.services.accept_import import Accepted, accept_import
from wenqu.services.city_state import CityState
from wenqu.services.deliveries import Deliveries, Delivery
from wenqu.services.delivery_outline import outline
from wenqu.services.entered_already import BASED_ON, accepted_by, entered, happened
from wenqu.services.jobs import Job, Jobs
from wenqu.services.let_in_inspections import settle_inspections
from wenqu.services.part_import import may_file
from wenqu.services.read_files import firm_map_name
from wenqu.services.rights import Person
from wenqu.services.seen_city import store_for
from wenqu.services.stage_import import Import, mended_on_reading, stage_import
from wenqu.services.uncollected import uncollected
from wenqu.services.waiting_rows import waiting_of
from wenqu.store.database import Store, open_store

FOLDER = "staging"
DRAWN = 3000  # places of findings that are drawn
TOLD = 200  # notes and mended findings that are told one by one


def deliveries_of(store: Store, only: str = "") -> Deliveries:
    """Return the deliveries beside a store's archive; ``only``: those of one account."""
    return Deliveries(Path(store.address[1]) / FOLDER, only)


def jobs_of(store: Store) -> Jobs:
    """Return the jobs beside a store's archive."""
    kept = deliveries_of(store)
    return Jobs(Path(store.address[1]) / "jobs", lambda job: happened(store, kept, job))


def begin(jobs: Jobs, store: Store, one: Delivery, kind: str, person: Person, **given: Any) -> Job:
    """Start the check or the acceptance of a delivery as a job, with the rights that its starter has now."""
    where, archive = store.address
    told = {
        "where": where,
        "archive": archive,
        "city": one.city,
        "delivery": one.id,
        "person": person,
        **given,
    }
    about = {
        "kind": kind,
        "city": one.city,
        "who": person.account,
        "about": ", ".join(one.files),
        "subject": one.id,
    }
    return jobs.start(f"wenqu.services.take_in:{kind}", told, **about)


@uncollected()
def check(given: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Read, stage and check a delivery; nothing is written into the city."""
    store = open_store(given["where"], given["archive"])
    try:
        kept = deliveries_of(store)
        one = kept.delivery(given["city"], given["delivery"])
        reading = part(progress, 0.0, 0.9)
        made = stage_import(store, kept.paths(one), one.city, kept.how(one), reading, given["person"])
        kept.checked(one, made, summary_of(made))
        return {"delivery": one.id}
    finally:
        store.close()


@uncollected()
def accept(given: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Let a checked delivery in: one change, or nothing."""
    store = open_store(given["where"], given["archive"])
    try:
        kept = deliveries_of(store)
        one = kept.delivery(given["city"], given["delivery"])
        before, person = entered(store, one), given["person"]
        mine = store_for(store, person, one.city)
        done = accepted_by(before, one) if before else _accept(store, mine, kept, one, given, progress)
        settle_inspections(mine, one.city, who=person.account, why=given["why"])
        kept.accepted(one, asdict(done))
        return {"delivery": one.id, "number": done.number}
    finally:
        store.close()


def _accept(
    store: Store, mine: Store, kept: Deliveries, one: Delivery, given: dict[str, Any], progress: Progress
) -> Accepted:
    person = given["person"]
    made = with_firm_map(kept.outcome(one), one.answers.get("firm", ""), kept.paths(one))
    if mine is not store:
        made = replace(made, documents=_fileable(store, person, made))
    return accept_import(
        mine,
        made,
        who=person.account,
        why=given["why"],
        delivery=one.id,
        close_gone=bool(given.get("close_gone")),
        progress=part(progress, 0.05, 1.0),
    )


def _fileable(store: Store, person: Person, made: Import) -> dict[str, tuple[bytes, str]]:
    """Return the documents that a part of a city may bring: none that stand for the whole of it."""
    code = made.city.code
    return {
        name: (content, media)
        for name, (content, media) in made.documents.items()
        if may_file(person, name, content, store.document(code, name))
    }


def with_firm_map(made: Import, firm: str, paths: list[Path]) -> Import:
    """Return an import that keeps its field maps under the firm's name too."""
    if not firm:
        return made
    documents, whole = dict(made.documents), dict[str, dict[str, Any]]()
    for path in paths:
        content, media = documents.get(f"fieldmap/{path.name}.json", (b"", ""))
        if not content:
            continue
        own, name = {**orjson.loads(content), "firm": firm}, firm_map_name(firm, path)
        documents[f"fieldmap/{path.name}.json"] = (orjson.dumps(own), media)
        before = whole.get(name, {})
        layers = {**own["layers"], **before.get("layers", {})}
        if path.stem in own["layers"]:  # of several files of a format each says best what itself holds
            layers[path.stem] = own["layers"][path.stem]
        whole[name] = {**before, **own, "layers": layers}
        documents[name] = (orjson.dumps(whole[name]), media)
    return replace(made, documents=documents)


def summary_of(made: Import) -> dict[str, Any]:
    """Return the outcome of a check in plain values: what enters, was mended, waits, changes."""
    staged = made.staged
    rows = list(waiting_of(staged, made.places, ""))
    types = {
        type_: {
            "good": len(staged.tables.get(type_, ())),
            "read": made.read.get(type_, 0),
            "new": one.new,
            "changed": one.changed,
            "same": one.same,
            "gone": len(one.gone),
            "gone_ids": list(one.gone[:TOLD]),
            "fields": dict(one.fields),
            "examples": [
                {"id": x.id, "fields": {k: list(v) for k, v in x.fields.items() if k != "shape"}}
                for x in one.examples[:TOLD]
            ],
        }
        for type_, one in made.changes.items()
    }
    state = CityState(Network(made.city, dict(staged.tables)))
    return {
        "city": made.city.code,
        "crs": made.city.crs,
        "survey": made.survey,
        "known": made.based_on > 0,
        BASED_ON: made.based_on,
        "redelivery": any(one.changed or one.same or one.gone for one in made.changes.values()),
        "types": types,
        "encodings": dict(made.encodings),
        "mended": _counted(
            [
                *((entry.issue.code, str(entry.issue.weight)) for entry in staged.mended),
                *((issue.code, str(issue.weight)) for issue in mended_on_reading(made)),
            ]
        ),
        "queued": _counted((row.rule, row.weight) for row in rows if not row.inside),
        "flagged": _counted((row.rule, row.weight) for row in rows if row.inside),
        "mended_rows": [_mended(entry) for entry in staged.mended[:TOLD]],
        "notes": [_note(issue) for issue in made.issues if _is_note(issue)][:TOLD],
        "bounds": list(state.bounds),
        "points": _points(state, rows),
        "outline": outline(state, staged.tables),
    }


def _is_note(issue: Issue) -> bool:
    """Tell whether an issue is told with the delivery: what can be mended is told in the queue."""
    return str(issue.weight) in {"note", "doubt"} and issue.code not in UNREAD


def _counted(keys: Any) -> list[dict[str, Any]]:
    return [
        {"rule": rule, "weight": weight, "count": count}
        for (rule, weight), count in Counter(keys).most_common()
    ]


def _mended(entry: Any) -> dict[str, Any]:
    repair = entry.repair
    return {
        "rule": entry.issue.code,
        "type": repair.type,
        "asset": repair.id,
        "key": repair.key,
        "facts": repair.facts,
        "was": entry.was,
        "now": entry.now,
    }


def _note(issue: Any) -> dict[str, Any]:
    place = issue.place
    return {
        "code": issue.code,
        "weight": str(issue.weight),
        "facts": issue.facts,
        "file": place.file,
        "sheet": place.sheet,
        "row": place.row,
        "type": issue.type,
        "asset": issue.asset,
    }


def _points(state: CityState, rows: Any) -> dict[str, Any]:
    some = [row for row in rows if row.at is not None][:DRAWN]
    places = state.place(np.array([row.at for row in some], dtype=np.float64).reshape(-1, 2), "EPSG:4326")
    features = [
        {
            "type": "Feature",
            "properties": {"type": row.type, "id": row.asset, "rule": row.rule, "inside": row.inside},
            "geometry": {"type": "Point", "coordinates": place},
        }
        for row, place in zip(some, places.tolist(), strict=True)
        if np.isfinite(place).all()
    ]
    return {"type": "FeatureCollection", "features": features}
