"""What gauges said comes back as it came; nothing said once is ever changed."""

import numpy as np
import pyarrow.parquet as pq
import pytest

from wenqu.errors import BadInput, Refused, UnknownCity
from wenqu.network.model import City
from wenqu.series.model import Flag, Series, series
from wenqu.store.archive import aside_file, city_folder, day_file
from wenqu.store.series import WriteCounts


def hours(first, count):
    return np.datetime64(first, "s") + np.arange(count) * np.timedelta64(3600, "s")


def flow(first, values, asset="Q1", quantity="flow", **facts):
    return series(asset, quantity, hours(first, len(values)), np.array(values, dtype=float), **facts)


def same(one, other):
    return (
        one.times.tolist() == other.times.tolist()
        and one.values.tobytes() == other.values.tobytes()
        and one.flags.tolist() == other.flags.tolist()
    )


@pytest.fixture
def folder(address):
    return (address[1] or address[0]) / "series"


def test_readings_come_back_to_the_last_bit_with_gaps_and_flags(city):
    written = flow("2026-03-31T22:00", [0.1 + 0.2, np.nan, 1e-300, -0.0])
    assert city.write_series("S", [written]) == WriteCounts(new=4)
    back = city.read_series("S", "Q1", "flow")
    assert same(back, written)
    assert back.flags.tolist() == [0, Flag.MISSING, 0, 0]
    assert (back.times.dtype, back.values.dtype, back.flags.dtype) == ("datetime64[s]", np.float64, np.uint8)


def test_one_folder_for_each_city_and_day(city, folder):
    city.write_series("S", [flow("2026-03-31T22:00", [1.0, 2.0, 3.0, 4.0])])
    days = [path.parent.name for path in sorted(folder.rglob("*.parquet"))]
    assert days == ["day=2026-03-31", "day=2026-04-01"]
    table = pq.read_table(day_file(folder, "S", "2026-03-31"), partitioning=None)
    assert table.column_names == ["asset", "quantity", "time", "value", "flags", "simulated"]
    assert table["value"].to_pylist() == [1.0, 2.0]


def test_a_city_of_any_name_has_a_folder_of_its_own(store, folder):
    for code in ("深圳市/南山区", "..", "a=b%20"):
        with store.change(code, who="a", why="b") as change:
            change.put_city(City(code))
        store.write_series(code, [flow("2026-01-01", [1.0])])
        assert city_folder(folder, code).parent == folder
        assert len(store.read_series(code, "Q1", "flow")) == 1
    assert len(list(folder.iterdir())) == 3


def test_the_same_readings_again_change_nothing(city, folder):
    written = flow("2026-01-01", [1.0, np.nan, 3.0])
    city.write_series("S", [written])
    before = day_file(folder, "S", "2026-01-01").read_bytes()
    assert city.write_series("S", [written]) == WriteCounts(same=3)
    assert day_file(folder, "S", "2026-01-01").read_bytes() == before


def test_a_second_reading_that_differs_is_kept_aside_and_counted(city, folder):
    city.write_series("S", [flow("2026-01-01", [1.0, 2.0, 3.0])])
    assert city.write_series("S", [flow("2026-01-01", [1.0, 2.5, np.nan, 4.0])]) == WriteCounts(1, 2, 1)
    assert city.read_series("S", "Q1", "flow").values.tolist() == [1.0, 2.0, 3.0, 4.0]
    (conflict,) = city.conflicts("S")
    assert (conflict.asset, conflict.at, conflict.kept, conflict.other) == (
        "Q1",
        "2026-01-01T01:00:00",
        2.0,
        2.5,
    )
    assert city.write_series("S", [flow("2026-01-01", [1.0, 2.5])]) == WriteCounts(0, 1, 1)
    assert len(city.conflicts("S")) == 1  # the same one twice says nothing new
    assert aside_file(day_file(folder, "S", "2026-01-01")).exists()
    assert [entry.count for entry in city.series_index("S")] == [4]


