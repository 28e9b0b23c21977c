"""Bring a city in, look at it, ask it, give it out again.

Each command imports the service it calls when it is called: a list of commands must not wait for all of them.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from wenqu.cli.output import (
    answer,
    author,
    figure,
    issue_row,
    opened,
    people,
    place_of,
    progress,
    settings,
    show_issues,
    table,
    words,
)
from wenqu.issues import Weight
from wenqu.network.model import summary as summary_of
from wenqu.network.schema import asset_types

CityOption = Annotated[str, typer.Option("--city", help="code of the city")]
AsJson = Annotated[bool, typer.Option("--json", help="answer as JSON")]
AsOf = Annotated[str, typer.Option("--as-of", help="a past day, YYYY-MM-DD")]
KM = 1000.0
SHOWN = 40  # ends of a trace listed one by one; --json lists all


def import_(  # noqa: PLR0913, PLR0917 what, into what, how read, and whether at all
    paths: Annotated[list[Path], typer.Argument(help="files of any known format, archives (ZIP) or folders")],
    city: CityOption,
    crs: Annotated[
        str, typer.Option(help="coordinate system of the files: EPSG:4549, PROJ, grid; none: a plan")
    ] = "",
    grid: Annotated[Path | None, typer.Option(help="parameters of the city's own grid")] = None,
    overrule: Annotated[
        bool, typer.Option("--overrule", help="take --crs although a file names another system")
    ] = False,
    encoding: Annotated[
        str, typer.Option(help="encoding of tables whose bytes fit several: UTF-8, GB18030, Big5")
    ] = "",
    fields: Annotated[Path | None, typer.Option(help="field map (TOML or JSON)")] = None,
    firm: Annotated[str, typer.Option(help="survey firm; its field map is kept and used again")] = "",
    survey: Annotated[str, typer.Option(help="name of the survey; a later delivery of it updates")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="check and say what would change")] = False,
    close_gone: Annotated[bool, typer.Option(help="close what the survey no longer delivers")] = False,
    why: Annotated[str, typer.Option(help="reason, for the history")] = "import",
    as_json: AsJson = False,
) -> None:
    """Import a network: good rows enter at once, bad ones wait with a proposed repair."""
    from wenqu.cli.intake import show_staged, staged_row
    from wenqu.network.formats.encodings import demand_encoding
    from wenqu.network.formats.fieldmap import read_fieldmap
    from wenqu.network.model import Network
    from wenqu.services.accept_import import told_issues
    from wenqu.services.city_grid import read_grid
    from wenqu.services.import_network import import_network
    from wenqu.services.read_files import How
    from wenqu.services.stage_import import stage_import
    from wenqu.services.unpacked_files import laid_out

    most = settings().upload_mb << 20
    with opened() as store, laid_out(paths, most) as files, progress("cli.importing", quiet=as_json) as told:
        if dry_run:
            map_, own = read_fieldmap(fields) if fields else None, read_grid(grid) if grid else None
            demand_encoding(encoding)
            how = How(
                crs, fieldmap=map_, firm=firm, survey=survey, grid=own, encoding=encoding, overrule=overrule
            )
            made, changed, after = stage_import(store, files, city, how, told), None, None
        else:
            report = import_network(
                store, files, city, crs=crs, fieldmap=fields, firm=firm, survey=survey, grid=grid,
                encoding=encoding, overrule=overrule, close_gone=close_gone, who=author(), why=why,
                progress=told,
            )  # fmt: skip
            made, changed = report.made, report.changed
            first = Network(made.city, made.staged.tables)  # what the city is when it was nothing before
            after = store.network(city) if made.based_on else first
    issues = list(told_issues(made))
    if as_json:
        whole = {} if after is None else {"changed": changed, **summary_of(after)}
        answer({**staged_row(made), **whole, "issues": [issue_row(issue) for issue in issues]})
        return
    if after is not None:
        people.print(words("cli.imported", file=", ".join(path.name for path in paths), city=city))
        show_summary(summary_of(after))
    show_staged(made)
    show_issues([issue for issue in issues if issue.weight is not Weight.NOTE or issue.asset])
    for issue in issues:
        if issue.weight is Weight.NOTE and not issue.asset:
            said = ": ".join(part for part in (place_of(issue), str(issue_row(issue)["says"])) if part)
            people.print(f"· {said}", soft_wrap=True)


def show_summary(made: dict[str, object]) -> None:
    """Print counts and lengths as a table."""
    counts, lengths = made["counts"], made["length_m"]
    assert isinstance(counts, dict)
    assert isinstance(lengths, dict)
    language = settings().language
    types = asset_types()
    rows = [
        (
            getattr(types[name], language),
            name,
            f"{count:,}",
            figure(lengths[name] / KM, 4) if name in lengths else "",
        )
        for name, count in counts.items()
    ]
    columns = (words("cli.type"), "", words("cli.count"), words("cli.length-km"))
    title = words("cli.summary", city=made["city"], crs=made["crs"] or words("cli.crs-unknown"))
    table(title, columns, rows, (2, 3))
    if made["simulated"]:
        people.print(words("cli.simulated"))


def summary(city: CityOption, as_of: AsOf = "", as_json: AsJson = False) -> None:
    """Count the assets of each type and their lengths."""
    with opened() as store:
        made = summary_of(store.network(city, as_of=as_of or None))
    if as_json:
        answer(made)
    else:
        show_summary(made)


def check(city: CityOption, as_of: AsOf = "", as_json: AsJson = False) -> None:
    """Check a network against every rule and say what is odd about it."""
    from wenqu.services.check_network import check_network

    with opened() as store:
        issues = check_network(store, city, as_of or None)
    if as_json:
        answer({"city": city, "count": len(issues), "issues": [issue_row(issue) for issue in issues]})
    else:
        show_issues(issues)


def trace(
    asset: Annotated[str, typer.Argument(help="id of a node, link, meter or drainage user")],
    city: CityOption,
    up: Annotated[bool, typer.Option("--up/--down", help="what lies above, or below")] = False,
    as_of: AsOf = "",
    as_json: AsJson = False,
) -> None:
    """Trace what lies above or below an asset."""
    from wenqu.services.city_state import CityState
    from wenqu.services.trace_network import trace_network

    with opened() as store:
        state = CityState(store.network(city, as_of=as_of or None))
        found = trace_network(state, asset, "up" if up else "down")
    if as_json:
        answer(found)
        return
    count, reaches = found["count"], found["reaches"]
    assert isinstance(count, dict)
    assert isinstance(reaches, list)
    length = found["length_m"]
    assert isinstance(length, float)
    key = "cli.traced-up" if up else "cli.traced-down"
    people.print(
        words(key, asset=asset, nodes=count["nodes"], links=count["links"], length=figure(length / KM, 4))
    )
    types = asset_types()
    rows = [
        (getattr(types[entry["type"]], settings().language), entry["id"], entry["name"] or "")
        for entry in reaches
    ]
    if rows:
        table(words("cli.on-the-way"), (words("cli.type"), "id", words("cli.name")), rows[:SHOWN])
    if len(rows) > SHOWN:
        people.print(words("cli.more", count=len(rows) - SHOWN))


def export(
    city: CityOption,
    path: Annotated[Path, typer.Argument(help="file to write; its ending names the format")],
    format_: Annotated[
        str, typer.Option("--format", help="inp, gpkg, shp, geojson, …; else from the ending")
    ] = "",
    own_grid: Annotated[bool, typer.Option("--grid", help="in the city's own grid (confidential)")] = False,
    as_of: AsOf = "",
    as_json: AsJson = False,
) -> None:
    """Write a city's network as SWMM INP or in any format of GIS and tables."""
    from wenqu.services.export_network import export_losses, export_network

    with opened() as store:
        kind = format_ or path.suffix.lstrip(".")
        lost = export_losses(store, city, path, kind, as_of or None)
        if lost and not as_json:
            show_issues(lost)
        made = export_network(store, city, path, kind, as_of=as_of or None, own_grid=own_grid)
    if as_json:
        answer(
            {"city": city, "files": [str(file) for file in made], "lost": [issue_row(one) for one in lost]}
        )
    elif not made:
        people.print(words("cli.nothing-to-export", city=city))
    else:
        people.print(words("cli.exported", files=", ".join(str(file) for file in made)))


commands: dict[str, Callable[..., None]] = {
    "import": import_,
    "summary": summary,
    "check": check,
    "trace": trace,
    "export": export,
}
