"""How is a finding about a node, a link or a table put as an Issue?"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from wenqu.issues import Issue, Weight
from wenqu.network.checks.whole import Drawn
from wenqu.network.geometry import Floats
from wenqu.network.topology import Topology

Number = int | np.integer[Any]


@cache
def rules() -> dict[str, Weight]:
    """Return every rule's code with how heavy a breach is; a new rule is one more row of ``rules.csv``."""
    text = (files("wenqu.network.checks") / "rules.csv").read_text(encoding="utf-8")
    return {row["code"]: Weight(row["weight"]) for row in csv.DictReader(text.splitlines())}


def of_table(code: str, type_: str, **facts: object) -> Issue:
    """Return an Issue about many assets of one type at once."""
    return Issue(code, rules()[code], type_, facts=facts)


def _at(place: Floats) -> tuple[float, float] | None:
    return None if np.isnan(place).any() else (float(place[0]), float(place[1]))


def _plain(facts: dict[str, object]) -> dict[str, object]:
    """Return facts without numpy's numbers, so that they can be kept as JSON."""
    return {name: fact.item() if isinstance(fact, np.generic) else fact for name, fact in facts.items()}


@dataclass(frozen=True, slots=True)
class Teller:
    """Puts findings about one network as Issues, each with its place on the map."""

    topology: Topology
    where: Drawn

    def node(self, code: str, node: Number, **facts: object) -> Issue:
        """Return an Issue about one node."""
        type_, id_ = str(self.topology.node_type[node]), str(self.topology.node_ids[node])
        return Issue(code, rules()[code], type_, id_, facts=_plain(facts), at=_at(self.where.nodes[node]))

    def link(self, code: str, link: Number, **facts: object) -> Issue:
        """Return an Issue about one link, placed in its middle or at a known end."""
        type_, id_ = str(self.topology.link_type[link]), str(self.topology.link_ids[link])
        at = _at(self.where.middle[link])
        for node in (self.topology.link_from[link], self.topology.link_to[link]):
            at = at or (_at(self.where.nodes[node]) if node >= 0 else None)
        return Issue(code, rules()[code], type_, id_, facts=_plain(facts), at=at)

    def name(self, node: Number) -> str:
        """Return the id of a node, "?" for an end that is not known."""
        return str(self.topology.node_ids[node]) if node >= 0 else "?"
