"""Once round the loop: example, grade, diagnose, plan, report.

Each command imports the service it calls when it is called: a list of commands must not wait for all of them.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wenqu.cli.evidence import AsJson, CityOption
from wenqu.cli.output import (
    answer,
    author,
    figure,
    issue_row,
    opened,
    people,
    progress,
    settings,
    show_issues,
    span,
    table,
    words,
)
from wenqu.diagnosis.cards import cards
from wenqu.messages import LANGUAGES, say
from wenqu.records.finding import Finding
from wenqu.records.programme import Programme
from wenqu.units import from_si

if TYPE_CHECKING:
    from wenqu.services.plant_inflow import PlantInflow

ROMAN = {0: "-", 1: "Ⅰ", 2: "Ⅱ", 3: "Ⅲ", 4: "Ⅳ"}
SHOWN = 12
MISSES = 3  # exit code of a programme that misses rules and was not taken
KM, WAN = 1000.0, 10_000.0


def example(
    city: CityOption = "example",
    conduits: Annotated[int, typer.Option(help="size of the city", min=600, max=1_000_000)] = 6000,
    seed: Annotated[int, typer.Option(help="seed; the same seed makes the same city", min=0)] = 1,
    truth: Annotated[Path, typer.Option(help="folder for the truth that no method reads")] = Path("truth"),
    delivery: Annotated[
        Path | None, typer.Option(help="write it as a survey firm would, bad rows included, and stop")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Build the fictional example city with its known truth."""
    from wenqu.examples.city import write_example

    if delivery is not None:
        _deliver(delivery, conduits, seed)
        return
    with opened() as store, progress("cli.building", quiet=as_json) as told:
        made = write_example(
            store, conduits=conduits, seed=seed, city=city, truth_folder=truth, who=author(), progress=told
        )
    if as_json:
        answer(made)
        return
    key = "cli.already-built" if made.existed else "cli.built"
    people.print(words(key, city=city, seed=seed, truth=truth, conduits=made.conduits), soft_wrap=True)
    people.print(words("cli.readings", count=f"{made.readings:,}", series=made.series))


def _deliver(folder: Path, conduits: int, seed: int) -> None:
    from wenqu.examples.city import example_city
    from wenqu.examples.delivered_files import write_delivery

    planted = write_delivery(example_city(conduits=conduits, seed=seed).network, folder, seed)
    people.print(words("cli.delivered", folder=folder, bad=len(planted)), soft_wrap=True)


def example_loop(city: CityOption = "example", as_json: AsJson = False) -> None:
    """Let the example city go through works, proof, problems, orders and frozen lists; all simulated."""
    from wenqu.examples.loop.play import play_loop

    with opened() as store, progress("cli.playing", quiet=as_json) as told:
        made = play_loop(store, city, who=author(), progress=told)
    if as_json:
        answer(made)
        return
    facts = {name: getattr(made, name) for name in ("projects", "pipes", "accepted", "refused", "problems")}
    key = "cli.already-played" if made.existed else "cli.played"
    people.print(words(key, city=city, orders=made.orders, **facts), soft_wrap=True)


def grade(city: CityOption, as_json: AsJson = False) -> None:
    """Grade every inspected conduit by CJJ 181."""
    from wenqu.services.grade_city import grade_city

    with opened() as store, progress("cli.grading", quiet=as_json) as told:
        report = grade_city(store, city, who=author(), progress=told)
    if as_json:
        answer({**asdict(report), "issues": [issue_row(issue) for issue in report.issues]})
        return
    people.print(
        words("cli.graded", inspected=f"{report.inspected:,}", length=figure(report.length / KM, 4),
              standard=report.standard, edition=report.edition)
    )  # fmt: skip
    columns = (words("cli.grade"), words("cli.repair-grade"), words("cli.upkeep-grade"))
    rows = [
        (ROMAN[level], report.repair.get(level, 0), report.upkeep.get(level, 0)) for level in (1, 2, 3, 4, 0)
    ]
    table(words("cli.grades"), columns, [row for row in rows if row[1] or row[2]], (1, 2))
    if report.unconfirmed:
        people.print(
            words("cli.unconfirmed", rules=", ".join(report.unconfirmed)), soft_wrap=True, style="dim"
        )
    if report.issues:
        show_issues(report.issues)


def diagnose(city: CityOption, as_json: AsJson = False) -> None:
    """Say how much clean water enters, where, and how sure that is."""
    from wenqu.services.city_state import CityState
    from wenqu.services.diagnose_city import diagnose_city
    from wenqu.services.plant_inflow import plant_inflows

    with opened() as store, progress("cli.diagnosing", quiet=as_json) as told:
        made = diagnose_city(store, city, who=author(), progress=told)
        inflows = plant_inflows(store, CityState(store.network(city, types=["plant"])))
    if as_json:
        answer({**asdict(made), "issues": [issue_row(issue) for issue in made.issues]})
        return
    areas = [
        row for row in made.findings if row.method == "joint_inversion" and row.quantity == "area_extraneous"
    ]
    people.print(words("cli.diagnosed", meters=made.meters, plants=len(inflows), areas=len(areas)))
    _plants(inflows)
    if made.meters:
        _methods(made.findings)
    if areas:
        _areas(areas, made.findings)
    for code in made.identifiability.codes:
        people.print(f"· {say(code, settings().language)}", soft_wrap=True)
    if made.issues:
        show_issues(made.issues)


def _plants(inflows: "Sequence[PlantInflow]") -> None:
    rows = []
    for plant in inflows:
        bod = (from_si(value, "mg/L") for value in (plant.bod5, plant.bod5_low, plant.bod5_high))
        flow, target = from_si(plant.flow, "万m³/d"), from_si(plant.threshold, "mg/L")
        rows.append((plant.name, figure(flow), span(*bod), figure(target)))
    columns = (words("cli.plant"), words("cli.flow"), words("cli.bod"), words("cli.target"))
    table(words("cli.plant-table"), columns, rows, (1, 2, 3))


