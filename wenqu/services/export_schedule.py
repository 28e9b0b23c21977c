"""The schedule as a file: a workbook, a plain table, a calendar, or a project that MS Project opens."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from xml.sax.saxutils import escape

from wenqu.messages import say
from wenqu.services.city_state import Cities
from wenqu.services.export_backward import Page, workbook
from wenqu.services.rights import Person
from wenqu.services.view_schedule import view_schedule

KM, WAN = 1000.0, 10_000.0  # [m], [yuan]
HOURS = 8  # of a working day in MS Project's file
Told = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Made:
    """A file that was made."""

    body: bytes
    media: str


def schedule_file(
    known: Cities, city: str, person: Person, form: str, language: str, as_of: str = ""
) -> Made:
    """Return the schedule as a person sees it in one of the forms: xlsx, csv, ics or xml.

    Raises
    ------
    NotEnoughData
        The city has no programme.
    Refused
        The person may read nothing of the city.
    """
    told = view_schedule(known, city, person, as_of)
    write, media = FORMS[form]
    return Made(write(told, language), media)


def _xlsx(told: Told, language: str) -> bytes:
    pages = [
        build(told, language) for build in (_lots, _steps, _months, _crews, _chain, _reach, _delays, _assumed)
    ]
    return workbook(pages, say("profile.simulated", language) if told["simulated"] else "")


def _heads(language: str, *keys: str) -> tuple[str, ...]:
    return tuple(say(f"schedule.column.{key}", language) for key in keys)


def _page(language: str, name: str, keys: Sequence[str], rows: Sequence[Sequence[object]]) -> Page:
    return Page(say(f"schedule.sheet.{name}", language), _heads(language, *keys), rows)


def step_names(told: Told, language: str) -> dict[str, str]:
    """Return the name of each step."""
    return {one["step"]: one[language] for one in told["tables"]["steps"]}


def crew_name(told: Told, crew: str, language: str) -> str:
    """Return how a crew is called: the contractor, else its trade and number."""
    pool, _, number = crew.rpartition("-")
    if pool.startswith("@"):
        return pool[1:]
    trades = {one["trade"]: one[language] for one in told["tables"]["trades"]}
    return say("schedule.crew", language, trade=trades.get(pool, pool), number=number) if pool else crew


def _zone(told: Told, id_: str, language: str) -> str:
    return str(told["districts"].get(id_) or id_ or say("backward.nowhere", language))


def _works(lot: Told) -> Told:
    return next(task for task in lot["tasks"] if task["step"] == "works")


LOT = ("lot", "window", "district", "trade", "let", "packages", "length", "cost", "days", "crew", "begins",
       "works_begin", "works_end", "ends", "due", "late", "spare", "state", "why", "critical")  # fmt: skip


def _lots(told: Told, language: str) -> Page:
    trades = {one["trade"]: one[language] for one in told["tables"]["trades"]}
    yes = say("schedule.yes", language)
    rows = [
        [
            lot["name"][language], lot["window"], _zone(told, lot["district"], language),
            trades[lot["trade"]], yes if lot["let"] else "", lot["count"], round(lot["length"] / KM, 3),
            round(lot["cost"] / WAN, 2), round(lot["days"], 1), crew_name(told, lot["crew"], language),
            lot["begins"], _works(lot)["begins"], _works(lot)["ends"], lot["ends"], lot["due"],
            max(0, lot["late"]), round(lot["spare"], 1), say(f"schedule.state.{lot['state']}", language),
            say(f"schedule.why.{lot['why']}", language) if lot["why"] else "", yes if lot["critical"] else "",
        ]
        for lot in told["lots"]
    ]  # fmt: skip
    return _page(language, "lots", LOT, rows)


STEP = ("lot", "step", "begins", "ends", "days", "latest", "spare", "crew", "critical")


def _step_rows(told: Told, language: str) -> list[list[object]]:
    names, yes = step_names(told, language), say("schedule.yes", language)
    return [
        [
            lot["name"][language], names.get(task["step"], task["step"]), task["begins"], task["ends"],
            round(task["days"], 1), task["latest"], round(task["spare"], 1),
            crew_name(told, lot["crew"], language) if task["step"] == "works" else "",
            yes if task["critical"] else "",
        ]
        for lot in told["lots"]
        for task in lot["tasks"]
    ]  # fmt: skip


def _steps(told: Told, language: str) -> Page:
    return _page(language, "steps", STEP, _step_rows(told, language))


def _months(told: Told, language: str) -> Page:
    rows = [
        [month[:4], f"Q{(int(month[5:]) + 2) // 3}", month, crew_name(told, lot["crew"], language),
         lot["name"][language], round(days, 1), round(length / KM, 4)]
        for lot in told["lots"]
        for month, (days, length) in lot["months"].items()
    ]  # fmt: skip
    rows.sort(key=lambda row: (row[2], row[3], row[4]))
    return _page(language, "months", ("year", "quarter", "month", "crew", "lot", "days", "length"), rows)


def _crews(told: Told, language: str) -> Page:
    rows = sorted(
        [crew_name(told, lot["crew"], language), _works(lot)["begins"], _works(lot)["ends"],
         lot["name"][language], round(lot["days"], 1)]
        for lot in told["lots"]
        if lot["days"] > 0
    )  # fmt: skip
    return _page(language, "crews", ("crew", "begins", "ends", "lot", "days"), rows)


def _chain(told: Told, language: str) -> Page:
    names, steps = {lot["id"]: lot["name"][language] for lot in told["lots"]}, step_names(told, language)
    rows = [
        [chain["due"], chain["ends"], round(chain["spare"], 1), round(chain["needed"], 1),
         names.get(link["lot"], link["lot"]), steps.get(link["step"], link["step"]),
         say(f"schedule.waits.{link['waits']}", language)]
        for chain in told["chains"]
        for link in chain["links"]
    ]  # fmt: skip
    return _page(language, "chain", ("due", "ends", "spare", "needed", "lot", "step", "waits"), rows)


def _reach(told: Told, language: str) -> Page:
    yes, no = say("schedule.kept", language), say("schedule.missed", language)
    rows = [
        [one["by"], say(f"schedule.rule.{one['rule']}", language), scope_name(told, one, language),
         _shown(one, "demanded"), _shown(one, "promised"), _shown(one, "reached"), _unit(one["rule"]),
         yes if one["kept"] else no]
        for one in told["reach"]
    ]  # fmt: skip
    keys = ("due", "rule", "scope", "demanded", "promised", "reached", "unit", "state")
    return _page(language, "reach", keys, rows)


def _shown(one: Told, name: str) -> float | None:
    value = float(one[name])
    if value != value:  # noqa: PLR0124 - NaN
        return None
    return round(value * 100, 2) if one["rule"] in {"length", "capacity"} else round(value, 2)


def _unit(rule: str) -> str:
    return {"plant": "mg/L", "must": "m"}.get(rule, "%")


def scope_name(told: Told, one: Told, language: str) -> str:
    """Return what a rule speaks of: a plant, a district, the city."""
    if not one["scope"]:
        return say("plan.scope.city", language)
    if one["rule"] == "plant":
        return str(told["plants"].get(one["scope"], one["scope"]))
    return _zone(told, one["scope"], language)


def _delays(told: Told, language: str) -> Page:
    names, steps = {lot["id"]: lot["name"][language] for lot in told["lots"]}, step_names(told, language)
    rows = [
        [names.get(one["lot"], one["lot"]), steps.get(one["step"], one["step"]), one["until"], one["reason"],
         one["by"], one["at"][:10]]
        for one in told["delays"]
    ]  # fmt: skip
    return _page(language, "delays", ("lot", "step", "until", "reason", "by", "at"), rows)


def _assumed(told: Told, language: str) -> Page:
    tables = told["tables"]
    rows: list[list[object]] = [
        [say("schedule.sheet.steps", language), one[language], one["days"] or "", one["source"],
         one["status"]]
        for one in tables["steps"]
    ]  # fmt: skip
    rows += [
        [say("schedule.sheet.crews", language), one[language], one["crews"], one["source"], one["status"]]
        for one in tables["trades"]
    ]
    rows += [
        [one[language], f"{one['begins']} – {one['ends']}", one["share"], one["source"], one["status"]]
        for one in tables["seasons"]
    ]
    rows += [
        [say("schedule.closed", language), one["road"], f"{one['since']} – {one['until']}", one["source"], ""]
        for one in tables["closures"]
    ]
    rows += [
        [say("backward.sheet.days", language), row["date"], say(f"backward.kind.{row['kind']}", language),
         row["source"], row["status"]]
        for row in told["calendar"]["days"]
    ]  # fmt: skip
    rows += [
        [say("backward.sheet.days", language), year, "",
         say("backward.unpublished", language, years=str(year)), ""]
        for year in told["calendar"]["unpublished"]
    ]  # fmt: skip
    return _page(language, "assumed", ("what", "name", "value", "source", "status"), rows)


def _csv(told: Told, language: str) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_heads(language, *STEP))
    writer.writerows([[_plain(cell) for cell in row] for row in _step_rows(told, language)])
    if told["simulated"]:
        writer.writerow([say("profile.simulated", language)])
    return out.getvalue().encode("utf-8-sig")


def _plain(cell: object) -> object:
    """Return a cell of a table that opens as text, whatever it begins with."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell


