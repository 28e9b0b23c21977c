"""Check a delivery of inspections and let it in, as jobs that can be left and called off."""

import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from wenqu.errors import FileMissing
from wenqu.issues import Issue, Weight
from wenqu.progress import Progress, part, silent
from wenqu.services.city_state import CityState
from wenqu.services.file_inspections import Filed, file_inspections, issues_told
from wenqu.services.grade_again import grade_changed
from wenqu.services.inspection_deliveries import InspectionDelivery, inspection_deliveries
from wenqu.services.inspection_files import lay_out
from wenqu.services.jobs import Job, Jobs
from wenqu.services.prepare_inspections import ELSEWHERE, FILED, Entry, Prepared, counts_of, prepare
from wenqu.services.rights import Person
from wenqu.services.ring_for_others import ring_for_others
from wenqu.services.ring_on_arrival import ring_on_arrival
from wenqu.services.seen_city import store_for
from wenqu.store.database import Store, open_store
from wenqu.works.problem_severity import emergency

ROWS = 2000  # inspections and findings that are told one by one
KINDS = {"check": "check_inspections", "accept": "accept_inspections"}  # sentences: job.<kind>


def begin_job(
    jobs: Jobs, store: Store, one: InspectionDelivery, what: str, person: Person, most: int, why: str = ""
) -> Job:
    """Start the check or the acceptance as a job, with the rights that its starter has now."""
    where, archive = store.address
    told = {
        "where": where, "archive": archive, "city": one.city, "delivery": one.id, "person": person,
        "most": most >> 20, "why": why,
    }  # fmt: skip
    about = {
        "kind": KINDS[what],
        "city": one.city,
        "who": person.account,
        "about": _named(one),
        "subject": one.id,
    }
    return jobs.start(f"wenqu.services.take_in_inspections:{what}", told, **about)


def _named(one: InspectionDelivery) -> str:
    names = [name.rpartition("/")[2] for name in one.files]
    return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")


