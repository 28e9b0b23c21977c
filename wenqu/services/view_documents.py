"""What does the page show of official documents: the register, one document, the register on paper?"""

from dataclasses import asdict, dataclass
from typing import Any

from wenqu.messages import say
from wenqu.reports.official_list import Cell, OfficialList
from wenqu.services.city_state import CityState
from wenqu.services.consultation_ledger import runs, seen_rounds
from wenqu.services.document_register import document_of, seen_documents
from wenqu.services.document_seats import inside, may_step, seat_told, sits, takes, works_there
from wenqu.services.file_document import programme_at
from wenqu.services.past import Past, past_of
from wenqu.services.problem_lists import zone_name
from wenqu.services.rights import Person, roles
from wenqu.services.verify_documents import events_told
from wenqu.services.view_figures import day_of
from wenqu.store.database import Store
from wenqu.supervision.document_life import COUNTERSIGN, FILED, OBJECT, DocumentLife, VersionLife, open_steps
from wenqu.supervision.document_tables import kinds, retentions, states, steps

LISTED = 2000
NAMES = ("title", "number", "force_number", "shelf", "id")
COLUMNS = (
    "order", "title", "kind", "district", "version", "state", "number", "issued", "shelf", "retention",
    "kept_until", "by", "sha256",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sought:
    """What of the register is asked for; "" is all."""

    kind: str = ""
    state: str = ""
    district: str = ""
    text: str = ""  # part of the title or of a number
    mine: bool = False  # only where a step is open to the person


def view_documents(
    store: Store, state: CityState, person: Person, sought: Sought, on: str = ""
) -> dict[str, Any]:
    """Return the register as a person may see it, newest first, and what is called how.

    With ``on`` it is the register of that ISO day, by what the state knows.
    """
    city, when = state.network.city.code, past_of(state, on)
    seen = seen_documents(store, city, person, when)
    rows = [_row(life, numbers, state, person, when) for life, numbers in seen.values()]
    chosen = [row for row in reversed(rows) if _fits(row, sought)]
    return {
        "day": when.day or day_of(state),
        "known": day_of(state),
        "rows": chosen[:LISTED],
        "count": len(chosen),
        "states": {name: sum(row["state"] == name for row in rows) for name in states()},
        "mine": sum(bool(row["steps"]) for row in rows),
        "tables": document_tables(),
        "districts": _places(state, person),
        "choices": seat_choices(state),
        "may": bool(_places(state, person)) and not when.back,
        "simulated": state.network.city.simulated,
    }


def _places(state: CityState, person: Person) -> list[dict[str, str]]:
    """Return where a person may draft documents: "" is the whole city."""
    city, zones = state.network.city.code, state.network.table("zone")
    kind = zones.column("kind")
    districts = [str(id_) for row, id_ in enumerate(zones.ids) if kind[row] == "district"]
    return [
        {"district": one, "name": zone_name(state.network, one) if one else ""}
        for one in ("", *districts)
        if takes(person, city, one, steps()[FILED])
    ]


def _fits(row: dict[str, Any], sought: Sought) -> bool:
    text = sought.text.casefold()
    return (
        sought.kind in {"", row["kind"]}
        and sought.state in {"", row["state"]}
        and sought.district in {"", row["district"]}
        and (not text or any(text in str(row.get(name, "")).casefold() for name in NAMES))
        and (not sought.mine or bool(row["steps"]))
    )


def shown_version(life: DocumentLife, numbers: set[int]) -> VersionLife | None:
    """Return the newest version that is seen."""
    return next((one for one in reversed(life.versions) if one.version.number in numbers), None)


def _row(
    life: DocumentLife, numbers: set[int], state: CityState, person: Person, when: Past
) -> dict[str, Any]:
    document, one = life.document, shown_version(life, numbers)
    force = life.in_force
    return {
        "id": document.id,
        "kind": document.kind,
        "title": document.title,
        "district": document.district,
        "district_name": zone_name(state.network, document.district) if document.district else "",
        "subject": document.subject,
        "body": document.body,
        "version": one.version.number if one else 0,
        "state": one.state if one else "",
        "since": one.since if one else document.at,
        "by": one.version.by if one else document.by,
        "sha256": one.version.sha256 if one else "",
        "number": one.number if one else "",
        "force_number": force.number if force and force.version.number in numbers else "",
        "issued_at": one.issued_at if one else "",
        "shelf": one.shelf if one else "",
        "retention": one.retention if one else "",
        "kept_until": one.kept_until() if one else "",
        "in_force": force.version.number if force and force.version.number in numbers else 0,
        "files": not when.back and takes(person, state.network.city.code, document.district, steps()[FILED]),
        "steps": [] if when.back or one is None else _own_steps(life, one, state.network.city.code, person),
    }


def _own_steps(life: DocumentLife, one: VersionLife, city: str, person: Person) -> list[str]:
    """Return the steps that a person may take with a version; a note is no step that waits for anybody."""
    return [
        step.name
        for step in open_steps(life, one.version.number)
        if step.name != "note"
        and may_step(person, city, life, step.name)
        and (person.local or not any(was in step.apart and who == person.account for was, who in one.hands))
    ]


def view_document(store: Store, state: CityState, id_: str, person: Person, on: str = "") -> dict[str, Any]:
    """Return one document: versions, steps and signatures, who has to sign, rounds of consultation."""
    city, when = state.network.city.code, past_of(state, on)
    life, numbers = document_of(store, city, id_, person, when)
    programme = programme_at(store, city, when.known)
    network = state.network
    mine = [seat for seat in life.waits_for if not when.back and person.account and sits(person, city, seat)]
    works = runs(person, city, life) or works_there(person, city, life.document.district)
    rounds = [one for one, _ in seen_rounds(store, city, person, when).values()
              if one.consultation.document == id_]  # fmt: skip
    return {
        **_row(life, numbers, state, person, when),
        "begun": {"by": life.document.by, "at": life.document.at},
        "countersigners": [
            {**seat_told(seat, network), "signed": seat not in life.waits_for}
            for seat in life.document.countersigners
        ],
        "seats": mine,
        "versions": [
            _version_told(life, one, state, person, programme, when)
            for one in reversed(life.versions)
            if one.version.number in numbers
        ],
        "events": events_told(life.events, numbers, whole=inside(person, city, life)),
        "inside": inside(person, city, life),
        "seen": len(life.events),
        "rounds": [
            {
                "id": one.consultation.id,
                "version": one.consultation.version,
                "due": one.due,
                "closed": one.closed,
                "totals": asdict(one.totals) if works else None,
            }
            for one in rounds
        ],
        "unanswered": sum(one.totals.open for one in rounds) if works else 0,
        "runs": not when.back and runs(person, city, life),
        "programme": programme,
        "choices": seat_choices(state),
        "tables": document_tables(),
        "simulated": life.document.simulated,
    }


def _version_told(
    life: DocumentLife, one: VersionLife, state: CityState, person: Person, programme: str, when: Past
) -> dict[str, Any]:
    version = one.version
    stale = bool(version.made_from.programme) and version.made_from.programme != programme
    return {
        "version": version.number,
        "name": version.name,
        "media": version.media,
        "size": version.size,
        "sha256": version.sha256,
        "reason": version.reason,
        "by": version.by,
        "at": version.at,
        "made_from": {**asdict(version.made_from), "stale": stale},
        "facts": dict(version.facts),
        "state": one.state,
        "since": one.since,
        "number": one.number,
        "issued_at": one.issued_at,
        "shelf": one.shelf,
        "retention": one.retention,
        "kept_until": one.kept_until(),
        "over": bool(one.kept_until()) and (when.day or day_of(state)) > one.kept_until(),
        "recipients": [seat_told(seat, state.network) for seat in one.recipients],
        "replaced_by": life.replaced_by(version.number),
        "steps": [] if when.back else _own_steps(life, one, state.network.city.code, person),
    }


def seat_choices(state: CityState) -> list[dict[str, str]]:
    """Return the seats that can be offered: the districts and the roles; bodies and accounts are written."""
    zones = state.network.table("zone")
    kind = zones.column("kind")
    seats = [f"district:{id_}" for row, id_ in enumerate(zones.ids) if kind[row] == "district"]
    seats += [f"role:{name}" for name in roles() if name not in {"public_reader", "administrator"}]
    return [seat_told(seat, state.network) for seat in seats]


def document_tables() -> dict[str, Any]:
    """Return how kinds, states, steps and times of keeping are called."""
    return {
        "kinds": {
            row.name: {"zh": row.zh, "en": row.en, "retention": row.retention, "paper": row.paper}
            for row in kinds().values()
        },
        "states": {row.name: {"zh": row.zh, "en": row.en, "open": row.open} for row in states().values()},
        "steps": {
            row.name: {
                "zh": row.zh,
                "en": row.en,
                "needs": row.needs,
                "seat": row.name in {COUNTERSIGN, OBJECT},
            }
            for row in steps().values()
        },
        "retentions": {
            row.name: {"zh": row.zh, "en": row.en, "source": row.source, "status": row.status}
            for row in retentions().values()
        },
    }


def register_list(
    store: Store, state: CityState, person: Person, sought: Sought, language: str, on: str = ""
) -> OfficialList:
    """Return the register in the official layout: a row for each version, the newest document first."""
    city, when = state.network.city, past_of(state, on)
    tables = document_tables()

    def called(table: str, name: str) -> str:
        return str(tables[table][name][language]) if name else ""

    made: list[tuple[Cell, ...]] = []
    for life, numbers in reversed(seen_documents(store, city.code, person, when).values()):
        document = life.document
        zone = zone_name(state.network, document.district) if document.district else ""
        where = zone or say("page.official.whole_city", language)
        for one in life.versions:
            named = {"title": document.title, "number": one.number, "shelf": one.shelf, "id": document.id}
            facts = {"kind": document.kind, "state": one.state, "district": document.district, "steps": ()}
            if one.version.number in numbers and _fits(named | facts, sought):
                made.append(
                    (
                        len(made) + 1, document.title, called("kinds", document.kind), where,
                        f"v{one.version.number}", called("states", one.state), one.number,
                        one.issued_at[:10], one.shelf, called("retentions", one.retention),
                        one.kept_until(), one.version.by, _parted(one.version.sha256),
                    )
                )  # fmt: skip
    name = city.zh if language == "zh" else city.en or city.zh
    return OfficialList(
        say("document.list.title", language, city=name),
        say("problem.list.unit", language, city=name or city.code),
        say("problem.list.day", language, day=when.day or day_of(state)),
        tuple(say(f"document.column.{column}", language) for column in COLUMNS),
        tuple(made),
        say("document.list.signed", language),
        say("profile.simulated", language) if city.simulated else "",
    )


def _parted(digest: str) -> str:
    """Return a hash in groups, so that a narrow column can break it."""
    return " ".join(digest[place : place + 16] for place in range(0, len(digest), 16))
