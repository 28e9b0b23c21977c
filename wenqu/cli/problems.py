"""Problems from the command line: find, list, show, step, lists in the official layout, alarms.

The command imports the services it calls when it is called: a list of commands must not wait for all of them.
"""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from wenqu.cli.evidence import AsJson, CityOption
from wenqu.cli.output import answer, author, figure, opened, people, settings, table, words

SHOWN = 40
IdArgument = Annotated[str, typer.Argument(help="number of the problem, as P-1a2b3c4d5e")]
InState = Annotated[str, typer.Option("--state", help="only problems in this state, as found or repairing")]
InDistrict = Annotated[str, typer.Option("--district", help="only of this district (id of a zone)")]
OfBody = Annotated[str, typer.Option("--body", help="only those this body is charged with")]
OfPerson = Annotated[str, typer.Option("--person", help="only those this person answers for")]
OfKind = Annotated[str, typer.Option("--kind", help="only of this kind, as structural or outfall")]
OfOrigin = Annotated[str, typer.Option("--origin", help="only of this origin, as cctv or patrol")]
Since = Annotated[str, typer.Option("--since", help="found on this day or later, YYYY-MM-DD")]
Until = Annotated[str, typer.Option("--until", help="found on this day or before, YYYY-MM-DD")]
Overdue = Annotated[bool, typer.Option("--overdue", help="only those whose date has passed")]
AsOf = Annotated[str, typer.Option("--as-of", help="a past day, YYYY-MM-DD")]
Note = Annotated[str, typer.Option(help="what is to be said about it")]

problems = typer.Typer(
    help="One problem, one life: find, list, show, step, split, export, alarms.", no_args_is_help=True
)
groups: dict[str, typer.Typer] = {"problems": problems}


@problems.command("find")
def find(city: CityOption, as_json: AsJson = False) -> None:
    """File a problem for all evidence (grades, checks, diagnosis) that has none yet."""
    from dataclasses import replace

    from wenqu.services.city_state import CityState
    from wenqu.services.find_problems import find_problems
    from wenqu.services.rights import LOCAL

    with opened() as store:
        made = find_problems(store, CityState(store.network(city)), person=replace(LOCAL, account=author()))
    if as_json:
        answer(made)
        return
    facts = {
        "filed": len(made.filed),
        "again": len(made.reopened),
        "weighed": len(made.weighed),
        "known": made.known,
        "alarms": len(made.alarms),
    }
    people.print(words("problem.cli.found", city=city, **facts))


@problems.command("list")
def list_(  # noqa: PLR0913, PLR0917 a list is asked for by that much
    city: CityOption,
    state: InState = "",
    district: InDistrict = "",
    body: OfBody = "",
    person: OfPerson = "",
    kind: OfKind = "",
    origin: OfOrigin = "",
    since: Since = "",
    until: Until = "",
    overdue: Overdue = False,
    as_of: AsOf = "",
    as_json: AsJson = False,
) -> None:
    """List the problems of a city, open and overdue ones first."""
    from wenqu.services.city_state import CityState
    from wenqu.services.problem_filter import Sought
    from wenqu.services.rights import LOCAL
    from wenqu.services.view_problems import view_problems

    wanted = Sought(district, state, body, person, kind, origin, since, until, overdue=overdue)
    with opened() as store:
        found = view_problems(store, CityState(store.network(city, as_of=as_of or None)), LOCAL, wanted)
    rows = found["rows"]
    if as_json:
        answer(found)
        return
    language, tables = settings().language, found["tables"]
    lines = [
        (row["id"], tables["kinds"][row["kind"]][language], words(f"problem.severity.{row['severity']}"),
         row["asset"], row["district_name"], tables["states"][row["state"]][language], row["body"],
         row["due"],
         words("problem.list.yes") if row["overdue"] else "")
        for row in rows[:SHOWN]
    ]  # fmt: skip
    names = ("id", "kind", "severity", "asset", "district", "state", "body", "due", "overdue")
    title = words("problem.cli.title", city=city, count=len(rows), overdue=found["overdue"])
    table(title, [words(f"problem.column.{name}") for name in names], lines)
    if len(rows) > SHOWN:
        people.print(words("cli.more", count=len(rows) - SHOWN))
    counted = Counter({name: one["count"] for name, one in found["states"].items() if one["count"]})
    people.print(", ".join(f"{tables['states'][name][language]} {count}" for name, count in counted.items()))


