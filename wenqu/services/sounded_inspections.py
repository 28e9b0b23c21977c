"""Which deposits do soundings show by the bores of today? A bore may have become known after they came."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from wenqu.network.model import Assets
from wenqu.records.handed import Handed
from wenqu.records.inspection import Inspection
from wenqu.standards.inspection_methods import sees_structure
from wenqu.store.database import Store
from wenqu.store.moments import Moment
from wenqu.survey.matching import pipes_of
from wenqu.survey.sounded_silt import PROFILE, unjudged, with_deposits


@dataclass(frozen=True, slots=True)
class Sounded:
    """Inspections as the bores of today judge their soundings."""

    rows: list[Inspection]
    unjudged: frozenset[str]  # ids of soundings that say nothing yet: no bore is known


def sounded(
    store: Store, city: str, found: list[Inspection], conduits: Assets, as_of: Moment | None = None
) -> Sounded:
    """Return inspections with the deposits that their profiles show by the bores of some conduits."""
    if not any(_sonar(one) for one in found):
        return Sounded(found, frozenset())
    return sounded_by(
        found, _profiles(store, city, as_of, {one.asset for one in found if _sonar(one)}), conduits
    )


def sounded_by(found: list[Inspection], handed: Mapping[str, Sequence[Handed]], conduits: Assets) -> Sounded:
    """Return inspections as ``sounded`` does, by how each was handed over."""
    told = {
        one.id: facts
        for one in found
        if _sonar(one)
        and (facts := next((row.facts for row in handed.get(one.id, ()) if PROFILE in row.facts), None))
    }
    if not told:
        return Sounded(found, frozenset())
    pipes = pipes_of(conduits, {one.asset for one in found if one.id in told})
    bores = {name: pipe.bore for name, pipe in pipes.items()}
    rows, open_ = list[Inspection](), set[str]()
    for one in found:
        facts, bore = told.get(one.id), bores.get(one.asset, float("nan"))
        rows.append(with_deposits(one, facts, bore) if facts else one)
        if facts and unjudged(one, facts, bore):
            open_.add(one.id)
    return Sounded(rows, frozenset(open_))


def _sonar(one: Inspection) -> bool:
    return one.looked_inside and not sees_structure(one.method)


def _profiles(
    store: Store, city: str, as_of: Moment | None, assets: Collection[str]
) -> dict[str, list[Handed]]:
    made: dict[str, list[Handed]] = {}
    for row in store.records(city, "handed", Handed, as_of=as_of, of=assets):
        if PROFILE in row.facts:
            made.setdefault(row.inspection, []).append(row)
    return made
