"""Every bad row that a survey firm delivers is found, no good one is lost, and repairs make it whole."""

from collections import defaultdict

import numpy as np
import openpyxl
import pytest

from wenqu.examples.broken_delivery import NOT_PLANTED, PLANTS, broken_delivery
from wenqu.examples.city.whole import example_city
from wenqu.examples.delivered_files import write_delivery
from wenqu.network.checks.registry import check_all
from wenqu.network.checks.telling import rule_table
from wenqu.network.formats.reading import read_geofile
from wenqu.network.model import Network
from wenqu.network.repairs.proposing import Proposer
from wenqu.network.staging import stage, with_edits
from wenqu.network.topology import topology

ROUNDS = 6  # of "apply the first proposal everywhere"


@pytest.fixture(scope="module")
def delivered():
    sound = example_city(conduits=3000, seed=1).network
    known = {(issue.code, issue.type, issue.asset) for issue in check_all(sound, most=10**6)}
    broken, planted = broken_delivery(sound)
    return sound, known, broken, planted, stage(Network(sound.city, {}), broken.tables, confirmed=known)


def everything(made):
    return [entry for entry in (*made.mended, *made.queued, *made.flagged) if entry.issue.asset]


def test_every_rule_can_be_planted():
    assert set(PLANTS) | NOT_PLANTED == set(rule_table())


def test_every_planted_row_is_found_by_its_rule(delivered):
    _, _, _, planted, made = delivered
    told = defaultdict(set)
    for entry in everything(made):
        told[entry.issue.asset].add(entry.issue.code)
    assert {row.rule for row in planted} == set(PLANTS)
    assert [row for row in planted if row.rule not in told[row.id]] == []


def test_nothing_else_is_told(delivered):
    _, _, _, planted, made = delivered
    expected = {name for row in planted for name in row.touched}
    assert [entry.issue for entry in everything(made) if entry.issue.asset not in expected] == []


def test_no_good_row_is_lost_and_only_pipes_of_a_waiting_manhole_wait_beside(delivered):
    _, _, broken, planted, made = delivered
    bad = {row.id for row in planted}
    beside = [entry for entry in made.queued if entry.issue.asset not in bad]
    assert {entry.issue.code for entry in beside} <= {"stage.waits"}
    assert all(node in bad for entry in beside for _, node in entry.waits_for)
    out = {(entry.issue.type, entry.issue.asset) for entry in made.queued}
    for type_, table in broken.tables.items():
        entered = set(made.tables[type_].ids)
        assert {str(id_) for id_ in table.ids if (type_, id_) not in out} == entered


def test_the_first_proposal_everywhere_makes_it_whole(delivered):
    sound, known, _, planted, made = delivered
    network = Network(sound.city, made.tables)
    network = with_edits(network, [entry.edit for entry in made.queued])
    for _ in range(ROUNDS):
        graph = topology(network)
        issues = [issue for issue in check_all(network, graph, 10**6, known) if issue.asset]
        proposer, touched, edits = Proposer(network, graph), set(), []
        for issue in issues:
            first = proposer.proposals(issue)[0]
            about = {(edit.type, edit.id) for edit in first.edits} | {(issue.type, issue.asset)}
            if not about & touched:
                touched |= about
                edits += first.edits
        network = with_edits(network, edits)
    assert issues == []
    changed = {name for row in planted for name in row.touched}
    for type_, table in sound.tables.items():
        after = {id_: row for row, id_ in enumerate(network.table(type_).ids)}
        assert set(table.ids) <= set(after), "no asset of the city is lost"
        there = np.array([after[id_] for id_ in table.ids], dtype=np.int64)
        differs = np.zeros(len(table), dtype=bool)
        for name, column in table.fields.items():
            now = network.table(type_).column(name)[there]
            same = (column == now) | ((column != column) & (now != now))
            differs |= ~np.asarray(same, dtype=bool)
        elsewhere = {id_ for id_ in table.ids[differs] if id_ not in changed}
        assert len(elsewhere) <= len(planted) / 10, "a first proposal reaches beyond its row in few cases"


def test_the_files_of_the_firm_hold_every_row_in_its_names_and_units(tmp_path):
    sound = example_city(conduits=1200, seed=1).network
    planted = write_delivery(sound, tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    assert {"普查成果.xlsx", "PS_POINT.shp", "PS_PIPE.dbf", "其余设施.gpkg", "planted.csv"} <= names
    read = read_geofile(tmp_path / "PS_PIPE.shp")
    assert read.encoding.upper().startswith("GB")
    assert set(sound.table("conduit").ids) <= set(read.tables["conduit"].ids)
    codes = {row.id for row in planted if row.rule == "attribute.unknown-code"}
    assert {issue.asset for issue in read.issues if issue.code == "format.unknown-code"} == codes
    book = openpyxl.load_workbook(tmp_path / "普查成果.xlsx", read_only=True)
    assert book.sheetnames == ["管点", "管线"]
