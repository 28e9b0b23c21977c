"""What somebody says about a problem is never lost, and what cannot be is refused with a sentence."""

from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from tests.services.test_problems import CITY, CREW, EAST, LIFE, found, state, store, take
from wenqu.api.router import make_api
from wenqu.errors import BadInput, Unknown
from wenqu.records.problem import ProblemEvent
from wenqu.services.city_state import Cities
from wenqu.services.evidence_words import evidence_words
from wenqu.services.problem_files import keep_proof
from wenqu.services.problem_filter import Sought
from wenqu.services.problem_ledger import ledger
from wenqu.services.report_problem import report_problem
from wenqu.services.split_problem import Part, split_problem
from wenqu.services.step_problem import Asked, step_problems
from wenqu.services.view_problems import view_alarms
from wenqu.works.problem_tables import kinds

__all__ = ["store"]
COVER = {
    "asset_type": "manhole", "asset": "b", "kind": "cover", "origin": "patrol", "found_on": "2026-03-01",
    "what": "the cover is gone",
}  # fmt: skip
SILT = {
    "asset_type": "conduit", "asset": "p2", "kind": "functional", "origin": "citizen",
    "found_on": "2026-03-02", "what": "it smells",
}  # fmt: skip


def tell(store, who=CITY, **facts):
    return report_problem(store, state(store), person=who, **facts)


def closed(store, id_, at="2026-05-01T12:00:00"):
    one = ledger(store, "c")[id_].problem
    with store.change("c", who="office", why="closed") as change:
        change.add_records("problem_event", [
            ProblemEvent(f"{at}-{step}", id_, step, at, "office", "x", "group", evidence=("x.pdf",),
                         asset_type=one.asset_type, asset=one.asset)
            for step in ("confirm", "assign", "set_due", "design", "start", "test", "reinspect", "close")
        ])  # fmt: skip


def test_a_second_report_joins_the_open_problem_with_its_words_and_evidence(store):
    id_ = found(store)["p2"]
    made = tell(store, EAST, **SILT, evidence=("inspection:i2",))
    assert (made.filed, made.joined, made.reopened, made.known) == ((), (id_,), (), 1)
    life = ledger(store, "c")[id_]
    event = life.events[-1]
    assert (event.step, event.note, event.evidence, event.by, life.state) == (
        "report", "it smells", ("inspection:i2",), "east", "found",
    )  # fmt: skip
    made = tell(store, CITY, **SILT)
    assert made.joined == (id_,)
    said = ledger(store, "c")[id_].events[-1].evidence
    assert said == ("report:citizen 2026-03-02",)
    assert evidence_words(said[0], "zh") == "上报 群众反映 · 2026-03-02"
    once_more = tell(store, CITY, **SILT)
    assert (once_more.joined, once_more.reached) == ((), (id_,))
    assert len(ledger(store, "c")[id_].events) == 2


def test_a_citizens_word_opens_a_closed_problem_again_and_one_that_is_older_joins_it(store):
    id_ = found(store)["p2"]
    closed(store, id_)
    older = tell(store, **SILT)
    assert (older.reopened, older.joined) == ((), (id_,))
    assert ledger(store, "c")[id_].state == "closed"
    newer = tell(store, **{**SILT, "found_on": "2026-05-01"})  # of the very day: no hour says it was before
    assert (newer.reopened, newer.joined) == ((id_,), ())
    life = ledger(store, "c")[id_]
    assert (life.state, life.events[-1].note) == ("reopened", "it smells")
    hour = {**SILT, "found_on": "2026-06-01T08:00"}
    closed(store, id_, "2026-06-01T12:00:00")
    assert tell(store, **hour).joined == (id_,)  # seen in the morning, closed at noon
    assert tell(store, **{**hour, "found_on": "2026-06-01T13:00", "what": "again"}).reopened == (id_,)


def test_a_report_opens_what_was_refused_and_an_emergency_rings_again(store):
    (id_,) = tell(store, **COVER).filed
    take(store, id_, "refuse", CITY, note="it was there")
    made = tell(store, EAST, **COVER)
    assert (made.reopened, len(made.alarms)) == ((id_,), 1)
    assert len(view_alarms(store, "c", CITY)["rows"]) == 2


def test_a_report_reaches_the_problem_into_which_another_was_merged(store):
    ids = found(store)
    take(store, ids["p2"], "merge", CITY, others=(ids["p1"],))
    assert tell(store, **SILT).joined == (ids["p1"],)


def test_evidence_of_a_merge_of_two_pipes_moves_no_stretch(store):
    ids = [
        tell(store, **{**SILT, "asset": asset, "start": start, "end": start + 5.0}).filed[0]
        for asset, start in (("p2", 2.0), ("p3", 50.0))
    ]
    take(store, ids[0], "merge", CITY, others=(ids[1],))
    kept = ledger(store, "c")[ids[1]].problem
    assert (kept.start, kept.end, kept.length) == (50.0, 55.0, 5.0)


def test_a_file_that_nobody_handed_in_proves_no_report(store):
    id_ = found(store)["p2"]
    with pytest.raises(BadInput, match="problem-file"):
        tell(store, **SILT, evidence=("file:0000/x.pdf",))
    kept = keep_proof(store, "c", id_, "x.pdf", b"%PDF-1.7", person=CITY)
    assert tell(store, **SILT, evidence=(kept,)).joined == (id_,)


@pytest.mark.parametrize(
    "day", ["2026-13-45", "2026-02-30", "2999-01-01", "", "20260301", "2026-W01-1", "0001-01-01"]
)
def test_a_day_that_is_none_is_no_day_on_which_something_was_found(store, day):
    with pytest.raises(BadInput, match="problem-day"):
        tell(store, **{**SILT, "found_on": day})
    assert not ledger(store, "c")


