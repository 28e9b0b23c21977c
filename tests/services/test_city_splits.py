"""A city whose sewer divides between two meters: what passes each is found, with the doubt of the split."""

import numpy as np
import pytest

from tests.services.test_diagnose_city import CODE, TRUTH, at_place, fill, network, pick, times
from wenqu.issues import Place
from wenqu.network.model import assets
from wenqu.services import joint_city
from wenqu.services.city_state import CityState
from wenqu.services.diagnose_city import diagnose_city, read_posterior
from wenqu.services.view_areas import view_areas
from wenqu.store.database import open_store

SHARE = 0.4  # of what comes to A10 that crosses over to B12
HALF = 0.5  # of branch A's waters that come in above A10


def divided(kind="conduit"):
    """Return the city of the other tests with a second way from A10 to B12, and a meter above A10."""
    net = network()
    table = net.table("conduit")
    rows = {name: table.column(name).tolist() for name in ("from_id", "to_id", "length", "height", "year")}
    ids = table.ids.tolist()
    if kind == "conduit":
        ids.append("cX")
        for name, value in (
            ("from_id", "A10"),
            ("to_id", "B12"),
            ("length", 80.0),
            ("height", 0.4),
            ("year", 2000),
        ):
            rows[name].append(value)
    else:
        net.tables["weir"] = assets("weir", ["W", "WX"], {"from_id": ["B10", "A10"], "to_id": ["O", "B12"]})
    net.tables["conduit"] = assets("conduit", ids, rows)
    return net


def read(share):
    """Return what the meters read when this share of what comes to A10 crosses over."""
    rng = np.random.default_rng(4)
    hour = np.arange(len(times()))
    wave, none = 1 + 0.6 * np.sin((hour % 24 - 9) * 2 * np.pi / 24), np.zeros(len(hour))
    parts = {
        name: np.array([foul * (1 - lost), ground, river])
        for name, (foul, lost, ground, river) in TRUTH.items()
    }
    crossing = share * HALF * parts["A"]
    parts["A"], parts["B"] = parts["A"] - crossing, parts["B"] + crossing
    made = [one for name, part in parts.items() for one in at_place(rng, f"M{name}", part, wave, none)]
    return made + at_place(rng, "P", sum(parts.values()), wave, none), parts


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """Diagnose the city with a meter on the side branch itself."""
    store, net = open_store(str(tmp_path_factory.mktemp("store"))), divided()
    table = net.table("meter")
    rows = {
        name: [*table.column(name).tolist(), value]
        for name, value in (("on_id", "cX"), ("flow_error", 0.05), ("bias_error", 0.03))
    }
    net.tables["meter"] = assets("meter", [*table.ids.tolist(), "MX"], rows)
    given, _ = read(SHARE)
    foul, lost, ground, river = TRUTH["A"]
    crossing = SHARE * HALF * np.array([foul * (1 - lost), ground, river])
    hour = np.arange(len(times()))
    wave = 1 + 0.6 * np.sin((hour % 24 - 9) * 2 * np.pi / 24)
    given += at_place(np.random.default_rng(5), "MX", crossing, wave, np.zeros(len(hour)))
    fill(store, net, given)
    yield diagnose_city(store, CODE, who="test"), crossing
    store.close()


def test_a_meter_on_the_side_branch_measures_the_split(found, measured):
    guess, (said, crossing) = found[1], measured
    row = pick(said.findings, "joint_inversion", "MX", "sewage")
    assert row.low <= crossing[0] <= row.high
    assert row.value == pytest.approx(crossing[0], rel=0.2)
    assert "diagnosis.meter-no-cut" not in {one.code for one in said.issues}
    width = [
        one.facts["high"] - one.facts["low"]
        for each in (guess, said) for one in each.issues if one.code == "case.split-not-measured"
    ]  # fmt: skip
    assert len(width) == 1 or width[1] < width[0]
    above = [pick(one.findings, "joint_inversion", "A10", "area_groundwater") for one in (guess, said)]
    assert above[1].high - above[1].low < 0.9 * (above[0].high - above[0].low)
    assert above[1].low <= HALF * TRUTH["A"][2] <= above[1].high


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    store = open_store(str(tmp_path_factory.mktemp("store")))
    given, parts = read(SHARE)
    fill(store, divided(), given)
    yield store, diagnose_city(store, CODE, who="test"), parts
    store.close()


def test_what_passes_each_meter_is_found_though_water_crosses_over(found):
    _, said, parts = found
    for name, (foul, ground, river) in parts.items():
        for quantity, value in (("sewage", foul), ("extraneous", ground + river)):
            row = pick(said.findings, "joint_inversion", f"M{name}", quantity)
            assert row.low - 1e-9 <= value <= row.high + 1e-9, (name, quantity, row.low, value, row.high)
            assert abs(row.value - value) < 0.006, (name, quantity)


def test_the_area_above_the_split_is_one_of_its_own(found):
    store, said, _ = found
    foul, _, ground, _ = TRUTH["A"]
    row = pick(said.findings, "joint_inversion", "A10", "area_sewage")
    assert row.asset_type == "manhole"
    assert row.low <= HALF * foul <= row.high
    row = pick(said.findings, "joint_inversion", "A10", "area_groundwater")
    assert row.low <= HALF * ground <= row.high
    pipes = read_posterior(store, CODE)
    areas = dict(zip(pipes.ids.tolist(), pipes.area.tolist(), strict=True))
    assert (areas["cA05"], areas["cA15"], areas["cB05"]) == ("A10", "MA", "MB")


