"""How is a city's programme made anew: what stands stays, what is new counts, and little is changed?"""

import hashlib
import json
import math
import secrets
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from wenqu.planning.announced import Replanned, replan
from wenqu.planning.demands import problem_lengths
from wenqu.planning.options import Options, options
from wenqu.planning.rest import Rest, in_whole_terms, rest_of, whole_outlook
from wenqu.planning.rules import rules_text
from wenqu.planning.verify import Choice, Verdict
from wenqu.progress import Progress, silent
from wenqu.records.programme import Measure, PlantOutlook, Programme
from wenqu.records.replan import Replan
from wenqu.services.drawn_chance import MEDIA, chance_document, drawn_chance
from wenqu.services.plan_city import measures_of
from wenqu.services.plan_doubts import city_doubts
from wenqu.services.plan_particulars import with_particulars
from wenqu.services.programme_proof import PROOF_MEDIA, Proof, proof_document
from wenqu.services.replan_asked import (
    Asked,
)
from wenqu.services.replan_facts import arriving
from wenqu.services.replan_ground import Ground, announced_of, gather_ground
from wenqu.store.database import Store

REPLAN = "replan"  # kind of record
FOLDER = "replan/"  # documents of a proposal


def replan_city(
    store: Store, city: str, asked: Asked, *, who: str, seconds: float = 60.0, progress: Progress = silent
) -> Replan:
    """Make a city's programme anew and keep it as a proposal; the programme that stands is not touched.

    Parameters
    ----------
    asked
        What is to be otherwise.
    seconds
        Longest time of the solver for one model; two models are solved. [s]

    Raises
    ------
    NotEnoughData
        The city has no programme, or nothing to plan from.
    BadInput
        A price or a rule makes no sense.
    """
    ground = gather_ground(store, city, asked)
    progress(0.15)
    choices = with_particulars(
        options(ground.sites, ground.book), ground.sites, ground.book, ground.known, ground.rules
    )
    mendable = problem_lengths(choices)
    standing = ground.works.standing
    rest = rest_of(ground.rules, ground.known.plants, mendable, standing, ground.first_open)
    announced = announced_of(ground, choices)
    doubts = city_doubts(store, ground.state, ground.known, ground.sites, ground.book)
    found = replan(
        choices,
        rest,
        announced,
        doubts=doubts if ground.rules.probability > 0.5 else None, seconds=seconds,
        progress=lambda share, _what: progress(0.15 + 0.75 * share),
    )  # fmt: skip
    programme = _programme(ground, choices, rest, found, who)
    made = Replan(
        secrets.token_hex(6), ground.base.id, programme, ground.facts, json.dumps(asdict(asked)),
        found.change_price, tuple(json.dumps(asdict(one)) for one in found.keeping), found.keeping_cost,
        rest.overdue, asked.assumes, programme.at, who, programme.simulated,
    )  # fmt: skip
    proof = Proof(
        programme.id,
        choices,
        rest.plants,
        rest.rules,
        found.plan.choice,
        rest.lengths,
        found.plan.bound,
        None if found.plan.status == "infeasible" else found.plan.grounds,
    )
    chance = drawn_chance(
        (programme.id, programme.at), (choices, rest.plants, rest.rules, doubts), found.plan.choice
    )
    with store.change(city, who=who, why=f"replan {made.id}") as change:
        change.add_records(REPLAN, [made])
        change.write_document(f"{FOLDER}{made.id}/proof.parquet", proof_document(proof), PROOF_MEDIA)
        change.write_document(
            f"{FOLDER}{made.id}/rules.json", rules_text(ground.rules).encode(), "application/json"
        )
        change.write_document(f"{FOLDER}{made.id}/chance.json", chance_document(chance), MEDIA)
        if asked.prices and ground.book_text is not None:
            change.write_document(f"{FOLDER}{made.id}/catalogue.csv", ground.book_text.encode(), "text/csv")
    progress(1.0)
    return made


def _programme(ground: Ground, choices: Options, rest: Rest, found: Replanned, who: str) -> Programme:
    """Return the whole programme: what stands and the rest."""
    plan, standing = found.plan, ground.works.standing
    at = datetime.now().astimezone().isoformat(timespec="seconds")
    done = float(standing.cost.sum())
    cost, bound = done + plan.cost, done + plan.bound
    missed = in_whole_terms(plan.relaxed, ground.rules, rest, standing)
    said = _rules_said(ground, rest, found, missed)
    measures = (
        *ground.works.measures,
        *measures_of(ground.sites, choices, ground.book, ground.rules, plan),
    )
    chosen = ",".join(f"{one.option}@{one.window}" for one in measures)
    name = f"{at[:10]}-{hashlib.sha256((said + chosen + at).encode()).hexdigest()[:8]}"
    return Programme(
        name, "infeasible" if missed else plan.status, measures, _outlook(ground, choices, plan.choice),
        ground.rules.windows, cost, bound, (cost - bound) / cost if cost > 0 else 0.0, plan.seconds, said,
        ground.book.edition, ground.state.network.city.simulated, at, who,
    )  # fmt: skip


def _outlook(ground: Ground, choices: Options, choice: Choice) -> tuple[PlantOutlook, ...]:
    plants = ground.known.plants
    seen = whole_outlook(choices, plants, ground.rules, choice, ground.works.standing)
    return tuple(
        PlantOutlook(
            str(name), window, float(seen.flow[row, k]), float(seen.load[row, k]),
            float(seen.concentration[row, k]), float(plants.threshold[row]), bool(seen.meets[row, k]),
        )
        for row, name in enumerate(plants.ids)
        for k, window in enumerate(ground.rules.windows)
        if math.isfinite(plants.flow[row])
    )  # fmt: skip


def _rules_said(ground: Ground, rest: Rest, found: Replanned, missed: tuple[Verdict, ...]) -> str:
    """Return the rules as JSON with what could not be kept, what rules cost, and what stands."""
    body: dict[str, object] = json.loads(rules_text(ground.rules))
    body["problem_length_m"] = {name: round(length, 3) for name, length in rest.lengths.items()}
    body["relaxations"] = [asdict(row) for row in missed]
    body["prices"] = [asdict(row) for row in found.plan.prices]
    body["verdicts"] = [asdict(row) for row in found.plan.verdicts]
    body["replan"] = {
        "base": ground.base.id,
        "first_open": ground.first_open,
        "overdue": list(rest.overdue),
        "change_price": found.change_price,
        "changes": found.changes,
        "arriving": {
            name: None if math.isnan(value) else value
            for name, value in arriving(ground.known.plants).items()
        },
        "standing": [_line(one) for one in ground.works.measures],
    }
    return json.dumps(body, ensure_ascii=False)


def _line(measure: Measure) -> list[object]:
    return [measure.option, measure.asset, measure.window, measure.cost]


def asked_of(text: str) -> Asked:
    """Return what was asked, from a proposal."""
    given: Mapping[str, object] = json.loads(text)
    return Asked(**{
        name: tuple(tuple(one) if isinstance(one, list) else one for one in value)
        if isinstance(value, list) else value
        for name, value in given.items()
    })  # type: ignore[arg-type]  # fmt: skip
