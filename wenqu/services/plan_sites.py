"""Where could a city repair what? Conduits, outfalls, river banks, areas that lose sewage."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.grading import Grade
from wenqu.network.model import link_lengths
from wenqu.network.traces import first_below
from wenqu.planning.costs import TRAITS
from wenqu.planning.options import Sites
from wenqu.planning.rules import Rules
from wenqu.services.diagnose_city import POSTERIOR
from wenqu.services.plan_packages import packages, with_migration
from wenqu.services.plan_users import blank_places, clean_industries, laterals
from wenqu.services.plan_waters import (
    Evidence,
    arriving_sewage,
    back_doors,
    clean_water,
    plants_below,
    texts,
    upper_nodes,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]
Bools = npt.NDArray[np.bool_]

OF_NOTE = 1e-6  # [m³/s] less river water than this at a conduit is not searched for
SEARCHED = 300.0  # [m] of bank that one search covers, as the price table says
FOUL = ("sanitary", "combined")
IN_USE = (None, "", "in_use", "to_be_abandoned", "other")


def worst_grade(grade: Grade) -> int:
    """Return the worse of the structural grade (F) and the repair grade (RI); 0 when neither is known."""
    return max(grade.structural_grade, grade.repair_grade)


def gather_sites(known: Evidence, rules: Rules) -> Sites:
    """Return every place where something could be repaired under the rules."""
    doors = back_doors(known.topology)
    groundwater, river = clean_water(known)
    pipe_of = {known.topology.link_ids[link]: outfall for link, outfall in doors.items()}
    at_outfalls: dict[str, float] = {}
    for conduit, outfall in pipe_of.items():
        at_outfalls[outfall] = at_outfalls.get(outfall, 0.0) + river.pop(conduit, 0.0)
    pieces = [
        _conduits(known, rules, groundwater),
        _outfalls(known, at_outfalls),
        _banks(known, river),
        _areas(known, rules),
        _clean_industries(known),
        _blanks(known),
    ]
    sites = joined([_with_sewage(piece, known, rules) for piece in pieces])
    return with_migration(known, sites, sewers(known))


def sewers(known: Evidence) -> Bools:
    """Return which conduits carry sewage, are in use and have a length. (conduits,)"""
    table = known.network.table("conduit")
    usable = np.isin(texts(table.column("system")), FOUL) & (np.nan_to_num(link_lengths(table)) > 0)
    usable &= np.array([value in IN_USE for value in table.column("status")], dtype=np.bool_)
    return usable


def _conduits(known: Evidence, rules: Rules, ground: dict[str, float]) -> Sites:
    table, topology = known.network.table("conduit"), known.topology
    ids = texts(table.ids)
    start = upper_nodes(known)
    grade = np.array([worst_grade(known.grades[i]) if i in known.grades else 0 for i in ids], dtype=np.int64)
    clean = np.array([ground.get(i, 0.0) for i in ids], dtype=np.float64)
    length = np.nan_to_num(link_lengths(table))
    plant = plants_below(topology)[start]
    usable = sewers(known)
    problem = (grade >= rules.problem_grade) & usable
    kept = np.flatnonzero(problem | ((clean > 0) & (plant != "") & usable))
    ids, graded = ids[kept], np.array([i in known.grades for i in ids[kept]], dtype=np.bool_)
    base = _bare("conduit", list(ids), list(plant[kept]))
    return replace(
        base,
        package=packages(known, rules, kept, (plant[kept], problem[kept])),
        district=texts(table.column("district"))[kept],
        length=length[kept],
        diameter=table.column("height")[kept],
        depth=_depths(known, start)[kept],
        grade=grade[kept],
        spots=np.array([_spots(known.grades.get(i)) for i in ids], dtype=np.float64),
        units=laterals(known)[kept],
        clean=clean[kept],
        problem=problem[kept],
        must=problem[kept] & (grade[kept] >= rules.must_grade),
        traits={
            "gravity": texts(table.column("pressure"))[kept] != "pressure",
            "dry": np.isin(texts(table.column("groundwater_class"))[kept], ["below", "seasonal"]),
            "spots": graded,
            "combined": texts(table.column("system"))[kept] == "combined",
            "laterals": laterals(known)[kept] > 0,
        },
        reasons=tuple(
            ((f"grade:{i}",) if seen else ()) + ((POSTERIOR,) if wet > 0 else ())
            for i, seen, wet in zip(ids, graded, clean[kept], strict=True)
        ),
    )


def _spots(grade: Grade | None) -> float:
    return 0.0 if grade is None else float(sum(entry.family == "structural" for entry in grade.what_from))


def _depths(known: Evidence, start: Ints) -> Floats:
    """Return the depth of the manhole at the upper end of every conduit, NaN where unknown. [m]"""
    table, topology = known.network.table("manhole"), known.topology
    depth = table.column("depth")
    depth = np.where(np.isnan(depth), table.column("ground_level") - table.column("invert_level"), depth)
    of_node = np.full(len(topology.node_ids) + 1, np.nan)
    mine = np.flatnonzero(topology.node_type == "manhole")
    of_node[mine] = depth[topology.node_row[mine]]
    return of_node[start]


def _outfalls(known: Evidence, water: dict[str, float]) -> Sites:
    """Return the outfalls by which the river comes in."""
    table = known.network.table("outfall")
    wet = {name: flow for name, flow in sorted(water.items()) if flow > 0 and name in set(table.ids)}
    rows = np.array([known.network.row("outfall", name) for name in wet], dtype=np.int64)
    plant_of = plants_below(known.topology)
    plants: dict[str, str] = {}
    weirs: set[str] = set()
    to_outfall = first_below(known.topology, known.topology.node_type == "outfall")
    for door, outfall in back_doors(known.topology).items():
        plants[outfall] = str(plant_of[known.topology.link_from[door]])
    for link in np.flatnonzero(known.topology.link_type == "weir"):
        below = to_outfall[known.topology.link_to[link]]
        if below >= 0:
            weirs.add(str(known.topology.node_ids[below]))
    size = len(rows)
    flap = (table.column("flap") == 1) | (texts(table.column("kind")) == "flap")
    base = _bare("outfall", list(wet), [plants.get(name, "") for name in wet])
    return replace(
        base,
        district=texts(table.column("district"))[rows],
        diameter=np.nan_to_num(table.column("height")[rows], nan=1.0),
        clean=np.array(list(wet.values()), dtype=np.float64),
        units=np.ones(size),
        traits={
            "no_flap": ~flap[rows],
            "weir": np.array([name in weirs for name in wet], dtype=np.bool_),
        },
        reasons=((POSTERIOR,),) * size,
    )


def _banks(known: Evidence, river: dict[str, float]) -> Sites:
    """Return the stretches of sewer by which the river comes in unseen: one package for each area.

    Only the sum over an area is known from measurements, so an area is searched as one; it is shown at
    the conduit that is most suspect.
    """
    if known.posterior is None:
        return _bare("river", [], [])
    table = known.network.table("conduit")
    length = dict(zip(texts(table.ids), np.nan_to_num(link_lengths(table)).tolist(), strict=True))
    below = dict(zip(texts(table.ids), plants_below(known.topology)[upper_nodes(known)], strict=True))
    areas: dict[tuple[str, str], list[str]] = {}
    for conduit, area in zip(known.posterior.ids, known.posterior.area, strict=True):
        if river.get(conduit, 0.0) > OF_NOTE and below.get(conduit):
            areas.setdefault((str(area), str(below[conduit])), []).append(str(conduit))
    worst = [max(members, key=lambda name: river[name]) for members in areas.values()]
    base = _bare("river", worst, [plant for _, plant in areas])
    zone = dict(zip(texts(table.ids), texts(table.column("district")), strict=True))
    searched = np.array([sum(length[name] for name in members) for members in areas.values()])
    return replace(
        base,
        asset_type=np.full(len(worst), "conduit", dtype=object),
        package=np.array([f"river:{name}" for name in worst], dtype=object),
        district=np.array([zone[name] for name in worst], dtype=object),
        units=np.ceil(np.maximum(searched, 1.0) / SEARCHED),
        clean=np.array([sum(river[name] for name in members) for members in areas.values()]),
        reasons=((POSTERIOR,),) * len(worst),
    )


def _areas(known: Evidence, rules: Rules) -> Sites:
    """Return the areas between meters that are known to lose sewage: even the low bound is above 0."""
    lost = [
        row
        for row in known.findings
        if row.method == "joint_inversion" and row.quantity == "area_missing" and row.low > 0
    ]
    plant_of = plants_below(known.topology)
    names = {str(name): place for place, name in enumerate(known.topology.node_ids)}
    links = {str(name): place for place, name in enumerate(known.topology.link_ids)}
    meters = known.network.table("meter")
    on = dict(zip(texts(meters.ids), texts(meters.column("on_id")), strict=True))
    zone = dict(zip(texts(meters.ids), texts(meters.column("district")), strict=True))
    plants, kept = [], []
    for row in lost:
        place = on.get(row.asset, row.asset)
        node = names.get(place, known.topology.link_from[links[place]] if place in links else -1)
        if node >= 0:
            kept.append(row)
            plants.append(place if known.topology.node_type[node] == "plant" else str(plant_of[node]))
    base = _bare("source", [row.asset for row in kept], plants)
    missing = np.array([row.value for row in kept], dtype=np.float64)
    return replace(
        base,
        asset_type=np.array([row.asset_type for row in kept], dtype=object),
        package=np.array([f"area:{row.asset}" for row in kept], dtype=object),
        district=np.array([zone.get(row.asset, "") for row in kept], dtype=object),
        units=np.ceil(missing / rules.premises_flow),
        missing=missing,
        traits={"connected": np.ones(len(kept), dtype=np.bool_)},
        reasons=tuple((f"finding:{row.method}/{row.quantity}/{row.asset}",) for row in kept),
    )


def _clean_industries(known: Evidence) -> Sites:
    """Return the industrial users whose clean water could leave the sewer."""
    found = clean_industries(known)
    return replace(
        _bare("industry", found.ids, found.plant),
        asset_type=np.full(len(found.ids), found.asset_type, dtype=object),
        package=np.array(found.package, dtype=object),
        district=np.array(found.district, dtype=object),
        units=found.premises,
        clean=found.flow,
        clean_bod=found.bod,
        traits={"connected": np.ones(len(found.ids), dtype=np.bool_)},
        reasons=found.reasons,
    )


def _blanks(known: Evidence) -> Sites:
    """Return the areas without a sewer, each shown at the conduit that it would be joined to."""
    found = blank_places(known)
    return replace(
        _bare("source", found.ids, found.plant),
        asset_type=np.full(len(found.ids), found.asset_type, dtype=object),
        package=np.array(found.package, dtype=object),
        district=np.array(found.district, dtype=object),
        units=found.premises,
        missing=found.flow,
        traits={"blank": np.ones(len(found.ids), dtype=np.bool_)},
        reasons=found.reasons,
    )


def _bare(kind: str, ids: list[str], plants: list[str]) -> Sites:
    """Return sites of which only ids and plants are known."""
    size = len(ids)
    names, zero, no = np.array(ids, dtype=object), np.zeros(size), np.zeros(size, dtype=np.bool_)
    kinds, none = np.full(size, kind, dtype=object), np.full(size, "", dtype=object)
    below = np.array(plants, dtype=object)
    whole = np.zeros(size, dtype=np.int64)
    return Sites(
        kinds, names, kinds, names, below, none, zero, np.full(size, np.nan), np.full(size, np.nan), whole,
        zero, zero, zero, zero, zero, zero, no, no, {}, ((),) * size,
    )  # fmt: skip


def _with_sewage(sites: Sites, known: Evidence, rules: Rules) -> Sites:
    """Return the sites with the concentrations of their waters."""
    arriving = dict(zip(known.plants.ids, arriving_sewage(known, rules), strict=True))
    sewage = np.array([arriving.get(name, 0.0) for name in sites.plant], dtype=np.float64)
    own = np.where(sites.clean_bod > 0, sites.clean_bod, rules.clean_bod)
    return replace(sites, clean_bod=own, sewage_bod=sewage)


def joined(pieces: list[Sites]) -> Sites:
    """Return sites of several kinds one after another."""
    columns = {
        name: np.concatenate([getattr(piece, name) for piece in pieces])
        for name in Sites.__dataclass_fields__
        if name not in {"traits", "reasons", "stays"}
    }
    traits = {
        name: np.concatenate(
            [piece.traits.get(name, np.zeros(len(piece), dtype=np.bool_)) for piece in pieces]
        )
        for name in TRAITS
    }
    reasons = tuple(entry for piece in pieces for entry in piece.reasons)
    return Sites(**columns, traits=traits, reasons=reasons)
