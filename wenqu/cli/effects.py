"""Did works work? Bands of what chance does, registration before, verdict after.

The command imports the services it calls when it is called: a list of commands must not wait for all of them.
"""

from typing import Annotated, Any

import typer

from wenqu.cli.evidence import AsJson, CityOption
from wenqu.cli.output import answer, opened, people, table, words
from wenqu.cli.works import Stated, local_person, read_stated

effects = typer.Typer(
    help="Whether works worked: registered before they begin, judged once by dry days.", no_args_is_help=True
)
groups: dict[str, typer.Typer] = {"effects": effects}
Id = Annotated[str, typer.Argument(help="id of the verification")]


def share(value: float | None) -> str:
    """Return a share in per cent."""
    return "–" if value is None else f"{100 * value:+.1f} %"


@effects.command("bands")
def bands(
    city: CityOption,
    meter: Annotated[str, typer.Argument(help="id of the meter")],
    control: Annotated[str, typer.Option(help="a meter that the works do not touch")] = "",
    metric: Annotated[str, typer.Option(help="day (all hours) or night (two to five)")] = "day",
    as_json: AsJson = False,
) -> None:
    """Say how large a change must be to be seen at a meter, by dry days."""
    from wenqu.services.city_state import CityState
    from wenqu.services.view_bands import view_bands

    with opened() as store:
        found = view_bands(store, CityState(store.network(city)), meter, control, metric)
    if as_json:
        answer(found)
        return
    rows = [
        (str(one["dry_days"]), f"{100 * one['half']:.1f} %", f"{100 * one['needed']:.1f} %",
         str(one["windows"]), words(f"effects.band.{one['kind']}"))
        for one in found["rows"]
    ]  # fmt: skip
    heads = [words(f"effects.cli.{name}") for name in ("dry_days", "half", "needed", "windows", "kind")]
    table(
        words("effects.cli.bands", meter=meter, since=found["since"], until=found["until"]),
        heads,
        rows,
        (0, 1, 2, 3),
    )


@effects.command("register")
def register(city: CityOption, path: Stated) -> None:
    """Register, before works begin, how they will be judged; it cannot be changed afterwards."""
    from wenqu.services.city_state import Cities
    from wenqu.services.effect_seal import seal_of
    from wenqu.services.register_effect import Wanted, register_effect

    with opened() as store:
        made = register_effect(Cities(store), city, read_stated(path, Wanted), person=local_person())
    told = {"id": made.id, "days": made.dry_days, "threshold": 100 * made.threshold, "seal": seal_of(made)}
    people.print(words("effects.cli.registered", **told), soft_wrap=True)


@effects.command("ended")
def ended(city: CityOption, id_: Id, day: Annotated[str, typer.Argument(help="YYYY-MM-DD")]) -> None:
    """File the day on which the works were finished."""
    from wenqu.services.city_state import Cities
    from wenqu.services.judge_effect import finish_works

    with opened() as store:
        made = finish_works(Cities(store), city, id_, day, person=local_person())
    people.print(words("effects.cli.ended", id=id_, day=made.date))


@effects.command("judge")
def judge(city: CityOption, id_: Id) -> None:
    """File the verdict, once enough dry days have come."""
    from wenqu.services.city_state import Cities
    from wenqu.services.judge_effect import judge_effect

    with opened() as store:
        made = judge_effect(Cities(store), city, id_, person=local_person())
    told = {"change": made.change, "verdict": made.verdict, "more": 0}
    people.print(f"{id_}: {verdict_words(told)}", soft_wrap=True)


@effects.command("list")
def list_effects(city: CityOption, as_json: AsJson = False) -> None:
    """List the verifications with their verdicts, and what methods and contractors have shown."""
    from wenqu.services.city_state import Cities
    from wenqu.services.view_effects import view_effects

    with opened() as store:
        known = Cities(store)
        found = view_effects(known, known.state(city))
    if as_json:
        answer(found)
        return
    rows = [
        (one["id"], one["name"], one["meter"], one["begins"], verdict_words(one)) for one in found["rows"]
    ]
    heads = ["", *(words(f"effects.cli.{name}") for name in ("name", "meter", "begins", "verdict"))]
    table(words("effects.cli.list", city=city), heads, rows, ())
    learned = [
        (one["key"], f"{100 * one['prior']:.0f} %", f"{100 * one['mean']:.0f} ± {100 * one['sd']:.0f} %",
         str(len(one["judged"])))
        for one in (*found["methods"], *found["contractors"])
    ]  # fmt: skip
    if learned:
        heads = ["", *(words(f"effects.cli.{name}") for name in ("prior", "mean", "judged"))]
        table(words("effects.cli.learned"), heads, learned, (1, 2, 3))


def verdict_words(told: dict[str, Any]) -> str:
    """Return a verdict in words."""
    return words(f"effects.verdict.{told['verdict']}", change=share(told["change"]), more=told["more"])
