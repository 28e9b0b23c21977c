"""What a store answers about cities, changes and versions, on SQLite and on PostgreSQL alike."""

import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest

from wenqu.errors import BadInput, Refused, UnknownAsset, UnknownCity, UnknownType
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, assets
from wenqu.store.asset_versions import Counts
from wenqu.store.database import open_store


def test_a_new_store_has_no_city_and_says_so(store):
    assert store.cities() == []
    with pytest.raises(UnknownCity) as caught:
        store.city("S")
    assert caught.value.facts == {"city": "S", "known": ""}


def test_a_city_comes_back_as_it_was_put(city):
    assert city.city("S") == City("S", "试验市", "Testville", "EPSG:4549", simulated=False)
    assert city.cities() == [city.city("S")]
    assert city.version("S") == 1


def test_one_store_holds_many_cities_and_no_read_crosses_them(city, manholes):
    with city.change("T", who="other", why="another city") as change:
        change.put_city(City("T"))
        change.put(manholes({"M1": 9.0}))
    with city.change("S", who="surveyor", why="census") as change:
        change.put(manholes({"M1": 5.0, "M2": 6.0}))
    assert city.network("T").table("manhole").column("ground_level").tolist() == [9.0]
    assert city.network("S").table("manhole").column("ground_level").tolist() == [5.0, 6.0]
    assert (city.version("S"), city.version("T")) == (2, 1)
    assert [entry.code for entry in city.cities()] == ["S", "T"]


def test_putting_counts_new_changed_and_same_and_equal_content_makes_no_version(city, manholes):
    with city.change("S", who="a", why="census") as change:
        assert change.put(manholes({"M1": 5.0, "M2": 6.0})) == Counts(new=2)
    with city.change("S", who="b", why="survey") as change:
        assert change.put(manholes({"M1": 5.0, "M2": 6.5, "M3": 7.0})) == Counts(1, 1, 1)
    assert [len(city.history("S", "manhole", name)) for name in ("M1", "M2", "M3")] == [1, 2, 1]


def test_a_change_that_changes_nothing_is_not_recorded(city, manholes):
    with city.change("S", who="a", why="census") as change:
        change.put(manholes({"M1": 5.0}))
    with city.change("S", who="a", why="the same file again") as change:
        assert change.put(manholes({"M1": 5.0})) == Counts(same=1)
    assert city.version("S") == 2
    assert [entry.why for entry in city.changes("S")] == ["census", "the city"]


def test_who_when_why_and_the_counts_stand_in_the_list_of_changes(city, manholes):
    with city.change("S", who="王工", why="二〇二六年普查") as change:
        change.put(manholes({"M1": 5.0}))
        change.write_document("model.inp", b"[TITLE]")
    newest = city.changes("S", limit=1)[0]
    assert (newest.number, newest.who, newest.why) == (2, "王工", "二〇二六年普查")
    assert newest.counts == {
        "manhole": {"new": 1, "changed": 0, "same": 0},
        "documents": {"model.inp": 7},
    }


@pytest.mark.parametrize(("who", "why"), [("", "why"), ("who", " ")])
def test_a_change_without_who_or_why_is_refused(city, who, why):
    with pytest.raises(BadInput) as caught, city.change("S", who=who, why=why):
        pass
    assert caught.value.reason == "change-unsigned"


def test_every_version_says_from_when_to_when_by_whom_and_why(city, manholes):
    with city.change("S", who="a", why="census") as change:
        change.put(manholes({"M1": 5.0}, kind=["round"]))
    with city.change("S", who="b", why="levelled again") as change:
        change.put(manholes({"M1": 5.2}))
    first, second = city.history("S", "manhole", "M1")
    assert (first.who, first.why, first.fields) == ("a", "census", {"ground_level": 5.0, "kind": "round"})
    assert (second.who, second.why, second.fields) == ("b", "levelled again", {"ground_level": 5.2})
    assert first.valid_to == second.valid_from
    assert second.valid_to == ""
    assert (first.number, second.number) == (2, 3)
    # A point in little-endian well-known binary: order 1, type 1, x, y.
    assert first.wkb == b"\x01\x01\x00\x00\x00" + np.array([0.0, 0.0]).tobytes()