def _ics(told: Told, language: str) -> bytes:
    """Return the works and the acceptance of each lot as days of a calendar (RFC 5545)."""
    names = step_names(told, language)
    stamp = told["day"].replace("-", "") + "T000000Z"
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Wenqu//schedule//ZH", "CALSCALE:GREGORIAN"]
    for lot in told["lots"]:
        for task in lot["tasks"]:
            ends = date.fromisoformat(task["ends"]) + timedelta(days=1)
            said = f"{lot['name'][language]} {names.get(task['step'], task['step'])}"
            lines += [
                "BEGIN:VEVENT", f"UID:{lot['id']}-{task['step']}@wenqu", f"DTSTAMP:{stamp}",
                f"DTSTART;VALUE=DATE:{task['begins'].replace('-', '')}",
                f"DTEND;VALUE=DATE:{ends.isoformat().replace('-', '')}",
                f"SUMMARY:{_text(said + _simulated(told, language))}",
                f"CATEGORIES:{_text(names.get(task['step'], task['step']))}", "END:VEVENT",
            ]  # fmt: skip
    return ("\r\n".join(_folded(line) for line in [*lines, "END:VCALENDAR"]) + "\r\n").encode()


def _simulated(told: Told, language: str) -> str:
    return f" ({say('profile.simulated', language)})" if told["simulated"] else ""


