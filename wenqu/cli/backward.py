"""How does the command line show a backward schedule?"""

from collections.abc import Mapping
from typing import Any

from wenqu.cli.output import figure, people, table, words

KM = 1000.0  # [m]
COLUMNS = ("district", "left", "done_by", "days", "needed", "can", "begins", "ends", "slack", "team")


def show_backward(city: str, found: Mapping[str, Any], names: Mapping[str, str]) -> None:
    """Print the schedule of each work, then what is short and what is not known."""
    for work, one in found["works"].items():
        called = words(f"backward.work.{work}")
        if not one["districts"]:
            people.print(words("backward.empty" if one["empty"] else "backward.none", work=called))
            continue
        title = words("backward.title", city=city, day=found["day"], work=called, date=one["date"])
        heads = [words(f"backward.column.{name}") for name in COLUMNS]
        table(title, heads, [_row(row, names) for row in one["districts"]], (1, 3, 4, 5, 8))
        if one["past"]:
            people.print(words("backward.past", work=called, date=one["date"], left=figure(one["left"] / KM)))
        elif one["short"] > 0:
            people.print(words("backward.short", work=called, short=figure(one["short"] / KM)))
    years = found["calendar"]["unpublished"]
    if years:
        people.print(words("backward.unpublished", years=", ".join(map(str, years))))


def _row(row: Mapping[str, Any], names: Mapping[str, str]) -> tuple[str, ...]:
    teams = ", ".join(
        f"{span['name'] or span['team']} {figure(span['rate'])}→{figure(span['asked'])} m"
        for span in row["teams"]
    )
    return (
        names.get(row["district"], row["district"]) or words("backward.nowhere"),
        figure(row["left"] / KM),
        row["done_by"],
        f"{row['days']:,}",
        "–" if row["needed"] is None else figure(row["needed"]),
        figure(row["can"] / KM),
        row["begins"] or "–",
        row["ends"] or "–",
        "–" if row["slack"] is None else f"{row['slack']:+d}",
        teams or "–",
    )
