"""Papers from the command line: which there are, one as a file, a text of one.

The command imports the services it calls when it is called: a list of commands must not wait for all of them.
"""

from pathlib import Path
from typing import Annotated

import typer

from wenqu.cli.evidence import AsJson, AsOf, CityOption
from wenqu.cli.output import answer, author, figure, opened, people, settings, table, words

paper = typer.Typer(help="Papers that the data write: list, write, show, edit.", no_args_is_help=True)
groups: dict[str, typer.Typer] = {"paper": paper}
Kind = Annotated[str, typer.Argument(help="plant, district, month, tasks or tables")]
About = Annotated[
    str, typer.Option("--of", help="id of the plant or district, month as 2026-03; empty: the whole city")
]
In = Annotated[str, typer.Option("--language", help="zh or en; that of WENQU_LANGUAGE when left out")]


@paper.command("list")
def list_(city: CityOption, as_of: AsOf = "", as_json: AsJson = False) -> None:
    """List the plants with what they receive, those under their target first, and the kinds of papers."""
    from wenqu.services.city_state import Cities
    from wenqu.services.papers import papers_offered
    from wenqu.services.rights import LOCAL

    with opened() as store:
        found = papers_offered(store, Cities(store).state(city, as_of), LOCAL)
    if as_json:
        answer(found)
        return
    unknown = float("nan")
    rows = [
        (
            one["id"],
            one["name"],
            figure(unknown if one["bod5"] is None else one["bod5"]),
            figure(one["threshold"]),
            words("paper.not_known" if one["meets"] is None else "paper.yes" if one["meets"] else "paper.no"),
        )
        for one in found["plants"]
    ]
    names = ("id", "plant", "bod5", "target", "meets")
    table(words("paper.cli.plants"), [words(f"paper.cli.{name}") for name in names], rows, (2, 3))
    people.print(words("paper.cli.kinds", kinds=", ".join(found["kinds"])))


@paper.command("write")
def write(
    kind: Kind,
    path: Annotated[Path, typer.Argument(help="DOCX, PDF or XLSX file to write")],
    city: CityOption,
    subject: About = "",
    language: In = "",
    as_of: AsOf = "",
) -> None:
    """Write a paper as a Word, PDF or Excel file."""
    from wenqu.services.city_state import Cities
    from wenqu.services.papers import make_paper

    with opened() as store:
        state = Cities(store).state(city, as_of)
        form = path.suffix.lstrip(".").lower()
        made = make_paper(store, state, kind, subject, language or settings().language, form)
    path.write_bytes(made.body)
    people.print(words("paper.cli.written", path=str(path), figures=len(made.facts)), soft_wrap=True)


@paper.command("write-plants")
def write_plants(
    folder: Annotated[Path, typer.Argument(help="folder to write into; made when it is not there")],
    city: CityOption,
    form: Annotated[str, typer.Option("--form", help="docx, pdf or xlsx")] = "docx",
    language: In = "",
    as_of: AsOf = "",
) -> None:
    """Write one plant, one policy for each plant that receives less than its target."""
    from wenqu.services.city_state import Cities
    from wenqu.services.papers import make_paper, plants_short

    said = language or settings().language
    with opened() as store:
        state = Cities(store).state(city, as_of)
        short = plants_short(store, state)
        folder.mkdir(parents=True, exist_ok=True)
        for plant in short:
            made = make_paper(store, state, "plant", plant, said, form)
            (folder / made.name).write_bytes(made.body)
            people.print(
                words("paper.cli.written", path=str(folder / made.name), figures=len(made.facts)),
                soft_wrap=True,
            )
    if not short:
        people.print(words("paper.cli.none_short"))


@paper.command("show")
def show(
    kind: Kind,
    city: CityOption,
    subject: About = "",
    language: In = "",
    as_of: AsOf = "",
    as_json: AsJson = False,
) -> None:
    """Show the texts of a paper with their names, and which of them were edited."""
    from wenqu.reports.paper import plain
    from wenqu.services.city_state import Cities
    from wenqu.services.papers import paper_content, paper_told

    with opened() as store:
        state = Cities(store).state(city, as_of)
        content = paper_content(store, state, kind, subject, language or settings().language)
    if as_json:
        answer(paper_told(content))
        return
    people.print(content.name)
    for one in content.words:
        mark = words("paper.cli.edited", by=one.by, at=one.at[:16]) if one.edited else ""
        people.print(f"\n[{one.key}] {mark}", soft_wrap=True)
        people.print(plain(one.text, content.facts, content.language), soft_wrap=True)
        for change in one.changes:
            said = words("paper.cli.changed", label=change.label, before=change.before, now=change.now or "–")
            people.print(f"  ! {said}", soft_wrap=True)


@paper.command("edit")
def edit(
    kind: Kind,
    name: Annotated[str, typer.Argument(help="name of the text, as `wenqu paper show` gives it")],
    text: Annotated[str, typer.Argument(help="the text; figures as {bod5}; empty: back to the draft")],
    city: CityOption,
    subject: About = "",
    language: In = "",
) -> None:
    """Write a text into a paper; its figures in braces are renewed each time the paper is made."""
    from dataclasses import replace

    from wenqu.services.city_state import Cities
    from wenqu.services.edit_paper import edit_paper
    from wenqu.services.papers import paper_content
    from wenqu.services.rights import LOCAL

    said = language or settings().language
    with opened() as store:
        known = Cities(store)
        state = known.state(city)
        content = paper_content(store, state, kind, subject, said)
        version = next((one.version for one in content.words if one.key == name), 0)
        made = edit_paper(
            known,
            state,
            kind,
            subject=subject,
            language=said,
            name=name,
            text=text,
            version=version,
            person=replace(LOCAL, account=author()),
        )
    people.print(words("paper.cli.kept", name=name, at=made.at))
