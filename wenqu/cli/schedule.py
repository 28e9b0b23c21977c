"""The schedule of the programme: show it, ask what a delay leads to, state one, write files.

The command imports the services it calls when it is called: a list of commands must not wait for all of them.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from wenqu.cli.evidence import AsJson, CityOption
from wenqu.cli.output import answer, author, figure, opened, people, settings, table, words

KM = 1000.0  # [m]
AsOf = Annotated[str, typer.Option("--as-of", help="a past day, YYYY-MM-DD")]
LotArgument = Annotated[str, typer.Argument(help="id of the lot, as `wenqu schedule show` prints it")]
StepOption = Annotated[str, typer.Option(help="design, land, permit, tender, procure, works, test, accept …")]
DaysOption = Annotated[int, typer.Option(help="calendar days by which the step is over later")]
ReasonOption = Annotated[str, typer.Option(help="why; kept with the delay")]

schedule = typer.Typer(
    help="The programme's schedule: lots, crews, critical chain, and what a delay leads to.",
    no_args_is_help=True,
)
groups: dict[str, typer.Typer] = {"schedule": schedule}


def _told(city: str, as_of: str) -> dict[str, Any]:
    from wenqu.services.city_state import Cities
    from wenqu.services.rights import LOCAL
    from wenqu.services.view_schedule import view_schedule

    with opened() as store:
        return view_schedule(Cities(store), city, LOCAL, as_of)


@schedule.command("show")
def show(city: CityOption, as_of: AsOf = "", as_json: AsJson = False) -> None:
    """Show when each lot is prepared, built and accepted, by which crew, and what is late and why."""
    from wenqu.services.export_schedule import crew_name

    told = _told(city, as_of)
    if as_json:
        answer(told)
        return
    language = settings().language
    keys = ("id", "lot", "crew", "works_begin", "works_end", "ends", "due", "late", "spare", "why")
    rows = []
    for lot in told["lots"]:
        works = next(task for task in lot["tasks"] if task["step"] == "works")
        why = words(f"schedule.why.{lot['why']}") if lot["why"] else ""
        rows.append(
            (lot["id"], lot["name"][language], crew_name(told, lot["crew"], language), works["begins"],
             works["ends"], lot["ends"], lot["due"], max(0, lot["late"]) or "", f"{lot['spare']:+.0f}", why)
        )  # fmt: skip
    heads = [words(f"schedule.column.{name}") for name in keys]
    table(words("schedule.title", city=city, day=told["day"]), heads, rows, (7, 8))
    proof = told["proof"]
    people.print(words("schedule.proof", **proof), soft_wrap=True)
    for pool in told["pools"]:
        if pool["wanted"] and pool["wanted"] > pool["crews"]:
            name = crew_name(told, f"{pool['pool']}-", language).strip()
            facts = {"trade": name, "crews": pool["crews"], "wanted": pool["wanted"]}
            people.print(words("schedule.wanted", **facts), soft_wrap=True)
    if told["calendar"]["unpublished"]:
        years = ", ".join(map(str, told["calendar"]["unpublished"]))
        people.print(words("backward.unpublished", years=years), soft_wrap=True)


@schedule.command("slip")
def slip(
    city: CityOption,
    lot: LotArgument,
    days: DaysOption = 60,
    step: StepOption = "works",
    as_json: AsJson = False,
) -> None:
    """Say what moves and which date or plant is missed when a step of a lot is late; nothing is stored."""
    from wenqu.services.city_state import Cities
    from wenqu.services.export_schedule import scope_name
    from wenqu.services.rights import LOCAL
    from wenqu.services.slip_schedule import Late, view_slip
    from wenqu.services.view_schedule import view_schedule

    with opened() as store:
        known = Cities(store)
        found = view_slip(known, city, LOCAL, Late(lot, step, days))
        told = view_schedule(known, city, LOCAL)
    if as_json:
        answer(found)
        return
    language = settings().language
    if found["absorbed"]:
        people.print(words("schedule.absorbed", days=days), soft_wrap=True)
        return
    names = {one["id"]: one["name"][language] for one in told["lots"]}
    heads = [words(f"schedule.column.{name}") for name in ("lot", "before", "after", "moved", "due", "late")]
    rows = [
        (names.get(one["lot"], one["lot"]), one["before"], one["after"], f"{one['days']:+d}", one["due"],
         max(0, one["late"]) or "")
        for one in found["moved"]
    ]  # fmt: skip
    table(words("schedule.slipped", lot=names.get(lot, lot), until=found["until"]), heads, rows, (3, 5))
    for one in found["missed"]:
        people.print(words(f"schedule.misses.{one['rule']}", **missed(one, scope_name(told, one, language))))
    if not found["missed"]:
        people.print(words("schedule.none_missed"))


def missed(one: dict[str, Any], scope: str) -> dict[str, object]:
    """Return the facts of a sentence about a date that is missed."""
    share = one["rule"] in {"length", "capacity"}
    shown = {name: figure(one[name] * 100 if share else one[name]) for name in ("demanded", "reached")}
    return {"by": one["by"], "scope": scope, "short": figure(one["short"]), **shown}


@schedule.command("delay")
def delay(
    city: CityOption,
    lot: LotArgument,
    reason: ReasonOption,
    days: DaysOption = 60,
    step: StepOption = "works",
) -> None:
    """State that a step is late: every schedule from now on counts with it."""
    from dataclasses import replace

    from wenqu.services.city_state import CityState
    from wenqu.services.rights import LOCAL
    from wenqu.services.slip_schedule import Late, file_delay

    with opened() as store:
        person = replace(LOCAL, account=author())
        state = CityState(store.network(city))
        made = file_delay(store, state, Late(lot, step, days), person=person, reason=reason)
    people.print(words("schedule.stated", lot=made.lot, until=made.until))


@schedule.command("undelay")
def undelay(city: CityOption, lot: LotArgument, reason: ReasonOption, step: StepOption = "works") -> None:
    """Take a delay back."""
    from dataclasses import replace

    from wenqu.services.city_state import CityState
    from wenqu.services.rights import LOCAL
    from wenqu.services.slip_schedule import take_back_delay

    with opened() as store:
        person = replace(LOCAL, account=author())
        take_back_delay(store, CityState(store.network(city)), lot, step, person=person, reason=reason)
    people.print(words("schedule.taken_back", lot=lot))


@schedule.command("write")
def write(
    city: CityOption,
    path: Annotated[Path, typer.Argument(help="file to write: .xlsx, .csv, .ics or .xml (MS Project)")],
    as_of: AsOf = "",
) -> None:
    """Write the schedule as a workbook, a table, a calendar or a project."""
    from wenqu.errors import Unknown
    from wenqu.services.city_state import Cities
    from wenqu.services.export_schedule import FORMS, schedule_file
    from wenqu.services.rights import LOCAL

    form = path.suffix.lower().removeprefix(".")
    if form not in FORMS:
        raise Unknown("schedule-form", name=path.suffix, known=", ".join(f".{one}" for one in FORMS))
    with opened() as store:
        made = schedule_file(Cities(store), city, LOCAL, form, settings().language, as_of)
    path.write_bytes(made.body)
    people.print(words("cli.exported", files=str(path)))
