"""A little city whose every figure is known by hand, reported."""

import os
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest

from wenqu.examples.little_city import little_city
from wenqu.issues import Issue, Weight
from wenqu.network.model import City, Network
from wenqu.records.finding import Finding
from wenqu.records.inspection import Defect, Inspection
from wenqu.records.programme import Measure, PlantOutlook, Programme
from wenqu.reports.content import CityReport, Graded, Label, Method, PlantYear, Target

DAY = 86400.0


def graded(conduit, repair, ri, upkeep=1, mi=0.0, unconfirmed=()):
    return Graded(
        conduit, 10.0 if repair > 1 else 0.0, ri, repair, repair, "", None, 0.0, mi, upkeep, upkeep, "", None,
        6.0, 3.0, 0.0, "CJJ 181", "2012", "national", unconfirmed,
    )  # fmt: skip


def finding(method, quantity, value, low, high, *, unit="m³/s", notes=(), **facts):
    return Finding(
        "plant", "P1", method, quantity, value, low, high, unit, "2024-07-01", "2025-06-30",
        ("series:P1/flow", "table:endmembers.csv:default"), ("diagnosis.identify.areas-not-pipes", *notes),
        "network:1", "surveyor", "2025-07-01T08:00:00", True, facts,
    )  # fmt: skip


def flow(quantity, low, value, high, method="joint_inversion"):
    """A finding in m³/d, kept in m³/s."""
    return finding(method, quantity, value / DAY, low / DAY, high / DAY, data_share=0.8)


def step(order, quantity, value, level):
    return finding("plant_dilution", quantity, value, value - 0.01, value + 0.01, unit="kg/m³", order=order,
                   level=level)  # fmt: skip


def programme(**other):
    measures = (
        Measure("C1:open_cut", "C1", "conduit", "C1", "open_cut", "2026", 120_000.0, 50.0, "Q1", "P1",
                100 / DAY, 0.0, ("grade:C1",)),
        Measure("C2:cipp", "C2", "conduit", "C2", "cipp", "2027", 80_000.0, 50.0, "Q1", "P1", 50 / DAY, 0.0,
                ("grade:C2", "posterior.parquet")),
    )  # fmt: skip
    outlook = tuple(
        PlantOutlook("P1", window, 0.11, 0.011, value, 0.1, value > 0.1)
        for window, value in (("2026", 0.0954), ("2027", 0.1012))
    )
    made = Programme("plan-1", "proved", measures, outlook, ("2026", "2027"), 200_000.0, 190_000.0, 0.05, 1.0,
                     '{"default": true, "capacity_share": [{"source": "rule-one"}]}', "default abc", True,
                     "2025-07-02T09:00:00", "planner")  # fmt: skip
    return replace(made, **other)


@pytest.fixture(scope="session")
def report():
    """C1 is of grade IV, C2 of III, C3 of I; the plant receives 80 mg/L and 4000 m³/d of clean water."""
    network = little_city()
    conduits = network.table("conduit")
    defects = (Defect("C1", "PL", 4, 3.0, 2.0), Defect("C1", "CJ", 1, 20.0, 1.0))
    inspections = {
        name: Inspection(f"I-{name}", name, "cctv", "2025-03-01", 50.0, "downstream", "crew", defects=seen)
        for name, seen in (("C1", defects), ("C2", (Defect("C2", "PL", 3, 1.0),)), ("C3", ()))
    }
    grades = (
        graded("C1", 4, 9.65, unconfirmed=("density",)), graded("C2", 1, 0.5, upkeep=3, mi=5.2),
        graded("C3", 1, 0.0),
    )  # fmt: skip
    findings = (
        flow("extraneous", 3000, 4000, 5000), flow("extraneous", 2500, 3600, 4700, "night_flow"),
        flow("area_extraneous", 1500, 2000, 2500), flow("area_missing", -50, 20, 90),
        step(0, "source", 0.2, 0.2), step(1, "groundwater", -0.11, 0.09), step(2, "arriving", 0.09, 0.09),
        finding(
            "plant_dilution", "sealed", 0.19, 0.15, 0.23, unit="kg/m³", clean_share=0.5,
            clean_share_allowed=0.45, verdict="sealing-suffices",
            notes=("diagnosis.verdict.sealing-suffices",),
        ),
    )  # fmt: skip
    extraneous = np.full(len(conduits), np.nan)
    extraneous[:2] = 10 / DAY, 40 / DAY  # 10 m³/d over 50 m is 200 m³/(d·km)
    target = Target(
        "surveyed", Label("管网排查率", "sewers surveyed"), ">=", 0.6, 1.0, "2027-12-31", "at_risk",
        0.2, 150.0, 250.0, "m", 5, Label("甲÷乙", "a ÷ b"), "edition one", "memory",
    )  # fmt: skip
    plant = PlantYear("P1", "清水厂", "Q1", "municipal", 0.23148148, 10_000 / DAY, 0.08, 0.075, 0.0851, 0.1,
                      364, "2024-07-01", "2025-06-30")  # fmt: skip
    return CityReport(
        city=network.city, version=7, at="2025-07-03T10:00:00+08:00", by="reporter", network=network,
        inspections=inspections, graded={row.conduit: row for row in grades}, targets=(target,),
        plants=(plant,), findings=findings, extraneous=extraneous, extraneous_sd=extraneous / 4,
        areas=np.array(["P1", "P1", *[""] * (len(conduits) - 2)], dtype=object),
        methods={
            name: Method(
                Label(f"方法{name}", f"method {name}"), f"formula {name}", "from memory",
                Label("可信", "trust"),
            )
            for name in ("joint_inversion", "night_flow", "plant_dilution")
        },
        programme=programme(), repairs={"open_cut": Label("开挖更换", "open-cut renewal")},
        kept_short=(Label("2027 年预算不足", "the budget of 2027 falls short"),),
        issues=(("network", Issue("diagnosis.no-meters", Weight.NOTE, "conduit", "C1")),),
    )  # fmt: skip


@pytest.fixture(scope="session")
def bare():
    """A city of which nothing is known, and which is real."""
    empty = np.empty(0)
    city = City("bare", "空城", "Bare")
    return CityReport(
        city, 1, "2025-07-03T10:00:00+08:00", "reporter", Network(city, {}), {}, {}, (), (), (), empty, empty,
        np.empty(0, dtype=object), {}, None, {}, (), (),
    )  # fmt: skip


@pytest.fixture(scope="session")
def pages():
    """Return a function that gives the text of every page of a PDF."""
    if shutil.which("pdftotext") is None:
        message = "pdftotext (poppler-utils) is not on this machine"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)

    def read(content):
        made = subprocess.run(
            ["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True
        )
        return made.stdout.decode().split("\f")[:-1]

    return read
