"""One alternative to a city's programme: under other rules or another probability, with its chances."""

from dataclasses import dataclass, replace

from wenqu.planning.chance import chances_of, interval, kept_rules
from wenqu.planning.doubts import drawn
from wenqu.planning.programme import Grounds
from wenqu.planning.rules import Rules
from wenqu.planning.steps import money_cut, share_less, windows_later
from wenqu.planning.verify import Choice
from wenqu.progress import Progress
from wenqu.records.alternative import Alternative, PlantChance
from wenqu.services.choices_asked import Wanted
from wenqu.services.plan_city import programme_of
from wenqu.services.planned_case import PlannedCase


@dataclass(frozen=True, slots=True)
class Spec:
    """What is otherwise in one alternative."""

    kind: str  # probability | budget | later | share
    value: float
    rules: Rules


@dataclass(frozen=True, slots=True)
class Chosen:
    """What an alternative's proof is made from."""

    rules: Rules
    choice: Choice
    grounds: Grounds | None  # None of one that keeps not every rule


def alternative_specs(case: PlannedCase, wanted: Wanted) -> list[Spec]:
    """Return the alternatives that are asked for: probabilities first, then money, dates, shares."""
    law = case.rules
    made = [Spec("probability", one, replace(law, probability=one)) for one in sorted(wanted.probabilities)]
    if wanted.budget < 1:
        spent = [
            sum(row.cost for row in case.programme.measures if row.window == window) for window in law.windows
        ]
        made.append(Spec("budget", wanted.budget, money_cut(law, spent, wanted.budget)))
    if wanted.later:
        made.append(Spec("later", float(wanted.later), windows_later(law, wanted.later)))
    if wanted.share and law.shares:
        made.append(Spec("share", wanted.share, share_less(law, wanted.share)))
    return [replace(one, rules=replace(one.rules, default=False)) for one in made]


def made_alternative(
    case: PlannedCase,
    spec: Spec,
    signed: tuple[str, str, str],
    start: Choice,
    draws: int,
    progress: Progress,
) -> tuple[Alternative, Chosen]:
    """Return one alternative, solved and drawn, and what its proof is made from.

    Parameters
    ----------
    signed
        Study, author and ISO time.
    start
        A programme near it.
    draws
        Scenarios of everything unsure.
    """
    study, who, at = signed
    found = case.solved(spec.rules, start, progress)
    plants, choice = case.known.plants, found.plan.choice
    programme = programme_of(
        (case.known, case.sites, case.options, case.book), spec.rules, found.plan, case.lengths, (who, at)
    )
    seen = drawn(case.options, plants, spec.rules, choice, case.doubts, draws=draws)
    own, today = chances_of(seen, plants, spec.rules), chances_of(seen, plants, case.rules)
    low, high = interval(own.all, draws)
    rows = tuple(
        PlantChance(
            str(name), window, float(own.meets[row, k]), float(own.low[row, k]), float(own.high[row, k])
        )
        for row, name in enumerate(plants.ids)
        for k, window in enumerate(spec.rules.windows)
        if own.meets[row, k] == own.meets[row, k]
    )
    kept = kept_rules(case.options, plants, spec.rules, choice, case.lengths)
    made = Alternative(
        f"{programme.id}-{spec.kind}", study, spec.kind, spec.value, programme, spec.rules.probability,
        own.all, low, high, today.all, draws, kept, rows,
        found.form, at, who, programme.simulated,
    )  # fmt: skip
    return made, Chosen(spec.rules, choice, found.plan.grounds)
