"""Did an acceptance that was ended from outside enter the city before its end?

Whoever kills it, or calls it off, may come a moment too late: the change is written and nobody was told.
"""

from typing import Any

from wenqu.errors import StoreFailed, Unknown, UnknownCity
from wenqu.services.accept_import import DELIVERY, Accepted
from wenqu.services.deliveries import Deliveries, Delivery
from wenqu.services.jobs import Job
from wenqu.store.changes import Change
from wenqu.store.database import Store

BASED_ON = "based_on"  # in the summary of a check: the version of the city that it saw


def entered(store: Store, one: Delivery) -> Change | None:
    """Return the change by which a checked delivery has entered since; None while it has not."""
    based_on = (one.summary or {}).get(BASED_ON)
    if one.state != "checked" or based_on is None:
        return None
    try:
        since = store.version(one.city) - based_on
    except UnknownCity:
        return None
    change = store.changes(one.city, since)[-1] if since > 0 else None
    return change if change is not None and change.counts.get(DELIVERY) == one.id else None


def accepted_by(change: Change, one: Delivery) -> Accepted:
    """Return what became of a delivery, from the change and from what the check told."""
    told = one.summary or {}
    counts: dict[str, dict[str, int]] = {type_: change.counts.get(type_, {}) for type_ in told["types"]}
    changed = {
        type_: {name: some.get(name, 0) for name in ("new", "changed", "same")}
        for type_, some in counts.items()
    }
    closed = {type_: some["closed"] for type_, some in counts.items() if some.get("closed")}
    waiting, doubts, mended = (
        sum(entry["count"] for entry in told[kind]) for kind in ("queued", "flagged", "mended")
    )
    return Accepted(change.number, changed, closed, waiting, doubts, mended)


def happened(store: Store, kept: Deliveries, job: Job) -> dict[str, Any] | None:
    """Return the result of an acceptance that was ended when all was written; None where nothing was."""
    if job.kind != "accept" or not job.subject:
        return None
    try:
        with store.change(job.city, who=job.who or "-", why="-"):
            pass  # wait until whoever was at work has ended: this makes no change
        change = entered(store, kept.delivery(job.city, job.subject))
    except (Unknown, StoreFailed):
        return None
    return None if change is None else {"delivery": job.subject, "number": change.number}
