"""The programme made anew: plan again, look at the difference, file it, verify it, let rules go.

The command imports the services it calls when it is called: a list of commands must not wait for all of them.
"""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from wenqu.cli.evidence import AsJson, CityOption
from wenqu.cli.output import answer, author, figure, opened, people, progress, settings, table, words
from wenqu.cli.works import local_person
from wenqu.errors import BadInput, FileMissing

programme = typer.Typer(
    help="The programme of repairs made anew: what stands stays, what is new counts, little is changed.",
    no_args_is_help=True,
)
groups: dict[str, typer.Typer] = {"programme": programme}
WAN, KM = 10_000.0, 1000.0
Why = Annotated[str, typer.Option("--why", help="reason; it is kept with the change")]


@programme.command("again")
def again(
    city: CityOption,
    price: Annotated[
        list[str] | None, typer.Option(help="METHOD=FACTOR: unit price of a method times this")
    ] = None,
    rules: Annotated[
        Path | None, typer.Option(help="JSON: what the rules shall say otherwise; the rest stays")
    ] = None,
    accepted: Annotated[
        list[str] | None, typer.Option(help="PROJECT/LOT: what if all its pipes were accepted")
    ] = None,
    cancelled: Annotated[
        list[str] | None, typer.Option(help="PROJECT/LOT: what if it were cancelled")
    ] = None,
    failed: Annotated[
        list[str] | None, typer.Option(help="verification: what if its works had not worked")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make the programme anew as a proposal, and say what it changes and why."""
    from wenqu.services.city_state import CityState
    from wenqu.services.replan_asked import Asked
    from wenqu.services.replan_city import replan_city
    from wenqu.services.view_replan import view_proposal

    text = ""
    if rules is not None:
        if not rules.is_file():
            raise FileMissing(path=str(rules))
        text = rules.read_text(encoding="utf-8-sig")
    asked = Asked(
        tuple(_factor(one) for one in price or ()), text, tuple(accepted or ()), tuple(cancelled or ()),
        tuple(failed or ()),
    )  # fmt: skip
    with opened() as store, progress("cli.planning", quiet=as_json) as told:
        made = replan_city(store, city, asked, who=author(), seconds=settings().solver_seconds, progress=told)
        state = CityState(store.network(city))
        found = view_proposal(store, state, made.id, local_person(), settings().language)
    if as_json:
        answer({name: value for name, value in found.items() if name != "drawn"})
        return
    mark = "!" if found["after"]["status"] == "infeasible" else "✓"
    people.print(
        words("replan.cli.planned", mark=mark, id=made.id, count=found["after"]["count"],
              cost=figure(found["after"]["cost"] / WAN, 4), before=figure(found["before"]["cost"] / WAN, 4),
              change=figure(found["change_price"] / WAN)),
        soft_wrap=True,
    )  # fmt: skip
    if found["overdue"]:
        people.print(words("replan.cli.overdue", windows=", ".join(found["overdue"])), soft_wrap=True)
    for row in found["relaxed"]:
        people.print(f"  {row}", soft_wrap=True)
    _tell(found)
    if found["refused"]:
        people.print(found["refused"], soft_wrap=True)
    else:
        people.print(words("replan.cli.file-next", id=made.id), soft_wrap=True)


def _factor(text: str) -> tuple[str, float]:
    method, _, factor = text.partition("=")
    try:
        return method, float(factor)
    except ValueError:
        raise BadInput("replan-price", method=method, factor=factor or "–") from None


def _tell(found: dict[str, Any]) -> None:
    """Print the facts and the sums of a difference."""
    if found["facts"]:
        table(
            words("replan.cli.facts"), (words("replan.cli.fact"),),
            [(one["said"],) for one in found["facts"]], (),
        )  # fmt: skip
    names = ("what", "count", "cost-change", "length")
    rows = [
        (words(f"replan.change.{one['what']}"), str(one["count"]), figure(one["cost"] / WAN, 4),
         figure(one["length_m"] / KM))
        for one in found["sums"]
    ]  # fmt: skip
    heads = [words(f"replan.cli.{name}") for name in names]
    table(words("replan.cli.difference"), heads, rows, (1, 2, 3))


@programme.command("file")
def file(
    city: CityOption,
    id_: Annotated[str, typer.Argument(help="id of the proposal")],
    why: Why,
    although: Annotated[bool, typer.Option("--although", help="take it although it misses rules")] = False,
) -> None:
    """File a proposal as the city's programme, with its rules, prices and proof."""
    from wenqu.services.file_replan import file_replan

    with opened() as store:
        made = file_replan(store, city, id_, why=why, person=local_person(), although=although)
    people.print(words("replan.cli.filed", id=made.id))


@programme.command("history")
def history(city: CityOption, as_json: AsJson = False) -> None:
    """List the programmes that were filed, newest first."""
    from wenqu.services.city_state import CityState
    from wenqu.services.view_replan import view_history

    with opened() as store:
        found = view_history(store, CityState(store.network(city)))
    if as_json:
        answer(found)
        return
    names = ("programme", "at", "by", "count", "cost")
    rows = [
        (one["id"], one["at"][:16], one["by"], str(one["count"]), figure(one["cost"] / WAN, 4))
        for one in found["rows"]
    ]
    table(words("replan.cli.history"), [words(f"replan.cli.{name}") for name in names], rows, (3, 4))


@programme.command("difference")
def difference(
    city: CityOption,
    before: Annotated[str, typer.Argument(help="id of a programme")],
    after: Annotated[str, typer.Argument(help="id of a programme")],
    as_json: AsJson = False,
) -> None:
    """Say what is otherwise in one filed programme than in another."""
    from wenqu.services.city_state import CityState
    from wenqu.services.view_replan import view_difference

    with opened() as store:
        state = CityState(store.network(city))
        found = view_difference(store, state, before, after, settings().language)
    if as_json:
        answer({name: value for name, value in found.items() if name != "drawn"})
        return
    _tell(found)


@programme.command("verify")
def verify(
    city: CityOption,
    id_: Annotated[str, typer.Argument(help="id of a programme; the one that stands when left out")] = "",
    as_json: AsJson = False,
) -> None:
    """Recompute every line and rule of a filed programme from its proof, without a solver; 2 if it fails."""
    from wenqu.services.city_state import CityState
    from wenqu.services.verify_plan import verify_plan

    with opened() as store:
        state = CityState(store.network(city))
        found = verify_plan(store, state, settings().language, id_)
    if as_json:
        answer(found)
    elif found["holds"]:
        people.print(words("replan.cli.holds", id=found["programme"], **found["checked"]), soft_wrap=True)
        proved = found["certificate"]
        said = words("replan.cli.bound", **proved) if proved else words("replan.cli.no-bound")
        people.print(f"  {said}", soft_wrap=True)
    else:
        people.print(words("replan.cli.broken", id=found["programme"]))
        for row in (*found["sums"], *(one["said"] for one in found["lines"]), *found["rules"]):
            people.print(f"  {row}", soft_wrap=True)
    if not found["holds"]:
        raise typer.Exit(2)


@programme.command("certificate")
def certificate(
    city: CityOption,
    out: Annotated[Path, typer.Option(help="folder to write to")],
    id_: Annotated[str, typer.Argument(help="id of a programme; the one that stands when left out")] = "",
) -> None:
    """Write the certificate of a filed programme, which `wenqu plan verify` checks anywhere."""
    from wenqu.services.verify_plan import filed_programme, proof_of
    from wenqu.services.write_certificate import write_certificate

    with opened() as store:
        made, at = filed_programme(store, city, id_)
        file = write_certificate(proof_of(store, city, made.id, at), out)
    people.print(words("replan.cli.certificate", id=made.id, file=file), soft_wrap=True)


@programme.command("relax")
def relax(
    city: CityOption,
    why: Why,
    which: Annotated[list[int] | None, typer.Option(help="number in the list; all when left out")] = None,
) -> None:
    """Let the rules go that the programme misses, by as little as will do, as a new version of the rules."""
    from wenqu.services.city_state import CityState
    from wenqu.services.relax_rules import relax_rules, relaxations

    with opened() as store:
        found = relaxations(store, CityState(store.network(city)), settings().language)
        for place, row in enumerate(found["rows"], 1):
            people.print(f"{place}  {row['said']}", soft_wrap=True)
        if not found["rows"]:
            people.print(words("replan.cli.nothing-relaxed"))
            return
        places = [place - 1 for place in which or ()]
        patch = relax_rules(store, city, found["programme"], places, why=why, person=local_person())
    people.print(words("replan.cli.relaxed", patch=json.dumps(patch, ensure_ascii=False)), soft_wrap=True)
