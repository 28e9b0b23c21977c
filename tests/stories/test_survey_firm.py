"""A survey firm's files enter: every bad row found, none of the good lost, repairs make it whole."""

from collections import Counter, defaultdict

import pytest

from wenqu.examples.city.whole import example_city
from wenqu.examples.delivered_files import write_delivery
from wenqu.network.checks.registry import check_all
from wenqu.services.accept_import import accept_import
from wenqu.services.city_state import Cities
from wenqu.services.decide_queue import decide
from wenqu.services.edit_assets import plain_value
from wenqu.services.read_files import How
from wenqu.services.rights import LOCAL
from wenqu.services.stage_import import stage_import
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
ROUNDS = 6  # of one click for each kind


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


def values(table, row):
    """Return what a table says of one of its assets."""
    said = {name: plain_value(column, row) for name, column in {**table.extra, **table.fields}.items()}
    return {name: value for name, value in said.items() if value is not None}


def contents(network):
    """Return by type and id the values and the drawing of every asset."""
    return {
        (type_, str(id_)): (values(table, row), table.shapes.of(row).round(3).tolist())
        for type_, table in network.tables.items()
        for row, id_ in enumerate(table.ids)
    }


def test_one_click_for_each_kind_of_row_makes_the_city_whole_and_touches_nothing_good(firm, taken_in):
    sound, planted, _ = firm
    _, store, _, _, _ = taken_in
    known, entered = Cities(store), contents(store.network("firm"))
    for _ in range(ROUNDS):  # a repair may raise a doubt, which waits in its turn
        waiting = Counter(row.rule for row in store.waiting("firm", Sought()) if row.body.get("proposals"))
        for rule in waiting:
            if store.waiting("firm", Sought(rule=rule)):  # none where another kind has settled it
                asked = {"act": "repair", "rule": rule, "closing": 10**6, "why": "all of this kind"}
                decide(known, "firm", asked, LOCAL)
    assert store.waiting("firm", Sought()) == []
    own = {(issue.code, issue.type, issue.asset) for issue in check_all(sound, most=10**6)}
    found = {(issue.code, issue.type, issue.asset) for issue in check_all(store.network("firm"), most=10**6)}
    assert found <= own  # at no asset that came, and at none that a repair made
    whole = contents(store.network("firm"))
    loose = {row.id for row in planted if row.rule in {"connectivity.no-end", "connectivity.unknown-end"}}
    for type_, table in sound.tables.items():
        assert {id_ for id_ in table.ids.tolist() if (type_, id_) not in whole} <= loose
    mended = {(one.type, one.id) for number in range(2, store.version("firm") + 1)
              for one in store.touched("firm", number)}  # fmt: skip
    good = {name: said for name, said in entered.items() if name not in mended}
    assert {name: whole[name] for name in good} == good
