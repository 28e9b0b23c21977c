"""The rules of a programme from the command line."""

import json

import pytest

from tests.services.plan_case import build
from tests.services.test_plan_city import CODE
from wenqu.services.plan_city import plan_city


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("plan-rules") / "store"
    store = build(made)
    plan_city(store, CODE, who="planner")
    store.close()
    return made


def test_rules_are_shown_checked_kept_with_a_reason_and_looked_back_at(wenqu, folder, tmp_path):
    shown = wenqu("plan-rules", "show", "--city", CODE, store=folder)
    rules = shown.json
    file = tmp_path / "rules.json"
    file.write_text(json.dumps(rules | {"must_not": [{"name": "O", "who": "Li"}], "pace": 1}), "utf-8")
    checked = wenqu("plan-rules", "check", "--city", CODE, file, store=folder)
    assert "Must not be done" in checked.out
    kept = wenqu("plan-rules", "keep", "--city", CODE, file, "--why", "quay", store=folder)
    assert kept.code == 0
    versions = wenqu("plan-rules", "history", "--city", CODE, "--json", store=folder).json
    assert [(row["who"], row["why"]) for row in versions] == [("tester", "quay"), ("planner", "plan")]
    old = wenqu("plan-rules", "show", "--city", CODE, "--version", versions[1]["number"], store=folder)
    assert old.json["must_not"] == []
    told = wenqu("plan-rules", "history", "--city", CODE, store=folder, language="zh")
    assert "不得实施" in told.out


def test_nonsense_is_said_without_a_traceback(wenqu, folder, tmp_path):
    file = tmp_path / "rules.json"
    file.write_text('{"minimum_work": [{"window": "2025", "amount": -1, "unit": "m"}]}', "utf-8")
    checked = wenqu("plan-rules", "check", "--city", CODE, file, store=folder)
    assert "must lie between 0" in checked.out
    kept = wenqu("plan-rules", "keep", "--city", CODE, file, "--why", "try", store=folder)
    assert kept.code == 2
    assert "minimum_work[0].amount" in kept.err
    file.write_text("{", "utf-8")
    assert wenqu("plan-rules", "check", "--city", CODE, file, store=folder).code == 2
    assert wenqu("plan-rules", "check", "--city", CODE, tmp_path / "none.json", store=folder).code == 2


def test_the_last_programme_is_judged_again_rule_by_rule(wenqu, folder):
    told = wenqu("plan-rules", "verdicts", "--city", CODE, store=folder)
    assert told.code == 0
    assert "share of the bad length mended" in told.out
    assert "%" in told.out
    assert "the city" in told.out  # the scope in words
    assert wenqu("plan-rules", "verdicts", "--city", CODE, "--json", store=folder).json["holds"] is True
