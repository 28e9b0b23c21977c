"""Rules as people write them."""

import json
import math

import pytest

from wenqu.errors import BadInput
from wenqu.planning.rules import default_rules, rules_from, rules_text


def test_default_rules_follow_the_text_of_the_programme():
    rules = default_rules(2026)
    assert rules.windows == ("2026", "2027", "2028", "2029", "2030")
    assert [(rule.by, rule.share) for rule in rules.shares] == [("2028", 0.9)]
    assert [(rule.by, rule.share) for rule in rules.lengths] == [("2028", 0.7), ("2030", 1.0)]
    assert (rules.operator, round(rules.threshold, 12)) == (">", 0.1)
    assert rules.default


def test_above_means_one_step_above():
    # more than 100 mg/L, told to one decimal, is at least 100.1
    assert default_rules(2026).aim == pytest.approx(0.1001)
    assert rules_from('{"operator": ">="}', 2026).aim == pytest.approx(0.1)


def test_rules_survive_their_own_text():
    rules = rules_from('{"budget_wan_yuan": {"2026": 1200.5}, "crew_days": {"2027": 300}}', 2026)
    assert rules.budgets[0] == pytest.approx(12_005_000)
    assert rules.budgets[1] == math.inf
    assert rules_from(rules_text(rules), 2026) == rules
    assert not rules.default


def test_windows_of_their_own_move_the_dates():
    rules = rules_from('{"windows": ["2024", "2025", "2026", "2027", "2028"]}', 2030)
    assert rules.shares[0].by == "2026"


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "[1]",
        '{"budgets": {}}',
        '{"operator": "<"}',
        '{"pace": 0}',
        '{"pace": "fast"}',
        '{"threshold_mg_per_L": -5}',
        '{"capacity_share": [{"by": "2026", "share": 1.5}]}',
        '{"capacity_share": [{"by": "1999", "share": 0.5}]}',
        '{"budget_wan_yuan": {"2026": -1}}',
        '{"budget_wan_yuan": {"1999": 1}}',
        '{"windows": []}',
        '{"must_grade": 7}',
        '{"resolution_mg_per_L": NaN}',
    ],
)
def test_rules_that_make_no_sense_are_refused(text):
    with pytest.raises(BadInput):
        rules_from(text, 2026)


def test_the_text_carries_its_units_in_its_names():
    body = json.loads(rules_text(default_rules(2026)))
    assert body["threshold_mg_per_L"] == 100
    assert set(body["budget_wan_yuan"].values()) == {None}


def test_changing_what_was_announced_has_a_price_that_the_city_sets():
    body = json.loads(rules_text(default_rules(2025)))
    assert body["change_price_yuan"] == {"moved": 5e3, "method": 1e4, "dropped": 2e4, "added": 2e4}
    body["change_price_yuan"]["moved"] = 0
    assert rules_from(json.dumps(body), 2025).change_prices == (0.0, 1e4, 2e4, 2e4)
    body["change_price_yuan"]["added"] = -1
    with pytest.raises(BadInput, match="change_price_yuan"):
        rules_from(json.dumps(body), 2025)
