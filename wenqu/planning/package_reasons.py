"""Why is this package in the programme and that one not, and what would have to change?"""

from dataclasses import dataclass

import numpy as np

from wenqu.planning.options import Options
from wenqu.planning.shadow import Shadow
from wenqu.planning.verify import Choice

SLIGHT = 1e-3  # [-] of the price: a net price nearer to nothing than this is at the edge


@dataclass(frozen=True, slots=True)
class PackageReason:
    """What speaks for and against one package, at the prices of the programme."""

    package: str
    chosen: bool
    option: str  # the chosen one, else the one nearest to being chosen
    window: str  # its window, or the best one
    cost: float  # [yuan]
    margin: float  # [yuan] worth of its kilograms
    length: float  # [yuan] worth of its metres
    must: float  # [yuan] worth of its date
    guard: float  # [yuan] worth of the load that it keeps
    order: float  # [yuan] worth of what may only follow it, below 0 of what it must wait for
    least: float  # [yuan] worth towards the least work
    rent: float  # [yuan] of money, crews and pace that are scarce
    net: float  # [yuan] cost and rent less the worth; below 0 it belongs in, above it does not
    cheaper: float  # [-] by which its price must fall (or may rise) for it to enter (or leave); NaN: never
    better: float  # [-] by which its effect on the water must grow (or may fall) likewise; NaN: never
    verdict: str  # in, in-must, in-edge, in-odd, out, out-edge, out-odd, out-closed


def package_reasons(
    options: Options, found: Shadow, choice: Choice, windows: tuple[str, ...]
) -> list[PackageReason]:
    """Return one reason for every package that has an option, in the order of the packages."""
    at = dict(zip(choice.options.tolist(), choice.windows.tolist(), strict=True))
    chosen_of = {int(options.package[row]): int(row) for row in choice.options}
    net = np.where(np.isnan(found.net), np.inf, found.net)
    order = np.lexsort((net, options.package))
    _, first = np.unique(options.package[order], return_index=True)
    made = []
    for best in order[first].tolist():
        package = int(options.package[best])
        row = chosen_of.get(package, best)
        window = windows[at[row] if row in at else int(found.window[row])]
        made.append(_reason(options, found, (row, package, row in at), window))
    return made


def _reason(options: Options, found: Shadow, what: tuple[int, int, bool], window: str) -> PackageReason:
    row, package, chosen = what
    closed = bool(np.isposinf(found.net[row]))  # in every window
    cost = float(options.cost[row])
    net = cost - float(found.worth[row]) if closed else float(np.nan_to_num(found.net[row]))
    parts = {name: float(values[row]) for name, values in found.parts.items()}
    rent = net - cost + float(found.worth[row])
    edge = abs(net) <= SLIGHT * max(cost, 1.0)
    margin = parts["margin"]
    cheaper = -net / cost if cost > 0 else float("nan")
    better = net / margin if margin > SLIGHT * cost else float("nan")
    if chosen and better < -1:
        better = float("nan")  # it stays even if it keeps no water out at all
    if not chosen and cheaper < -1:
        cheaper = float("nan")
    verdict = ("in" if chosen else "out") + ("-edge" if edge else "")
    if chosen and options.must[package]:
        verdict = "in-must"
    elif not edge and chosen:
        verdict = "in-odd" if net > 0 else "in"
    if not edge and not chosen and net < 0:
        verdict = "out-odd"
    if closed and not chosen:
        verdict, cheaper, better = "out-closed", float("nan"), float("nan")
    return PackageReason(
        str(options.package_ids[package]), chosen, str(options.ids[row]), window, cost, margin,
        parts["length"], parts["must"], parts["guard"], parts["order"], parts["least"], rent, net, cheaper,
        better, verdict,
    )  # fmt: skip
