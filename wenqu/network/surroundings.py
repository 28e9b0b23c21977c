"""What of a network can a few assets have to do with: what they join, and what lies around them?

A rule or a repair looks at an asset, at what it joins within two steps, and at what is drawn within a
hundred metres; only the rules ``AFAR`` look at the whole. So a change of a few assets is judged in a small
network.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from wenqu.network.checks.attributes import recorded
from wenqu.network.checks.town import middle
from wenqu.network.edits import Edit
from wenqu.network.geometry import Floats, bounds
from wenqu.network.model import Assets, Network
from wenqu.network.schema import types_of

SIDES = ("from_id", "to_id")
TOUCHED = (2, 5.0)  # steps along the network, and metres, within which a change of an asset is felt
SEEN = (2, 110.0)  # the same beyond those, which rules and repairs look at
Flags = npt.NDArray[np.bool_]
Asset = tuple[str, str]  # type and id


class Surroundings:
    """A network that finds quickly what lies around some of its assets."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self._types = [name for role in ("node", "link") for name in types_of(role) if name in network.tables]
        self._links = [name for name in self._types if name in types_of("link")]
        self._nodes = [name for name in self._types if name not in self._links]

    @cached_property
    def _boxes(self) -> dict[str, Floats]:
        return {name: np.asfortranarray(bounds(self.network.table(name).shapes)) for name in self._types}

    @cached_property
    def _ids(self) -> dict[str, pa.Array]:
        return {name: pa.array(self.network.table(name).ids, pa.string()) for name in self._types}

    @cached_property
    def _ends(self) -> dict[tuple[str, str], pa.Array]:
        return {
            (name, side): pa.array(self.network.table(name).column(side), pa.string())
            for name in self._links
            for side in SIDES
        }

    def felt(self, edits: Sequence[Edit]) -> dict[str, set[str]]:
        """Return by type the ids of the assets at which some edits can make or settle a finding."""
        names, boxes = _named(edits), _places(edits)
        chosen = self._beside(self._reached(self._named(names), boxes, names, *TOUCHED), TOUCHED[1])
        found = {name: set(self.network.table(name).ids[flags].tolist()) for name, flags in chosen.items()}
        for edit in edits:
            found.setdefault(edit.type, set()).add(edit.id)
        return found

    def around(self, assets: dict[str, set[str]], edits: Sequence[Edit] = ()) -> Network:
        """Return the part of the network that a finding at some assets, or where edits draw, depends on."""
        names = _named(edits)
        chosen = self._named(set().union(*assets.values()) | names)
        boxes = [self._boxes[name][flags] for name, flags in chosen.items()]
        flags = self._reached(chosen, np.vstack([*boxes, _places(edits)]), names, *SEEN)
        tables = {name: _some(self.network.table(name), rows) for name, rows in flags.items()}
        for name, table in self.network.tables.items():
            if name == "zone":  # the outline of the town
                tables[name] = table
            elif name not in tables:
                tables[name] = _some(table, np.isin(table.ids, list(assets.get(name, ()))))
        order = [name for name in self.network.tables if len(tables[name])]
        return Network(self.network.city, {name: tables[name] for name in order}, self.network.as_of)

    def only(self, assets: Mapping[str, set[str]]) -> Network:
        """Return nothing but some assets."""
        there = {name: ids for name, ids in assets.items() if name in self.network.tables}
        tables = {name: self.network.table(name).take(self._are(name, ids)) for name, ids in there.items()}
        return Network(self.network.city, tables, self.network.as_of)

    def _are(self, type_: str, ids: set[str]) -> npt.NDArray[np.int64]:
        names = self._ids.get(type_) or pa.array(self.network.table(type_).ids, pa.string())
        return np.flatnonzero(_flags(pc.is_in(names, pa.array(sorted(ids), pa.string()))))

    def _named(self, names: Iterable[str]) -> dict[str, Flags]:
        wanted = pa.array(sorted(names), pa.string())
        return {name: _flags(pc.is_in(ids, wanted)) for name, ids in self._ids.items()}

    def _reached(
        self, chosen: dict[str, Flags], boxes: Floats, names: set[str], steps: int, metres: float
    ) -> dict[str, Flags]:
        """Return what some assets reach in steps along the network, and what touches grown boxes."""
        first = [self._boxes[name][flags] for name, flags in chosen.items()]
        boxes = np.vstack([*first, boxes])
        boxes = boxes[~np.isnan(boxes[:, 0])]
        found = {name: flags | _touching(self._boxes[name], boxes, metres) for name, flags in chosen.items()}
        for _ in range(steps):
            found = self._step(found, names)
        return found

    def _beside(self, found: dict[str, Flags], metres: float) -> dict[str, Flags]:
        """Return assets with what touches them."""
        boxes = np.vstack([self._boxes[name][flags] for name, flags in found.items()])
        boxes = boxes[~np.isnan(boxes[:, 0])]
        return {name: flags | _touching(self._boxes[name], boxes, metres) for name, flags in found.items()}

    def _step(self, found: dict[str, Flags], names: set[str]) -> dict[str, Flags]:
        """Return assets with the links at their nodes and the nodes at their links."""
        nodes = [self._ids[name].filter(pa.array(found[name])) for name in found if name not in self._links]
        at = pa.concat_arrays([pa.array(sorted(names), pa.string()), *nodes])
        links = {
            name: found[name] | _flags(pc.is_in(self._ends[name, "from_id"], at))
            | _flags(pc.is_in(self._ends[name, "to_id"], at))
            for name in self._links
        }  # fmt: skip
        ends = [
            self._ends[name, side].filter(pa.array(flags)) for name, flags in links.items() for side in SIDES
        ]
        joined = pa.concat_arrays([pa.array([], pa.string()), *ends])
        more = {
            name: found[name] | _flags(pc.is_in(self._ids[name], joined))
            for name in found
            if name not in self._links
        }
        return {**more, **links}

    @cached_property
    def known(self) -> dict[str, Any]:
        """Return what rules and repairs ask of the whole network, for them to find in a part of it."""
        system = self.network.table("conduit").column("system")
        nodes = [(self._boxes[name][:, :2] + self._boxes[name][:, 2:]) / 2 for name in self._nodes]
        return {
            "names": Names(self.network),
            "recorded": recorded(system),
            "middle": middle(np.vstack([np.empty((0, 2)), *nodes])),
        }