def _text(said: str) -> str:
    for mark in ("\\", ";", ","):
        said = said.replace(mark, f"\\{mark}")
    return said.replace("\n", "\\n")


def _folded(line: str) -> str:
    """Return a line in pieces of at most 75 octets, no letter cut."""
    made, size = [""], 0
    for letter in line:
        long = len(letter.encode())
        if size + long > 74:
            made.append(" ")
            size = 1
        made[-1] += letter
        size += long
    return "\r\n".join(made)


def _xml(told: Told, language: str) -> bytes:
    """Return the lots as summary tasks with their steps, and who waits for whom, as MS Project reads them."""
    names = step_names(told, language)
    number: dict[tuple[str, str], int] = {}
    for lot in told["lots"]:
        for step in ("", *(task["step"] for task in lot["tasks"])):
            number[lot["id"], step] = len(number) + 1
    title = f"{told['programme']['id']}{_simulated(told, language)}"
    parts = [
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>',
        '<Project xmlns="http://schemas.microsoft.com/project">',
        f"<Name>{escape(title)}</Name><Title>{escape(title)}</Title>",
        f"<StartDate>{told['first']}T08:00:00</StartDate>",
        "<ScheduleFromStart>1</ScheduleFromStart><MinutesPerDay>480</MinutesPerDay><Tasks>",
    ]
    for lot in told["lots"]:
        head = (lot["name"][language], lot["begins"], lot["ends"])
        parts.append(_project_task(number[lot["id"], ""], 1, head, 0.0, []))
        for task in lot["tasks"]:
            row = (names.get(task["step"], task["step"]), task["begins"], task["ends"])
            after = [number[lot["id"], name] for name in task["after"] if (lot["id"], name) in number]
            parts.append(_project_task(number[lot["id"], task["step"]], 2, row, task["days"], after))
    return "\n".join([*parts, "</Tasks></Project>"]).encode()


def _project_task(uid: int, level: int, row: tuple[str, str, str], days: float, after: Sequence[int]) -> str:
    name, begins, ends = row
    links = "".join(
        f"<PredecessorLink><PredecessorUID>{one}</PredecessorUID><Type>1</Type></PredecessorLink>"
        for one in after
    )
    hours = round(days * HOURS)
    return (
        f"<Task><UID>{uid}</UID><ID>{uid}</ID><Name>{escape(name)}</Name><Manual>1</Manual>"
        f"<OutlineLevel>{level}</OutlineLevel><Start>{begins}T08:00:00</Start>"
        f"<Finish>{ends}T17:00:00</Finish><Duration>PT{hours}H0M0S</Duration>"
        f"<Summary>{int(level == 1)}</Summary>{links}</Task>"
    )


FORMS: Mapping[str, tuple[Callable[[Told, str], bytes], str]] = {
    "xlsx": (_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": (_csv, "text/csv; charset=utf-8"),
    "ics": (_ics, "text/calendar; charset=utf-8"),
    "xml": (_xml, "application/xml"),
}