@problems.command("show")
def show(city: CityOption, problem: IdArgument, as_json: AsJson = False) -> None:
    """Show one problem with its timeline and the steps that lead on."""
    from wenqu.services.city_state import CityState
    from wenqu.services.rights import LOCAL
    from wenqu.services.view_problems import view_problem

    with opened() as store:
        found = view_problem(store, CityState(store.network(city)), problem, LOCAL)
    if as_json:
        answer(found)
        return
    language, tables = settings().language, found["tables"]
    kind, state = (tables[f"{one}s"][found[one]][language] for one in ("kind", "state"))
    due = f"{words('problem.column.due')} {found['due'] or '-'}"
    people.print(f"{found['id']} · {kind} · {found['asset_type']} {found['asset']} · {state} · {due}")
    for event in found["timeline"]:
        proof = ", ".join(event["evidence"])
        told = " · ".join(part for part in (event["note"], event["body"], event["due"], proof) if part)
        people.print(f"  {event['at']}  {event['by']}  {tables['steps'][event['step']][language]}  {told}")
    for step in found["steps"]:
        needs = f" ({', '.join(step['needs'])})" if step["needs"] else ""
        people.print(f"  → {step['step']}: {step[language]}{needs}")


@problems.command("report")
def report(  # noqa: PLR0913, PLR0917 a problem has that many sides
    city: CityOption,
    asset: Annotated[str, typer.Argument(help="type/id; a conduit when no type is written")],
    kind: Annotated[str, typer.Option(help="as cover, overflow or structural")],
    what: Annotated[str, typer.Option(help="what was seen")],
    origin: Annotated[str, typer.Option(help="patrol, citizen, audit, outfall, meter, cctv, hand")] = "hand",
    found_on: Annotated[str, typer.Option(help="YYYY-MM-DD; today when left out")] = "",
    stretch: Annotated[str, typer.Option(help="start-end in metres of a conduit, as 3-12.5")] = "",
    evidence: Annotated[list[str] | None, typer.Option(help="inspection:…, test:…, or a file name")] = None,
    file: Annotated[list[Path] | None, typer.Option(help="photo or document that shows it")] = None,
) -> None:
    """File a problem that somebody saw; one on file takes it in as evidence, or is opened again."""
    from dataclasses import replace

    from wenqu.services.city_state import CityState
    from wenqu.services.problem_files import keep_proof
    from wenqu.services.report_problem import report_problem
    from wenqu.services.rights import LOCAL
    from wenqu.services.step_problem import Asked, step_problem
    from wenqu.store.moments import now

    who = replace(LOCAL, account=author())
    type_, _, id_ = asset.rpartition("/")
    start, end = _stretch(stretch) if stretch else (float("nan"), float("nan"))
    files = [(one.name, one.read_bytes()) for one in file or ()]
    with opened() as store:
        made = report_problem(
            store, CityState(store.network(city)), asset_type=type_ or "conduit", asset=id_, kind=kind,
            origin=origin, what=what, found_on=found_on or now().date().isoformat(), start=start, end=end,
            evidence=tuple(evidence or ()), person=who,
        )  # fmt: skip
        problem = made.reached[0]
        kept = [keep_proof(store, city, problem, name, content, person=who) for name, content in files]
        if kept:
            step_problem(store, city, problem, Asked("note", evidence=tuple(kept)), person=who)
    joined = "joined" if made.joined or kept else "again"
    how = "filed" if made.filed else "reopened" if made.reopened else joined
    people.print(words(f"problem.cli.report_{how}", problem=", ".join(made.reached)))
    if made.alarms:
        people.print(words("problem.cli.rang", alarms=", ".join(made.alarms)))


@problems.command("step")
def step_(  # noqa: PLR0913, PLR0917 a step has that many sides
    city: CityOption,
    problem: IdArgument,
    step: Annotated[
        str, typer.Argument(help="confirm, assign, set_due, design, start, test, reinspect, close, …")
    ],
    note: Note = "",
    body: Annotated[str, typer.Option(help="who is charged with it")] = "",
    person: Annotated[str, typer.Option(help="and who answers for it")] = "",
    due: Annotated[str, typer.Option(help="YYYY-MM-DD; that of the rule when left out")] = "",
    district: Annotated[str, typer.Option(help="to which district it is handed over")] = "",
    other: Annotated[list[str] | None, typer.Option(help="problem that it is merged into")] = None,
    evidence: Annotated[list[str] | None, typer.Option(help="inspection:…, test:…, or a file name")] = None,
    file: Annotated[list[Path] | None, typer.Option(help="photo or document that proves the step")] = None,
) -> None:
    """Take a problem one step further."""
    from dataclasses import replace

    from wenqu.services.problem_files import keep_proof
    from wenqu.services.rights import LOCAL
    from wenqu.services.step_problem import Asked, step_problem
    from wenqu.works.problem_tables import states

    who = replace(LOCAL, account=author())
    with opened() as store:
        kept = [
            keep_proof(store, city, problem, one.name, one.read_bytes(), person=who) for one in file or ()
        ]
        proofs = (*(evidence or ()), *kept)
        asked = Asked(step, note, body, person, due, district, tuple(other or ()), proofs)
        made = step_problem(store, city, problem, asked, person=who)
    stands = states()[made.state]
    name = stands.zh if settings().language == "zh" else stands.en
    people.print(words("problem.cli.stands", problem=problem, state=name, due=made.due or "-"))


