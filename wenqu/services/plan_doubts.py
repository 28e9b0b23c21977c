"""How unsure is what a city's repairs bring, by its diagnosis, its price table and its plants' readings?"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.defaults import default
from wenqu.planning.costs import Catalogue
from wenqu.planning.doubts import Doubts
from wenqu.planning.options import Sites
from wenqu.records.finding import Finding
from wenqu.services.area_waters import AreaWaters, read_areas
from wenqu.services.city_state import CityState
from wenqu.services.plan_waters import Evidence, back_doors
from wenqu.services.plant_inflow import Z90, plant_inflows
from wenqu.store.database import Store

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
WATERS = ("groundwater", "river", "missing")
WIDEST = 3.0  # [-] relative spread; beyond it only what may be more grows, and a plan counts on none of that
YEARS = 0.05  # [-] how far a year may lie from its forecast, as the plants' own story has it by default
OF_KIND = {"conduit": "groundwater", "outfall": "river", "river": "river"}
FINDING, LOSES = "joint_inversion", "area:"


@dataclass(frozen=True, slots=True)
class _Known:
    """Waters of the areas by name. f factors."""

    names: dict[tuple[str, str], int]
    mean: Floats  # (f,) [m³/s]
    covariance: Floats  # (f, f) [-]
    together: bool


def city_doubts(store: Store, state: CityState, known: Evidence, sites: Sites, book: Catalogue) -> Doubts:
    """Return what is unsure of every site, method and plant of a city.

    Areas vary together as the diagnosis filed it; a diagnosis that filed no covariance has areas that are
    taken to be independent (``together`` is false then). A site that no area is known of varies by the
    default of works that nobody has verified.
    """
    code, moment = state.network.city.code, state.network.as_of or None
    filed = read_areas(store, code, moment)
    areas = _filed(filed) if filed is not None else _told(known.findings)
    factor, own = _sites(known, sites, areas)
    beta = np.array([(row.effect_a, row.effect_b) for row in book.methods], dtype=np.float64).reshape(-1, 2)
    named: tuple[tuple[str, str], ...] = tuple(areas.names)
    return Doubts(
        named, areas.covariance, factor, own, sites.clean_bod, sites.sewage_bod, beta,
        _plants(store, state), areas.together,
    )  # fmt: skip


def _filed(areas: AreaWaters) -> _Known:
    """Return the waters of the areas that the diagnosis filed with their covariance."""
    count = len(areas.names)
    sewage = np.sqrt(np.maximum(np.diagonal(areas.covariance)[::3], 0.0))
    # of the three waters of an area, sewage that arrives stands for what is lost: the more comes, the less is
    turn = np.tile(np.ones(3), count)
    turn[::3] = -np.divide(areas.lost_sd, sewage, out=np.zeros(count), where=sewage > 0)
    whole = areas.covariance * np.outer(turn, turn)
    mean = areas.mean.copy()
    mean[:, 0] = areas.lost
    order = np.concatenate([np.arange(count) * 3 + water for water in (1, 2, 0)])
    names = {(area, water): 0 for water in WATERS for area in areas.names}
    flat = mean.ravel()[order]
    kept = np.flatnonzero(flat > 0)
    some = [name for place, name in enumerate(names) if flat[place] > 0]
    relative = whole[np.ix_(order, order)][np.ix_(kept, kept)] / np.outer(flat[kept], flat[kept])
    return _Known({name: at for at, name in enumerate(some)}, flat[kept], _narrowed(relative), together=True)


def _told(findings: tuple[Finding, ...]) -> _Known:
    """Return the waters of the areas by the intervals of their findings alone."""
    rows = [
        row
        for row in findings
        if row.method == FINDING
        and row.quantity.removeprefix("area_") in WATERS
        and row.quantity.startswith("area_")
        and row.value > 0
    ]
    mean = np.array([row.value for row in rows], dtype=np.float64)
    sd = np.array([(row.high - row.low) / (2 * Z90) for row in rows], dtype=np.float64)
    names = {(row.asset, row.quantity.removeprefix("area_")): at for at, row in enumerate(rows)}
    relative = np.diag((np.nan_to_num(sd) / mean) ** 2) if rows else np.zeros((0, 0))
    return _Known(names, mean, _narrowed(relative), together=False)


def _narrowed(relative: Floats) -> Floats:
    """Return a relative covariance in which nothing spreads wider than WIDEST."""
    sd = np.sqrt(np.maximum(np.diagonal(relative), 0.0))
    times = np.minimum(1.0, WIDEST / np.where(sd > 0, sd, 1.0))
    found: Floats = relative * np.outer(times, times)
    return (found + found.T) / 2


def _sites(known: Evidence, sites: Sites, areas: _Known) -> tuple[Ints, Floats]:
    """Return factor and own spread of every site."""
    area: dict[str, tuple[str, int]] = {}
    if known.posterior is not None:
        pairs = zip(known.posterior.ids.tolist(), known.posterior.area.tolist(), strict=True)
        area = {str(id_): (str(name), row) for row, (id_, name) in enumerate(pairs)}
    links = known.topology.link_ids
    behind = {outfall: str(links[link]) for link, outfall in back_doors(known.topology).items()}
    factor = np.full(len(sites), -1, dtype=np.int64)
    own = np.full(len(sites), default("effect_cv"))
    for row, (kind, id_) in enumerate(zip(sites.kind.tolist(), sites.ids.tolist(), strict=True)):
        if kind == "source":
            package = str(sites.package[row])
            name = (package.removeprefix(LOSES), "missing") if package.startswith(LOSES) else ("", "")
            pipe = -1
        else:
            first = str(id_).partition("|")[0]
            of, pipe = area.get(behind.get(first, "") if kind == "outfall" else first, ("", -1))
            name = (of, OF_KIND.get(kind, ""))
        at = areas.names.get(name, -1)
        if at >= 0:
            factor[row] = at
            own[row] = 0.0 if pipe < 0 else _own(known, sites, areas, (row, pipe, at))
        elif sites.clean[row] == 0 and sites.missing[row] == 0:
            own[row] = 0.0
    return factor, own


def _own(known: Evidence, sites: Sites, areas: _Known, where: tuple[int, int, int]) -> float:
    """Return the spread of a site around its share of its area. [-]"""
    row, pipe, at = where
    clean, found = float(sites.clean[row]), known.posterior
    if clean <= 0 or found is None:
        return 0.0
    wide = float(areas.covariance[at, at])
    part = min(clean / float(areas.mean[at]), 1.0)
    if sites.kind[row] == "river":  # of the river's places any may be the one: all of it, or none
        variance = (1 - part) / part * (1 + wide)
    else:
        sd = found.groundwater_sd[pipe] if sites.kind[row] == "conduit" else found.river_sd[pipe]
        variance = (float(sd) / clean) ** 2 - wide
    return min(float(np.sqrt(max(variance, 0.0))), WIDEST)


def _plants(store: Store, state: CityState) -> Floats:
    """Return how far a year's mean at each plant may lie from today's: the readings, and years. [kg/m³]"""
    rows = plant_inflows(store, state)
    read = np.array([(row.bod5_high - row.bod5_low) / (2 * Z90) for row in rows], dtype=np.float64)
    bod = np.nan_to_num(np.array([row.bod5 for row in rows], dtype=np.float64))
    return np.hypot(np.nan_to_num(read), YEARS * bod)
