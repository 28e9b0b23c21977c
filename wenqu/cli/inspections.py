"""What did crews see in the pipes, and how does it come in?"""

import tempfile
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wenqu.cli.output import answer, author, figure, opened, people, progress, settings, table, words
from wenqu.messages import told

if TYPE_CHECKING:  # heavy, and only named here
    from wenqu.services.prepare_inspections import Prepared

CityOption = Annotated[str, typer.Option("--city", help="code of the city")]
AsJson = Annotated[bool, typer.Option("--json", help="answer as JSON")]
SHOWN = 40  # rows listed one by one; --json lists all
NAMES = 8  # pictures and films named

inspections = typer.Typer(
    help="What crews saw in the pipes: take in, list, show, coverage.", no_args_is_help=True
)
groups: dict[str, typer.Typer] = {"inspections": inspections}


@inspections.command("take-in")
def take_in(
    paths: Annotated[list[Path], typer.Argument(help="reports with their pictures and films, ZIP, folders")],
    city: CityOption,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="match and say what would be filed")] = False,
    why: Annotated[str, typer.Option(help="reason, for the history")] = "inspections",
    as_json: AsJson = False,
) -> None:
    """Take in inspections: matched ones are filed and graded, the others wait in the queue."""
    from wenqu.services.rights import Person
    from wenqu.services.take_in_inspections import from_disk, let_in, summary_of

    most = settings().inspection_mb << 20
    person = Person(author(), local=True)
    with (
        opened() as store,
        tempfile.TemporaryDirectory(prefix="wenqu-") as made,
        progress("cli.inspections_checking", quiet=as_json) as told_,
    ):
        folder = Path(made)
        prepared = from_disk(store, paths, folder, city, person, most, told_)
        done = None if dry_run else let_in(store, prepared, folder, person, why, token_hex(10), most, told_)
    summary = summary_of(prepared)
    if as_json:
        answer({**summary, "filed": done})
        return
    facts = {**summary["counts"], "bad": summary["bad"]}
    if done is None:
        people.print(words("cli.inspections_would", **facts))
    elif not done.changed:
        people.print(words("cli.inspections_nothing", **facts))
    else:
        people.print(words("cli.inspections_filed", **facts, graded=done.graded, number=done.number))
        if done.alarms:
            people.print(words("cli.inspections_alarms", count=len(done.alarms), city=city))
        if done.handed_on:
            people.print(words("cli.inspections_handed_on", count=done.handed_on))
    counts = {"media": summary["media"], "missing": summary["missing"], "strays": len(summary["strays"])}
    people.print(words("cli.inspections_media", **counts))
    _tell_media(prepared)
    _tell(prepared)


def _tell_media(prepared: "Prepared") -> None:
    """Print which pictures and films are named and missing, and which nobody names."""
    missing = dict.fromkeys(name for one in prepared.entries for name in one.missing)
    for key, names in (("missing", list(missing)), ("strays", list(prepared.strays))):
        if names:
            between = "、" if settings().language == "zh" else ", "
            listed = between.join(names[:NAMES]) + (" …" if len(names) > NAMES else "")
            people.print(words(f"cli.inspections_{key}", names=listed), soft_wrap=True)


def _tell(prepared: "Prepared") -> None:
    """Print what could not be read and what is odd."""
    from wenqu.cli.output import show_issues
    from wenqu.services.file_inspections import issues_told

    for report in prepared.reports:
        if report.error:
            says = told(report.error, settings().language, report.facts)
            named = says if report.file in says else words("cli.report_unread", file=report.file, says=says)
            people.print(named, soft_wrap=True)
    found = issues_told(prepared)
    if found:
        show_issues(found)


@inspections.command("list")
def list_(
    city: CityOption,
    text: Annotated[str, typer.Option(help="part of a number, a pipe or a manhole")] = "",
    method: Annotated[str, typer.Option(help="cctv, qv, sonar, manhole, patrol, …")] = "",
    as_json: AsJson = False,
) -> None:
    """List inspections, the newest first."""
    from wenqu.services.city_state import Cities
    from wenqu.services.view_inspections import Asked, list_inspections

    with opened() as store:
        most = 1_000_000 if as_json else SHOWN
        found = list_inspections(store, Cities(store).state(city), Asked(text, method, most=most))
    if as_json:
        answer(found)
        return
    rows = [
        (
            row["id"],
            row["asset"] or "-",
            row["date"],
            row["method"],
            figure(row["length"]) if row["length"] is not None else "-",
            row["defects"],
            f"{row['structural_grade'] or '-'}/{row['functional_grade'] or '-'}",
        )
        for row in found["rows"]
    ]
    names = ("inspection", "asset", "inspection_date", "inspection_method", "inspection_length",
             "inspection_defects", "inspection_grades")  # fmt: skip
    columns = tuple(words(f"cli.{name}") for name in names)
    table(words("cli.inspections", count=found["count"]), columns, rows, (4, 5))


