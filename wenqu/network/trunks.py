"""Which sewers are the trunks? Those that drain the most, so that what is kept stays connected."""

import numpy as np

from wenqu.network.forest import Floats
from wenqu.network.topology import Topology


def drained_length(made: Topology) -> Floats:
    """Return the length of sewer that drains through every link, itself included. (L,) [m]

    Along a main way it only grows: the links above any threshold are whole trunks down to their ends,
    never scattered pieces. A link beside the main way (a second branch, an overflow) counts itself only;
    one inside a loop counts all that drains into the loop.
    """
    lengths = np.nan_to_num(made.link_length)
    if not len(made.tin):
        return lengths.copy()
    mains = np.flatnonzero(made.main_link >= 0)
    inside = (made.link_from >= 0) & (made.link_to >= 0)
    inside[inside] = made.group[made.link_from[inside]] == made.group[made.link_to[inside]]
    at = np.zeros(len(made.tin))
    at[made.tin[mains]] = lengths[made.main_link[mains]]
    np.add.at(at, made.tin[made.group[made.link_from[inside]]], lengths[inside])
    walked = np.concatenate([[0.0], np.cumsum(at)])
    above = walked[made.tout] - walked[made.tin]
    drained = lengths.copy()
    loops = made.group[made.link_from[inside]]
    onward = np.where(made.main_link[loops] >= 0, lengths[made.main_link[loops]], 0.0)
    drained[inside] = above[loops] - onward
    drained[made.main_link[mains]] = above[mains]
    return drained
