"""Planning cases in a folder: the cheapest programme, its certificate, what is said of bad input."""

import csv
import itertools
import json
from dataclasses import replace

import numpy as np
import pytest

from tests.planning.drawn_cases import drawn, enumerated, write_case
from wenqu.errors import BadInput, FileUnreadable
from wenqu.planning.check_certificate import check
from wenqu.planning.nearest import nearest
from wenqu.planning.proved_choice import choose_proved
from wenqu.planning.stated_case import Milestone, StatedRules, portfolio_of
from wenqu.services.plan_case import plan_case
from wenqu.services.verify_certificate import verify_certificate
from wenqu.services.write_plan_case import summary, write_plan_case


def planned(folder, case, **asked):
    """Write a case, plan it, write the answer."""
    write_case(folder / "in", *case)
    found = plan_case(folder / "in", seconds=20, gap=0.0, **asked)
    write_plan_case(found, folder / "out")
    return found, folder / "out"


def changed(path, change):
    """Rewrite a JSON file."""
    body = json.loads(path.read_text(encoding="utf-8"))
    change(body)
    path.write_text(json.dumps(body), encoding="utf-8")


@pytest.mark.parametrize("seed", range(40))
def test_the_programme_is_the_one_that_trying_every_choice_finds(seed, tmp_path):
    case = drawn(seed, packages=5, falling=seed % 3 == 0)
    given = portfolio_of(*case)
    least = enumerated(given)
    found, out = planned(tmp_path, case)
    checked = verify_certificate(out / "certificate.json")
    if np.isinf(least):
        assert found.proved.status == "infeasible"
        assert summary(found)["relaxation"]["changes"]
        assert not found.chosen
        assert checked.status in {"infeasible", "stated"}
        return
    assert found.proved.cost == pytest.approx(least, rel=1e-9)
    assert found.proved.best_bound == pytest.approx(least, rel=1e-6)
    assert found.proved.bound <= least * (1 + 1e-9)
    assert checked.status == "proved"
    assert checked.cost == pytest.approx(least, rel=1e-9)
    assert checked.bound == pytest.approx(max(found.proved.bound, found.proved.exact_bound), rel=1e-6)
    assert checked.bound <= least * (1 + 1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_a_larger_case_is_proved_near_its_bound_and_the_certificate_says_the_same(seed, tmp_path):
    case = drawn(1000 + seed, packages=120, methods=3, windows=4, plants=4)
    found, out = planned(tmp_path, case)
    if found.proved.status == "infeasible":
        assert found.relaxation.programme is not None
        return
    checked = check(out / "certificate.json")
    assert checked["faults"] == []
    assert checked["bound"] == pytest.approx(max(found.proved.bound, found.proved.exact_bound), rel=1e-6)
    assert found.proved.bound <= found.proved.best_bound <= found.proved.cost
    assert found.proved.gap < 0.05


def feasible(folder):
    """Return the folder of the answer to a case that has one, with two options chosen at least."""
    for seed in range(20):
        found, out = planned(folder, drawn(seed, packages=8))
        if found.proved.status == "proved" and len(found.chosen) > 1:
            return out
    raise AssertionError


def test_whatever_is_tampered_with_the_certificate_says_so(tmp_path):
    out = feasible(tmp_path)
    certificate = out / "certificate.json"
    assert verify_certificate(certificate).status == "proved"
    whole = certificate.read_text(encoding="utf-8")

    changed(certificate, lambda body: body["plan"].pop())
    assert "cost" in verify_certificate(certificate).faults
    certificate.write_text(whole, encoding="utf-8")

    changed(certificate, lambda body: body.update(bound=body["cost"] * 2))
    assert "bound" in verify_certificate(certificate).faults
    certificate.write_text(whole, encoding="utf-8")

    changed(certificate, lambda body: body.update(cost=body["cost"] * 0.9))
    assert "cost" in verify_certificate(certificate).faults
    certificate.write_text(whole, encoding="utf-8")

    plan = (out / "plan.csv").read_text(encoding="utf-8")
    (out / "plan.csv").write_text("\n".join(plan.splitlines()[:-1]), encoding="utf-8")
    assert verify_certificate(certificate).faults == ("plan.csv",)
    (out / "plan.csv").write_text(plan, encoding="utf-8")

    options = tmp_path / "in" / "options.csv"
    options.write_text(options.read_text(encoding="utf-8").replace("2024", "2025", 1), encoding="utf-8")
    assert "options.csv" in verify_certificate(certificate).faults


def test_prices_below_zero_prove_nothing(tmp_path):
    certificate = feasible(tmp_path) / "certificate.json"
    before = check(certificate)["bound"]
    changed(certificate, lambda body: [row.update(price=-1e9) for row in body["prices"]])
    assert check(certificate)["bound"] <= before


def test_the_certificate_is_checked_without_anything_but_the_standard_library():
    import ast
    from pathlib import Path

    import wenqu.planning.check_certificate as module

    source = Path(module.__file__).read_text(encoding="utf-8")
    tree = ast.parse(source)
    imported = {
        (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name).split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert imported <= {"csv", "json", "collections", "hashlib", "math", "pathlib", "typing"}
    main = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "check")
    assert main.end_lineno - main.lineno < 60


def test_a_bound_never_above_the_cost_whatever_is_drawn():
    for seed in range(200):
        given = portfolio_of(*drawn(seed, packages=4, methods=2, windows=2, falling=seed % 2 == 0))
        found = choose_proved(given, seconds=5, gap=0.0)
        assert found.status in {"proved", "infeasible"}
        if found.status == "proved":
            assert found.bound <= found.cost * (1 + 1e-9) + 1e-6
            assert found.solver_bound <= found.cost * (1 + 1e-9) + 1e-6
            assert given.holds(found.chosen)


def test_an_impossible_share_is_told_with_what_can_be_reached(tmp_path):
    options, plants, rules = drawn(3, packages=8)
    plants.load[:] = 0.0
    found, out = planned(
        tmp_path, (options, plants, rules.__class__(rules.windows, {}, {}, {}, (), "2025", 0.9))
    )
    assert found.proved.status == "infeasible"
    change = summary(found)["relaxation"]["changes"][0]
    assert (change["rule"], change["demanded"], change["needed"]) == ("share", pytest.approx(0.9), 0.0)
    said = [row["code"] for row in summary(found)["warnings"]]
    assert said.count("plan-case.plant-out-of-reach") == 2
    assert verify_certificate(out / "certificate.json").status == "infeasible"


def test_a_budget_too_small_is_raised_by_as_little_as_possible(tmp_path):
    options, plants, rules = drawn(3, packages=2, methods=1, windows=1)
    options.cost[:] = (100.0, 300.0)
    options.length[:] = (50.0, 50.0)
    milestone = rules.milestones[0].__class__("2024", 1.0)
    found, _ = planned(
        tmp_path, (options, plants, rules.__class__(("2024",), {"2024": 250.0}, {}, {}, (milestone,)))
    )
    told = summary(found)["relaxation"]
    assert found.proved.status == "infeasible"
    # 400 - 250 = 150 of a size of 250; or half of the length: 0.5 of its size, which is less
    assert [(row["rule"], row["needed"]) for row in told["changes"]] == [
        ("length", pytest.approx(50, rel=1e-5))
    ]
    assert told["cost"] == pytest.approx(100.0)


def test_a_budget_of_nothing_is_told_with_what_it_takes(tmp_path):
    options, plants, _ = drawn(3, packages=2, methods=1, windows=1)
    options.cost[:] = (100.0, 300.0)
    options.length[:] = (50.0, 50.0)
    rules = StatedRules(("2024",), {"2024": 0.0}, {}, {}, (Milestone("2024", 0.5),))
    found, _ = planned(tmp_path, (options, plants, rules))
    changes = summary(found)["relaxation"]["changes"]
    # 100 of the 400 that all would use, or all of the length that is asked: the money is less
    assert [(row["rule"], row["demanded"]) for row in changes] == [("budget", 0.0)]
    assert changes[0]["needed"] == pytest.approx(100.0, rel=1e-5)
    assert [issue.code for issue in found.case.issues] == ["plan-case.budget-zero"]


def rewritten(folder, change):
    """Rewrite the options of a case, row by row."""
    path = folder / "in" / "options.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    change(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, rows[0])
        out.writeheader()
        out.writerows(rows)


def test_bad_rows_are_told_and_left_out_and_the_certificate_leaves_out_the_same(tmp_path):
    write_case(tmp_path / "in", *drawn(5, packages=8))

    def spoil(rows):
        rows[0]["cost"] = "-5"
        rows[1]["cost"] = "about 300"
        rows[2]["window"] = "1999"
        rows[4]["length_m"] = "1"
        rows[5]["option_id"] = rows[6]["option_id"]
        rows[9]["plant_id"] = rows[8]["plant_id"] = rows[10]["plant_id"] = rows[11]["plant_id"] = "nowhere"

    rewritten(tmp_path, spoil)
    found = plan_case(tmp_path / "in", seconds=10)
    write_plan_case(found, tmp_path / "out")
    codes = {issue.code for issue in found.case.issues}
    assert {
        "plan-case.no-value", "case.not-a-number", "plan-case.window-unknown", "plan-case.package-differs",
        "case.same-id", "plan-case.plant-unknown",
    } <= codes  # fmt: skip
    told = {issue.place.row for issue in found.case.issues if issue.code == "plan-case.window-unknown"}
    assert told == {4}
    assert verify_certificate(tmp_path / "out" / "certificate.json").status == found.proved.status


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("{", BadInput),
        ("[]", BadInput),
        ('{"windows": []}', BadInput),
        ('{"windows": ["2024", "2024"]}', BadInput),
        ('{"windows": ["2024"], "budget": {"2025": 1}}', BadInput),
        ('{"windows": ["2024"], "budget": {"2024": -1}}', BadInput),
        ('{"windows": ["2024"], "budget": {"2024": "much"}}', BadInput),
        ('{"windows": ["2024"], "milestones": [{"by": "2024", "share_of_length": 2}]}', BadInput),
        ('{"windows": ["2024"], "capacity_share": {"by": "2030", "share": 0.5}}', BadInput),
        ('{"windows": ["2024"], "load_guard": "yes"}', BadInput),
    ],
)
def test_rules_that_make_no_sense_are_refused_in_words(body, error, tmp_path):
    write_case(tmp_path / "in", *drawn(1))
    (tmp_path / "in" / "rules.json").write_text(body, encoding="utf-8")
    with pytest.raises(error):
        plan_case(tmp_path / "in", seconds=1)


