"""What rain does in the sewers of a city."""

from typing import Any

from wenqu.cli.evidence import AsJson, CityOption
from wenqu.cli.output import answer, author, figure, opened, people, progress, show_issues, span, table, words


def rainfall_response(city: CityOption, as_json: AsJson = False) -> None:
    """Say how much rain gets into the sewers, where, how fast, and how sure that is; file it."""
    from wenqu.services.city_state import CityState
    from wenqu.services.rainfall_response import rainfall_response as worked_out
    from wenqu.services.view_rainfall import view_rainfall

    with opened() as store, progress("rain.cli.working", quiet=as_json) as told:
        made = worked_out(store, city, who=author(), progress=told)
        found = view_rainfall(store, CityState(store.network(city)))
    if as_json:
        answer(found)
        return
    people.print(words("rain.cli.made", events=made.events, meters=len(made.meters), areas=len(made.areas)))
    _areas(found)
    _meters(found)
    show_issues(made.issues)


def _heads(*names: str) -> list[str]:
    return ["", *(words(f"rain.cli.{name}") for name in names)]


def _share(part: dict[str, float]) -> str:
    return span(100 * part["value"], 100 * part["low"], 100 * part["high"])


def _areas(found: dict[str, Any]) -> None:
    rows = [
        (row["name"], figure(row["ground_ha"]), _share(row["fast"]), _share(row["slow"]),
         figure(row["m3_per_year"]), figure(100 * row["data_share"]))
        for row in found["areas"]
    ]  # fmt: skip
    if rows:
        heads = _heads("ground", "fast", "slow", "yearly", "data_share")
        table(words("rain.cli.areas"), heads, rows, (1, 2, 3, 4, 5))


def _triangles(row: dict[str, Any]) -> str:
    return " + ".join(
        f"{figure(one['r'])}/{figure(one['t'] / 3600)}/{figure(one['k'])}" for one in row["triangles"]
    )


def _meters(found: dict[str, Any]) -> None:
    rows = [
        (row["name"], _share(row["fast"]), _share(row["slow"]), _triangles(row),
         words(f"rain.cli.{row['better']}"), str(row["usable"]))
        for row in found["meters"]
    ]  # fmt: skip
    if rows:
        table(words("rain.cli.meters"), _heads("fast", "slow", "rtk", "better", "events"), rows, (1, 2, 5))


commands = {"rainfall-response": rainfall_response}
