"""How much of each supply zone's metered water returns as sewage above each place of the sewers?

The users say it: a user's bill is its share of the zone's metered supply, and its return ratio what becomes
sewage. What is metered beyond the bills is taken for leakage when it is believable (between nothing and 40 %
of the supply); otherwise the bills are scaled to the supply less a default loss.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.defaults import default

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
BELIEVABLE = (0.6, 1.02)  # bills over metered supply


@dataclass(frozen=True, slots=True, eq=False)
class Users:
    """Users of water. U users."""

    zone: Ints  # (U,) supply zone, -1 for none
    pipe: Ints  # (U,) pipe in preorder that takes the sewage, -1 where it enters no sewer
    use: Floats  # (U,) [m³/s] billed
    ratio: Floats  # (U,) [-] share that returns


@dataclass(frozen=True, slots=True, eq=False)
class Supplies:
    """Supply zones with what scales their bills. Z zones."""

    mean: Floats  # (Z,) [m³/s] supply over the record, NaN where nobody knows
    billed: Floats  # (Z,) [m³/s] of the users in it
    scale: Floats  # (Z,) [-] by which the bills are multiplied before the return ratio
    doubted: Mask  # (Z,) bills and supply do not belong together


@dataclass(frozen=True, slots=True, eq=False)
class Share:
    """What of the supply belongs above one place."""

    of_zone: Floats  # (Z,) [-] share of each zone's supply
    loose: float  # [m³/s] bills of users outside all supply zones
    ratio: float  # [-] share of that supply that returns as sewage, NaN without any supply


def supplies(users: Users, mean: Floats) -> Supplies:
    """Return what the bills of each zone say against its supply.

    Parameters
    ----------
    mean
        Supply of each zone over the record, NaN where there is none. [m³/s]
    """
    size = len(mean)
    inside = users.zone >= 0
    billed = np.bincount(users.zone[inside], users.use[inside], minlength=size).astype(np.float64)
    known = np.where(np.isnan(mean), billed, mean)
    with np.errstate(divide="ignore", invalid="ignore"):
        covered = np.where(known > 0, billed / known, np.nan)
        wanted = known * (1 - default("supply_loss")) / billed
    fits = (covered >= BELIEVABLE[0]) & (covered <= BELIEVABLE[1])
    scale = np.where(fits | np.isnan(mean) | (billed <= 0), 1.0, wanted)
    return Supplies(known, billed, scale, ~fits & ~np.isnan(mean))


def share_above(users: Users, known: Supplies, above: tuple[int, int] | None) -> Share:
    """Return what of the supply belongs above a place.

    Parameters
    ----------
    above
        Interval of pipes above the place; None for the whole city, with users of no sewer too.
    """
    mine = np.ones(len(users.use), np.bool_)
    if above is not None:
        mine = (users.pipe >= above[0]) & (users.pipe < above[1])
    inside = mine & (users.zone >= 0)
    size = len(known.mean)
    own = np.bincount(users.zone[inside], users.use[inside], minlength=size)
    back = np.where(users.pipe >= 0, users.use * users.ratio, 0.0)
    returned = np.bincount(users.zone[inside], back[inside], minlength=size) * known.scale
    with np.errstate(divide="ignore", invalid="ignore"):
        of_zone = np.where(known.billed > 0, own / known.billed, 0.0)
    outside = mine & (users.zone < 0)
    loose = float(users.use[outside].sum())
    whole = float(np.nansum(of_zone * known.mean)) + loose
    came = float(returned.sum() + back[outside].sum())
    return Share(of_zone, loose, came / whole if whole > 0 else float("nan"))


def share_by_plant(drains: Mask, known: Supplies) -> Share:
    """Return what of the supply belongs to a plant where no user says it: whole zones, by their register."""
    of_zone = drains.astype(np.float64)
    whole = float(np.nansum(of_zone * known.mean))
    ratio = (1 - default("supply_loss")) * default("return_ratio")
    return Share(of_zone, 0.0, ratio if whole > 0 else float("nan"))
