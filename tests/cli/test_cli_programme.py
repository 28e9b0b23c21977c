"""A programme from the command line: for the only city there is, its certificate, written and checked."""

import json
from dataclasses import replace

import pytest

from tests.services.plan_case import build
from tests.services.test_plan_city import CODE
from wenqu.examples.little_city import little_city
from wenqu.services.plan_city import plan_city
from wenqu.store.database import open_store


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("programme") / "store"
    store = build(made)
    plan_city(store, CODE, who="planner")
    store.close()
    return made


def test_the_only_city_of_a_store_need_not_be_named(wenqu, folder):
    said = wenqu("plan", "--json", store=folder)
    assert said.code == 0
    assert said.json["status"] == "proved"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_of_several_cities_or_none_one_must_be_named(wenqu, tmp_path, language):
    none = wenqu("plan", store=tmp_path / "none", language=language)
    assert (none.code, "--city" in none.err) == (2, True)
    store = open_store(tmp_path / "two")
    for code in ("east", "west"):
        with store.change(code, who="tester", why="test") as change:
            change.put_city(replace(little_city().city, code=code))
    store.close()
    several = wenqu("plan", store=tmp_path / "two", language=language)
    assert several.code == 2
    assert "east, west" in several.err


def test_a_certificate_is_written_holds_and_a_tampered_line_fails(wenqu, folder, tmp_path):
    out = tmp_path / "proof"
    written = wenqu("programme", "certificate", "--city", CODE, "--out", out, store=folder)
    assert written.code == 0
    assert "certificate.json" in written.out.replace("\n", "")
    held = wenqu("plan", "verify", out / "certificate.json", "--json")
    assert (held.code, held.json["status"]) == (0, "proved")
    lines = (out / "plan.csv").read_text("utf-8").splitlines()
    (out / "plan.csv").write_text("\n".join([*lines[:-1], lines[-1].rpartition("@")[0] + "@2099"]), "utf-8")
    broken = wenqu("plan", "verify", out / "certificate.json")
    assert broken.code == 3
    assert "plan.csv" in broken.out
    missing = wenqu("programme", "certificate", "none", "--city", CODE, "--out", out, store=folder)
    assert missing.code == 2
    assert "none" in missing.err


def test_a_programme_that_misses_rules_takes_no_place_unless_told(wenqu, tmp_path):
    made = tmp_path / "store"
    store = build(made)
    stands = plan_city(store, CODE, who="planner").programme
    store.close()
    rules = tmp_path / "rules.json"
    year = stands.windows[1]
    body = {"length_share": [{"by": year, "share": 1.0, "denominator_m": 1e5}]}
    rules.write_text(json.dumps(body), encoding="utf-8")
    refused = wenqu("plan", "--rules", rules, store=made)
    assert refused.code == 3
    assert "Not taken" in refused.out
    history = ("programme", "history", "--city", CODE, "--json")
    assert [row["id"] for row in wenqu(*history, store=made).json["rows"]] == [stands.id]
    taken = wenqu("plan", "--rules", rules, "--although", "--json", store=made)
    assert (taken.code, taken.json["filed"], taken.json["status"]) == (0, True, "infeasible")
    again = wenqu("programme", "again", "--city", CODE, "--json", store=made)
    assert again.json["after"]["status"] == "infeasible"
    file = ("programme", "file", again.json["id"], "--city", CODE, "--why", "try")
    refused = wenqu(*file, store=made, language="zh")
    assert refused.code != 0
    assert "未满足全部规则" in refused.err.replace("\n", "")
    assert wenqu(*file, "--although", store=made).code == 0
