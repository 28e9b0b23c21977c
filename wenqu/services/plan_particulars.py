"""What do the further conditions of a programme need to know of a city's options and plants?"""

from dataclasses import replace

import numpy as np

from wenqu.planning.costs import Catalogue
from wenqu.planning.options import Options, Sites
from wenqu.planning.particulars import Floats, Ints, Particulars
from wenqu.planning.plants import Plants
from wenqu.planning.rules import Rules
from wenqu.services.city_state import CityState
from wenqu.services.plan_waters import Evidence, sewage_concentration, texts
from wenqu.services.plant_inflow import plant_concentrations
from wenqu.store.database import Store


def with_loads(store: Store, state: CityState, plants: Plants, rules: Rules) -> Plants:
    """Return the plants with the loads of the pollutants that the rules speak of; NaN where none was read."""
    loads = {}
    for pollutant in rules.pollutants:
        found = plant_concentrations(store, state, pollutant)
        loads[pollutant] = plants.flow * np.array([found.get(str(name), np.nan) for name in plants.ids])
    return replace(plants, loads=loads)


def with_particulars(made: Options, sites: Sites, book: Catalogue, known: Evidence, rules: Rules) -> Options:
    """Return the options with streets, assets, money and days by method, and loads of other pollutants.

    Parameters
    ----------
    made, sites, book
        The options as they were made from sites and price table.
    known
        Network, and plants with the loads of the pollutants (`with_loads`).
    rules
        Name the pollutants, and say what clean water holds of each.
    """
    conduits = known.network.table("conduit")
    road = dict(zip(texts(conduits.ids), texts(conduits.column("road")), strict=True))
    place = {str(name): row for row, name in enumerate(made.package_ids)}
    members: list[list[str]] = [[] for _ in place]
    street = [""] * len(place)
    for package, id_, type_ in zip(sites.package, sites.ids, sites.asset_type, strict=True):
        row = place[str(package)]
        members[row].append(str(id_))
        if type_ == "conduit":
            street[row] = street[row] or road.get(str(id_), "")
    start, method, cost, days = _by_method(made, book)
    loads = {name: _load(made, known, rules, name) for name in rules.pollutants}
    keys = np.array([entry.key for entry in book.methods], dtype=object)
    return replace(
        made,
        particulars=Particulars(
            np.array(street, dtype=object),
            tuple(tuple(dict.fromkeys(names)) for names in members),
            start,
            keys[method] if len(method) else np.empty(0, dtype=object),
            cost,
            days,
            loads,
        ),
    )


def _by_method(made: Options, book: Catalogue) -> tuple[Ints, Ints, Floats, Floats]:
    """Return the parts of every option summed by method: starts, method, cost and crew-days of each."""
    count = max(len(book.methods), 1)
    option = np.repeat(np.arange(len(made)), np.diff(made.part_start))
    pairs, place = np.unique(option * count + made.part_method, return_inverse=True)
    start = np.searchsorted(pairs // count, np.arange(len(made) + 1)).astype(np.int64)
    cost = np.bincount(place, made.part_cost, len(pairs)).astype(np.float64)
    days = np.bincount(place, made.part_days, len(pairs)).astype(np.float64)
    return start, (pairs % count).astype(np.int64), cost, days


def _load(made: Options, known: Evidence, rules: Rules, pollutant: str) -> Floats:
    """Return what every option adds to the load of a pollutant at its plant. [kg/s] (o,)"""
    clean = rules.clean_others[pollutant]
    arriving = sewage_concentration(known, known.plants.load_of(pollutant), clean)
    of_plant = dict(zip(known.plants.ids, arriving, strict=True))
    option = np.repeat(np.arange(len(made)), np.diff(made.part_start))
    sewage = np.array([of_plant.get(name, 0.0) for name in made.plant], dtype=np.float64)
    each = sewage[made.package[option]] * made.part_sewage - clean * made.part_clean
    return np.bincount(option, each, len(made)).astype(np.float64)
