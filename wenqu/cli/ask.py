"""Ask the network: path, plant, sources, isolate, shut, profile.

Each command imports the service it calls when it is called: a list of commands must not wait for all of them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wenqu.cli.output import answer, figure, opened, people, settings, span, table, words
from wenqu.errors import BadInput
from wenqu.network.schema import asset_types, code_lists

if TYPE_CHECKING:
    from wenqu.services.city_state import CityState

CityOption = Annotated[str, typer.Option("--city", help="code of the city")]
AsJson = Annotated[bool, typer.Option("--json", help="answer as JSON")]
AsOf = Annotated[str, typer.Option("--as-of", help="a past day, YYYY-MM-DD")]
Velocity = Annotated[
    float | None, typer.Option(help="one velocity for all links [m/s]; else just-full pipes")
]
KM, MINUTE, DAY = 1000.0, 60.0, 86400.0
SHOWN = 40  # rows listed one by one; --json lists all

ask = typer.Typer(help="Ask the network: path, plant, sources, isolate, shut, profile.", no_args_is_help=True)


@contextmanager
def _state(city: str, as_of: str) -> "Iterator[CityState]":
    from wenqu.services.city_state import CityState

    with opened() as store:
        yield CityState(store.network(city, as_of=as_of or None))


def _time(row: dict[str, Any]) -> str:
    return span(*(row[name] / MINUTE for name in ("time_s", "low_s", "high_s")))


def _kind(name: str) -> str:
    return str(getattr(asset_types()[name], settings().language))


def _links(title: str, rows: list[dict[str, Any]]) -> None:
    columns = (words("cli.type"), "id", words("ask.cli.from"), words("ask.cli.to"), words("ask.cli.behind"))
    cells = [
        (_kind(row["type"]), row["id"], row["from"] or "?", row["to"] or "?", _behind(row.get("above")))
        for row in rows[:SHOWN]
    ]
    table(title, columns, cells, (4,))
    if len(rows) > SHOWN:
        people.print(words("cli.more", count=len(rows) - SHOWN))


def _behind(above: dict[str, Any] | None) -> str:
    return f"{figure(above['sewage_m3_s'] * DAY)} m³/d" if above else ""


@ask.command()
def path(
    start: Annotated[str, typer.Argument(help="id of an asset")],
    end: Annotated[str, typer.Argument(help="id of an asset")],
    city: CityOption,
    every: Annotated[bool, typer.Option("--all", help="all that lies on any way, not the shortest")] = False,
    velocity: Velocity = None,
    as_of: AsOf = "",
    as_json: AsJson = False,
) -> None:
    """By which way does water get from one asset to another?"""
    from wenqu.services.ask_path import ask_path

    with _state(city, as_of) as state:
        found: dict[str, Any] = ask_path(state, start, end, "all" if every else "shortest", velocity)
    if as_json:
        answer(found)
        return
    key = "ask.cli.path-turned" if found["turned"] else "ask.cli.path"
    people.print(words(key, start=start, end=end, links=found["count"]["links"],
                       length=figure(found["shortest_m"] / KM, 4), time=_time(found)))  # fmt: skip
    people.print(" → ".join(found["nodes"][:SHOWN]) if not every else ", ".join(found["links"][:SHOWN]))


@ask.command()
def plant(
    asset: Annotated[str, typer.Argument(help="id of a node, link, meter or drainage user")],
    city: CityOption,
    velocity: Velocity = None,
    as_of: AsOf = "",
    as_json: AsJson = False,
) -> None:
    """Which plant does the water of an asset reach, and where else could it go?"""
    from wenqu.services.ask_plant import ask_plant

    with _state(city, as_of) as state:
        found: dict[str, Any] = ask_plant(state, asset, velocity)
    if as_json:
        answer(found)
        return
    ends = ([found["plant"]] if found["plant"] else []) + found["others"]
    if not found["plant"]:
        end = found["end"]
        stays = "dead-end" if end["type"] not in ("plant", "outfall") else "ends-at"
        people.print(words("ask.cli.no-plant", asset=asset))
        people.print(words(f"ask.{stays}", type=_kind(end["type"]), id=end["name"] or end["id"]))
    columns = (words("cli.type"), "id", words("cli.name"), words("cli.length-km"), words("ask.cli.minutes"))
    rows = [
        (_kind(end["type"]), end["id"], end["name"] or "", figure(end["length_m"] / KM, 4), _time(end))
        for end in ends
    ]
    table(words("ask.cli.plant", asset=asset), columns, rows, (3, 4))


@ask.command()
def sources(
    asset: Annotated[str, typer.Argument(help="id of an outfall or any other asset")],
    city: CityOption,
    velocity: Velocity = None,
    as_of: AsOf = "",
    as_json: AsJson = False,
) -> None:
    """Which drainage users and industries lie above an asset, and how far is each in metres and minutes?"""
    from wenqu.services.ask_sources import ask_sources

    with _state(city, as_of) as state:
        found: dict[str, Any] = ask_sources(state, asset, velocity)
    if as_json:
        answer(found)
        return
    totals, trades = found["totals"], code_lists()["trade"]
    language = settings().language
    columns = ("id", words("cli.name"), words("ask.cli.trade"), words("ask.cli.sewage"),
               words("cli.length-km"), words("ask.cli.minutes"))  # fmt: skip
    rows = [
        (
            row["id"],
            row["name"] or "",
            getattr(trades[row["trade"]], language) if row["trade"] in trades else row["trade"] or "",
            figure(row["sewage_m3_s"] * DAY),
            figure(row["distance_m"] / KM, 4),
            _time(row),
        )
        for row in found["rows"][:SHOWN]
    ]
    title = words("ask.cli.sources", asset=asset, count=totals["sources"],
                  flow=figure(totals["sewage_m3_s"] * DAY))  # fmt: skip
    table(title, columns, rows, (3, 4, 5))
    if totals["sources"] > SHOWN:
        people.print(words("cli.more", count=totals["sources"] - SHOWN))
    for note in found["method"]["notes"]:
        people.print(words(note, velocity=velocity), soft_wrap=True, style="dim")


@ask.command()
def isolate(
    zone: Annotated[str, typer.Argument(help="id of a zone")],
    city: CityOption,
    as_of: AsOf = "",
    as_json: AsJson = False,
) -> None:
    """What crosses the border of a district, in and out?"""
    from wenqu.services.isolate_district import isolate_district

    with _state(city, as_of) as state:
        found: dict[str, Any] = isolate_district(state, zone)
    if as_json:
        answer(found)
        return
    for side in ("into", "out_of"):
        _links(words(f"ask.cli.{side}", zone=zone, count=len(found[side])), found[side])


@ask.command()
def shut(
    asset: Annotated[str, typer.Argument(help="id of a pipe, manhole or station")],
    city: CityOption,
    as_of: AsOf = "",
    as_json: AsJson = False,
) -> None:
    """What loses its outlet when a pipe, manhole or station is shut, and where could it go instead?"""
    from wenqu.services.ask_shut import ask_shut

    with _state(city, as_of) as state:
        found: dict[str, Any] = ask_shut(state, asset)
    if as_json:
        answer(found)
        return
    lost = found["lost"]
    people.print(words("ask.cli.lost", asset=asset, nodes=lost["nodes"], sources=lost["sources"],
                       people=figure(lost["people"]), flow=figure(lost["sewage_m3_s"] * DAY)))  # fmt: skip
    if found["without"]["nodes"]:
        people.print(
            words("ask.without", nodes=found["without"]["nodes"], sources=found["without"]["sources"])
        )
    if found["ways_out"]:
        _links(words("ask.cli.ways-out"), found["ways_out"])
    if found["detours"]:
        rows = [(row["id"], row["from"], figure(row["distance_m"]), row["plant"]) for row in found["detours"]]
        columns = ("id", words("ask.cli.from"), "m", words("ask.cli.to-plant"))
        table(words("ask.cli.detours"), columns, rows, (2,))


@ask.command()
def profile(
    start: Annotated[str, typer.Argument(help="id of an asset")],
    end: Annotated[str, typer.Argument(help="id of an asset")],
    city: CityOption,
    out: Annotated[Path | None, typer.Option(help="SVG or DXF file to write")] = None,
    exaggeration: Annotated[float, typer.Option(help="heights over lengths, for DXF")] = 10.0,
    as_of: AsOf = "",
    as_json: AsJson = False,
) -> None:
    """Draw the long profile from one asset to another: ground, inverts, crowns, levels, defects."""
    from wenqu.services.ask_profile import ask_profile, profile_file
    from wenqu.services.city_state import CityState

    language = settings().language
    with opened() as store:
        state = CityState(store.network(city, as_of=as_of or None))
        found: dict[str, Any] = ask_profile(store, state, start, end, language)
        if out is not None:
            form: Any = out.suffix.lstrip(".").lower()
            if form not in {"svg", "dxf"}:
                raise BadInput("profile-form", path=str(out))
            out.write_bytes(profile_file(store, state, (start, end), form, language, exaggeration))
    if as_json:
        answer(found)
        return
    columns = [words(f"profile.{name}") for name in ("node", "ground", "invert", "distance", "bore", "slope")]
    rows = []
    for stop, part in zip(found["stops"], [*found["stretches"], None], strict=True):
        bore = f"DN{part['height'] * 1000:.0f}" if part and part["height"] == part["height"] else ""
        slope = f"{part['slope'] * 1000:.2f} ‰" if part and part["slope"] == part["slope"] else ""
        mark = " !" if part and part["adverse"] else ""
        levels = [f"{stop[name]:.2f}" for name in ("ground", "invert")]
        rows.append((stop["name"] or stop["id"], *levels, f"{stop['distance']:.1f}", bore, slope + mark))
    table(words("ask.cli.profile", start=start, end=end, defects=len(found["marks"])), columns, rows[:SHOWN],
          (1, 2, 3, 4, 5))  # fmt: skip
    if len(rows) > SHOWN:
        people.print(words("cli.more", count=len(rows) - SHOWN))
    if out is not None:
        people.print(words("cli.exported", files=str(out)))


groups: dict[str, typer.Typer] = {"ask": ask}
