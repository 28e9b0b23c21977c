"""Percentages: show, freeze, bridge, sign, verify.

The command imports the services it calls when it is called: a list of commands must not wait for all of them.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from wenqu.cli.evidence import AsJson, CityOption
from wenqu.cli.output import answer, author, figure, opened, people, settings, table, words

KM = 1e6  # [mm]
AsOf = Annotated[str, typer.Option("--as-of", help="a past day, YYYY-MM-DD")]
On = Annotated[
    str,
    typer.Option("--on", help="count what is stated for this day, by what is known as of --as-of or today"),
]
KeyArgument = Annotated[str, typer.Argument(help="surveyed (all sewage) or repaired (its problem part)")]
StageArgument = Annotated[str, typer.Argument(help="surveyed, evaluated, problem, repaired or accepted")]

figures = typer.Typer(
    help="Percentages that survive an audit: show, freeze, bridge, sign, verify.", no_args_is_help=True
)
groups: dict[str, typer.Typer] = {"figures": figures}


@figures.command("show")
def show(city: CityOption, as_of: AsOf = "", on: On = "", as_json: AsJson = False) -> None:
    """Show every stage of the programme by length and by count, as of any date."""
    from wenqu.services.city_state import CityState
    from wenqu.services.view_figures import view_figures

    with opened() as store:
        found = view_figures(store, CityState(store.network(city, as_of=as_of or None)), on)
    if as_json:
        answer(found)
        return
    rows = [
        (words(f"figures.stage.{name}"), figure(one["whole"]["length_mm"] / KM),
         figure(one["whole"]["of_mm"] / KM),
         f"{one['whole']['count']:,}", f"{one['whole']['of_count']:,}", _version(found["lists"][one["list"]]))
        for name, one in found["stages"].items()
    ]  # fmt: skip
    heads = [words(f"figures.column.{name}") for name in ("stage", "done", "whole", "pipes", "all", "list")]
    table(words("figures.title", city=city, day=found["day"]), heads, rows, (1, 2, 3, 4))
    if found["day"] < found["known"]:
        people.print(words("figures.known", day=found["day"], known=found["known"]), soft_wrap=True)
    elif not any(one["whole"]["of_count"] for one in found["stages"].values()):
        people.print(words("figures.nothing", day=found["day"]), soft_wrap=True)


def _version(versions: list[dict[str, Any]]) -> str:
    return f"v{versions[-1]['version']}" if versions else words("figures.living")


@figures.command("freeze")
def freeze(
    city: CityOption, key: KeyArgument, reason: Annotated[str, typer.Option(help="why it is frozen now")]
) -> None:
    """Freeze the list that a percentage is a share of, as a signed version."""
    from dataclasses import replace

    from wenqu.services.freeze_figures import freeze_list
    from wenqu.services.rights import LOCAL

    with opened() as store:
        made = freeze_list(store, city, key, person=replace(LOCAL, account=author()), reason=reason)
    facts = {"version": made.version, "count": made.count, "digest": made.digest[:16]}
    people.print(words("figures.frozen", list=key, length=figure(made.length_mm / KM), **facts))


@figures.command("bridge")
def bridge(city: CityOption, key: KeyArgument, as_json: AsJson = False) -> None:
    """Say how the city as it is differs from the frozen list, by cause."""
    from wenqu.services.city_state import CityState
    from wenqu.services.view_figures import view_bridge

    with opened() as store:
        found = view_bridge(store, CityState(store.network(city)), key)
    if as_json or found is None:
        answer(found)
        return
    rows = [
        (words(f"figures.kind.{row['kind']}"), words(f"figures.cause.{row['cause']}"), f"{row['count']:,}",
         f"{row['difference_mm'] / 1000:+.3f}")
        for row in found["rows"]
    ]  # fmt: skip
    title = words(
        "figures.bridge", before=figure(found["before_mm"] / KM), after=figure(found["after_mm"] / KM)
    )
    table(
        title,
        [words(f"figures.column.{name}") for name in ("kind", "cause", "pipes", "difference")],
        rows,
        (2, 3),
    )


@figures.command("sign")
def sign(
    city: CityOption,
    stage: StageArgument,
    path: Annotated[Path, typer.Argument(help="file to write, .json or .xlsx")],
    as_of: AsOf = "",
    on: On = "",
) -> None:
    """Write one percentage with every pipe, its proofs and the rule: JSON, or a workbook (.xlsx)."""
    from wenqu.services.city_state import CityState
    from wenqu.services.sign_figure import signed_figure, signed_workbook

    with opened() as store:
        state = CityState(store.network(city, as_of=as_of or None))
        if path.suffix.lower() == ".xlsx":
            made = signed_workbook(store, state, _stage(stage), settings().language, on)
        else:
            made = signed_figure(store, state, _stage(stage), on)
        path.write_bytes(made)
    people.print(words("cli.exported", files=str(path)))


def _stage(stage: str) -> str:
    from wenqu.errors import Unknown
    from wenqu.supervision.accounting import STAGES

    if stage not in STAGES:
        raise Unknown("list", name=stage, known=", ".join(STAGES))
    return stage


@figures.command("verify")
def verify(
    path: Annotated[Path, typer.Argument(help="signed file or workbook")],
    signer: Annotated[str, typer.Option(help="thumbprint of the key that must have signed")] = "",
    as_json: AsJson = False,
) -> None:
    """Prove a signed file or workbook without a store: signature, rows, cells and sums."""
    from wenqu.services.verify_figures import verify_figures

    found: dict[str, Any] = verify_figures(path.read_bytes(), signer)
    if as_json:
        answer(found)
        return
    people.print(
        words("figures.holds", file=path.name, checks=", ".join(found["checks"]), signer=found["signer"])
    )


@figures.command("table")
def own_table(
    city: CityOption,
    name: Annotated[
        str,
        typer.Argument(
            help="holidays, seasons, steps, milestones, lot_steps, trades, closures, inspection_cycles"
        ),
    ],
    path: Annotated[Path, typer.Argument(help="CSV with the city's own rows")],
    reason: Annotated[str, typer.Option(help="why; kept with the table")] = "",
) -> None:
    """Set days off, seasons, steps or milestones of a city's own beside those of Wenqu."""
    from dataclasses import replace

    from wenqu.services.programme_tables import keep_file
    from wenqu.services.rights import LOCAL

    person = replace(LOCAL, account=author())
    with opened() as store:
        count = keep_file(store, city, name, path.read_bytes(), person=person, reason=reason)
    people.print(words("own_tables.kept", name=words(f"own_tables.name.{name}"), count=count))


@figures.command("backward")
def backward(
    city: CityOption,
    until: Annotated[
        str, typer.Option(help="date to count back from, YYYY-MM-DD; the next milestone when left out")
    ] = "",
    as_of: AsOf = "",
    on: On = "",
    xlsx: Annotated[Path | None, typer.Option(help="Excel workbook to write")] = None,
    as_json: AsJson = False,
) -> None:
    """Count back from the milestone: which team must begin where and when, and who is short."""
    from wenqu.cli.backward import show_backward
    from wenqu.services.city_state import Cities
    from wenqu.services.describe_city import districts
    from wenqu.services.export_backward import backward_workbook
    from wenqu.services.rights import LOCAL
    from wenqu.services.view_backward import view_backward

    with opened() as store:
        known = Cities(store)
        found = view_backward(known, city, LOCAL, as_of, until, on)
        names = {one["id"]: one["name"] for one in districts(known.state(city, as_of))}
    if xlsx is not None:
        xlsx.write_bytes(backward_workbook(found, names, settings().language))
        people.print(words("backward.written", file=str(xlsx)))
    elif as_json:
        answer(found)
    else:
        show_backward(city, found, names)
