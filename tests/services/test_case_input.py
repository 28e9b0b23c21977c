"""What a hostile folder may hold: every slip is told in a sentence, and the rest still answers."""

import csv
from pathlib import Path

import numpy as np
import pytest

from tests.services.tree_case import DAY, comb, write
from wenqu.errors import FileUnreadable
from wenqu.services.diagnose_case import diagnose_case
from wenqu.services.write_case import summary

SEWAGE = {"T": 800.0, "A": 1200.0, "B": 900.0, "C": 1500.0, "D": 700.0, "E": 1100.0}  # [m³/d]
GROUND = {"T": 200.0, "A": 900.0, "B": 100.0, "C": 300.0, "D": 500.0, "E": 150.0}
CLEAN = sum(GROUND.values())


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """Return a folder without any error."""
    tree, area = comb()
    return write(tmp_path_factory.mktemp("sound"), tree, tree, area, SEWAGE, GROUND)


@pytest.fixture
def folder(sound, tmp_path):
    """Return a copy of it."""
    for file in sound.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


def change(folder: Path, name: str, deed):
    """Rewrite the rows of a table by what the deed returns for each; None leaves a row out."""
    with (folder / name).open(encoding="utf-8", newline="") as file:
        rows = [changed for row in csv.DictReader(file) if (changed := deed(row)) is not None]
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def codes(answer):
    return {issue.code for issue in answer.issues}


def clean(answer):
    """Return all clean water with its interval. [m³/d]"""
    return tuple(DAY * part for part in answer.extraneous_total)


def holds(answer):
    mean, low, high = clean(answer)
    assert low <= CLEAN <= high
    assert mean == pytest.approx(CLEAN, rel=0.15)


def test_a_sound_folder_has_nothing_to_tell_of_its_tables(folder):
    answer = diagnose_case(folder)
    holds(answer)
    assert not {code for code in codes(answer) if code.startswith("case.")} - {
        "case.file-absent", "case.readings-doubted",
    }  # fmt: skip


def test_decimal_commas_are_points(folder):
    change(folder, "flow.csv", lambda row: row | {"flow_m3_per_s": row["flow_m3_per_s"].replace(".", ",")})
    answer = diagnose_case(folder)
    holds(answer)
    assert "case.decimal-comma" in codes(answer)
    assert "case.not-a-number" not in codes(answer)


def test_a_comma_that_may_be_of_thousands_is_no_point(folder):
    change(folder, "conduits.csv", lambda row: row | {"length_m": "1,300"})
    assert {"case.not-a-number", "case.no-length"} <= codes(diagnose_case(folder))


@pytest.mark.parametrize("separator", [";", "\t"])
def test_cells_may_be_parted_by_semicolons_or_tabs(folder, separator):
    text = (folder / "sources.csv").read_text("utf-8")
    (folder / "sources.csv").write_text(text.replace(",", separator), "utf-8")
    answer = diagnose_case(folder)
    holds(answer)
    assert len(answer.case.sources) == len(text.splitlines()) - 1


def test_times_as_a_spreadsheet_writes_them_are_read(folder):
    def spelt(row):
        year, month, day = row["time"][:10].split("-")
        return row | {
            "time": f"{year}/{int(month)}/{int(day)} {int(row['time'][11:13])}:{row['time'][14:16]}"
        }

    before = diagnose_case(folder)
    change(folder, "flow.csv", spelt)
    answer = diagnose_case(folder)
    assert "case.times-spelt" in codes(answer)
    assert clean(answer) == pytest.approx(clean(before))


def test_an_endless_number_is_none(folder):
    rows = iter(range(10**9))
    change(folder, "flow.csv", lambda row: row | ({"flow_m3_per_s": "1e400"} if next(rows) == 5 else {}))
    answer = diagnose_case(folder)
    holds(answer)
    assert "case.not-a-number" in codes(answer)


def test_a_heading_without_rows_is_refused_in_words(folder):
    (folder / "conduits.csv").write_text("id,from_id,to_id\n", "utf-8")
    with pytest.raises(FileUnreadable, match="no-conduits"):
        diagnose_case(folder)


def test_conduits_without_an_area_are_told(folder):
    change(folder, "conduits.csv", lambda row: row | {"area_id": "" if row["area_id"] == "B" else "X"})
    answer = diagnose_case(folder)
    assert "case.no-area" in codes(answer)
    assert answer.areas.tolist() == ["", "X"]