def test_sums_of_the_areas_are_those_of_the_pipes(found):
    store, said, _ = found
    pipes = read_posterior(store, CODE)
    areas = [row for row in said.findings if row.quantity == "area_groundwater"]
    assert sum(row.value for row in areas) == pytest.approx(float(pipes.groundwater.sum()), rel=0.01)


def test_a_split_that_nobody_measured_is_told_with_its_interval(found):
    _, said, _ = found
    told = [one for one in said.issues if one.code == "case.split-not-measured"]
    assert len(told) <= 1
    for one in told:
        assert (one.asset, one.place) == ("A10", Place())
        assert one.facts["low"] < one.facts["share"] < one.facts["high"]


def test_the_page_lists_the_area_above_the_split(found):
    store, _, _ = found
    said = view_areas(store, CityState(store.network(CODE)))
    rows = {row["id"]: row for row in said["areas"]}
    assert rows["A10"]["conduits"] > 0
    assert rows["A10"]["meter"] is None


def side_branch(tmp_path, where):
    """Return the diagnosis of a city whose side branch ends at a plant Q, and what flows to P and to Q.

    What crosses is read at the plant ("Q"), at a meter of the branch ("MX"), or nowhere ("").
    """
    net = divided()
    table, meters = net.table("conduit"), net.table("meter")
    rows = {name: table.column(name).tolist() for name in ("from_id", "to_id", "length", "height", "year")}
    rows["to_id"][-1] = "Q"
    net.tables["conduit"] = assets("conduit", table.ids.tolist(), rows)
    net.tables["plant"] = assets("plant", ["P", "Q"], {"bod_target": [0.1, 0.1]})
    if where == "MX":
        more = {"on_id": "cX", "flow_error": 0.05, "bias_error": 0.03}
        columns = {name: [*meters.column(name).tolist(), value] for name, value in more.items()}
        net.tables["meter"] = assets("meter", [*meters.ids.tolist(), "MX"], columns)
    given, parts = read(0.0)
    foul, lost, ground, river = TRUTH["A"]
    crossing = SHARE * HALF * np.array([foul * (1 - lost), ground, river])
    main = sum(parts.values()) - crossing
    hour = np.arange(len(times()))
    wave, none = 1 + 0.6 * np.sin((hour % 24 - 9) * 2 * np.pi / 24), np.zeros(len(hour))
    rng, place = np.random.default_rng(6), {"MA": parts["A"] - crossing, "P": main}
    place |= {where: crossing} if where else {}
    given = [row for row in given if row.asset not in place]
    for id_, part in place.items():
        given += at_place(rng, id_, part, wave, none)
    store = open_store(str(tmp_path))
    fill(store, net, given)
    said = diagnose_city(store, CODE, who="test")
    store.close()
    assert "diagnosis.plant-without-sewers" not in {one.code for one in said.issues}
    return said, main, crossing


def test_a_metered_plant_behind_a_side_branch_gets_what_passes_its_meter(tmp_path):
    said, *flows = side_branch(tmp_path, "Q")
    for id_, flow in zip(("P", "Q"), flows, strict=True):
        row = pick(said.findings, "plant_dilution", id_, "sealed")
        share = flow[1:].sum() / flow.sum()
        assert row.facts["clean_share"] == pytest.approx(share, abs=0.06), id_


@pytest.mark.parametrize("where", ["MX", ""])
def test_an_unmetered_plant_behind_a_side_branch_gets_the_share_of_the_split(tmp_path, where):
    said, _, crossing = side_branch(tmp_path, where)
    facts = pick(said.findings, "plant_dilution", "Q", "sealed").facts
    share = crossing[1:].sum() / crossing.sum()
    assert facts["clean_share_low"] <= share <= facts["clean_share_high"]
    assert facts["clean_share"] == pytest.approx(share, abs=0.08)


def test_many_meters_are_solved_together_where_water_divides(found, tmp_path, monkeypatch):
    _, few, _ = found
    monkeypatch.setattr(joint_city, "MOST", 1)
    given, _ = read(SHARE)
    store = open_store(str(tmp_path))
    fill(store, divided(), given)
    many = diagnose_city(store, CODE, who="test")
    monkeypatch.setattr(joint_city, "TOGETHER", 3)
    more = diagnose_city(store, CODE, who="test")
    store.close()
    one, other = (pick(each.findings, "joint_inversion", "A10", "area_groundwater") for each in (few, many))
    assert other.value == pytest.approx(one.value, rel=1e-3)
    told = [[issue.code for issue in each.issues].count("map.splits-not-asked") for each in (many, more)]
    assert told == [0, 1]


def test_a_weir_carries_nothing_in_dry_weather(tmp_path):
    store = open_store(str(tmp_path))
    given, _ = read(0.0)
    fill(store, divided("weir"), given)
    said = diagnose_city(store, CODE, who="test")
    store.close()
    assert not [row for row in said.findings if row.asset == "A10" and row.quantity.startswith("area_")]
