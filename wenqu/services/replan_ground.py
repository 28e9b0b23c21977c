"""From what is a programme made anew: what stands, what is known now, and what is otherwise than it was?"""

import json
import math
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from wenqu.errors import NotEnoughData
from wenqu.planning.announced import NONE, Announced
from wenqu.planning.costs import Catalogue, read_catalogue
from wenqu.planning.options import Options, Sites
from wenqu.planning.rules import Rules, default_rules, rules_from
from wenqu.records.programme import Programme
from wenqu.records.replan import Fact
from wenqu.services.city_state import CityState
from wenqu.services.contract_costs import contract_costs
from wenqu.services.effect_ledger import EffectLedger, effect_ledger, learned
from wenqu.services.learned_prices import PRICES, taught_prices
from wenqu.services.plan_assumptions import assumed_of
from wenqu.services.plan_city import RULES, gather_evidence
from wenqu.services.plan_particulars import with_loads
from wenqu.services.plan_sites import gather_sites
from wenqu.services.plan_waters import Evidence
from wenqu.services.plant_inflow import plant_inflows
from wenqu.services.programme_proof import PROOF, read_proof
from wenqu.services.replan_asked import Asked, assumed_effects, book_text, check_asked, patched_rules, priced
from wenqu.services.replan_facts import Now, Then, arriving, replan_facts
from wenqu.services.standing_works import StandingPipe, Works, standing_pipes, standing_works, without
from wenqu.store.database import Store


@dataclass(frozen=True, slots=True)
class Ground:
    """Everything a programme is made anew from."""

    base: Programme
    at: str  # ISO time at which the base was filed
    state: CityState
    book: Catalogue
    book_text: str | None
    rules: Rules
    known: Evidence
    works: Works
    sites: Sites  # without what stands
    first_open: int
    facts: tuple[Fact, ...]


def base_programme(store: Store, city: str) -> tuple[Programme, str]:
    """Return the programme that stands, and when it was filed.

    Raises
    ------
    NotEnoughData
        The city has no programme yet.
    """
    filed = store.filed(city, "programme", Programme)
    if not filed:
        raise NotEnoughData("no-programme", city=city)
    programme, filing = filed[-1]
    return programme, filing.at


def city_rules(store: Store, city: str, base: Programme, as_of: str | None = None) -> Rules:
    """Return the rules that the city has set, else the default ones for the years of its programme."""
    own = store.document(city, RULES, as_of)
    first = int(base.windows[0][:4]) if base.windows else datetime.now().astimezone().year + 1
    return default_rules(first) if own is None else rules_from(own.decode("utf-8-sig"), first)


def gather_ground(store: Store, city: str, asked: Asked) -> Ground:
    """Return what is known now, with what is asked to be otherwise, and how it differs from then.

    Raises
    ------
    NotEnoughData
        The city has no programme, or nothing to plan from.
    BadInput
        A price or a rule makes no sense.
    """
    check_asked(asked)
    base, at = base_programme(store, city)
    state = CityState(store.network(city))
    text = priced(book_text(store, city, PRICES), asked.prices)
    filed = effect_ledger(store, city)
    ledger = assumed_effects(filed, asked.failed)
    plain = read_catalogue(text)
    book = taught_prices(ledger, plain)
    rules = patched_rules(city_rules(store, city, base), asked.rules)
    known = gather_evidence(store, state)
    known = replace(known, plants=with_loads(store, state, known.plants, rules))
    sites = gather_sites(known, rules)
    first = first_open(store, state, rules)
    pipes = standing_pipes(store, state, accepted=asked.accepted, cancelled=asked.cancelled)
    inflows = plant_inflows(store, state)
    spans = {one.id: (one.since, one.until) for one in inflows}
    agreed = contract_costs(store, state, pipes)
    readings = spans, contractors(ledger, plain)
    works = standing_works(sites, pipes, base, (book, rules, first), readings, agreed)
    strengths = _strengths_then(store, city, base, at)
    then = Then(base, at, _book_then(store, city, at), strengths, _pipes_then(store, city, at),
                assumed_of(store, city, at))  # fmt: skip
    methods, _ = learned(ledger, plain)
    # a failure also moves methods that share a contractor or a verification with the one that failed
    before = {one.key: (one.a, one.b) for one in learned(filed, plain)[0]} if asked.failed else {}
    assumed = {one.key for one in methods if asked.failed and before.get(one.key) != (one.a, one.b)}
    now_ = Now(
        book, rules, known, pipes, first, {one.key: one.judged for one in methods}, frozenset(assumed), agreed
    )  # fmt: skip
    return Ground(
        base, at, state, book, text, rules, known, works, without(sites, works.assets), first,
        replan_facts(store, state, then, now_),
    )  # fmt: skip


def contractors(ledger: EffectLedger, book: Catalogue) -> dict[str, float]:
    """Return what each judged contractor reaches against the others. [-]"""
    return {one.key: one.mean for one in learned(ledger, book)[1]}


def first_open(store: Store, state: CityState, rules: Rules) -> int:
    """Return the first window in which works can still be finished: that of the day after the readings."""
    ends = [np.datetime64(str(entry.last)[:10]) for entry in store.series_index(state.network.city.code)]
    if not ends:
        return 0
    year = str(max(ends) + np.timedelta64(1, "D"))[:4]
    return sum(window[:4] < year for window in rules.windows)


def _book_then(store: Store, city: str, at: str) -> Catalogue:
    return taught_prices(effect_ledger(store, city, at), read_catalogue(book_text(store, city, PRICES, at)))


def _strengths_then(store: Store, city: str, base: Programme, at: str) -> dict[str, float]:
    """Return the BOD5 that arrived at each plant when a programme was made. [kg/m³]"""
    told = json.loads(base.rules or "{}").get("replan", {}).get("arriving")
    if told is not None:
        return {str(name): math.nan if value is None else float(value) for name, value in told.items()}
    content = store.document(city, PROOF, at)
    return {} if content is None else arriving(read_proof(content).plants)


def _pipes_then(store: Store, city: str, at: str) -> tuple[StandingPipe, ...]:
    return standing_pipes(store, CityState(store.network(city, as_of=at)))


def announced_of(ground: Ground, choices: Options) -> Announced:
    """Return what was announced in terms of the options there are now."""
    rules, first, standing = ground.rules, ground.first_open, ground.works.assets
    size = len(choices.package_ids)
    place = {str(name): row for row, name in enumerate(choices.package_ids)}
    option_of = {str(name): row for row, name in enumerate(choices.ids)}
    was = np.zeros(size, dtype=np.bool_)
    option, window = np.full(size, NONE, np.int64), np.full(size, NONE, np.int64)
    for measure in ground.base.measures:
        if measure.package not in place or (measure.asset_type == "conduit" and measure.asset in standing):
            continue
        row = place[measure.package]
        was[row] = True
        option[row] = option_of.get(measure.option, NONE)
        window[row] = rules.windows.index(measure.window) if measure.window in rules.windows else NONE
    return Announced(was, option, window, np.maximum(window, first))
