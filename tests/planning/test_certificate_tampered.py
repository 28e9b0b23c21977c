"""A certificate that was tampered with, line by line."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.planning.drawn_cases import drawn, enumerated
from tests.planning.test_plan_case import changed, feasible, planned
from wenqu.errors import BadInput, FileMissing
from wenqu.messages import LANGUAGES
from wenqu.planning.check_certificate import check, seal
from wenqu.planning.stated_case import portfolio_of
from wenqu.services.verify_certificate import verify_certificate


def lines_of(body, path=()):
    """Return the places of all single values of a certificate."""
    if isinstance(body, dict | list):
        inside = body.items() if isinstance(body, dict) else enumerate(body)
        return [place for name, value in inside for place in lines_of(value, (*path, name))]
    return [path]


@pytest.mark.parametrize("wanted", ["proved", "infeasible"])
def test_no_single_line_of_a_certificate_can_be_changed(wanted, tmp_path):
    for seed in range(40):
        found, out = planned(tmp_path, drawn(seed, packages=5))
        if found.proved.status == wanted:
            break
    certificate = out / "certificate.json"
    assert verify_certificate(certificate).status != "broken"
    whole = json.loads(certificate.read_text(encoding="utf-8"))
    places = lines_of(whole)
    assert len(places) > 10
    for path in places:
        body = json.loads(json.dumps(whole))
        inner = body
        for name in path[:-1]:
            inner = inner[name]
        was = inner[path[-1]]
        inner[path[-1]] = "other" if isinstance(was, str) else 0.5 if was is None else was * 1.01 + 1
        certificate.write_text(json.dumps(body), encoding="utf-8")
        try:
            said = verify_certificate(certificate).status
        except (BadInput, FileMissing):
            said = "broken"
        assert said == "broken", path


def test_who_seals_anew_still_cannot_claim_another_bound(tmp_path):
    certificate = feasible(tmp_path) / "certificate.json"

    def claim(body):
        body["bound"] = body["cost"] * 2
        body["seal"] = seal(body)

    changed(certificate, claim)
    assert verify_certificate(certificate).faults == ("bound",)


def test_inputs_that_cannot_be_read_any_more_are_told_by_name(tmp_path):
    out = feasible(tmp_path)
    (tmp_path / "in" / "rules.json").write_text("{", encoding="utf-8")
    assert verify_certificate(out / "certificate.json").faults == ("rules.json",)
    (tmp_path / "in" / "options.csv").write_text("nothing", encoding="utf-8")
    found = verify_certificate(out / "certificate.json")
    assert found.faults == ("options.csv", "rules.json")
    assert found.status == "broken"


FORGED = {
    "a price on a rule that nobody set": (
        lambda body: body["prices"].append({"rule": "crew", "scope": "", "window": "2025", "price": 1e9}),
        "price crew",
    ),
    "a price on a plant's row that is not due": (
        lambda body: body["prices"].append({"rule": "margin", "scope": "W0", "window": "2024", "price": 1e9}),
        "price margin W0",
    ),
    "usable rows left out": (
        lambda body: body["set_aside"].update({"options.csv": [2]}), "aside options.csv 2",
    ),
    "an input that is not certified": (lambda body: body["sha256"].pop("options.csv"), "options.csv"),
}  # fmt: skip


@pytest.mark.parametrize("forged", FORGED)
def test_who_seals_anew_is_found_out_by_what_the_rules_say(forged, tmp_path):
    tamper, fault = FORGED[forged]
    options, plants, rules = drawn(3, packages=6)
    case = options, plants, replace(rules, crew_days={}, share_by="2025", share=0.3)
    found, out = planned(tmp_path, case)
    assert found.proved.status == "proved"
    assert verify_certificate(out / "certificate.json").faults == ()

    def claim(body):
        tamper(body)
        body["seal"] = seal(body)

    changed(out / "certificate.json", claim)
    said = verify_certificate(out / "certificate.json")
    assert said.status == "broken"
    assert any(one.startswith(fault) for one in said.faults), said.faults
    assert all(len(sentence) > 10 for language in LANGUAGES for sentence in said.sentences(language))


@pytest.mark.parametrize("price", [float("nan"), float("inf")])
def test_a_price_that_is_no_number_is_refused(price, tmp_path):
    certificate = feasible(tmp_path) / "certificate.json"

    def claim(body):
        body["prices"][0]["price"] = price
        body["seal"] = seal(body)

    changed(certificate, claim)
    with pytest.raises(BadInput):
        verify_certificate(certificate)


@pytest.mark.parametrize("seed", range(8))
def test_few_packages_a_plant_are_chosen_exactly_and_never_prove_more_than_is_true(seed, tmp_path):
    options, plants, rules = drawn(4000 + seed, packages=7, plants=2, methods=2)
    case = options, plants, replace(rules, budget={}, district_budget={}, crew_days={}, share=0.9,
                                    share_by=rules.windows[-1], milestones=())  # fmt: skip
    least = enumerated(portfolio_of(*case))
    found, out = planned(tmp_path, case)
    if np.isinf(least):
        assert found.proved.status == "infeasible"
        return
    checked = check(out / "certificate.json")
    assert checked["bound"] <= least * (1 + 1e-9)
    assert checked["bound"] >= found.proved.bound * (1 - 1e-9)
    assert checked["bound"] == pytest.approx(found.proved.exact_bound, rel=1e-6)
    if not rules.load_guard:  # one rule a plant: the exact choice of its packages is the programme
        assert checked["bound"] == pytest.approx(least, rel=1e-6)
