"""Which programme is the cheapest of a case in a folder, what proves it, and what if there is none?"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from wenqu.issues import Issue, Place, Weight
from wenqu.planning.nearest import Relaxation, nearest
from wenqu.planning.proved_choice import Proved, choose_proved
from wenqu.planning.stated_case import out_of_reach, portfolio_of, share_later
from wenqu.services.plan_case_files import PLANTS, PlanCase, read_plan_case
from wenqu.services.plan_case_rules import FILE as RULES


@dataclass(frozen=True, slots=True)
class CaseAnswer:
    """The programme of a case."""

    case: PlanCase
    proved: Proved
    rows: tuple[tuple[str, str, str, float], ...]  # rule, scope, window, price [yuan/unit]
    relaxation: Relaxation | None  # of a case that nothing satisfies

    @property
    def chosen(self) -> list[str]:
        """Ids of the chosen options, in the order of the file."""
        return [str(self.case.ids[int(row)]) for row in np.sort(self.proved.chosen)]


def plan_case(
    folder: Path,
    *,
    seconds: float = 60.0,
    gap: float = 1e-4,
    progress: Callable[[float], None] = lambda _: None,
) -> CaseAnswer:
    """Return the cheapest programme of a case.

    Parameters
    ----------
    folder
        With options.csv, plants.csv, rules.json.
    seconds
        Longest time for the search. [s]
    gap
        Distance from the proved bound that ends the search. [-]
    progress
        Hears of the share of the time that is used.

    Raises
    ------
    FileUnreadable, BadInput
        See `read_plan_case`.
    """
    case = read_plan_case(folder)
    given = portfolio_of(case.options, case.plants, case.rules)
    proved = choose_proved(given, seconds=seconds, gap=gap, progress=progress)
    beyond = out_of_reach(case.options, case.plants, case.rules)
    for row, lacks in beyond.items():
        reach = {
            "plant": case.plants.ids[row],
            "lacks": lacks / 1000,
            "threshold": case.plants.threshold[row],
        }
        place = Place(PLANTS)
        case.issues.append(Issue("plan-case.plant-out-of-reach", Weight.NOTE, place=place, facts=reach))
    case.issues += _lost(case, proved)
    prices = [
        (row.rule, row.scope, row.window, float(price))
        for row, price in zip(given.rows, proved.prices, strict=True)
        if price > 0
    ]
    dearest = float(np.maximum.reduceat(given.cost, given.start[:-1]).sum()) if len(given.cost) else 0.0
    dearest = max(dearest, proved.bound if np.isfinite(proved.bound) else 0.0)
    for row, lacks in beyond.items():  # a price at which complying costs more than anything there is
        name = str(case.plants.ids[row])
        prices.append(("margin", name, case.rules.share_by, 2 * (dearest + 1.0) / lacks))
    relaxation = nearest(given, seconds=seconds) if proved.status == "infeasible" else None
    return CaseAnswer(case, proved, tuple(prices), relaxation)


def _lost(case: PlanCase, proved: Proved) -> list[Issue]:
    """Tell where a share of capacity that is reached by its date is lost again by later works."""
    shares = share_later(case.options, case.plants, case.rules, proved.chosen)
    low = min(shares, key=lambda window: shares[window], default="")
    if not low or proved.status != "proved" or shares[low] >= case.rules.share * (1 - 1e-9):
        return []
    facts: dict[str, object] = {
        "by": case.rules.share_by, "share": shares[case.rules.share_by], "window": low, "later": shares[low]
    }  # fmt: skip
    return [Issue("plan-case.share-lost", Weight.NOTE, place=Place(RULES), facts=facts)]
