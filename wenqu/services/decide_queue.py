"""What does a person decide about rows of the queue? Some rows, or all of one kind, as one change."""

from collections.abc import Mapping, Sequence
from typing import Any

from wenqu.errors import BadInput
from wenqu.services.city_state import Cities
from wenqu.services.let_in_inspections import is_survey, let_in_rows
from wenqu.services.mend_queue import (
    Mending,
    confirm_rows,
    dismiss_rows,
    repair_rows,
    rewrite_row,
    undo_mending,
)
from wenqu.services.once_more import once_more
from wenqu.services.rights import Person
from wenqu.store.waiting import Sought, Waiting

MOST = 500  # inspections that are let in at once
LETTING_IN = ("repair", "confirm", "rewrite")  # of an inspection each of them means: it is of this pipe


def _surveys(known: Cities, city: str, ids: Sequence[int]) -> list[Waiting]:
    return [row for row in known.store.waiting(city, Sought(ids=tuple(ids[:MOST]))) if is_survey(row)]


def decide(known: Cities, city: str, asked: Mapping[str, Any], person: Person) -> Mending:
    """Do what is asked with open rows; where somebody else edits meanwhile, they are judged once more.

    Parameters
    ----------
    asked
        ``act``: repair, dismiss, confirm, rewrite or undo (``number`` of the change); ``ids``, or
        ``rule`` for all of a kind; ``key`` of the
        repair; ``closing``: how many assets several repairs may take out of the city; ``why``;
        ``fields`` of a rewritten row.

    Raises
    ------
    BadInput
        No row is named, or none is open.
    Refused
        The city changes quicker than it can be judged (``queue-stale``); assets would be taken out of it
        that nobody has agreed to lose (``queue-closes``).
    """
    return once_more(lambda: _decided(known, city, asked, person))


def _decided(known: Cities, city: str, asked: Mapping[str, Any], person: Person) -> Mending:
    who = person.account
    act, why = str(asked.get("act", "")), str(asked.get("why", "")).strip()
    ids = [int(one) for one in asked.get("ids", ())]
    rule = str(asked.get("rule", ""))
    if rule and not ids:
        ids = [row.id for row in known.store.waiting(city, Sought(rule=rule))]
    if act == "undo":
        number = int(asked.get("number", 0))
        return undo_mending(known.store, city, number, person=person, who=who, why=why or act)
    if not ids and rule:
        waiting = dict.fromkeys(name for name, *_ in known.store.count_waiting(city))
        raise BadInput("queue-rule", city=city, rule=rule, known=", ".join(waiting) or "–")
    if not ids:
        raise BadInput("queue-nothing", city=city)
    network = known.whole.state(city).network  # what is right at a border is judged from both sides
    if act in LETTING_IN and (surveys := _surveys(known, city, ids)):
        key = str(asked.get("key", ""))
        return let_in_rows(known.store, network, surveys, key=key, who=who, why=why or rule or act)
    if act == "repair":
        key, closing = str(asked.get("key", "")), int(asked.get("closing") or 0)
        why = why or rule or key or act
        return repair_rows(known.store, network, ids, key=key, closing=closing, who=who, why=why)
    if act == "confirm":
        return confirm_rows(known.store, network, ids, who=who, why=why or act)
    if act == "rewrite":
        return rewrite_row(
            known.store, network, ids[0], dict(asked.get("fields", {})), who=who, why=why or act
        )
    if act == "dismiss":
        return dismiss_rows(known.store, network, ids, who=who, why=why)
    raise BadInput("queue-act", act=act)