def test_a_meter_wired_the_wrong_way_is_turned_round(folder):
    before = diagnose_case(folder)

    def turned(row):
        return row | ({"flow_m3_per_s": -float(row["flow_m3_per_s"])} if row["meter_id"] == "MA" else {})

    change(folder, "flow.csv", turned)
    answer = diagnose_case(folder)
    assert "case.meter-wired-backwards" in codes(answer)
    assert clean(answer) == pytest.approx(clean(before))


def test_a_meter_that_reads_nothing_is_left_out(folder):
    change(
        folder, "flow.csv", lambda row: row | {"flow_m3_per_s": "0"} if row["meter_id"] == "MB" else row
    )  # fmt: skip
    answer = diagnose_case(folder)
    holds(answer)
    assert "case.meter-reads-nothing" in codes(answer)
    assert "MB" not in {entry.meter.id for entry in answer.model.meters}


def test_readings_of_a_meter_on_an_unknown_conduit_are_not_said_to_lack_a_meter(folder):
    change(folder, "meters.csv", lambda row: row | {"conduit_id": "NO"} if row["id"] == "MA" else row)
    answer = diagnose_case(folder)
    assert "case.meter-on-unknown-conduit" in codes(answer)
    assert "case.unknown-meter" not in codes(answer)


def test_a_tracer_beyond_its_end_members_is_not_believed(folder):
    before = diagnose_case(folder)
    change(folder, "endmembers.csv", lambda row: row | {"mean": float(row["mean"]) / 1000})  # mg for g
    answer = diagnose_case(folder)
    holds(answer)
    told = [issue for issue in answer.issues if issue.code == "case.tracer-beyond"]
    assert len(told) == len(before.model.heard.samples)
    assert not answer.model.heard.samples


def test_bills_that_are_surer_than_bills_can_be_are_told(folder):
    change(folder, "sources.csv", lambda row: row | {"sd_rel": "0"})
    answer = diagnose_case(folder)
    assert "case.bills-too-sure" in codes(answer)
    assert (answer.model.expected.made_cv[:-1] >= 0.05).all()


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_bills_that_err_twice_what_they_say_do_not_rule(tmp_path, seed):
    tree, area = comb()
    write(tmp_path, tree, tree, area, SEWAGE, GROUND, seed=seed, bills=0.1)
    change(tmp_path, "sources.csv", lambda row: row | {"sd_rel": "0.05"})
    holds(diagnose_case(tmp_path))


@pytest.mark.parametrize("hours", [-8, 8])
def test_flows_on_another_clock_than_the_users_are_found_out(folder, hours):
    before = diagnose_case(folder)
    for name in ("flow.csv", "quality.csv"):
        change(
            folder, name,
            lambda row: row | {"time": str(np.datetime64(row["time"]) + np.timedelta64(hours, "h")) + "Z"},
        )  # fmt: skip
    answer = diagnose_case(folder)
    holds(answer)
    told = [issue.facts["hours"] for issue in answer.issues if issue.code == "case.clock-off"]
    assert told == [hours]
    assert not [code for code in codes(answer) if code.startswith("backwater")]
    assert clean(answer)[0] == pytest.approx(clean(before)[0], rel=0.03)


def test_a_day_that_no_meter_has_is_not_believed(folder):
    (folder / "pattern.csv").write_text(
        "hour,factor\n" + "\n".join(f"{hour},1" for hour in range(24)), "utf-8"
    )
    answer = diagnose_case(folder)
    holds(answer)
    assert "case.day-not-believed" in codes(answer)


@pytest.mark.parametrize("factor", [0.3, 3.0])
def test_an_outlet_that_reads_far_less_or_more_than_what_flows_to_it_does_not_rule(folder, factor):
    def off(row):
        return row | (
            {"flow_m3_per_s": factor * float(row["flow_m3_per_s"])} if row["meter_id"] == "MT" else {}
        )

    change(folder, "flow.csv", off)
    answer = diagnose_case(folder)
    told = [issue for issue in answer.issues if issue.code == "case.meter-not-believed"]
    assert [issue.asset for issue in told] == ["MT"]
    assert told[0].facts["bias"] / (100 * (factor - 1)) > 0.5
    _, low, high = clean(answer)
    assert low <= CLEAN <= high


