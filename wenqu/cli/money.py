"""Money: funds, contracts, variations, payments against accepted metres, warnings, unit costs, files.

The command imports the services it calls when it is called: a list of commands must not wait for all of them.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from wenqu.cli.evidence import AsJson, CityOption
from wenqu.cli.output import answer, figure, opened, people, table, words
from wenqu.cli.works import Stated, local_person, read_stated
from wenqu.settings import language_asked

money = typer.Typer(
    help="Money of works: what was set aside, promised and paid, against accepted metres only.",
    no_args_is_help=True,
)
groups: dict[str, typer.Typer] = {"money": money}
ContractId = Annotated[str, typer.Argument(help="id of the contract")]
TableName = Annotated[str, typer.Argument(help="funds, contracts, variations or payments")]


def _filed(what: str, id_: str) -> None:
    people.print(words("money.cli.filed", what=words(f"money.cli.{what}"), id=id_))


@money.command("fund")
def fund(city: CityOption, path: Stated) -> None:
    """File money that was set aside by one document."""
    from wenqu.services.file_money import file_fund
    from wenqu.services.money_forms import FundForm

    with opened() as store:
        made = file_fund(store, city, read_stated(path, FundForm).made(), person=local_person())
    _filed("fund", made.id)


@money.command("contract")
def contract(city: CityOption, path: Stated) -> None:
    """File a contract about one lot."""
    from wenqu.services.file_money import file_contract
    from wenqu.services.money_forms import ContractForm

    with opened() as store:
        made = file_contract(store, city, read_stated(path, ContractForm).made(), person=local_person())
    _filed("contract", made.id)


@money.command("vary")
def vary(city: CityOption, path: Stated) -> None:
    """File a variation of a contract, or its settlement; beyond a share it waits for an approval."""
    from wenqu.services.file_variation import file_variation
    from wenqu.services.money_forms import VariationForm

    with opened() as store:
        made = file_variation(store, city, read_stated(path, VariationForm).made(), person=local_person())
    _filed("variation", made.id)
    if made.needs_approval:
        people.print(words("money.cli.waits", id=made.id))


@money.command("approve")
def approve(city: CityOption, path: Stated) -> None:
    """Approve or reject a variation that waits."""
    from wenqu.services.file_variation import decide_variation
    from wenqu.services.money_forms import ApprovalForm

    with opened() as store:
        made = decide_variation(store, city, read_stated(path, ApprovalForm).made(), person=local_person())
    _filed("approval", made.id)


@money.command("pay")
def pay(city: CityOption, path: Stated) -> None:
    """File a payment; beyond what the accepted metres allow it is refused with what may be paid."""
    from wenqu.services.file_payment import file_payment
    from wenqu.services.money_forms import PaymentForm

    with opened() as store:
        made = file_payment(store, city, read_stated(path, PaymentForm).made(), person=local_person())
    _filed("payment", made.id)


@money.command("strike")
def strike(city: CityOption, path: Stated) -> None:
    """File a counter-entry: a statement counts no more, and stays on record with the reason."""
    from wenqu.services.file_payment import file_counter_entry
    from wenqu.services.money_forms import CounterForm

    with opened() as store:
        made = file_counter_entry(store, city, read_stated(path, CounterForm).made(), person=local_person())
    _filed("counter_entry", made.id)


@money.command("rule")
def rule(
    city: CityOption,
    name: Annotated[str, typer.Argument(help="name of the rule, as the manual lists them")],
    value: Annotated[float | None, typer.Argument(help="the city's value; left out: Wenqu's again")] = None,
    reason: Annotated[str, typer.Option(help="why it is set")] = "",
) -> None:
    """Set a city's own value of a rule of money, or take it back."""
    from wenqu.services.file_money import set_rule
    from wenqu.services.money_ledger import read_money

    with opened() as store:
        set_rule(store, city, name, value, person=local_person(), reason=reason)
        stands = read_money(store, city).rules.get(name)
    people.print(words("money.cli.rule", rule=name, value="–" if stands is None else f"{stands.value:g}"))


@money.command("list")
def list_contracts(city: CityOption, as_json: AsJson = False) -> None:
    """List the contracts with money against metres, the sums, the indexes and every warning."""
    from wenqu.services.city_state import CityState
    from wenqu.services.view_money import view_money

    with opened() as store:
        found = view_money(store, CityState(store.network(city)), local_person(), language_asked())
    if as_json:
        answer(found)
        return
    rows = [
        (one["number"], one["contractor"], *(_amount(one[name]) for name in ("now",)),
         f"{100 * one['share']:.1f}", *(_amount(one[name]) for name in ("value", "paid", "room", "over")))
        for one in found["contracts"]
    ]  # fmt: skip
    names = ("contract_column", "contractor", "now", "share", "value", "paid", "room", "over")
    heads = [words(f"money.cli.{name}") for name in names]
    table(words("money.cli.list", city=city), heads, rows, (2, 3, 4, 5, 6, 7))
    totals = found["totals"]
    people.print(
        words("money.cli.summary", **totals, accepted=totals["accepted_m"], whole=totals["whole_m"]),
        soft_wrap=True,
    )
    spi, mpi = (_index(totals[name]) for name in ("schedule_index", "money_index"))
    people.print(words("money.cli.indexes", spi=spi, mpi=mpi), soft_wrap=True)
    for one in found["warnings"]:
        people.print(f"! {one['says']}", soft_wrap=True)