class Names:
    """The ids of all assets of a network, looked up one by one."""

    def __init__(self, network: Network) -> None:
        self._tables = network.tables.values()

    def __contains__(self, name: str) -> bool:
        """Tell whether an asset has this id."""
        return any(bool((table.ids == name).any()) for table in self._tables)

    def __len__(self) -> int:
        """Return the number of assets."""
        return sum(len(table) for table in self._tables)


def moves_water(edits: Iterable[Edit]) -> bool:
    """Tell whether edits can make or settle a finding that looks at the whole network.

    A drawing of a link, and a figure that no way of water hangs on, cannot.
    """
    return any(
        edit.gone
        or (edit.parts is not None and edit.type not in types_of("link"))
        or not set(edit.fields) <= FIGURES
        or (edit.type in types_of("link") and _is_new(edit))
        for edit in edits
    )


FIGURES = frozenset(
    {"length", "height", "width", "material", "year", "built_on", "system", "road", "owner", "note", "name"}
)


def _is_new(edit: Edit) -> bool:
    return bool(set(SIDES) & set(edit.fields))


def _named(edits: Iterable[Edit]) -> set[str]:
    """Return the ids of edited assets, and those of the ends that links get."""
    names = {edit.id for edit in edits}
    return names | {str(edit.fields[side]) for edit in edits for side in SIDES if edit.fields.get(side)}


def _places(edits: Iterable[Edit]) -> Floats:
    """Return the boxes of what edits draw."""
    drawn = [np.vstack(edit.parts) for edit in edits if edit.parts]
    boxes = [np.concatenate([one.min(axis=0), one.max(axis=0)]) for one in drawn]
    return np.array(boxes).reshape(-1, 4)


def _touching(all_: Floats, boxes: Floats, metres: float) -> Flags:
    """Return which boxes touch any of some others grown by a distance."""
    made = np.zeros(len(all_), dtype=bool)
    if not len(boxes):
        return made
    low, high = boxes[:, :2] - metres, boxes[:, 2:] + metres
    west, south, east, north = all_.T  # each a piece of memory of its own
    (right, top), (left, bottom) = high.max(axis=0), low.min(axis=0)
    rows = np.flatnonzero((west <= right) & (east >= left))
    rows = rows[(south[rows] <= top) & (north[rows] >= bottom)]
    for first in range(0, len(rows), 1000):
        some = rows[first : first + 1000]
        one = all_[some][:, None, :]
        hit = (one[..., :2] <= high).all(axis=2) & (one[..., 2:] >= low).all(axis=2)
        made[some] = np.asarray(hit).any(axis=1)
    return made


def _flags(found: pa.Array) -> Flags:
    return np.asarray(found.fill_null(False).to_numpy(zero_copy_only=False))


def _some(table: Assets, flags: Flags) -> Assets:
    return table.take(np.flatnonzero(flags))
