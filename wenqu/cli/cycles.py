"""List what is to be inspected again, plan a year of inspections, say how conduits get worse.

The command imports the services it calls when it is called: a list of commands must not wait for all of them.
"""

from pathlib import Path
from typing import Annotated

import typer

from wenqu.cli.evidence import AsJson, CityOption
from wenqu.cli.output import answer, author, figure, opened, people, settings, table, words

KM = 1000.0
SHOWN = 20
Kind = Annotated[str, typer.Option(help="structural or functional")]
AsOf = Annotated[str, typer.Option("--as-of", help="a past day, YYYY-MM-DD")]
Out = Annotated[Path | None, typer.Option(help="XLSX file to write")]

cycles = typer.Typer(
    help="Inspections to come: due, plan, worse (deterioration), table.", no_args_is_help=True
)
groups: dict[str, typer.Typer] = {"cycles": cycles}
KINDS = ("structural", "functional")
STATES = ("within", "due", "overdue", "never")


def _kind(kind: str) -> str:
    from wenqu.errors import BadInput

    if kind not in {"", *KINDS}:
        raise BadInput("inspection-kind", kind=kind, known=", ".join(KINDS))
    return kind


@cycles.command("due")
def due(
    city: CityOption, kind: Kind = "", as_of: AsOf = "", out: Out = None, as_json: AsJson = False
) -> None:
    """List what is due, overdue and never inspected, by length."""
    from wenqu.services.city_state import CityState
    from wenqu.services.due_sheets import due_sheet
    from wenqu.services.look_again import due_answer

    with opened() as store:
        state = CityState(store.network(city, as_of=as_of or None))
        found = due_answer(store, state, _kind(kind))
        if out is not None:
            out.write_bytes(due_sheet(store, state, kind, settings().language))
    if as_json:
        answer(found)
        return
    rows = [
        (words(f"look_again.kind.{name}"), *(figure(made["length_m"][one] / KM) for one in STATES))
        for name, made in found["kinds"].items()
    ]
    heads = [words("look_again.column.kind"), *(f"{words(f'look_again.state.{one}')} (km)" for one in STATES)]
    table(words("look_again.cli.due", city=city, day=found["day"]), heads, rows, (1, 2, 3, 4))
    people.print(words("look_again.unconfirmed"), soft_wrap=True, style="dim")
    if out is not None:
        people.print(words("cli.exported", files=str(out)))


@cycles.command("plan")
def plan(  # noqa: PLR0913, PLR0917 a year has that many sides
    city: CityOption,
    crew_days: Annotated[float, typer.Option(min=0, help="days of all crews together")] = 60.0,
    kind: Kind = "structural",
    rate: Annotated[float, typer.Option(min=1, help="length that a crew films in a day [m]")] = 300.0,
    setup: Annotated[float, typer.Option(min=0, help="days to set up before a stretch")] = 0.15,
    overdue_first: Annotated[
        bool, typer.Option("--overdue-first", help="what is overdue comes first")
    ] = False,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Choose the stretches that a year's crew-days should see, to find most."""
    from wenqu.services.city_state import CityState
    from wenqu.services.due_sheets import plan_sheet
    from wenqu.services.plan_looks import Year, plan_answer

    year = Year(crew_days, _kind(kind) or "structural", rate, setup, overdue_first)
    with opened() as store:
        state = CityState(store.network(city))
        found = plan_answer(store, state, year)
        if out is not None:
            out.write_bytes(plan_sheet(store, state, year, settings().language))
    if as_json:
        answer(found)
        return
    rows = [
        (row["stretch"], row["road"], row["district"], len(row["conduits"]), figure(row["length_m"]),
         figure(row["days"]), figure(row["expected_found_m"]))
        for row in found["stretches"][:SHOWN]
    ]  # fmt: skip
    names = ("stretch", "road", "district", "conduit", "length_m", "days", "found_m")
    title = words("look_again.cli.plan", city=city, days=figure(found["days_used"]), all=figure(crew_days),
                  length=figure(found["length_m"] / KM), count=found["count"])  # fmt: skip
    table(title, [words(f"look_again.column.{name}") for name in names], rows, (3, 4, 5, 6))
    people.print(words("look_again.cli.proof", found=figure(found["expected_found_m"]),
                       bound=figure(found["bound_m"]), gap=f"{100 * found['gap']:.2g}"))  # fmt: skip
    if found["left_over"]:
        people.print(words("look_again.cli.left", count=len(found["left_over"])))
    if out is not None:
        people.print(words("cli.exported", files=str(out)))


@cycles.command("worse")
def worse(city: CityOption, as_json: AsJson = False) -> None:
    """Say how conduits get worse with the years, and how well that is known."""
    from wenqu.services.city_state import CityState
    from wenqu.services.view_deterioration import deterioration_answer

    with opened() as store:
        found = deterioration_answer(store, CityState(store.network(city)))
    if as_json:
        answer(found)
        return
    chain = found["chain"]
    grades = range(1, len(chain["matrix"]) + 1)
    rows = [
        (year, *(f"{100 * share:.1f}" for share in shares))
        for year, shares in zip(chain["years"], chain["shares"], strict=True)
        if year % 10 == 0
    ]
    heads = [words("look_again.cli.years"), *(f"{grade} (%)" for grade in grades)]
    title = words("look_again.cli.worse", city=city, source=chain["source"], count=chain["inspections"])
    table(title, heads, rows, tuple(range(len(heads))))
    if found["calibration"]:
        people.print(words("look_again.cli.trees", auc=f"{found['calibration']['auc']:.3f}"))
    for name, order in found["orders"].items():
        by = words(f"look_again.order.{name}")
        people.print(words("look_again.cli.order", order=by, found=f"{100 * order['found'][6]:.0f}"))


@cycles.command("table")
def table_(
    city: CityOption,
    path: Annotated[Path, typer.Argument(help="CSV: kind, rule, low, high")],
    reason: Annotated[str, typer.Option(help="why; kept with the table")] = "",
) -> None:
    """Keep the city's own table of inspection cycles."""
    from dataclasses import replace

    from wenqu.services.look_again import keep_cycles
    from wenqu.services.rights import LOCAL

    person = replace(LOCAL, account=author())
    with opened() as store:
        made = keep_cycles(store, city, path.read_bytes(), person=person, reason=reason)
    people.print(words("look_again.cli.kept", count=len(made)))
