"""How much of what a plant gains does each measure bring?

Concentration is load over flow: what one measure brings depends on what the others did before it. Along the
straight way from today to the end of the programme each measure is credited with what it adds at every step
(Aumann and Shapley): no order of the measures is preferred, and the parts sum to the whole.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
NODES, WEIGHTS = np.polynomial.legendre.leggauss(16)  # on (-1, 1): exact to 1e-9 for any change of a sewer


def plant_gains(flow: float, load: float, flow_change: Floats, load_change: Floats) -> Floats:
    """Return what each measure adds to the concentration of a plant. [kg/m³] (n,)

    Parameters
    ----------
    flow, load
        What the plant receives today. [m³/s], [kg/s]
    flow_change, load_change
        What each measure changes of both; negative is less. [m³/s], [kg/s] (n,)

    Returns
    -------
    Floats
        Parts whose sum is the change of load over flow; NaN where the flow would be used up.

    Examples
    --------
    >>> made = plant_gains(1.0, 0.1, np.array([-0.2, 0.0]), np.array([0.0, 0.02]))
    >>> [round(1000 * float(part), 3) for part in made], round(1000 * (0.12 / 0.8 - 0.1), 3)
    ([27.686, 22.314], 50.0)
    """
    all_flow, all_load = float(flow_change.sum()), float(load_change.sum())
    if flow <= 0 or flow + all_flow <= 0:
        return np.full(len(flow_change), np.nan)
    at = (NODES + 1) / 2
    on_the_way = flow + at * all_flow
    each_load = float((WEIGHTS / 2 / on_the_way).sum())
    each_flow = float((WEIGHTS / 2 * (load + at * all_load) / on_the_way**2).sum())
    made: Floats = each_load * load_change - each_flow * flow_change
    return made
