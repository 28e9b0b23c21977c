"""A small city of which every figure can be worked out by hand, and a bare one of which nothing is known."""

import io
import json
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from wenqu.network.geometry import Shapes
from wenqu.network.model import City, assets
from wenqu.records.finding import Finding
from wenqu.records.inspection import Defect, Inspection
from wenqu.records.programme import Measure, PlantOutlook, Programme
from wenqu.series.model import Flag, Series, series
from wenqu.services.city_state import CityState
from wenqu.services.grade_city import grade_city
from wenqu.store.database import open_store

CORNER = np.array([499000.0, 3171000.0])
PLACES = {
    "A1": (0, 0), "A2": (100, 0), "B1": (0, 500), "B2": (200, 500), "S1": (0, 900), "O1": (500, 900),
    "PL": (400, 0), "QL": (600, 500), "IN": (900, 900),
}  # fmt: skip
CONDUITS = {  # id: from, to, length [m], system, district, year, built on
    "cA1": ("A1", "A2", 100.0, "sanitary", "A", 2000, None),
    "cA2": ("A2", "PL", 300.0, "sanitary", "A", None, "2010-05-01"),
    "cB1": ("B1", "B2", 200.0, "combined", "B", None, None),
    "cB2": ("B2", "QL", 400.0, "sanitary", "B", None, None),
    "cS": ("S1", "O1", 500.0, "storm", "A", None, None),
}
USERS = {  # id: key user, permit, from, to, district
    "U1": (1, "1", "2024-01-01", "2026-01-01", "A"),
    "U2": (1, "2", "2020-01-01", "2025-01-01", "B"),  # expired
    "U3": (1, "3", "2025-07-15", "2030-07-14", "A"),  # not yet valid
    "U4": (1, None, None, None, "B"),
    "U5": (0, None, None, None, "B"),
}


def points(*names):
    return Shapes.points(np.array([PLACES[name] for name in names], dtype=np.float64) + CORNER)


def small_tables():
    ids = list(CONDUITS)
    begin, end, length, system, district, year, built = zip(*CONDUITS.values(), strict=True)
    ends = np.array(
        [PLACES[name] for pair in zip(begin, end, strict=True) for name in pair], dtype=np.float64
    )
    key, number, since, until, of = zip(*USERS.values(), strict=True)
    box = np.array([[-50, -50], [950, -50], [950, 950], [-50, 950], [-50, -50]], dtype=np.float64) + CORNER
    return (
        assets("manhole", ["A1", "A2", "B1", "B2", "S1"], {"name": ["甲一", None, None, None, None]},
               points("A1", "A2", "B1", "B2", "S1")),
        assets("plant", ["PL", "QL", "IN"],
               {"name": ["甲厂", "乙厂", None], "district": ["A", "B", "B"], "capacity": [2.0, 3.0, 5.0],
                "bod_target": [None, 0.08, None], "kind": ["municipal", None, "industrial"]},
               points("PL", "QL", "IN")),
        assets("outfall", ["O1"], {}, points("O1")),
        assets("conduit", ids,
               {"from_id": begin, "to_id": end, "length": length, "system": system, "district": district,
                "year": year, "built_on": built, "height": [0.3, 0.4, 0.5, 0.5, 0.6],
                "importance": ["other", None, None, None, "other"],
                "soil": ["ordinary", None, None, None, "ordinary"]},
               Shapes.lines(ends + CORNER, np.arange(0, 2 * len(ids) + 1, 2))),
        assets("zone", ["A", "B", "M"],
               {"kind": ["district", "district", "metering"], "name": ["甲区", None, None]},
               Shapes.lines(np.tile(box, (3, 1)), np.array([0, 5, 10, 15]))),
        assets("source", list(USERS),
               {"key_user": key, "permit_no": number, "permit_from": since, "permit_to": until,
                "district": of}),
        assets("meter", ["Q1"], {"on_id": ["cA1"], "name": ["甲表"]}),
    )  # fmt: skip


def daily_series(asset, quantity, first, values):
    times = np.datetime64(first, "s") + np.arange(len(values)) * np.timedelta64(86400, "s")
    return series(asset, quantity, times, np.asarray(values, dtype=np.float64), simulated=True)


def doubted(given, value):
    """Return the series with one more day whose reading is wildly wrong and flagged."""
    return Series(
        given.asset, given.quantity,
        np.append(given.times, given.times[-1] + np.timedelta64(86400, "s")),
        np.append(given.values, value),
        np.append(given.flags, np.uint8(Flag.RANGE)),
        simulated=True,
    )  # fmt: skip


def inspection(id_, conduit, date, *defects):
    return Inspection(id_, conduit, "cctv", date, 50.0, defects=defects, simulated=True)


def defect(conduit, code, level):
    return Defect(conduit, code, level, 10.0)


def finding(method, asset, quantity, value, *, type_="plant", facts=None, notes=()):
    return Finding(
        type_, asset, method, quantity, value, value - 0.01, value + 0.01,
        "kg/m³" if type_ == "plant" else "m³/s",
        inputs=("bod5@PL",), notes=notes, simulated=True, facts=facts or {},
    )  # fmt: skip


