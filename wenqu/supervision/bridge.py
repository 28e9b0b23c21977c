"""Why is this denominator another than the one before? By pipe and cause, to the millimetre."""

from collections.abc import Mapping
from dataclasses import dataclass

from wenqu.supervision.accounting import PipeList

ADDED, REMOVED, CHANGED, MOVED = "added", "removed", "changed", "moved"


@dataclass(frozen=True, slots=True)
class Step:
    """One pipe by which two lists differ."""

    kind: str  # ADDED, REMOVED, CHANGED (its length), MOVED (its district only)
    cause: str
    pipe: str
    before_mm: int
    after_mm: int
    district: str
    district_before: str

    @property
    def difference_mm(self) -> int:
        """Return what the pipe adds to the whole."""
        return self.after_mm - self.before_mm


@dataclass(frozen=True, slots=True)
class BridgeRow:
    """All steps of one kind and cause."""

    kind: str
    cause: str
    count: int
    difference_mm: int


@dataclass(frozen=True, slots=True)
class Bridge:
    """The way from one version to the next."""

    before_mm: int
    after_mm: int
    before_count: int
    after_count: int
    rows: tuple[BridgeRow, ...]
    steps: tuple[Step, ...]


def bridge(before: PipeList, after: PipeList, causes: Mapping[str, str] | None = None) -> Bridge:
    """Return what leads from one list to another; its rows add up to the difference exactly.

    Parameters
    ----------
    causes
        Why each pipe differs, by id: new, replaced, closed, scope, survey, works …; "" is not known.
    """
    old = {id_: (mm, zone) for id_, mm, zone in _rows(before)}
    new = {id_: (mm, zone) for id_, mm, zone in _rows(after)}
    steps = []
    for id_ in sorted(old.keys() | new.keys()):
        was, is_ = old.get(id_), new.get(id_)
        if was == is_:
            continue
        kind = ADDED if was is None else REMOVED if is_ is None else CHANGED if was[0] != is_[0] else MOVED
        before_mm, zone_before = was or (0, "")
        after_mm, zone = is_ or (0, "")
        cause = (causes or {}).get(id_, "")
        steps.append(Step(kind, cause, id_, before_mm, after_mm, zone, zone_before))
    sums: dict[tuple[str, str], list[int]] = {}
    for step in steps:
        row = sums.setdefault((step.kind, step.cause), [0, 0])
        row[0] += 1
        row[1] += step.difference_mm
    order = (ADDED, REMOVED, CHANGED, MOVED)
    rows = [
        BridgeRow(kind, cause, *sums[kind, cause])
        for kind, cause in sorted(sums, key=lambda key: (order.index(key[0]), key[1]))
    ]
    return Bridge(before.total_mm, after.total_mm, len(before), len(after), tuple(rows), tuple(steps))


def _rows(pipes: PipeList) -> list[tuple[str, int, str]]:
    return list(zip(pipes.ids, pipes.length_mm.tolist(), pipes.districts, strict=True))
