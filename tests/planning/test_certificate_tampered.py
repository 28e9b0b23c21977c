"""A certificate that was tampered with, line by line."""

import json

import pytest

from tests.planning.drawn_cases import drawn
from tests.planning.test_plan_case import changed, feasible, planned
from wenqu.errors import BadInput, FileMissing
from wenqu.planning.check_certificate import seal
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
