"""What is asked of the queue and cannot be done is refused with what can."""

import pytest

from wenqu.cli.output import place_of
from wenqu.errors import BadInput
from wenqu.issues import Issue, Place, Weight
from wenqu.messages import LANGUAGES, say
from wenqu.services.city_state import Cities
from wenqu.services.decide_queue import decide
from wenqu.services.import_network import import_network
from wenqu.services.rights import LOCAL
from wenqu.store.database import open_store


@pytest.fixture
def known(tmp_path):
    table = tmp_path / "管段.csv"
    table.write_text("编号,起点编号,终点编号\nG1,a,b\nG1,b,c\n", encoding="utf-8")
    store = open_store(tmp_path / "store")
    import_network(store, table, "q", crs="none", who="t", why="t")
    yield Cities(store)
    store.close()


def test_a_rule_of_which_no_row_waits_is_named_with_those_that_do(known):
    waiting = {name for name, *_ in known.store.count_waiting("q")}
    assert "format.duplicate-id" in waiting
    with pytest.raises(BadInput, match="queue-rule") as refused:
        decide(known, "q", {"act": "repair", "rule": "elevation.adverse-slope"}, person=LOCAL)
    for language in LANGUAGES:
        told = say(refused.value.key, language, **refused.value.facts)
        assert "elevation.adverse-slope" in told
        assert "format.duplicate-id" in told


def test_a_change_that_was_no_decision_on_the_queue_is_named(known):
    with pytest.raises(BadInput, match="queue-undo") as refused:
        decide(known, "q", {"act": "undo", "number": 1}, person=LOCAL)
    assert all("1" in say(refused.value.key, language, **refused.value.facts) for language in LANGUAGES)


def test_a_doubt_about_a_whole_register_names_it_and_one_in_a_file_its_place():
    whole = Issue("export.not-in-model", Weight.DOUBT, "village", facts={"count": 3})
    assert place_of(whole) in {"village", "村庄"}
    assert place_of(Issue("export.nul", Weight.DOUBT, "village", place=Place("a.csv"))) == "a.csv"
