"""File what a delivery of inspections brings: one change, or nothing; pictures and films by content."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from wenqu.issues import Issue, Weight
from wenqu.network.repairs.repair import Repair, Sure
from wenqu.progress import Progress, silent
from wenqu.records.handed import Handed
from wenqu.records.inspection import Inspection
from wenqu.services.attachments import media_of
from wenqu.services.delivery_sources import keep_sources, write_sources
from wenqu.services.prepare_inspections import ELSEWHERE, FILED, WAITING, Entry, Prepared
from wenqu.store.changes import OpenChange
from wenqu.store.database import Store
from wenqu.store.files import Kept, digest_at
from wenqu.store.waiting import Waiting
from wenqu.survey.waiting_survey import WaitingSurvey, plain_of

RULES = {
    "unknown": "match.unknown-asset",
    "several": "match.several-assets",
    "contradiction": "match.contradictory-asset",
    ELSEWHERE: "match.elsewhere",
}
WAITING_RULES = frozenset(RULES.values())
PROPOSAL = "inspection-is-of"  # sentence: repair.inspection-is-of
FILM_MEDIA = {
    ".mp4": "video/mp4", ".m4v": "video/mp4", ".webm": "video/webm", ".mov": "video/quicktime",
    ".mkv": "video/x-matroska", ".avi": "video/x-msvideo", ".wmv": "video/x-ms-wmv", ".mpg": "video/mpeg",
    ".mpeg": "video/mpeg", ".mp2": "video/mpeg", ".vob": "video/mpeg", ".ts": "video/mp2t",
}  # fmt: skip
HEAD = 64  # bytes that tell what a picture is


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of a delivery."""

    number: int  # of the change; that of the last one when nothing changed
    inspections: tuple[str, ...] = ()  # ids that are new
    assets: tuple[str, ...] = ()  # whose inspections are new
    same: int = 0
    waiting: int = 0
    documents: int = 0
    issues: int = 0
    graded: int = 0
    alarms: tuple[str, ...] = ()  # raised by emergencies among them
    handed_on: int = 0  # alarms of emergencies beyond the rights of whoever brought them
    counts: Mapping[str, int] = field(default_factory=dict)
    changed: bool = True  # whether the city has anything of it that it had not


def file_inspections(
    store: Store,
    made: Prepared,
    folder: Path,
    *,
    who: str,
    why: str,
    delivery: str = "",
    progress: Progress = silent,
) -> Filed:
    """Write everything that a delivery of inspections brings as one change.

    Parameters
    ----------
    store
        As the person sees it who brings the delivery: what is not theirs is refused.
    folder
        Where the files of the delivery lie.

    Raises
    ------
    Cancelled
        The progress called it off; nothing was written.
    """
    filed = [one for one in made.entries if one.state in FILED]
    outside = [one for one in made.entries if one.state in {WAITING, ELSEWHERE}]
    kept = _kept(store, made.city, folder, [*filed, *outside], progress)
    known = {row.body.get("digest") for row in store.waiting(made.city) if row.rule in RULES.values()}
    rows = [_waiting(one, kept, delivery) for one in outside if one.digest not in known]
    issues = [issue for one in made.entries for issue in one.issues]
    sources = keep_sources(store, made, folder)
    with store.change(made.city, who=who, why=why) as change:
        fresh = [one for one in filed if one.state == "new"]
        change.add_records("inspection", [one.inspection for one in fresh])
        documents = write_media(change, [(one.inspection, _told(one, kept)) for one in filed])
        change.add_records("handed", [_handed(one, kept, delivery) for one in filed])
        change.add_waiting(rows)
        if fresh or rows:
            change.add_records("issue", [*issues, *made.issues])
        news = bool(filed or rows)
        sent = write_sources(store, change, made.city, delivery, sources, all_=news)
    progress(1.0)
    assets = sorted({one.inspection.asset for one in fresh if one.inspection.looked_inside})
    same = sum(one.state == "same" for one in made.entries)
    ids = tuple(one.inspection.id for one in fresh)
    changed = news or sent > 0
    return Filed(change.number, ids, tuple(assets), same, len(rows), documents, len(issues), changed=changed)


def _kept(
    store: Store, city: str, folder: Path, entries: Sequence[Entry], progress: Progress
) -> dict[str, tuple[Kept, str]]:
    """Put the pictures and films into the store, each content once; return them by path.

    All are read before the first is kept: what is called off leaves no file in the store that nothing names.
    """
    paths = sorted({path for one in entries for path in one.media.values()})
    digests = {}
    for number, path in enumerate(paths):
        digests[path] = digest_at(folder / path)
        progress(0.9 * (number + 1) / len(paths))
    return {
        path: (store.keep(city, folder / path, ours=True, digest=digest), media_type(folder / path))
        for path, digest in digests.items()
    }


