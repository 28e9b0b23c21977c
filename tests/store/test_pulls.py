"""What left the house is written down."""

from concurrent.futures import ThreadPoolExecutor

from wenqu.store.database import open_store
from wenqu.store.pulls import Pull


def pull(number):
    return Pull("2026-11-26T10:00:00", f"account-{number}", True, "conduit", "csv", number)


def test_pulls_come_back_newest_first_and_by_city(tmp_path):
    store = open_store(tmp_path)
    for number in range(3):
        store.note_pull("a/..", pull(number))
    assert [entry.rows for entry in store.pulls("a/..")] == [2, 1, 0]
    assert store.pulls("b") == []
    assert [file.name for file in (tmp_path / "pulls").iterdir()] == ["a%2F...jsonl"]


def test_two_hundred_at_once_lose_no_line(tmp_path):
    store = open_store(tmp_path)
    with ThreadPoolExecutor(8) as many:
        list(many.map(lambda number: store.note_pull("a", pull(number)), range(200)))
    assert sorted(entry.rows for entry in store.pulls("a")) == list(range(200))


def test_a_line_that_was_cut_is_passed_over(tmp_path):
    store = open_store(tmp_path)
    store.note_pull("a", pull(1))
    with (tmp_path / "pulls" / "a.jsonl").open("ab") as file:
        file.write(b'{"at": "2026')
    assert [entry.rows for entry in store.pulls("a")] == [1]
