"""The months of a city from the command line: follow them, say what happened.

The command imports the services it calls when it is called: a list of commands must not wait for all of them.
"""

from typing import Annotated, Any

import typer

from wenqu.cli.evidence import AsJson, CityOption
from wenqu.cli.output import answer, author, figure, opened, people, progress, table, words

SURE_ENOUGH = 0.99  # nothing is said to be surer


def months(
    city: CityOption,
    until: Annotated[str, typer.Option(help="last day of the readings, YYYY-MM-DD")] = "",
    as_json: AsJson = False,
) -> None:
    """Follow all areas month by month: where something broke, which meter drifted, where users changed."""
    from dataclasses import replace

    from wenqu.services.city_state import CityState
    from wenqu.services.follow_months import follow_months
    from wenqu.services.rights import LOCAL
    from wenqu.services.view_months import view_months

    person = replace(LOCAL, account=author())
    with opened() as store, progress("months.cli.following", quiet=as_json) as told:
        made = follow_months(store, city, person=person, until=until, progress=told)
        found = view_months(store, CityState(store.network(city)), person)
    if as_json:
        answer({**made, "events": found["events"]})
        return
    title = words(
        "months.cli.title",
        since=made["since"],
        until=made["until"],
        areas=made["areas"],
        count=len(found["events"]),
    )
    columns = [words(f"months.cli.{name}") for name in ("when", "where", "what", "size", "sure", "others")]
    if found["events"]:
        table(title, columns, [_row(one) for one in found["events"]], (3, 4))
    else:
        people.print(title, soft_wrap=True)
    key = "months.cli.calm" if not found["events"] else "months.cli.filed"
    people.print(words(key, problems=len(made["problems"]), rate=100 * made["false_alarms"]), soft_wrap=True)


def _row(one: dict[str, Any]) -> tuple[str, ...]:
    when = one["month"] if one["first"] == one["last"] else f"{one['first']} … {one['last']}"
    size = f"{figure(one['size'])} ({figure(one['low'])} … {figure(one['high'])}) {one['unit']}"
    others = ", ".join(_other(row) for row in one["others"])
    return (
        when,
        one["name"],
        words(f"months.what.{one['what']}"),
        size,
        ">99 %" if one["sure"] > SURE_ENOUGH else f"{100 * one['sure']:.0f} %",
        others,
    )


def _other(row: dict[str, Any]) -> str:
    name = row["name"] or words("months.elsewhere")
    return f"{words('months.kind.' + row['kind'])} {name} {100 * row['share']:.0f} %"


commands = {"months": months}