def check(given: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Unpack, read and match a delivery; nothing is written into the city."""
    store = open_store(given["where"], given["archive"])
    try:
        kept = inspection_deliveries(store, given["most"])
        one = kept.delivery(given["city"], given["delivery"])
        folder = kept.files(one)
        lay_out(folder, kept.most)
        progress(0.2)
        made = prepare(store, folder, one.city, given["person"], kept.most, part(progress, 0.2, 0.9))
        kept.checked(one, made, summary_of(made))
        return {"delivery": one.id}
    finally:
        store.close()


def accept(given: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Let a checked delivery in: one change, or nothing; then grade what has changed."""
    store = open_store(given["where"], given["archive"])
    try:
        kept = inspection_deliveries(store, given["most"])
        one = kept.delivery(given["city"], given["delivery"])
        made, folder, person = kept.outcome(one), kept.files(one), given["person"]
        done = let_in(store, made, folder, person, given["why"], one.id, kept.most, progress)
        kept.accepted(one, asdict(done))
        return {"delivery": one.id, "number": done.number}
    finally:
        store.close()


def let_in(  # noqa: PLR0913, PLR0917 what, from where, by whom, why
    store: Store,
    made: Prepared,
    folder: Path,
    person: Person,
    why: str,
    delivery: str,
    most: int,
    progress: Progress,
) -> Filed:
    """File what a check found; where the city has changed since, it is looked at again first."""
    if store.version(made.city) != made.based_on:
        made = prepare(store, folder, made.city, person, most, part(progress, 0.0, 0.3))
    mine = store_for(store, person, made.city)
    done = file_inspections(
        mine, made, folder, who=person.account, why=why, delivery=delivery,
        progress=part(progress, 0.3, 0.8),
    )  # fmt: skip
    graded = grade_changed(mine, made.city, done.assets, who=person.account)
    alarms = ring_on_arrival(mine, made.city, done.assets, who=person.account)
    others = _ring_elsewhere(store, made, delivery, person)
    progress(1.0)
    return replace(done, graded=graded, alarms=alarms, handed_on=len(others), counts=counts_of(made))


def _ring_elsewhere(store: Store, made: Prepared, delivery: str, person: Person) -> tuple[str, ...]:
    """Ring for those who may see it where an inspection that waits for them shows an emergency."""
    seen = [
        (one.inspection, f"delivery:{delivery}/{one.file}")
        for one in made.entries
        if one.state == ELSEWHERE and emergency("structural", one.inspection.defects)
    ]
    if not seen:
        return ()
    return ring_for_others(store, CityState(store.network(made.city)), seen, who=person.account)


def summary_of(made: Prepared) -> dict[str, Any]:
    """Return what a delivery would bring, in plain values."""
    entries = made.entries
    new = [one for one in entries if one.state in FILED]
    issues = issues_told(made)
    return {
        "counts": counts_of(made),
        "reports": [asdict(one) for one in made.reports],
        "inspections": len(entries),
        "assets": len({(one.inspection.asset_type, one.inspection.asset) for one in new}),
        "length": float(sum(one.inspection.length for one in new if one.inspection.length > 0)),
        "defects": sum(len(one.inspection.defects) for one in new),
        "media": len({path for one in entries for path in one.media.values()}),
        "missing": sum(len(one.missing) for one in entries),
        "strays": list(made.strays[:ROWS]),
        "troubles": dict(Counter(one.match.trouble for one in entries if one.match.trouble)),
        "bad": sum(issue.weight in {Weight.BLOCK, Weight.FAULT} for issue in made.issues),
        "rows": [_row(one) for one in entries[:ROWS]],
        "issues": [_issue(one) for one in issues[:ROWS]],
        "rules": [
            {"code": code, "weight": weight, "count": count}
            for (code, weight), count in Counter((x.code, str(x.weight)) for x in issues).most_common()
        ],
    }


def _row(one: Entry) -> dict[str, Any]:
    told, found = one.seen.inspection, one.match
    return {
        "id": one.inspection.id,
        "number": one.number,
        "type": told.asset_type,
        "name": told.asset,
        "start": one.inspection.start,
        "end": one.inspection.end,
        "asset": found.asset,
        "by": found.by,
        "state": one.state,
        "trouble": found.trouble,
        "maybe": [maybe.asset for maybe in found.proposals],
        "method": told.method,
        "date": told.date,
        "length": told.length,
        "direction": one.inspection.direction,
        "defects": len(told.defects),
        "media": len(one.media),
        "missing": list(one.missing[:20]),
        "file": one.file,
        "where": one.seen.where,
    }


def _issue(one: Issue) -> dict[str, Any]:
    place = one.place
    return {
        "code": one.code,
        "weight": str(one.weight),
        "facts": one.facts,
        "file": place.file,
        "sheet": place.sheet,
        "row": place.row,
        "type": one.type,
        "asset": one.asset,
    }


def from_disk(
    store: Store,
    paths: Sequence[Path],
    folder: Path,
    city: str,
    person: Person,
    most: int,
    progress: Progress = silent,
) -> Prepared:
    """Read and match files and folders of this machine; ``folder`` is an empty one to lay them out in.

    Raises
    ------
    FileMissing
        There is no such file.
    BadInput
        No file of them is a report that is known, or an archive is too large.
    """
    for path in paths:
        if not path.exists():
            raise FileMissing(path=str(path))
    paths_laid(folder, paths)
    lay_out(folder, most)
    return prepare(store, folder, city, person, most, progress)


def paths_laid(folder: Path, paths: Iterable[Path]) -> None:
    """Lay files and folders of this machine into a delivery's folder, as links where that is possible."""
    for path in paths:
        for source in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if not source.is_file():
                continue
            inside = source.relative_to(path.parent) if path.is_dir() else Path(source.name)
            target = folder / inside
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                target.symlink_to(source.resolve())
            except OSError:  # a system or a disk without links
                shutil.copyfile(source, target)
