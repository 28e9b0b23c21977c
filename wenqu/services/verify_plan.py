"""Does a filed programme hold, line by line? Recomputed from its stored proof, without a solver."""

import json
import math
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np

from wenqu.errors import NotEnoughData, Unknown
from wenqu.messages import say
from wenqu.records.programme import Measure, Programme
from wenqu.services.city_state import CityState
from wenqu.services.programme_proof import PROOF, Proof, judge, read_proof
from wenqu.services.scope_names import scope_names
from wenqu.services.standing_works import FIXED
from wenqu.services.verify_certificate import row_sentence
from wenqu.services.wording_plan import verdict_sentence
from wenqu.services.write_certificate import checked_proof
from wenqu.store.database import Store
from wenqu.units import from_si

TOLERANCE = 1e-6  # [-] of a number that is the same
TOLD = 50  # lines that are named


def verify_plan(store: Store, state: CityState, language: str, programme: str = "") -> dict[str, Any]:
    """Judge a programme that was filed: every line against the proof, every rule, the sums and the bound.

    Where the proof has prices its certificate is recomputed too (`check_rows`); its bound is what they prove.

    Raises
    ------
    NotEnoughData
        The city has no programme, or this one came without a proof.
    Unknown
        There is no such programme.
    """
    city = state.network.city.code
    made, at = filed_programme(store, city, programme)
    content = proof_of(store, city, made.id, at)
    lines = list(wrong_lines(made, content))
    said = judge(content)
    relaxed = made.status == "infeasible"
    broken = [one for one in said.verdicts if not one.holds]
    sums = list(_wrong_sums(made, content))
    proved = None if relaxed or content.grounds is None else checked_proof(content)
    faults = [] if proved is None else [row_sentence(one, language) for one in proved["faults"]]
    names = scope_names(state, language)
    return {
        "programme": made.id,
        "holds": not lines and not sums and not faults and (relaxed or not broken),
        "status": made.status,
        "cost": made.cost,
        "bound": made.bound,
        "checked": {"lines": len(made.measures), "rules": len(said.verdicts)},
        "lines": [_line_told(one, language) for one in lines[:TOLD]],
        "more": max(len(lines) - TOLD, 0),
        "rules": [_rule_told(one, language, names) for one in broken],
        "sums": [*(say(f"replan.verify.{name}", language, **facts) for name, facts in sums), *faults],
        "certificate": None if proved is None else {"bound": proved["bound"], "cost": proved["cost"]},
    }


def filed_programme(store: Store, city: str, programme: str = "") -> tuple[Programme, str]:
    """Return a programme that was filed, the last one when none is named, and when it was.

    Raises
    ------
    NotEnoughData
        The city has no programme.
    Unknown
        There is no such programme.
    """
    filed = store.filed(city, "programme", Programme)
    if not filed:
        raise NotEnoughData("no-programme", city=city)
    found = next((pair for pair in reversed(filed) if programme in {"", pair[0].id}), None)
    if found is None:
        raise Unknown("programme", name=programme)
    return found[0], found[1].at


def proof_of(store: Store, city: str, programme: str, at: str) -> Proof:
    """Return the proof that was filed with a programme.

    Raises
    ------
    NotEnoughData
        It came without one.
    """
    for moment in (at, None):
        content = store.document(city, PROOF, moment)
        proof = None if content is None else read_proof(content)
        if proof is not None and proof.programme == programme:
            return proof
    raise NotEnoughData("no-proof", programme=programme)