def media_type(path: Path) -> str:
    """Return what a picture or film is: a picture by its first bytes, a film by its ending."""
    film = FILM_MEDIA.get(path.suffix.lower())
    if film:
        return film
    with path.open("rb") as stream:
        return media_of(stream.read(HEAD)) or "application/octet-stream"


Told = Mapping[str, tuple[Kept, str]]  # name as written → content and media


def _told(one: Entry, kept: Mapping[str, tuple[Kept, str]]) -> Told:
    return {name: kept[path] for name, path in one.media.items()}


def write_media(change: OpenChange, told: Iterable[tuple[Inspection, Told]]) -> int:
    """Write the documents of some inspections and return their number."""
    count = 0
    for inspection, media in told:
        for name, (kept, type_) in media.items():
            change.write_kept(document_of(inspection, name, list(media)), kept, type_)
            count += 1
    return count


def document_of(inspection: Inspection, name: str, names: Sequence[str]) -> str:
    """Return the document that keeps a picture or film of an inspection.

    Two of one name in different folders stay apart.
    """
    own = _base(name)
    doubles = [other for other in names if _base(other) == own]
    own = own if len(doubles) < 2 else f"{doubles.index(name) + 1}-{own}"
    asset, id_ = quote(inspection.asset, safe=""), quote(inspection.id, safe="")
    return f"inspections/{inspection.asset_type}/{asset}/{id_}/{own}"


def _base(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2].strip() or "file"


def _handed(one: Entry, kept: Mapping[str, tuple[Kept, str]], delivery: str) -> Handed:
    return handed_of(
        WaitingSurvey(one.seen, one.inspection, one.digest, one.number, one.file, delivery, (), one.missing),
        one.inspection,
        _told(one, kept),
        one.match.by,
    )


def handed_of(one: WaitingSurvey, filed: Inspection, told: Told, by: str) -> Handed:
    """Return how an inspection was handed over."""
    names = list(told)
    return Handed(
        filed.asset, filed.id, one.number, one.seen.inspection.asset, filed.start, filed.end, one.delivery,
        one.file, one.seen.where, dict(one.seen.stated), dict(one.seen.facts),
        {name: document_of(filed, name, names) for name in names}, one.missing, one.digest, by,
        filed.asset_type, filed.simulated,
    )  # fmt: skip


def _waiting(one: Entry, kept: Mapping[str, tuple[Kept, str]], delivery: str) -> Waiting:
    """Return an inspection as a row of the census queue, with what it may be of."""
    inspection, rule = one.inspection, RULES[ELSEWHERE if one.state == ELSEWHERE else one.match.trouble]
    name = one.seen.inspection.asset or f"{inspection.start}-{inspection.end}".strip("-")
    maybe = [proposal.asset for proposal in one.match.proposals]
    facts: dict[str, Any] = {
        "inspection": one.number or inspection.id, "name": name, "date": inspection.date,
        "start": inspection.start or "-", "end": inspection.end or "-",
        "defects": len(inspection.defects), "maybe": one.match.asset or ", ".join(maybe),
    }  # fmt: skip
    sure = [(one.match.asset, one.match.by, "")] if one.match.asset else []
    possible = [(it.asset, it.why, _metres(it.length)) for it in one.match.proposals]
    proposals = [
        Repair(
            rule, PROPOSAL, inspection.asset_type, name, (), Sure.POSSIBLE,
            {"pipe": asset, "by": by, "length": length},
        )
        for asset, by, length in sure or possible
    ]  # fmt: skip
    media = tuple((told, some.sha256, some.size, type_) for told, (some, type_) in _told(one, kept).items())
    survey = WaitingSurvey(
        one.seen, inspection, one.digest, one.number, one.file, delivery, media, one.missing
    )
    body = {
        "facts": facts, "proposals": proposals, "raw": dict(one.seen.facts), "digest": one.digest,
        "survey": plain_of(survey),
    }  # fmt: skip
    return Waiting(
        rule, str(Weight.BLOCK), False, inspection.asset_type, name, one.file, one.seen.where, None, None,
        body, delivery,
    )  # fmt: skip


def _metres(length: float) -> str:
    return "" if math.isnan(length) else f"{length:.1f} m"


def issues_told(made: Prepared) -> list[Issue]:
    """Return every finding about a delivery."""
    return [*made.issues, *(issue for one in made.entries for issue in one.issues)]
