"""Does a programme's certificate hold? Recomputed by anybody: no solver, standard library only.

For prices λ ≥ 0 on the rules, Σ λ·demand + Σ over packages of min(0, least of cost - λ·what an option adds)
is never above the cost of a programme that keeps the rules (Lagrangian relaxation). Every plant is priced
with and without its own demand; which plants comply is then chosen exactly. `check` has under 60 lines.
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
ALIKE = 1e-6  # a bound stated so much lower than it is recomputed belongs to other prices
LONGEST = 1e12  # [m] no package is longer
MOST = 20_000  # sets of plants kept side by side; beyond them neighbours are merged, to the safe side
Key = tuple[str, str, int]  # rule, scope (district or plant, "" for all), window
Row = dict[str, str]
INPUTS = {"options.csv", "plants.csv", "rules.json"}


def check(file: Path, folder: Path | None = None) -> dict[str, Any]:
    """Return ``cost``, ``bound`` [yuan] as recomputed, the ``dearest`` programme, and the ``faults``."""
    told = json.loads(file.read_text(encoding="utf-8"))
    where = folder or file.parent / told["folder"]
    digest = {name: sha256((where / name).read_bytes()).hexdigest() for name in told["sha256"]}
    faults = [name for name in digest if digest[name] != told["sha256"][name]]
    faults += [] if told.get("seal") == seal(told) and set(digest) >= INPUTS else ["seal"]
    written = told["encoding"].get("rules.json", "utf-8-sig")
    rules = json.loads((where / "rules.json").read_text(encoding=written))
    at = {str(window): k for k, window in enumerate(rules["windows"])}
    plants = {row["plant_id"]: row for row in _rows(where, "plants.csv", told)}
    price = {(p["rule"], p["scope"], at[p["window"]]): max(p["price"], 0.0) for p in told["prices"]}
    free, bound_on, dear = (defaultdict[str, float](float) for _ in range(3))
    of, sums, chosen, plan = {}, defaultdict[Key, float](float), {}, set(told["plan"])
    for row in _rows(where, "options.csv", told):
        name, cost, adds = row["package_id"], float(row["cost"]), dict(_adds(row, at, plants))
        saved = {key: price[key] * more for key, more in adds.items() if key in price}
        off = cost - fsum(more for key, more in saved.items() if key[0] != "margin")
        free[name], dear[name] = min(free[name], off), max(dear[name], cost)
        bound_on[name] = min(bound_on[name], cost - fsum(saved.values()))
        of[name] = (row["plant_id"], row["district"], float(row["length_m"]))
        if row["option_id"] in plan:
            chosen[row["option_id"]] = (name, cost)
            for key, more in adds.items():
                sums[key] += more
    demand = dict(
        sorted(_demands(rules, at, [*of.values(), *_idle(where, told, of)]), key=lambda one: one[1])
    )  # of two the larger
    faults += [f"plan {option}" for option in plan - set(chosen)]
    faults += ["once"] if len({name for name, _ in chosen.values()}) < len(chosen) else []
    faults += [" ".join(map(str, key)) for key in demand if sums[key] < demand[key] - NEAR * abs(demand[key])]
    bound = fsum(free.values()) + fsum(price.get(key, 0.0) * demand[key] for key in demand)
    share, sets, held = rules.get("capacity_share"), [(0.0, 0.0)], 0.0
    grown = defaultdict[str, float](float)
    for name, (plant, _, _) in of.items():
        grown[plant] += bound_on[name] - free[name]
    need = share["share"] * fsum(float(row["capacity_m3_per_d"]) for row in plants.values()) if share else 0.0
    for name, row in plants.items() if share else ():
        load, size = 1000 * _number(row["load_kg_per_d"]), float(row["capacity_m3_per_d"])
        lacks = float(row["threshold_mg_per_l"]) * float(row["flow_m3_per_d"]) - load
        due = ("margin", name, at[str(share["by"])])
        held += size * (sums[due] >= lacks - NEAR * load)
        if isfinite(load):  # what nobody measured cannot comply
            more = grown[name] + lacks * price.get(due, 0.0)
            sets = _wider(sets, size, max(more, 0.0))
    faults += ["share"] if held < need * (1 - NEAR) else []
    bound += min((total for size, total in sets if size >= need * (1 - NEAR)), default=inf)
    cost = fsum(cost for _, cost in chosen.values())
    faults += [] if abs((told["cost"] or 0.0) - cost) <= NEAR * cost else ["cost"]
    low, high = bound - ALIKE * abs(bound) - NEAR, bound + NEAR * (1 + abs(bound))  # any other is another's
    open_ = told["bound"] is None and told["status"] == "infeasible"
    faults += [] if open_ or low <= (inf if told["bound"] is None else told["bound"]) <= high else ["bound"]
    return {
        "cost": cost,
        "bound": bound,
        "dearest": fsum(dear.values()),
        "faults": faults,
        "windows": list(at),
    }


def seal(told: dict[str, Any]) -> str:
    """Return the SHA-256 of a certificate without its seal: it shows a slip, the recomputed bound proves."""
    rest = {name: value for name, value in told.items() if name != "seal"}
    return sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


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


def _wider(sets: list[tuple[float, float]], size: float, more: float) -> list[tuple[float, float]]:
    kept, least = [], inf
    for reach, total in sorted(
        [*sets, *((r + size, t + more) for r, t in sets)], key=lambda s: (-s[0], s[1])
    ):
        if total < least:
            kept.append((reach, total))
            least = total
    few = len(kept) <= MOST
    return (
        kept if few else [(r, t) for (r, _), (_, t) in zip(kept[::2], kept[1::2], strict=False)] + kept[-1:]
    )


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
