"""Answer a case that stands in a folder of tables, without a store: diagnose it, or plan it."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from wenqu.cli.evidence import AsJson
from wenqu.cli.output import answer, people, progress, settings, show_issues, span, table, words
from wenqu.messages import say

SHOWN = 20


def diagnose_case(
    folder: Annotated[Path, typer.Argument(help="folder with conduits.csv, meters.csv, flow.csv …")],
    out: Annotated[Path, typer.Option(help="folder for areas.csv, conduits.csv, summary.json")],
    as_json: AsJson = False,
) -> None:
    """Say where clean water gets in and sewage is lost, in a case given as a folder of CSV tables."""
    from wenqu.services.diagnose_case import QUANTITIES
    from wenqu.services.diagnose_case import diagnose_case as diagnosed
    from wenqu.services.write_case import DAY, summary, unclear, write_case

    with progress("cli.case-diagnosing", quiet=as_json):
        found = diagnosed(folder)
        write_case(found, out)
    if as_json:
        answer(summary(found))
        return
    facts = {"areas": len(found.areas), "conduits": len(found.extraneous), "meters": len(found.model.meters)}
    people.print(words("cli.case-written", folder=out, **facts), soft_wrap=True)
    extraneous = found.mean[1] + found.mean[2]
    rows = []
    for place in sorted(range(len(found.areas)), key=lambda row: -float(extraneous[row]))[:SHOWN]:
        cells = [
            span(*(float(part[kind, place]) * DAY for part in (found.mean, found.low, found.high)))
            for kind in range(len(QUANTITIES))
        ]
        rows.append((found.areas[place], *cells))
    columns = [words(f"cli.case-{name}") for name in ("area", *QUANTITIES)]
    table(words("cli.case-table"), columns, rows, (1, 2, 3, 4))
    for code in unclear(found):
        people.print(f"· {say(code, settings().language)}", soft_wrap=True)
    if found.issues:
        show_issues(found.issues)


def plan_case(
    folder: Annotated[Path, typer.Argument(help="folder with options.csv, plants.csv, rules.json")],
    out: Annotated[Path, typer.Option(help="folder for plan.csv, certificate.json, summary.json")],
    seconds: Annotated[float, typer.Option(help="longest time for the search [s]", min=0.05)] = 60.0,
    gap: Annotated[
        float, typer.Option(help="proved gap that ends the search sooner", min=0.0, max=1.0)
    ] = 1e-4,
    as_json: AsJson = False,
) -> None:
    """Choose the cheapest programme of a case given as a folder of tables, and prove how near it is."""
    from wenqu.services.plan_case import plan_case as planned
    from wenqu.services.write_plan_case import sentences, summary, write_plan_case

    with progress("cli.plan-case-solving", quiet=as_json) as told:
        found = planned(folder, seconds=seconds, gap=gap, progress=told)
        write_plan_case(found, out)
    if as_json:
        answer(summary(found))
        return
    proved = found.proved
    facts = {"gap": proved.gap, "chosen": len(proved.chosen), "seconds": proved.seconds}
    money = {"cost": f"{proved.cost:,.2f}", "bound": f"{max(proved.best_bound, 0.0):,.2f}"}
    people.print(words(f"cli.plan-case-{proved.status}", **facts, **money), soft_wrap=True)
    anybody = max(proved.bound, proved.exact_bound, 0.0)
    if proved.status == "proved" and proved.best_bound > anybody * (1 + 1e-6):
        people.print(words("cli.plan-case-prices", bound=f"{anybody:,.2f}"), soft_wrap=True)
    for sentence in sentences(found, settings().language):
        people.print(f"  {sentence}", soft_wrap=True)
    if found.relaxation and found.relaxation.programme:
        cost = f"{found.relaxation.programme.cost:,.2f}"
        people.print(words("cli.plan-case-relaxed", cost=cost), soft_wrap=True)
    people.print(words("cli.plan-case-written", folder=out), soft_wrap=True)
    if found.case.issues:
        show_issues(found.case.issues)


commands: dict[str, Callable[..., None]] = {"diagnose-case": diagnose_case, "plan-case": plan_case}