@inspections.command("show")
def show(
    inspection: Annotated[str, typer.Argument(help="id of the inspection")],
    city: CityOption,
    as_json: AsJson = False,
) -> None:
    """Show one inspection on the axis of its pipe, with its grade and every number that it was made from."""
    from wenqu.services.city_state import Cities
    from wenqu.services.view_inspections import show_inspection

    with opened() as store:
        state = Cities(store).state(city)
        found = show_inspection(store, state, inspection, settings().language, settings().films)
    if as_json:
        answer(found)
        return
    people.print(_looked_at(found))
    if found["counts"] and found["counts"]["weak"]:
        people.print(words("page.inspections.weak", **found["counts"]["weak"]), soft_wrap=True)
    rows = [
        (
            "-" if row["start"] is None else f"{row['start']:g}",
            "-" if row["written"] is None else f"{row['written']:g}",
            " ".join((row["code"], *([row["name"][settings().language]] if row["name"] else []))),
            row["level"] or "",
            row["clock"],
            ", ".join(one["name"] for one in (row["picture"], row["film"]) if one),
        )
        for row in found["defects"]
    ]
    names = ("at", "written", "code", "level", "clock", "media")
    columns = tuple(words(f"cli.inspection_{name}") for name in names)
    table(inspection, columns, rows, (0, 1, 3))
    for issue in found["issues"]:
        people.print(f"? {issue['says']}", soft_wrap=True)


def _looked_at(found: dict[str, Any]) -> str:
    """Return where an inspection was: along its pipe, or at which asset."""
    from wenqu.network.schema import code_lists

    axis, asset = found["axis"], found["asset"] or "-"
    if found["asset_type"] != "conduit":
        known = code_lists()["inspection_method"].get(found["method"])
        method = found["method"] if known is None else str(getattr(known, settings().language))
        return words("cli.inspection_seen", asset=asset, method=method, date=found["date"])
    return words(
        "cli.inspection_axis",
        asset=asset,
        start=axis["start"] or "-",
        length="-" if axis["length"] is None else figure(axis["length"]),
        covered=figure(axis["covered"]),
        share="-" if axis["coverage"] is None else figure(100 * axis["coverage"]),
        overlap=figure(axis["overlap"]),
    )


@inspections.command("differences")
def differences(city: CityOption, as_json: AsJson = False) -> None:
    """List the scores of contractors that we reckon otherwise, by pipe and cause."""
    from wenqu.services.city_state import Cities
    from wenqu.services.score_differences import score_differences

    with opened() as store:
        found = score_differences(store, Cities(store).state(city), settings().language)
    if as_json:
        answer(found)
        return
    rows = [
        (row["asset"], row["inspection"], row["figure"], row["stated"], figure(row["ours"]), row["says"])
        for row in found["rows"][:SHOWN]
    ]
    names = ("asset", "inspection", "inspection_figure", "inspection_stated", "inspection_ours",
             "inspection_cause")  # fmt: skip
    columns = tuple(words(f"cli.{name}") for name in names)
    title = words(
        "cli.inspection_differences",
        count=len(found["rows"]),
        pipes=found["pipes"],
        compared=found["compared"],
    )
    table(title, columns, rows, (3, 4))


@inspections.command("drawing")
def drawing(
    inspection: Annotated[str, typer.Argument(help="id of the inspection")],
    city: CityOption,
    out: Annotated[Path, typer.Option(help="SVG to be written")],
) -> None:
    """Draw the pipe of an inspection with its defects, to scale."""
    from wenqu.services.city_state import Cities
    from wenqu.services.inspection_grades import drawing_of
    from wenqu.services.seen_inspections import inspection_of, survey_of

    with opened() as store:
        state = Cities(store).state(city)
        survey = survey_of(store, state, inspection_of(store, state, inspection))
        out.write_text(drawing_of(store, state, survey, settings().language), encoding="utf-8")
    people.print(words("cli.inspection_drawn", path=out))


@inspections.command("withdraw")
def withdraw(
    inspection: Annotated[str, typer.Argument(help="id of the inspection")],
    city: CityOption,
    why: Annotated[str, typer.Option(help="the reason; it stays on record")],
    back: Annotated[bool, typer.Option("--back", help="it counts again")] = False,
) -> None:
    """Take an inspection out of what counts, or let it count again; nothing is deleted."""
    from wenqu.services.rights import Person
    from wenqu.services.withdraw_inspection import withdraw_inspection

    with opened() as store:
        person = Person(author(), local=True)
        made = withdraw_inspection(store, city, inspection, person=person, why=why, back=back)
    said = "cli.inspection_back" if back else "cli.inspection_withdrawn"
    people.print(words(said, inspection=inspection, graded=made.graded, number=made.number))
    for name in made.problems:
        people.print(words("cli.inspection_rests", problem=name))


@inspections.command("report")
def report(
    city: CityOption,
    out: Annotated[Path, typer.Option(help="file to be written: .docx or .xlsx")],
    inspection: Annotated[
        list[str] | None, typer.Option("--inspection", help="id; may be given again; none for all")
    ] = None,
    as_stated: Annotated[
        bool, typer.Option("--as-stated", help="the evaluation as the contractor stated it")
    ] = False,
) -> None:
    """Write inspections as the annex tables of CJJ 181, with pictures and drawings."""
    from wenqu.services.city_state import Cities
    from wenqu.services.report_inspections import inspections_file

    form = out.suffix.casefold().removeprefix(".")
    with opened() as store:
        state = Cities(store).state(city)
        made = inspections_file(
            store, state, form, settings().language, ids=inspection or (), as_stated=as_stated
        )
    out.write_bytes(made)
    people.print(words("cli.inspections_report", path=out))
