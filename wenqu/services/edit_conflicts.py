"""Did somebody else change what this edit changes, since its author looked?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from wenqu.network.edits import Edit
from wenqu.network.geometry import Floats, Shapes
from wenqu.store.network import AssetVersion
from wenqu.store.wkb import shapes_of

SHAPE = "@shape"  # as the field of a conflict: where the asset lies
PRESENCE = "@presence"  # whether it is there at all
Key = tuple[str, str, str]  # type, id, field
Settled = Mapping[Key, str]  # "mine" or "theirs"
Parts = tuple[Floats, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """One value that two people changed to different ends."""

    type: str
    id: str
    field: str  # name of the field, SHAPE or PRESENCE
    before: object  # SI; what both saw
    mine: object
    theirs: object
    who: str  # who wrote theirs
    at: str  # ISO time
    why: str
    number: int  # change that wrote theirs

    @property
    def key(self) -> Key:
        """What a settlement names."""
        return (self.type, self.id, self.field)


def conflicts_of(edit: Edit, versions: Sequence[AssetVersion]) -> Iterator[Conflict]:
    """Yield what others changed since ``edit.based_on`` to another end than the edit does."""
    if edit.based_on is None or not versions:
        return
    seen = [entry for entry in versions if entry.number <= edit.based_on]
    now, base = versions[-1], (seen[-1] if seen else None)
    if base is now and not now.valid_to:
        return
    presence = _presences(edit, base is not None, not now.valid_to)
    if presence is not None:
        yield _conflict(edit, PRESENCE, presence, now)
    elif base is not None and not edit.gone and not now.valid_to:
        yield from _values(edit, base, [entry for entry in versions if entry.number > edit.based_on])


def _presences(edit: Edit, was: bool, is_: bool) -> tuple[object, object, object] | None:
    """Return before, mine and theirs where the two do not agree on whether the asset is there."""
    if not was:
        return (None, "new", "there") if is_ else None
    if not is_:
        return None if edit.gone else ("there", "there", "gone")
    return ("there", "gone", "changed") if edit.gone else None


def _values(edit: Edit, base: AssetVersion, later: Sequence[AssetVersion]) -> Iterator[Conflict]:
    now = later[-1]
    for name, mine in {**edit.fields, **edit.extra}.items():
        old, theirs = (_value(entry, name) for entry in (base, now))
        if theirs not in (old, mine):
            yield _conflict(edit, name, (old, mine, theirs), _last(name, base, later))
    if edit.parts is not None and now.wkb != base.wkb and not same_parts(edit.parts, parts_of(now.wkb)):
        values = (_plain(parts_of(base.wkb)), _plain(edit.parts), _plain(parts_of(now.wkb)))
        yield _conflict(edit, SHAPE, values, _last(SHAPE, base, later))


def settled(edit: Edit, told: Sequence[Conflict], how: Settled) -> Edit | None:
    """Return the edit without what was settled for the others; None when nothing is left of it."""
    theirs = {entry.field for entry in told if how.get(entry.key) == "theirs"}
    if PRESENCE in theirs:
        return None
    fields = {name: value for name, value in edit.fields.items() if name not in theirs}
    extra = {name: value for name, value in edit.extra.items() if name not in theirs}
    return replace(edit, fields=fields, extra=extra, parts=None if SHAPE in theirs else edit.parts)


def parts_of(wkb: bytes | None) -> Parts:
    """Return the coordinates of a stored shape, part by part."""
    shapes = shapes_of(np.array([wkb], dtype=object)) if wkb is not None else Shapes.empty(1)
    spans = zip(shapes.parts[:-1], shapes.parts[1:], strict=True)
    return tuple(shapes.coords[first:last] for first, last in spans)


def same_parts(one: Parts, other: Parts) -> bool:
    """Tell whether two shapes have the same coordinates."""
    return len(one) == len(other) and all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def _plain(parts: Parts) -> list[list[list[float]]]:
    return [np.asarray(part).reshape(-1, 2).tolist() for part in parts]


def _value(version: AssetVersion, name: str) -> object:
    return version.fields.get(name, version.extra.get(name))


def _last(name: str, base: AssetVersion, later: Sequence[AssetVersion]) -> AssetVersion:
    """Return the last version that changed a field."""
    found, before = later[-1], base
    for entry in later:
        old, new = (entry.wkb, before.wkb) if name == SHAPE else (_value(entry, name), _value(before, name))
        if old != new:
            found = entry
        before = entry
    return found


def _conflict(edit: Edit, field: str, values: tuple[object, object, object], by: AssetVersion) -> Conflict:
    before, mine, theirs = values
    return Conflict(edit.type, edit.id, field, before, mine, theirs, by.who, by.valid_from, by.why, by.number)
