"""Can a small programme do without one of its repairs, or with a cheaper one in its place?"""

from collections.abc import Callable

import numpy as np

from wenqu.planning.options import Options
from wenqu.planning.verify import Choice

FEW = 40  # options and packages up to which every exchange of one for another is tried


def slimmer(options: Options, choice: Choice, kept: Callable[[Choice], bool]) -> Choice:
    """Return a choice from which nothing can be left out or exchanged for something cheaper.

    Parameters
    ----------
    options
        What is chosen from; of more than ``FEW`` the choice comes back as it is.
    choice
        A choice that keeps every rule.
    kept
        Tells whether a choice keeps every rule.

    Returns
    -------
    Choice
        Never dearer.
    """
    if len(options) > FEW:
        return choice
    better: Choice | None = choice
    while better is not None:
        choice = better
        better = next((one for one in _cheaper(options, choice) if kept(one)), None)
    return choice


def _cheaper(options: Options, choice: Choice) -> list[Choice]:
    """Return the choices that differ by one option left out or exchanged, the cheapest first."""
    cost, found = options.cost, []
    for place, row in enumerate(choice.options.tolist()):
        others = set(options.package[np.delete(choice.options, place)].tolist())
        free = ~np.isin(options.package, list(others)) & (cost < cost[row])
        near = np.flatnonzero(free).tolist()
        for one in (-1, *near):
            rows = choice.options.copy()
            rows[place] = one
            saved = cost[row] - (cost[one] if one >= 0 else 0.0)
            found.append((saved, Choice(rows[rows >= 0], choice.windows[rows >= 0])))
    return [made for _, made in sorted(found, key=lambda entry: -entry[0])]
