"""Works: projects, proofs, pipes as built, acceptances and teams.

The command imports the services it calls when it is called: a list of commands must not wait for all of them.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from wenqu.cli.evidence import AsJson, CityOption
from wenqu.cli.figures import AsOf, On
from wenqu.cli.output import answer, author, figure, opened, people, table, words

Stated = Annotated[Path, typer.Argument(help="JSON file as the record is described in the manual")]
PipeArgument = Annotated[str, typer.Argument(help="id of the pipe")]

works = typer.Typer(
    help="Works: projects, proofs, pipes as built, and what lacks before a pipe is accepted.",
    no_args_is_help=True,
)
groups: dict[str, typer.Typer] = {"works": works}


def read_stated(path: Path, cls: Any) -> Any:
    """Return what a JSON file states, as an object of a class."""
    from pydantic import TypeAdapter, ValidationError

    from wenqu.errors import BadInput, FileMissing

    if not path.is_file():
        raise FileMissing(path=str(path))
    try:
        return TypeAdapter(cls).validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise BadInput("works-file", path=path.name, where=where, says=first["msg"]) from None


def local_person() -> Any:
    """Return who works at this command line."""
    from dataclasses import replace

    from wenqu.services.rights import LOCAL

    return replace(LOCAL, account=author())


@works.command("project")
def project(city: CityOption, path: Stated) -> None:
    """File a project with its lots, pipes and parties, or state it anew."""
    from wenqu.records.project import Project
    from wenqu.services.file_works import file_project

    with opened() as store:
        made = file_project(store, city, read_stated(path, Project), person=local_person())
    people.print(words("works.cli.project", project=made.id, lots=len(made.lots), pipes=len(made.assets)))


@works.command("proof")
def proof(
    city: CityOption,
    kind: Annotated[str, typer.Argument(help="material, hidden or closed_water")],
    path: Stated,
) -> None:
    """File a material sample, a look at hidden works, or a closed-water test."""
    from wenqu.errors import Unknown
    from wenqu.services.file_works import KIND_OF, file_proof

    classes = {name: cls for cls, name in KIND_OF.items()}
    if kind not in classes:
        raise Unknown("proof", name=kind, known=", ".join(classes))
    with opened() as store:
        made = file_proof(store, city, read_stated(path, classes[kind]), person=local_person())
    people.print(
        words("works.cli.proof", kind=words(f"works.proof.{kind}"), id=made.id, pipes=", ".join(made.assets))
    )


@works.command("built")
def built(city: CityOption, path: Stated) -> None:
    """File a pipe as built: the network changes by it in the same change."""
    from wenqu.records.acceptance import AsBuilt
    from wenqu.services.file_as_built import file_as_built

    with opened() as store:
        made = file_as_built(store, city, read_stated(path, AsBuilt), person=local_person())
    people.print(words("works.cli.built", pipe=made.asset, id=made.id))


@works.command("gate")
def gate(city: CityOption, pipe: PipeArgument) -> None:
    """Say what lacks before a pipe may be accepted."""
    from wenqu.services.city_state import CityState
    from wenqu.services.gate_pipes import gate_of
    from wenqu.services.wording import lack_sentence
    from wenqu.settings import language_asked

    with opened() as store:
        found = gate_of(store, CityState(store.network(city)), pipe)
    people.print(words("works.cli.open" if found.open else "works.cli.shut", pipe=pipe))
    for lack in found.lacks:
        people.print(f"  ✗ {lack_sentence(lack, language_asked())}", soft_wrap=True)


@works.command("accept")
def accept(
    city: CityOption,
    pipe: PipeArgument,
    day: Annotated[str, typer.Option(help="YYYY-MM-DD; today when left out")] = "",
) -> None:
    """Accept a mended pipe, when nothing lacks."""
    from wenqu.services.accept_pipes import accept_pipe

    with opened() as store:
        made = accept_pipe(store, city, pipe, person=local_person(), day=day)
    people.print(words("works.cli.accepted", pipe=pipe, day=made.date, proofs=len(made.proofs)))


@works.command("withdraw")
def withdraw(
    city: CityOption, pipe: PipeArgument, reason: Annotated[str, typer.Option(help="why it is taken back")]
) -> None:
    """Take the acceptance of a pipe back."""
    from wenqu.services.accept_pipes import withdraw_acceptance

    with opened() as store:
        withdraw_acceptance(store, city, pipe, person=local_person(), reason=reason)
    people.print(words("works.cli.withdrawn", pipe=pipe, reason=reason), soft_wrap=True)


@works.command("teams")
def teams(city: CityOption, path: Stated) -> None:
    """File teams with what each does a working day; a rate of 0 ends one."""
    from wenqu.records.team import Team
    from wenqu.services.file_works import file_teams

    with opened() as store:
        count = file_teams(store, city, read_stated(path, list[Team]), person=local_person())
    people.print(words("works.cli.teams", count=count))


@works.command("list")
def list_projects(city: CityOption, as_of: AsOf = "", on: On = "", as_json: AsJson = False) -> None:
    """List the projects: conduits, built, accepted, and acceptances that count no more."""
    from wenqu.services.city_state import CityState
    from wenqu.services.view_projects import view_projects

    with opened() as store:
        state = CityState(store.network(city, as_of=as_of or None))
        found = view_projects(store, state, local_person(), None, on=on)
    if as_json:
        answer(found)
        return
    rows = [
        (one["id"], one["name"], *(_share(one[name]) for name in ("whole", "built", "accepted")),
         str(one["lapsed"]))
        for one in found["rows"]
    ]  # fmt: skip
    names = ("project", "project", "pipes", "built", "accepted", "lapsed")
    heads = ["", *(words(f"works.cli.column_{name}") for name in names[1:])]
    table(words("works.cli.projects", city=city), heads, rows, (2, 3, 4, 5))
    if found["day"] < found["known"]:
        people.print(words("figures.known", day=found["day"], known=found["known"]), soft_wrap=True)


def _share(one: dict[str, float]) -> str:
    return f"{one['count']:,} / {figure(one['length'] / 1000)} km"
