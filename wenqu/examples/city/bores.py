"""How large is each sewer of the example city, and where must its water be lifted?"""

import numba
import numpy as np

from wenqu.examples.city.land import Flags, Floats, Ints
from wenqu.examples.city.lists import rows

COVER = 0.9  # [m] least cover of a crown
SEWAGE_RATE = 9.0e-6  # [m³/s per m] peak sewage and seepage that a metre of sewer is laid for
STORM_RATE = 7.0e-4  # [m³/s per m] design storm flow of a metre of street
INTERCEPTED = 2.0  # [-] times the dry flow that an interceptor passes on
DEEPEST = 6.0  # [m] where a station is built when nobody says how many there are
HOPS = 3  # streets that a pressure main runs along


def pipe_table(storm: bool) -> tuple[Floats, Floats, Floats]:
    """Return diameters [m], least slopes [-] and design flows [m³/s] of the pipes on the market.

    Full flow of a circle by Manning (n = 0.013); sanitary sewers are laid for three quarters of it.
    """
    chosen = [row for row in rows("pipes") if row["system"] == ("storm" if storm else "sanitary")]
    diameter = np.array([float(row["diameter"]) for row in chosen])
    slope = np.array([float(row["slope"]) for row in chosen])
    full = np.pi * diameter**2 / 4 * (diameter / 4) ** (2 / 3) * np.sqrt(slope) / 0.013
    return diameter, slope, full * (1.0 if storm else 0.75)


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def laid_tree(
    order: Ints,
    tree: tuple[Ints, Floats, Floats, Floats, Flags],
    pipes: tuple[Floats, Floats, Floats],
    rules: tuple[float, Flags, bool],
) -> tuple[Floats, Floats, Flags, Floats]:
    """Lay the tree once, from the far ends down; return diameter, slope, lifted and flow by junction."""
    parent, length, ground, own, combined = tree
    diameters, slopes, flows = pipes
    limit, allowed, chosen_only = rules
    size = len(parent)
    dry = own.copy()
    wet = np.zeros(size)
    crown = ground - COVER - 0.5
    least = np.full(size, diameters[0])
    diameter = np.zeros(size)
    slope = np.zeros(size)
    lifted = np.zeros(size, np.bool_)
    for here in order:
        down = parent[here]
        if combined[here]:
            wet[here] += 0.5 * STORM_RATE / SEWAGE_RATE * own[here]
        else:
            wet[here] = min(wet[here], INTERCEPTED * dry[here])
        flow = dry[here] + wet[here]
        row = min(np.searchsorted(flows, flow), len(flows) - 1)
        if combined[here]:
            row = max(row, 1)
        diameter[here] = max(diameters[row], least[here])
        slope[here] = slopes[np.searchsorted(diameters, diameter[here])]
        if down < 0:
            continue
        start = min(crown[here], ground[here] - COVER) - diameter[here]
        deep = ground[here] - start
        if (allowed[here] and chosen_only) or (not chosen_only and deep > limit):
            lifted[here] = True
            target = down
            for _ in range(HOPS - 1):
                if parent[target] >= 0:
                    target = parent[target]
            dry[target] += dry[here]
            wet[target] += min(wet[here], INTERCEPTED * dry[here])
            again = 1 if combined[here] else 0
            diameter[here] = diameters[again]
            slope[here] = slopes[again]
            start = ground[here] - COVER - diameter[here]
        else:
            dry[down] += dry[here]
            wet[down] += wet[here]
        least[down] = max(least[down], diameter[here])
        lower = min(start - slope[here] * length[here] + diameter[here], ground[down] - COVER)
        crown[down] = min(crown[down], lower)
    return diameter, slope, lifted, dry


def lifted_tree(
    order: Ints,
    tree: tuple[Ints, Floats, Floats, Floats, Flags],
    pipes: tuple[Floats, Floats, Floats],
    wanted: int | None,
) -> tuple[Floats, Floats, Flags]:
    """Lay the tree with stations where it gets too deep, exactly ``wanted`` of them if a number is given."""
    free = np.zeros(len(tree[0]), np.bool_)
    if wanted is None:
        diameter, slope, lifted, _ = laid_tree(order, tree, pipes, (DEEPEST, free, False))
        return diameter, slope, lifted
    low, high = 1.8, 14.0
    for _ in range(24):
        middle = (low + high) / 2
        enough = int(laid_tree(order, tree, pipes, (middle, free, False))[2].sum()) >= wanted
        low, high = (middle, high) if enough else (low, middle)
    _, _, lifted, flow = laid_tree(order, tree, pipes, (low, free, False))
    found = np.flatnonzero(lifted)
    chosen = free.copy()
    chosen[found[np.argsort(-flow[found], kind="stable")][:wanted]] = True
    diameter, slope, lifted, _ = laid_tree(order, tree, pipes, (0.0, chosen, True))
    return diameter, slope, lifted
