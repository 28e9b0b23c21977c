"""Which problems has a city, and how do they stand? Read once for each state of it."""

from wenqu.errors import Unknown
from wenqu.records.problem import Alarm, AlarmNoted, Problem, ProblemEvent
from wenqu.services.rights import Person, reach
from wenqu.store.database import Store
from wenqu.works.problem_life import Life, by_problem, life

PROBLEM, EVENT, ALARM, NOTED = "problem", "problem_event", "alarm", "alarm_noted"


def ledger(store: Store, city: str, as_of: str | None = None) -> dict[str, Life]:
    """Return every problem of a city as it stands or stood, by id, in the order they were filed."""
    events = by_problem(store.records(city, EVENT, ProblemEvent, as_of=as_of))
    rows = store.records(city, PROBLEM, Problem, as_of=as_of)
    return {row.id: life(row, events.get(row.id, ())) for row in rows}


def seen_by(person: Person, city: str, lives: dict[str, Life]) -> dict[str, Life]:
    """Return the problems that a person may read: of their district, of their body, or offered to them.

    What another district hands over is told to those who are to take it: who decides there.
    """
    there = reach(person, "read_attributes", city)
    if there.whole:
        return lives
    taking = {own for own, _ in reach(person, "decide", city).places}
    return {
        id_: one
        for id_, one in lives.items()
        if any(
            (own in {"", one.district} or (own == one.offered and own in taking))
            and whose in {"", one.body}
            and (own or whose)
            for own, whose in there.places
        )
    }


def may(person: Person, action: str, city: str, one: Life, district: str = "") -> bool:
    """Tell whether a person may take a step of an action at a problem, by its district and its body.

    Whoever decides needs the district (or the city); whoever works needs to be of the body that was charged
    with it, or of its district.
    """
    there = reach(person, action, city)
    if there.whole:
        return True
    zone = district or one.district
    return any(
        own in {"", zone} and whose in {"", one.body} and (own or whose) and not (whose and not one.body)
        for own, whose in there.places
    )


def problem_of(store: Store, city: str, id_: str, person: Person, as_of: str | None = None) -> Life:
    """Return one problem as it stands.

    Raises
    ------
    Unknown
        There is no such problem, or the person may not know of it.
    """
    found = seen_by(person, city, ledger(store, city, as_of)).get(id_)
    if found is None:
        raise Unknown("problem", name=id_)
    return found


def alarms(store: Store, city: str, person: Person) -> list[tuple[Alarm, AlarmNoted | None]]:
    """Return the alarms that a person may see, each with who took note of it; the open ones first."""
    noted = {row.alarm: row for row in reversed(store.records(city, NOTED, AlarmNoted))}
    seen = seen_by(person, city, ledger(store, city))
    rows = [(row, noted.get(row.id)) for row in store.records(city, ALARM, Alarm) if row.problem in seen]
    return sorted(rows, key=lambda pair: (pair[1] is not None, pair[0].at))