def test_a_late_reading_fills_a_gap(city):
    city.write_series("S", [flow("2026-01-01", [1.0, np.nan, 3.0])])
    late = series("Q1", "flow", hours("2026-01-01T01:00", 1), np.array([2.0]))
    assert city.write_series("S", [late]) == WriteCounts(new=1)
    assert same(city.read_series("S", "Q1", "flow"), flow("2026-01-01", [1.0, 2.0, 3.0]))
    assert [entry.count for entry in city.series_index("S")] == [3]


def test_days_grow_by_other_gauges_and_quantities(city):
    city.write_series(
        "S", [flow("2026-01-01", [1.0, 2.0], asset="Q2"), flow("2026-01-01", [9.0], quantity="bod")]
    )
    city.write_series(
        "S", [flow("2026-01-01T02:00", [3.0], asset="Q2"), flow("2026-01-01", [7.0], asset="Q1")]
    )
    many = city.read_many("S", "flow")
    assert {name: entry.values.tolist() for name, entry in many.items()} == {
        "Q1": [7.0],
        "Q2": [1.0, 2.0, 3.0],
    }
    assert list(city.read_many("S", "flow", ["Q2", "Q7"])) == ["Q2"]
    assert city.read_many("S", "flow", []) == {}
    assert city.read_series("S", "Q1", "bod").values.tolist() == [9.0]


def test_a_span_holds_both_its_ends_and_a_date_its_whole_day(city):
    city.write_series("S", [flow("2026-01-01", np.arange(72.0))])

    def read(since, until):
        found = city.read_series("S", "Q1", "flow", since, until).values
        return (found[0], found[-1], len(found)) if len(found) else ()

    assert read("2026-01-02", "2026-01-02") == (24.0, 47.0, 24)
    assert read("2026-01-02T06:00", "2026-01-02T08:00") == (30.0, 32.0, 3)
    assert read(np.datetime64("2026-01-03"), None) == (48.0, 71.0, 24)
    assert read(None, "2026-01-01T00:00") == (0.0, 0.0, 1)
    assert read("2027-01-01", None) == ()


def test_what_is_not_there_is_an_empty_series_and_an_unknown_city_an_error(city):
    nothing = city.read_series("S", "Q9", "flow")
    assert (len(nothing), nothing.asset, nothing.quantity) == (0, "Q9", "flow")
    with pytest.raises(UnknownCity):
        city.read_series("T", "Q9", "flow")
    with pytest.raises(UnknownCity):
        city.write_series("T", [flow("2026-01-01", [1.0])])


def test_the_index_knows_first_last_and_count(city):
    city.write_series("S", [flow("2026-01-01", [np.nan, 2.0, np.nan, 4.0, np.nan])])
    city.write_series("S", [flow("2025-12-31T23:00", [1.0]), flow("2026-01-05", [np.nan], quantity="bod")])
    found = [(info.quantity, info.first, info.last, info.count) for info in city.series_index("S")]
    assert found == [("bod", "", "", 0), ("flow", "2025-12-31T23:00:00", "2026-01-01T03:00:00", 3)]


def test_flags_are_a_layer_over_values_that_stay(city):
    written = flow("2026-01-01", [1.0, 2.0, 90.0, 3.0])
    city.write_series("S", [written])
    flagged = Series("Q1", "flow", written.times, np.full(4, 7.7), np.array([0, 0, Flag.RANGE, 0], np.uint8))
    assert city.write_flags("S", [flagged]) == 1
    back = city.read_series("S", "Q1", "flow")
    assert back.values.tolist() == [1.0, 2.0, 90.0, 3.0]
    assert back.flags.tolist() == [0, 0, Flag.RANGE, 0]
    city.write_series("S", [written])  # the raw readings again leave the layer alone
    assert city.read_series("S", "Q1", "flow").flags.tolist() == [0, 0, Flag.RANGE, 0]
    assert city.write_flags("S", [written]) == 1  # recomputed: good after all
    assert city.read_series("S", "Q1", "flow").flags.tolist() == [0, 0, 0, 0]


