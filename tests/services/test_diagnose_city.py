"""A city with a known truth is diagnosed from what was measured of it."""

import numpy as np
import pytest

from wenqu.errors import UnknownAsset
from wenqu.network.model import City, Network, assets
from wenqu.records.finding import Finding
from wenqu.series.model import series
from wenqu.services.area_waters import read_areas
from wenqu.services.city_state import CityState
from wenqu.services.diagnose_city import diagnose_city, diagnose_meter, read_posterior
from wenqu.services.view_diagnosis import view_meter
from wenqu.store.database import open_store

DAYS, HEADS = 60, 20
CODE = "mini"
# branch: sewage by users, lost share, groundwater, river [m³/s]
TRUTH = {"A": (0.030, 0.0, 0.020, 0.0), "B": (0.040, 0.0, 0.008, 0.015), "C": (0.030, 0.4, 0.006, 0.0)}
WATERS = {"nh3n": (0.040, 0.001, 0.0015), "conductivity": (0.10, 0.06, 0.03)}  # sewage, groundwater, river


def network():
    """Three branches of 1 km join a trunk of 500 m to the plant; branch B has an overflow to the river."""
    manholes, links, lengths = [], [], []
    for branch in TRUTH:
        names = [f"{branch}{place:02d}" for place in range(HEADS)]
        manholes += names
        links += [(f"c{a}", a, b) for a, b in zip(names, [*names[1:], "T00"], strict=True)]
    trunk = [f"T{place:02d}" for place in range(10)]
    manholes += trunk
    links += [(f"c{a}", a, b) for a, b in zip(trunk, [*trunk[1:], "P"], strict=True)]
    links += [("cP", "P", "OP")]
    lengths = [50.0] * len(links)
    users = [f"U{name}" for name in manholes if name[0] in TRUTH]
    use = [TRUTH[name[1]][0] / HEADS / 0.85 for name in users]
    return Network(
        City(CODE, "小城", "mini", simulated=True),
        {
            "manhole": assets("manhole", manholes, {"invert_level": [2.0] * len(manholes)}),
            "plant": assets("plant", ["P"], {"bod_target": [0.1]}),
            "outfall": assets("outfall", ["O", "OP"], {"invert_level": [1.0, 1.0], "receiving": ["R", "R"]}),
            "reach": assets("reach", ["R"], {"normal_level": [3.0]}),
            "weir": assets("weir", ["W"], {"from_id": ["B10"], "to_id": ["O"]}),
            "conduit": assets(
                "conduit",
                [id_ for id_, _, _ in links],
                {
                    "from_id": [a for _, a, _ in links],
                    "to_id": [b for _, _, b in links],
                    "length": lengths,
                    "height": [0.4] * len(links),
                    "year": [2000] * len(links),
                },
            ),
            "source": assets(
                "source",
                users,
                {
                    "water_use": use,
                    "return_ratio": [0.85] * len(users),
                    "connects_to": [name[1:] for name in users],
                },
            ),
            "meter": assets(
                "meter",
                ["MA", "MB", "MC"],
                {"on_id": ["cA19", "cB19", "cC19"], "flow_error": [0.05] * 3, "bias_error": [0.03] * 3},
            ),
            "gauge": assets("gauge", ["G"], {"measures": ["rain"]}),
        },
    )


def times():
    return np.datetime64("2024-01-01", "s") + np.arange(24 * DAYS) * np.timedelta64(3600, "s")


