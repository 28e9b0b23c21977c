"""A separate sewer whose users draw much water by night: the night minimum reads groundwater fivefold."""

import csv
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from wenqu.diagnosis.night_sewage import default_pattern
from wenqu.services.diagnose_case import diagnose_case

DAY, DAYS, HOURS = 86400.0, 28, 24
WHOLE, GROUND = 1000.0, 100.0  # [m³/d]
NIGHT = 0.55  # of the mean sewage, that the users of the night leave
ISOTOPE = {"sewage": (-10.0, 0.1), "groundwater": (-12.5, 0.1)}


@dataclass
class Sewer:
    """One meter at the end of five pipes."""

    folder: Path
    tracer: str = "d18O_permil"
    members: dict[str, tuple[float, float]] = field(default_factory=lambda: dict(ISOTOPE))
    billed: bool = True
    patterned: bool = True
    every: int = 1  # hours between samples
    seed: int = 5

    def answer(self):
        chance = np.random.default_rng(self.seed)
        usual = default_pattern()
        day = NIGHT + (1 - NIGHT) * (usual - usual.min()) / (1 - usual.min())
        hours = np.arange(DAYS * HOURS)
        sewage = (WHOLE - GROUND) / DAY * (day / day.mean())[hours % HOURS]
        whole = sewage + GROUND / DAY
        clock = np.datetime64("2023-05-01T00:00:00") + hours * np.timedelta64(3600, "s")
        foul, clean = self.members["sewage"][0], self.members["groundwater"][0]
        mixed = (foul * sewage + clean * GROUND / DAY) / whole
        flow = whole * (1 + 0.03 * chance.standard_normal(len(hours)))
        seen = mixed + 0.02 * abs(foul - clean) * chance.standard_normal(len(hours))
        pipes = [[f"P{one}", f"N{one}", f"N{one + 1}", 300, "A"] for one in range(5)]
        self.table("conduits.csv", "id from_id to_id length_m area_id", pipes)
        self.table("meters.csv", "id conduit_id flow_error_rel bias_error_rel", [["M", "P4", 0.03, 0.05]])
        self.table(
            "flow.csv", "time meter_id flow_m3_per_s", zip(clock, ["M"] * len(clock), flow, strict=True)
        )
        samples = list(zip(clock, ["M"] * len(clock), [self.tracer] * len(clock), seen, strict=True))
        self.table("quality.csv", "time meter_id tracer value", samples[:: self.every])
        known = [[water, self.tracer, mean, sd] for water, (mean, sd) in self.members.items()]
        self.table("endmembers.csv", "kind tracer mean sd", known)
        if self.billed:
            bills = [[f"N{one}", 1.05 * (WHOLE - GROUND) / 5, 0.2] for one in range(5)]
            self.table("sources.csv", "node_id sewage_m3_per_d sd_rel", bills)
        if self.patterned:
            self.table("pattern.csv", "hour factor", enumerate(usual))
        return diagnose_case(self.folder)

    def table(self, name, heads, rows):
        with (self.folder / name).open("w", newline="", encoding="utf-8") as out:
            csv.writer(out).writerows([heads.split(), *rows])


def clean(answer):
    """Return groundwater and river water with their interval. [m³/d]"""
    return tuple(DAY * part for part in answer.extraneous_total)


def codes(answer):
    return {issue.code for issue in answer.issues}


def test_the_night_reads_fivefold():
    usual = default_pattern()
    day = NIGHT + (1 - NIGHT) * (usual - usual.min()) / (1 - usual.min())
    assert (WHOLE - GROUND) * (day / day.mean()).min() + GROUND > 5 * GROUND


@pytest.mark.parametrize("billed", [True, False])
@pytest.mark.parametrize("patterned", [True, False])
@pytest.mark.parametrize("every", [1, 24])
def test_an_isotope_is_believed_against_a_pattern_that_is_not_that_of_the_sewer(
    tmp_path, billed, patterned, every
):
    answer = Sewer(tmp_path, billed=billed, patterned=patterned, every=every).answer()
    mean, low, high = clean(answer)
    assert mean == pytest.approx(GROUND, abs=60)
    assert low <= GROUND <= high


@pytest.mark.parametrize("seed", [6, 7, 8])
@pytest.mark.parametrize("billed", [True, False])
def test_it_is_found_with_other_noise_too(tmp_path, billed, seed):
    mean, low, high = clean(Sewer(tmp_path, billed=billed, seed=seed).answer())
    assert mean == pytest.approx(GROUND, abs=40)
    assert low <= GROUND <= high


def test_bills_and_one_common_tracer_outweigh_the_pattern(tmp_path):
    members = {"sewage": (1200.0, 60.0), "groundwater": (400.0, 40.0)}
    answer = Sewer(tmp_path, tracer="conductivity_us_per_cm", members=members).answer()
    mean, low, high = clean(answer)
    assert mean < 0.4 * 581  # the night minimum
    assert low <= GROUND <= high


def test_end_members_without_a_river_say_that_there_is_none(tmp_path):
    answer = Sewer(tmp_path).answer()
    assert "case.no-river" in codes(answer)
    assert answer.mean[2, 0] * DAY < 1
    assert "case.end-member-guessed" in codes(answer)
    assert "case.tracer-without-end-member" not in codes(answer)


def test_a_river_named_by_its_end_member_is_looked_for(tmp_path):
    answer = Sewer(tmp_path, members={**ISOTOPE, "river": (-9.0, 0.2)}).answer()
    assert "case.no-river" not in codes(answer)
    assert answer.mean[2, 0] > 0


def test_a_tracer_whose_sewage_nobody_measured_is_not_used(tmp_path):
    sewer = Sewer(tmp_path)
    sewer.answer()
    sewer.table("endmembers.csv", "kind tracer mean sd", [["groundwater", "d18O_permil", -12.5, 0.1]])
    answer = diagnose_case(tmp_path)
    assert "case.tracer-without-end-member" in codes(answer)