def test_a_flag_set_by_hand_survives_recomputing(city):
    written = flow("2026-01-01", [1.0, 2.0])
    city.write_series("S", [written])
    by_hand = Series("Q1", "flow", written.times[:1], np.zeros(1), np.array([Flag.MANUAL], np.uint8))
    assert city.write_flags("S", [by_hand]) == 1
    jump = Series("Q1", "flow", written.times, np.zeros(2), np.array([0, Flag.JUMP], np.uint8))
    assert city.write_flags("S", [jump]) == 1
    assert city.read_series("S", "Q1", "flow").flags.tolist() == [Flag.MANUAL, Flag.JUMP]
    assert city.write_flags("S", [written], keep_manual=False) == 2
    assert city.read_series("S", "Q1", "flow").flags.tolist() == [0, 0]


def test_flags_of_times_without_a_reading_are_passed_over(city):
    city.write_series("S", [flow("2026-01-01", [1.0])])
    far = Series("Q1", "flow", hours("2026-01-01T05:00", 1), np.zeros(1), np.array([Flag.JUMP], np.uint8))
    assert city.write_flags("S", [far]) == 0
    assert len(city.read_series("S", "Q1", "flow")) == 1


def test_a_writing_that_was_interrupted_is_counted_again(city, monkeypatch):
    class PowerCutError(Exception):
        pass

    def cut(*_):
        raise PowerCutError

    city.write_series("S", [flow("2026-01-01", [1.0])])
    with monkeypatch.context() as patch:
        patch.setattr("wenqu.store.series_kept.settle", cut)  # the files are written, the index is not
        with pytest.raises(PowerCutError):
            city.write_series("S", [flow("2026-01-01T01:00", [2.0, 3.0])])
    assert city.read_series("S", "Q1", "flow").values.tolist() == [1.0, 2.0, 3.0]
    assert [(info.last, info.count) for info in city.series_index("S")] == [("2026-01-01T02:00:00", 3)]
    assert city.write_series("S", [flow("2026-01-01T02:00", [3.0, 4.0])]) == WriteCounts(new=1, same=1)
    assert [(info.last, info.count) for info in city.series_index("S")] == [("2026-01-01T03:00:00", 4)]


def test_simulated_readings_say_so_and_real_ones_are_never_invented(city):
    with pytest.raises(Refused) as caught:
        city.write_series("S", [flow("2026-01-01", [1.0], simulated=True)])
    assert caught.value.reason == "series-simulated"
    with city.change("X", who="a", why="example") as change:
        change.put_city(City("X", simulated=True))
    with pytest.raises(Refused):
        city.write_series("X", [flow("2026-01-01", [1.0])])
    city.write_series("X", [flow("2026-01-01", [1.0], simulated=True)])
    assert city.read_series("X", "Q1", "flow").simulated
    assert [info.simulated for info in city.series_index("X")] == [True]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (flow("2026-01-01", [np.inf]), "series-value"),
        (
            Series("Q1", "flow", np.array(["NaT"], "datetime64[s]"), np.ones(1), np.zeros(1, np.uint8)),
            "series-value",
        ),
        (Series("Q1", "flow", hours("2026-01-01", 2), np.ones(1), np.zeros(1, np.uint8)), "series-length"),
        (flow("2026-01-01", [1.0], asset=""), "series-name"),
    ],
)
def test_readings_that_cannot_be_kept_are_refused_and_none_is_written(city, broken, reason):
    with pytest.raises(BadInput) as caught:
        city.write_series("S", [flow("2026-01-01", [1.0], asset="Q0"), broken])
    assert caught.value.reason == reason
    assert city.series_index("S") == []


def test_nothing_to_write_is_no_error(city):
    assert city.write_series("S", []) == WriteCounts()
    assert city.write_series("S", [flow("2026-01-01", [])]) == WriteCounts()
