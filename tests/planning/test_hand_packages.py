"""Packages made by hand: joined, split, renamed; a conduit is in one at most whatever the steps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenqu.errors import BadInput
from wenqu.planning.hand_packages import changed, package_of, put, read_hands, release, rename, write_hands

HANDS = {"A": ("c1", "c2"), "B": ("c3",)}


def test_two_packages_are_joined_under_one_name():
    assert put(HANDS, ["c1", "c2", "c3"], "AB") == {"AB": ("c1", "c2", "c3")}


def test_what_is_split_off_leaves_the_rest_together():
    assert put(HANDS, ["c2"], "C") == {"A": ("c1",), "B": ("c3",), "C": ("c2",)}


def test_a_name_that_is_there_takes_more_in():
    assert put(HANDS, ["c4"], "A")["A"] == ("c1", "c2", "c4")


def test_renaming_and_releasing_change_nothing_else():
    assert rename(HANDS, "A", "人民路一标") == {"人民路一标": ("c1", "c2"), "B": ("c3",)}
    assert release(HANDS, "A") == {"B": ("c3",)}
    assert changed(HANDS, release(HANDS, "A")) == {"c1", "c2"}


@pytest.mark.parametrize("name", ["", " a", "a:b", "a|b", "a/b", "a,b", "x" * 61])
def test_a_name_that_other_names_are_made_with_is_refused(name):
    with pytest.raises(BadInput, match="package-name"):
        put(HANDS, ["c1"], name)


def test_what_is_not_there_is_not_renamed_and_no_name_is_taken_twice():
    with pytest.raises(BadInput, match="package-hand"):
        rename(HANDS, "Z", "Y")
    with pytest.raises(BadInput, match="package-taken"):
        rename(HANDS, "A", "B")
    with pytest.raises(BadInput, match="package-hand"):
        release(HANDS, "Z")
    with pytest.raises(BadInput, match="package-empty"):
        put(HANDS, [], "Z")


@given(
    st.lists(st.tuples(st.sets(st.sampled_from("abcdefg"), min_size=1), st.sampled_from("XYZ")), max_size=8)
)
def test_whatever_is_put_where_a_conduit_is_in_one_package_and_no_package_is_empty(steps):
    hands = {}
    for ids, name in steps:
        hands = put(hands, sorted(ids), name)
        assert all(package_of(hands)[id_] == name for id_ in ids)
        members = [id_ for has in hands.values() for id_ in has]
        assert len(members) == len(set(members))
        assert all(hands.values())
        assert read_hands(write_hands(hands)) == hands
