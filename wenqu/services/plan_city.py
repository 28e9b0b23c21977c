"""Which repairs should a city pay for, in which year, to meet every target for the least money?"""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np

from wenqu.errors import FileMissing, FileUnreadable, NotEnoughData
from wenqu.messages import say
from wenqu.planning.chance import plan_under
from wenqu.planning.costs import Catalogue
from wenqu.planning.demands import problem_lengths
from wenqu.planning.hand_packages import package_of, read_hands
from wenqu.planning.options import Options, Sites, options, quantities
from wenqu.planning.plants import Plants
from wenqu.planning.programme import Plan
from wenqu.planning.rules import Rules, default_rules, rules_from, rules_text
from wenqu.planning.verify import Verdict
from wenqu.progress import Progress, silent
from wenqu.records.finding import Finding
from wenqu.records.programme import Measure, PlantOutlook, Programme
from wenqu.services.blank_areas import blank_areas
from wenqu.services.city_state import CityState
from wenqu.services.diagnose_city import read_posterior
from wenqu.services.drawn_chance import drawn_chance, write_chance
from wenqu.services.grade_city import current_grades
from wenqu.services.learned_prices import learned_prices, own_prices
from wenqu.services.plan_assumptions import assumed_of
from wenqu.services.plan_doubts import city_doubts
from wenqu.services.plan_particulars import with_loads, with_particulars
from wenqu.services.plan_sites import gather_sites
from wenqu.services.plan_tables import PACKAGES, current_text
from wenqu.services.plan_waters import Evidence
from wenqu.services.plant_inflow import plant_inflows
from wenqu.services.price_book import checked_prices, write_prices
from wenqu.services.programme_proof import PROOF, PROOF_MEDIA, Proof, proof_document
from wenqu.services.scope_names import scope_names, scope_said
from wenqu.store.database import Store
from wenqu.store.moments import now
from wenqu.units import from_si

RULES = "rules.json"
HALF = 6  # month after which a year is half over
# units that verdicts are told in; days of crews are counted, not converted from seconds
BORDER = {"yuan": "万元", "kg/m³": "mg/L", "m³/s": "m³/d", "kg/s": "kg/d", "d": "-"}

LEAST = {"yuan": "yuan", "m": "m", "-": "share"}  # how least work is told


@dataclass(frozen=True, slots=True)
class PlannedCity:
    """The programme that was chosen, and which rules it could not keep."""

    programme: Programme
    relaxed: tuple[Verdict, ...]
    best: tuple[tuple[str, float], ...]  # (plant, [kg/m³] concentration with every repair there is)
    sites: int
    options: int
    notes: tuple[str, ...]  # message keys: what the reader must know
    state: CityState
    filed: bool = True  # not where it misses rules and must not take the place of one that keeps them

    def sentences(self, language: str) -> list[str]:
        """Return in words which rules cannot be kept, by how much, and what else must be known."""
        return relaxed_sentences(self.relaxed, language, scope_names(self.state, language))


def relaxed_sentences(relaxed: Iterable[Verdict], language: str, names: Mapping[str, str]) -> list[str]:
    """Return one sentence for each rule that cannot be kept; ``names`` are those of `scope_names`."""
    said = []
    for row in relaxed:
        unit = BORDER.get(row.unit, row.unit)
        kind = f"{row.rule}-{LEAST[row.unit]}" if row.rule == "least" else row.rule
        kind = "unmeasured" if math.isnan(row.reached) else kind
        facts = {"window": row.window, "scope": scope_said(row.scope, names, language)}
        said.append(
            say(
                f"plan.relaxed.{kind}",
                language,
                **facts,
                rule=say(f"plan.rule.{row.rule}", language),
                demanded=from_si(row.demanded, unit),
                reached=from_si(row.reached, unit),
                short=from_si(abs(row.reached - row.demanded), unit),
            )
        )
    return said


