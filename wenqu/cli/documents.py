"""Official documents from the command line: begin, file versions, take steps, prove.

The command imports the services it calls when it is called: a list of commands must not wait for all of them.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wenqu.cli.evidence import AsJson, CityOption
from wenqu.cli.figures import AsOf, On
from wenqu.cli.output import answer, author, opened, people, settings, table, words

if TYPE_CHECKING:
    from wenqu.services.rights import Person
    from wenqu.supervision.document_life import DocumentLife

SHOWN = 40
IdArgument = Annotated[str, typer.Argument(help="number of the document, as D-1a2b3c4d5e")]

documents = typer.Typer(
    help="Official documents: begin, file versions, approve, issue, archive, prove.", no_args_is_help=True
)
groups: dict[str, typer.Typer] = {"documents": documents}


def local() -> "Person":
    """Return who sits at the machine that holds the store, by name."""
    from dataclasses import replace

    from wenqu.services.rights import LOCAL

    return replace(LOCAL, account=author())


@documents.command("list")
def list_(  # noqa: PLR0913, PLR0917 what of the register, of which day, in which form
    city: CityOption,
    kind: Annotated[str, typer.Option(help="only this kind, as plant_policy or bulletin")] = "",
    state: Annotated[str, typer.Option(help="only this state, as draft or issued")] = "",
    district: Annotated[str, typer.Option(help="only this district")] = "",
    text: Annotated[str, typer.Option(help="part of the title or of a number")] = "",
    as_of: AsOf = "",
    on: On = "",
    out: Annotated[Path | None, typer.Option(help="register to write: .xlsx, .docx or .pdf")] = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """List the register of official documents, newest first, or write it."""
    from wenqu.services.city_state import CityState
    from wenqu.services.deliver_documents import MEDIA, register_file
    from wenqu.services.view_documents import Sought, view_documents

    sought, language = Sought(kind, state, district, text), settings().language
    with opened() as store:
        there = CityState(store.network(city, as_of=as_of or None))
        if out is not None:
            form = out.suffix.lower().removeprefix(".")
            form = form if form in MEDIA and form != "json" else "xlsx"
            out.write_bytes(register_file(store, there, local(), sought, form, language, on)[0])
            people.print(words("cli.exported", files=str(out)))
            return
        found = view_documents(store, there, local(), sought, on)
    if as_json:
        answer(found)
        return
    tables = found["tables"]
    lines = [
        (row["id"], row["title"], tables["kinds"][row["kind"]][language], row["district_name"],
         f"v{row['version']}" if row["version"] else "-",
         tables["states"][row["state"]][language] if row["state"] else "-", row["number"] or "-")
        for row in found["rows"][:SHOWN]
    ]  # fmt: skip
    heads = ["", *(words(f"document.column.{one}") for one in ("title", "kind", "district", "version"))]
    heads += [words(f"document.column.{one}") for one in ("state", "number")]
    table(words("document.cli.title", city=city, count=found["count"]), heads, lines)
    if len(found["rows"]) > SHOWN:
        people.print(words("cli.more", count=len(found["rows"]) - SHOWN))


@documents.command("show")
def show(
    city: CityOption, document: IdArgument, as_of: AsOf = "", on: On = "", as_json: AsJson = False
) -> None:
    """Show one document: versions, steps with who signed, what may follow."""
    from wenqu.services.city_state import CityState
    from wenqu.services.view_documents import view_document

    with opened() as store:
        state = CityState(store.network(city, as_of=as_of or None))
        found = view_document(store, state, document, local(), on)
    if as_json:
        answer(found)
        return
    language, tables = settings().language, found["tables"]
    people.print(f"{found['id']} · {tables['kinds'][found['kind']][language]} · {found['title']}")
    for one in found["versions"]:
        stands = tables["states"][one["state"]][language]
        people.print(f"  v{one['version']} · {stands} · {one['number'] or '-'} · {one['name']}")
        people.print(f"    {one['sha256']} · {one['reason']}")
    for event in found["events"]:
        step = tables["steps"][event["step"]][language]
        people.print(f"  {event['at']}  v{event['version']}  {event['by']}  {step}  {event['note']}")
    for name in found["steps"]:
        people.print(f"  → {name}: {tables['steps'][name][language]}")


@documents.command("begin")
def begin(
    city: CityOption,
    kind: Annotated[str, typer.Option(help="plant_policy, implementation, bulletin, list, other …")],
    title: Annotated[str, typer.Option(help="title, as it will be printed")],
    district: Annotated[str, typer.Option(help="id of the district; the whole city when left out")] = "",
    subject: Annotated[str, typer.Option(help="what it is about: id of a plant, a month")] = "",
    seat: Annotated[
        list[str] | None, typer.Option(help="who countersigns: district:X, role:bureau, body:X, account:X")
    ] = None,
    body: Annotated[str, typer.Option(help="body that drafts it")] = "",
) -> None:
    """Begin an official document; its versions are filed after."""
    from wenqu.records.official import OfficialDocument
    from wenqu.services.file_document import begin_document

    asked = OfficialDocument("", kind, title, district, subject, tuple(seat or ()), body)
    with opened() as store:
        made = begin_document(store, city, asked, person=local())
    people.print(words("document.cli.begun", id=made.id))


@documents.command("file")
def file(
    city: CityOption,
    document: IdArgument,
    path: Annotated[Path, typer.Argument(help="file of the version, or name of a document of the store")],
    reason: Annotated[str, typer.Option(help="what was changed, and why")],
    stored: Annotated[bool, typer.Option("--stored", help="it is a document that the store has")] = False,
    paper: Annotated[
        str, typer.Option(help="make this paper and file it: kind/subject; PATH gives the form")
    ] = "",
) -> None:
    """File a version of a document: its hash is signed."""
    from wenqu.services.city_state import Cities
    from wenqu.services.file_document import Draft, file_name, file_version, stored_draft
    from wenqu.services.file_paper import file_paper

    with opened() as store:
        if paper:
            known, (kind, _, subject) = Cities(store), paper.partition("/")
            asked = {"language": settings().language, "form": path.suffix.lower().removeprefix(".")}
            life = file_paper(
                known, known.state(city), document, kind, subject, **asked, reason=reason, person=local()
            )
            path.write_bytes(store.document(city, file_name(life.versions[-1].version)) or b"")
            _filed(life)
            return
        if stored:
            draft = stored_draft(store, store, city, path.as_posix(), reason)
        else:
            draft = Draft(path.name, path.read_bytes(), reason)
        life = file_version(store, city, document, draft, person=local())
    _filed(life)


def _filed(life: "DocumentLife") -> None:
    version = life.versions[-1].version
    facts = {"version": version.number, "sha256": version.sha256}
    people.print(words("document.cli.filed", id=version.document, **facts))


@documents.command("step")
def step(  # noqa: PLR0913, PLR0917 a step has that many sides
    city: CityOption,
    document: IdArgument,
    name: Annotated[
        str, typer.Argument(help="check, countersign, approve, issue, archive, send_back, revoke, note")
    ],
    version: Annotated[int, typer.Option(help="number of the version; the newest when left out")] = 0,
    note: Annotated[str, typer.Option(help="reason or remark")] = "",
    seat: Annotated[str, typer.Option(help="for whom is countersigned")] = "",
    number: Annotated[str, typer.Option(help="document number (文号) of an issue")] = "",
    shelf: Annotated[str, typer.Option(help="archive number (档号)")] = "",
    retention: Annotated[str, typer.Option(help="permanent, y30 or y10")] = "",
    recipient: Annotated[
        list[str] | None, typer.Option(help="who is sent an issue: district:X, role:X, body:X")
    ] = None,
) -> None:
    """Take a version one step further and sign its hash."""
    from wenqu.services.document_register import document_of
    from wenqu.services.step_document import Asked, step_document

    with opened() as store:
        life, _ = document_of(store, city, document, local())
        chosen = version or (life.last.version.number if life.last else 0)
        sent = tuple(recipient or ())
        asked = Asked(name, chosen, note, seat, number, shelf, retention, sent)
        made = step_document(store, city, document, asked, person=local())
    one = made.version(chosen)
    people.print(
        words("document.cli.stands", id=document, version=chosen, state=_state(one.state if one else ""))
    )


def _state(name: str) -> str:
    from wenqu.supervision.document_tables import states

    known = states().get(name)
    return name if known is None else (known.zh if settings().language == "zh" else known.en)


@documents.command("sheet")
def sheet(
    city: CityOption,
    document: IdArgument,
    path: Annotated[Path, typer.Argument(help="signed file to write, .json")],
) -> None:
    """Write versions, steps and signatures of a document as one signed file."""
    from wenqu.services.document_register import document_of
    from wenqu.services.verify_documents import signed_sheet

    with opened() as store:
        life, numbers = document_of(store, city, document, local())
        path.write_bytes(signed_sheet(store, city, life, numbers))
    people.print(words("cli.exported", files=str(path)))


@documents.command("verify")
def verify(
    city: Annotated[str, typer.Option("--city", help="prove every version in the store of this city")] = "",
    document: Annotated[str, typer.Option(help="only this document of the city")] = "",
    sheet: Annotated[Path | None, typer.Option(help="signed sheet, to prove without a store")] = None,
    file: Annotated[Path | None, typer.Option(help="file that has to be a version of the sheet")] = None,
    signer: Annotated[str, typer.Option(help="thumbprint of the key that must have signed")] = "",
    as_json: AsJson = False,
) -> None:
    """Prove official documents with the store, or by a signed sheet: contents, signatures, their chain."""
    from wenqu.errors import BadInput
    from wenqu.services.verify_documents import verify_documents, verify_sheet

    if sheet is not None:
        _sheet_told(
            verify_sheet(sheet.read_bytes(), file.read_bytes() if file else None, signer), as_json=as_json
        )
        return
    with opened() as store:
        found = verify_documents(store, city, local(), document)
    if as_json:
        answer(found)
    if found["broken"]:
        where = "; ".join(
            f"{row['document']} v{row['version']} ({', '.join(row['faults'])})"
            for row in found["rows"]
            if row["faults"]
        )
        raise BadInput("documents-broken", count=found["count"], broken=found["broken"], where=where)
    if not as_json:
        people.print(words("document.cli.holds", count=found["count"], signer=found["signer"]))


def _sheet_told(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        answer(found)
        return
    facts = {"document": found["facts"]["document"], "title": found["facts"]["title"]}
    people.print(words("document.cli.sheet", count=len(found["signed"]), signer=found["signer"], **facts))
    if found["version"]:
        stands = _state(found["version"]["state"])
        people.print(words("document.cli.is_version", version=found["version"]["version"], state=stands))
