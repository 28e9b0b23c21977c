"""The certificate of a city's programme: written, checked without a solver, found out when tampered with."""

import ast
import csv
import json
import math
from pathlib import Path

import pytest

import wenqu.planning.check_rows as checker
from tests.planning.conftest import make_options, make_plants
from tests.planning.test_conditions_enumerated import cheapest, random_case
from wenqu.errors import NotEnoughData
from wenqu.planning.demands import problem_lengths
from wenqu.planning.programme import choose_programme
from wenqu.services.programme_proof import Proof, proof_document, read_proof
from wenqu.services.verify_certificate import verify_certificate
from wenqu.services.write_certificate import certificate_files, write_certificate


def proved(seed, packages=5):
    """Return a drawn case with the proof of its programme, read back from its document, or None."""
    made, plants, rules = random_case((make_options, make_plants), seed, packages)
    plan = choose_programme(made, plants, rules, gap=0)
    if plan.status == "infeasible":
        assert plan.grounds is None
        return (made, plants, rules), None
    lengths = problem_lengths(made)
    proof = Proof("made", made, plants, rules, plan.choice, lengths, plan.bound, plan.grounds)
    return (made, plants, rules), read_proof(proof_document(proof))


def some(least=2):
    """Return a proof with some packages and a bound above nothing."""
    for seed in range(700, 760):
        _, proof = proved(seed)
        if proof is not None and len(proof.choice.options) >= least and proof.grounds.bound > 0:
            return proof
    raise AssertionError


def test_under_every_kind_of_rule_the_certificate_holds_and_proves_no_more_than_is_true(tmp_path):
    there = 0
    for seed in range(500, 530):
        case, proof = proved(seed)
        if proof is None:
            continue
        there += 1
        file = write_certificate(proof, tmp_path / str(seed))
        found = verify_certificate(file)
        least = cheapest(*case)
        assert found.faults == (), seed
        assert found.status == "proved"
        assert found.cost == pytest.approx(least)
        assert found.bound >= proof.grounds.bound * (1 - 1e-9) - 1e-3
        assert found.bound <= least * (1 + 1e-9)
    assert there >= 8


def changed(path, change):
    """Rewrite a JSON file."""
    body = json.loads(path.read_text(encoding="utf-8"))
    change(body)
    path.write_text(json.dumps(body), encoding="utf-8")


@pytest.mark.parametrize(
    ("tamper", "fault"),
    [
        (lambda body: body["plan"].pop(), "cost"),
        (lambda body: body["plan"].append("k9:none@2026"), "plan k9:none@2026"),
        (lambda body: body.update(bound=2 * body["cost"]), "bound"),
        (lambda body: body.update(cost=0.9 * body["cost"]), "cost"),
        (lambda body: [price.update(price=0.0) for price in body["prices"]], "bound"),
    ],
)
def test_a_changed_plan_price_cost_or_bound_is_told_in_both_languages(tamper, fault, tmp_path):
    file = write_certificate(some(), tmp_path)
    assert verify_certificate(file).status == "proved"
    changed(file, tamper)
    found = verify_certificate(file)
    assert found.status == "broken"
    assert fault in found.faults
    assert all(len(found.sentences(language)) == len(found.faults) for language in ("zh", "en"))


def test_changed_inputs_are_told_and_so_is_the_rule_that_no_longer_holds(tmp_path):
    file = write_certificate(some(), tmp_path)
    changed(tmp_path / "rows.json", lambda body: body["rows"][0].update(amount=1e12))
    found = verify_certificate(file)
    assert "rows.json" in found.faults
    assert any(said.startswith("Rule '") for said in found.sentences("en"))
    with (tmp_path / "options.csv").open(encoding="utf-8", newline="") as text:
        rows = list(csv.reader(text))
    rows[1][rows[0].index("cost")] = "1.0"
    with (tmp_path / "options.csv").open("w", encoding="utf-8", newline="") as text:
        csv.writer(text).writerows(rows)
    assert "options.csv" in verify_certificate(file).faults


def test_prices_below_zero_prove_nothing(tmp_path):
    file = write_certificate(some(), tmp_path)
    before = checker.check(file)["bound"]
    changed(file, lambda body: [price.update(price=-1e9) for price in body["prices"]])
    assert checker.check(file)["bound"] <= before


def test_a_proof_without_prices_says_that_there_is_no_certificate():
    proof = some()
    old = Proof(*(getattr(proof, name) for name in Proof.__slots__[:-1]))
    assert read_proof(proof_document(old)).grounds is None
    with pytest.raises(NotEnoughData, match="certificate"):
        certificate_files(old)


def test_the_check_uses_the_standard_library_alone_and_is_short():
    source = Path(checker.__file__).read_text(encoding="utf-8")
    tree = ast.parse(source)
    imported = {
        (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name).split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert imported <= {"csv", "json", "collections", "hashlib", "math", "operator", "pathlib", "typing"}
    main = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "check")
    assert main.end_lineno - main.lineno < 60


def test_sets_of_plants_beyond_those_kept_are_rounded_to_the_safe_side(monkeypatch):
    states = [[((0.0, 0.0), 0.0), ((one, 0.0), one), ((one, one), 2.2 * one)] for one in (3.1, 4.7, 5.3, 6.9)]

    def least():
        sets = [((0.0, 0.0), 0.0, -1, -1)]
        for one in states:
            sets = checker.wider(sets, one, (11.0, 6.0))
        return min((one[1] for one in sets if checker.reaches(one[0], (11.0, 6.0))), default=math.inf)

    exact = least()
    monkeypatch.setattr(checker, "SETS", 9)
    assert 0 < least() <= exact