@pytest.mark.parametrize(
    "due", ["2026-13-45", "2026-02-30", "2026-01-01", "2027-01-01T25:00", "soon", "9999-01-01"]
)
def test_a_date_that_is_none_or_before_the_finding_is_no_date(store, due):
    id_ = found(store)["p2"]  # found on 2026-01-10
    for step, who, facts in LIFE[:2]:
        take(store, id_, step, who, **facts)
    with pytest.raises(BadInput, match="problem-due"):
        take(store, id_, "set_due", CITY, due=due)
    assert take(store, id_, "set_due", CITY, due="2027-01-01T18:30").due == "2027-01-01T18:30"


@pytest.mark.parametrize("day", ["2026-13-45", "yesterday"])
def test_a_filter_of_no_day_is_refused(day):
    with pytest.raises(BadInput, match="moment"):
        Sought(since=day)


@pytest.mark.parametrize(
    ("asset", "stretch"),
    [("p2", (5.0, 1_000_010.0)), ("p2", (-1.0, 5.0)), ("p2", (9.0, 3.0)), ("p2", (100.6, float("nan")))],
)
def test_a_stretch_lies_on_its_conduit(store, asset, stretch):
    with pytest.raises(BadInput, match="problem-stretch"):
        tell(store, **{**SILT, "asset": asset}, start=stretch[0], end=stretch[1])
    made = tell(store, **SILT, start=90.0, end=100.4)  # the tape is a little longer than the map
    assert ledger(store, "c")[made.filed[0]].problem.length == 10.0


def test_what_is_no_conduit_has_no_stretch_and_only_the_kinds_that_it_can_have(store):
    with pytest.raises(BadInput, match="problem-stretch"):
        tell(store, **COVER, start=0.0, end=1.0)
    with pytest.raises(BadInput, match="problem-at"):
        tell(store, **{**SILT, "kind": "cover"})
    with pytest.raises(BadInput, match="problem-at"):
        tell(store, **{**COVER, "kind": "outfall"})
    from wenqu.network.schema import asset_types

    known = set(asset_types())
    assert all(set(kind.at) <= known for kind in kinds().values())


def test_a_split_without_stretches_is_refused_and_loses_nothing(store):
    ids = found(store)
    for others in ((), ("P-1", "P-2"), (ids["p1"], ids["p1"])):
        with pytest.raises(BadInput, match="problem-split"):
            take(store, ids["p2"], "split", CITY, others=others)
    with TestClient(make_api(Cities(store)), base_url="http://127.0.0.1") as face:
        told = face.post(
            f"/api/v1/cities/c/problems/{ids['p2']}/steps",
            json={"step": "split", "others": ["P-1", "P-2"], "seen": 0},
            headers={"Origin": "http://127.0.0.1"},
        )
        assert (told.status_code, told.json()["code"]) == (422, "error.bad-input.problem-split")
    assert ledger(store, "c")[ids["p2"]].state == "found"


@pytest.mark.parametrize(
    ("parts", "note", "why"),
    [
        ([(0, 60), (50, 100)], "", "problem-parts-overlap"),
        ([(0, 50), (50, 150)], "", "problem-parts-outside"),
        ([(0, 50), (60, 100)], "", "problem-parts-note"), ([(0, 50), (50, 90)], "", "problem-parts-note"),
        ([(0, 50)], "", "problem-parts"), ([(0, 50), (50, 50)], "x", "problem-parts"),
    ],
)  # fmt: skip
def test_parts_lie_within_the_pipe_and_not_over_one_another(store, parts, note, why):
    id_ = found(store)["p2"]
    with pytest.raises(BadInput, match=rf"{why}:"):
        split_problem(store, "c", id_, [Part(*one) for one in parts], person=CITY, note=note)
    assert len(ledger(store, "c")) == 2


def test_a_piece_is_left_out_with_a_reason_and_a_stretch_is_split_within_itself(store):
    id_ = found(store)["p2"]
    made = split_problem(store, "c", id_, [Part(0, 40), Part(60, 100)], person=CITY, note="sound between")
    assert [one.problem.length for one in made] == [40, 40]
    with pytest.raises(BadInput, match="problem-parts-outside"):
        split_problem(store, "c", f"{id_}-1", [Part(0, 20), Part(20, 60)], person=CITY)
    (cover,) = tell(store, **COVER).filed
    with pytest.raises(BadInput, match="problem-stretch"):
        split_problem(store, "c", cover, [Part(0, 1), Part(1, 2)], person=CITY)


@pytest.mark.parametrize("district", ["E", "X", "p2"])
def test_a_problem_is_handed_over_to_another_district_that_there_is(store, district):
    id_ = found(store)["p2"]
    with pytest.raises(BadInput, match="problem-district"):
        take(store, id_, "hand_over", EAST, district=district, note="the border")
    assert ledger(store, "c")[id_].offered == ""


def test_a_problem_is_merged_into_one_other(store):
    ids = found(store)
    (third,) = tell(store, **COVER).filed
    with pytest.raises(BadInput, match="problem-one"):
        take(store, ids["p2"], "merge", CITY, others=(ids["p1"], third))
    with pytest.raises(Unknown):
        step_problems(store, "c", [(ids["p2"], 0)], Asked("merge", others=(ids["p2"],)), person=CITY)


def test_who_may_report_may_report_again(store):
    id_ = found(store)["p2"]
    crew = replace(CREW, account="other crew")
    assert tell(store, crew, **SILT).joined == (id_,)