def _amount(yuan: float) -> str:
    return f"{yuan:,.2f}"


def _index(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


@money.command("payable")
def payable(city: CityOption, id_: ContractId, as_json: AsJson = False) -> None:
    """Say how many metres of a contract stand accepted, and what may be paid now."""
    from wenqu.services.city_state import CityState
    from wenqu.services.view_money_contract import view_contract

    with opened() as store:
        state = CityState(store.network(city))
        found = view_contract(store, state, id_, local_person(), language_asked())
    if as_json:
        answer(found)
        return
    facts = {
        name: found[name] for name in ("number", "day", "accepted_m", "whole_m", "limit", "paid", "room")
    }
    told = {"accepted": facts.pop("accepted_m"), "whole": facts.pop("whole_m"), "share": 100 * found["share"]}
    people.print(words("money.cli.payable", **facts, **told), soft_wrap=True)
    for one in found["warnings"]:
        people.print(f"! {one['says']}", soft_wrap=True)


@money.command("costs")
def costs(city: CityOption, as_json: AsJson = False) -> None:
    """Tell what a metre cost by method, with the interval, and which prices that proposes."""
    from wenqu.services.city_state import CityState
    from wenqu.services.unit_costs import view_unit_costs

    with opened() as store:
        found = view_unit_costs(store, CityState(store.network(city)), local_person())
    if as_json:
        answer(found)
        return
    year = found["deflated_to"]
    how = words("money.cli.deflated", year=year) if year else words("money.cli.as_signed")
    rows = [
        (_method(found, one["method"]), str(one["count"]), figure(one["metres"]), figure(one["median"]),
         _span(one["quarter"], one["three_quarters"]), _span(one["low"], one["high"]))
        for one in found["by_method"]
    ]  # fmt: skip
    years = sorted({year for one in found["by_method"] for year in one["years"]})
    told = "–".join(str(one) for one in dict.fromkeys((years[0], years[-1]))) if years else "–"
    heads = [
        words(f"money.cli.{name}")
        for name in ("method", "count", "metres", "median", "quartiles", "interval")
    ]
    table(words("money.cli.unit_costs", years=told, deflated=how), heads, rows, (1, 2, 3, 4, 5))
    some = [
        (_method(found, one["method"]), f"{one['factor']:.3f}", _span(one["low"], one["high"]),
         str(one["count"]))
        for one in found["proposals"]
    ]  # fmt: skip
    if some:
        heads = [words(f"money.cli.{name}") for name in ("method", "factor", "interval", "count")]
        table(words("money.cli.proposals"), heads, some, (1, 2, 3))


def _method(found: dict[str, Any], key: str) -> str:
    return str(found["methods"].get(key, {}).get(language_asked(), key))


def _span(low: float | None, high: float | None) -> str:
    return "–" if low is None or high is None else f"{figure(low)}–{figure(high)}"


@money.command("price")
def price(
    city: CityOption,
    method: Annotated[str, typer.Argument(help="row of the price table")],
    verdict: Annotated[str, typer.Argument(help="approved or rejected")],
    factor: Annotated[float, typer.Argument(help="the proposed factor, as it was shown")],
    reason: Annotated[str, typer.Option(help="why")] = "",
) -> None:
    """Take a proposed price into the city's price table, or not."""
    from wenqu.services.decide_price import decide_price

    with opened() as store:
        made = decide_price(store, city, method, verdict, person=local_person(), reason=reason, factor=factor)
    people.print(words("money.cli.decided", method=method, verdict=words(f"money.cli.{made.verdict}")))


@money.command("export")
def export(
    city: CityOption,
    path: Annotated[Path, typer.Argument(help="file to write, .xlsx or .csv")],
    of: Annotated[str, typer.Option("--table", help="of a CSV: funds, contracts, …, budget")] = "payments",
) -> None:
    """Write the money as a workbook whose sums are formulas, or one table of it as CSV."""
    from wenqu.services.city_state import CityState
    from wenqu.services.export_money import money_csv, money_xlsx

    with opened() as store:
        given = (store, CityState(store.network(city)), local_person(), language_asked())
        content = money_csv(*given, of) if path.suffix.lower() == ".csv" else money_xlsx(*given)
    path.write_bytes(content)
    people.print(words("money.cli.written", path=path), soft_wrap=True)


@money.command("template")
def template(name: TableName, path: Annotated[Path, typer.Argument(help="file to write, .xlsx")]) -> None:
    """Write an empty workbook with the headings that money is brought in with."""
    from wenqu.services.export_money import money_template

    path.write_bytes(money_template(name, language_asked()))
    people.print(words("money.cli.written", path=path), soft_wrap=True)


@money.command("import")
def take(
    city: CityOption, name: TableName, path: Annotated[Path, typer.Argument(help="workbook or CSV")]
) -> None:
    """File the rows of a workbook or CSV; rows that cannot be filed are kept with the reason."""
    from wenqu.errors import FileMissing
    from wenqu.services.take_money import take_money

    if not path.is_file():
        raise FileMissing(path=str(path))
    with opened() as store:
        made = take_money(store, city, name, path.name, path.read_bytes(), person=local_person())
    people.print(
        words("money.cli.imported", file=path.name, filed=len(made.filed), refused=len(made.refused))
    )
    for one in made.refused:
        people.print(f"✗ {one.row}: {getattr(one, language_asked())}", soft_wrap=True)