def test_what_is_sound_is_believed(folder):
    assert not codes(diagnose_case(folder)) & {
        "case.meter-not-believed", "case.bills-err-more", "case.clock-off", "case.day-not-believed",
    }  # fmt: skip


def test_meters_that_are_surer_than_meters_can_be_are_told(folder):
    change(folder, "meters.csv", lambda row: row | {"flow_error_rel": "0", "bias_error_rel": "0"})
    answer = diagnose_case(folder)
    assert "case.meter-too-sure" in codes(answer)
    assert all(entry.meter.bias_error > 0 for entry in answer.model.meters)


@pytest.mark.parametrize(
    ("factor", "code"), [(1000.0, "case.bills-above-meters"), (0.001, "case.bills-below-meters")]
)
def test_bills_in_another_unit_than_the_meters_are_told(folder, factor, code):
    change(
        folder, "sources.csv", lambda row: row | {"sewage_m3_per_d": factor * float(row["sewage_m3_per_d"])}
    )
    assert code in codes(diagnose_case(folder))


def test_levels_of_another_year_say_nothing_and_that_is_told(folder):
    clock = np.datetime64("2019-03-01") + np.arange(45)
    rows = "\n".join(f"{day},{3 + place % 7},2" for place, day in enumerate(clock))
    (folder / "levels.csv").write_text(f"time,groundwater_m,river_m\n{rows}\n", "utf-8")
    told = [
        issue.facts["column"]
        for issue in diagnose_case(folder).issues
        if issue.code == "case.level-not-shared"
    ]
    assert told == ["groundwater_m", "river_m"]


def test_a_gauge_that_never_moves_is_told(folder):
    clock = np.datetime64("2024-03-01") + np.arange(45)
    rows = "\n".join(f"{day},3.0" for day in clock)
    (folder / "levels.csv").write_text(f"time,river_m\n{rows}\n", "utf-8")
    assert "case.level-still" in codes(diagnose_case(folder))


def test_with_conduits_alone_the_answer_is_wide_and_says_that_nothing_was_measured(folder):
    for file in folder.iterdir():
        if file.name != "conduits.csv":
            file.unlink()
    answer = diagnose_case(folder)
    assert "case.nothing-known" in codes(answer)
    assert (answer.high[:3] > 2 * answer.mean[:3]).all()
    assert (answer.low[:3] == 0).all()
    assert (answer.prior_share > 0.9).all()


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([(hour / 2, hour // 2) for hour in range(48)], None),
        ([(hour, hour // 2) for hour in range(48)], "case.pattern-numbered"),
        ([(hour + 1, hour) for hour in range(24)], "case.pattern-from-one"),
        ([(hour, hour) for hour in range(24) if hour != 11], "case.pattern-filled"),
        ([(hour, hour) for hour in range(24)] + [(99, 9)], "case.pattern-outside"),
    ],
)  # fmt: skip
def test_a_day_may_be_numbered_otherwise(folder, rows, code):
    day = diagnose_case(folder).case.pattern
    (folder / "pattern.csv").write_text(
        "hour,factor\n" + "\n".join(f"{hour},{7 * day[which]}" for hour, which in rows), "utf-8"
    )
    answer = diagnose_case(folder)
    assert answer.case.pattern_known
    assert answer.case.pattern == pytest.approx(day, abs=0.06)
    told = {name for name in codes(answer) if name.startswith("case.pattern")}
    assert told == ({code} if code else set())


def test_half_a_day_of_a_pattern_is_none(folder):
    (folder / "pattern.csv").write_text(
        "hour,factor\n" + "\n".join(f"{hour},1" for hour in range(12)), "utf-8"
    )
    answer = diagnose_case(folder)
    assert "case.pattern-incomplete" in codes(answer)
    assert not answer.case.pattern_known


def test_every_sentence_is_whole_in_both_languages(folder):
    change(folder, "sources.csv", lambda row: row | {"sd_rel": "0"})
    change(folder, "meters.csv", lambda row: row | {"bias_error_rel": "0"})
    change(folder, "endmembers.csv", lambda row: row | {"mean": float(row["mean"]) / 1000})
    for row in summary(diagnose_case(folder))["warnings"]:
        assert row["says"]["zh"] != row["says"]["en"]
        assert not any("{" in text for part in ("says", "remedy") for text in row[part].values())
