"""Every rule finds the city that breaks it, and nothing else does."""

import numpy as np
import pytest

from wenqu.examples.broken_cities import BROKEN, added, changed, conduit, manhole
from wenqu.examples.little_city import little_city
from wenqu.issues import Weight
from wenqu.messages import LANGUAGES, say, sentences
from wenqu.network.checks.registry import FAMILIES, check_all, found_everywhere
from wenqu.network.checks.telling import rules
from wenqu.network.model import City, Network, assets
from wenqu.network.schema import asset_types, code_lists

TOLD_ELSEWHERE = {"check.more-like-it"}  # made by check_all itself; see the test of long lists below


def codes(network):
    return {issue.code for issue in check_all(network)}


def test_the_little_city_has_one_of_every_type_and_nothing_wrong():
    network = little_city()
    assert set(network.tables) == set(asset_types())
    assert all(len(table) for table in network.tables.values())
    assert list(check_all(network)) == []


def test_the_little_city_speaks_in_codes_that_exist():
    for name, table in little_city().tables.items():
        for field in asset_types()[name].fields:
            if field.kind == "code":
                assert set(table.column(field.name)) <= {None, *code_lists()[field.of[0]]}, (name, field.name)


def test_every_rule_has_a_broken_city_and_every_broken_city_a_rule():
    assert set(BROKEN) == set(rules()) - TOLD_ELSEWHERE


@pytest.mark.parametrize("code", sorted(BROKEN))
def test_a_broken_city_yields_exactly_its_rule(code):
    found = list(check_all(BROKEN[code]()))
    assert {issue.code for issue in found} == {code}
    assert {issue.weight for issue in found} == {rules()[code]}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", sorted(BROKEN))
def test_every_rule_says_what_is_wrong_and_what_to_do_with_its_facts(code, language):
    table = sentences(language)
    for issue in check_all(BROKEN[code]()):
        for part in ("says", "remedy"):
            key = f"issue.{code}.{part}"
            assert key in table
            assert "[" not in say(key, language, **issue.facts), "a fact is missing"


def test_issues_name_asset_and_place():
    issue = next(check_all(BROKEN["elevation.adverse-slope"]()))
    assert (issue.type, issue.asset, issue.weight) == ("conduit", "C1", Weight.DOUBT)
    assert issue.at == (499050.0, 3171000.0)  # of two vertices the second
    assert issue.facts == {"rise": pytest.approx(0.1), "start": "M1", "end": "M2"}


def test_a_pressure_main_and_a_siphon_may_rise():
    for values in ({"pressure": "pressure"}, {"siphon": True}, {"shape": "force_main"}):
        city = changed("conduit", "C1", from_invert=3.5, to_invert=3.6, **values)
        assert codes(city) == set()


def test_levels_follow_from_offsets_and_depths():
    # M1 invert 5.0 - 1.5 = 3.5 from depth; C1 leaves 0.1 above it and must end at 3.3: falls. With the
    # depth of M1 at 1.8 the start is 3.2 + 0.05 = 3.25, below the end at 3.3: rises by 0.05.
    sound = changed("manhole", "M1", invert_level=None)
    assert codes(sound) == set()
    table = changed("manhole", "M1", invert_level=None, depth=1.8)
    conduits = table.table("conduit")
    offset = np.zeros(len(conduits))
    offset[0] = 0.05
    risen = Network(table.city, {**table.tables, "conduit": conduits.replace(from_offset=offset)})
    (issue,) = check_all(risen)
    assert (issue.code, issue.facts["rise"]) == ("elevation.adverse-slope", pytest.approx(0.05))


def test_a_parallel_pipe_of_another_bore_is_no_duplicate():
    assert codes(added(conduit("M2", "M3", (50, 0), (100, 0), height=0.2))) == set()


def test_a_wide_second_way_out_excuses_a_narrow_one():
    city = added(conduit("M3", "S1", (100, 0), (150, 0), height=0.2))
    assert codes(city) == set()


def test_a_whole_lost_part_is_one_issue_with_its_length():
    part = (manhole((0, -50), (50, -50), (100, -50)), conduit("N1", "N2", (0, -50), (50, -50), length=50))
    issues = [issue for issue in check_all(added(*part)) if issue.code == "connectivity.isolated"]
    assert [(issue.facts["nodes"], issue.facts["length"]) for issue in issues] == [(2, 50.0)]


def test_degrees_are_not_taken_for_metres():
    city = little_city()
    degrees = Network(City("d", crs="EPSG:4326"), city.tables)
    assert codes(degrees) == set()
    near = added(manhole((0, 0.005), invert=3.6), conduit("N1", "M2", (0, 0.005), (50, 0), height=0.2))
    assert codes(Network(City("d", crs="EPSG:4326"), near.tables)) == set()


def test_missing_figures_are_one_note_with_counts():
    conduits = little_city().table("conduit")
    bare = conduits.replace(material=np.full(len(conduits), None, dtype=object))
    (issue,) = check_all(Network(City("x"), {**little_city().tables, "conduit": bare}))
    assert issue.facts == {"count": 7, "total": 7, "percent": 100.0, "example": "C1"}


def test_long_lists_end_in_a_count():
    city = Network(City("x"), {"manhole": assets("manhole", [f"M{n}" for n in range(50)], {})})
    found = list(check_all(city, most=20))
    assert [issue.code for issue in found[:20]] == ["connectivity.orphan-manhole"] * 20
    assert found[20].facts == {"rule": "connectivity.orphan-manhole", "count": 30}
    assert len(found) == 21


@pytest.mark.parametrize("code", ["geometry.end-misses", "connectivity.isolated"])
def test_what_is_found_everywhere_is_what_is_told(code):
    told = {(issue.code, issue.type, issue.asset) for issue in check_all(BROKEN[code]())}
    assert set(found_everywhere(BROKEN[code]())) == told != set()
    assert not set(found_everywhere(BROKEN[code](), confirmed=told))


def test_an_empty_network_has_nothing_wrong():
    assert list(check_all(Network(City("x"), {}))) == []


def test_every_rule_belongs_to_a_family():
    assert {code.split(".")[0] for code in rules()} == {*FAMILIES, "check"}
