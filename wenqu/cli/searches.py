"""Searches for a source from the command line: list, show, start, sample, end.

The command imports the services it calls when it is called: a list of commands must not wait for all of them.
"""

from typing import Annotated, Any

import typer

from wenqu.cli.evidence import AsJson, CityOption
from wenqu.cli.output import answer, author, figure, opened, people, table, words

IdArgument = Annotated[str, typer.Argument(help="number of the search, as T-1a2b3c4d")]

searches = typer.Typer(
    help="Searches for a source, manhole by manhole: list, show, start, report.", no_args_is_help=True
)
groups: dict[str, typer.Typer] = {"searches": searches}


@searches.command("list")
def list_(city: CityOption, as_json: AsJson = False) -> None:
    """List the searches of a city, the latest first."""
    from wenqu.services.city_state import CityState
    from wenqu.services.rights import LOCAL
    from wenqu.services.view_searches import view_searches

    with opened() as store:
        found = view_searches(store, CityState(store.network(city)), LOCAL)
    if as_json:
        answer(found)
        return
    lines = [
        (row["id"], row["start"], row["what"], str(row["samples"]), str(row["found"]),
         words("problem.list.yes") if row["closed"] else "")
        for row in found["rows"]
    ]  # fmt: skip
    names = ("search", "start", "what", "samples", "found", "closed")
    table(words("search.cli.title", city=city, count=len(lines)),
          [words(f"search.column.{name}") for name in names], lines)  # fmt: skip


@searches.command("show")
def show(city: CityOption, search: IdArgument, as_json: AsJson = False) -> None:
    """Show a search: the samples, the region that is left, which manhole to open next and why."""
    from wenqu.services.city_state import CityState
    from wenqu.services.rights import LOCAL
    from wenqu.services.view_searches import view_search

    with opened() as store:
        state = CityState(store.network(city))
        found = view_search(store, state, state, search, LOCAL)
    if as_json:
        answer(found)
        return
    _tell(found)


def _tell(found: dict[str, Any]) -> None:
    """Print what to do next and why."""
    people.print(f"{found['id']} · {found['what']} · {found['start']}")
    region, reach = found["region"], found["reach"]
    people.print(
        words("page.search.left", length=figure(region["length_m"] / 1000), pipes=region["pipes"],
              sure=figure(100 * found["sure"]))
    )  # fmt: skip
    if found["state"] == "near":
        people.print(words("page.search.near", manhole=reach["asset"], radius=figure(found["radius"]),
                           share=figure(100 * reach["share"])))  # fmt: skip
        people.print(words("page.search.near_next"))
        for one in found["premises"]:
            people.print(f"  {one['id']}  {one['name']}")
    if found["state"] == "none":
        people.print(words("page.search.nothing_left", share=figure(100 * found["nowhere"])))
    if found["state"] == "closed":
        people.print(words("page.search.closed"))
    for one in found["next"]:
        because = words(
            "page.search.because", above=figure(100 * one["above"]), seen=figure(one["if_seen_m"] / 1000),
            unseen=figure(one["if_unseen_m"] / 1000), minutes=figure(one["minutes"]),
        )  # fmt: skip
        people.print(f"→ {words('page.search.open_next', manhole=one['asset'])}: {because}")


@searches.command("start")
def start(  # noqa: PLR0913, PLR0917 a search has that many sides
    city: CityOption,
    place: Annotated[str, typer.Argument(help="where it was noticed: type/id or id")],
    what: Annotated[str, typer.Option(help="what is looked for")],
    hit: Annotated[float, typer.Option(help="how often a sample shows it when the source is above")] = 0.95,
    false: Annotated[float, typer.Option(help="how often a sample shows it otherwise")] = 0.05,
    tracer: Annotated[str, typer.Option(help="background,signal,deviation,wrong share of a value")] = "",
    unit: Annotated[str, typer.Option(help="unit of the value")] = "",
    others: Annotated[float, typer.Option(help="further sources expected")] = 0.5,
    crews: Annotated[int, typer.Option(help="crews at once, 1 to 6")] = 1,
) -> None:
    """Start a search above the place where strange water was noticed."""
    from dataclasses import replace

    from wenqu.records.search import Search
    from wenqu.services.city_state import CityState
    from wenqu.services.rights import LOCAL
    from wenqu.services.source_searches import start_search
    from wenqu.services.view_searches import view_search

    told = tuple(float(part) for part in tracer.split(",") if part.strip())
    given = Search("", place, what, hit, false, told, unit, others, crews=crews)
    person = replace(LOCAL, account=author())
    with opened() as store:
        state = CityState(store.network(city))
        made = start_search(store, state, given, person=person)
        _tell(view_search(store, state, state, made.search.id, person))


@searches.command("report")
def report(  # noqa: PLR0913, PLR0917 a report has that many sides
    city: CityOption,
    search: IdArgument,
    step: Annotated[str, typer.Argument(help="reading, undo, found, stopped, close")],
    manhole: Annotated[str, typer.Option(help="type/id or id")] = "",
    seen: Annotated[bool | None, typer.Option("--seen/--unseen", help="what the sample shows")] = None,
    value: Annotated[float | None, typer.Option(help="of the tracer")] = None,
    of: Annotated[str, typer.Option(help="event that is taken back or stopped")] = "",
    note: Annotated[str, typer.Option(help="in words")] = "",
) -> None:
    """File a sample, take one back, name a source found or stopped, or end the search."""
    from dataclasses import replace

    from wenqu.records.search import SearchEvent
    from wenqu.services.city_state import CityState
    from wenqu.services.rights import LOCAL
    from wenqu.services.source_searches import report_step
    from wenqu.services.view_searches import view_search

    told = "" if seen is None else "seen" if seen else "unseen"
    event = SearchEvent("", search, step, "", "", manhole, told, value, of, note)
    person = replace(LOCAL, account=author())
    with opened() as store:
        state = CityState(store.network(city))
        report_step(store, state, search, event, person=person)
        _tell(view_search(store, state, state, search, person))


@searches.command("trace")
def trace(
    city: CityOption,
    since: Annotated[str, typer.Argument(help="when sensors began to see it, ISO time")],
    until: Annotated[str, typer.Argument(help="when the last of it had passed, ISO time")],
    without: Annotated[list[str] | None, typer.Option(help="meter that shall not count; repeat")] = None,
    as_json: AsJson = False,
) -> None:
    """Trace a discharge that sensors saw back to its place and hour."""
    from wenqu.services.city_state import CityState
    from wenqu.services.trace_city_discharge import trace_city_discharge

    with opened() as store:
        found = trace_city_discharge(store, CityState(store.network(city)), since, until, without or ())
    if as_json:
        answer(found)
        return
    lines = [
        (row["asset"], figure(100 * row["share"]), row["began"],
         " ".join(one["id"] for one in row["users"][:5]), " ".join(row["saw"]))
        for row in found["places"]
    ]  # fmt: skip
    key = "search.trace.seen" if found["seen"] else "search.trace.unseen"
    title = words(
        key,
        sensors=len({one["meter"] for one in found["sensors"] if one["used"]}),
        length=figure(found["region_m"] / 1000),
    )
    names = ("place", "share", "began", "users", "saw")
    table(title, [words(f"search.trace.{name}") for name in names], lines)
    for one in found["next"]:
        said = words("search.trace.next", manhole=one["asset"], above=figure(100 * one["above"]))
        people.print(said, soft_wrap=True)