def plan_city(  # noqa: PLR0913 what is planned from, and how
    store: Store,
    city: str,
    *,
    rules: Path | None = None,
    prices: Path | None = None,
    who: str,
    progress: Progress = silent,
    seconds: float = 60.0,
    although: bool = True,
) -> PlannedCity:
    """Choose the cheapest repairs under the city's rules and prices, and file the programme.

    Parameters
    ----------
    rules
        JSON file of rules; else the city's document ``rules.json``, else the default ones.
    prices
        CSV price table; else the city's document ``catalogue.csv``, else the default one.
    seconds
        Longest time for one run of the solver. [s]
    although
        A programme that misses rules takes the place of one that keeps them; else it is told, not filed.

    Raises
    ------
    NotEnoughData
        The city has neither grades nor a diagnosis.
    BadInput
        Rules or prices are nonsense.
    """
    state = CityState(store.network(city))
    book = _prices(store, city, prices)
    known = gather_evidence(store, state)
    law = _rules(store, state, rules)
    sites = gather_sites(known, law)
    known = replace(known, plants=with_loads(store, state, known.plants, law))
    choices = with_particulars(options(sites, book), sites, book, known, law)
    lengths = problem_lengths(choices)
    progress(0.1)
    doubts = city_doubts(store, state, known, sites, book)
    plan = plan_under(
        choices,
        known.plants,
        law,
        doubts if law.probability > 0.5 else None,
        lengths=lengths,
        seconds=seconds,
        progress=lambda share: progress(0.1 + 0.85 * share),
    )
    at = datetime.now().astimezone().isoformat(timespec="seconds")
    programme = programme_of((known, sites, choices, book), law, plan, lengths, (who, at))
    best = tuple(zip((str(name) for name in known.plants.ids), plan.best.tolist(), strict=True))
    told = PlannedCity(
        programme, plan.relaxed, best, len(sites), len(choices), _notes(known, book, law), state
    )
    if not although and programme.status == "infeasible" and _keeps(store, city):
        return replace(told, filed=False)
    with store.change(city, who=who, why="plan") as change:
        change.add_records("programme", [programme])
        change.write_document(RULES, rules_text(law).encode(), "application/json")
        if prices is not None:
            write_prices(change, _text(prices), "wenqu plan --prices", state.network.city.simulated)
        proof = Proof(
            programme.id, choices, known.plants, law, plan.choice, lengths, plan.bound, plan.grounds
        )
        change.write_document(PROOF, proof_document(proof), PROOF_MEDIA)
        write_chance(
            change, drawn_chance((programme.id, at), (choices, known.plants, law, doubts), plan.choice)
        )
    progress(1.0)
    return told


def _keeps(store: Store, city: str) -> bool:
    """Tell whether a programme stands that keeps its rules."""
    made = store.records(city, "programme", Programme, last_run=True)
    return bool(made) and made[-1].status != "infeasible"


def programme_of(
    ground: tuple[Evidence, Sites, Options, Catalogue],
    law: Rules,
    plan: Plan,
    lengths: dict[str, float],
    signed: tuple[str, str],
) -> Programme:
    """Return a chosen plan as the record that is filed.

    Parameters
    ----------
    ground
        What was known, where, what could be chosen, at which prices.
    law, plan, lengths
        The rules, what was chosen under them, and the frozen denominators. [m]
    signed
        Author and ISO time.
    """
    known, sites, choices, book = ground
    said = _rules_said(law, plan, lengths)
    who, at = signed
    return Programme(
        _name(said, choices, plan, at), plan.status, measures_of(sites, choices, book, law, plan),
        _outlook(known.plants, law, plan), law.windows, plan.cost, plan.bound, plan.gap, plan.seconds,
        said, book.edition, known.network.city.simulated, at, who,
    )  # fmt: skip


def gather_evidence(store: Store, state: CityState) -> Evidence:
    """Return what is known of a city's sewers and plants.

    Raises
    ------
    NotEnoughData
        The city has neither grades nor a diagnosis.
    """
    city = state.network.city.code
    grades = current_grades(store, city)
    posterior = read_posterior(store, city)
    if not grades and posterior is None:
        raise NotEnoughData("nothing-to-plan", city=city)
    findings = tuple(store.records(city, "finding", Finding, last_run=True))
    return Evidence(
        state.network, state.topology, grades, posterior, findings, plants_of(store, state),
        blank_areas(store, state).areas, assumed_of(store, city, state.network.as_of or None),
        package_of(read_hands(current_text(store, city, PACKAGES, state.network.as_of or None))),
    )  # fmt: skip


def plants_of(store: Store, state: CityState) -> Plants:
    """Return flow and BOD5 load of every plant over the last year of its readings."""
    inflows = plant_inflows(store, state)
    kinds = state.network.table("plant").column("kind")
    flow = np.array([row.flow for row in inflows], dtype=np.float64)
    bod = np.array([row.bod5 for row in inflows], dtype=np.float64)
    return Plants(
        np.array([row.id for row in inflows], dtype=object),
        np.where(np.isnan(bod), np.nan, flow),
        flow * bod,
        np.array([row.capacity for row in inflows], dtype=np.float64),
        np.array([row.threshold for row in inflows], dtype=np.float64),
        np.array([kind != "industrial" for kind in kinds], dtype=np.bool_),
    )