@pytest.mark.parametrize("encoding", ["gbk", "utf-8-sig", "utf-16"])
def test_a_case_in_another_encoding_has_the_same_programme_and_its_certificate_holds(encoding, tmp_path):
    out = feasible(tmp_path)
    path = tmp_path / "in" / "options.csv"
    plan = (out / "plan.csv").read_text(encoding="utf-8").replace("o", "方案").split()[1:]
    text = path.read_text(encoding="utf-8").replace("\no", "\n方案").replace(",m,", ",灌浆,")
    path.write_text("\n" + text if encoding == "gbk" else text, encoding=encoding)
    found = plan_case(tmp_path / "in", seconds=5.0)
    assert found.chosen == plan
    write_plan_case(found, tmp_path / "out")
    assert check(tmp_path / "out" / "certificate.json")["faults"] == []


def test_a_missing_file_or_column_is_named(tmp_path):
    write_case(tmp_path / "in", *drawn(1))
    (tmp_path / "in" / "plants.csv").write_text("plant_id\nA\n", encoding="utf-8")
    with pytest.raises(FileUnreadable):
        plan_case(tmp_path / "in", seconds=1)
    (tmp_path / "in" / "plants.csv").unlink()
    with pytest.raises(FileUnreadable):
        plan_case(tmp_path / "in", seconds=1)


