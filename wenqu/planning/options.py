"""Which repairs are possible where, what would each do and cost, and why not the others?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from wenqu.errors import BadInput
from wenqu.planning.costs import Catalogue, Method, works_cost
from wenqu.planning.particulars import Particulars

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]

# Why a method does not fit a site; the sentence stands under plan.reason.<name>. 0 is "it fits".
REASONS = (
    "fits",
    "other-site",
    "diameter-unknown",
    "diameter-small",
    "diameter-large",
    "grade",
    "grade-unknown",
    "many-spots",
    "no-units",
    "no-gravity",
    "no-dry",
    "no-spots",
    "no-no_flap",
    "no-weir",
    "no-connected",
    "no-blank",
    "no-effect",
    "no-combined",
    "no-laterals",
)
GRADE_WHEN_UNKNOWN = 3  # what was never filmed is not taken for sound
OF_NOTE = 1e-12  # [m³/s] less than this is nothing


@dataclass(frozen=True, slots=True)
class Sites:
    """Places where something may be repaired: conduits, outfalls, banks, premises. n rows."""

    asset_type: Texts  # (n,) conduit, outfall, source (or the manhole they connect to)
    ids: Texts  # (n,)
    kind: Texts  # (n,) conduit, outfall, river, source or industry: which methods apply
    package: Texts  # (n,) sites of one package are repaired together
    plant: Texts  # (n,) id of the plant below, "" for none
    district: Texts  # (n,) id of the district, "" for none
    length: Floats  # (n,) [m], 0 where it has none
    diameter: Floats  # (n,) [m], NaN where unknown
    depth: Floats  # (n,) [m], NaN where unknown
    grade: Ints  # (n,) structural grade 1 to 4, 0 not graded
    spots: Floats  # (n,) defects that count
    units: Floats  # (n,) premises or points
    clean: Floats  # (n,) [m³/s] clean water that enters here, expected
    missing: Floats  # (n,) [m³/s] sewage that is lost here, expected
    clean_bod: Floats  # (n,) [kg/m³]
    sewage_bod: Floats  # (n,) [kg/m³] of the recovered sewage as it arrives at the plant
    problem: Bools  # (n,) on the problem list: counts in the length milestones
    must: Bools  # (n,) must be mended by a date
    traits: Mapping[str, Bools]  # (n,) each, by the names of costs.TRAITS
    reasons: tuple[tuple[str, ...], ...]  # (n) ids of the grades, findings, defects behind the site
    stays: Floats | None = None  # (n,) [-] share of the effect that does not migrate (`migration.stays`)

    def __len__(self) -> int:
        """Return the number of sites."""
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Options:
    """What may be chosen: at most one option a package. p packages, o options, q parts."""

    package_ids: Texts  # (p,)
    plant: Texts  # (p,)
    district: Texts  # (p,)
    problem_length: Floats  # (p,) [m] bad length that is mended by any of its options
    must: Bools  # (p,)
    ids: Texts  # (o,) package:method
    package: Ints  # (o,) row of its package
    cost: Floats  # (o,) [yuan]
    flow: Floats  # (o,) [m³/s] change of the flow at the plant, negative for clean water kept out
    load: Floats  # (o,) [kg/s] change of the BOD5 load at the plant
    sewage_load: Floats  # (o,) [kg/s] change of the part that comes from sewage, for the load guard
    crew_days: Floats  # (o,) [d]
    part_start: Ints  # (o + 1,) where the parts of each option begin
    part_site: Ints  # (q,) row of the Sites
    part_method: Ints  # (q,) row of the catalogue
    part_cost: Floats  # (q,) [yuan]
    part_clean: Floats  # (q,) [m³/s] clean water kept out
    part_sewage: Floats  # (q,) [m³/s] sewage brought back
    part_days: Floats = field(default_factory=lambda: np.empty(0))  # (q,) [d] of a crew
    particulars: Particulars | None = None  # what further conditions weigh; None where there are none

    def __len__(self) -> int:
        """Return the number of options."""
        return len(self.ids)


def check_sites(sites: Sites) -> None:
    """Refuse sites whose numbers cannot be used.

    Raises
    ------
    BadInput
        A length, flow or concentration is negative or NaN, or a column has another length.
    """
    for name in ("length", "spots", "units", "clean", "missing", "clean_bod", "sewage_bod"):
        column = getattr(sites, name)
        if len(column) != len(sites) or not (np.isfinite(column).all() and (column >= 0).all()):
            raise BadInput("sites", column=name, rows=len(sites))


def fit(sites: Sites, method: Method) -> npt.NDArray[np.uint8]:
    """Return for every site why the method does not fit it, as a place in REASONS; 0 when it fits. (n,)"""
    reason = np.zeros(len(sites), dtype=np.uint8)

    def mark(bad: Bools, name: str) -> None:
        reason[bad & (reason == 0)] = REASONS.index(name)

    mark(sites.kind != method.site, "other-site")
    if method.site == "conduit":
        grade = np.where(sites.grade == 0, GRADE_WHEN_UNKNOWN, sites.grade)
        mark(np.isnan(sites.diameter), "diameter-unknown")
        mark(sites.diameter < method.min_diameter, "diameter-small")
        mark(sites.diameter > method.max_diameter, "diameter-large")
        mark((sites.grade == 0) & (grade > method.max_grade), "grade-unknown")
        mark(grade > method.max_grade, "grade")
        mark(sites.spots > method.max_spots, "many-spots")
    for trait in method.needs:
        mark(~sites.traits.get(trait, np.zeros(len(sites), dtype=np.bool_)), f"no-{trait}")
    mark(quantities(sites, method) <= 0, "no-units")
    clean, sewage = effects(sites, method)
    mark((clean <= OF_NOTE) & (sewage <= OF_NOTE) & ~sites.problem, "no-effect")
    return reason


def quantities(sites: Sites, method: Method) -> Floats:
    """Return how many units of a method a site needs: metres, spots, points or premises. (n,)"""
    return {"m": sites.length, "spot": sites.spots, "point": sites.units, "premises": sites.units}[
        method.price_per
    ]


def effects(sites: Sites, method: Method) -> tuple[Floats, Floats]:
    """Return the clean water kept out and the sewage brought back at every site. [m³/s] (n,), (n,)"""
    clean = method.effect * staying(sites) if method.site != "source" else np.zeros(len(sites))
    sewage = method.effect * sites.missing if method.site == "source" else np.zeros(len(sites))
    return clean, sewage


def staying(sites: Sites) -> Floats:
    """Return the clean water of every site that a repair can keep from the sewers around too. [m³/s] (n,)"""
    return sites.clean if sites.stays is None else sites.clean * sites.stays


def fits(sites: Sites, catalogue: Catalogue) -> npt.NDArray[np.uint8]:
    """Return why each method of a catalogue does not fit each site: places in REASONS. (n, methods)"""
    if not len(sites):
        return np.zeros((0, len(catalogue.methods)), dtype=np.uint8)
    return np.column_stack([fit(sites, method) for method in catalogue.methods])


def options(sites: Sites, catalogue: Catalogue) -> Options:
    """Return every option of every package.

    A package of several sites takes one leading method where it fits, and at the other sites the
    cheapest that does. A site that nothing fits stands by itself (``package/site``) and has no option, so
    that it does not keep its neighbours from being mended.

    Parameters
    ----------
    sites
        The places, with the package each belongs to.
    catalogue
        The price table.
    """
    check_sites(sites)
    reason = fits(sites, catalogue)
    methods = catalogue.methods
    n, m = reason.shape
    cost = np.column_stack(
        [works_cost(method, quantities(sites, method), sites.diameter, sites.depth) for method in methods]
    ) if n else np.zeros((0, m))  # fmt: skip
    cost = np.where(reason == 0, cost, np.inf)
    names, package = np.unique(_mendable(sites, reason), return_inverse=True)
    members = np.argsort(package, kind="stable")
    starts = np.searchsorted(package[members], np.arange(len(names) + 1))
    fixed = np.array([method.mobilisation for method in methods])
    lone = np.argmin(cost + fixed, axis=1) if n else np.empty(0, np.int64)
    chosen_site, chosen_method, sizes, owner, leader = [], [], [], [], []
    for row in range(len(names)):
        mine = members[starts[row] : starts[row + 1]]
        if np.isinf(cost[mine].min(axis=1)).any():
            continue
        for lead in np.flatnonzero((reason[mine] == 0).any(axis=0)):
            chosen_site.append(mine)
            chosen_method.append(np.where(reason[mine, lead] == 0, lead, lone[mine]))
            sizes.append(len(mine))
            owner.append(row)
            leader.append(lead)
    return _assembled(
        sites,
        catalogue,
        (names, package, cost),
        (
            np.concatenate([np.empty(0, np.int64), *chosen_site]),
            np.concatenate([np.empty(0, np.int64), *chosen_method]),
            np.array(sizes, dtype=np.int64),
            np.array(owner, dtype=np.int64),
            np.array(leader, dtype=np.int64),
        ),
    )


def _mendable(sites: Sites, reason: npt.NDArray[np.uint8]) -> npt.NDArray[np.str_]:
    """Return the packages, a site that nothing fits set apart from others that can be mended."""
    named = sites.package.astype(str)
    none = (reason != 0).all(axis=1)
    helped = np.isin(named, named[~none])
    alone = [
        f"{package}/{name}" if apart else package
        for package, name, apart in zip(named, sites.ids, none & helped, strict=True)
    ]
    return np.array(alone, dtype=str)


def _assembled(
    sites: Sites,
    catalogue: Catalogue,
    packages: tuple[npt.NDArray[np.str_], Ints, Floats],
    choice: tuple[Ints, Ints, Ints, Ints, Ints],
) -> Options:
    """Return options from the chosen (site, method) parts, with mobilisation once a package and method."""
    names, package, cost = packages
    site, method, sizes, owner, leader = choice
    start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    option = np.repeat(np.arange(len(sizes)), sizes)
    table = catalogue.methods
    effect = np.array([entry.effect for entry in table])
    sealing = np.array([entry.site != "source" for entry in table])
    clean = np.where(sealing[method], effect[method] * staying(sites)[site], 0.0)
    sewage = np.where(sealing[method], 0.0, effect[method] * sites.missing[site])
    first = np.zeros(len(site), dtype=np.bool_)
    _, once = np.unique(np.column_stack([option, method]), axis=0, return_index=True)
    first[once] = True
    fixed = np.array([entry.mobilisation for entry in table])
    part_cost = cost[site, method] + np.where(first, fixed[method], 0.0)
    units = np.column_stack([quantities(sites, entry) for entry in table]) if len(sites) else np.zeros((0, 1))
    days = np.array([entry.crew_days for entry in table])[method] * units[site, method]
    days += np.where(first, np.array([entry.crew_days_fixed for entry in table])[method], 0.0)
    length = np.bincount(package, sites.length * sites.problem, len(names)).astype(np.float64)
    head = np.zeros(len(names), dtype=np.int64)
    head[package[::-1]] = np.arange(len(sites))[::-1]

    def summed(values: Floats) -> Floats:
        return np.bincount(option, values, len(sizes)).astype(np.float64)

    return Options(
        names.astype(object),
        sites.plant[head],
        sites.district[head],
        length,
        np.bincount(package, sites.must, len(names)) > 0,
        np.array([f"{names[p]}:{table[k].key}" for p, k in zip(owner, leader, strict=True)], dtype=object),
        owner,
        summed(part_cost),
        summed(sewage - clean),
        summed(sites.sewage_bod[site] * sewage - sites.clean_bod[site] * clean),
        summed(sites.sewage_bod[site] * sewage),
        summed(days),
        start,
        site,
        method,
        part_cost,
        clean,
        sewage,
        days,
    )


def unbeaten(made: Options, aim: Floats, also: Floats | None = None) -> Ints:
    """Return the options that no other of the same package beats or equals in every respect.

    The respects are cost, crew-days, the plant's margin load - aim·flow, and the load of sewage.

    Parameters
    ----------
    made
        The options.
    aim
        Concentration to reach at each option's plant. [kg/m³] (o,)
    also
        Further respects, of which less is better. (o, r)
    """
    worth = np.column_stack([made.cost, made.crew_days, aim * made.flow - made.load, -made.sewage_load])
    worth = worth if also is None else np.column_stack([worth, also])
    order = np.argsort(made.package, kind="stable")
    bounds = np.flatnonzero(np.diff(made.package[order], prepend=-1, append=-1))
    kept: list[int] = []
    for low, high in pairwise(bounds):
        rows = order[low:high]
        for place, row in enumerate(rows):
            no_worse = (worth[rows] <= worth[row]).all(axis=1)
            better = no_worse & (worth[rows] < worth[row]).any(axis=1)
            twin = no_worse & ~better
            if not better.any() and int(np.flatnonzero(twin)[0]) == place:
                kept.append(int(row))
    return np.array(sorted(kept), dtype=np.int64)
