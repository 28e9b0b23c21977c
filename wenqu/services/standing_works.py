"""Which works of a city stand: finished, accepted or under contract? Each with its effect, counted once."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from wenqu.planning.costs import Catalogue, Method, works_cost
from wenqu.planning.options import Sites, effects, fit, quantities
from wenqu.planning.rest import BEFORE, Standing, shown
from wenqu.planning.rules import Rules
from wenqu.records.programme import Measure, Programme
from wenqu.records.project import Lot, Project
from wenqu.services.city_state import CityState
from wenqu.services.plant_inflow import plant_inflows
from wenqu.services.replan_asked import lot_name
from wenqu.services.standing_acceptances import standings
from wenqu.services.works_ledger import works_ledger
from wenqu.store.database import Store

ACCEPTED, BUILT, CONTRACT = "accepted", "built", "contract"
FIXED = "fixed:"  # reason of a measure that stands: fixed:<status>:<project>/<lot>
CONDUIT = "conduit"
NO_PLANT = ("", "")
NOTHING_AGREED: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class StandingPipe:
    """One pipe whose works stand."""

    asset: str  # as it is called now
    planned: str  # as it was called when it was taken into the lot
    lot: str  # project/lot
    status: str  # ACCEPTED, BUILT, CONTRACT
    method: str
    finished: str  # ISO date, "" while it is not
    due: str  # ISO date by which it is to be, "" unknown
    contractor: str
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Works:
    """The works that stand, as measures of the programme and as sums."""

    measures: tuple[Measure, ...]
    standing: Standing
    pipes: tuple[StandingPipe, ...]

    @property
    def assets(self) -> frozenset[str]:
        """Return the conduits that are not chosen again."""
        return frozenset(one.asset for one in self.pipes)


def contractor_of(project: Project, lot: Lot) -> str:
    """Return who carries a lot out, "" when it was not let yet."""
    return next((one.body for one in project.answerable(lot) if one.role == "contractor"), "")


def standing_pipes(
    store: Store, state: CityState, *, accepted: Collection[str] = (), cancelled: Collection[str] = ()
) -> tuple[StandingPipe, ...]:
    """Return the pipes whose works stand.

    Parameters
    ----------
    accepted, cancelled
        Lots (project/lot) that are taken for accepted, or for cancelled, whatever the ledger says.
    """
    ledger = works_ledger(store, state)
    stands = standings(store, state)
    day = _last_day(store, state)
    found = []
    for asset, (project, lot, work) in ledger.places().items():
        name, who = lot_name(project.id, lot.id), contractor_of(project, lot)
        word = stands.get(asset)
        built = ledger.built(asset)
        finished = built.date[:10] if built else ""
        if word is not None and not word.until:
            status, finished = ACCEPTED, finished or word.acceptance.date[:10]
        elif name in accepted:
            status, finished = ACCEPTED, finished or day
        elif name in cancelled:
            continue
        elif built is not None and not built.removed:
            status = BUILT
        elif who:
            status = CONTRACT
        else:
            continue
        method = built.method if built and built.method else work.method
        assumed = name in accepted and (word is None or bool(word.until))
        found.append(
            StandingPipe(asset, work.conduit, name, status, method, finished, project.ends, who, assumed)
        )
    return tuple(sorted(found, key=lambda one: (one.lot, one.asset)))


def _last_day(store: Store, state: CityState) -> str:
    ends = [one.until for one in plant_inflows(store, state) if one.until]
    return max(ends, default="")


def standing_works(
    sites: Sites,
    pipes: tuple[StandingPipe, ...],
    announced: Programme | None,
    terms: tuple[Catalogue, Rules, int],
    readings: tuple[Mapping[str, tuple[str, str]], Mapping[str, float]],
    agreed: Mapping[str, float] = NOTHING_AGREED,
) -> Works:
    """Return cost, metres and effect of the works that stand.

    A pipe costs what its contract says. Without one what was announced of it is taken from the programme; of
    any other it is worked out from the method of its lot at today's prices. What works do comes from the same
    table, so that a verdict on a method counts for the works that are not in the readings yet too.

    Parameters
    ----------
    terms
        Price table, rules, and place of the first window in which works can still be finished.
    readings
        First and last day of the readings of each plant, and what each contractor reaches against others.
    agreed
        What pipes cost by the contracts of their lots. [yuan]
    """
    book, rules, first = terms
    spans, contractors = readings
    methods = {one.key: one for one in book.methods}
    rows = {str(sites.ids[row]): int(row) for row in np.flatnonzero(sites.kind == CONDUIT)}
    said = {
        one.asset: one
        for one in (announced.measures if announced else ())
        if one.asset_type == CONDUIT
        and one.package.split(":")[0] not in {"river", "area", "industry", "blank"}
    }
    made, parts = [], []
    for pipe in pipes:
        row = rows.get(pipe.asset)
        told = said.get(pipe.asset) or said.get(pipe.planned)
        method = methods.get(pipe.method)
        measure = _measure(sites, row, pipe, (told, method))
        measure = replace(measure, cost=agreed.get(pipe.asset, measure.cost))
        window = _window(rules, pipe, told, first)
        reach = contractors.get(pipe.contractor, 1.0)
        left = 1.0 - (shown(pipe.finished, *spans.get(measure.plant, NO_PLANT)) if pipe.finished else 0.0)
        clean = measure.flow_removed * reach
        length = measure.length if _bad(sites, row, told) else 0.0
        parts.append(
            (measure.plant, measure.district, window, measure.cost, _days(method, measure), length,
             -clean * left, (measure.load_gained - rules.clean_bod * clean) * left)
        )  # fmt: skip
        name = rules.windows[max(window, 0)]
        made.append(replace(measure, window=name, flow_removed=clean))
    standing = replace(
        _standing(parts),
        names=tuple(frozenset({one.package, one.asset}) for one in made),
        methods=tuple(one.method for one in made),
    )
    return Works(tuple(made), standing, pipes)


def _measure(
    sites: Sites,
    row: int | None,
    pipe: StandingPipe,
    said: tuple[Measure | None, Method | None],
) -> Measure:
    """Return a standing pipe as a measure: by its site and method today, else as it was announced."""
    told, method = said
    reasons = (f"{FIXED}{pipe.status}:{pipe.lot}", *(told.reasons if told else ()))
    reasons = tuple(dict.fromkeys(reasons))
    if row is None or method is None:
        if told is not None:
            return replace(told, asset=pipe.asset, reasons=reasons)
        return Measure(
            f"{pipe.asset}:{pipe.method}", pipe.asset, CONDUIT, pipe.asset, pipe.method, "", 0.0, 0.0, "", "",
            0.0, 0.0, reasons,
        )  # fmt: skip
    one = _only(sites, row)
    fits = not fit(one, method)[0]
    cost = (
        float(works_cost(method, quantities(one, method), one.diameter, one.depth)[0]) + method.mobilisation
    )
    clean = float(effects(one, method)[0][0]) if fits else 0.0
    if told is not None and told.method == method.key:
        cost = told.cost  # what was announced of it, mobilisation shared as it was
    return Measure(
        told.option if told else f"{sites.package[row]}:{method.key}", str(sites.package[row]), CONDUIT,
        pipe.asset, method.key, "", cost if math.isfinite(cost) else 0.0, float(sites.length[row]),
        str(sites.district[row]), str(sites.plant[row]), clean, 0.0,
        tuple(dict.fromkeys((*reasons, *sites.reasons[row]))), float(quantities(one, method)[0]),
    )  # fmt: skip


def _only(sites: Sites, row: int) -> Sites:
    """Return one site alone."""
    return taken(sites, np.array([row], dtype=np.int64))


def taken(sites: Sites, rows: npt.NDArray[np.int64]) -> Sites:
    """Return some of the sites."""
    columns = {
        name: getattr(sites, name)[rows]
        for name in Sites.__dataclass_fields__
        if name not in {"traits", "reasons"} and isinstance(getattr(sites, name), np.ndarray)
    }
    traits = {name: column[rows] for name, column in sites.traits.items()}
    return replace(sites, **columns, traits=traits, reasons=tuple(sites.reasons[row] for row in rows))


def without(sites: Sites, assets: Collection[str]) -> Sites:
    """Return the sites that are not the conduits whose works stand."""
    gone = (sites.kind == CONDUIT) & np.array([name in assets for name in sites.ids], dtype=np.bool_)
    return taken(sites, np.flatnonzero(~gone))


def _window(rules: Rules, pipe: StandingPipe, told: Measure | None, first: int) -> int:
    """Return the window in which works were or will be finished."""
    if pipe.finished:
        year = pipe.finished[:4]
        ended = [k for k, window in enumerate(rules.windows) if window[:4] <= year]
        return ended[-1] if ended else BEFORE
    if told is not None and told.window in rules.windows:
        return max(rules.windows.index(told.window), first)
    by = [k for k, window in enumerate(rules.windows) if window[:4] >= pipe.due[:4]] if pipe.due else []
    return max(by[0] if by else first, first)


def _bad(sites: Sites, row: int | None, told: Measure | None) -> bool:
    """Tell whether a pipe counts in the bad length: it does today, or did when it was announced."""
    if row is not None and bool(sites.problem[row]):
        return True
    return told is not None and any(reason.startswith("grade:") for reason in told.reasons)


def _days(method: Method | None, measure: Measure) -> float:
    if method is None:
        return 0.0
    units = measure.units or (measure.length if method.price_per == "m" else 1.0)
    return method.crew_days_fixed + method.crew_days * units


def _standing(parts: list[tuple[str, str, int, float, float, float, float, float]]) -> Standing:
    columns = list(zip(*parts, strict=True)) if parts else [()] * 8
    plant, district, window, cost, days, length, flow, load = columns
    return Standing(
        np.array(plant, dtype=object),
        np.array(district, dtype=object),
        np.array(window, dtype=np.int64),
        np.array(cost, dtype=np.float64),
        np.array(days, dtype=np.float64),
        np.array(length, dtype=np.float64),
        np.array(flow, dtype=np.float64),
        np.array(load, dtype=np.float64),
    )
