"""What is asked with every request is kept only while nothing was committed, by whomever."""

import shutil
from datetime import timedelta

import pytest

from wenqu.network.model import City
from wenqu.store.accounts import GrantRow, TokenRow
from wenqu.store.database import open_store
from wenqu.store.moments import now


@pytest.fixture
def two(sqlite_template, tmp_path):
    """Return one store opened twice, as by two processes."""
    shutil.copytree(sqlite_template, tmp_path / "store")
    both = open_store(tmp_path / "store"), open_store(tmp_path / "store")
    both[0].accounts.add("one", "", "", "root")
    yield both
    for store in both:
        store.close()


def token(seconds):
    row = TokenRow("t", "one", "", ("read_geometry",), "", "", revoked=False)
    return row, "digest", now() + timedelta(seconds=seconds), "root"


def test_what_is_revoked_elsewhere_is_void_at_once(two):
    here, there = two
    here.accounts.add_token(*token(60))
    here.accounts.begin_session("one", "secret")
    here.accounts.grant(GrantRow("g", "one", "bureau", "S", "", ""), "root")
    for _ in range(2):
        assert there.accounts.token("digest").account == "one"
        assert there.accounts.session("secret")[0].name == "one"
        assert len(there.accounts.grants("one")) == 1
    here.accounts.revoke_token("t", "root")
    assert there.accounts.token("digest") is None
    here.accounts.end_session("secret")
    assert there.accounts.session("secret") is None
    here.accounts.revoke("g", "root")
    assert there.accounts.grants("one") == []


def test_a_token_that_was_kept_expires_in_time(two, monkeypatch):
    accounts = two[0].accounts
    accounts.add_token(*token(60))
    assert accounts.token("digest") is not None
    monkeypatch.setattr("wenqu.store.accounts.now", lambda: now() + timedelta(seconds=61))
    assert accounts.token("digest") is None


def test_one_s_own_commit_counts_too(two):
    store = two[0]
    for number in (1, 2, 3):
        with store.change("S", who="a", why="b") as change:
            change.put_city(City("S", f"{number}"))
        assert [store.version("S"), two[1].version("S")] == [number, number]


def test_kept_answers_do_not_grow_without_end(two):
    accounts = two[0].accounts
    for number in range(5000):
        assert accounts.token(str(number)) is None
    assert len(two[0]._fresh._kept[1]) < 5000
