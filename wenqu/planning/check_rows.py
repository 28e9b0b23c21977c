"""Does the certificate of a city's programme hold? Recomputed by anybody: no solver, standard library only.

``rows.json`` states every rule as a row: weighed sums of what options add, by district, plant or package and
by window, reach an amount. For prices λ ≥ 0 on the rows, Σ λ·amount + Σ over packages of min(0, least of
cost - λ·what an option adds) is never above the cost of a programme that keeps them (Lagrangian relaxation).
A plant is priced with and without its rows for every share of plants that it counts in; where few packages
lie above it, the cheapest of them that bring what its prices ask are found exactly (a surrogate knapsack).
Which plants comply is then chosen exactly too. `check` has under 60 lines. That rows say what rules say is
judged apart.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from hashlib import sha256
from math import ceil, floor, fsum, inf, isfinite
from operator import add
from pathlib import Path
from typing import Any

NEAR = 1e-6  # a row may be missed by this part of its size: sums are rounded
SAME = 1e-9  # [-] of a number that is the same
SETS = 20_000  # sets of plants kept side by side; beyond them weights are rounded up, to the safe side
SHARES = 4  # shares of plants that a bound counts on
FEW, WAYS = 64, 4_000  # packages of a plant that are chosen exactly; sets of them kept side by side
Cell = tuple[str, str | None, str]  # quantity, scope (None: all), window
FILES = ("options.csv", "rows.json")
Reach = tuple[float, ...]
Entry = tuple[Reach, float, int, int]  # weights of a set of plants, cost, set and state that it came from
Way = tuple[float, list[float]]  # of an option: cost at the prices that always count, worth in every share


def check(file: Path, folder: Path | None = None) -> dict[str, Any]:
    """Return ``cost``, ``bound`` [yuan] as recomputed, the ``dearest`` programme, and the ``faults``."""
    told = json.loads(file.read_text(encoding="utf-8"))
    where = folder or file.parent / told["folder"]
    digest = {name: sha256((where / name).read_bytes()).hexdigest() for name in FILES}
    faults = [name for name in FILES if digest[name] != told["sha256"].get(name)]
    faults += [] if told.get("seal") == seal(told) else ["seal"]
    stated = json.loads((where / "rows.json").read_text(encoding="utf-8"))
    rows, by = stated["rows"], stated["quantities"]
    price = defaultdict[int, float](float, {p["row"]: _price(p) for p in told["prices"]})
    table: Any = defaultdict(lambda: defaultdict[Cell, float](float))  # of a plant's share, None: always
    fixed = defaultdict[Any, float](float)
    for number, row in enumerate(rows):
        fixed[_owner(row)] += price[number] * row["amount"]
        for cell, times in _cells(row):
            table[_owner(row)][cell] += price[number] * times
    least = defaultdict[str, dict[int, float]](lambda: defaultdict(float))
    dear, plant_of = defaultdict[str, float](float), dict[str, str]()
    sums, chosen, plan = defaultdict[Cell, float](float), {}, set(told["plan"])
    counted = stated["shares"][:SHARES]
    ways = defaultdict[str, dict[str, list[Way]]](dict)  # by plant and package
    for option in _rows(where / "options.csv"):
        package, plant, cost = option["package_id"], option["plant_id"], float(option["cost"])
        adds = list(_adds(option, by))
        saved = {
            owner: fsum(more * table[owner][cell] for cell, more in adds if cell in table[owner])
            for owner in (None, *((k, plant) for k in range(len(counted)) if (k, plant) in table))
        }
        off, worth = cost - saved[None], [saved.get((k, plant), 0.0) for k in range(len(counted))]
        if len(ways[plant]) <= FEW:
            ways[plant].setdefault(package, []).append((off, worth))
        for state in _states(plant, counted):
            with_it = fsum(worth[k] for k in range(len(counted)) if state >> k & 1)
            least[package][state] = min(least[package][state], off - with_it)
        dear[package], plant_of[package] = max(dear[package], cost), plant
        if option["option_id"] in plan:
            chosen[option["option_id"]] = (package, cost)
            for cell, more in adds:
                sums[cell] += more
    lacks = [row["amount"] - fsum(t * sums[cell] for cell, t in _cells(row)) for row in rows]
    missed = [row for row, lack in zip(rows, lacks, strict=True) if lack > NEAR * row["size"]]
    faults += [f"plan {option}" for option in plan - set(chosen)]
    faults += ["once"] if len({name for name, _ in chosen.values()}) < len(chosen) else []
    faults += [f"{row['rule']} {row['scope']} {row['window']}" for row in missed if _owner(row) is None]
    short = {_owner(row) for row in missed}
    for k, share in enumerate(stated["shares"]):
        held = fsum(weight for plant, weight in share["plants"].items() if (k, plant) not in short)
        faults += [f"share {share['scope']} {share['window']}"] if held < share["demand"] * (1 - SAME) else []
    bound = fixed[None] + fsum(states[0] for states in least.values())
    low = bound + _covered(counted, fixed, least, plant_of, {})
    bound += _covered(counted, fixed, least, plant_of, ways)
    cost = fsum(cost for _, cost in chosen.values())
    faults += [] if abs((told["cost"] or 0.0) - cost) <= SAME * cost else ["cost"]
    low, high = low - NEAR * abs(low) - SAME, bound + SAME * (1 + abs(bound))  # any other is another's
    open_ = told["bound"] is None and told["status"] == "infeasible"
    faults += [] if open_ or low <= (inf if told["bound"] is None else told["bound"]) <= high else ["bound"]
    return {"cost": cost, "bound": bound, "dearest": fsum(dear.values()), "faults": faults}


def seal(told: dict[str, Any]) -> str:
    """Return the SHA-256 of a certificate without its seal: it shows a slip, the recomputed bound proves."""
    rest = {name: value for name, value in told.items() if name != "seal"}
    return sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def _price(told: dict[str, Any]) -> float:
    if not isfinite(told["price"]):
        raise ValueError(f"price {told['price']}")
    return max(float(told["price"]), 0.0)


def _owner(row: dict[str, Any]) -> tuple[int, str] | None:
    return None if row.get("share") is None else (row["share"], row["plant"])


def _cells(row: dict[str, Any]) -> Iterator[tuple[Cell, float]]:
    for term in row["sum"]:
        for window in term["windows"]:
            for scope in (None,) if term["scopes"] is None else term["scopes"]:
                yield (term["quantity"], scope, window), term["times"]


def _adds(option: dict[str, str], by: dict[str, str]) -> Iterator[tuple[Cell, float]]:
    for name, scope in by.items():
        more = float(option[name])
        if more:
            yield (name, option[scope] if scope else "", option["window"]), more
            yield (name, None, option["window"]), more


def _states(plant: str, shares: Sequence[dict[str, Any]]) -> list[int]:
    """Return every set of shares that a plant may comply in, as bits."""
    mine = sum(1 << k for k, share in enumerate(shares) if plant in share["plants"])
    return [state for state in range(1 << len(shares)) if state & ~mine == 0]


def _covered(
    shares: Sequence[dict[str, Any]],
    fixed: dict[Any, float],
    least: dict[str, dict[int, float]],
    plant_of: dict[str, str],
    ways: dict[str, dict[str, list[Way]]],
) -> float:
    """Return what it costs at least that every share is reached."""
    grown = defaultdict[tuple[str, int], float](float)
    for package, states in least.items():
        for state, value in states.items():
            grown[plant_of[package], state] += value - states[0]
    demand = tuple(float(share["demand"]) for share in shares)
    sets: Sequence[Entry] = [((0.0,) * len(shares), 0.0, -1, -1)]
    for plant in sorted({name for share in shares for name in share["plants"]}):
        best: dict[int, float] = {}
        for state in _states(plant, shares):  # the prices of some shares alone prove something too
            on = [k for k in range(len(shares)) if state >> k & 1]
            owed = fsum(fixed[k, plant] for k in on)
            own = max(grown[plant, state] + owed, _exact(ways.get(plant, {}), on, owed, least))
            best[state] = max([own, *(best[state & ~(1 << k)] for k in on)])
        choice = [
            (tuple(s["plants"][plant] if state >> k & 1 else 0.0 for k, s in enumerate(shares)), value)
            for state, value in best.items()
        ]
        sets = wider(sets, choice, demand)
    return min((entry[1] for entry in sets if reaches(entry[0], demand)), default=inf)


def _exact(
    packages: dict[str, list[Way]], on: list[int], need: float, least: dict[str, dict[int, float]]
) -> float:
    """Return what options, at most one of every package, cost more at least to be worth a need."""
    if need <= 0 or not 0 < len(packages) <= FEW:
        return -inf
    sets: Sequence[Entry] = [((0.0,), 0.0, -1, -1)]
    for options in packages.values():
        states = [((max(fsum(worth[k] for k in on), 0.0),), off) for off, worth in options]
        sets = wider(sets, _ways([((0.0,), 0.0), *states]), (need,), WAYS)
    found = min((entry[1] for entry in sets if reaches(entry[0], (need,))), default=inf)
    return found - fsum(least[name][0] for name in packages)


def _ways(states: list[tuple[Reach, float]]) -> list[tuple[Reach, float]]:
    return [(one[0], one[1]) for one in _unbeaten([(worth, cost, 0, 0) for worth, cost in states])]


def reaches(weights: Reach, demand: Reach) -> bool:
    """Tell whether the weights of a set of plants reach every demand."""
    return all(one >= need * (1 - SAME) for one, need in zip(weights, demand, strict=True))


def wider(
    sets: Sequence[Entry], states: Sequence[tuple[Reach, float]], demand: Reach, most: int = SETS
) -> list[Entry]:
    """Return the sets of plants with one plant more, in each of its states, without those that others beat.

    Should they be too many, weights are rounded up: the least cost stays a bound, never above the true one.
    """
    if not demand:
        return list(sets)
    kept = _unbeaten(
        [
            (tuple(map(min, map(add, entry[0], adds), demand)), entry[1] + cost, before, state)
            for before, entry in enumerate(sets)
            for state, (adds, cost) in enumerate(states)
        ]
    )
    if len(kept) > most:
        steps = floor(most ** (1 / len(demand)))
        kept = _unbeaten([(_lifted(entry[0], demand, steps), *entry[1:]) for entry in kept])
    return kept


def _lifted(weights: Reach, demand: Reach, steps: int) -> Reach:
    return tuple(
        need * ceil(one / need * steps - SAME) / steps if need > 0 else one
        for one, need in zip(weights, demand, strict=True)
    )


def _unbeaten(sets: Sequence[Entry]) -> list[Entry]:
    """Return the sets than which none with the same first weights has a larger last one for less money."""
    kept: list[Entry] = []
    first, least = None, inf
    for entry in sorted(sets, key=lambda one: (one[0][:-1], -one[0][-1], one[1])):
        if entry[0][:-1] != first:
            first, least = entry[0][:-1], inf
        if entry[1] < least:
            kept.append(entry)
            least = entry[1]
    return kept


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as text:
        yield from csv.DictReader(text)
