"""What the codes of a survey mean."""

import csv

from wenqu.standards.condition import condition_rules
from wenqu.standards.observations import (
    code_name,
    knows_codes,
    observation_codes,
    proposals,
    proposed,
    special_codes,
)


def test_every_main_code_has_a_name_in_three_languages_and_a_status():
    for entry in observation_codes().values():
        assert entry.zh, entry.code
        assert entry.en, entry.code
        assert entry.de, entry.code
        assert entry.status in ("single source", "memory")
        assert entry.asset_type == ("manhole" if entry.code.startswith("D") else "conduit")


def test_the_public_code_list_names_no_main_code_of_conduits_that_is_missing(shared_data):
    with (shared_data / "kwb-en13508-2" / "eucodes_full_de.csv").open(encoding="utf-8") as file:
        published = {row["main_code"]: row["main_code_name"] for row in csv.DictReader(file)}
    mine = observation_codes()
    assert [code for code in published if code not in mine] == []
    assert {code: mine[code].de for code in published if code[0] == "B"} == {
        code: name for code, name in published.items() if code[0] == "B"
    }


def test_proposals_cover_every_code_of_cjj_181_and_name_codes_that_exist():
    kinds = condition_rules().kinds
    assert {entry.cjj for entry in proposals()} == set(kinds)
    assert {entry.en for entry in proposals()} <= set(observation_codes())


def test_a_proposal_depends_on_the_characterisation_where_it_matters():
    assert [entry.cjj for entry in proposed("EN 13508-2", "BAJ", "A")] == ["TJ"]
    assert {entry.cjj for entry in proposed("EN 13508-2", "BAJ")} == {"TJ", "CK"}
    assert proposed("PACP", "FC") == ()


def test_codes_are_named_by_their_own_standard_only():
    assert code_name("EN 13508-2", "BAB", "en") == "fissure"
    assert code_name("CJJ 181", "PL", "zh") == "破裂"
    assert code_name("CJJ 181", "BAB", "zh") == ""
    assert not knows_codes("PACP")  # its code book is not public


def test_special_structures_and_running_states_of_cjj_181_have_names_and_are_no_defects():
    assert {code_name("CJJ 181", code, "zh") for code in ("YJ", "BJ", "DH")} == {
        "检查井（窨井）",
        "变径",
        "倒虹管",
    }
    assert set(special_codes()) & set(condition_rules().kinds) == set()
    assert {entry.status for entry in special_codes().values()} == {"memory"}
