"""Which rules of problems hold in a city: those of Wenqu, with the city's own values?"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from wenqu.store.database import Store
from wenqu.works.problem_rules import Rules, problem_rules, read_own, with_own, write_own

TABLE = "problem_rules.csv"  # document of a city with values of its own


def rules_of(store: Store, city: str, as_of: str | None = None) -> Rules:
    """Return the rules that hold in a city."""
    own = store.document(city, TABLE, as_of)
    return problem_rules() if own is None else read_own(own.decode("utf-8"))


def rules_told(store: Store, city: str, as_of: str | None = None) -> list[dict[str, Any]]:
    """Return the rules that hold, each beside the value that Wenqu gives it."""
    table = problem_rules()
    return [
        {**asdict(row), "usual": table[row.name].value, "usual_adds": table[row.name].adds}
        for row in rules_of(store, city, as_of).values()
    ]


def keep_rules(
    store: Store, city: str, given: Mapping[str, tuple[float | None, float | None]], *, who: str
) -> list[dict[str, Any]]:
    """Keep a city's own values (all of them; what is left out is that of Wenqu) and return what holds.

    Raises
    ------
    BadInput
        A rule is not in the table, or a number is not one that it can have; nothing is kept then.
    """
    with_own(given)
    with store.change(city, who=who, why="problem rules") as change:
        change.write_document(TABLE, write_own(given).encode(), "text/csv")
    return rules_told(store, city)
