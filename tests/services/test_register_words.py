"""A reader of a register sees words where its rows hold codes, in both languages."""

import pytest

from wenqu.diagnosis.cards import cards
from wenqu.diagnosis.month_forcing import MEMORIES
from wenqu.diagnosis.month_states import STEP_KINDS
from wenqu.diagnosis.posterior_findings import PARTS
from wenqu.issues import Weight
from wenqu.network.schema import Code
from wenqu.records import money
from wenqu.records.project import PARTIES
from wenqu.records.registry import every_code_list, record_kinds
from wenqu.services.money_tables import GIVEN
from wenqu.services.plan_tables import ASSUMPTIONS, PACKAGES, PRICES
from wenqu.services.register_files import told_in_words, worded
from wenqu.supervision.own_tables import COLUMNS

CODED = {"code", "codes"}
# Lists and what the machine writes into their columns.
WRITTEN = {
    "finding_quantity": {
        *(quantity for card in cards().values() for quantity in card.gives),
        *(before + part for before in ("", "area_") for part in (*PARTS, "missing")),
        *(f"step_{kind}" for kind in STEP_KINDS),
    },
    "party_role": set(PARTIES),
    "issue_weight": set(Weight),
    "forcing": {"groundwater", "river_stage", *MEMORIES},
    "money_table": set(GIVEN),
    "planning_table_name": {ASSUMPTIONS, PACKAGES, PRICES},
    "programme_table_name": set(COLUMNS),
    "purpose": set(money.PURPOSES),
    "fund_source": set(money.SOURCES),
    "payment_kind": set(money.PAYMENT_KINDS),
    "variation_kind": set(money.VARIATION_KINDS),
}


@pytest.mark.parametrize("name", list(record_kinds()))
def test_every_code_of_a_column_has_a_name_in_both_languages(name):
    lists = every_code_list()
    for entry in record_kinds()[name].fields:
        if not (entry.kind in CODED or (entry.kind == "text" and entry.of)):
            continue
        assert entry.of[0] in lists, entry.name
        for code, named in lists[entry.of[0]].items():
            assert named.zh.strip(), (entry.name, code)
            assert named.en.strip(), (entry.name, code)
            assert "_" not in named.zh + named.en, (entry.name, code)
            assert told_in_words(entry, code, "zh") == named.zh, (entry.name, code)
            assert told_in_words(entry, code, "en") == named.en, (entry.name, code)


@pytest.mark.parametrize("name", list(WRITTEN))
def test_a_list_knows_every_code_that_is_written(name):
    used = {of for kind in record_kinds().values() for entry in kind.fields for of in entry.of}
    assert name in used
    assert WRITTEN[name] - set(every_code_list()[name]) == set()


def test_only_the_word_that_begins_a_part_is_a_code():
    roles = {"owner": Code("owner", "建设单位", "client", "")}
    assert (
        worded("owner 水务集团; 其他 owner; owners", roles, "zh") == "建设单位 水务集团; 其他 owner; owners"
    )
    assert worded("owner, 1", roles, "en") == "client, 1"
