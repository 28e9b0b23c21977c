"""What would a city save by finding something out before it chooses, and what does finding out cost?"""

from dataclasses import replace
from typing import Any

import numpy as np

from wenqu.diagnosis.defaults import default
from wenqu.planning.chance import Sure, surely
from wenqu.planning.doubts import plant_rows
from wenqu.planning.knowing import Worth, guessed, moved, settled, unknowns, values_of
from wenqu.planning.options import Options
from wenqu.planning.plants import margins
from wenqu.planning.shadow import Shadow
from wenqu.progress import Progress
from wenqu.services.planned_case import PlannedCase

LISTED = 12  # unknowns that are told, the most promising first
SEED = 7


def worth_of_knowing(
    case: PlannedCase, sure: Sure, prices: Shadow | None, *, most: int, draws: int, progress: Progress
) -> list[dict[str, Any]]:
    """Return what is worth knowing first: by the prices, and truly for those that promise most.

    Parameters
    ----------
    sure, prices
        The programme that keeps a reserve, and its prices.
    most
        Unknowns that are solved for.
    draws
        Programmes chosen anew for each.
    """
    progress(0.0)
    if prices is None or sure.plan.status == "infeasible":
        progress(1.0)
        return []
    methods = {row: entry.key for row, entry in enumerate(case.book.methods)}
    some = list(unknowns(case.doubts, case.options, methods))
    plants = case.known.plants
    found = guessed(case.options, plants, case.rules, case.doubts, sure, prices, some)[:LISTED]
    done = 0
    for place, worth in enumerate(found[:most]):
        costs, luck, missed = [], [], 0
        for values in values_of(case.doubts, worth.unknown, draws, SEED + place):
            options, left = moved(case.options, case.doubts, worth.unknown, values)
            again = surely(
                options, plants, replace(case.rules, probability=sure.asked), left, probability=sure.asked,
                lengths=case.lengths, seconds=case.seconds, start=sure.plan.choice,
            )  # fmt: skip
            if again.plan.status == "infeasible":
                missed += 1
            else:
                costs.append(again.plan.cost)
                luck.append(luck_of(case, sure, prices, options))
            done += 1
            progress(done / (most * draws))
        found[place] = settled(worth, costs, luck, sure.plan.cost, missed)
    progress(1.0)
    return [_told(case, one) for one in found]


def why_nothing(sure: Sure, prices: Shadow | None) -> str:
    """Return why nothing is worth finding out: by the prices the saving is then exactly nothing.

    Returns
    -------
    str
        ``unreached`` (no programme keeps such a reserve), ``barred`` (rules that ask for no reserve cannot
        be kept), ``unpriced`` (the prices cannot be had), ``slack`` (the reserve costs nothing, as no
        plant's margin binds) or ``certain`` (what binds is not unsure).
    """
    if sure.plan.status == "infeasible":
        return "unreached" if any(row.rule == "share" for row in sure.plan.relaxed) else "barred"
    if prices is None:
        return "unpriced"
    binds = any(price.rule == "margin" and price.worth > 0 for price in prices.prices)
    return "certain" if binds else "slack"


def luck_of(case: PlannedCase, sure: Sure, prices: Shadow, options: Options) -> float:
    """Return what a draw is worth to the programme as it is: more water than expected, at its price. [yuan]

    Its mean over all draws is nothing: what is saved is read where it is nothing too.
    """
    window = np.full(len(options), len(case.rules.windows))
    window[sure.plan.choice.options] = sure.plan.choice.windows
    plant = plant_rows(options, case.known.plants)
    more = margins(options, case.known.plants, case.rules) - margins(
        case.options, case.known.plants, case.rules
    )
    rows = {str(name): row for row, name in enumerate(case.known.plants.ids)}
    return sum(
        price.worth
        * float(more[(plant == rows[price.scope]) & (window <= case.rules.windows.index(price.window))].sum())
        for price in prices.prices
        if price.rule == "margin"
    )


def _told(case: PlannedCase, one: Worth) -> dict[str, Any]:
    what, book = one.unknown, case.book.methods
    name = {"zh": what.name, "en": what.name}
    if what.method >= 0:
        name = {"zh": book[what.method].zh, "en": book[what.method].en}
    known = one.saving == one.saving
    return {
        "kind": what.kind,
        "name": what.name,
        "shown": name,
        "guess": one.guess,
        "draws": one.draws,
        "out_of_reach": one.out_of_reach,
        "saving": one.saving if known else None,
        "span": [one.low, one.high] if known else None,
        "cost": default("meter_cost") if what.kind in {"area", "package"} else None,
    }
