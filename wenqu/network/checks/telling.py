"""Which rules are there, and how is what one found put as Issues?"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

from wenqu.issues import Issue, Weight
from wenqu.network.checks.whole import Flags, Whole
from wenqu.network.geometry import Floats, Ints, centres
from wenqu.network.model import Column

NOWHERE = "?"  # the name of an end that is not known


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: a row of ``rules.csv``."""

    code: str
    weight: Weight
    class_: str  # mend: done by rule where certain; queue: the row waits outside; flag: it enters
    otherwise: str  # of ``mend``: what happens where nothing is certain, queue or flag
    confirmable: bool  # a person may say that it is right as it is

    @property
    def stays_out(self) -> bool:
        """Tell whether a row that breaks it, and could not be mended, waits outside."""
        return "queue" in {self.class_, self.otherwise}


@cache
def rule_table() -> dict[str, Rule]:
    """Return every rule by code; a new one is one more row of ``rules.csv``."""
    text = (files("wenqu.network.checks") / "rules.csv").read_text(encoding="utf-8")
    return {
        row["code"]: Rule(
            row["code"], Weight(row["weight"]), row["class"], row["otherwise"], row["confirmable"] == "yes"
        )
        for row in csv.DictReader(text.splitlines())
    }


def rule(code: str) -> Rule:
    """Return a rule by code; a finding that is not in the table (of the reader) is only flagged."""
    return rule_table().get(code) or Rule(code, Weight.DOUBT, "flag", "", confirmable=False)


@cache
def rules() -> dict[str, Weight]:
    """Return every rule's code with how heavy a breach is."""
    return {code: entry.weight for code, entry in rule_table().items()}


@dataclass(frozen=True, slots=True)
class Found:
    """All breaches of one rule in one network, as columns: a million cost no more than their arrays."""

    code: str
    of: str  # "node" or "link": rows are those of the topology; an asset type: rows of its table; "": none
    rows: Ints  # (n,)
    facts: Mapping[str, object] = field(default_factory=dict)  # each an array (n,), or one value for all
    about: str = ""  # asset type, when ``of`` is "" and the finding is about a whole table

    def take(self, chosen: Ints | Flags) -> "Found":
        """Return some of the breaches."""
        facts = {
            name: fact[chosen] if isinstance(fact, np.ndarray) else fact for name, fact in self.facts.items()
        }
        return Found(self.code, self.of, self.rows[chosen], facts, self.about)


def on_nodes(code: str, nodes: Ints, /, **facts: object) -> Found:
    """Return breaches at nodes of the topology."""
    return Found(code, "node", nodes, facts)


def on_links(code: str, links: Ints, /, **facts: object) -> Found:
    """Return breaches at links of the topology."""
    return Found(code, "link", links, facts)


def of_table(code: str, type_: str, /, **facts: object) -> Found:
    """Return one breach that is about many assets of one type at once."""
    return Found(code, "", np.zeros(1, np.int64), facts, type_)


def names(whole: Whole, nodes: Ints) -> Column:
    """Return the ids of nodes, "?" for ends that are not known (-1)."""
    return np.append(whole.topology.node_ids, NOWHERE)[nodes] if len(nodes) else np.empty(0, object)


def assets_of(whole: Whole, found: Found) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Return type and id of the asset of every breach, "" where it is about a table."""
    graph = whole.topology
    if found.of == "node":
        return graph.node_type[found.rows], graph.node_ids[found.rows]
    if found.of == "link":
        return graph.link_type[found.rows], graph.link_ids[found.rows]
    if found.of:
        types = np.full(len(found.rows), found.of, dtype=object)
        return types, whole.network.table(found.of).ids[found.rows]
    return np.full(len(found.rows), found.about, object), np.full(len(found.rows), "", object)


def issues_of(whole: Whole, found: Found) -> Iterator[Issue]:
    """Yield breaches as Issues, each with its place on the map."""
    weight = rules()[found.code]
    types, ids = assets_of(whole, found)
    places = _places(whole, found)
    columns = {
        name: fact.tolist() if isinstance(fact, np.ndarray) else [_plain(fact)] * len(found.rows)
        for name, fact in found.facts.items()
    }
    for n, (type_, id_, place) in enumerate(zip(types, ids, places.tolist(), strict=True)):
        facts = {name: column[n] for name, column in columns.items()}
        at = None if np.isnan(place[0]) else (place[0], place[1])
        yield Issue(found.code, weight, str(type_), str(id_), facts=facts, at=at)


def _places(whole: Whole, found: Found) -> Floats:
    nodes = np.vstack([whole.drawn.nodes, [[np.nan, np.nan]]])
    if found.of == "node":
        return np.asarray(nodes[found.rows])
    if found.of == "link":
        at = whole.drawn.middle[found.rows]
        for ends in (whole.topology.link_from, whole.topology.link_to):
            at = np.where(np.isnan(at), nodes[ends[found.rows]], at)
        return at
    if found.of:
        return centres(whole.network.table(found.of).shapes.take(found.rows))
    return np.full((len(found.rows), 2), np.nan)


def _plain(fact: object) -> object:
    """Return a fact without numpy's numbers, so that it can be kept as JSON."""
    return fact.item() if isinstance(fact, np.generic) else fact


def without(whole: Whole, found: Found, confirmed: Iterable[tuple[str, str, str]]) -> Found:
    """Return the breaches that nobody has confirmed to be right as they are."""
    known = {(type_, id_) for code, type_, id_ in confirmed if code == found.code}
    if not known:
        return found
    types, ids = assets_of(whole, found)
    stays = [(type_, id_) not in known for type_, id_ in zip(types, ids, strict=True)]
    return found.take(np.array(stays, dtype=bool))
