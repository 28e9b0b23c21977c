"""Does a programme's certificate hold? Recomputed by anybody: no solver, standard library only.

For prices λ ≥ 0 on the rules, Σ λ·demand + Σ over packages of min(0, least of cost - λ·what an option adds)
is never above the cost of a programme that keeps the rules (Lagrangian relaxation). Every plant is priced
with and without its own demand; where few packages lie above it, the cheapest of them that bring what its
prices ask are found exactly (a surrogate knapsack). Which plants comply is then chosen exactly too. `check`
has under 60 lines. The file stands alone, as `check_rows` does: an auditor reads one file and runs it.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from hashlib import sha256
from math import fsum, inf, isfinite, nan
from pathlib import Path
from typing import Any

NEAR = 1e-9  # a demand may be missed by this part of its size: sums are rounded
ALIKE = 1e-6  # a bound stated so much lower than prices alone prove belongs to other prices
LONGEST = 1e12  # [m] no package is longer
MOST = 20_000  # sets of plants kept side by side; beyond them neighbours are merged, to the safe side
FEW, WAYS = 64, 4_000  # packages of a plant that are chosen exactly; sets of them kept side by side
FILES = ("options.csv", "plants.csv", "rules.json")
Key = tuple[str, str, int]  # rule, scope (district or plant, "" for all), window
Row = dict[str, str]
Way = tuple[float, float]  # what is reached, at which cost
Member = tuple[float, Key, float, float]  # what a plant counts, its row, what it lacks, how near will do


def check(file: Path, folder: Path | None = None) -> dict[str, Any]:
    """Return ``cost``, ``bound`` [yuan] as recomputed, the ``dearest`` programme, and the ``faults``."""
    told = json.loads(file.read_text(encoding="utf-8"))
    where = folder or file.parent / told["folder"]
    digest = {name: sha256((where / name).read_bytes()).hexdigest() for name in FILES}
    faults = [name for name in FILES if digest[name] != told["sha256"].get(name)]
    faults += [] if told.get("seal") == seal(told) else ["seal"]
    written = told["encoding"].get("rules.json", "utf-8-sig")
    rules = json.loads((where / "rules.json").read_text(encoding=written))
    at = {str(window): k for k, window in enumerate(rules["windows"])}
    plants = {row["plant_id"]: row for row in _rows(where, "plants.csv", told)}
    price = {(p["rule"], p["scope"], at[p["window"]]): _price(p) for p in told["prices"]}
    free, bound_on, dear = (defaultdict[str, float](float) for _ in range(3))
    of, sums, chosen, plan = {}, defaultdict[Key, float](float), {}, set(told["plan"])
    ways = defaultdict[str, dict[str, list[Way]]](dict)  # by plant and package
    for row in _rows(where, "options.csv", told):
        name, plant, cost = row["package_id"], row["plant_id"], float(row["cost"])
        adds = dict(_adds(row, at, plants))
        saved = {key: price[key] * more for key, more in adds.items() if key in price}
        brings = fsum(more for key, more in saved.items() if key[0] == "margin")
        off = cost - fsum(more for key, more in saved.items() if key[0] != "margin")
        free[name], dear[name] = min(free[name], off), max(dear[name], cost)
        bound_on[name] = min(bound_on[name], off - brings)
        of[name] = (plant, row["district"], float(row["length_m"]))
        if len(ways[plant]) <= FEW:
            ways[plant].setdefault(name, []).append((max(brings, 0.0), off))
        if row["option_id"] in plan:
            chosen[row["option_id"]] = (name, cost)
            for key, more in adds.items():
                sums[key] += more
    every = [*of.values(), *_idle(where, told, of)]
    demand = dict(sorted(_demands(rules, at, every), key=lambda one: one[1]))  # of two the larger
    faults += [f"plan {option}" for option in plan - set(chosen)]
    faults += ["once"] if len({name for name, _ in chosen.values()}) < len(chosen) else []
    faults += [" ".join(map(str, key)) for key in demand if sums[key] < demand[key] - NEAR * abs(demand[key])]
    need, members = _members(rules, at, plants)
    due = {key for _, key, _, _ in members.values()}
    faults += [f"price {' '.join(map(str, key))}" for key in price if key not in demand and key not in due]
    held = fsum(size for size, key, lacks, near in members.values() if sums[key] >= lacks - near)
    faults += ["share"] if held < need * (1 - NEAR) else []
    bound = fsum(free.values()) + fsum(price.get(key, 0.0) * demand[key] for key in demand)
    priced = defaultdict[str, float](float)  # of each plant: what complying costs more, by its prices alone
    for name, (plant, _, _) in of.items():
        priced[plant] += bound_on[name] - free[name]
    worth = {name: lacks * price.get(key, 0.0) for name, (_, key, lacks, _) in members.items()}
    plain = {name: max(priced[name] + worth[name], 0.0) for name in members}
    exact = {name: max(plain[name], _cheapest(ways[name], worth[name], free)) for name in members}
    low, bound = (bound + _covered(members, more, need) for more in (plain, exact))
    cost = fsum(cost for _, cost in chosen.values())
    faults += [] if abs((told["cost"] or 0.0) - cost) <= NEAR * cost else ["cost"]
    low, high = low - ALIKE * abs(low) - NEAR, bound + NEAR * (1 + abs(bound))  # any other is another's
    open_ = told["bound"] is None and told["status"] == "infeasible"
    faults += [] if open_ or low <= (inf if told["bound"] is None else told["bound"]) <= high else ["bound"]
    found = {"cost": cost, "bound": bound, "dearest": fsum(dear.values()), "faults": faults}
    return found | {"windows": list(at)}


def seal(told: dict[str, Any]) -> str:
    """Return the SHA-256 of a certificate without its seal: it shows a slip, the recomputed bound proves."""
    rest = {name: value for name, value in told.items() if name != "seal"}
    return sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def _price(told: dict[str, Any]) -> float:
    if not isfinite(told["price"]):
        raise ValueError(f"price {told['price']}")
    return max(float(told["price"]), 0.0)


def _members(
    rules: dict[str, Any], at: dict[str, int], plants: dict[str, Row]
) -> tuple[float, dict[str, Member]]:
    """Return what is to be reached, and by which plants."""
    share = rules.get("capacity_share")
    if not share:
        return 0.0, {}
    found = {}
    for name, row in plants.items():
        size, load = float(row["capacity_m3_per_d"]), 1000 * _number(row["load_kg_per_d"])
        if isfinite(load):  # what nobody measured cannot comply
            lacks = float(row["threshold_mg_per_l"]) * float(row["flow_m3_per_d"]) - load
            found[name] = (size, ("margin", name, at[str(share["by"])]), lacks, NEAR * load)
    return share["share"] * fsum(float(row["capacity_m3_per_d"]) for row in plants.values()), found


def _adds(row: Row, at: dict[str, int], plants: dict[str, Row]) -> Iterator[tuple[Key, float]]:
    k, plant, gained = at[row["window"]], row["plant_id"], float(row["load_gained_kg_per_d"])
    yield ("crew", "", k), -float(row["crew_days"])
    for scope in {"", row["district"]}:
        yield ("budget", scope, k), -float(row["cost"])
        yield from ((("length", scope, later), float(row["length_m"])) for later in range(k, len(at)))
    if plant in plants:
        clean = float(plants[plant]["threshold_mg_per_l"]) * float(row["flow_removed_m3_per_d"])
        yield from ((("margin", plant, later), 1000 * gained + clean) for later in range(k, len(at)))
        yield from ((("guard", plant, later), gained) for later in range(k, len(at)))


def _demands(
    rules: dict[str, Any], at: dict[str, int], of: list[tuple[str, str, float]]
) -> Iterator[tuple[Key, float]]:
    districts = {"": rules.get("budget") or {}, **(rules.get("district_budget") or {})}
    yield from (
        (("budget", name, at[k]), -limit) for name in districts for k, limit in districts[name].items()
    )
    yield from ((("crew", "", at[k]), -limit) for k, limit in (rules.get("crew_days") or {}).items())
    for rule in rules.get("milestones") or ():
        scope = rule.get("district") or ""
        metres = fsum(length for _, district, length in of if scope in {"", district})
        yield ("length", scope, at[str(rule["by"])]), rule["share_of_length"] * metres
    if rules.get("load_guard"):
        yield from (
            (("guard", plant, k), 0.0) for plant in {plant for plant, _, _ in of} for k in at.values()
        )


def _covered(members: dict[str, Member], more: dict[str, float], need: float) -> float:
    """Return the least that must be paid for plants that together reach what is needed."""
    sets = [(0.0, 0.0)]
    for name, (size, _, _, _) in members.items():
        sets = _wider(sets, [(0.0, 0.0), (size, more[name])], need, MOST)
    return min((total for reach, total in sets if reach >= need * (1 - NEAR)), default=inf)


def _cheapest(packages: dict[str, list[Way]], need: float, free: dict[str, float]) -> float:
    """Return the least that ways, at most one of every package, cost more if they are to reach a need."""
    if len(packages) > FEW:
        return 0.0
    sets = [(0.0, 0.0)]
    for ways in packages.values():
        sets = _wider(sets, _unbeaten([(0.0, 0.0), *ways]), need, WAYS)
    least = min((total for reach, total in sets if reach >= need - NEAR * abs(need)), default=inf)
    return least - fsum(free[name] for name in packages)


def _wider(sets: list[Way], ways: list[Way], need: float, most: int) -> list[Way]:
    """Return the sets with one of some ways more; of too many, neighbours are merged to the safe side."""
    kept = _unbeaten([(min(r + reach, need), t + cost) for r, t in sets for reach, cost in ways])
    if len(kept) <= most:
        return kept
    return [(r, t) for (r, _), (_, t) in zip(kept[::2], kept[1::2], strict=False)] + kept[-1:]


def _unbeaten(sets: list[Way]) -> list[Way]:
    kept, least = [], inf
    for reach, total in sorted(sets, key=lambda one: (-one[0], one[1])):
        if total < least:
            kept.append((reach, total))
            least = total
    return kept


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return nan


def _idle(where: Path, told: dict[str, Any], of: dict[str, Any]) -> Iterator[tuple[str, str, float]]:
    seen = {"", *of}  # a package of which no row is used still counts in the length of all
    for row in _rows(where, "options.csv", told, used=False) if told["set_aside"].get("options.csv") else ():
        length = _number(row["length_m"]) if row["package_id"] not in seen else nan
        if 0 <= length <= LONGEST:
            seen.add(row["package_id"])
            yield "", row["district"], length


def _rows(where: Path, name: str, told: dict[str, Any], *, used: bool = True) -> Iterator[Row]:
    aside = set(told["set_aside"].get(name, ()))
    with (where / name).open(encoding=told["encoding"].get(name, "utf-8-sig"), newline="") as text:
        lines = (line for line in csv.reader(text) if line)
        head = [cell.strip().lower() for cell in next(lines)]
        for number, line in enumerate(lines, 2):
            if (number not in aside) == used and len(line) == len(head):
                yield dict(zip(head, (cell.strip() for cell in line), strict=False))
