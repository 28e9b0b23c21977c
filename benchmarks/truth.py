"""Does the tomograph find the truth? Generated cities, their meters, every method in a process of its own.

The generator (``_truth_city``, ``_truth_readings``) shares nothing with the methods but that water adds up,
takes time and mixes. No method has the truth on its disk. Figures are medians over the cities, each of its
own seed; cities "of all kinds" have knobs of their own as well. Bills err by 20 % at each source, as
``sources.csv`` says, and by 10 % at all sources of an area together, which it cannot say; what 20 % together
do to missing sewage stands apart.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from _truth_city import Knobs, Tree, Truth, area_truth, truth, varied
from _truth_networks import bellinge, horton
from _truth_readings import observe
from _truth_regret import yuan_until_reached, yuan_worst_first
from _truth_swmm import observe_by_swmm

METERS = (20, 40, 80)
UNSURE = 0.2  # of the bills of an area together, where they are worse
CITIES, FEW = 20, 3
LARGE = Knobs(pipes=100_000, meters=80)
REAL = Knobs(meters=20)  # on the tree of Bellinge
BY_SWMM = {False: (5, Knobs(pipes=500, meters=20, days=42)), True: (1, Knobs(pipes=300, meters=12, days=23))}
FIRST_SEED = 1001  # never looked at while the method was made
HERE = Path(__file__).resolve().parent
SELDOM = {"river": "river where there is some", "missing": "missing sewage where some is"}  # most have none
Scores = dict[str, float]


def measurements(*, quick: bool) -> Iterator[dict[str, object]]:
    """Yield the errors of the joint inversion beside those of usual practice."""
    count = FEW if quick else CITIES
    for meters in METERS:
        yield from rows(f"M={meters}", middle([Knobs(meters=meters)] * count), count)
    for meters in METERS[:2]:
        cities = [varied(Knobs(meters=meters), FIRST_SEED + city) for city in range(count)]
        yield from rows(f"M={meters}, cities of all kinds", middle(cities), count)
        unsure = middle([Knobs(meters=meters, ratio=UNSURE)] * count)
        yield from missing(f"M={meters}, bills of areas wrong by {UNSURE:.0%}", unsure, count)
    if not quick:
        yield from rows(f"100,000 pipes, M={LARGE.meters}", middle([LARGE]), 1)
    real = bellinge()
    if real is not None:
        which = f"tree of Bellinge, {len(real.parent)} pipes, M={REAL.meters}"
        yield from rows(which, middle([REAL] * count, given=real), count)
    count, knobs = BY_SWMM[quick]
    yield from rows(f"M={knobs.meters}, by SWMM", middle([knobs] * count, observe_by_swmm), count)


def middle(
    cities: Sequence[Knobs], observed: Callable[..., None] = observe, given: Tree | None = None
) -> Scores:
    """Return the medians over some cities, each of its own seed; of what is true how often, the means."""
    seeds = range(FIRST_SEED, FIRST_SEED + len(cities))
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # the work is done in other processes
        scores = list(pool.map(lambda city, seed: judged(city, seed, observed, given), cities, seeds))
    return {
        name: float((np.nanmean if name.startswith("cover") else np.median)([one[name] for one in scores]))
        for name in scores[0]
    }


def rows(which: str, scores: Scores, count: int) -> Iterator[dict[str, object]]:
    """Yield the rows of one kind of city. The ratio is ours to theirs: less is better."""
    for name, peer, target in (
        ("error of extraneous water, of net night flow", "net_night", "≤ 0.4"),
        ("error of extraneous water, of raw night flow", "night", "≤ 0.2"),
        ("error of extraneous water, of an NH4 balance", "nh4", ""),
    ):
        ours, theirs = scores["extraneous"], scores[f"extraneous_{peer}"]
        yield row(f"{name}, {which}", ours, theirs, scores[f"ratio_{peer}"], count, target)
    yield from missing(which, scores, count)
    for name, peer in (
        ("net night flow", "net_night"), ("raw night flow", "night"), ("worst first", "worst_first"),
    ):  # fmt: skip
        ours, theirs = scores["regret"], scores[f"regret_{peer}"]
        yield row(
            f"cost of a programme that truly reaches its goal, of one made on the truth, by {name}, {which}",
            ours, theirs, ours / theirs, count, "≤ 1.25",
        )  # fmt: skip
    yield row(f"bias of the total, {which}", scores["bias"], None, None, count, "within ±0.03")
    yield row(f"error of river water, {which}", scores["river"], None, None, count, "≤ 0.4")
    yield row(f"five worst areas found, {which}", scores["top5"], scores["top5_net_night"], None, count, "")
    yield row(f"streams of one order to the next, {which}", scores["forks"], None, None, count, "3 to 5")
    yield row(
        f"length of streams of one order to that before, {which}", scores["longer"], None, None, count,
        "1.5 to 3.5",
    )  # fmt: skip
    for name in ("sewage", "groundwater", "river", SELDOM["river"]):
        yield covered(name, which, scores, count)


def missing(which: str, scores: Scores, count: int) -> Iterator[dict[str, object]]:
    """Yield what is said of missing sewage, beside the best of anybody who knew all that arrives."""
    yield row(
        f"missing sewage rmse, of net night flow, {which}", scores["missing"], scores["missing_net_night"],
        scores["missing_ratio"], count, "≤ 0.4", "m³/d",
    )  # fmt: skip
    yield row(
        f"missing sewage rmse if all that arrives were known, of net night flow, {which}",
        scores["missing_floor"], scores["missing_net_night"], scores["floor_ratio"], count, "", "m³/d",
    )  # fmt: skip
    yield covered("missing", which, scores, count)


def covered(name: str, which: str, scores: Scores, count: int) -> dict[str, object]:
    """Return how often the truth lies within the interval."""
    said = f"truth within 90 % of {name}, {which}"
    target = "≥ 0.85" if name in SELDOM else "0.85–0.95"  # where most are nothing, nothing is soon covered
    return row(said, scores[f"cover_{name}"], None, None, count, target)


def row(
    name: str, ours: float, peer: float | None, ratio: float | None, runs: int, target: str, unit: str = "-"
) -> dict[str, object]:
    """Return one row of the table."""
    return {
        "name": name,
        "ours": ours,
        "peer": peer,
        "ratio": ratio,
        "unit": unit,
        "runs": runs,
        "target": target,
    }


def judged(
    knobs: Knobs, seed: int, observed: Callable[..., None] = observe, given: Tree | None = None
) -> Scores:
    """Return the scores of one city."""
    there = truth(knobs, seed, given)
    with tempfile.TemporaryDirectory() as folder:
        case, out = Path(folder) / "case", Path(folder) / "out"
        observed(there, knobs, seed, case)
        wenqu = Path(sys.executable).with_name("wenqu")
        ours = [str(wenqu), "diagnose-case", str(case), "--out", str(out), "--json"]
        subprocess.run(ours, check=True, stdout=subprocess.DEVNULL)
        peers = Path(folder) / "peers.json"
        subprocess.run([sys.executable, str(HERE / "_truth_methods.py"), str(case), str(peers)], check=True)
        said = scored(there, knobs, out / "areas.csv", json.loads(peers.read_text()))
    said["forks"], said["longer"] = horton(there)
    return said


def scored(there: Truth, knobs: Knobs, areas: Path, peers: dict[str, dict[str, dict[str, float]]]) -> Scores:
    """Return how far the answers are from the truth."""
    true = area_truth(there)
    names = sorted(true)
    said = {
        (line["area_id"], line["quantity"]): line for line in csv.DictReader(areas.open(encoding="utf-8"))
    }

    def column(quantity: str, cell: str = "mean_m3_per_d") -> np.ndarray:
        return np.array([float(said[name, quantity][cell]) for name in names])

    def real(quantity: str) -> np.ndarray:
        return np.array([true[name][quantity] for name in names])

    clean = real("groundwater") + real("river")
    ours = column("groundwater") + column("river")
    found: Scores = {
        "extraneous": error(ours, clean), "bias": float(ours.sum() / clean.sum() - 1),
        "river": error(column("river"), real("river")), "missing": rmse(column("missing"), real("missing")),
        "top5": hits(ours, clean),
    }  # fmt: skip
    length = real("length")
    least = yuan_until_reached(clean, clean, length)
    found["regret"] = yuan_until_reached(ours, clean, length) / least
    found["regret_worst_first"] = yuan_worst_first(real("worn") / length, clean, length) / least
    own = np.sqrt(np.bincount(there.area, there.made**2)) / np.bincount(there.area, there.made) * knobs.bills
    unsure = np.hypot(knobs.ratio, own[[int(name[1:]) for name in names]])
    known = sure_of_what_arrives(real("billed"), real("sewage"), unsure)
    found["missing_floor"] = rmse(known, real("missing"))
    for method in peers[names[0]]["extraneous"]:
        theirs = np.array([peers[name]["extraneous"][method] for name in names])
        found[f"extraneous_{method}"] = error(theirs, clean)
        found[f"ratio_{method}"] = found["extraneous"] / found[f"extraneous_{method}"]
        found[f"top5_{method}"] = hits(theirs, clean)
        found[f"regret_{method}"] = yuan_until_reached(theirs, clean, length) / least
    lost = np.array([peers[name]["missing"]["net_night"] for name in names])
    found["missing_net_night"] = rmse(lost, real("missing"))
    found["missing_ratio"] = found["missing"] / found["missing_net_night"]
    found["floor_ratio"] = found["missing_floor"] / found["missing_net_night"]
    for quantity in ("sewage", "groundwater", "river", "missing"):
        found |= covering(quantity, column(quantity, "p05"), real(quantity), column(quantity, "p95"))
    return found


def covering(quantity: str, low: np.ndarray, real: np.ndarray, high: np.ndarray) -> Scores:
    """Return how often the truth lies between, of what is rare also where there is some."""
    inside = (low <= real + 1e-3) & (real <= high + 1e-3)
    found = {f"cover_{quantity}": float(inside.mean())}
    if quantity in SELDOM:
        found[f"cover_{SELDOM[quantity]}"] = float(inside[real > 0].mean()) if real.any() else np.nan
    return found


def sure_of_what_arrives(billed: np.ndarray, sewage: np.ndarray, unsure: np.ndarray) -> np.ndarray:
    """Return the best that can be said of missing sewage when only the bills are unsure: Bayes on a grid."""
    share = np.r_[0.0, np.linspace(0.005, 0.9, 180)]
    chance = np.r_[0.8, np.full(180, 0.2 / 180)]
    made = sewage[:, None] / (1 - share)
    odds = chance * np.exp(-0.5 * ((billed[:, None] / made - 1) / unsure[:, None]) ** 2)
    return (odds * (made - sewage[:, None])).sum(axis=1) / odds.sum(axis=1)


def error(said: np.ndarray, real: np.ndarray) -> float:
    """Return the relative L1 error."""
    return float(np.abs(said - real).sum() / np.abs(real).sum())


def rmse(said: np.ndarray, real: np.ndarray) -> float:
    """Return the root of the mean squared error."""
    return float(np.sqrt(((said - real) ** 2).mean()))


def hits(said: np.ndarray, real: np.ndarray) -> float:
    """Return the share of the five largest that are among the five said to be largest."""
    return len(set(np.argsort(-said)[:5].tolist()) & set(np.argsort(-real)[:5].tolist())) / 5