@problems.command("rules")
def rules(
    city: CityOption,
    own: Annotated[
        list[str] | None,
        typer.Option("--set", help="a value of the city's own, as missing=0.3 or river=50:1"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show from when something is a problem and what makes it worse; --set keeps the city's own values."""
    from wenqu.services.problem_rules import keep_rules, rules_told

    with opened() as store:
        told = (
            keep_rules(store, city, dict(_own(text) for text in own), who=author())
            if own
            else rules_told(store, city)
        )
    if as_json:
        answer(told)
        return
    language = settings().language
    lines = [
        (row["name"], row[language], str(row["value"]), row["unit"], figure(row["adds"]), row["status"])
        for row in told
    ]
    heads = [words(f"problem.rules.{name}") for name in ("name", "name", "value", "unit", "adds", "status")]
    table(words("problem.rules.title", city=city), heads, lines)


def _own(text: str) -> tuple[str, tuple[float | None, float | None]]:
    from wenqu.errors import BadInput
    from wenqu.works.problem_rules import problem_rules

    name, _, rest = text.partition("=")
    value, _, adds = rest.partition(":")
    try:
        return name, (float(value) if value else None, float(adds) if adds else None)
    except ValueError:
        raise BadInput("problem-rule", rule=text, known=", ".join(problem_rules())) from None


@problems.command("split")
def split(
    city: CityOption,
    problem: IdArgument,
    part: Annotated[list[str], typer.Option(help="start-end in metres, as 0-12.5; give two or more")],
    note: Note = "",
) -> None:
    """Split a problem by stretches, each a problem of its own."""
    from dataclasses import replace

    from wenqu.services.rights import LOCAL
    from wenqu.services.split_problem import Part, split_problem

    parts = [Part(*_stretch(text)) for text in part]
    with opened() as store:
        made = split_problem(store, city, problem, parts, person=replace(LOCAL, account=author()), note=note)
    people.print(", ".join(one.problem.id for one in made))


def _stretch(text: str) -> tuple[float, float]:
    from wenqu.errors import BadInput

    begin, _, end = text.partition("-")
    try:
        return float(begin), float(end)
    except ValueError:
        raise BadInput("problem-parts", count=text) from None


@problems.command("export")
def export(  # noqa: PLR0913, PLR0917 a list is asked for by that much
    city: CityOption,
    path: Annotated[Path, typer.Argument(help="XLSX, DOCX or PDF file to write")],
    name: Annotated[str, typer.Option("--list", help="problems, tasks or duties")] = "problems",
    state: InState = "",
    district: InDistrict = "",
    body: OfBody = "",
    person: OfPerson = "",
    kind: OfKind = "",
    origin: OfOrigin = "",
    since: Since = "",
    until: Until = "",
    overdue: Overdue = False,
    as_of: AsOf = "",
) -> None:
    """Write the list of problems, tasks or duties in the official layout."""
    from wenqu.errors import BadInput
    from wenqu.services.city_state import CityState
    from wenqu.services.problem_filter import Sought
    from wenqu.services.problem_lists import FORMS, LISTS, list_file, problem_list
    from wenqu.services.rights import LOCAL

    form = path.suffix.lstrip(".").lower()
    if form not in FORMS:
        raise BadInput("written-format", path=path.name, known=", ".join(FORMS))
    if name not in LISTS:
        raise BadInput("problem-list", name=name, known=", ".join(LISTS))
    wanted = Sought(district, state, body, person, kind, origin, since, until, overdue=overdue)
    language = settings().language
    with opened() as store:
        made = problem_list(
            store, CityState(store.network(city, as_of=as_of or None)), name, LOCAL, language, wanted
        )
    path.write_bytes(list_file(made, form, language))
    people.print(words("cli.exported", files=str(path)))


@problems.command("alarms")
def alarms(
    city: CityOption,
    note: Annotated[str, typer.Option(help="take note of this alarm")] = "",
    as_json: AsJson = False,
) -> None:
    """List the alarms, the open ones first, or take note of one."""
    from dataclasses import replace

    from wenqu.services.note_alarm import note_alarm
    from wenqu.services.rights import LOCAL
    from wenqu.services.view_problems import view_alarms

    with opened() as store:
        if note:
            note_alarm(store, city, note, person=replace(LOCAL, account=author()))
        found = view_alarms(store, city, LOCAL)
    if as_json:
        answer(found)
        return
    language = settings().language
    lines = [
        (row["id"], row["problem"], found["emergencies"].get(row["why"], {}).get(language, row["why"]),
         row["asset"], row["at"], row["noted"]["by"] if row["noted"] else "")
        for row in found["rows"][:SHOWN]
    ]  # fmt: skip
    names = ("alarm", "problem", "why", "asset", "at", "noted")
    table(words("problem.cli.alarms", city=city, open=figure(found["open"])),
          [words(f"problem.alarm.{name}") for name in names], lines)  # fmt: skip
