"""Which trees are judged on: how alike are they to real sewers, and a real one?"""

from pathlib import Path

import numpy as np
from _truth_city import Tree, Truth, in_preorder

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
BELLINGE = SHARED / "bellinge-swmm" / "BellingeSWMM_v021_nopervious.inp"
LEAST_LENGTH = 1.0  # [m] of a weir, pump or orifice, which has none


def horton(tree: Tree | Truth) -> tuple[float, float]:
    """Return the bifurcation ratio and the length ratio of the Strahler orders of a tree.

    By the slope of the logarithms over the orders, the highest left out of the lengths: the outlet cuts its
    stream off. Real sewers: some 3 to 5 and 1.5 to 3.5.
    """
    order = np.ones(len(tree.parent), np.int64)
    most = np.zeros(len(tree.parent), np.int64)
    ties = np.zeros(len(tree.parent), np.int64)
    for pipe in range(len(tree.parent) - 1, -1, -1):
        if most[pipe]:
            order[pipe] = most[pipe] + (ties[pipe] > 1)
        below = tree.parent[pipe]
        if below >= 0:
            if order[pipe] > most[below]:
                most[below], ties[below] = order[pipe], 1
            elif order[pipe] == most[below]:
                ties[below] += 1
    starts = np.array(
        [below < 0 or order[pipe] != order[below] for pipe, below in enumerate(tree.parent)], np.bool_
    )
    highest = int(order.max())
    streams = np.array([(starts & (order == one)).sum() for one in range(1, highest + 1)], float)
    length = np.array([tree.length[order == one].sum() for one in range(1, highest + 1)]) / streams
    at = np.arange(highest)
    fewer = np.polyfit(at, np.log(streams), 1)[0]
    longer = np.polyfit(at[:-1], np.log(length[:-1]), 1)[0]
    return float(np.exp(-fewer)), float(np.exp(longer))


def bellinge() -> Tree | None:
    """Return the largest tree of the real sewers of Bellinge, None where the data are not at hand.

    The one way of each node: the first link out of it, in the order of the file's sections, conduits first.
    """
    if not BELLINGE.exists():
        return None
    ways: dict[str, tuple[str, float]] = {}
    section = ""
    for line in BELLINGE.read_text(encoding="latin-1").splitlines():
        words = line.split(";")[0].split()
        if not words:
            continue
        if words[0].startswith("["):
            section = words[0].strip("[]").upper()
        elif section == "CONDUITS":
            ways.setdefault(words[1], (words[2], float(words[3])))
        elif section in {"PUMPS", "ORIFICES", "WEIRS", "OUTLETS"}:
            ways.setdefault(words[1], (words[2], LEAST_LENGTH))
    end: dict[str, str] = {}
    for node in ways:
        walked = [node]
        while walked[-1] in ways and len(walked) <= len(ways):
            walked.append(ways[walked[-1]][0])
        end[node] = walked[-1] if len(walked) <= len(ways) else ""  # round in a loop: no tree of ours
    outlets = [name for name in end.values() if name]
    largest = max(sorted(set(outlets)), key=outlets.count)
    kept = [node for node in ways if end[node] == largest]
    return in_preorder(kept, ways, largest)
