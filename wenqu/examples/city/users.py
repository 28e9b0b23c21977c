"""Who discharges into the sewers of the example city?"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.examples.city.land import DISTRICTS, Floats, Ints, Land
from wenqu.examples.city.lists import names, numbers, rows
from wenqu.examples.city.marks import Names
from wenqu.examples.city.skeleton import Skeleton
from wenqu.network.geometry import Shapes
from wenqu.network.model import Assets, assets
from wenqu.units import to_si

PATTERNS = ("household", "commerce", "industry")
BLOCK_WATER = 47.0  # [m³/d] water of an average user when one stands for 7.5 conduits
TODAY = np.datetime64("2025-06-30")


@dataclass(frozen=True, slots=True)
class Users:
    """The drainage users and what they truly discharge. U users."""

    trade: Ints  # (U,) row of trades.csv
    manhole: Ints  # (U,) sanitary or combined manhole
    connected: npt.NDArray[np.bool_]  # (U,) on the register as connected
    water: Floats  # (U,) water use on the bill [m³/s]
    sewage: Floats  # (U,) what truly leaves the premises [m³/s]
    pattern: Ints  # (U,) index of PATTERNS


def user_count(conduits: int) -> int:
    """Return how many users a city of that size registers: 800 for 6,000 conduits, then fewer."""
    return max(40, round(800 * float((conduits / 6000) ** (1.0 if conduits <= 6000 else 0.8))))


def users(frame: Land, pipes: Skeleton, conduits: int, seed: int) -> Users:
    """Draw the users: trades by their shares, industry in the parks, the others round the middle."""
    generator = np.random.default_rng([seed, 21])
    count = user_count(conduits)
    share = np.array(numbers("trades", "share"))
    trade = generator.choice(len(share), count, p=share / share.sum())
    sewer = np.flatnonzero((pipes.system > 0) & np.isfinite(pipes.reach))
    x, y = pipes.x[sewer], pipes.y[sewer]
    park = frame.park(x, y) >= 0
    weight = 0.35 + np.exp(-frame.centre_distance(x, y) / 2200)
    town = np.where(park, 0.02, weight)
    industrial = np.array([row["trade"] == "industry" for row in rows("trades")])[trade]
    manhole = generator.choice(sewer, count, p=town / town.sum())
    works = np.where(park, 1.0, 0.03)
    manhole[industrial] = generator.choice(sewer, int(industrial.sum()), p=works / works.sum())
    low, high = (np.array(numbers("trades", name))[trade] for name in ("water_low", "water_high"))
    draw = generator.random(count)
    size = (conduits / 6000) / (count / 800)  # a register that grows slower than the city has larger entries
    water = to_si(np.round((low + (high - low) * draw) * size, 1), "m³/d")
    ratio = np.array(numbers("trades", "return_ratio"))[trade]
    sewage = water * ratio * np.exp(generator.normal(0, 0.16, count) - 0.0128)
    kinds = np.array([PATTERNS.index(row["pattern"]) for row in rows("trades")])
    connected = generator.random(count) > np.where(industrial, 0.0, 0.03)
    return Users(trade, manhole, connected, water, sewage, kinds[trade])


def _names(given: Users, generator: np.random.Generator) -> list[str]:
    estates, people, companies = names("estate"), names("person"), names("company")
    made = []
    for number, row in enumerate(given.trade):
        trade = rows("trades")[row]
        draw = int(generator.integers(1_000_000))
        if trade["trade"] == "household":
            made.append(f"{estates[draw % len(estates)]}{draw % 9 + 1}区")
        elif trade["trade"] == "industry":
            line = ("纺织", "机械", "食品", "化工", "电子", "印染", "水产")[draw % 7]
            made.append(f"问渠{companies[draw % len(companies)]}{line}有限公司")
        elif trade["trade"] in {"market", "hospital", "school", "office", "waste_transfer", "building_site"}:
            made.append(f"{companies[draw % len(companies)]}{trade['zh']}{number % 97 + 1}号")
        else:
            made.append(f"{people[draw % len(people)]}{trade['zh']}")
    return made


def _permits(given: Users, generator: np.random.Generator) -> dict[str, list[object]]:
    """Return the permits: five years from a day of issue; some are missing, some ran out."""
    columns: dict[str, list[object]] = {name: [] for name in ("permit_no", "permit_from", "permit_to")}
    for number, row in enumerate(given.trade):
        trade = rows("trades")[row]
        issued = TODAY - np.timedelta64(int(generator.integers(0, 2250)), "D")
        if trade["permit"] == "1" and generator.random() < float(trade["permit_rate"]):
            columns["permit_no"].append(f"WQ排许字第{number + 1:06d}号")
            columns["permit_from"].append(str(issued))
            columns["permit_to"].append(str(issued + np.timedelta64(1826, "D")))
        else:
            for column in columns.values():
                column.append(None)
    return columns


def source_table(frame: Land, pipes: Skeleton, given: Users, ids: Names, seed: int, origin: Floats) -> Assets:
    """Return the register of drainage users."""
    generator = np.random.default_rng([seed, 22])
    count = len(given.trade)
    chosen = [rows("trades")[row] for row in given.trade]
    angle, away = generator.uniform(0, 2 * np.pi, count), generator.uniform(12, 45, count)
    x = pipes.x[given.manhole] + away * np.cos(angle)
    y = pipes.y[given.manhole] + away * np.sin(angle)
    district = frame.district(frame.compartment(pipes.x[given.manhole], pipes.y[given.manhole]))
    state = np.where(given.connected, "connected", "none").astype(object)
    lost = np.flatnonzero(~given.connected)
    state[lost] = np.array(["to_storm", "to_river", "septic_only", "none"], dtype=object)[lost % 4]
    industry = [row["trade"] == "industry" for row in chosen]
    admission = ("accepted", "accepted", "accepted_if", "not_assessed", "leave")
    population = np.where([row["trade"] == "household" for row in chosen], given.water * 86400 / 0.15, np.nan)
    scatter = np.exp(generator.normal(0, 0.15, (3, count)))
    columns: dict[str, object] = {
        "name": _names(given, generator),
        "trade": [row["trade"] for row in chosen],
        "grade": [row["grade"] for row in chosen],
        "key_user": [row["grade"] == "key" for row in chosen],
        "needs_permit": [row["permit"] == "1" for row in chosen],
        **_permits(given, generator),
        "water_use": given.water,
        "return_ratio": [float(row["return_ratio"]) for row in chosen],
        "population": np.round(population),
        "connects_to": [
            ids[m] if there else None for m, there in zip(given.manhole, given.connected, strict=True)
        ],
        "connection": state,
        "separated": [bool(value) for value in generator.random(count) < 0.72],
        "pretreatment": [row["pretreatment"] for row in chosen],
        "pretreatment_state": [
            ("good", "good", "poor", "broken", "missing")[number % 5] for number in range(count)
        ],
        "monitor": [works and number % 3 != 0 for number, works in enumerate(industry)],
        "inspection_chamber": [works and number % 4 != 0 for number, works in enumerate(industry)],
        "admission": [admission[n % 5] if works else None for n, works in enumerate(industry)],
        "leave_by": ["2025-12-31" if works and n % 5 == 4 else None for n, works in enumerate(industry)],
    }
    for row, tracer in enumerate(("bod5", "cod", "nh3n")):
        mean = np.array(numbers("trades", tracer))[given.trade]
        columns[tracer] = to_si(np.round(mean * scatter[row], 1), "mg/L")
    columns["limit_grade"] = ["b"] * count
    columns["district"] = np.array(DISTRICTS, dtype=object)[district]
    columns["data_source"] = ["register"] * count
    shapes = Shapes.points(np.column_stack([x, y]) + origin)
    return assets("source", [f"HU{n + 1:05d}" for n in range(count)], columns, shapes)  # type: ignore[arg-type]