def _methods(findings: Sequence[Finding]) -> None:
    """Print what each method says of each meter, the largest posterior first."""
    said = {(row.asset, row.method): row for row in findings if row.quantity == "extraneous"}
    methods = [name for name in cards() if any(method == name for _, method in said)]
    ranked = sorted(
        {asset for asset, _ in said},
        key=lambda asset: (
            -next(
                (said[asset, name].value for name in ("joint_inversion", *methods) if (asset, name) in said),
                0.0,
            )
        ),
    )
    language = settings().language
    rows = []
    for asset in ranked[:SHOWN]:
        cells = [said.get((asset, name)) for name in methods]
        rows.append((asset, *("" if cell is None else _span(cell) for cell in cells)))
    names = [getattr(cards()[name], language) for name in methods]
    table(words("cli.meter-table"), (words("cli.meter"), *names), rows, range(1, len(methods) + 1))


def _span(row: Finding) -> str:
    return span(*(from_si(value, "m³/d") for value in (row.value, row.low, row.high)))


def _areas(areas: Sequence[Finding], findings: Sequence[Finding]) -> None:
    missing = {
        row.asset: row
        for row in findings
        if row.method == "joint_inversion" and row.quantity == "area_missing"
    }
    rows = [
        (row.asset, _span(row), _span(missing[row.asset]) if row.asset in missing else "",
         f"{float(row.facts.get('data_share', math.nan)):.0%}")
        for row in sorted(areas, key=lambda row: -row.value)[:SHOWN]
    ]  # fmt: skip
    columns = (words("cli.area"), words("cli.extraneous"), words("cli.missing"), words("cli.data-share"))
    table(words("cli.area-table"), columns, rows, (1, 2, 3))


def plan(city: str, rules: Path | None, prices: Path | None, although: bool, as_json: bool) -> None:
    """Plan a city and say what came of it (`wenqu plan`)."""
    from wenqu.services.plan_city import plan_city

    with opened() as store, progress("cli.planning", quiet=as_json) as told:
        made = plan_city(
            store,
            city,
            rules=rules,
            prices=prices,
            who=author(),
            progress=told,
            seconds=settings().solver_seconds,
            although=although,
        )
    programme = made.programme
    if as_json:
        answer({**asdict(programme), "relaxed": [asdict(row) for row in made.relaxed], "filed": made.filed})
        raise typer.Exit(0 if made.filed else MISSES)
    length = sum(measure.length for measure in programme.measures)
    mark = "!" if programme.status == "infeasible" else "✓"
    made_of = {"measures": len(programme.measures), "length": figure(length / KM, 4)}
    cost, seconds = figure(programme.cost / WAN, 4), figure(programme.seconds)
    people.print(words("cli.planned", mark=mark, **made_of, cost=cost, seconds=seconds))
    if programme.status == "infeasible":
        people.print(words("cli.infeasible"))
        for row in made.sentences(settings().language):
            people.print(f"  {row}", soft_wrap=True)
    else:
        people.print(
            words("cli.proof", gap=figure(100 * programme.gap, 2), bound=figure(programme.bound / WAN, 4))
        )
    _years(programme)
    _outlook(programme)
    people.print(words("cli.catalogue", catalogue=programme.catalogue), style="dim")
    if not made.filed:
        people.print(words("cli.plan-not-taken"), soft_wrap=True)
        raise typer.Exit(MISSES)


def _years(programme: Programme) -> None:
    rows = []
    for window in programme.windows:
        chosen = [measure for measure in programme.measures if measure.window == window]
        cost, length = (sum(getattr(measure, name) for measure in chosen) for name in ("cost", "length"))
        rows.append((window, len(chosen), figure(length / KM), figure(cost / WAN, 4)))
    columns = (words("cli.window"), words("cli.count"), words("cli.length-km"), words("cli.cost"))
    table(words("cli.plan-years"), columns, rows, (1, 2, 3))


def _outlook(programme: Programme) -> None:
    reached = {(row.plant, row.window): row for row in programme.outlook}

    def cell(plant: str, window: str) -> str:
        row = reached.get((plant, window))
        return "" if row is None else figure(from_si(row.concentration, "mg/L")) + (" ✓" if row.meets else "")

    plants = dict.fromkeys(row.plant for row in programme.outlook)
    rows = [(plant, *(cell(plant, window) for window in programme.windows)) for plant in plants]
    numbers = range(1, len(programme.windows) + 1)
    table(words("cli.outlook-table"), (words("cli.plant"), *programme.windows), rows, numbers)


def report(
    city: CityOption,
    folder: Annotated[Path, typer.Option(help="where the files go")] = Path(),
    language: Annotated[str, typer.Option(help="zh, en or both")] = "both",
    as_json: AsJson = False,
) -> None:
    """Write the city's report (PDF) and its lists (Excel)."""
    from wenqu.services.report_city import report_city

    wanted = LANGUAGES if language == "both" else (language,)
    with opened() as store, progress("cli.reporting", quiet=as_json) as told:
        files = [
            file
            for name in wanted
            for file in report_city(store, city, language=name, folder=folder, who=author(), progress=told)
        ]
    if as_json:
        answer({"city": city, "files": [str(file) for file in files]})
        return
    people.print(words("cli.reported"))
    for file in files:
        people.print(f"  {file}")


commands: dict[str, Callable[..., None]] = {
    "example": example,
    "example-loop": example_loop,
    "grade": grade,
    "diagnose": diagnose,
    "report": report,
}
