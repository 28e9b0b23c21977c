"""A case in a folder: three areas in a row whose waters are known, and all that may be wrong with it."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from wenqu.diagnosis.night_sewage import default_pattern
from wenqu.errors import FileUnreadable
from wenqu.services.diagnose_case import QUANTITIES, CaseAnswer, diagnose_case
from wenqu.services.write_case import summary, unclear, write_case

DAY, HOURS, DAYS = 86400.0, 24, 60
AREAS = ("A", "B", "C")  # from the top to the outlet, four pipes of 300 m each
SEWAGE = {"A": 1200.0, "B": 800.0, "C": 2000.0}  # [m³/d] that arrives
MISSING = {"A": 0.0, "B": 400.0, "C": 0.0}
GROUND = {"A": 900.0, "B": 150.0, "C": 300.0}
RIVER = {"A": 0.0, "B": 0.0, "C": 1500.0}
MEMBERS = {
    "nh3n_mg_per_l": {"sewage": 40.0, "groundwater": 1.0, "river": 2.0},
    "conductivity_us_per_cm": {"sewage": 1000.0, "groundwater": 620.0, "river": 380.0},
}
Row = dict[str, object]


@dataclass
class Folder:
    """The tables of a case, to be changed before they are written."""

    path: Path
    tables: dict[str, list[Row]]

    def write(self) -> Path:
        self.path.mkdir(exist_ok=True)
        for name, rows in self.tables.items():
            with (self.path / name).open("w", newline="", encoding="utf-8") as out:
                writer = csv.DictWriter(out, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
        return self.path

    def answer(self) -> CaseAnswer:
        return diagnose_case(self.write())


@pytest.fixture
def case(tmp_path):
    """Return a folder without errors of any kind: readings are what the waters make them."""
    chance = np.random.default_rng(7)
    clock = np.datetime64("2024-03-01T00:00:00") + np.arange(DAYS * HOURS) * np.timedelta64(3600, "s")
    days = np.arange(DAYS * HOURS) / HOURS
    level = 0.3 * np.sin(2 * np.pi * days / 31)
    stage = 0.4 * np.sin(2 * np.pi * days / 11 + 1)
    day = np.repeat(1 + 0.01 * chance.standard_normal(DAYS), HOURS)
    wave = np.fft.rfft(default_pattern())
    conduits, sources, flow, quality = [], [], [], []
    for number in range(12):
        area = AREAS[number // 4]
        conduits.append(
            {"id": f"P{number}", "from_id": f"N{number}", "to_id": f"N{number + 1}", "length_m": 300.0,
             "diameter_m": "", "area_id": area, "condition": 5}
        )  # fmt: skip
        amount = (SEWAGE[area] + MISSING[area]) / 4
        sources.append({"node_id": f"N{number}", "sewage_m3_per_d": amount, "sd_rel": 0.2})
    for place, area in enumerate(AREAS):
        above = AREAS[: place + 1]
        sewage = np.zeros(HOURS)
        for number in range(4 * (place + 1)):
            late = (4 * (place + 1) - number) * 300.0 / 0.6
            turned = wave * np.exp(-2j * np.pi * np.arange(13) * late / DAY)
            sewage += np.fft.irfft(turned, HOURS) * SEWAGE[AREAS[number // 4]] / 4
        waters = {
            "sewage": np.tile(sewage, DAYS) * day,
            "groundwater": sum(GROUND[name] for name in above) * (1 + 0.8 * level),
            "river": sum(RIVER[name] for name in above) * (1 + 1.2 * stage),
        }
        total = sum(waters.values())
        flow += [
            {"time": str(time), "meter_id": f"M{area}", "flow_m3_per_s": value / DAY}
            for time, value in zip(clock, total, strict=True)
        ]
        for tracer, member in MEMBERS.items():
            seen = sum(member[name] * water for name, water in waters.items()) / total
            quality += [
                {"time": str(clock[at]), "meter_id": f"M{area}", "tracer": tracer, "value": seen[at]}
                for at in range(5, len(clock), 6)
            ]
    meters = [
        {"id": f"M{area}", "conduit_id": f"P{4 * place + 3}", "flow_error_rel": 0.03, "bias_error_rel": 0.05}
        for place, area in enumerate(AREAS)
    ]
    members = [
        {"kind": kind, "tracer": tracer, "mean": mean, "sd": 0.05 * mean}
        for tracer, member in MEMBERS.items()
        for kind, mean in member.items()
    ]
    levels = [
        {"time": str(time), "groundwater_m": 3 + up, "river_m": 2 + high}
        for time, up, high in zip(clock, level, stage, strict=True)
    ]
    pattern = [{"hour": hour, "factor": factor} for hour, factor in enumerate(default_pattern())]
    tables = {
        "conduits.csv": conduits, "sources.csv": sources, "meters.csv": meters, "flow.csv": flow,
        "quality.csv": quality,
        "endmembers.csv": members, "levels.csv": levels, "pattern.csv": pattern,
    }  # fmt: skip
    return Folder(tmp_path / "case", tables)


def said(answer, quantity):
    """Return what is said of a quantity by area. [m³/d]"""
    row = QUANTITIES.index(quantity)
    return {area: float(answer.mean[row, place] * DAY) for place, area in enumerate(answer.areas.tolist())}


def codes(answer):
    return {issue.code for issue in answer.issues}


def test_every_water_of_every_area_is_found(case):
    answer = case.answer()
    for area in AREAS:
        clean = said(answer, "groundwater")[area] + said(answer, "river")[area]
        assert clean == pytest.approx(GROUND[area] + RIVER[area], rel=0.08, abs=60)
        assert said(answer, "sewage")[area] == pytest.approx(SEWAGE[area], rel=0.12)
    assert said(answer, "river")["C"] == pytest.approx(1500, rel=0.12)
    assert said(answer, "river")["A"] < 60
    assert said(answer, "missing")["A"] < 60
    row = QUANTITIES.index("missing")
    assert np.argmax(answer.mean[row]) == answer.areas.tolist().index("B")


def test_the_truth_lies_in_nine_of_ten_intervals(case):
    answer = case.answer()
    inside = [
        answer.low[row, place] * DAY - 1 <= truth[area] <= answer.high[row, place] * DAY + 1
        for row, truth in enumerate((SEWAGE, GROUND, RIVER, MISSING))
        for place, area in enumerate(answer.areas.tolist())
    ]
    assert sum(inside) >= 11


def test_the_speed_of_the_wave_is_found(case):
    assert case.answer().inversion.celerity == pytest.approx(0.6, rel=0.25)


def test_what_the_pipes_of_an_area_add_up_to_is_the_area(case):
    answer = case.answer()
    area = answer.case.area[answer.model.pipes.row]
    for name in AREAS:
        whole = said(answer, "groundwater")[name] + said(answer, "river")[name]
        assert answer.extraneous[area == name].sum() * DAY == pytest.approx(whole)


def test_areas_that_are_not_the_cells_of_the_meters_share_them(case):
    for row in case.tables["conduits.csv"]:
        row["area_id"] = "all"
    answer = case.answer()
    assert said(answer, "groundwater")["all"] + said(answer, "river")["all"] == pytest.approx(2850, rel=0.05)


@pytest.mark.parametrize(
    "parts", [{"ALL": AREAS}, {f"{area}{half}": (area,) for area in AREAS for half in (0, 1)}]
)
def test_larger_and_smaller_areas_than_cells_hold_the_truth_in_their_intervals(case, parts):
    for row in case.tables["conduits.csv"]:
        number = int(str(row["id"])[1:])
        row["area_id"] = "ALL" if "ALL" in parts else f"{AREAS[number // 4]}{number % 2}"
    answer = case.answer()
    share = 1.0 if "ALL" in parts else 0.5
    for kind, truth in enumerate((SEWAGE, GROUND, RIVER, MISSING)):
        for name, cells in parts.items():
            place = answer.areas.tolist().index(name)
            real = share * sum(truth[cell] for cell in cells) / DAY
            assert answer.low[kind, place] * 0.999 <= real <= answer.high[kind, place] * 1.001


def test_an_area_of_cells_that_may_all_lose_nothing_may_lose_nothing(case):
    case.tables["sources.csv"] = [
        {**row, "sewage_m3_per_d": SEWAGE[AREAS[number // 4]] / 4}
        for number, row in enumerate(case.tables["sources.csv"])
    ]
    for row in case.tables["conduits.csv"]:
        row["area_id"] = "ALL"
    assert case.answer().low[QUANTITIES.index("missing"), 0] == 0


def test_it_says_how_far_the_bills_of_areas_err_against_what_was_told(case):
    assert 0.5 < summary(case.answer())["bills_err_times_told"] < 1.5
    (case.path / "sources.csv").unlink()
    del case.tables["sources.csv"]
    assert summary(case.answer())["bills_err_times_told"] is None


def test_without_levels_it_says_that_groundwater_and_river_are_hard_to_tell_apart(case, tmp_path):
    del case.tables["levels.csv"]
    answer = case.answer()
    write_case(answer, tmp_path / "out")
    told = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert "case.identify.no-levels" in [row["code"] for row in told["cannot_tell_apart"]]
    _, low, high = (rate * DAY for rate in answer.extraneous_total)
    assert low < 2850 < high
    assert high - low > 400


@pytest.mark.parametrize(
    ("left", "said"), [("groundwater_m", "levels-groundwater"), ("river_m", "levels-river_stage")]
)
def test_with_one_level_alone_it_says_what_stays_unknown(case, left, said):
    case.tables["levels.csv"] = [{"time": row["time"], left: row[left]} for row in case.tables["levels.csv"]]
    codes = unclear(case.answer())
    assert f"diagnosis.identify.{said}" in codes
    assert "case.identify.rise-and-fall" not in codes


@pytest.mark.parametrize(
    "absent",
    [
        ("quality.csv", "endmembers.csv"), ("levels.csv", "quality.csv", "endmembers.csv", "pattern.csv"),
        ("sources.csv",), ("meters.csv", "flow.csv", "quality.csv"), ("flow.csv",),
    ],
)  # fmt: skip
def test_a_case_with_less_gets_a_wider_answer_not_an_error(case, absent):
    whole = case.answer()
    for name in absent:
        del case.tables[name]
        (case.path / name).unlink()
    less = case.answer()
    width = [(one.high[1:3] - one.low[1:3]).sum() for one in (whole, less)]
    assert np.isfinite(less.mean).all()
    assert width[1] > width[0]
    assert "case.file-absent" in codes(less)
    if "flow.csv" in absent:
        assert (less.prior_share[1:3] > 0.9).all()


def test_a_meter_that_contradicts_the_others_is_named(case):
    for row in case.tables["flow.csv"]:
        if row["meter_id"] == "MB":
            row["flow_m3_per_s"] = float(row["flow_m3_per_s"]) * 2.5
    told = [issue for issue in case.answer().issues if issue.code == "case.meter-contradicts"]
    assert "MB" in [issue.asset for issue in told]


def test_bad_readings_are_told_and_the_good_ones_still_answer(case):
    flow = case.tables["flow.csv"]
    of = {area: [row for row in flow if row["meter_id"] == f"M{area}"] for area in AREAS}
    of["A"][100]["flow_m3_per_s"] = -0.4
    of["A"][200]["flow_m3_per_s"] = 99.0
    for row in of["B"][300:348]:
        row["flow_m3_per_s"] = of["B"][299]["flow_m3_per_s"]
    of["C"][7]["flow_m3_per_s"] = "n/a"
    of["C"][8]["time"] = "yesterday"
    twice = [dict(row) for row in of["A"][50:60]]
    strange = [{"time": "2024-03-01T00:00:00", "meter_id": "MX", "flow_m3_per_s": 1.0}]
    case.tables["flow.csv"] = [*reversed(of["C"]), *of["A"], *of["B"], *twice, *strange]
    case.tables["meters.csv"].append(
        {"id": "MZ", "conduit_id": "P99", "flow_error_rel": 0.03, "bias_error_rel": 0.05}
    )
    case.tables["quality.csv"].append(
        {"time": "2024-03-02T05:00:00", "meter_id": "MA", "tracer": "caffeine", "value": 3.0}
    )
    answer = case.answer()
    expected = {
        "case.readings-doubted", "case.not-a-number", "case.not-a-time", "case.unsorted-times",
        "case.double-times",
        "case.unknown-meter", "case.meter-on-unknown-conduit", "case.tracer-without-end-member",
    }  # fmt: skip
    assert expected <= codes(answer)
    clean = sum(said(answer, "groundwater").values()) + sum(said(answer, "river").values())
    assert clean == pytest.approx(2850, rel=0.06)
    places = {
        (issue.place.file, issue.place.row) for issue in answer.issues if issue.code == "case.not-a-number"
    }
    assert places == {("flow.csv", 1 + len(of["C"]) - 7)}


def test_a_clock_with_summer_time_is_put_on_one_offset(case):
    for name in ("flow.csv", "quality.csv", "levels.csv"):
        for row in case.tables[name]:
            summer = str(row["time"]) >= "2024-03-31T02:00:00"
            stamp = np.datetime64(str(row["time"])) + np.timedelta64(1 if summer else 0, "h")
            row["time"] = f"{stamp}{'+02:00' if summer else '+01:00'}"
    answer = case.answer()
    assert "case.summer-time" in codes(answer)
    assert said(answer, "groundwater")["A"] == pytest.approx(900, rel=0.08)


def test_what_is_written_can_be_read_and_is_in_two_languages(case, tmp_path):
    case.tables["conduits.csv"][3]["length_m"] = "long"
    answer = case.answer()
    write_case(answer, tmp_path / "out")
    areas = list(csv.DictReader((tmp_path / "out" / "areas.csv").read_text("utf-8").splitlines()))
    assert list(areas[0]) == ["area_id", "quantity", "mean_m3_per_d", "p05", "p95", "prior_share"]
    assert {(row["area_id"], row["quantity"]) for row in areas} == {(a, q) for a in AREAS for q in QUANTITIES}
    for row in areas:
        low, mean, high = (float(row[name]) for name in ("p05", "mean_m3_per_d", "p95"))
        assert 0 <= low <= mean <= high
    pipes = list(csv.DictReader((tmp_path / "out" / "conduits.csv").read_text("utf-8").splitlines()))
    assert {row["id"] for row in pipes} == {f"P{number}" for number in range(12)}
    told = summary(answer)
    assert [meter["id"] for meter in told["meters"]] == ["MA", "MB", "MC"]
    assert all(row["says"]["zh"] != row["says"]["en"] for row in told["warnings"])
    assert not any("{" in text for row in told["warnings"] for text in row["says"].values())


def test_a_folder_without_conduits_cannot_be_answered(tmp_path):
    with pytest.raises(FileUnreadable) as error:
        diagnose_case(tmp_path)
    assert error.value.facts["path"] == "conduits.csv"


def test_a_meter_inside_a_loop_is_told_and_the_loop_is_one_place(case):
    extra = {"length_m": 300.0, "diameter_m": "", "area_id": "B", "condition": 5}
    case.tables["conduits.csv"] += [
        {"id": "Q1", "from_id": "N5", "to_id": "N7", **extra},
        {"id": "Q2", "from_id": "N6", "to_id": "N5", **extra},
    ]
    case.tables["meters.csv"].append(
        {"id": "MQ", "conduit_id": "Q2", "flow_error_rel": 0.03, "bias_error_rel": 0.05}
    )
    answer = case.answer()
    assert "case.meter-beside-the-tree" in codes(answer)
    assert said(answer, "groundwater")["A"] == pytest.approx(900, rel=0.08)


def test_flows_read_once_a_day_still_answer_without_a_wave(case):
    by_day = {}
    for row in case.tables["flow.csv"]:
        by_day.setdefault((str(row["time"])[:10], row["meter_id"]), []).append(float(row["flow_m3_per_s"]))
    case.tables["flow.csv"] = [
        {"time": day, "meter_id": meter, "flow_m3_per_s": np.mean(flows)}
        for (day, meter), flows in by_day.items()
    ]
    answer = case.answer()
    _, low, high = (rate * DAY for rate in answer.extraneous_total)
    assert len(answer.model.meters) == 3
    assert low < 2850 < high


def test_on_a_slow_network_where_the_night_reads_fivefold_the_groundwater_is_found(tmp_path):
    """A separate sewer of 24 km at 0.3 m/s: 4,000 m³/d of sewage, 200 m³/d of groundwater, one meter."""
    pattern = default_pattern()
    wave = np.fft.rfft(pattern)
    flow = np.zeros(HOURS)
    pipes = range(80)
    for number in pipes:
        turn = np.exp(-2j * np.pi * np.arange(13) * (80 - number) * 300.0 / 0.3 / DAY)
        flow += np.fft.irfft(wave * turn, HOURS) * 4000 / 80
    night = flow.min() + 200
    assert night > 5 * 200
    stamps = [f"2024-05-{day + 1:02d}T{hour:02d}:00:00" for day in range(30) for hour in range(HOURS)]
    chance = np.random.default_rng(5)
    scatter = np.repeat(1 + 0.02 * chance.standard_normal(30), HOURS)
    read = (np.tile(flow, 30) * scatter + 200) / DAY
    mixed = (40.0 * np.tile(flow, 30) * scatter + 1.0 * 200) / (read * DAY)
    folder = Folder(
        tmp_path / "slow",
        {
            "conduits.csv": [
                {"id": f"P{n}", "from_id": f"N{n}", "to_id": f"N{n + 1}", "length_m": 300, "area_id": "A"}
                for n in pipes
            ],
            "sources.csv": [{"node_id": f"N{n}", "sewage_m3_per_d": 50, "sd_rel": 0.2} for n in pipes],
            "meters.csv": [{"id": "M", "conduit_id": "P79", "flow_error_rel": 0.02, "bias_error_rel": 0.02}],
            "flow.csv": [
                {"time": time, "meter_id": "M", "flow_m3_per_s": value}
                for time, value in zip(stamps, read, strict=True)
            ],
            "quality.csv": [
                {"time": time, "meter_id": "M", "tracer": "nh3n_mg_per_l", "value": value}
                for time, value in zip(stamps[::3], mixed[::3], strict=True)
            ],
            "endmembers.csv": [
                {"kind": kind, "tracer": "nh3n_mg_per_l", "mean": mean, "sd": 0.05 * mean}
                for kind, mean in (("sewage", 40.0), ("groundwater", 1.0), ("river", 2.0))
            ],
            "pattern.csv": [{"hour": hour, "factor": value} for hour, value in enumerate(pattern)],
        },
    )
    answer = folder.answer()
    mean, low, high = (rate * DAY for rate in answer.extraneous_total)
    assert low < 200 < high
    assert mean < 450
