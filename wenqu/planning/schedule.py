"""In which year is each chosen repair done? Due dates first, early benefit next."""

import numpy as np
import numpy.typing as npt

from wenqu.planning.options import Options
from wenqu.planning.rules import Rules

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def spread(options: Options, rules: Rules, chosen: Ints, first: Ints, last: Ints, worth: Floats) -> Ints:
    """Return a window for every chosen option that keeps budgets, crew-days and pace; -1 where none is left.

    Two orders are tried, each with first fit: by due date and benefit per yuan, and by due date and cost.

    Parameters
    ----------
    options, rules
        What is chosen from, and under which limits.
    chosen
        Rows of the options. (n,)
    first, last
        Earliest and latest window of each. (n,), (n,)
    worth
        Benefit of each, to be had early. (n,)

    Returns
    -------
    Ints
        Place of the window of each, (n,).
    """
    cost, days = options.cost[chosen], options.crew_days[chosen]
    benefit = np.divide(worth, cost, out=np.zeros(len(chosen)), where=cost > 0)
    windows = np.full(len(chosen), -1, dtype=np.int64)
    for order in (np.lexsort((-benefit, last)), np.lexsort((-cost, last))):
        windows = _first_fit(rules, order, (cost, days), (first, last), _dearest(options))
        if (windows >= 0).all():
            break
    return windows


def _dearest(options: Options) -> float:
    return float(options.cost.max()) if len(options) else 0.0


def _first_fit(
    rules: Rules, order: Ints, needs: tuple[Floats, Floats], span: tuple[Ints, Ints], dearest: float
) -> Ints:
    cost, days = needs
    cap = rules.pace * float(cost.sum()) + dearest if rules.pace < 1 else np.inf
    money = np.minimum(np.array(rules.budgets), cap)
    crew = np.array(rules.crew_days)
    windows = np.full(len(order), -1, dtype=np.int64)
    for row in order:
        for window in range(int(span[0][row]), int(span[1][row]) + 1):
            if cost[row] <= money[window] + 1e-6 and days[row] <= crew[window] + 1e-9:
                windows[row] = window
                money[window] -= cost[row]
                crew[window] -= days[row]
                break
    return windows
