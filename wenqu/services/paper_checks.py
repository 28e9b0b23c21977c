"""What does a paper say of how planned works will be proved: which meter, which null band, from when?"""

import math
from collections.abc import Sequence

from wenqu.records.programme import Measure
from wenqu.reports.paper import Cell, Grid, Words
from wenqu.services.city_state import CityState
from wenqu.services.paper_draft import Draft, From, figure_only
from wenqu.services.planned_checks import (
    Proposed,
    Registered,
    ledger_of,
    proposed_checks,
    registered_above,
    registered_in,
)
from wenqu.store.database import Store


def checks_part(
    store: Store,
    state: CityState,
    measures: Sequence[Measure],
    draft: Draft,
    *,
    plant: str = "",
    district: str = "",
) -> None:
    """Write how it will be seen whether the works worked."""
    found = registered_above(store, state, plant) if plant else registered_in(store, state, district)
    taken = {one.asset for one in ledger_of(store, state).verifications.values()}
    offered = proposed_checks(store, state, measures, taken) if measures else ()
    blocks: list[Words | Grid] = [draft.words("checks", "plant.checks" if plant else "district.checks")]
    blocks.append(
        _registered(found, draft) if found else draft.missing("registered", "plant.none_registered")
    )
    if offered:
        blocks.append(_offered(state, offered, draft))
    elif measures:
        blocks.append(draft.missing("offered", "plant.none_offered"))
    draft.part("checks", *blocks)


def _registered(found: Sequence[Registered], draft: Draft) -> Grid:
    rows: list[tuple[Cell, ...]] = []
    for one in found:
        terms, verdict = one.terms, one.verdict
        source = From(
            draft.say("from.verification", id=terms.id),
            1,
            draft.say("formula.band"),
            link=f"works?tab=effects&row={terms.id}",
        )
        limit = draft.cite(
            f"check.{terms.id}", draft.say("fact.band", meter=terms.asset), terms.threshold, "%", source
        )
        said = draft.say("check.open") if verdict is None else draft.say(f"check.{verdict.verdict}")
        change = None
        if verdict is not None and math.isfinite(verdict.change):
            change = figure_only(
                draft.cite(
                    f"check.{terms.id}.change",
                    draft.say("fact.change", meter=terms.asset),
                    verdict.change,
                    "%",
                    source,
                    low=verdict.low,
                    high=verdict.high,
                )
            )
        rows.append((terms.name, terms.asset, terms.begins, terms.dry_days, figure_only(limit), change, said))
    columns = (
        ("check", 1.6, False),
        ("meter", 1.0, False),
        ("begins", 1.0, False),
        ("dry_days", 0.7, True),
        ("band", 1.0, True),
        ("seen_change", 1.4, True),
        ("verdict", 1.2, False),
    )
    return draft.grid("registered", columns, rows, units={"band": "%", "seen_change": "%"})


def _offered(state: CityState, offered: Sequence[Proposed], draft: Draft) -> Grid:
    rows: list[tuple[Cell, ...]] = []
    meters = state.network.table("meter")
    names = dict(zip(meters.ids.tolist(), meters.column("name").tolist(), strict=True))
    for one in offered:
        source = From(
            draft.say("from.history", meter=one.meter),
            0,
            draft.say("formula.band"),
            link="works?tab=effects",
        )
        expected = draft.cite(
            f"offer.{one.meter}.expected",
            draft.say("fact.expected", meter=one.meter),
            -one.removed / one.flow if one.flow > 0 else math.nan,
            "%",
            source,
        )
        band = None
        if not one.why:
            band = figure_only(
                draft.cite(
                    f"offer.{one.meter}", draft.say("fact.band", meter=one.meter), one.threshold, "%", source
                )
            )
        rows.append(
            (
                str(names.get(one.meter) or one.meter),
                one.begins or None,
                figure_only(expected),
                band,
                one.dry_days or None,
                draft.say(f"offer.{one.why}") if one.why else draft.say("offer.can", days=one.days),
            )
        )
    columns = (
        ("meter", 1.2, False),
        ("begins", 1.0, False),
        ("expected", 1.0, True),
        ("band", 1.0, True),
        ("dry_days", 0.8, True),
        ("remark", 2.4, False),
    )
    return draft.grid("offered", columns, rows, units={"expected": "%", "band": "%"})
