"""Cases whose water divides, is stored or held back, and cases whose map is wrong."""

import csv
import json

import numpy as np
import pytest

from tests.services import split_case, tree_case
from wenqu.services.diagnose_case import QUANTITIES, diagnose_case
from wenqu.services.write_case import summary, write_case

DAY = 86400.0
SEWAGE = {"T": 500.0, "A": 1500.0, "B": 1200.0, "C": 1000.0, "D": 1300.0, "E": 900.0}
GROUND = {"T": 300.0, "A": 500.0, "B": 900.0, "C": 200.0, "D": 600.0, "E": 400.0}


def said(answer, quantity):
    """Return what is said of a quantity by area. [m³/d]"""
    row = QUANTITIES.index(quantity)
    return dict(zip(answer.areas.tolist(), answer.mean[row] * DAY, strict=True))


def clean(answer):
    ground, river = said(answer, "groundwater"), said(answer, "river")
    return {area: ground[area] + river[area] for area in ground}


def codes(answer):
    return [issue.code for issue in answer.issues]


@pytest.mark.parametrize("taken", [0.2, 0.65])
def test_how_water_divides_is_found_from_the_meters_around_the_split(tmp_path, taken):
    answer = diagnose_case(split_case.write(tmp_path / "case", taken))
    branch = {one.conduit: one for one in answer.splits[0].branches}
    assert answer.splits[0].node == "S"
    assert answer.splits[0].measured
    assert branch["B0"].share == pytest.approx(taken, abs=0.04)
    assert branch["B0"].low < taken < branch["B0"].high
    assert branch["B0"].share + branch["C0"].share == pytest.approx(1.0)
    for area in "ABC":
        assert said(answer, "sewage")[area] == pytest.approx(split_case.SEWAGE[area], rel=0.12)
    assert sum(clean(answer).values()) == pytest.approx(sum(split_case.GROUND.values()), rel=0.05)


def test_a_map_without_the_branch_is_far_worse_than_one_with_it(tmp_path):
    errors = []
    for hidden in (False, True):
        answer = diagnose_case(split_case.write(tmp_path / str(hidden), 0.65, hidden=hidden))
        errors.append(sum(abs(said(answer, "sewage")[area] - split_case.SEWAGE[area]) for area in "ABC"))
    assert errors[0] < 0.2 * errors[1]


def test_a_split_that_no_meter_saw_is_a_wide_guess_and_told(tmp_path):
    answer = diagnose_case(split_case.write(tmp_path / "case", 0.65, meters="A"))
    assert not answer.splits  # nothing below the meter matters to it
    answer = diagnose_case(split_case.write(tmp_path / "other", 0.65, meters="C"))
    branch = answer.splits[0].branches[0]
    assert branch.high - branch.low > 0.2
    told = [issue for issue in answer.issues if issue.code == "case.split-not-measured"]
    assert [issue.asset for issue in told] == ["S"]


def test_a_tank_is_found_to_keep_the_water_as_long_as_it_does(tmp_path):
    answer = diagnose_case(split_case.write(tmp_path / "case", 0.65, tank=4.0))
    hours = np.exp(answer.inversion.theta[answer.inversion.layout.more][-1]) / 3600
    assert hours == pytest.approx(4.0, rel=0.2)
    assert sum(clean(answer).values()) == pytest.approx(sum(split_case.GROUND.values()), rel=0.06)


def test_bad_tanks_are_told_and_the_rest_answers(tmp_path):
    folder = split_case.write(tmp_path / "case", 0.65)
    (folder / "storages.csv").write_text("node_id,volume_m3\nnowhere,300\nS,\nS,-4\n", "utf-8")
    answer = diagnose_case(folder)
    assert {"case.unknown-tank", "case.tank-without-volume"} <= set(codes(answer))
    assert said(answer, "sewage")["A"] == pytest.approx(split_case.SEWAGE["A"], rel=0.12)
    (folder / "storages.csv").write_text("node,volume\nS,3\n", "utf-8")
    assert "case.file-columns" in codes(diagnose_case(folder))


def test_a_meter_that_runs_backwards_is_told_and_trusted_less(tmp_path):
    folder = split_case.write(tmp_path / "case", 0.65)
    rows = list(csv.DictReader((folder / "flow.csv").read_text("utf-8").splitlines()))
    for place, row in enumerate(rows):
        if row["meter_id"] == "MC" and place % 24 in {3, 4}:
            row["flow_m3_per_s"] = str(-0.3 * float(row["flow_m3_per_s"]))
    with (folder / "flow.csv").open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    answer = diagnose_case(folder)
    assert [issue.asset for issue in answer.issues if issue.code == "backwater.reverse"] == ["MC"]
    assert answer.inversion.loose[2] > 3
    assert answer.inversion.loose[0] == 1


def comb_case(folder, moved=None, **more):
    tree, area = tree_case.comb()
    return tree_case.write(folder, tree, {**tree, **(moved or {})}, area, SEWAGE, GROUND, **more)


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_a_right_map_is_not_doubted(tmp_path, seed):
    answer = diagnose_case(comb_case(tmp_path / "case", seed=seed))
    assert answer.hypotheses == ()
    assert "map.may-be-wrong" not in codes(answer)


def test_a_part_that_drains_elsewhere_is_named_with_both_parents_and_what_moves(tmp_path):
    answer = diagnose_case(comb_case(tmp_path / "case", {"A1": "T4"}))
    first = answer.hypotheses[0]
    assert (first.conduit, first.node, first.now, first.other) == ("A1", "NA1", "MA", "MT")
    assert first.probability > 0.6
    assert first.moved * DAY == pytest.approx(0.75 * (SEWAGE["A"] + GROUND["A"]), rel=0.15)
    assert "map.may-be-wrong" in codes(answer)
    write_case(answer, tmp_path / "out")
    told = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))["hypotheses"][0]
    assert told["evidence"]["en"] == "very strong evidence"
    assert "NA1" in told["open"]["zh"]
    assert all("{" not in told[key][language] for key in ("says", "open") for language in ("zh", "en"))


def test_without_bills_or_with_one_meter_no_map_is_doubted(tmp_path):
    folder = comb_case(tmp_path / "case")
    (folder / "sources.csv").unlink()
    assert diagnose_case(folder).hypotheses == ()
    head, *rows = (folder / "meters.csv").read_text("utf-8").splitlines()
    (folder / "meters.csv").write_text("\n".join([head, *[row for row in rows if "MT" in row]]), "utf-8")
    answer = diagnose_case(folder)
    assert answer.hypotheses == ()
    assert summary(answer)["hypotheses"] == []