def _text(file: Path) -> str:
    if not file.is_file():
        raise FileMissing(path=str(file))
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise FileUnreadable(path=str(file), detail="UTF-8") from None


def _prices(store: Store, city: str, file: Path | None) -> Catalogue:
    book = own_prices(store, city) if file is None else checked_prices(_text(file))
    return learned_prices(store, city, book)


def _rules(store: Store, state: CityState, file: Path | None) -> Rules:
    """Return the given rules, else the city's own, else the default ones from the first year that is open."""
    city = state.network.city.code
    first = first_year(store, city)
    if file is not None:
        return rules_from(_text(file), first)
    own = store.document(city, RULES)
    return default_rules(first) if own is None else rules_from(own.decode(), first)


def city_prices(store: Store, city: str) -> Catalogue:
    """Return the price table that a city plans with, with the effects that works have shown."""
    return _prices(store, city, None)


def city_rules(store: Store, state: CityState) -> Rules:
    """Return the rules that a city plans under."""
    return _rules(store, state, None)


def first_year(store: Store, city: str) -> int:
    """Return the first year that can still be planned: after the last reading, and not half over today.

    What is begun after June is hardly let, built and accepted by December: the usual steps of a lot take 75
    working days beside its works (``planning/lot_steps.csv``). Then the next year is the first.
    """
    today = now()
    ends = [str(entry.last)[:4] for entry in store.series_index(city)]
    still_open = today.year + (today.month > HALF)
    return max(int(max(ends)) + 1, still_open) if ends else today.year + 1


def _rules_said(rules: Rules, plan: Plan, lengths: dict[str, float]) -> str:
    """Return the rules as JSON with the frozen denominators, what could not be kept, and what rules cost."""
    body = json.loads(rules_text(rules))
    body["problem_length_m"] = {name: round(length, 3) for name, length in lengths.items()}
    body["relaxations"] = [asdict(row) for row in plan.relaxed]
    body["prices"] = [asdict(row) for row in plan.prices]
    body["verdicts"] = [asdict(row) for row in plan.verdicts]
    return json.dumps(body, ensure_ascii=False)


def _name(said: str, choices: Options, plan: Plan, at: str) -> str:
    chosen = ",".join(
        f"{choices.ids[row]}@{window}"
        for row, window in zip(plan.choice.options, plan.choice.windows, strict=True)
    )
    return f"{at[:10]}-{hashlib.sha256((said + chosen).encode()).hexdigest()[:8]}"


def measures_of(
    sites: Sites, choices: Options, book: Catalogue, rules: Rules, plan: Plan
) -> tuple[Measure, ...]:
    """Return one measure for every repaired asset."""
    made = []
    units = [quantities(sites, method) for method in book.methods]
    for row, window in zip(plan.choice.options, plan.choice.windows, strict=True):
        for part in range(choices.part_start[row], choices.part_start[row + 1]):
            site, method = int(choices.part_site[part]), int(choices.part_method[part])
            made.append(
                Measure(
                    str(choices.ids[row]),
                    str(choices.package_ids[choices.package[row]]),
                    str(sites.asset_type[site]),
                    str(sites.ids[site]),
                    book.methods[method].key,
                    rules.windows[window],
                    float(choices.part_cost[part]),
                    float(sites.length[site]),
                    str(sites.district[site]),
                    str(sites.plant[site]),
                    float(choices.part_clean[part]),
                    float(sites.sewage_bod[site] * choices.part_sewage[part]),
                    sites.reasons[site],
                    float(units[method][site]),
                )
            )
    return tuple(made)


def _outlook(plants: Plants, rules: Rules, plan: Plan) -> tuple[PlantOutlook, ...]:
    seen = plan.outlook
    return tuple(
        PlantOutlook(
            str(name),
            window,
            float(seen.flow[row, k]),
            float(seen.load[row, k]),
            float(seen.concentration[row, k]),
            float(plants.threshold[row]),
            bool(seen.meets[row, k]),
        )
        for row, name in enumerate(plants.ids)
        for k, window in enumerate(rules.windows)
        if math.isfinite(plants.flow[row])
    )


def _notes(known: Evidence, book: Catalogue, rules: Rules) -> tuple[str, ...]:
    """Return what the reader must know of the ground the programme stands on."""
    said = [
        ("plan.note.default-prices", book.edition.startswith("default")),
        ("plan.note.default-rules", rules.default),
        ("plan.note.no-grades", not known.grades),
        ("plan.note.no-posterior", known.posterior is None),
        ("plan.note.plant-unmeasured", bool(np.isnan(known.plants.load).any())),
    ]
    return tuple(key for key, true in said if true)
