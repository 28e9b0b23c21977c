"""Every rule has a repair, and after the first one it is silent."""

import pytest

from wenqu.examples.broken_cities import BROKEN
from wenqu.examples.little_city import little_city
from wenqu.issues import Weight
from wenqu.messages import LANGUAGES, say, sentences
from wenqu.network.checks.registry import check_all
from wenqu.network.checks.telling import rule_table
from wenqu.network.repairs.proposing import PROPOSALS, Proposer
from wenqu.network.staging import with_edits

OF_A_TABLE = {code for code in BROKEN if code.startswith("attribute.missing-")} - {"attribute.missing-code"}
ALONE = sorted(set(BROKEN) - OF_A_TABLE)


def broken(code):
    city = BROKEN[code]()
    return city, [issue for issue in check_all(city) if issue.code == code]


def test_every_rule_about_single_assets_has_proposals():
    assert set(PROPOSALS) == set(ALONE)


@pytest.mark.parametrize("code", ALONE)
def test_after_the_first_proposal_the_rule_is_silent_and_nothing_worse_appears(code):
    city, issues = broken(code)
    first = Proposer(city).proposals(issues[0])[0]
    assert not first.confirms, "the best proposal changes something"
    after = list(check_all(with_edits(city, first.edits)))
    assert [issue for issue in after if (issue.code, issue.asset) == (code, issues[0].asset)] == []
    assert [issue for issue in after if issue.weight is Weight.FAULT] == []


@pytest.mark.parametrize("code", ALONE)
def test_every_proposal_silences_its_finding_and_brings_no_fault(code):
    city, issues = broken(code)
    for proposal in Proposer(city).proposals(issues[0]):
        quiet = [proposal.confirmation] if proposal.confirms else []
        after = list(check_all(with_edits(city, proposal.edits), confirmed=quiet))
        told = [(issue.code, issue.asset) for issue in after]
        assert (code, issues[0].asset) not in told, proposal
        assert [issue for issue in after if issue.weight is Weight.FAULT] == [], proposal


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", ALONE)
def test_every_proposal_has_its_sentence_with_all_facts(code, language):
    city, issues = broken(code)
    for proposal in Proposer(city).proposals(issues[0]):
        assert f"repair.{proposal.key}" in sentences(language)
        assert "[" not in say(f"repair.{proposal.key}", language, **proposal.facts), proposal


def test_a_confirmed_finding_is_not_told_again():
    city, (issue,) = broken("elevation.adverse-slope")
    keep = Proposer(city).proposals(issue)[-1]
    assert keep.confirms
    assert list(check_all(city, confirmed=[keep.confirmation])) == []


def test_what_is_certainly_wrong_cannot_be_confirmed():
    assert {
        code for code, rule in rule_table().items() if rule.confirmable and rule.weight is Weight.FAULT
    } <= {
        "geometry.shifted",
        "geometry.swapped-axes",
        "geometry.wrong-zone",
    }


def test_a_sound_city_needs_no_repair():
    assert list(check_all(little_city())) == []
