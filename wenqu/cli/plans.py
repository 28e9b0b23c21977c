"""The programme: make it, and check its certificate.

The command imports the services it calls when it is called: a list of commands must not wait for all of them.
"""

from pathlib import Path
from typing import Annotated

import typer

from wenqu.cli import loop
from wenqu.cli.evidence import AsJson
from wenqu.cli.output import answer, opened, people, settings, words

BROKEN = 3  # exit code of a certificate that does not hold

plan = typer.Typer(
    help="Choose the cheapest repairs that meet every target by its date, with the proof; verify a proof.",
    invoke_without_command=True,
)
groups: dict[str, typer.Typer] = {"plan": plan}


@plan.callback()
def make(
    context: typer.Context,
    city: Annotated[str, typer.Option("--city", help="code of the city")] = "",
    rules: Annotated[Path | None, typer.Option(help="rules of your own (JSON)")] = None,
    prices: Annotated[Path | None, typer.Option(help="price table of your own (CSV)")] = None,
    although: Annotated[bool, typer.Option("--although", help="take it although it misses rules")] = False,
    as_json: AsJson = False,
) -> None:
    """Choose the cheapest repairs that meet every target by its date, with the proof."""
    if context.invoked_subcommand is not None:
        return
    loop.plan(city or _only_city(context), rules, prices, although, as_json)


def _only_city(context: typer.Context) -> str:
    """Return the city of a store that has but one; say which there are where it has more."""
    with opened() as store:
        codes = [one.code for one in store.cities()]
    if len(codes) == 1:
        return codes[0]
    there = words("cli.plan-cities", cities=", ".join(codes)) if codes else ""
    raise typer.BadParameter(f"{words('cli.plan-which')} {there}".strip(), context, param_hint="--city")


@plan.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(help="certificate.json as plan-case writes it")],
    inputs: Annotated[
        Path | None, typer.Option(help="folder of options.csv, plants.csv, rules.json, if it was moved")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Recompute a certificate from its inputs, without a solver: every rule, the cost, the bound."""
    from wenqu.services.verify_certificate import verify_certificate

    found = verify_certificate(file, inputs)
    said = found.sentences(settings().language)
    if as_json:
        answer({"status": found.status, "cost": found.cost, "bound": found.bound, "gap": found.gap,
                "faults": list(found.faults), "says": said})  # fmt: skip
    else:
        facts = {"cost": f"{found.cost:,.2f}", "bound": f"{found.bound:,.2f}", "gap": found.gap}
        key = "holds" if found.status == "proved" else found.status
        people.print(words(f"cli.verify-{key}", **facts), soft_wrap=True)
        for one in said:
            people.print(f"  {one}", soft_wrap=True)
    if found.status == "broken":
        raise typer.Exit(BROKEN)
