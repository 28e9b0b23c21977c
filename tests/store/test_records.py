"""Statements come back equal, in the order they were made, and cannot be changed."""

import math
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from wenqu.errors import BadInput, Refused, StoreFailed
from wenqu.issues import Issue, Place, Weight
from wenqu.network.model import City
from wenqu.records.finding import Finding
from wenqu.records.inspection import Defect, Inspection
from wenqu.records.programme import Measure, PlantOutlook, Programme

FINDING = Finding(
    "conduit",
    "C1",
    "night_flow",
    "extraneous",
    0.1 + 0.2,
    math.nan,
    math.inf,
    "m³/s",
    facts={"days": 7.0, "why": "x"},
)


def add(store, kind, *rows):
    with store.change("S", who="a", why="a run") as change:
        change.add_records(kind, rows)


def test_a_finding_comes_back_with_its_open_bounds(city):
    add(city, "finding", FINDING)
    (back,) = city.records("S", "finding", Finding)
    assert math.isnan(back.low)
    assert back.high == math.inf
    assert replace(back, low=0.0) == replace(FINDING, low=0.0)


def test_a_programme_comes_back_with_everything_in_it(city):
    measure = Measure(
        "o", "p", "conduit", "C1", "cipp", "2027", 1e6 / 3, 30.5, "东区", "W1", 0.01, 0.02, ("F1",)
    )
    outlook = PlantOutlook("W1", "2027", 1.0, 0.1, 0.1, 0.1, meets=True)
    programme = Programme(
        "p", "proved", (measure,), (outlook,), ("2027",), 1.0, 1.0, 0.0, 0.5, "{}", "default"
    )
    add(city, "programme", programme)
    assert city.records("S", "programme", Programme) == [programme]


def test_an_issue_comes_back_with_weight_and_place(city):
    issue = Issue(
        "elevation.adverse-slope",
        Weight.DOUBT,
        "conduit",
        "C1",
        Place("a.inp", "[CONDUITS]", 7),
        {"rise": 0.25},
        (1.0, 2.0),
    )
    add(city, "issue", issue)
    assert city.records("S", "issue", Issue) == [issue]


def test_statements_come_in_the_order_they_were_made_and_the_last_run_alone(city):
    first = [replace(FINDING, asset=name, low=0.0) for name in ("C9", "C1", "C5")]
    second = [replace(FINDING, asset=name, low=0.0) for name in ("C2", "C1")]
    add(city, "finding", *first)
    add(city, "finding", *second)
    add(city, "issue", Issue("x.y", Weight.NOTE))
    assert city.records("S", "finding", Finding) == [*first, *second]
    assert city.records("S", "finding", Finding, last_run=True) == second
    at = city.changes("S")[2].at
    assert city.records("S", "finding", Finding, as_of=at) == first
    assert city.records("S", "finding", Finding, as_of=at, last_run=True) == first
    assert city.records("S", "sample", Finding, last_run=True) == []


def test_a_later_class_with_another_field_reads_what_an_earlier_one_wrote(city):
    @dataclass(frozen=True, slots=True)
    class Sample:
        asset: str
        value: float

    @dataclass(frozen=True, slots=True)
    class LaterSample:
        asset: str
        value: float
        laboratory: str = "unknown"
        remarks: tuple[str, ...] = field(default_factory=tuple)

    add(city, "sample", Sample("M1", 2.5))
    assert city.records("S", "sample", LaterSample) == [LaterSample("M1", 2.5)]


def test_an_inspection_filed_under_its_first_field_names_is_still_read(city):
    @dataclass(frozen=True, slots=True)
    class FirstDefect:
        conduit: str
        code: str
        level: int
        start: float
        file: str = ""

    @dataclass(frozen=True, slots=True)
    class FirstInspection:
        id: str
        conduit: str
        method: str
        date: str
        length: float
        file: str = ""
        defects: tuple[FirstDefect, ...] = ()

    first = FirstInspection(
        "i", "C1", "cctv", "2024-05-01", 30.0, "f.mp4", (FirstDefect("C1", "PL", 3, 2.5, "a.jpg"),)
    )
    add(city, "inspection", first)
    defect = Defect("C1", "PL", 3, 2.5, picture="a.jpg")
    assert city.records("S", "inspection", Inspection) == [
        Inspection("i", "C1", "cctv", "2024-05-01", 30.0, file="f.mp4", defects=(defect,))
    ]


def test_what_an_inspection_leaves_out_comes_back_as_left_out(city):
    row = Defect("", "BAB", 0, math.nan, characters=("", "B"), quantities=(None, 2.5), continuous="A1")
    seen = Inspection("i", "", "manhole", "", math.nan, defects=(row,), asset_type="manhole", start="M1")
    add(city, "inspection", seen)
    [back] = city.records("S", "inspection", Inspection)
    assert (back.asset_type, back.start, back.defects[0].quantities) == ("manhole", "M1", (None, 2.5))
    assert math.isnan(back.defects[0].start)
    assert back.defects[0].characters == ("", "B")


def test_reading_as_another_class_is_a_failure_with_the_kind(city):
    add(city, "finding", FINDING)
    with pytest.raises(StoreFailed) as caught:
        city.records("S", "finding", Programme)
    assert caught.value.reason == "record"
    assert (caught.value.facts["kind"], caught.value.facts["cls"]) == ("finding", "Programme")


def test_a_value_of_the_wrong_type_is_refused_and_nothing_is_written(city):
    good, bad = replace(FINDING, low=0.0), replace(FINDING, value=np.array([1.0]))
    with pytest.raises(BadInput) as caught:
        add(city, "finding", good, bad)
    assert (caught.value.reason, caught.value.facts["row"]) == ("record", 1)
    assert city.records("S", "finding", Finding) == []


def test_a_simulated_city_has_no_statement_that_does_not_say_so(city):
    with pytest.raises(Refused) as caught:
        add(city, "finding", replace(FINDING, simulated=True))
    assert caught.value.reason == "record-simulated"
    with city.change("X", who="a", why="example") as change:
        change.put_city(City("X", simulated=True))
        change.add_records("finding", [replace(FINDING, simulated=True)])
    with pytest.raises(Refused), city.change("X", who="a", why="unmarked") as change:
        change.add_records("finding", [FINDING])
