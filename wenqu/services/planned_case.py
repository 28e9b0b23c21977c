"""From what are a city's alternatives chosen: its options and rules as they are now, and its programme?"""

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from wenqu.errors import NotEnoughData
from wenqu.planning.chance import Sure, surely
from wenqu.planning.costs import Catalogue
from wenqu.planning.demands import problem_lengths
from wenqu.planning.doubts import Doubts
from wenqu.planning.options import Options, Sites, options
from wenqu.planning.rules import Rules, default_rules, rules_from
from wenqu.planning.verify import Choice
from wenqu.progress import Progress
from wenqu.records.programme import Programme
from wenqu.services.city_state import CityState
from wenqu.services.learned_prices import learned_prices, own_prices
from wenqu.services.plan_city import RULES, gather_evidence
from wenqu.services.plan_doubts import city_doubts
from wenqu.services.plan_particulars import with_loads, with_particulars
from wenqu.services.plan_sites import gather_sites
from wenqu.services.plan_waters import Evidence
from wenqu.store.database import Store


@dataclass(frozen=True, slots=True)
class PlannedCase:
    """Everything that alternatives of a programme are made from."""

    programme: Programme  # the one that stands
    state: CityState
    known: Evidence
    rules: Rules
    book: Catalogue
    sites: Sites
    options: Options
    lengths: dict[str, float]  # [m]
    doubts: Doubts
    seconds: float  # [s] for one run of the solver

    def solved(self, rules: Rules, start: Choice | None, progress: Progress) -> Sure:
        """Return the cheapest programme under some rules, their probability included."""
        return surely(
            self.options, self.known.plants, rules, self.doubts, probability=rules.probability,
            lengths=self.lengths, seconds=self.seconds, start=start, progress=progress,
        )  # fmt: skip

    def standing(self) -> Choice:
        """Return the programme that stands in terms of the options there are now."""
        place = {str(name): row for row, name in enumerate(self.options.ids)}
        at = {window: k for k, window in enumerate(self.rules.windows)}
        found = {
            place[row.option]: at[row.window]
            for row in self.programme.measures
            if row.option in place and row.window in at
        }
        rows = sorted(found)
        return Choice(np.array(rows, dtype=np.int64), np.array([found[row] for row in rows], dtype=np.int64))


def planned_case(store: Store, city: str, *, seconds: float = 60.0) -> PlannedCase:
    """Return what a city's alternatives are made from.

    Raises
    ------
    NotEnoughData
        The city has no programme, or neither grades nor a diagnosis.
    """
    made = store.records(city, "programme", Programme, last_run=True)
    if not made:
        raise NotEnoughData("no-programme", city=city)
    state = CityState(store.network(city))
    known = gather_evidence(store, state)
    own = store.document(city, RULES)
    first = int(made[-1].windows[0][:4]) if made[-1].windows else datetime.now().astimezone().year + 1
    rules = default_rules(first) if own is None else rules_from(own.decode("utf-8-sig"), first)
    book = learned_prices(store, city, own_prices(store, city))
    sites = gather_sites(known, rules)
    known = replace(known, plants=with_loads(store, state, known.plants, rules))
    choices = with_particulars(options(sites, book), sites, book, known, rules)
    doubts = city_doubts(store, state, known, sites, book)
    return PlannedCase(
        made[-1], state, known, rules, book, sites, choices, problem_lengths(choices), doubts, seconds
    )