def test_the_network_of_an_earlier_moment_comes_back_as_it_was(city, manholes):
    with city.change("S", who="a", why="census") as change:
        change.put(manholes({"M1": 5.0, "M2": 6.0}))
    with city.change("S", who="a", why="dug up") as change:
        change.close("manhole", ["M1"])
        change.put(manholes({"M2": 6.5}))
    _, census, begun = (entry.at for entry in city.changes("S"))
    assert city.network("S").table("manhole").ids.tolist() == ["M2"]
    then = city.network("S", as_of=census)
    assert then.table("manhole").ids.tolist() == ["M1", "M2"]
    assert then.table("manhole").column("ground_level").tolist() == [5.0, 6.0]
    assert (then.version, then.as_of) == (2, census)
    assert city.network("S", as_of=begun).tables == {}
    assert city.network("S", as_of="1999-12-31").tables == {}
    today = city.network("S", as_of=census[:10])  # a date means the end of that day
    assert today.table("manhole").ids.tolist() == ["M2"]


@pytest.mark.parametrize("moment", ["yesterday", "2026-13-01", "2026-02-30", "2026-1-1", ""])
def test_a_moment_that_is_no_iso_time_is_bad_input(city, moment):
    with pytest.raises(BadInput) as caught:
        city.network("S", as_of=moment)
    assert caught.value.key == "error.bad-input.moment"


def test_an_asset_that_was_closed_and_put_again_has_two_versions_with_a_gap(city, manholes):
    with city.change("S", who="a", why="census") as change:
        change.put(manholes({"M1": 5.0}))
    with city.change("S", who="a", why="dug up") as change:
        change.close("manhole", ["M1"])
    with city.change("S", who="a", why="built again") as change:
        assert change.put(manholes({"M1": 5.0})) == Counts(new=1)
    first, second = city.history("S", "manhole", "M1")
    assert first.valid_to < second.valid_from
    gap = city.changes("S")[1].at
    assert city.network("S", as_of=gap).tables == {}


def test_closing_what_is_not_there_is_an_error_and_nothing_happens(city, manholes):
    with city.change("S", who="a", why="census") as change:
        change.put(manholes({"M1": 5.0}))
    with pytest.raises(UnknownAsset), city.change("S", who="a", why="dug up") as change:
        change.close("manhole", ["M1", "M7"])
    assert city.network("S").table("manhole").ids.tolist() == ["M1"]


def test_the_last_of_several_puts_in_one_change_counts(city, manholes):
    with city.change("S", who="a", why="census") as change:
        change.put(manholes({"M1": 5.0, "M2": 6.0}))
        change.put(manholes({"M1": 5.5}))
        change.close("manhole", ["M2"])
    assert [version.fields for version in city.history("S", "manhole", "M1")] == [{"ground_level": 5.5}]
    assert city.history("S", "manhole", "M2") == []
    assert city.network("S", box=(-1, -1, 99, 1)).table("manhole").ids.tolist() == ["M1"]


def test_an_error_inside_a_change_leaves_nothing_behind(city, manholes):
    def fail():
        with city.change("S", who="a", why="census") as change:
            change.put(manholes({"M1": 5.0}))
            change.write_document("notes.txt", b"x")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert city.version("S") == 1
    assert city.network("S").tables == {}
    assert city.documents("S") == []


def test_assets_before_their_city_are_refused(store, manholes):
    with pytest.raises(UnknownCity), store.change("S", who="a", why="census") as change:
        change.put(manholes({"M1": 5.0}))
    assert store.cities() == []


def test_a_simulated_city_stays_simulated(store):
    with store.change("S", who="a", why="example") as change:
        change.put_city(City("S", simulated=True))
    with pytest.raises(Refused) as caught, store.change("S", who="a", why="make it real") as change:
        change.put_city(City("S", simulated=False))
    assert caught.value.reason == "city-simulated"


def test_the_coordinate_system_cannot_change_under_drawn_assets(city, manholes):
    with city.change("S", who="a", why="corrected before the census") as change:
        change.put_city(City("S", "试验市", "Testville", "EPSG:4547"))
        change.put(manholes({"M1": 5.0}))
    with pytest.raises(Refused) as caught, city.change("S", who="a", why="too late") as change:
        change.put_city(City("S", "试验市", "Testville", "EPSG:4549"))
    assert caught.value.reason == "city-crs"
    assert city.city("S").crs == "EPSG:4547"
    assert city.network("S", as_of=city.changes("S")[-1].at).city.crs == "EPSG:4549"


