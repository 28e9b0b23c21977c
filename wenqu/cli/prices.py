"""Methods and prices that a city plans with: shown, checked, kept, taken back.

The command imports the services it calls when it is called: a list of commands must not wait for all of them.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from wenqu.cli.evidence import AsJson, AsOf, CityOption
from wenqu.cli.output import answer, figure, opened, people, settings, show_issues, span, table, words
from wenqu.cli.works import local_person

prices = typer.Typer(
    help="Methods and prices: what a city plans its repairs with, every version kept.", no_args_is_help=True
)
groups: dict[str, typer.Typer] = {"prices": prices}
Table = Annotated[Path, typer.Argument(help="price table: CSV, or a workbook (XLSX)")]
Reason = Annotated[str, typer.Option(help="why; it is kept with the version")]


@prices.command("show")
def show(city: CityOption, as_of: AsOf = "", as_json: AsJson = False) -> None:
    """List the methods with price, effect and life, and how well each is known."""
    from wenqu.services.view_prices import view_prices

    with opened() as store:
        found = view_prices(store, city, local_person(), as_of or None)
    if as_json:
        answer(found)
        return
    rows = [_row(one) for one in found["methods"]]
    names = ("method", "size", "price", "effect", "verified", "life", "status")
    heads = [words(f"prices.cli.{name}") for name in names]
    table(words("prices.cli.title", city=city, edition=found["edition"]), heads, rows, (2, 3, 4, 5))
    if found["status"] == "default":
        people.print(words("plan.note.default-prices"), soft_wrap=True)


def _row(one: Mapping[str, Any]) -> tuple[str, ...]:
    host, shown = one["host"], one["prices"]
    low, high = (
        "" if value is None else f"{value:g}" for value in (host["min_diameter"], host["max_diameter"])
    )
    yuan = [price["yuan"] for price in shown]
    cost = (
        f"{figure(min(yuan))}–{figure(max(yuan))}"
        if yuan and min(yuan) < max(yuan)
        else figure(max([0, *yuan]))
    )
    per = words(f"prices.per.{one['price_per']}")
    name = one["zh"] if settings().language == "zh" else one["en"]
    return (
        f"{one['key']} {name}",
        f"{low}–{high}" if low or high else "",
        f"{cost} / {per}",
        _share(one["effect"]),
        _share(one["verified"]) if one["verified"] else "–",
        one["row"]["life"],
        words(f"prices.status.{'default' if one['status'] == 'default' else 'city'}"),
    )


def _share(one: Mapping[str, float]) -> str:
    return span(100 * one["mean"], 100 * one["low"], 100 * one["high"])


@prices.command("check")
def check(city: CityOption, path: Table) -> None:
    """Say what is wrong in a price table and what it would change; nothing is kept."""
    from wenqu.planning.costs import default_text, parsed_catalogue
    from wenqu.services.price_book import difference, faults, own_text

    text = _read(path)
    with opened() as store:
        before = own_text(store, city) or default_text()
    show_issues(faults(parsed_catalogue(text)))
    _show_difference(difference(before, text))


@prices.command("set")
def set_(city: CityOption, path: Table, reason: Reason) -> None:
    """Keep a price table as the city's; every version before it stays."""
    from wenqu.services.price_book import keep_prices

    text = _read(path)
    with opened() as store:
        made = keep_prices(store, city, text, person=local_person(), reason=reason)
    _show_difference(made["difference"])
    people.print(words("prices.cli.kept", edition=made["edition"], id=made["id"]))


@prices.command("versions")
def versions_(city: CityOption, as_json: AsJson = False) -> None:
    """List the versions of the price table: who, when, why, and what each changed."""
    from wenqu.services.plan_tables import PRICES, versions
    from wenqu.services.price_book import told_versions

    with opened() as store:
        found = told_versions(versions(store, city, PRICES))
    if as_json:
        answer(found)
        return
    rows = [
        (one["id"], one["at"][:16].replace("T", " "), one["by"], one["reason"], str(len(one["difference"])))
        for one in found
    ]
    heads = [words(f"prices.cli.{name}") for name in ("version", "at", "by", "reason", "changed")]
    table(words("prices.cli.versions", city=city), heads, rows, (4,))


@prices.command("back")
def back(
    city: CityOption,
    id_: Annotated[str, typer.Argument(help="id of the version, or default for Wenqu's table")],
    reason: Reason,
) -> None:
    """Let a former version of the price table hold again."""
    from wenqu.services.price_book import restore_prices

    with opened() as store:
        made = restore_prices(store, city, id_, person=local_person(), reason=reason)
    _show_difference(made["difference"])
    people.print(words("prices.cli.kept", edition=made["edition"], id=made["id"]))


@prices.command("template")
def template(
    city: CityOption, path: Annotated[Path, typer.Argument(help="CSV or XLSX file to write")]
) -> None:
    """Write the price table that holds as a file to edit and give back."""
    from wenqu.services.price_book import prices_file

    with opened() as store:
        path.write_bytes(prices_file(store, city, "xlsx" if path.suffix.lower() == ".xlsx" else "csv"))
    people.print(words("cli.exported", files=str(path)))


@prices.command("assume")
def assume(
    city: CityOption,
    values: Annotated[list[str] | None, typer.Argument(help="name=value, as in migration=0.3")] = None,
    reason: Reason = "",
) -> None:
    """Show the assumptions behind the options, or set the city's own, all of them."""
    from wenqu.errors import BadInput
    from wenqu.services.plan_assumptions import assumptions_told, keep_assumptions

    own = {}
    for text in values or []:
        name, _, value = text.partition("=")
        try:
            own[name] = float(value)
        except ValueError:
            raise BadInput("assumption-value", name=name, value=value, low="", high="") from None
    with opened() as store:
        if values:
            keep_assumptions(store, city, own, person=local_person(), reason=reason)
        found = assumptions_told(store, city, local_person())
    rows = [
        (
            one["name"],
            one[settings().language],
            f"{one['value']:g}",
            f"{one['usual']:g}",
            one["unit"],
            one["status"],
        )
        for one in found["rows"]
    ]
    heads = [words(f"prices.cli.{name}") for name in ("name", "means", "value", "usual", "unit", "status")]
    table(words("prices.cli.assumptions", city=city), heads, rows, (2, 3))


def _read(path: Path) -> str:
    from wenqu.errors import FileMissing
    from wenqu.services.price_book import text_of_file

    if not path.is_file():
        raise FileMissing(path=str(path))
    return text_of_file(path.read_bytes(), path.name)


def _show_difference(some: Sequence[Mapping[str, Any]]) -> None:
    if not some:
        people.print(words("prices.cli.same"))
        return
    rows = [
        (one["method"], words(f"prices.kind.{one['kind']}"), field["field"], field["before"], field["after"])
        for one in some
        for field in one["fields"] or [{"field": "", "before": "", "after": ""}]
    ]
    heads = [words(f"prices.cli.{name}") for name in ("method", "kind", "field", "before", "after")]
    table(words("prices.cli.difference"), heads, rows, ())
