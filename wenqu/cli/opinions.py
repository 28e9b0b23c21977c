"""Consultation from the command line: send round, take opinions in, decide, write the table.

The command imports the services it calls when it is called: a list of commands must not wait for all of them.
"""

from pathlib import Path
from typing import Annotated

import typer

from wenqu.cli.documents import local
from wenqu.cli.evidence import AsJson, CityOption
from wenqu.cli.figures import AsOf, On
from wenqu.cli.output import answer, opened, people, settings, table, words

RoundArgument = Annotated[str, typer.Argument(help="number of the consultation, as C-1a2b3c4d5e")]

opinions = typer.Typer(
    help="Consultation: send a draft round, opinions, what became of them.", no_args_is_help=True
)
groups: dict[str, typer.Typer] = {"opinions": opinions}


@opinions.command("rounds")
def rounds(city: CityOption, as_of: AsOf = "", on: On = "", as_json: AsJson = False) -> None:
    """List the rounds of consultation with their totals, the open ones first."""
    from wenqu.services.city_state import CityState
    from wenqu.services.view_consultations import view_consultations

    with opened() as store:
        state = CityState(store.network(city, as_of=as_of or None))
        found = view_consultations(store, state, local(), on)
    if as_json:
        answer(found)
        return
    lines = [
        (row["id"], f"{row['title']} v{row['version']}", row["due"],
         *(str(row["totals"][name]) for name in ("opinions", "adopted", "partly", "refused", "open")))
        for row in found["rows"]
    ]  # fmt: skip
    verdicts = [words(f"opinion.verdict.{name}") for name in ("adopted", "partly", "not", "open")]
    heads = ["", words("document.column.title"), words("problem.column.due"), words("opinion.column.text")]
    table(words("opinion.cli.title", city=city, count=found["count"]), [*heads, *verdicts], lines,
          (3, 4, 5, 6, 7))  # fmt: skip


@opinions.command("ask")
def ask(
    city: CityOption,
    document: Annotated[str, typer.Argument(help="number of the document, as D-1a2b3c4d5e")],
    until: Annotated[str, typer.Option(help="last day, YYYY-MM-DD")],
    seat: Annotated[list[str], typer.Option(help="who is asked: district:X, role:X, body:X, account:X")],
    version: Annotated[int, typer.Option(help="number of the version; the newest when left out")] = 0,
    note: Annotated[str, typer.Option(help="what is asked")] = "",
) -> None:
    """Send a version of a document round."""
    from wenqu.records.opinion import Consultation
    from wenqu.services.consult import open_consultation
    from wenqu.services.document_register import document_of

    with opened() as store:
        life, _ = document_of(store, city, document, local())
        chosen = version or (life.last.version.number if life.last else 0)
        asked = Consultation("", document, chosen, until, tuple(seat), note)
        made = open_consultation(store, city, asked, person=local())
    people.print(words("opinion.cli.opened", id=made.id, due=made.due))


@opinions.command("give")
def give(
    city: CityOption,
    consultation: RoundArgument,
    body: Annotated[str, typer.Option(help="from whom")],
    text: Annotated[str, typer.Option(help="the opinion; no comment when left out")] = "",
    clause: Annotated[str, typer.Option(help="of the draft")] = "",
    day: Annotated[str, typer.Option(help="its date, YYYY-MM-DD; today when left out")] = "",
    seat: Annotated[str, typer.Option(help="of those asked, for which it speaks")] = "",
) -> None:
    """File an opinion, or that there is none."""
    from wenqu.services.consult import Said, give_opinion

    said = Said(body, text, not text.strip(), day, clause, seat)
    with opened() as store:
        made = give_opinion(store, city, consultation, said, person=local())
    people.print(words("opinion.cli.given", id=made.id))


@opinions.command("decide")
def decide(
    city: CityOption,
    consultation: RoundArgument,
    opinion: Annotated[str, typer.Argument(help="number of the opinion, as Y-1a2b3c4d5e")],
    verdict: Annotated[str, typer.Argument(help="adopted, partly, not or withdrawn")],
    why: Annotated[str, typer.Option(help="reason; needed unless it is adopted")] = "",
    change: Annotated[str, typer.Option(help="what it changed in the draft")] = "",
) -> None:
    """Decide about an opinion."""
    from wenqu.records.opinion import OpinionAnswer
    from wenqu.services.consult import answer_opinion

    with opened() as store:
        given = OpinionAnswer("", opinion, verdict, why, change)
        made = answer_opinion(store, city, consultation, given, person=local())
    told = words(f"opinion.verdict.{made.verdict}")
    people.print(words("opinion.cli.decided", id=opinion, verdict=told))


@opinions.command("take-in")
def take_in(
    city: CityOption,
    consultation: RoundArgument,
    path: Annotated[Path, typer.Argument(help="table of opinions: .xlsx, .docx or .csv")],
    as_json: AsJson = False,
) -> None:
    """Take in a table of opinions: good rows are filed, bad ones wait and are named."""
    from wenqu.services.take_in_opinions import take_in_opinions

    with opened() as store:
        found = take_in_opinions(store, city, consultation, path.name, path.read_bytes(), person=local())
    if as_json:
        answer(found)
        return
    people.print(words("opinion.cli.taken", **{**found, "waiting": len(found["waiting"])}))
    for row in found["waiting"]:
        people.print(words("opinion.cli.row", row=row["row"], fault=words(f"opinion.fault.{row['fault']}")))


@opinions.command("close")
def close(
    city: CityOption,
    consultation: RoundArgument,
    until: Annotated[str, typer.Option(help="move the last day to this one instead, YYYY-MM-DD")] = "",
    note: Annotated[str, typer.Option(help="remark")] = "",
) -> None:
    """Close a round when every opinion is decided, or move its last day."""
    from wenqu.services.consult import step_consultation
    from wenqu.services.view_consultations import totals_told

    step = "extend" if until else "close"
    with opened() as store:
        made = step_consultation(store, city, consultation, step, person=local(), due=until, note=note)
    if until:
        people.print(words("opinion.cli.moved", id=consultation, due=made.due))
    else:
        told = totals_told(made, settings().language)
        people.print(words("opinion.cli.closed", id=consultation, totals=told))


@opinions.command("table")
def write_table(
    city: CityOption,
    consultation: RoundArgument,
    path: Annotated[Path, typer.Argument(help="file to write: .docx, .xlsx or .pdf")],
) -> None:
    """Write the opinions and what became of them in the official form."""
    from wenqu.services.city_state import CityState
    from wenqu.services.deliver_documents import opinions_file

    form = path.suffix.lower().removeprefix(".")
    form = form if form in {"docx", "pdf"} else "xlsx"
    with opened() as store:
        state = CityState(store.network(city))
        made = opinions_file(store, state, consultation, local(), form, settings().language)
    path.write_bytes(made[0])
    people.print(words("cli.exported", files=str(path)))
