"""What else could be chosen for a city, why is a package in its programme, and which alternative is taken?

The commands import the services they call when they are called: a list of commands must not wait for all.
"""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from wenqu.cli.evidence import AsJson, AsOf, CityOption
from wenqu.cli.output import answer, author, figure, opened, people, progress, settings, table, words
from wenqu.messages import sentences

WAN = 1e4


def plan_choices(  # noqa: PLR0913, PLR0917 what is worked out
    city: CityOption,
    probability: Annotated[list[float] | None, typer.Option(help="asked of each plant, 0.5 to 0.999")] = None,
    budget: Annotated[float, typer.Option(help="share of the money that is left; 1: not asked")] = 0.8,
    later: Annotated[int, typer.Option(help="years by which dates move; 0: not asked")] = 1,
    share: Annotated[
        float, typer.Option(help="by which the share of capacity is lowered; 0: not asked")
    ] = 0.1,
    money: Annotated[float, typer.Option(help="yuan more in one year")] = 1e6,
    crew_days: Annotated[float, typer.Option(help="days of one more crew in a year")] = 220.0,
    knowing: Annotated[int, typer.Option(help="unknowns whose worth is solved for")] = 3,
    draws: Annotated[int, typer.Option(help="programmes chosen anew for each of them")] = 6,
    as_json: AsJson = False,
) -> None:
    """Work out alternatives, chances, what a step of the rules would do and what is worth knowing first."""
    from wenqu.services.choices_asked import Wanted
    from wenqu.services.city_state import CityState
    from wenqu.services.plan_choices import work_out_choices
    from wenqu.services.rights import LOCAL
    from wenqu.services.view_choices import view_choices

    levels = tuple(probability) if probability else Wanted().probabilities
    wanted = Wanted(levels, budget, later, share, money, crew_days, knowing, draws)
    with opened() as store, progress("choices.cli.working", quiet=as_json) as told:
        work_out_choices(store, city, wanted, who=author(), progress=told, seconds=settings().solver_seconds)
        found = view_choices(store, CityState(store.network(city)), LOCAL, settings().language)
    if as_json:
        answer(found)
        return
    _tell(found)


def _tell(shown: dict[str, Any]) -> None:
    found = shown["found"]
    people.print(
        words("choices.cli.chance", chance=_share(found["chance"]), low=_share(found["span"][0]),
              high=_share(found["span"][1]), draws=found["draws"]),
        soft_wrap=True,
    )  # fmt: skip
    rows = [
        (one["id"], words(f"choices.kind.{one['kind']}", value=_amount(one)), figure(one["cost"] / WAN, 4),
         _share(one["chance"]), f"{_share(one['span'][0])} … {_share(one['span'][1])}",
         words(f"page.plan.status_{one['status']}"), _more(one))
        for one in shown["alternatives"]
    ]  # fmt: skip
    table(
        words("choices.cli.alternatives"),
        _heads("id", "kind", "cost", "chance", "span", "status", "against"),
        rows,
        (2, 3),
    )
    steps = [
        (words(f"choices.step.{one['kind']}", amount=figure(one["amount"]), **_where(one)),
         _yuan(one.get("guess")), _yuan(one.get("saved")), _both(one.get("span")))
        if one["limited"]
        else (words(f"choices.step.{_unlimited(one)}", amount=figure(one["amount"]), window=""),
              words("choices.cli.unlimited"), "", "")
        for one in found["steps"]
    ]  # fmt: skip
    table(words("choices.cli.steps"), _heads("step", "guess", "saved", "span"), steps, (1, 2))
    unknowns = [
        (words(f"choices.unknown.{one['kind']}", name=one["shown"][settings().language]), _yuan(one["guess"]),
         _yuan(one["saving"]), _both(one["span"]), _yuan(one["cost"]))
        for one in found["knowing"]
    ]  # fmt: skip
    title = words("choices.cli.knowing", level=_share(found["level"]))
    table(title, _heads("unknown", "guess", "saved", "span", "measuring"), unknowns, (1, 2, 4))
    if found.get("nothing"):
        said = words(f"choices.nothing.{found['nothing']}", level=_share(found["level"]))
        people.print(said, soft_wrap=True)


def _heads(*names: str) -> list[str]:
    return [words(f"choices.column.{name}") for name in names]


def _where(one: dict[str, Any]) -> dict[str, str]:
    """Return window and source or district of a step in words."""
    name = str(one.get("name", ""))
    known = sentences(settings().language).get(f"page.planrules.fund_{one.get('scope', '')}", name)
    return {"window": one["window"], "scope": known if one["kind"] == "fund" else name}


def _unlimited(one: dict[str, Any]) -> str:
    return "money_any" if one["kind"] == "money" else str(one["kind"])


def _amount(one: dict[str, Any]) -> str:
    return f"{one['value']:g}" if one["kind"] == "later" else f"{100 * one['value']:.0f} %"


def _share(value: float) -> str:
    return f"{100 * value:.0f} %"


def _yuan(value: float | None) -> str:
    return "–" if value is None else figure(value / WAN)


def _both(span: list[float] | None) -> str:
    return "–" if span is None else f"{_yuan(span[0])} … {_yuan(span[1])}"


def _more(one: dict[str, Any]) -> str:
    against = one["against"]
    if against is None:
        return ""
    return f"+{against['added']} −{against['dropped']} ⇄{against['moved'] + against['otherwise']}"


def plan_why(
    city: CityOption,
    find: Annotated[str, typer.Argument(help="part of the name of a package, asset or method")] = "",
    only: Annotated[str, typer.Option(help="in or out; both when it is left out")] = "",
    renew: Annotated[
        bool, typer.Option("--renew", help="work them out for the programme that stands")
    ] = False,
    as_of: AsOf = "",
    as_json: AsJson = False,
) -> None:
    """Say why packages are in the programme or not, and what would have to change."""
    from wenqu.services.city_state import Cities
    from wenqu.services.plan_why import view_why
    from wenqu.services.renew_why import renew_why

    with opened() as store:
        if renew:
            with progress("choices.cli.reasoning", quiet=as_json) as told:
                renew_why(store, city, who=author(), progress=told, seconds=settings().solver_seconds)
        state = Cities(store).state(city, as_of)
        found = view_why(store, state, settings().language, only=only, find=find)
    if as_json:
        answer(found)
        return
    if not found["known"]:
        people.print(words("choices.cli.none"))
    for note in (found["older"], found["held"]):
        if note:
            people.print(note, soft_wrap=True)
    for row in found["rows"]:
        people.print(f"{row['package']}: {row['said']}", soft_wrap=True)


def plan_choose(
    alternative: Annotated[str, typer.Argument(help="id of the alternative")],
    city: CityOption,
    reason: Annotated[str, typer.Option(help="why it is chosen")],
    although: Annotated[bool, typer.Option("--although", help="take it although it misses rules")] = False,
    as_json: AsJson = False,
) -> None:
    """Make an alternative the programme of a city, with its rules and its proof."""
    from dataclasses import replace

    from wenqu.services.choose_plan import choose_plan
    from wenqu.services.rights import LOCAL

    with opened() as store:
        person = replace(LOCAL, account=author())
        made = choose_plan(store, city, alternative, person=person, reason=reason, although=although)
    if as_json:
        answer({"programme": made.id, "cost": made.cost})
        return
    people.print(words("choices.cli.chosen", programme=made.id, cost=figure(made.cost / WAN, 4)))


commands: dict[str, Callable[..., None]] = {
    "plan-choices": plan_choices,
    "plan-why": plan_why,
    "plan-choose": plan_choose,
}
