"""What does somebody sign who takes a step with a document? The hash, the step, and all signed before."""

from typing import Any

import orjson

from wenqu.errors import BadInput
from wenqu.records.official import DocumentEvent, DocumentVersion, OfficialDocument
from wenqu.services.freeze_figures import signing_key
from wenqu.store.database import Store
from wenqu.supervision.signed import read_signed, sign

SIGNATURE = "document-signature"


def signed_facts(
    city: str, document: OfficialDocument, version: DocumentVersion, event: DocumentEvent
) -> dict[str, Any]:
    """Return everything of a step that is signed, but for the signature before it."""
    return {
        "kind": SIGNATURE,
        "city": city,
        "document": document.id,
        "document_kind": document.kind,
        "title": document.title,
        "district": document.district,
        "subject": document.subject,
        "countersigners": list(document.countersigners),
        "version": version.number,
        "sha256": version.sha256,
        "name": version.name,
        "size": version.size,
        "reason": version.reason,
        "made_from": {
            "how": version.made_from.how,
            "name": version.made_from.name,
            "change": version.made_from.change,
            "at": version.made_from.at,
            "programme": version.made_from.programme,
            "said": version.made_from.said,
        },
        "event": event.id,
        "step": event.step,
        "account": event.by,
        "at": event.at,
        "note": event.note,
        "seat": event.seat,
        "number": event.number,
        "shelf": event.shelf,
        "retention": event.retention,
        "recipients": list(event.recipients),
        "simulated": event.simulated,
    }


def signature_of(
    store: Store, city: str, document: OfficialDocument, version: DocumentVersion, event: DocumentEvent,
    before: str,
) -> str:  # fmt: skip
    """Return the signed file of a step.

    Parameters
    ----------
    before
        SHA-256 of the last signature of this document, "" for the first.
    """
    payload = {**signed_facts(city, document, version, event), "before": before}
    return orjson.dumps(orjson.loads(sign(payload, signing_key(store)))).decode()


def digest_of_last(events: tuple[DocumentEvent, ...]) -> str:
    """Return the SHA-256 of the last signature among some events, "" when there is none."""
    last = next((event.signature for event in reversed(events) if event.signature), "")
    try:
        return read_signed(last.encode()).sha256 if last else ""
    except BadInput:  # somebody changed it: the next is signed all the same, and the check names the break
        return "broken"
