"""Planning cases of any size: packages of about five pipes, or single pipes."""

import numpy as np

from wenqu.planning.stated_case import Milestone, StatedOptions, StatedPlants, StatedRules

SHARE = 0.3  # of a fair programme's cost that each year's budget holds
EFFECT = np.array([0.45, 0.60, 0.88, 0.97])  # grouting, spot repair, lining, open cut
PRICE = np.array([250.0, 900.0, 1900.0, 5200.0])  # [yuan/m] at 0.5 m
PACE = np.array([0.02, 0.03, 0.02, 0.08])  # [d/m]


def plan_case(
    packages: int, seed: int, *, windows: int = 5, plants: int = 0, districts: int = 10, pipes: bool = False
) -> tuple[StatedOptions, StatedPlants, StatedRules]:
    """Return a case with four methods: budgets by year and district, crews, two milestones, plants if any."""
    rng = np.random.default_rng(seed)
    methods, per = len(EFFECT), len(EFFECT) * windows
    length = rng.lognormal(np.log(35 if pipes else 150), 0.5 if pipes else 0.6, packages)
    diameter = rng.choice([0.3, 0.4, 0.5, 0.6, 0.8, 1.0], packages)
    plant = rng.integers(0, max(plants, 1), packages)
    district = rng.integers(0, districts, packages)
    leak = rng.lognormal(0, 1.2, packages) * length * 0.02  # [m³/d]
    lost = np.where(rng.random(packages) < 0.2, rng.lognormal(0, 1, packages) * length * 0.01, 0.0)
    unit = PRICE * (0.5 + diameter[:, None]) * rng.lognormal(0, 0.15, (packages, methods))
    growth = 1.03 ** np.arange(windows) * rng.lognormal(0, 0.02, (packages, methods, windows))
    cost = np.round((length[:, None] * unit + 8000)[:, :, None] * growth, 2)
    days = np.repeat((length[:, None] * PACE + 1)[:, :, None], windows, axis=2)
    removed = np.repeat(np.round(leak[:, None] * EFFECT, 3)[:, :, None], windows, axis=2)
    gained = np.repeat(np.round(0.2 * lost[:, None] * EFFECT, 4)[:, :, None], windows, axis=2)
    options = StatedOptions(
        np.arange(packages + 1) * per,
        np.tile(np.arange(windows), packages * methods),
        cost.ravel(), days.ravel(), removed.ravel(), gained.ravel(), np.round(length, 1),
        np.array([f"D{row}" for row in range(districts)], dtype=object)[district],
        np.array([f"W{row}" for row in range(max(plants, 1))], dtype=object)[plant] if plants
        else np.full(packages, "", dtype=object),
    )  # fmt: skip
    most = np.bincount(plant, (100 * removed + 1000 * gained)[:, 2, 0], max(plants, 1))[:plants]
    flow = rng.uniform(3e4, 3e5, plants) * packages / 20_000
    load = (100 * flow - most * rng.uniform(0.25, 0.75, plants)) / 1000
    asked = StatedPlants(
        np.array([f"W{row}" for row in range(plants)], dtype=object), flow * 1.2, flow, load,
        np.full(plants, 100.0),
    )  # fmt: skip
    years = tuple(str(2024 + k) for k in range(windows))
    fair = 0.5 * cost[:, 1].mean(axis=1)
    rules = StatedRules(
        years,
        dict.fromkeys(years, round(SHARE * float(fair.sum()))),
        {
            f"D{row}": dict.fromkeys(years, round(1.25 * SHARE * float(fair[district == row].sum())))
            for row in range(districts)
        },
        dict.fromkeys(years, round(0.5 * float(days[:, 0, 0].sum()))),
        (Milestone(years[2], 0.7), Milestone(years[-1], 0.9)),
        years[-2] if plants else "",
        0.9 if plants else 0.0,
    )
    return options, asked, rules
