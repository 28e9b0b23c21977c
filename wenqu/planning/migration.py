"""How much of what a repair seals off comes in at the neighbours instead?

Sealing a reach lifts the groundwater and loads the reaches around that are still open. With a share u of the
length of a block of sewers still unsealed, a repair keeps η·(1 - μ·u) of the water instead of η. That couples
all repairs of a block. The plan stays linear by the worst case: u is taken as if nothing but the package
itself were sealed. As u falls with every further repair, no choice does less than the plan counts on
(`coupled` says how much more). Laterals are apart: what lining of mains alone cannot reach is the ``scope``
of a method. μ = 0.2 to 0.6 is known from experience alone, and nobody has confirmed it.
"""

import numpy as np
import numpy.typing as npt

from wenqu.planning.options import Options, Sites

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]


def stays(package: Texts, block: Ints, length: Floats, whole: Floats, share: float) -> Floats:
    """Return the share of the effect that stays when a site's package alone is sealed: 1 - μ·u. (n,)

    Parameters
    ----------
    package
        Of every site. (n,)
    block
        Block of sewers over one groundwater that the site lies in, -1 for none. (n,)
    length
        Of the site. [m] (n,)
    whole
        Length of all sewers of each block. [m] (blocks,)
    share
        μ. [-]

    Examples
    --------
    >>> names, block = np.array(["a", "a", "b"], object), np.zeros(3, np.int64)
    >>> stays(names, block, np.array([100.0, 100.0, 50.0]), np.array([500.0]), 0.4)
    array([0.76, 0.76, 0.64])
    """
    if not len(package):
        return np.ones(0)
    _, owner = np.unique(package.astype(str), return_inverse=True)
    pairs, mine = np.unique(np.column_stack([owner, block]), axis=0, return_inverse=True)
    sealed = np.bincount(mine.ravel(), length, len(pairs)).astype(np.float64)[mine.ravel()]
    return np.where(block >= 0, 1.0 - share * _unsealed(sealed, whole[block] if len(whole) else length), 1.0)


def coupled(
    sites: Sites, made: Options, chosen: Ints, blocks: tuple[Ints, Floats], share: float
) -> tuple[Floats, Floats]:
    """Return the clean water that each part of a choice keeps out: as planned, and with all of it sealed.

    The second counts every chosen package of a block as sealed, so it is never less. [m³/s] (q,), (q,)

    Parameters
    ----------
    chosen
        Rows of the options.
    blocks
        Block of every site, -1 for none (n,); length of all sewers of each. [m]
    """
    block, whole = blocks
    rows = [np.arange(made.part_start[row], made.part_start[row + 1]) for row in chosen.tolist()]
    parts = np.concatenate([np.empty(0, np.int64), *rows]).astype(np.int64)
    site = made.part_site[parts]
    there = block[site]
    sealed = np.bincount(there[there >= 0], sites.length[site][there >= 0], len(whole)).astype(np.float64)
    planned = made.part_clean[parts]
    counted = np.ones(len(sites)) if sites.stays is None else sites.stays
    open_ = _unsealed(sealed[there], whole[there]) if len(whole) else np.zeros(len(parts))
    return planned, planned / counted[site] * np.where(there >= 0, 1.0 - share * open_, 1.0)


def _unsealed(sealed: Floats, whole: Floats) -> Floats:
    """Return the share of a block that is still open. [-]"""
    return np.clip(1.0 - sealed / np.maximum(whole, 1e-9), 0.0, 1.0)
