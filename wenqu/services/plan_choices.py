"""What else could be chosen, how probable is it, what would a step of the rules do, what is worth knowing?"""

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import orjson

from wenqu.planning.chance import Sure, chances_of, interval
from wenqu.planning.doubts import drawn
from wenqu.planning.shadow import Shadow, shadow
from wenqu.planning.verify import Choice
from wenqu.progress import Progress, part, silent
from wenqu.services.choices_asked import Wanted, check_wanted
from wenqu.services.drawn_chance import DRAWS
from wenqu.services.plan_alternatives import alternative_specs, made_alternative
from wenqu.services.plan_knowing import why_nothing, worth_of_knowing
from wenqu.services.plan_steps import told_steps
from wenqu.services.plan_why import WHY
from wenqu.services.planned_case import PlannedCase, planned_case
from wenqu.services.programme_proof import PROOF_MEDIA, Proof, proof_document
from wenqu.services.renew_why import standing_reasons
from wenqu.store.database import Store

CHOICES = "plan-choices.json"
ALTERNATIVES = "plan-alternatives/"
KIND = "alternative"
LEVELS = (0.8, 0.7, 0.6)  # at the first that can be had knowing is priced where rules ask for the mean alone


def work_out_choices(
    store: Store, city: str, wanted: Wanted, *, who: str, progress: Progress = silent, seconds: float = 60.0
) -> dict[str, Any]:
    """Work out the choices that a city has, and file them; its programme stays as it is.

    Raises
    ------
    NotEnoughData
        The city has no programme.
    BadInput
        What is asked for cannot be.
    """
    check_wanted(wanted)
    case = planned_case(store, city, seconds=seconds)
    standing = case.standing()
    progress(0.05)
    base = case.solved(case.rules, standing if len(standing.options) else None, part(progress, 0.05, 0.12))
    prices = shadow(base.options, base.plants, case.rules, base.plan.choice, case.lengths, seconds=seconds)
    steps = told_steps(
        case, base, prices, money=wanted.money, crew_days=wanted.crew_days, progress=part(progress, 0.12, 0.3)
    )
    sure, sure_prices = _sure(case, base, prices, part(progress, 0.3, 0.35))
    knowing = worth_of_knowing(
        case, sure, sure_prices, most=wanted.knowing, draws=wanted.draws, progress=part(progress, 0.35, 0.65)
    )
    at = datetime.now().astimezone().isoformat(timespec="seconds")
    specs = alternative_specs(case, wanted)
    study, alternatives = f"{at[:19]}", []
    for place, spec in enumerate(specs):
        step = part(progress, 0.65 + 0.33 * place / len(specs), 0.65 + 0.33 * (place + 1) / len(specs))
        alternatives.append(made_alternative(case, spec, (study, who, at), base.plan.choice, DRAWS, step))
    told = _told(case, standing, base)
    told |= {"steps": steps, "knowing": knowing, "study": study, "by": who, "at": at}
    told |= {"nothing": "" if knowing else why_nothing(sure, sure_prices)}
    told |= {"level": sure.asked, "wanted": {**asdict(wanted), "probabilities": list(wanted.probabilities)}}
    reasons = standing_reasons(store, case)
    with store.change(city, who=who, why="plan choices") as change:
        change.write_document(CHOICES, orjson.dumps(told), "application/json")
        if reasons is not None:
            change.write_document(WHY, reasons, PROOF_MEDIA)
        for made, plan in alternatives:
            proof = Proof(
                made.programme.id, case.options, case.known.plants, plan.rules, plan.choice, case.lengths,
                made.programme.bound, plan.grounds,
            )  # fmt: skip
            change.write_document(f"{ALTERNATIVES}{made.id}.parquet", proof_document(proof), PROOF_MEDIA)
        change.add_records(KIND, [made for made, _ in alternatives])
    progress(1.0)
    return {**told, "alternatives": len(alternatives)}


def _sure(
    case: PlannedCase, base: Sure, prices: Shadow | None, progress: Progress
) -> tuple[Sure, Shadow | None]:
    """Return the programme at which knowing is priced: one that keeps a reserve."""
    if base.z > 0:
        return base, prices
    for level in LEVELS:
        rules = replace(case.rules, probability=level)
        found = case.solved(rules, base.plan.choice, progress)
        if found.plan.status != "infeasible":
            break
    told = shadow(found.options, found.plants, rules, found.plan.choice, case.lengths, seconds=case.seconds)
    return found, told


def _told(case: PlannedCase, standing: Choice, base: Sure) -> dict[str, Any]:
    """Return how probable the programme that stands is, and from what all was worked out."""
    plants = case.known.plants
    seen = drawn(case.options, plants, case.rules, standing, case.doubts, draws=DRAWS)
    found = chances_of(seen, plants, case.rules)
    low, high = interval(found.all, DRAWS)
    rows = [
        {
            "plant": str(name), "window": window, "chance": float(found.meets[row, k]),
            "span": list(interval(float(found.meets[row, k]), DRAWS)),
            "low": float(found.low[row, k]), "high": float(found.high[row, k]),
        }
        for row, name in enumerate(plants.ids)
        for k, window in enumerate(case.rules.windows)
        if found.meets[row, k] == found.meets[row, k]
    ]  # fmt: skip
    targets = [
        {"window": by, "share": share, "chance": chance, "span": list(interval(chance, DRAWS))}
        for by, share, chance in found.targets
    ]
    missing = len({row.option for row in case.programme.measures}) - len(standing.options)
    return {
        "programme": case.programme.id,
        "simulated": case.programme.simulated,
        "draws": DRAWS,
        "chance": found.all,
        "span": [low, high],
        "plants": rows,
        "targets": targets,
        "missing": missing,  # options of the programme that there are no more
        "together": case.doubts.together,
        "plant_sd": {
            str(name): float(sd) for name, sd in zip(plants.ids, case.doubts.plant_sd, strict=True)
        },
        "base": {
            "cost": base.plan.cost, "bound": base.bound, "status": base.plan.status, "form": base.form,
            "rounds": base.rounds, "probability": base.asked,
        },
    }  # fmt: skip
