"""A survey firm's files enter: every bad row found, none of the good lost, repairs make it whole."""

from collections import Counter, defaultdict

import pytest

from wenqu.examples.city.whole import example_city
from wenqu.examples.delivered_files import write_delivery
from wenqu.network.checks.registry import check_all
from wenqu.services.accept_import import accept_import
from wenqu.services.mend_queue import repair_rows
from wenqu.services.stage_import import How, stage_import
from wenqu.store.database import open_store
from wenqu.store.waiting import Sought

OTHERS = "其余设施.gpkg"
DELIVERIES = {
    "workbook": (OTHERS, "普查成果.xlsx"),
    "shapefiles": (OTHERS, "PS_POINT.shp", "PS_PIPE.shp"),
}
READ_AS = {  # what a reader must say itself: the value cannot be kept
    "attribute.unknown-code": "format.unknown-code",
    "attribute.impossible-year": "format.bad-integer",
}
DRAWN = {  # a table of lines draws nothing: their lines run from point to point
    "geometry.no-shape",
    "geometry.end-misses",
    "geometry.near-miss",
    "geometry.crossing",
    "geometry.drawn-backwards",
}
ROUNDS = 6  # of "apply the first proposal everywhere"


@pytest.fixture(scope="module")
def firm(tmp_path_factory):
    folder = tmp_path_factory.mktemp("firm")
    sound = example_city(conduits=600, seed=1).network
    planted = write_delivery(sound, folder)
    return sound, planted, folder


@pytest.fixture(scope="module", params=list(DELIVERIES))
def taken_in(request, firm, tmp_path_factory):
    sound, _, folder = firm
    store = open_store(str(tmp_path_factory.mktemp(request.param)))
    paths = [folder / name for name in DELIVERIES[request.param]]
    made = stage_import(store, paths, "firm", How(crs=sound.city.crs))
    done = accept_import(store, made, who="a tester", why="a delivery")
    return request.param, store, paths, made, done


def told(made):
    """Return the rules that spoke at each asset."""
    found = defaultdict(set)
    staged = made.staged
    for issue in (*made.issues, *(e.issue for e in (*staged.mended, *staged.queued, *staged.flagged))):
        found[issue.asset].add(issue.code)
    return found


def test_every_planted_row_that_the_format_can_hold_is_found(firm, taken_in):
    _, planted, _ = firm
    name, _, _, made, _ = taken_in
    found = told(made)
    unseen = DRAWN if name == "workbook" else set()
    missed = [
        (row.rule, row.id)
        for row in planted
        if row.rule not in unseen and not {row.rule, READ_AS.get(row.rule, row.rule)} & found[row.id]
    ]
    assert {rule for rule, _ in missed} <= {"elevation.end-below-floor"}
    assert len(missed) <= 1


def test_no_good_row_is_lost_and_few_others_are_told(firm, taken_in):
    sound, planted, _ = firm
    name, _, _, made, _ = taken_in
    bad = {row.id for row in planted}
    outside = {(entry.issue.type, entry.issue.asset) for entry in made.staged.queued}
    beside = Counter(entry.issue.code for entry in made.staged.queued if entry.issue.asset not in bad)
    assert set(beside) <= {"stage.waits"}
    for type_, table in sound.tables.items():
        entered = set(made.staged.tables[type_].ids)
        assert [id_ for id_ in table.ids if id_ not in entered and (type_, id_) not in outside] == []
    known = {(issue.code, issue.type, issue.asset) for issue in check_all(sound, most=10**6)}
    expected = {id_ for row in planted for id_ in row.touched}
    others = [
        (issue.code, issue.asset)
        for issue in (entry.issue for entry in (*made.staged.queued, *made.staged.flagged))
        if issue.asset not in expected and (issue.code, issue.type, issue.asset) not in known
    ]
    allowed = {"connectivity.isolated"} if name == "workbook" else set()  # above a pipe that waits
    assert {code for code, _ in others} <= allowed
    assert len(others) <= 2


def test_a_second_delivery_of_the_same_files_changes_nothing(firm, taken_in):
    sound, _, _ = firm
    _, store, paths, _, done = taken_in
    again = stage_import(store, paths, "firm", How(crs=sound.city.crs))
    before = len(store.waiting("firm", Sought()))
    second = accept_import(store, again, who="a tester", why="the same again")
    assert all(not counts["new"] and not counts["changed"] for counts in second.changed.values())
    assert second.number == done.number
    assert len(store.waiting("firm", Sought())) == before


def test_the_first_proposal_of_every_row_makes_the_queue_silent(firm, taken_in):
    sound, planted, _ = firm
    _, store, _, _, _ = taken_in
    for _ in range(ROUNDS):
        rows = store.waiting("firm", Sought())
        able = [row.id for row in rows if any(one["edits"] for one in row.body.get("proposals", ()))]
        if not able:
            break
        repair_rows(store, store.network("firm"), able, who="a tester", why="first proposals")
    left = Counter(row.rule for row in store.waiting("firm", Sought()))
    assert left == Counter()
    whole = store.network("firm")
    odd = {issue.asset for issue in check_all(sound, most=10**6)}  # the city's own: pumps side by side
    odd |= {row.id for row in planted if row.rule in {"connectivity.no-end", "connectivity.unknown-end"}}
    for type_, table in sound.tables.items():
        assert set(table.ids) - set(whole.table(type_).ids) <= odd
