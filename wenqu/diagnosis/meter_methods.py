"""What do all methods say about one place, side by side?"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from wenqu.diagnosis.end_member_table import KINDS, Table
from wenqu.diagnosis.mixing import DECAYING, end_members, two_end_members
from wenqu.diagnosis.moving_minimum import moving_minimum
from wenqu.diagnosis.night_flow import Z90, night_flow
from wenqu.diagnosis.observation_rows import Sighting, flow_sd
from wenqu.diagnosis.plausibility import plausibility
from wenqu.diagnosis.triangle import triangle
from wenqu.diagnosis.water_balance import water_balance
from wenqu.errors import BadInput, NotEnoughData
from wenqu.issues import Issue, Weight
from wenqu.records.finding import Finding

TRIANGLE_DAYS = 300  # fewer days are no year


@dataclass(frozen=True, slots=True)
class Given:
    """What is known above one place beside its readings."""

    sewage: float  # [m³/s] expected
    sewage_sd: float  # [m³/s]
    night_factor: float  # [-] least hourly over mean sewage, after travel
    sewage_inputs: tuple[str, ...]  # what the sewage was made from
    table: Table
    table_input: str  # the end members' table with edition


@dataclass(frozen=True, slots=True)
class Stamp:
    """What every finding of a run carries."""

    version: str
    by: str
    at: str
    simulated: bool


def meter_findings(
    entry: Sighting, given: Given, stamp: Stamp
) -> tuple[tuple[Finding, ...], tuple[Issue, ...]]:
    """Return the extraneous water at one place by every method that its readings allow.

    Returns
    -------
    findings
        One for each method and quantity, with interval, inputs and notes.
    issues
        Methods that could not answer, with the reason.
    """
    made: list[Finding] = []
    issues: list[Issue] = []
    for method, key in METHODS.items():
        try:
            made.extend(method(entry, given, _base(entry, stamp)))
        except (NotEnoughData, BadInput) as error:
            facts: dict[str, object] = {"meter": entry.observer.id, "method": key}
            facts |= {"why": error.key, **error.facts}
            issues.append(
                Issue(
                    "diagnosis.method-silent",
                    Weight.NOTE,
                    entry.observer.type,
                    entry.observer.id,
                    facts=facts,
                )
            )
    checked = [
        replace(row, notes=row.notes + plausibility(row.value, entry.evidence.flow, entry.length))
        if row.quantity == "extraneous"
        else row
        for row in made
    ]
    return tuple(checked), tuple(issues)


def _base(entry: Sighting, stamp: Stamp) -> Finding:
    daily, dry = entry.evidence.daily, entry.evidence.dry
    days = daily.days[dry]
    flow = entry.observer.asset_of("flow")
    facts: dict[str, float | str] = {
        "dry_flow": entry.evidence.flow,
        "dry_days": float(entry.evidence.dry_days),
        "doubted": entry.evidence.doubted,
    }
    return Finding(
        entry.observer.type,
        entry.observer.id,
        "",
        "extraneous",
        math.nan,
        math.nan,
        math.nan,
        "m³/s",
        str(days[0]),
        str(days[-1]),
        (f"series:{flow}/flow",),
        ("diagnosis.note.dry-by-flow",) if entry.evidence.by_flow else (),
        stamp.version,
        stamp.by,
        stamp.at,
        stamp.simulated,
        facts,
    )


def _night_raw(entry: Sighting, _given: Given, base: Finding) -> Iterator[Finding]:
    seen = entry.evidence
    found = night_flow(seen.minima[seen.dry], meter_error=entry.observer.bias_error, daily_mean=seen.flow)
    facts = {**base.facts, "minimum": found.minimum, "nights": float(found.days)}
    yield replace(
        base, method="night_flow_raw", value=found.extraneous, low=found.low, high=found.high, facts=facts
    )


def _night_net(entry: Sighting, given: Given, base: Finding) -> Iterator[Finding]:
    seen = entry.evidence
    if given.sewage <= 0:
        raise NotEnoughData("no-water-use")
    night = given.night_factor * given.sewage
    found = night_flow(
        seen.minima[seen.dry],
        night,
        night_sewage_sd=float(np.hypot(given.night_factor * given.sewage_sd, 0.15 * night)),
        meter_error=entry.observer.bias_error,
        daily_mean=seen.flow,
    )
    facts = {
        **base.facts,
        "minimum": found.minimum,
        "night_sewage": night,
        "night_factor": given.night_factor,
    }
    yield replace(
        base,
        method="night_flow",
        value=found.extraneous,
        low=found.low,
        high=found.high,
        inputs=base.inputs + given.sewage_inputs,
        facts=facts,
    )


def _balance(entry: Sighting, given: Given, base: Finding) -> Iterator[Finding]:
    if given.sewage <= 0:
        raise NotEnoughData("no-water-use")
    found = water_balance(
        entry.evidence.flow, given.sewage, 1.0, dry_flow_sd=flow_sd(entry), water_use_sd=given.sewage_sd
    )
    yield replace(
        base,
        method="water_balance",
        value=found.extraneous,
        low=found.low,
        high=found.high,
        inputs=base.inputs + given.sewage_inputs,
        facts={**base.facts, "sewage": given.sewage, "share": found.share},
    )


def _triangle(entry: Sighting, given: Given, base: Finding) -> Iterator[Finding]:
    seen = entry.evidence
    days = int((~np.isnan(seen.daily.means)).sum())
    if given.sewage <= 0:
        raise NotEnoughData("no-water-use")
    if days < TRIANGLE_DAYS:
        raise NotEnoughData("days", days=days, least=TRIANGLE_DAYS)
    found = triangle(
        seen.daily.means,
        given.sewage,
        seen.dry_days,
        sewage_sd=given.sewage_sd,
        meter_error=entry.observer.bias_error,
    )
    known = seen.daily.days[~np.isnan(seen.daily.means)]
    yield replace(
        base,
        method="triangle",
        value=found.extraneous,
        low=found.low,
        high=found.high,
        since=str(known[0]),
        until=str(known[-1]),
        inputs=base.inputs + given.sewage_inputs,
        facts={**base.facts, "storm": found.storm, "foul": found.foul, "share": found.share},
    )


def _moving(entry: Sighting, given: Given, base: Finding) -> Iterator[Finding]:
    seen = entry.evidence
    if given.sewage <= 0:
        raise NotEnoughData("no-water-use")
    found = moving_minimum(
        seen.daily.means, given.sewage, sewage_sd=given.sewage_sd, meter_error=entry.observer.bias_error
    )
    yield replace(
        base,
        method="moving_minimum",
        value=found.extraneous,
        low=found.low,
        high=found.high,
        inputs=base.inputs + given.sewage_inputs,
        facts={**base.facts, "days": float(found.days), "share": found.share},
    )


def _two_waters(entry: Sighting, given: Given, base: Finding) -> Iterator[Finding]:
    tracers = entry.evidence.tracers
    if not tracers:
        raise NotEnoughData("no-tracers")
    flow, error = entry.evidence.flow, flow_sd(entry)
    for name, tracer in tracers.items():
        if ("sewage", name) not in given.table or ("groundwater", name) not in given.table:
            continue
        sewage, clean = given.table["sewage", name], given.table["groundwater", name]
        found = two_end_members(
            (tracer.mean, tracer.sd), (sewage.mean, sewage.sd), (clean.mean, clean.sd), tracer=name
        )
        sd = float(np.hypot(found.sd * flow, found.share * error))
        value = found.share * flow
        bound = ("diagnosis.note.upper-bound",) if found.upper_bound else ()
        notes = (f"diagnosis.note.tracer-{name}", *bound)
        facts = {
            **base.facts,
            "tracer": name,
            "reading": tracer.mean,
            "reading_sd": tracer.sd,
            "share": found.share,
        }
        yield replace(
            base,
            method="two_end_members",
            value=value,
            low=value - Z90 * sd,
            high=value + Z90 * sd,
            inputs=(*base.inputs, f"series:{entry.observer.asset_of(name)}/{name}", given.table_input),
            notes=base.notes + notes,
            facts=facts,
        )


def _waters(entry: Sighting, given: Given, base: Finding) -> Iterator[Finding]:
    tracers = entry.evidence.tracers
    names = [
        name
        for name in tracers
        if name not in DECAYING and all((kind, name) in given.table for kind in KINDS)
    ]
    if len(names) < 2:
        raise NotEnoughData("few-tracers", count=len(names), least=2)
    found = end_members(
        np.array([tracers[name].mean for name in names]),
        np.array([tracers[name].sd for name in names]),
        np.array([[given.table[kind, name].mean for name in names] for kind in KINDS]),
        np.array([[given.table[kind, name].sd for name in names] for kind in KINDS]),
    )
    flow, spread = entry.evidence.flow, 1 + Z90 * flow_sd(entry) / max(entry.evidence.flow, 1e-12)
    inputs = (
        *base.inputs,
        *(f"series:{entry.observer.asset_of(name)}/{name}" for name in names),
        given.table_input,
    )
    share = (1 - found.shares[0], 1 - found.high[0], 1 - found.low[0])
    parts = {"extraneous": share}
    parts |= {kind: (found.shares[k], found.low[k], found.high[k]) for k, kind in enumerate(KINDS) if k}
    for quantity, (value, low, high) in parts.items():
        yield replace(
            base,
            method="end_members",
            quantity=quantity,
            value=float(value * flow),
            low=float(low * flow / spread),
            high=float(high * flow * spread),
            inputs=inputs,
            facts={**base.facts, "tracers": " ".join(names), "misfit": found.misfit},
        )


METHODS: dict[Callable[[Sighting, Given, Finding], Iterator[Finding]], str] = {
    _night_raw: "night_flow_raw",
    _night_net: "night_flow",
    _balance: "water_balance",
    _triangle: "triangle",
    _moving: "moving_minimum",
    _two_waters: "two_end_members",
    _waters: "end_members",
}
