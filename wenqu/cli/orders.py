"""Orders of upkeep from the command line: list, show, issue, report, scores.

The command imports the services it calls when it is called: a list of commands must not wait for all of them.
"""

from pathlib import Path
from typing import Annotated

import typer

from wenqu.cli.evidence import AsJson, CityOption
from wenqu.cli.output import answer, author, figure, opened, people, settings, table, words

SHOWN = 40
IdArgument = Annotated[str, typer.Argument(help="number of the order, as O-1a2b3c4d5e")]
Pairs = list[str] | None

orders = typer.Typer(
    help="Orders of upkeep: list, show, issue, report, file faults, scores.", no_args_is_help=True
)
groups: dict[str, typer.Typer] = {"orders": orders}


@orders.command("list")
def list_(
    city: CityOption,
    body: Annotated[str, typer.Option(help="only orders of this upkeep body")] = "",
    day: Annotated[str, typer.Option(help="only orders planned on this day, YYYY-MM-DD")] = "",
    overdue: Annotated[bool, typer.Option("--overdue", help="only those whose date has passed")] = False,
    as_json: AsJson = False,
) -> None:
    """List the orders of a city, open and overdue ones first."""
    from wenqu.services.city_state import CityState
    from wenqu.services.rights import LOCAL
    from wenqu.services.view_orders import view_orders

    with opened() as store:
        found = view_orders(store, CityState(store.network(city)), LOCAL, body=body, day=day)
    rows = [row for row in found["rows"] if not overdue or row["overdue"]]
    if as_json:
        answer({**found, "rows": rows})
        return
    language, tables = settings().language, found["tables"]
    lines = [
        (row["id"], tables["kinds"][row["kind"]][language], tables["states"][row["state"]][language],
         " · ".join(part for part in (row["body"], row["crew"]) if part), row["planned_on"], row["due"],
         words("problem.list.yes") if row["overdue"] else "", str(len(row["faults"]) or ""))
        for row in rows[:SHOWN]
    ]  # fmt: skip
    names = ("order", "kind", "state", "body", "planned", "due", "overdue", "fault")
    table(words("order.cli.title", city=city, count=len(rows), overdue=found["overdue"]),
          [words(f"order.column.{name}") for name in names], lines)  # fmt: skip
    if len(rows) > SHOWN:
        people.print(words("cli.more", count=len(rows) - SHOWN))


@orders.command("show")
def show(city: CityOption, order: IdArgument, as_json: AsJson = False) -> None:
    """Show one order: what was reported, and the steps that lead on."""
    from wenqu.services.city_state import CityState
    from wenqu.services.rights import LOCAL
    from wenqu.services.view_orders import view_order

    with opened() as store:
        found = view_order(store, CityState(store.network(city)), order, LOCAL)
    if as_json:
        answer(found)
        return
    language, tables = settings().language, found["tables"]
    kind, state = tables["kinds"][found["kind"]], tables["states"][found["state"]]
    people.print(
        f"{found['id']} · {kind[language]} · {state[language]} · {found['body']} · {found['due'] or '-'}"
    )
    people.print("  " + ", ".join(found["assets"]))
    for event in found["events"]:
        photos = ", ".join(name.rpartition("/")[2] for name in (*event["before"], *event["after"]))
        bad = ", ".join(
            row[language] for row in kind["checklist"] if event["answers"].get(row["item"]) == "fault"
        )
        told = " · ".join(part for part in (event["note"], bad, photos) if part)
        people.print(f"  {event['at']}  {event['by']}  {tables['steps'][event['step']][language]}  {told}")
    for one in found["problems"]:
        people.print(f"  {one['id']} · {one['asset']}")
    for name in found["steps"]:
        people.print(f"  → {name}: {tables['steps'][name][language]}")


@orders.command("issue")
def issue(  # noqa: PLR0913, PLR0917 an order has that many sides
    city: CityOption,
    kind: Annotated[str, typer.Option(help="patrol, dredging, repair, inspection")],
    body: Annotated[str, typer.Option(help="upkeep body that is charged with it")],
    asset: Annotated[list[str], typer.Option(help="type/id; a conduit when no type is written")],
    crew: Annotated[str, typer.Option(help="crew of the body")] = "",
    planned: Annotated[str, typer.Option(help="YYYY-MM-DD")] = "",
    due: Annotated[str, typer.Option(help="YYYY-MM-DD")] = "",
    what: Annotated[str, typer.Option(help="what is to be done")] = "",
) -> None:
    """Issue an order."""
    from dataclasses import replace

    from wenqu.records.order import Order
    from wenqu.services.city_state import CityState
    from wenqu.services.rights import LOCAL
    from wenqu.services.upkeep_orders import issue_order

    assets = tuple(name if "/" in name else f"conduit/{name}" for name in asset)
    asked = Order("", kind, assets, body, crew, planned_on=planned, due=due, what=what)
    with opened() as store:
        state = CityState(store.network(city))
        made = issue_order(store, state, asked, person=replace(LOCAL, account=author()))
    people.print(words("order.cli.issued", order=made.order.id, length=figure(made.order.length)))


