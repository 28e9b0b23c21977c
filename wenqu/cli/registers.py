"""The registers at the command line: list, edit, undo, template."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from wenqu.cli.evidence import AsJson, CityOption
from wenqu.cli.output import answer, author, opened, people, settings, table, words
from wenqu.errors import BadInput
from wenqu.services.rights import LOCAL

TypeArgument = Annotated[str, typer.Argument(help="asset type or kind of record, as conduit", metavar="TYPE")]


def list_(  # noqa: PLR0913, PLR0917 the parts of the question
    city: CityOption,
    type_: TypeArgument,
    where: Annotated[
        str, typer.Option(help='conditions, as "height>=300;material=hdpe|pvc;road~North"')
    ] = "",
    sort: Annotated[str, typer.Option(help="columns, the first counts most; - is falling")] = "",
    columns: Annotated[str, typer.Option(help="columns to show, set apart by commas")] = "",
    limit: Annotated[int, typer.Option(help="rows to show", min=1, max=2000)] = 50,
    as_of: Annotated[str, typer.Option(help="a past day, YYYY-MM-DD")] = "",
    csv: Annotated[bool, typer.Option("--csv", help="all rows as CSV")] = False,
    as_json: AsJson = False,
) -> None:
    """List the rows of a register: filtered, sorted, with the columns asked for."""
    from wenqu.services.city_state import Cities
    from wenqu.services.list_register import asked_of, list_register
    from wenqu.services.register_files import export_register, heading
    from wenqu.services.register_tables import register

    with opened() as store:
        state = Cities(store).state(city, as_of)
        asked = asked_of(where, sort, columns, "", 0, limit)
        if csv:
            made = export_register(store, state, type_, asked, "csv", settings().language)
            typer.echo(made.content, nl=False)
            return
        page = list_register(store, state, type_, asked)
    if as_json:
        answer(page)
        return
    names: list[str] = page["columns"]  # type: ignore[assignment]
    cells: dict[str, list[object]] = page["cells"]  # type: ignore[assignment]
    entries = [register(type_).field(name) for name in names]
    head = [heading(entry, settings().language) for entry in entries]
    rows = [["" if value is None else value for value in line] for line in zip(*cells.values(), strict=True)]
    title = words("cli.registers.found", found=page["found"], total=page["total"], shown=len(rows))
    table(title, head, rows, [at for at, name in enumerate(names) if name in page["totals"]])  # type: ignore[operator]


def edit(
    city: CityOption,
    type_: TypeArgument,
    values: Annotated[list[str], typer.Argument(help="FIELD=VALUE …; nothing behind = takes a value away")],
    where: Annotated[
        str, typer.Option(help='conditions, as "height>=300;material=hdpe|pvc;road~North"')
    ] = "",
    why: Annotated[str, typer.Option(help="reason, kept in the history")] = "wenqu edit",
    preview: Annotated[bool, typer.Option("--preview", help="say what would change, write nothing")] = False,
    as_json: AsJson = False,
) -> None:
    """Give all assets that the conditions find the same values, as one change."""
    from wenqu.services.city_state import Cities
    from wenqu.services.edit_register import edit_found, typed_values
    from wenqu.services.list_register import asked_of
    from wenqu.services.register_form import report_row

    with opened() as store:
        report = edit_found(
            store, Cities(store).state(city), type_, asked_of(where, "", "", ""), typed_values(type_, values),
            person=LOCAL, who=author(), why=why, preview=preview,
        )  # fmt: skip
    row = report_row(report)
    if as_json:
        answer(row)
    elif report.issues:
        says: dict[str, str] = row["issues"][0]["says"]  # type: ignore[index]
        people.print(words("cli.registers.issues", count=len(report.issues), says=says[settings().language]))
    else:
        key = "cli.registers.edited" if report.written else "cli.registers.would"
        people.print(words(key, count=row["assets"], number=report.version))
    if report.issues or report.conflicts:
        raise typer.Exit(2)


def undo(
    city: CityOption,
    number: Annotated[int, typer.Argument(help="number of the change", min=1)],
    why: Annotated[str, typer.Option(help="reason, kept in the history")] = "wenqu undo",
    as_json: AsJson = False,
) -> None:
    """Take a change of assets back, as a change of its own."""
    from wenqu.services.register_form import report_row
    from wenqu.services.undo_change import undo_change

    with opened() as store:
        report = undo_change(store, city, number, person=LOCAL, who=author(), why=why)
    row = report_row(report)
    if as_json:
        answer(row)
    else:
        people.print(words("cli.registers.undone", number=number, count=row["assets"], change=report.version))


def template(
    type_: TypeArgument,
    path: Annotated[Path, typer.Argument(help="workbook to write, .xlsx")],
    as_json: AsJson = False,
) -> None:
    """Write the empty sheet of a type, to be filled in and imported."""
    from wenqu.services.register_files import template as sheet

    if path.suffix.lower() != ".xlsx":
        raise BadInput("written-format", path=path.name, known="xlsx")
    content = sheet(type_, settings().language)
    path.write_bytes(content)
    if as_json:
        answer({"type": type_, "file": str(path)})
    else:
        people.print(words("cli.exported", files=path))


def fill(
    city: CityOption,
    type_: TypeArgument,
    path: Annotated[Path, typer.Argument(help="filled template, .xlsx or .csv", exists=True, dir_okay=False)],
    why: Annotated[str, typer.Option(help="reason, kept in the history")] = "",
    preview: Annotated[bool, typer.Option("--preview", help="say what would change, write nothing")] = False,
    as_json: AsJson = False,
) -> None:
    """Take the rows of a filled template into a register of records, as one change."""
    from wenqu.services.city_state import Cities
    from wenqu.services.register_form import report_row
    from wenqu.services.take_rows import take_rows

    with opened() as store:
        made = take_rows(
            store, Cities(store).state(city), type_, path.name, path.read_bytes(),
            person=LOCAL, who=author(), why=why, preview=preview,
        )  # fmt: skip
    row = report_row(made.report)
    if as_json:
        answer({**row, "rows": made.rows, "numbers": dict(made.numbers)})
    else:
        key = "cli.registers.edited" if made.report.written else "cli.registers.would"
        people.print(words(key, count=row["assets"], number=made.report.version))
        for issue in row["issues"]:  # type: ignore[attr-defined]
            says = issue["says"][settings().language]
            people.print(words("cli.registers.row", row=made.numbers[issue["id"]], id=issue["id"], says=says))
    if made.report.issues:
        raise typer.Exit(2)


commands: dict[str, Callable[..., None]] = {
    "list": list_,
    "edit": edit,
    "undo": undo,
    "template": template,
    "fill": fill,
}
