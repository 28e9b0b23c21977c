"""Bills that are wrong everywhere alike: a return ratio that is not this city's."""

import csv
from pathlib import Path

import numpy as np
import pytest

from wenqu.diagnosis.night_sewage import default_pattern
from wenqu.services.diagnose_case import QUANTITIES, CaseAnswer, diagnose_case

DAY, HOURS, DAYS, AREAS = 86400.0, 24, 30, 16
MEMBERS = {  # of sewage and groundwater
    "nh3n_mg_per_l": (40.0, 1.0),
    "conductivity_us_per_cm": (1000.0, 500.0),
    "cod_mg_per_l": (330.0, 8.0),
}


def city(folder: Path, ratio: float) -> tuple[np.ndarray, np.ndarray]:
    """Write sixteen areas side by side, each with its meter; return their sewage and groundwater. [m³/d]"""
    chance = np.random.default_rng(3)
    sewage, ground = chance.uniform(200, 900, (2, AREAS))
    billed = sewage * ratio * (1 + 0.1 * chance.standard_normal(AREAS))
    clock = np.datetime64("2024-03-01T00:00:00") + np.arange(DAYS * HOURS) * np.timedelta64(3600, "s")
    day = np.tile(default_pattern(), DAYS)
    conduits: list[tuple[object, ...]] = [("P", "J", "OUT", 200, "", "TRUNK", 5)]
    flow, quality = [], []
    for area in range(AREAS):
        conduits += [(f"P{area}", f"N{area}", "J", 300, "", f"A{area}", 5)]
        foul = sewage[area] * day * (1 + 0.02 * chance.standard_normal(len(day)))
        whole = foul + ground[area]
        read = whole * (1 + 0.05 * chance.standard_normal())
        flow += [(time, f"M{area}", value / DAY) for time, value in zip(clock, read, strict=True)]
        for tracer, (dirty, clean) in MEMBERS.items():
            seen = (foul * dirty + ground[area] * clean) / whole * (1 + 0.05 * chance.standard_normal())
            quality += [(clock[at], f"M{area}", tracer, seen[at]) for at in range(3, len(clock), 6)]
    tables = {
        "conduits": ("id,from_id,to_id,length_m,diameter_m,area_id,condition", conduits),
        "sources": (
            "node_id,sewage_m3_per_d,sd_rel",
            [(f"N{area}", value, 0.2) for area, value in enumerate(billed)],
        ),
        "meters": (
            "id,conduit_id,flow_error_rel,bias_error_rel",
            [(f"M{area}", f"P{area}", 0.03, 0.05) for area in range(AREAS)],
        ),
        "flow": ("time,meter_id,flow_m3_per_s", flow),
        "quality": ("time,meter_id,tracer,value", quality),
        "endmembers": (
            "kind,tracer,mean,sd",
            [
                (kind, tracer, means[place], 0.06 * means[place])
                for tracer, means in MEMBERS.items()
                for place, kind in enumerate(("sewage", "groundwater"))
            ],
        ),
        "pattern": ("hour,factor", list(enumerate(default_pattern()))),
    }
    folder.mkdir()
    for name, (heads, rows) in tables.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as out:
            csv.writer(out).writerows([heads.split(","), *rows])
    return sewage, ground


def of(answer: CaseAnswer, quantity: str, what: str = "mean") -> np.ndarray:
    """Return what is said of the areas, in their order. [m³/d]"""
    names = answer.areas.tolist()
    at = [names.index(f"A{area}") for area in range(AREAS)]
    return getattr(answer, what)[QUANTITIES.index(quantity), at] * DAY


@pytest.mark.parametrize("ratio", [0.7, 1.0, 1.3])
def test_a_return_ratio_that_is_wrong_everywhere_moves_neither_sewage_nor_groundwater(tmp_path, ratio):
    sewage, ground = city(tmp_path / "case", ratio)
    answer = diagnose_case(tmp_path / "case")
    assert of(answer, "sewage").sum() == pytest.approx(sewage.sum(), rel=0.05)
    assert of(answer, "groundwater").sum() == pytest.approx(ground.sum(), rel=0.05)
    low, high = of(answer, "sewage", "low"), of(answer, "sewage", "high")
    assert ((low <= sewage) & (sewage <= high)).sum() >= 13
    assert of(answer, "missing").sum() < 0.06 * sewage.sum()  # nobody loses any


def test_bills_that_are_too_high_everywhere_are_no_missing_sewage_and_one_area_that_loses_is(tmp_path):
    city(tmp_path / "case", 1.25)
    sources = tmp_path / "case" / "sources.csv"
    heads, *rows = csv.reader(sources.read_text(encoding="utf-8").splitlines())
    rows[4][1] = str(float(rows[4][1]) * 2.5)  # three fifths of this one do not arrive
    with sources.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([heads, *rows])
    lost = of(diagnose_case(tmp_path / "case"), "missing")
    assert lost.argmax() == 4
    assert lost[4] > 2 * np.delete(lost, 4).sum()
