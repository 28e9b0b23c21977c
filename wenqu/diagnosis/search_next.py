"""Which manholes should be opened next, by how many crews, and when is it enough?

The next sample is the one that teaches most for what it costs: the mutual information between the answer
and the place of the source, divided by the time of travel and work. Towards the end, when one
neighbourhood holds much of the belief, what counts is no longer the pipe but the neighbourhood: the
sample is then chosen that leaves the least doubt about it. Several crews get the set that teaches most
together, chosen one after the other given the answers the others may bring.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.search_readings import Chances
from wenqu.diagnosis.search_region import best_reach, likely, reach_share
from wenqu.diagnosis.search_state import Belief
from wenqu.diagnosis.search_tree import SearchTree

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
LATE = 0.15  # share of the best neighbourhood from which on neighbourhoods count instead of pipes
TRIED = 24  # candidates that are looked at more closely then
PIPES = 300  # pipes that are looked at more closely then
CREWS = 6  # at once: the answers of six are 64 cases


@dataclass(frozen=True, slots=True)
class Choice:
    """One manhole to be opened."""

    place: int
    bits: float  # [bit] that its answer is expected to teach, given those before it
    above: float  # [-] belief that the source is above it
    seen: float  # [-] chance that the sample will show it


@dataclass(frozen=True, slots=True)
class Rules:
    """What a search is after."""

    radius: float = 200.0  # [m] along the pipes: as near as the search has to come
    sure: float = 0.965  # [-] belief at which it ends


def entropy(share: Floats | float) -> Floats:
    """Return the doubt about a yes or no. [bit]"""
    held = np.clip(share, 1e-15, 1 - 1e-15)
    found: Floats = -(held * np.log2(held) + (1 - held) * np.log2(1 - held))
    return found


def false_rates(tree: SearchTree, chances: Chances, others: float) -> Floats:
    """Return how often a sample at each place shows something though the source is not above it. (N,)

    ``others`` is the number of further sources expected in the whole network: one of them may be above.
    """
    if others <= 0:
        return np.full(len(tree.parent), chances.false)
    share = tree.above(tree.length) / max(float(tree.length.sum()), 1e-9)
    found: Floats = chances.false + (chances.hit - chances.false) * (1 - np.exp(-others * share))
    return found


def information(known: Belief, chances: Chances, false: Floats | float | None = None) -> Floats:
    """Return what the answer at each place is expected to teach. (N,) [bit]"""
    low = chances.false if false is None else false
    seen = known.above * chances.hit + (1 - known.above) * low
    noise = known.above * entropy(chances.hit) + (1 - known.above) * entropy(low)
    found: Floats = np.maximum(entropy(seen) - noise, 0.0)
    return found


def next_manholes(  # noqa: PLR0913 - a search has that many sides
    tree: SearchTree,
    known: Belief,
    chances: Chances,
    *,
    crews: int = 1,
    cost: Floats | None = None,
    barred: npt.NDArray[np.bool_] | None = None,
    others: float = 0.0,
    rules: Rules | None = None,
) -> tuple[Choice, ...]:
    """Return the manholes to be opened next, one for each crew, best first.

    Parameters
    ----------
    tree, known
        Network and belief so far.
    chances
        Of a sample.
    crews
        How many open a manhole at once.
    cost
        What a sample costs at each place, in any unit; equal when left out. (N,)
    barred
        Places that cannot be opened. (N,)
    others
        Further sources expected in the whole network.
    rules
        What the search is after.
    """
    false = false_rates(tree, chances, others)
    price = np.ones(len(tree.parent)) if cost is None else cost
    open_ = np.ones(len(tree.parent), bool) if barred is None else ~barred
    parts: list[tuple[float, Belief]] = [(1.0, known)]  # cases of the answers of the crews before
    found: list[Choice] = []
    for _ in range(min(crews, CREWS)):
        bits = sum((chance * information(case, chances, false) for chance, case in parts), np.zeros(1))
        worth = np.where(open_, bits / price, 0.0)
        if not worth.max() > 0:
            break
        place = int(worth.argmax())
        if not found:
            place = _late(tree, known, worth, (chances.hit, false, price), rules or Rules())
        above = float(known.above[place])
        seen = above * chances.hit + (1 - above) * float(false[place])
        found.append(Choice(place, float(bits[place]), above, seen))
        parts = _cases(tree, parts, place, chances.hit, float(false[place]))
    return tuple(found)


def _cases(
    tree: SearchTree, parts: Sequence[tuple[float, Belief]], place: int, hit: float, false: float
) -> list[tuple[float, Belief]]:
    """Return the beliefs after each answer of one more crew, with the chance of each."""
    inside = slice(place + 1, int(tree.last[place]))
    found = []
    for chance, case in parts:
        for high, low in ((hit, false), (1 - hit, 1 - false)):
            likely_ = float(case.above[place]) * high + (1 - float(case.above[place])) * low
            mass = case.mass * (low / likely_)
            mass[inside] = case.mass[inside] * (high / likely_)
            found.append((chance * likely_, Belief(mass, tree.above(mass), case.nowhere * low / likely_)))
    return found


def _late(
    tree: SearchTree, known: Belief, worth: Floats, terms: tuple[float, Floats, Floats], rules: Rules
) -> int:
    """Return the best place once a neighbourhood stands out; before, the one that is worth most."""
    if best_reach(tree, known, rules.radius).share < LATE:
        return int(worth.argmax())
    hit, false, price = terms
    tried = likely_first(worth, TRIED)
    pipes = likely(tree, known, PIPES)
    mass = np.zeros(len(known.mass))
    mass[pipes] = known.mass[pipes]
    args = (tree.start, tree.child, tree.parent, tree.step, tree.last, mass, known.above)
    doubts = _doubts(*args, tried, pipes, rules.radius, rules.sure, hit, false)
    now = _doubt(*args[:4], mass, pipes, rules.radius, 1.0)
    gains = (now - doubts) / price[tried]
    return int(tried[int(gains.argmax())])


def likely_first(worth: Floats, count: int) -> Ints:
    """Return the places that are worth most, best first, those worth nothing left out."""
    count = min(count, len(worth))
    top = np.argpartition(worth, -count)[-count:]
    top = top[np.argsort(-worth[top], kind="stable")]
    found: Ints = top[worth[top] > 0].astype(np.int64)
    return found


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _doubt(  # noqa: PLR0913, PLR0917 - a compiled loop takes arrays, not objects
    start: Ints,
    child: Ints,
    parent: Ints,
    step: Floats,
    mass: Floats,
    pipes: Ints,
    radius: float,
    sure: float,
) -> float:
    """Return the doubt about the neighbourhood: mean of −log2 of the belief around the source. [bit]"""
    doubt = 0.0
    for pipe in pipes:
        if mass[pipe] < 1e-4:
            continue
        share = reach_share(start, child, parent, step, mass, radius, pipe)
        if share >= sure:
            return 0.0
        doubt -= mass[pipe] * np.log2(share)
    return doubt


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _doubts(  # noqa: PLR0913, PLR0917
    start: Ints, child: Ints, parent: Ints, step: Floats, last: Ints, mass: Floats, above: Floats,
    tried: Ints, pipes: Ints, radius: float, sure: float, hit: float, false: Floats,
) -> Floats:  # fmt: skip
    """Return the doubt that is left after a sample at each of some places."""
    found = np.zeros(len(tried))
    after = mass.copy()
    for number, place in enumerate(tried):
        for answer in range(2):
            high = hit if answer == 1 else 1 - hit
            low = false[place] if answer == 1 else 1 - false[place]
            likely_ = above[place] * high + (1 - above[place]) * low
            for pipe in pipes:
                inside = place < pipe < last[place]
                after[pipe] = mass[pipe] * (high if inside else low) / likely_
            found[number] += likely_ * _doubt(start, child, parent, step, after, pipes, radius, sure)
    return found