@pytest.mark.parametrize("code", ["", " S", "S\n", "城" * 40])
def test_a_code_that_cannot_name_a_city_is_bad_input(store, code):
    with pytest.raises(BadInput) as caught, store.change(code, who="a", why="b"):
        pass
    assert caught.value.reason == "city-code"


def test_a_box_finds_the_assets_that_touch_it(city):
    ends = np.array([[0, 0], [10, 0], [10, 0], [10, 10], [50, 50], [60, 50]], dtype=float)
    lines = Shapes.lines(ends, np.array([0, 2, 4, 6]))
    columns = {"from_id": ["a", "b", "c"], "to_id": ["b", "c", "d"]}
    with city.change("S", who="a", why="census") as change:
        change.put(assets("conduit", ["C1", "C2", "C3"], columns, lines))
    found = [
        city.network("S", box=box).table("conduit").ids.tolist()
        for box in [(-5, -5, 5, 5), (10, 5, 20, 6), (55, 50, 70, 70), (20, 20, 30, 30), (-9, -9, 99, 99)]
    ]
    assert found == [["C1"], ["C2"], ["C3"], [], ["C1", "C2", "C3"]]


def test_only_the_types_asked_for_are_read(city, manholes):
    with city.change("S", who="a", why="census") as change:
        change.put(manholes({"M1": 5.0}))
        change.put(assets("outfall", ["O1"], {}))
    assert list(city.network("S", types=["outfall"]).tables) == ["outfall"]
    with pytest.raises(UnknownType):
        city.network("S", types=["pipe"])


def test_a_change_within_a_change_of_the_same_thread_is_refused_at_once(city):
    with (
        pytest.raises(Refused) as caught,
        city.change("S", who="a", why="b"),
        city.change("S", who="a", why="c"),
    ):
        pass
    assert caught.value.reason == "change-within-change"


def test_a_second_writer_waits_for_the_first(city, address, manholes):
    order = []

    def second():
        other = open_store(*address)
        with other.change("S", who="b", why="second") as change:
            order.append("second in")
            change.put(manholes({"M1": 6.0}))
        other.close()

    writer = threading.Thread(target=second)
    with city.change("S", who="a", why="first") as change:
        change.put(manholes({"M1": 5.0}))
        writer.start()
        time.sleep(0.3)
        order.append("first out")
    writer.join(timeout=20)
    assert order == ["first out", "second in"]
    assert [entry.why for entry in city.changes("S")] == ["second", "first", "the city"]
    assert city.network("S").table("manhole").column("ground_level").tolist() == [6.0]


def test_a_reader_meanwhile_sees_the_state_before(city, manholes):
    with city.change("S", who="a", why="census") as change:
        change.put(manholes({"M1": 5.0}))
        seen = []
        reader = threading.Thread(target=lambda: seen.append(city.network("S").tables))
        reader.start()
        reader.join(timeout=20)
    assert seen == [{}]


def test_killing_the_writer_in_the_middle_leaves_the_store_as_before(city, address, manholes):
    with city.change("S", who="a", why="census") as change:
        change.put(manholes({"M1": 5.0}))
    child = textwrap.dedent("""
        import os, signal, sys
        from wenqu.network.model import assets
        from wenqu.store.database import open_store
        store = open_store(sys.argv[1], sys.argv[2] or None)
        with store.change("S", who="b", why="killed") as change:
            change.put(assets("manhole", [f"N{n}" for n in range(3000)], {}))
            change.close("manhole", ["M1"])
            change.write_document("half.txt", b"half")
            os.kill(os.getpid(), signal.SIGKILL)
    """)
    where, archive = address
    done = subprocess.run(
        [sys.executable, "-c", child, str(where), str(archive or "")], check=False, timeout=60
    )
    assert done.returncode == -9
    assert city.network("S").table("manhole").ids.tolist() == ["M1"]
    assert city.version("S") == 2
    with city.change("S", who="a", why="goes on") as change:
        assert change.put(manholes({"M2": 6.0})) == Counts(new=1)
        assert change.number == 3