def wrong_lines(programme: Programme, proof: Proof) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the lines of a programme that are not as they were proved.

    Lines of what stands are held against the list that was filed with the programme, chosen ones against the
    options, windows and costs of the proof.
    """
    fixed = [one for one in programme.measures if any(why.startswith(FIXED) for why in one.reasons)]
    free: defaultdict[str, list[Measure]] = defaultdict(list)
    for one in programme.measures:
        if one not in fixed:
            free[one.option].append(one)
    listed = json.loads(programme.rules or "{}").get("replan", {}).get("standing", [])
    yield from _wrong_fixed(fixed, listed)
    rows = {str(name): row for row, name in enumerate(proof.options.ids)}
    chosen = dict(zip(proof.choice.options.tolist(), proof.choice.windows.tolist(), strict=True))
    for option, measures in free.items():
        row = rows.get(option)
        asset = measures[0].asset
        if row is None or row not in chosen:
            yield "unproved", {"option": option, "asset": asset}
            continue
        window = proof.rules.windows[chosen[row]]
        for one in measures:
            if one.window != window:
                yield "window", {"option": option, "asset": one.asset, "said": one.window, "proved": window}
        for name, told, proved in (
            ("cost", sum(one.cost for one in measures), float(proof.options.cost[row])),
            ("load", sum(one.load_gained for one in measures), float(proof.options.sewage_load[row])),
            *_clean(measures, proof, row),
        ):
            if not _same(told, proved):
                yield name, {"option": option, "asset": asset, "said": told, "proved": proved}
    for row in chosen.keys() - {rows[name] for name in free if name in rows}:
        yield "missing", {"option": str(proof.options.ids[row]), "asset": ""}


def _clean(measures: list[Measure], proof: Proof, row: int) -> list[tuple[str, float, float]]:
    """Return the clean water of an option that brings no sewage back: its flow says it."""
    if proof.options.sewage_load[row]:
        return []
    return [("flow", sum(one.flow_removed for one in measures), -float(proof.options.flow[row]))]


def _wrong_fixed(fixed: list[Measure], listed: list[list[Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    told = {str(asset): (str(window), float(cost)) for _, asset, window, cost in listed}
    for one in fixed:
        known = told.pop(one.asset, None)
        if known is None:
            yield "unproved", {"option": one.option, "asset": one.asset}
        elif one.window != known[0]:
            yield "window", {"option": one.option, "asset": one.asset, "said": one.window, "proved": known[0]}
        elif not _same(one.cost, known[1]):
            yield "cost", {"option": one.option, "asset": one.asset, "said": one.cost, "proved": known[1]}
    for asset in told:
        yield "missing", {"option": "", "asset": asset}


def _same(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=1e-12)


def _wrong_sums(programme: Programme, proof: Proof) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield sums that are not those of the lines, and a bound that was not proved."""
    windows = {name: k for k, name in enumerate(programme.windows)}
    age = np.array([windows.get(one.window, 0) for one in programme.measures])
    cost = np.array([one.cost for one in programme.measures])
    total = float(np.sum(cost * (1 + proof.rules.discount) ** -age)) if len(cost) else 0.0
    if not _same(total, programme.cost):
        yield "cost", {"said": programme.cost, "found": total}
    done = sum(one.cost for one in programme.measures if any(why.startswith(FIXED) for why in one.reasons))
    if not math.isclose(programme.bound, proof.bound + done, rel_tol=TOLERANCE, abs_tol=1.0):
        yield "bound", {"said": programme.bound, "found": proof.bound + done}
    if programme.bound > programme.cost * (1 + TOLERANCE):
        yield "above", {"said": programme.bound, "found": programme.cost}


def _line_told(line: tuple[str, dict[str, Any]], language: str) -> dict[str, Any]:
    name, facts = line
    shown = dict(facts)
    if name in {"flow", "load"}:
        unit = {"flow": "m³/d", "load": "kg/d"}[name]
        shown |= {key: from_si(facts[key], unit) for key in ("said", "proved")}
    return {
        "asset": facts["asset"], "option": facts["option"],
        "said": say(f"replan.verify.line-{name}", language, **shown),
    }  # fmt: skip


def _rule_told(one: Any, language: str, names: dict[str, str]) -> str:
    row = {name: getattr(one, name) for name in ("rule", "scope", "window", "demanded", "reached", "unit")}
    return verdict_sentence(row, language, names)
