"""The lists of the programme as views of one ledger: problems, tasks, who answers for what."""

from collections.abc import Sequence
from typing import Any

from wenqu.errors import UnknownAsset
from wenqu.messages import say
from wenqu.network.model import Network
from wenqu.reports.official_docx import official_docx
from wenqu.reports.official_list import Cell, OfficialList, official_xlsx
from wenqu.reports.official_pdf import official_pdf
from wenqu.services.city_state import CityState
from wenqu.services.evidence_words import evidence_words
from wenqu.services.problem_filter import Sought, fits, sought_told
from wenqu.services.problem_ledger import ledger, seen_by
from wenqu.services.rights import Person
from wenqu.store.database import Store
from wenqu.store.moments import now
from wenqu.works.problem_life import Life
from wenqu.works.problem_tables import kinds, states

LISTS = ("problems", "tasks", "duties")
FORMS = ("xlsx", "docx", "pdf")
ALL = Sought()
COLUMNS = {
    "problems": (
        "number", "id", "district", "road", "asset", "kind", "severity", "what", "origin", "found_on",
        "length", "state",
    ),
    "tasks": (
        "number", "id", "district", "road", "asset", "kind", "measure", "body", "due", "length", "state",
        "overdue",
    ),
    "duties": ("number", "district", "body", "person", "count", "length", "open", "late", "closed"),
}  # fmt: skip
SUMMED = {"count", "length", "open", "late", "closed"}
ELSEWHERE = {"merged", "split", "refused"}  # their length counts in another problem, or in none
BORN = {"found", "reopened", "confirmed"}  # nobody is charged with it yet: no task


def problem_list(
    store: Store, state: CityState, name: str, person: Person, language: str, sought: Sought = ALL
) -> OfficialList:
    """Return one list in the official layout: title, city, day, columns, rows, what was asked for."""
    city = state.network.city
    lives = seen_by(person, city.code, ledger(store, city.code, state.network.as_of or None))
    at = state.network.as_of or now().isoformat(timespec="minutes")
    chosen = [one for one in lives.values() if fits(one, sought, at)]
    rows = _duties(chosen, state.network, language, at) if name == "duties" else [
        _row(number, one, state.network, language, at)
        for number, one in enumerate((one for one in chosen if name == "problems" or _is_task(one)), 1)
    ]  # fmt: skip
    columns = COLUMNS[name]
    asked = sought_told(sought, language, zone_name(state.network, sought.district))
    whole = all(row.get("standing", True) for row in rows)
    return OfficialList(
        say(f"problem.list.{name}", language, city=city.zh if language == "zh" else city.en or city.zh),
        say("problem.list.unit", language, city=city.zh or city.code),
        say("problem.list.day", language, day=at[:10]),
        tuple(say(f"problem.column.{column}", language) for column in columns),
        tuple(tuple(row[column] for column in columns) for row in rows),
        say("problem.list.signed", language),
        say("profile.simulated", language) if city.simulated else "",
        "  ".join(filter(None, (asked, "" if whole else say("problem.list.without", language)))),
        _total(columns, rows, language),
    )


def _total(columns: Sequence[str], rows: Sequence[dict[str, Any]], language: str) -> tuple[Cell, ...]:
    """Return the last row of a list: how many rows it has, and the sums of what can be added.

    The length of a problem that was merged, split or refused is not counted a second time.
    """
    if not rows:
        return ()
    standing = [row for row in rows if row.get("standing", True)]
    sums = {name: round(sum(row[name] or 0 for row in standing), 2) for name in columns if name in SUMMED}
    words = say("problem.list.total", language)
    of_rows = say("problem.list.rows", language, count=len(rows)) if "id" in columns else None
    return (words, of_rows, *(sums.get(name) for name in columns[2:]))


def list_file(made: OfficialList, form: str, language: str) -> bytes:
    """Return a list as the bytes of an XLSX, DOCX or PDF file."""
    if form == "pdf":
        return official_pdf(made, language)
    return official_xlsx(made) if form == "xlsx" else official_docx(made)


def _is_task(one: Life) -> bool:
    return one.stands.open and one.state not in BORN


def _row(number: int, one: Life, network: Network, language: str, at: str) -> dict[str, Any]:
    problem = one.problem
    kind, state = kinds()[problem.kind], states()[one.state]
    return {
        "number": number,
        "standing": one.state not in ELSEWHERE,
        "id": problem.id,
        "district": zone_name(network, one.district),
        "road": road_of(network, problem.asset_type, problem.asset),
        "asset": problem.asset,
        "kind": kind.zh if language == "zh" else kind.en,
        "severity": say(f"problem.severity.{problem.severity}", language),
        "what": problem.what or "; ".join(evidence_words(text, language) for text in problem.evidence),
        "origin": say(f"problem.origin.{problem.origin}", language),
        "found_on": problem.found_on,
        "length": round(problem.length, 2) or None,
        "state": state.zh if language == "zh" else state.en,
        "measure": _measure(one),
        "body": one.body,
        "due": one.due.replace("T", " "),
        "overdue": say("problem.list.yes", language) if one.overdue(at) else "",
    }


def _measure(one: Life) -> str:
    return next((event.note for event in reversed(one.events) if event.step == "design"), "")


def _duties(chosen: list[Life], network: Network, language: str, at: str) -> list[dict[str, Any]]:
    groups: dict[tuple[str, str, str], list[Life]] = {}
    for one in chosen:
        if one.state in BORN or one.state in ELSEWHERE:
            continue
        groups.setdefault((one.district, one.body, one.person), []).append(one)
    return [
        {
            "number": number,
            "district": zone_name(network, district),
            "body": body or say("problem.list.nobody", language),
            "person": person,
            "count": len(rows),
            "length": round(sum(one.problem.length for one in rows), 2),
            "open": sum(one.stands.open for one in rows),
            "late": sum(one.overdue(at) for one in rows),
            "closed": sum(one.state == "closed" for one in rows),
        }
        for number, ((district, body, person), rows) in enumerate(sorted(groups.items()), 1)
    ]


def zone_name(network: Network, id_: str) -> str:
    """Return what a district is called, its id where it has no name."""
    zones = network.table("zone")
    row = next((row for row, one in enumerate(zones.ids) if one == id_), None)
    return str((zones.column("name")[row] if row is not None else "") or id_)


def road_of(network: Network, type_: str, id_: str) -> str:
    """Return the road of an asset, "" where its type has none or none is named."""
    table = network.table(type_)
    if "road" not in table.fields:
        return ""
    try:
        row = network.row(type_, id_)
    except UnknownAsset:  # closed since the problem was found
        return ""
    return str(table.column("road")[row] or "")