def test_no_options_no_plants_no_demands_is_a_programme_of_nothing(tmp_path):
    write_case(tmp_path / "in", *drawn(1))
    for name in ("options.csv", "plants.csv"):
        path = tmp_path / "in" / name
        path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    (tmp_path / "in" / "rules.json").write_text('{"windows": ["2024"]}', encoding="utf-8")
    found = plan_case(tmp_path / "in", seconds=1)
    write_plan_case(found, tmp_path / "out")
    assert (found.proved.status, found.proved.cost) == ("proved", 0.0)
    assert verify_certificate(tmp_path / "out" / "certificate.json").status == "proved"


def least_miss(given):
    """Return the least sum of misses of all choices, each as a part of its rule."""
    least = np.inf
    spans = [[-1, *range(low, high)] for low, high in itertools.pairwise(given.start.tolist())]
    for choice in itertools.product(*spans):
        chosen = np.array([row for row in choice if row >= 0], dtype=np.int64)
        held = given.reached(given.complying(chosen))
        lack = np.maximum(1 - held / given.demand, 0.0).sum() if given.demand.all() else 0.0
        least = min(least, float(given.missed(chosen)[given.of_plant < 0].sum() + lack))
    return least


def test_the_smallest_change_of_rules_is_the_one_that_trying_every_choice_finds():
    tried = 0
    for seed in range(60):
        given = portfolio_of(*drawn(seed, packages=4, falling=seed % 2 == 0))
        if not np.isinf(enumerated(given)):
            continue
        tried += 1
        changes = nearest(given, seconds=10).changes
        size = {(row.rule, row.scope, row.window): row.size for row in given.rows}
        missed = sum(
            1 - one.needed / one.demanded
            if one.rule == "share"
            else abs(one.needed - one.demanded) / size[one.rule, one.scope, one.window]
            for one in changes
        )
        assert missed == pytest.approx(least_miss(given), rel=1e-5, abs=1e-6), seed
    assert tried > 10


def test_a_share_counts_at_the_end_of_its_window_and_its_loss_after_that_is_told(tmp_path):
    options, plants, _ = drawn(3, packages=1, methods=1, windows=2, plants=1)
    options = replace(
        options, cost=np.array([9.0, 5.0]), length=np.array([50.0]), removed=np.zeros(2),
        gained=np.array([-2.0, -2.0]), plant=np.array(["W0"], dtype=object),
    )  # fmt: skip
    plants = replace(plants, flow=np.array([1000.0]), load=np.array([100.0]), threshold=np.array([100.0]))
    # as it is the plant complies; the works take load away, in the later window they may
    rules = StatedRules(("2024", "2025"), {}, {}, {}, (Milestone("2025", 1.0),), "2024", 1.0)
    found, out = planned(tmp_path, (options, plants, rules))
    assert found.chosen == ["o1"]
    assert verify_certificate(out / "certificate.json").status == "proved"
    (lost,) = found.case.issues
    assert (lost.code, lost.facts["window"], lost.facts["later"]) == ("plan-case.share-lost", "2025", 0.0)