@orders.command("report")
def report(  # noqa: PLR0913, PLR0917 a report has that many sides
    city: CityOption,
    order: IdArgument,
    step: Annotated[
        str, typer.Argument(help="accept, start, progress, done, approve, send_back, cancel, note")
    ],
    note: Annotated[str, typer.Option(help="what is to be said about it")] = "",
    hours: Annotated[float, typer.Option(help="hours worked by the whole crew", min=0)] = 0.0,
    quantity: Annotated[Pairs, typer.Option(help="name=value, as length=120")] = None,
    check: Annotated[Pairs, typer.Option(help="item=ok|fault|none of the checklist")] = None,
    before: Annotated[list[Path] | None, typer.Option(help="photo before the work")] = None,
    after: Annotated[list[Path] | None, typer.Option(help="photo after the work")] = None,
) -> None:
    """Report what was done of an order, or decide about it."""
    from dataclasses import replace

    from wenqu.operation.order_tables import states
    from wenqu.services.field_files import keep_photo
    from wenqu.services.report_order import report_and_ring
    from wenqu.services.rights import LOCAL
    from wenqu.services.upkeep_orders import Report

    who = replace(LOCAL, account=author())
    with opened() as store:
        photos = [
            tuple(keep_photo(store, city, path.name, path.read_bytes(), person=who) for path in paths or ())
            for paths in (before, after)
        ]
        amounts = {name: _amount(name, value) for name, value in _pairs(quantity).items()}
        given = Report(step, note, hours, amounts, _pairs(check), photos[0], photos[1])
        made, alarms = report_and_ring(store, city, order, given, person=who)
    stands = states()[made.state]
    name = stands.zh if settings().language == "zh" else stands.en
    people.print(words("order.cli.stands", order=order, state=name))
    if alarms:
        people.print(words("order.cli.rang", alarms=", ".join(alarms)))


@orders.command("fault")
def fault(
    city: CityOption,
    order: IdArgument,
    item: Annotated[str, typer.Argument(help="item of the checklist that was answered as a fault")],
    asset: Annotated[str, typer.Argument(help="type/id of one of the order's assets")],
    what: Annotated[str, typer.Option(help="what was seen")] = "",
) -> None:
    """File a fault of an order's checklist as a problem."""
    from dataclasses import replace

    from wenqu.services.city_state import CityState
    from wenqu.services.order_findings import file_finding
    from wenqu.services.rights import LOCAL

    with opened() as store:
        state = CityState(store.network(city))
        made = file_finding(store, state, order, item, asset, what, person=replace(LOCAL, account=author()))
    people.print(", ".join((*made.filed, *made.reopened, *made.joined)) or words("order.cli.known"))


@orders.command("scores")
def scores(
    city: CityOption,
    since: Annotated[str, typer.Argument(help="YYYY-MM-DD")],
    until: Annotated[str, typer.Argument(help="YYYY-MM-DD")],
    as_json: AsJson = False,
) -> None:
    """Score the upkeep bodies over a period."""
    from wenqu.services.city_state import CityState
    from wenqu.services.rights import LOCAL
    from wenqu.services.view_orders import view_scores

    with opened() as store:
        found = view_scores(store, CityState(store.network(city)), LOCAL, since, until)
    if as_json:
        answer(found)
        return
    language = settings().language
    heads = [words("order.column.body"), words("order.column.score"),
             *(row[language] for row in found["items"])]  # fmt: skip
    lines = [
        (row["body"], "-" if row["score"] is None else figure(row["score"]),
         *("-" if item["share"] is None else f"{100 * item['share']:.0f} %" for item in row["items"]))
        for row in found["bodies"]
    ]  # fmt: skip
    table(words("order.cli.scores", city=city, since=since, until=until), heads, lines)


def _pairs(given: Pairs) -> dict[str, str]:
    return {name.strip(): value.strip() for name, _, value in (text.partition("=") for text in given or ())}


def _amount(name: str, text: str) -> float:
    from wenqu.errors import BadInput

    try:
        return float(text)
    except ValueError:
        raise BadInput("order-amount", name=name, value=text) from None