def readings(rng):
    hour = np.arange(24 * DAYS)
    wave = 1 + 0.6 * np.sin((hour % 24 - 9) * 2 * np.pi / 24)
    wet = (hour // 24) % 10 == 4
    rain = np.where(wet & (hour % 24 < 6), 3e-3 / 3600, 0.0)
    made, totals = [series("G", "rain", times(), rain, simulated=True)], np.zeros(3)
    runoff = np.where(wet, 0.01, 0.0)
    for branch, (foul, lost, ground, river) in TRUTH.items():
        parts = np.array([foul * (1 - lost), ground, river])
        totals += parts
        made += at_place(rng, f"M{branch}", parts, wave, runoff)
    made += at_place(rng, "P", totals, wave, 3 * runoff)
    bod5 = 0.09 + 0.002 * np.cos(np.arange(DAYS))
    made.append(series("P", "bod5", times()[9::24], bod5, simulated=True))
    return made


def at_place(rng, id_, parts, wave, runoff):
    foul, ground, river = parts[0] * wave, parts[1], parts[2]
    flow = (foul + ground + river) * (1 + 0.03 * rng.normal()) + runoff
    flow *= 1 + 0.02 * rng.normal(size=len(wave))
    made = [series(id_, "flow", times(), flow, simulated=True)]
    for tracer, (c_foul, c_ground, c_river) in WATERS.items():
        mixed = (foul * c_foul + ground * c_ground + river * c_river) / (foul + ground + river)
        mixed *= 1 + 0.02 * rng.normal(size=len(wave))
        made.append(series(id_, tracer, times(), mixed, simulated=True))
    return made


OWN = """kind,tracer,mean,sd,unit,status
sewage,nh3n,40,2,mg/L,sampled
groundwater,nh3n,1,0.3,mg/L,sampled
river,nh3n,1.5,0.4,mg/L,sampled
sewage,conductivity,1000,40,µS/cm,sampled
groundwater,conductivity,600,30,µS/cm,sampled
river,conductivity,300,30,µS/cm,sampled
"""


def fill(store, net, given=(), own=OWN):
    with store.change(net.city.code, who="test", why="survey") as change:
        change.put_city(net.city)
        for table in net.tables.values():
            change.put(table)
        if own:
            change.write_document("endmembers.csv", own.encode())
    if given:
        store.write_series(net.city.code, list(given))


@pytest.fixture(scope="module")
def diagnosed(tmp_path_factory):
    store = open_store(str(tmp_path_factory.mktemp("store")))
    fill(store, network(), readings(np.random.default_rng(8)))
    seen = []
    found = diagnose_city(store, CODE, who="test", progress=seen.append)
    yield store, found, seen
    store.close()


def pick(findings, method, asset, quantity):
    rows = [row for row in findings if (row.method, row.asset, row.quantity) == (method, asset, quantity)]
    assert rows, (method, asset, quantity)
    return rows[0]


def test_the_posterior_covers_what_is_true_at_every_meter_and_lies_near_it(diagnosed):
    _, found, _ = diagnosed
    for branch, (foul, lost, ground, river) in TRUTH.items():
        truth = {
            "sewage": foul * (1 - lost),
            "groundwater": ground,
            "river": river,
            "extraneous": ground + river,
            "missing": foul * lost,
        }
        for quantity, value in truth.items():
            row = pick(found.findings, "joint_inversion", f"M{branch}", quantity)
            assert row.low - 1e-9 <= value <= row.high + 1e-9, (branch, quantity, row.low, value, row.high)
            # a small area may lose, or its bills may be wrong: the middle lies between
            assert abs(row.value - value) < (0.009 if quantity == "missing" else 0.006), (branch, quantity)


def test_the_joint_inversion_errs_a_third_of_the_raw_night_minimum(diagnosed):
    _, found, _ = diagnosed
    errors = {"night_flow_raw": 0.0, "joint_inversion": 0.0}
    for branch, (_, _, ground, river) in TRUTH.items():
        for method in errors:
            row = pick(found.findings, method, f"M{branch}", "extraneous")
            errors[method] += abs(row.value - ground - river)
    assert errors["joint_inversion"] < 0.33 * errors["night_flow_raw"]


def test_every_meter_is_told_its_bias_and_its_fit(diagnosed):
    _, found, _ = diagnosed
    for branch in TRUTH:
        row = pick(found.findings, "joint_inversion", f"M{branch}", "meter_bias")
        assert (row.unit, row.low < row.value < row.high) == ("-", True)
        assert 0 < row.facts["misfit"] < 3
        assert row.facts["trusted"] == 1.0
    assert "diagnosis.meter-contradicts" not in codes(found)


def test_prior_and_data_share_of_every_quantity_sum_to_one(diagnosed):
    _, found, _ = diagnosed
    told = [row for row in found.findings if row.method == "joint_inversion" and "data_share" in row.facts]
    assert {row.quantity for row in told} >= {"river", "missing", "area_groundwater", "area_missing"}
    assert all(row.facts["data_share"] + row.facts["prior_share"] == pytest.approx(1) for row in told)
    assert all(row.low <= row.value <= row.high for row in told)


def test_every_method_of_the_meters_speaks_and_carries_its_inputs(diagnosed):
    _, found, _ = diagnosed
    spoken = {row.method for row in found.findings if row.asset == "MA"}
    assert spoken >= {"night_flow_raw", "night_flow", "water_balance", "moving_minimum"}
    assert spoken >= {"two_end_members", "end_members", "joint_inversion"}
    silent = {row.facts["method"] for row in found.issues if row.code == "diagnosis.method-silent"}
    assert silent == {"triangle"}  # 60 days are no year
    for row in found.findings:
        assert row.inputs
        assert row.simulated
        assert row.since <= row.until
        assert row.by == "test"
        assert row.value == row.value
    assert "series:MA/flow" in pick(found.findings, "night_flow", "MA", "extraneous").inputs
    balance = pick(found.findings, "water_balance", "MA", "extraneous")
    assert balance.value == pytest.approx(0.020, abs=0.003)


def test_the_river_is_found_where_it_can_enter(diagnosed):
    store, _, _ = diagnosed
    table = read_posterior(store, CODE)
    river = dict(zip(table.ids, table.river, strict=True))
    assert max(river, key=river.get) == "cB10"
    assert river["cB10"] == pytest.approx(0.015, abs=0.007)  # drawn towards the prior by 5 % tracer error
    assert river["cB10"] > 0.8 * sum(river.values())
    assert set(table.area) >= {"MA", "MB", "MC", "P"}
    assert ((table.data_share >= 0) & (table.data_share <= 1)).all()


def test_pipe_sums_are_the_findings_of_the_plant(diagnosed):
    store, found, _ = diagnosed
    table = read_posterior(store, CODE)
    inside = table.area != ""
    total = pick(found.findings, "joint_inversion", "P", "extraneous")
    assert (table.groundwater + table.river)[inside].sum() == pytest.approx(total.value, rel=1e-6)
    assert (table.groundwater_sd >= 0).all()


def test_the_waterfall_ends_with_what_the_plant_measures(diagnosed):
    _, found, _ = diagnosed
    rows = sorted(
        (row for row in found.findings if row.method == "plant_dilution" and "order" in row.facts),
        key=lambda row: row.facts["order"],
    )
    assert [row.quantity for row in rows] == [
        "source", "decay", "groundwater", "river", "rain", "missing", "unexplained", "arriving",
    ]  # fmt: skip
    assert rows[-1].value == pytest.approx(0.09, rel=1e-3)
    assert sum(row.value for row in rows[:-1]) == pytest.approx(rows[-1].value)
    sealed = pick(found.findings, "plant_dilution", "P", "sealed")
    assert sealed.facts["verdict"] in {"sealing-suffices", "sealing-cannot-suffice"}


def test_three_manholes_are_named_that_are_not_measured_yet(diagnosed):
    _, found, _ = diagnosed
    rows = [row for row in found.findings if row.method == "next_measurement"]
    assert [row.facts["rank"] for row in rows] == [1, 2, 3]
    assert len({row.asset for row in rows}) == 3
    assert not {row.asset for row in rows} & {"A19", "B19", "C19"}
    assert all(0 < row.value < 1 for row in rows)
    assert all(row.facts["block_sd_after"] < row.facts["block_sd_before"] for row in rows)


def test_everything_is_filed_in_one_change(diagnosed):
    store, found, seen = diagnosed
    filed = store.records(CODE, "finding", Finding, last_run=True)
    assert len(filed) == len(found.findings)
    assert store.changes(CODE)[0].why == "diagnose"
    assert seen[-1] == 1.0
    assert seen == sorted(seen)
    assert found.tracers == ("conductivity", "nh3n")
    assert found.identifiability.rank == 3


def test_one_meter_shows_all_methods_and_its_chart(diagnosed):
    store, _, _ = diagnosed
    one = diagnose_meter(store, CODE, "MB")
    assert {row.method for row in one.findings} >= {"night_flow", "joint_inversion"}
    assert len(one.days) == len(one.flow) == len(one.dry) == len(one.rain) == DAYS
    assert one.dry.sum() == pytest.approx(DAYS * 0.7, abs=4)  # a rain day and the two after it are not dry
    assert not one.dry[one.rain > 0.001].any()
    assert np.nanmin(one.moving_minimum) <= np.nanmin(one.flow[one.dry])
    shown = view_meter(store, CityState(store.network(CODE)), "MB")
    rain = np.array(shown["chart"]["rain"])
    assert rain[rain > 0] == pytest.approx(18.0)  # [mm] six hours of 3 mm/h on every rain day
    (silent,) = (row["told"] for row in shown["issues"] if row["code"] == "diagnosis.method-silent")
    assert silent["zh"]["says"] == "“MB”上方法“三角形法”没有结果：完整日只有 60 个，至少要 300 个。"
    assert "error." not in silent["en"]["says"]
    with pytest.raises(UnknownAsset):
        diagnose_meter(store, CODE, "nobody")


def codes(found):
    return {issue.code for issue in found.issues}


def test_a_city_without_meters_keeps_its_prior_and_says_so(tmp_path):
    net = network()
    store = open_store(str(tmp_path))
    fill(store, Network(net.city, {name: t for name, t in net.tables.items() if name != "meter"}))
    found = diagnose_city(store, CODE, who="test")
    assert {"diagnosis.no-meters", "diagnosis.no-rain-gauge"} <= codes(found)
    assert "diagnosis.identify.no-meters" in found.identifiability.codes
    table = read_posterior(store, CODE)
    assert table.data_share.max() == pytest.approx(0, abs=1e-9)
    clean = table.groundwater.sum() + table.river.sum()
    assert clean == pytest.approx(0.1 * 0.1)  # a tenth of 0.1 m³/s of sewage
    assert [row for row in found.findings if row.method == "next_measurement"]
    store.close()


def test_every_fault_of_the_meters_is_named_and_the_rest_is_diagnosed(tmp_path):
    net = network()
    tables = dict(net.tables)
    tables["meter"] = assets(
        "meter",
        ["MA", "MB", "MC", "MX", "MS", "MW"],
        {"on_id": ["cA19", "cB19", "cC19", "nowhere", "cA05", "W"]},
    )
    tables["source"] = assets(
        "source",
        ["U1", "U2", "U3"],
        {"water_use": [0.1, None, 0.1], "connects_to": ["A00", "A01", "nowhere"]},
    )
    rng = np.random.default_rng(3)
    given = [row for row in readings(rng) if row.asset != "MC"]
    given += [series(id_, "flow", times(), given[1].values.copy(), simulated=True) for id_ in ("MX", "MW")]
    given.append(series("MC", "flow", times()[:72], np.linspace(1, 2, 72) * 1e-2, simulated=True))
    store = open_store(str(tmp_path))
    fill(store, Network(net.city, tables), given, own=OWN + "tea,nh3n,1,1,mg/L,x\n")
    found = diagnose_city(store, CODE, who="test")
    assert codes(found) >= {
        "diagnosis.meter-on-unknown",
        "diagnosis.meter-without-readings",
        "diagnosis.meter-no-cut",
        "diagnosis.few-dry-days",
        "diagnosis.source-without-water",
        "diagnosis.source-nowhere",
        "diagnosis.end-member-unreadable",
    }
    named = {issue.code: issue.asset for issue in found.issues}
    assert named["diagnosis.meter-on-unknown"] == "MX"
    assert named["diagnosis.meter-without-readings"] == "MS"
    assert named["diagnosis.meter-no-cut"] == "MW"
    assert named["diagnosis.few-dry-days"] == "MC"
    assert pick(found.findings, "night_flow_raw", "MX", "extraneous").value > 0
    assert not [row for row in found.findings if row.asset == "MX" and row.method == "joint_inversion"]
    store.close()


def test_a_tracer_without_end_member_is_named(tmp_path, monkeypatch):
    from wenqu.diagnosis import end_member_table

    kept = tuple(entry for entry in end_member_table._defaults() if entry[0] != ("river", "conductivity"))
    monkeypatch.setattr(end_member_table, "_defaults", lambda: kept)
    store = open_store(str(tmp_path))
    fill(store, network(), readings(np.random.default_rng(2)), own=None)
    found = diagnose_city(store, CODE, who="test")
    assert [i.facts for i in found.issues if i.code == "diagnosis.tracer-without-end-member"] == [
        {"tracer": "conductivity"}
    ]
    assert found.tracers == ("nh3n",)
    store.close()


def test_the_areas_are_filed_with_what_they_have_in_common(diagnosed):
    store, found, _ = diagnosed
    areas = read_areas(store, CODE)
    assert areas is not None
    assert areas.covariance == pytest.approx(areas.covariance.T)
    assert np.linalg.eigvalsh(areas.covariance).min() > -1e-9 * areas.covariance.max()
    off = areas.covariance - np.kron(np.eye(len(areas.names)), np.ones((3, 3))) * areas.covariance
    assert np.abs(off).max() > 0  # they are not independent
    told = {
        row.asset: row for row in found.findings
        if (row.method, row.quantity) == ("joint_inversion", "area_extraneous")
    }  # fmt: skip
    for at, name in enumerate(areas.names):
        if name in told:
            assert areas.mean[at, 1:].sum() == pytest.approx(told[name].value, rel=1e-6)
