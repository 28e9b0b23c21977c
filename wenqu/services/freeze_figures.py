"""Freeze the list behind a percentage: who, when, why, and how it differs from the one before."""

from collections.abc import Mapping

from wenqu.errors import BadInput, Refused, Unknown
from wenqu.records.denominator import Frozen
from wenqu.services.city_state import CityState
from wenqu.services.programme_accounts import LISTS, frozen_versions, living_list, read_list
from wenqu.services.rights import Person, demand, demand_account, reach
from wenqu.services.works_ledger import works_ledger
from wenqu.store.database import Store
from wenqu.store.moments import now
from wenqu.supervision.accounting import PipeList
from wenqu.supervision.bridge import Bridge, bridge
from wenqu.supervision.figure_rows import pipe_digests
from wenqu.supervision.signed import Key, new_key, sign, thumbprint
from wenqu.supervision.targets import milestone

KEY = "figures"  # name of the key that signs


def signing_key(store: Store) -> Key:
    """Return the key that this store signs figures with."""
    return store.secret(KEY, new_key)


def freeze_list(
    store: Store, city: str, key: str, *, person: Person, reason: str, again: bool = False
) -> Frozen:
    """Freeze the pipes that a percentage is a share of, as the city is now.

    Parameters
    ----------
    key
        surveyed (the sewage network) or repaired (the problem network).
    again
        Whether a list that is the same as the frozen one is frozen once more.

    Raises
    ------
    Unknown
        There is no such list.
    BadInput
        No reason is given, or there is no pipe to list.
    Refused
        The person may not decide for the whole city, or nothing has changed (``frozen-same``).
    """
    demand_account(person)
    _may_freeze(person, city)
    if key not in LISTS:
        raise Unknown("list", name=key, known=", ".join(LISTS))
    if not reason.strip():
        raise BadInput("freeze-reason", list=key)
    secret = signing_key(store)
    with store.change(city, who=person.account, why=f"freeze {key}: {reason.strip()}") as change:
        state = CityState(store.network(city))
        pipes = living_list(store, state, key)
        if not len(pipes):
            raise BadInput("freeze-empty", list=key)
        before = frozen_versions(store, state, key)
        last = before[-1] if before else None
        if last is not None and last.digest == pipes.digest and not again:
            raise Refused("frozen-same", list=key, version=last.version)
        version = last.version + 1 if last else 1
        made = Frozen(
            key, version, now().date().isoformat(), state.network.version, len(pipes), pipes.total_mm,
            pipes.digest, f"figures/lists/{key}-{version:04d}.json", reason.strip(), person.account,
            now().isoformat(timespec="seconds"), thumbprint(secret), last.digest if last else "",
            milestone(key, now().date()).edition, state.network.city.simulated,
        )  # fmt: skip
        steps = None if last is None else _between(store, state, last, read_list(store, state, last), pipes)
        change.write_document(
            made.document, sign(_payload(city, made, pipes, steps), secret), "application/json"
        )
        change.add_records("frozen", [made])
    return made


def _may_freeze(person: Person, city: str) -> None:
    demand(person, "decide", city)
    if not reach(person, "decide", city).whole:
        raise Refused("freeze-rights", city=city)


def _payload(city: str, made: Frozen, pipes: PipeList, steps: Bridge | None) -> dict[str, object]:
    return {
        "kind": "denominator",
        "city": city,
        "list": made.key,
        "version": made.version,
        "as_of": made.as_of,
        "network": made.network,
        "count": made.count,
        "length_mm": made.length_mm,
        "digest": made.digest,
        "before": made.before,
        "reason": made.reason,
        "by": made.by,
        "at": made.at,
        "edition": made.edition,
        "simulated": made.simulated,
        "pipes": {"id": list(pipes.ids), "length_mm": pipes.length_mm, "district": list(pipes.districts)},
        "digests": pipe_digests(pipes),
        "bridge": None if steps is None else bridge_told(steps),
    }


def bridge_told(found: Bridge) -> dict[str, object]:
    """Return a bridge as it is sent: sums by kind and cause, and every pipe."""
    return {
        "before_mm": found.before_mm,
        "after_mm": found.after_mm,
        "before_count": found.before_count,
        "after_count": found.after_count,
        "rows": [
            {"kind": row.kind, "cause": row.cause, "count": row.count, "difference_mm": row.difference_mm}
            for row in found.rows
        ],
        "steps": [
            {
                "kind": step.kind,
                "cause": step.cause,
                "pipe": step.pipe,
                "before_mm": step.before_mm,
                "after_mm": step.after_mm,
                "district": step.district,
                "district_before": step.district_before,
            }
            for step in found.steps
        ],
    }


def bridge_now(store: Store, state: CityState, key: str) -> Bridge | None:
    """Return how the city as it is differs from the frozen list; None when nothing was frozen."""
    versions = frozen_versions(store, state, key)
    if not versions:
        return None
    last = versions[-1]
    return _between(store, state, last, read_list(store, state, last), living_list(store, state, key))


def _between(store: Store, state: CityState, last: Frozen, old: PipeList, new: PipeList) -> Bridge:
    return bridge(old, new, _causes(store, state, last, old, new))


def _causes(store: Store, state: CityState, last: Frozen, old: PipeList, new: PipeList) -> Mapping[str, str]:
    """Return why each pipe may differ: by works, by an edit of the network, or by the rule of the list."""
    ledger = works_ledger(store, state)
    there = {str(name) for name in state.network.table("conduit").ids}
    before = store.network(state.network.city.code, as_of=last.at, types=["conduit"]).table("conduit")
    was = {str(name) for name in before.ids}
    mine, ours = set(old.ids), set(new.ids)
    built = {one.asset: one for one in ledger.as_built}
    causes = {}
    for id_ in mine | ours:
        if id_ not in mine:
            causes[id_] = (
                "works" if id_ in built and built[id_].replaces else "scope" if id_ in was else "new"
            )
        elif id_ not in ours:
            removed = id_ in built and built[id_].removed
            causes[id_] = "works" if id_ in ledger.after or removed else "scope" if id_ in there else "closed"
        else:
            causes[id_] = "works" if id_ in built else "edit"
    return causes
