"""Which rows of a delivery are not their bringer's to let in? They wait for somebody who may."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from wenqu.issues import Issue, Weight
from wenqu.network.formats.reading import stacked
from wenqu.network.merging import amid
from wenqu.network.model import Assets, Network
from wenqu.network.staging import Strange
from wenqu.services.closed_assets import Closed, beyond_when_closed
from wenqu.services.rights import EDIT, Person, reach
from wenqu.services.sight import Mask, are_districts, districts_of, within

ELSEWHERE = "import.elsewhere"
SURVEYS, FIELDMAPS = "survey/", "fieldmap/"  # documents that remember what a survey delivered, and how
NEEDED = ("import", *EDIT)  # what it takes to let an asset in


def survey_of(person: Person, city: str, name: str) -> str:
    """Return the name under which a survey is known again: of one who brings a part it is their own."""
    return name if brings_all(person, city) else f"{person.account} {name}"


def may_file(person: Person, name: str, content: bytes, standing: bytes | None) -> bool:
    """Tell whether a document of a delivery may be kept with a part of a city.

    That is what remembers their own survey, and a field map where none is known: nothing that stands for
    the whole city, such as a model, and nothing that somebody else relies on.
    """
    own = name.startswith(f"{SURVEYS}{person.account} ")
    return own or (name.startswith(FIELDMAPS) and standing in {None, content})


def brings_all(person: Person, city: str) -> bool:
    """Tell whether a person may let anything into a city."""
    return all(reach(person, action, city).whole for action in NEEDED)


def strange_rows(
    person: Person, before: Network, closed: Callable[[Iterable[str]], Closed] = lambda _ids: ()
) -> Strange:
    """Return what finds the delivered assets that a person may not let in, or not change.

    Where a district lies is read from the city as it is, never from what is delivered: no delivery makes
    its bringer's district larger.

    Parameters
    ----------
    closed
        Return the assets with some ids that are there no more.
    """

    def found(whole: Network, ours: Mapping[str, set[str]]) -> Iterator[Issue]:
        if brings_all(person, before.city.code):
            return
        judged, borders = _within_borders(whole, before)
        districts, called = districts_of(judged), _names(before.table("zone"))
        fine, fine_before = _fine(person, judged), _fine(person, before)
        beyond = {
            id_ for name, table in before.tables.items() for id_ in table.ids[~fine_before[name]].tolist()
        }
        new_ids = {id_ for name, ids in ours.items() for id_ in ids if before.known_row(name, id_) is None}
        places = [reach(person, action, before.city.code) for action in NEEDED]
        beyond |= beyond_when_closed(before, closed(sorted(new_ids)), *places)
        for type_, ids in ours.items():
            table, old = judged.table(type_), before.table(type_)
            new = ids - set(old.ids.tolist())
            taken = set(old.ids[~fine_before[type_]].tolist()) if type_ in fine_before else set()
            taken |= new & beyond  # what was said of others by its id alone would be said of it too
            taken |= borders if type_ == "zone" else set()
            good = set(table.ids[fine[type_]].tolist()) - taken
            place = dict(zip(table.ids.tolist(), districts[type_].tolist(), strict=True))
            for id_ in sorted(ids - good):
                district = place.get(id_) or "-"
                facts: dict[str, object] = {"district": called.get(district, district)}
                yield Issue(ELSEWHERE, Weight.BLOCK, type_, id_, facts=facts)

    return found


def _names(zones: Assets) -> dict[str, str]:
    """Return what the zones are called, by id."""
    names = zip(zones.ids.tolist(), zones.column("name").tolist(), strict=True)
    return {str(id_): str(name) for id_, name in names if name}


def _within_borders(whole: Network, before: Network) -> tuple[Network, set[str]]:
    """Return a network with the districts of another one, and their ids."""
    known, new = before.table("zone"), whole.table("zone")
    fixed = known.take(are_districts(known))
    other = new.take(~are_districts(new) & ~amid(new, fixed.ids))
    zones = stacked(fixed, other) if len(other) else fixed
    return replace(whole, tables={**whole.tables, "zone": zones}), set(fixed.ids.tolist())


def _fine(person: Person, network: Network) -> dict[str, Mask]:
    """Return by type which assets a person may let in."""
    districts = districts_of(network)
    places = [reach(person, action, network.city.code) for action in NEEDED]
    return {
        name: np.logical_and.reduce([within(table, districts[name], one) for one in places])
        for name, table in network.tables.items()
    }