FINDINGS = (
    # filed out of order on purpose: the waterfall has its own order
    finding("plant_dilution", "PL", "arrives", 0.119, facts={"order": 3.0, "level": 0.119}),
    finding("plant_dilution", "PL", "source", 0.220, facts={"order": 0.0, "level": 0.220}),
    finding("plant_dilution", "PL", "groundwater", -0.060, facts={"order": 2.0, "level": 0.119}),
    finding("plant_dilution", "PL", "lost", -0.041, facts={"order": 1.0, "level": 0.179}),
    finding(
        "plant_dilution", "PL", "sealed", 0.180, notes=("diagnosis.verdict.sealing",), facts={"share": 0.3}
    ),
    finding("plant_dilution", "QL", "source", 0.200, facts={"order": 0.0, "level": 0.200}),
    finding("next_measurement", "A2", "gain", 0.7, type_="manhole", facts={"plant": "PL", "rank": 1.0}),
    finding("joint_inversion", "Q1", "extraneous", 0.02, type_="meter", notes=("diagnosis.identify.areas",)),
    finding("night_minimum", "Q1", "extraneous", 0.03, type_="meter"),
    finding("joint_inversion", "Q1", "area_extraneous", 0.015, type_="meter", facts={"data_share": 0.8}),
    finding("joint_inversion", "Q1", "area_missing", 0.004, type_="meter"),
)


def measure(asset, window, cost, method="spot_repair", length=10.0, type_="conduit"):
    return Measure(
        f"o-{asset}-{window}", f"p-{asset}", type_, asset, method, window, cost, length, "A", "PL",
        flow_removed=0.001, load_gained=0.002, reasons=("r1",),
    )  # fmt: skip


MEASURES = (
    measure("cA1", "2026", 1000.0, length=5.0),
    measure("cA1|cB1", "2027", 3000.0, method="a_method_of_the_city", length=300.0),
    measure("U1", "2027", 500.0, type_="source", length=0.0),
)
PROGRAMME = Programme(
    "p1", "proved", MEASURES,
    (PlantOutlook("PL", "2026", 1.0, 0.1, 0.1, 0.1, meets=False),
     PlantOutlook("PL", "2027", 0.9, 0.1, 0.111, 0.1, meets=True)),
    ("2026", "2027"), 4500.0, 4400.0, 100 / 4500, 1.5, json.dumps({"budget": {"2026": 1e6}}), "default 1",
    simulated=True,
)  # fmt: skip


def posterior():
    columns = {
        "id": ["cA1", "cB1"], "type": ["conduit", "conduit"],
        "groundwater": [0.001, 0.0], "groundwater_sd": [0.0003, 0.0],
        "river": [0.0005, 0.0], "river_sd": [0.0004, 0.0],
        "lost": [0.0002, 0.0], "lost_sd": [0.0001, 0.0],
        "area": ["Q1", ""], "data_share": [0.8, 0.0],
    }  # fmt: skip
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    """Return store and state of the small city: graded, diagnosed and planned."""
    store = open_store(str(tmp_path_factory.mktemp("small")))
    with store.change("small", who="tester", why="tables") as change:
        change.put_city(City("small", "小城", "Small", "EPSG:4549", simulated=True))
        for table in small_tables():
            change.put(table)
        change.add_records(
            "inspection",
            [
                inspection("i1", "cA1", "2024-01-10"),
                inspection("i2", "cA1", "2025-05-20", defect("cA1", "PL", 4)),
                inspection("i3", "cB1", "2025-03-01", defect("cB1", "CJ", 4)),
                inspection("i4", "cS", "2025-03-01"),
                inspection("i5", "gone", "2025-03-01"),
            ],
        )
    april, may = np.ones(30), np.ones(31)
    store.write_series(
        "small",
        [
            doubted(daily_series("PL", "flow", "2025-04-01", np.concatenate([april, 2 * may])), 1000.0),
            daily_series("PL", "bod5", "2025-04-01", np.concatenate([0.15 * april, 0.105 * may])),
            daily_series("QL", "flow", "2025-04-01", np.ones(61)),
            daily_series("QL", "bod5", "2025-04-01", 0.079 * np.ones(61)),
        ],
    )
    report = grade_city(store, "small", who="tester")
    with store.change("small", who="tester", why="diagnose") as change:
        change.add_records("finding", FINDINGS)
        change.write_document("posterior.parquet", posterior(), media="application/vnd.apache.parquet")
    with store.change("small", who="tester", why="plan") as change:
        change.add_records("programme", [PROGRAMME])
    yield SimpleNamespace(store=store, state=CityState(store.network("small")), graded=report)
    store.close()


@pytest.fixture(scope="session")
def bare(tmp_path_factory):
    """Return store and state of a city of two manholes, a conduit and a plant, with nothing measured."""
    store = open_store(str(tmp_path_factory.mktemp("bare")))
    with store.change("bare", who="tester", why="tables") as change:
        change.put_city(City("bare"))
        change.put(assets("manhole", ["M1", "M2"], {}))
        change.put(assets("plant", ["P"], {"capacity": [1.0]}))
        change.put(
            assets(
                "conduit",
                ["c"],
                {"from_id": ["M1"], "to_id": ["P"], "length": [10.0], "system": ["sanitary"]},
            )
        )
    yield SimpleNamespace(store=store, state=CityState(store.network("bare")))
    store.close()
