"""Play the loop in the example city: works with proofs, acceptances, problems, orders, frozen lists.

Everything is filed at once and says that it is simulated. What is accepted went through the gate of every
other city: what lacks is refused here too.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from time import perf_counter

import numpy as np

from wenqu.errors import NotEnoughData, Refused
from wenqu.examples.city.writing import RECIPE
from wenqu.examples.loop.documents import play_documents
from wenqu.examples.loop.errands import PER_STREET, errands, teams
from wenqu.examples.loop.films import Filmed, filmed
from wenqu.examples.loop.lives import lives
from wenqu.examples.loop.money import play_money
from wenqu.examples.loop.papers import Papers, content_of, papers
from wenqu.examples.loop.proofs import play_proofs
from wenqu.examples.loop.scores import with_scores
from wenqu.examples.loop.stage import BUILDING, LET, Candidate, PlayedPipe, staged
from wenqu.network.edits import Edit, applied
from wenqu.network.model import Network, link_lengths
from wenqu.progress import Progress, silent
from wenqu.records.acceptance import ACCEPTED, WITHDRAWN, Acceptance
from wenqu.records.problem import Alarm
from wenqu.records.project import Project
from wenqu.services.city_state import CityState
from wenqu.services.conduit_facts import worse_grade
from wenqu.services.describe_city import districts
from wenqu.services.filed_records import grades, inspections
from wenqu.services.freeze_figures import freeze_list
from wenqu.services.gate_pipes import built_pipes, gate_of
from wenqu.services.grade_city import SLACK, grade_city, segments
from wenqu.services.problem_ledger import ALARM, EVENT, NOTED, PROBLEM, ledger
from wenqu.services.programme_accounts import living_list
from wenqu.services.rights import LOCAL
from wenqu.services.works_ledger import works_ledger
from wenqu.store.changes import OpenChange
from wenqu.store.database import Store
from wenqu.store.moments import now

PLAYED = "example-loop.json"
MEDIA = {".webm": "video/webm", ".jpg": "image/jpeg", ".pdf": "application/pdf"}
FILMED_BESIDE = 12  # problem pipes in no lot that are filmed too
ORDERS = 16
WRONG = 0.4  # [m] by which one conduit was measured wrongly: the second version has a bridge


@dataclass(frozen=True, slots=True)
class Played:
    """What the example city went through."""

    city: str
    existed: bool
    projects: int = 0
    pipes: int = 0
    accepted: int = 0
    refused: int = 0
    problems: int = 0
    orders: int = 0
    seconds: float = 0.0  # [s]


def play_loop(store: Store, city: str, *, who: str = "example", progress: Progress = silent) -> Played:
    """Let the example city go through works, proof and upkeep; a second call does nothing.

    Raises
    ------
    Refused
        The city is no example: nothing invented comes into a real one.
    NotEnoughData
        It has no problems yet: grade it and look for them first.
    """
    start = perf_counter()
    if store.document(city, RECIPE) is None or not store.city(city).simulated:
        raise Refused("example-real-city", city=city)
    if store.document(city, PLAYED) is not None:
        return Played(city, existed=True)
    state = CityState(store.network(city))
    found = ledger(store, city)
    if not found:
        raise NotEnoughData("no-problems", city=city)
    works = _staged(store, state)
    pipes = [one for _, some in works for one in some]
    boss = replace(LOCAL, account=who)
    freeze_list(store, city, "repaired", person=boss, reason="问题管网基线（模拟）")
    progress(0.15)
    film = _films(store, state, pipes)
    _file_works(store, state, [project for project, _ in works], pipes, film, who)
    progress(0.4)
    grade_city(store, city, who=who, only={one.asset for one in film.inspections})
    accepted, refused = _accept(store, city, pipes, who)
    progress(0.6)
    built = {one.pipe: one.built for one in pipes}
    play_money(store, city, [project for project, _ in works], built, who, now().date().isoformat())
    stepped = _problems(store, city, pipes, who)
    made = _errands(store, state, who)
    progress(0.8)
    play_proofs(store, city, who, now().date().isoformat())
    freeze_list(store, city, "surveyed", person=boss, reason="普查基线（模拟）")
    _measure_again(store, city, who)
    freeze_list(store, city, "surveyed", person=boss, reason="竣工测量更正一条管段的长度（模拟）")
    play_documents(store, CityState(store.network(city)))
    told = Played(
        city, False, len(works), len(pipes), accepted, refused, stepped, made, perf_counter() - start
    )
    with store.change(city, who=who, why="example loop") as change:
        change.write_document(PLAYED, json.dumps({"pipes": len(pipes)}).encode(), "application/json")
    progress(1.0)
    return told


def _staged(store: Store, state: CityState) -> list[tuple[Project, list[PlayedPipe]]]:
    """Return projects of the problem pipes of which enough is known to be tested."""
    listed = living_list(store, state, "repaired")
    problems: dict[str, list[str]] = {}
    for one in ledger(store, state.network.city.code).values():
        if one.stands.open and one.problem.kind == "structural":
            problems.setdefault(one.problem.asset, []).append(one.problem.id)
    known = built_pipes(state.network, listed.ids)
    whole = {id_ for id_, one in known.items() if one.length > 0 and one.diameter > 0 and one.material}
    candidates = [
        Candidate(id_, zone, tuple(problems[id_]))
        for id_, zone in zip(listed.ids, listed.districts, strict=True)
        if id_ in problems and id_ in whole
    ]
    zones = [(one["id"], one["name"]) for one in districts(state)]
    made = staged(candidates, zones, now().date())
    graded, lengths = grades(store, state), {id_: one.length for id_, one in known.items()}
    return [(_with_facts(project, graded, lengths), some) for project, some in made]


def _with_facts(project: Project, graded: Mapping[str, object], lengths: Mapping[str, float]) -> Project:
    """Return a project whose pipes have the grade and the length they had when they were taken in."""
    lots = tuple(
        replace(
            lot,
            works=tuple(
                replace(
                    work, grade=worse_grade(graded[work.conduit]),  # type: ignore[arg-type]
                    length=lengths[work.conduit],
                )
                for work in lot.works
            ),
        )
        for lot in project.lots
    )  # fmt: skip
    return replace(project, lots=lots)


def _films(store: Store, state: CityState, pipes: Sequence[PlayedPipe]) -> Filmed:
    known = inspections(store, state)
    taken = {one.pipe for one in pipes}
    listed = living_list(store, state, "repaired").ids
    others = [id_ for id_ in listed if id_ not in taken and id_ in known][:FILMED_BESIDE]
    lengths = {id_: one.length for id_, one in built_pipes(state.network, taken).items()}
    recent = (now().date() - timedelta(days=20)).isoformat()
    made = filmed(pipes, others, known, lengths, recent)
    seen = {one.id: one for one in made.inspections}
    graded = segments(state.network.table("conduit"))
    return replace(made, handed=with_scores(made.handed, seen, graded, SLACK))


def _file_works(
    store: Store, state: CityState, projects: Sequence[Project], pipes: Sequence[PlayedPipe], film: Filmed,
    who: str,
) -> None:  # fmt: skip
    there = built_pipes(state.network, [one.pipe for one in pipes])
    filed = papers(pipes, there)
    with store.change(state.network.city.code, who=who, why="works (simulated)") as change:
        _edit(change, state, pipes, filed, projects)
        for kind, rows in (
            ("project", projects), ("material", filed.material), ("hidden", filed.hidden),
            ("closed_water", filed.tests), ("as_built", filed.as_built), ("inspection", film.inspections),
            ("handed", film.handed),
        ):  # fmt: skip
            change.add_records(kind, rows)
        for document, file in {**filed.documents, **film.documents}.items():
            change.write_document(document, content_of(file), MEDIA[file[file.rindex(".") :]])


def _edit(
    change: OpenChange, state: CityState, pipes: Sequence[PlayedPipe], filed: Papers,
    projects: Sequence[Project],
) -> None:  # fmt: skip
    """Write into the network how each pipe was built, when, in which project and by whom."""
    day = {one.asset: one.date for one in filed.as_built}
    builder = {
        project.id: party.body for project in projects for party in project.parties
        if party.role == "contractor"
    }  # fmt: skip
    table, _ = change.standing("conduit", list(day))
    edits = [
        Edit("conduit", one.pipe, {"built_on": day[one.pipe], "project": one.project,
                                   "builder": builder[one.project]})
        for one in pipes
        if one.pipe in day
    ]  # fmt: skip
    for put in applied(Network(state.network.city, {"conduit": table}), edits).values():
        change.put(put)


def _accept(store: Store, city: str, pipes: Sequence[PlayedPipe], who: str) -> tuple[int, int]:
    """Accept what the gate lets through; return how many are accepted and how many built ones are not."""
    state = CityState(store.network(city))
    works = works_ledger(store, state)
    made, refused = [], 0
    for number, one in enumerate(pipes, 1):
        if one.state in {BUILDING, LET}:
            continue
        found = gate_of(store, state, one.pipe, works)
        if not found.open:
            refused += 1
            continue
        made.append(
            Acceptance(
                f"Y{number:04d}", one.project, one.lot, one.pipe, one.day(20), ACCEPTED, "问渠市水务局",
                found.proofs, found.rules, simulated=True,
            )
        )  # fmt: skip
    taken_back = [
        replace(made[-1], id=f"{made[-1].id}-W", verdict=WITHDRAWN, date=now().date().isoformat(), by=who,
                reason="抽查复测不合格（模拟）")
    ] if len(made) > 3 else []  # fmt: skip
    with store.change(city, who=who, why="acceptance (simulated)") as change:
        change.add_records("acceptance", [*made, *taken_back])
    return len(made) - len(taken_back), refused + len(taken_back)


def _problems(store: Store, city: str, pipes: Sequence[PlayedPipe], who: str) -> int:
    state = CityState(store.network(city))
    zones = [one["id"] for one in districts(state)]
    made = lives(ledger(store, city), pipes, store.records(city, ALARM, Alarm), zones, now())
    with store.change(city, who=who, why="problems (simulated)") as change:
        for kind, rows in ((PROBLEM, made.problems), (EVENT, made.events), (NOTED, made.noted)):
            if rows:
                change.add_records(kind, rows)
    return len({event.problem for event in made.events})


def _errands(store: Store, state: CityState, who: str) -> int:
    """File orders along some streets, each in one district as whoever orders there would, and the teams."""
    table = state.network.table("conduit")
    lengths, zones = np.nan_to_num(link_lengths(table)), table.column("district")
    rows = np.flatnonzero(lengths > 0)
    step = max(1, len(rows) // ORDERS)
    streets = [
        (
            str(zones[some[0]] or ""),
            [(str(table.ids[row]), float(lengths[row])) for row in some if zones[row] == zones[some[0]]],
        )
        for some in (rows[at : at + PER_STREET] for at in range(0, step * ORDERS, step))
        if len(some)
    ]
    orders, events = errands(streets, now())
    listed = living_list(store, state, "repaired")
    left: dict[str, float] = {}
    for zone, length in zip(listed.districts, (listed.length_mm / 1000).tolist(), strict=True):
        left[zone] = left.get(zone, 0.0) + length
    names = [(one["id"], one["name"]) for one in districts(state)]
    with store.change(state.network.city.code, who=who, why="orders and teams (simulated)") as change:
        change.add_records("order", orders)
        change.add_records("order_event", events)
        change.add_records("team", teams(names, left))
    return len(orders)


def _measure_again(store: Store, city: str, who: str) -> None:
    """Correct the length of one sewage conduit: the next version of the list differs by it."""
    network = store.network(city)
    listed = living_list(store, CityState(network), "surveyed")
    id_, length = listed.ids[0], float(listed.length_mm[0]) / 1000
    with store.change(city, who=who, why="as-built survey (simulated)") as change:
        table, _ = change.standing("conduit", [id_])
        edits = [Edit("conduit", id_, {"length": length + WRONG})]
        for put in applied(Network(network.city, {"conduit": table}), edits).values():
            change.put(put)
