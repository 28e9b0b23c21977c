"""Does every version of every official document still say what was signed? With the store, or without it."""

import hashlib
from typing import Any

import orjson

from wenqu.errors import BadInput, StoreFailed
from wenqu.records.official import DocumentEvent
from wenqu.services.document_register import register, seen_documents
from wenqu.services.file_document import file_name
from wenqu.services.freeze_figures import signing_key
from wenqu.services.rights import Person
from wenqu.services.sign_step import signed_facts
from wenqu.store.database import Store
from wenqu.store.moments import now
from wenqu.supervision.document_life import DocumentLife, VersionLife
from wenqu.supervision.document_tables import steps
from wenqu.supervision.signed import read_signed, sign, thumbprint

SHEET = "document-sheet"
CHECKS = ("content", "signatures", "chain")
PUBLIC = frozenset({"issue", "archive", "revoke"})  # steps that every reader of an issue is told of


def verify_documents(store: Store, city: str, person: Person, id_: str = "") -> dict[str, Any]:
    """Prove the documents that a person may see, or one of them; a version that fails says what fails.

    Checked is that the content has the hash of its version, that each step bears a signature of this store
    over that hash and over everything the register says of the step, and that no signature was taken out.
    """
    signer = thumbprint(signing_key(store))
    lives = register(store, city)
    seen = seen_documents(store, city, person)
    rows = [
        {
            "document": life.document.id,
            "title": life.document.title,
            "version": one.version.number,
            "name": one.version.name,
            "sha256": one.version.sha256,
            "state": one.state,
            "faults": _faults(store, city, lives[life.document.id], one, signer),
        }
        for life, numbers in seen.values()
        if id_ in {"", life.document.id}
        for one in life.versions
        if one.version.number in numbers
    ]
    broken = [row for row in rows if row["faults"]]
    return {"count": len(rows), "broken": len(broken), "signer": signer, "checks": CHECKS, "rows": rows}


def _faults(store: Store, city: str, life: DocumentLife, one: VersionLife, signer: str) -> list[str]:
    """Return which checks a version fails, and at which step."""
    return [*_content_faults(store, city, one), *_signature_faults(city, life, one, signer)]


def _content_faults(store: Store, city: str, one: VersionLife) -> list[str]:
    try:
        content = store.document(city, file_name(one.version))
    except StoreFailed:
        content = None
    whole = content is not None and hashlib.sha256(content).hexdigest() == one.version.sha256
    return [] if whole else ["content"]


def _signature_faults(city: str, life: DocumentLife, one: VersionLife, signer: str) -> list[str]:
    faults, before = [], ""
    for event in life.events:
        if not steps()[event.step].signs:
            continue
        mine = event.version == one.version.number
        try:
            found = read_signed(event.signature.encode(), signer)
        except BadInput:
            faults += [f"signatures:{event.step}"] if mine else []
            before = "?"
            continue
        told = life.version(event.version)
        said = dict(found.payload)
        chained = said.pop("before", None) == before
        if mine and (told is None or said != signed_facts(city, life.document, told.version, event)):
            faults.append(f"signatures:{event.step}")
        elif mine and not chained:
            faults.append(f"chain:{event.step}")
        before = found.sha256
    return faults


def signed_sheet(store: Store, city: str, life: DocumentLife, numbers: set[int]) -> bytes:
    """Return a document's versions, steps and signatures as one signed file (``wenqu documents verify``)."""
    whole = numbers == {one.version.number for one in life.versions}
    payload = {
        "kind": SHEET,
        "city": city,
        "document": life.document.id,
        "title": life.document.title,
        "at": now().isoformat(timespec="seconds"),
        "whole": whole,
        "versions": [
            {
                "version": one.version.number, "name": one.version.name, "sha256": one.version.sha256,
                "size": one.version.size, "state": one.state, "number": one.number,
                "issued_at": one.issued_at, "replaced_by": life.replaced_by(one.version.number),
            }
            for one in life.versions
            if one.version.number in numbers
        ],
        "signatures": [
            orjson.loads(event.signature)
            for event in life.events
            if event.signature and event.version in numbers
        ],
        "simulated": life.document.simulated,
    }  # fmt: skip
    return sign(payload, signing_key(store))


def verify_sheet(sheet: bytes, content: bytes | None = None, signer: str = "") -> dict[str, Any]:
    """Prove a sheet, and that a file is one of its versions, without a store.

    Raises
    ------
    BadInput
        It is no sheet, was changed, is signed by another key, a signature in it does not hold, or the file is
        none of its versions (``document-strange``).
    """
    found = read_signed(sheet, signer)
    said = found.payload
    if said.get("kind") != SHEET:
        raise BadInput("signed-form")
    versions = {str(row["sha256"]): row for row in said["versions"]}
    before, signed = "", []
    for one in said["signatures"]:
        inner = read_signed(orjson.dumps(one), found.signer)
        fits = inner.payload["sha256"] in versions and inner.payload["document"] == said["document"]
        chained = not said["whole"] or inner.payload["before"] == before
        if not fits or not chained:
            raise BadInput("document-chain", document=said["document"], step=inner.payload["step"])
        before = inner.sha256
        signed.append(
            {name: inner.payload[name] for name in ("version", "step", "account", "at", "seat", "number")}
        )
    row = None
    if content is not None:
        digest = hashlib.sha256(content).hexdigest()
        row = versions.get(digest)
        if row is None:
            raise BadInput("document-strange", document=said["document"], sha256=digest[:16])
    facts = {name: said[name] for name in ("city", "document", "title", "at", "simulated")}
    told = {"version": row, "versions": said["versions"], "signed": signed, "signer": found.signer}
    return {"facts": facts, **told}


def events_told(events: tuple[DocumentEvent, ...], numbers: set[int], *, whole: bool) -> list[dict[str, Any]]:
    """Return the steps of the versions that are seen, each with whether it is signed.

    Parameters
    ----------
    whole
        Whether the way to the issue is told too: who checked, what was sent back and why.
    """
    return [
        {
            "id": event.id, "version": event.version, "step": event.step, "at": event.at, "by": event.by,
            "note": event.note, "seat": event.seat, "number": event.number, "shelf": event.shelf,
            "retention": event.retention, "recipients": list(event.recipients),
            "signed": orjson.loads(event.signature)["sha256"] if event.signature else "",
        }
        for event in events
        if event.version in numbers and (whole or event.step in PUBLIC)
    ]  # fmt: skip
