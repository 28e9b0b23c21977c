"""Random planning cases, small enough to be enumerated or large enough to be hard."""

import csv
import itertools
import json

import numpy as np

from wenqu.planning.stated_case import Milestone, StatedOptions, StatedPlants, StatedRules

HEADS = (
    "option_id", "package_id", "method", "window", "cost", "length_m", "district", "crew_days", "plant_id",
    "flow_removed_m3_per_d", "load_gained_kg_per_d",
)  # fmt: skip


def drawn(seed, packages=6, methods=2, windows=2, plants=2, *, falling=False):
    """Return options, plants and rules; about one case in four asks the impossible."""
    rng = np.random.default_rng(seed)
    per = methods * windows
    n = packages * per
    cost = np.round(rng.lognormal(11, 0.8, n), 2)
    plant = rng.integers(-1, plants, packages)
    gained = np.round(rng.exponential(3.0, n) * (rng.random(n) < 0.6), 3)
    if falling:
        gained -= np.round(rng.exponential(2.0, n) * (rng.random(n) < 0.3), 3)
    options = StatedOptions(
        np.arange(packages + 1) * per,
        np.tile(np.arange(windows), packages * methods),
        cost,
        np.round(rng.uniform(1, 20, n), 1),
        np.round(rng.exponential(60.0, n), 2),
        gained,
        np.round(rng.uniform(20, 200, packages), 1),
        np.array([f"D{d}" if d else "" for d in rng.integers(0, 3, packages)], dtype=object),
        np.array([f"W{p}" if p >= 0 else "" for p in plant], dtype=object),
    )
    flow = rng.uniform(2000, 20000, plants)
    most = np.array([
        sum(
            max(0.0, float((1000 * gained + 100 * options.removed)[row * per : (row + 1) * per].max()))
            for row in np.flatnonzero(plant == k)
        )
        for k in range(plants)
    ])  # fmt: skip
    load = (100 * flow - most * rng.uniform(0.0, 1.1, plants)) / 1000
    asked = StatedPlants(
        np.array([f"W{k}" for k in range(plants)], dtype=object),
        np.round(rng.uniform(1e4, 1e5, plants)),
        flow,
        load,
        np.full(plants, 100.0),
    )
    names = tuple(str(2024 + k) for k in range(windows))
    whole = float(np.minimum.reduceat(cost, options.start[:-1]).sum())
    some = {str(name) for name in options.district if name}
    rules = StatedRules(
        names,
        {name: round(whole * rng.uniform(0.4, 1.2)) for name in names} if rng.random() < 0.8 else {},
        {name: {names[0]: round(whole * rng.uniform(0.1, 0.8))} for name in some if rng.random() < 0.5},
        {names[-1]: float(round(rng.uniform(10, 60)))} if rng.random() < 0.5 else {},
        (Milestone(names[0], 0.3), *(Milestone(names[-1], 0.6, name) for name in some if rng.random() < 0.3)),
        names[-1] if rng.random() < 0.8 else "",
        float(rng.uniform(0.3, 1.0)),
        bool(rng.random() < 0.5),
    )
    return options, asked, rules


def enumerated(given):
    """Return the cheapest cost of a portfolio by trying every choice; inf when none keeps the rules."""
    spans = [
        [-1, *range(low, high)] for low, high in itertools.pairwise(given.start.tolist())
    ]  # -1: nothing is done
    least = np.inf
    for choice in itertools.product(*spans):
        chosen = np.array([row for row in choice if row >= 0], dtype=np.int64)
        cost = float(given.cost[chosen].sum())
        if cost < least and given.holds(chosen):
            least = cost
    return least


def write_case(folder, options, plants, rules):
    """Write a case as the contract says."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "options.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(HEADS)
        for package, (low, high) in enumerate(itertools.pairwise(options.start.tolist())):
            for row in range(low, high):
                out.writerow([
                    f"o{row}", f"p{package}", "m", rules.windows[options.window[row]],
                    repr(float(options.cost[row])), repr(float(options.length[package])),
                    options.district[package], repr(float(options.crew_days[row])), options.plant[package],
                    repr(float(options.removed[row])), repr(float(options.gained[row])),
                ])  # fmt: skip
    with (folder / "plants.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(
            ("plant_id", "capacity_m3_per_d", "flow_m3_per_d", "load_kg_per_d", "threshold_mg_per_l")
        )
        for row, name in enumerate(plants.ids):
            columns = (plants.capacity, plants.flow, plants.load, plants.threshold)
            out.writerow([name, *(repr(float(column[row])) for column in columns)])
    body = {
        "windows": list(rules.windows),
        "budget": rules.budget,
        "district_budget": rules.district_budget,
        "crew_days": rules.crew_days,
        "milestones": [
            {"by": one.by, "share_of_length": one.share, "district": one.district or None}
            for one in rules.milestones
        ],
        "load_guard": rules.load_guard,
    }
    if rules.share_by:
        body["capacity_share"] = {"by": rules.share_by, "share": rules.share}
    (folder / "rules.json").write_text(json.dumps(body), encoding="utf-8")
