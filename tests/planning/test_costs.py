"""The price table: hand-made sums, and nonsense that is refused."""

import numpy as np
import pytest

from wenqu.errors import BadInput
from wenqu.planning.costs import check_catalogue, default_text, read_catalogue, works_cost


def one(array_like):
    return np.array([float(array_like)])


def test_the_default_table_reads_without_a_fault_and_says_that_it_is_default():
    catalogue = read_catalogue()
    assert list(check_catalogue(catalogue)) == []
    assert catalogue.edition.startswith("default ")
    assert {entry.status for entry in catalogue.methods} == {"default"}
    assert all("provincial quota" in entry.source for entry in catalogue.methods)


@pytest.mark.parametrize(
    ("method", "diameter", "low", "high"),
    [  # the orders of size of the study behind the table, yuan a unit
        ("joint_grouting", 0.3, 150, 500),
        ("joint_grouting", 1.5, 150, 500),
        ("spot_repair", 0.2, 2000, 12000),
        ("spot_repair", 1.5, 2000, 12000),
        ("cipp", 0.2, 1200, 5000),
        ("cipp", 1.2, 1200, 5000),
        ("spiral_wound", 0.45, 2500, 12000),
        ("spiral_wound", 3.0, 2500, 12000),
        ("mortar_lining", 0.8, 1500, 6000),
        ("mortar_lining", 3.0, 1500, 6000),
        ("pipe_bursting", 0.2, 1500, 4000),
        ("pipe_bursting", 0.6, 1500, 4000),
        ("open_cut", 0.3, 2400, 15000),
        ("open_cut", 3.0, 2500, 15000),
        ("misconnection", 0.0, 2000, 30000),
        ("river_inlet", 0.0, 20000, 300000),
        ("flap_valve", 0.3, 20000, 300000),
        ("flap_valve", 2.0, 20000, 300000),
    ],
)
def test_default_prices_lie_within_their_order_of_size(method, diameter, low, high):
    price = works_cost(read_catalogue().method(method), one(1), one(diameter), one(2))[0]
    assert low <= price <= high


def test_effects_are_the_mean_of_their_beta_times_what_the_method_reaches():
    # lining of the main: Beta(36, 4) has mean 0.9; it reaches 0.4 of the water: 0.36
    assert read_catalogue().method("cipp").effect == pytest.approx(0.36)


def test_depth_beyond_three_metres_costs_more_and_unknown_depth_costs_nothing_more():
    cut = read_catalogue().method("open_cut")
    # 1500 + 4500·1 = 6000 yuan/m; two metres more: + 1200
    assert works_cost(cut, one(10), one(1.0), one(5.0))[0] == pytest.approx(72_000)
    assert works_cost(cut, one(10), one(1.0), one(np.nan))[0] == pytest.approx(60_000)


def test_prices_by_diameter_run_straight_between_the_steps_of_a_quota():
    text = default_text().replace(
        ",default,,0.01,1,1,支管口", ",default,0.3:1500|0.6:2400,0.01,1,1,支管口", 1
    )
    lined = read_catalogue(text).method("cipp")
    assert lined.price_at == ((0.3, 1500.0), (0.6, 2400.0))
    # 1500 below the first step, 1500 + 900·(0.4 - 0.3)/0.3 = 1800 between, 2400 beyond the last
    prices = [works_cost(lined, one(1), one(size), one(2))[0] for size in (0.2, 0.4, 1.0)]
    assert prices == pytest.approx([1500, 1800, 2400])


def test_every_method_that_the_programme_knows_stands_in_the_default_table_whole():
    methods = {entry.key: entry for entry in read_catalogue().methods}
    assert methods.keys() >= {
        "joint_grouting", "spot_repair", "cipp", "spiral_wound", "mortar_lining", "pipe_bursting", "open_cut",
        "misconnection", "lateral_repair", "flap_valve", "weir_raise", "new_connection", "separation",
        "clean_industry",
    }  # fmt: skip
    for entry in methods.values():
        assert entry.mobilisation > 0
        assert entry.crew_days + entry.crew_days_fixed > 0
        assert entry.life >= 10
        assert entry.note_zh
        assert bool(entry.lanes) == bool(entry.closure_days + entry.closure_fixed)


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (",440,3800,", ",-440,0,"),
        (",440,3800,", ",NaN,3800,"),
        (",440,3800,", ",inf,3800,"),
        ("0.40,36,4,40,laterals", "0,36,4,40,laterals"),
        ("0.40,36,4,40,laterals", "0.40,36,4,0,laterals"),
        ("0.40,36,4,40,laterals", "0.40,36,4,,laterals"),
        (",default,,0.01,1,1,支管口", ",default,0.6:1500|0.3:2400,0.01,1,1,支管口"),
        (",default,,0.01,1,1,支管口", ",default,0.3:-1|0.6:2400,0.01,1,1,支管口"),
        (",default,,0.01,1,1,支管口", ",default,0.3=1500,0.01,1,1,支管口"),
        (",default,,0.01,1,1,支管口", ",default,,-1,1,1,支管口"),
        (",440,3800,", ",abc,3800,"),
        (",440,3800,", ",44000000,3800,"),
        (",440,3800,", ",0,0,"),
        ("cipp,紫外光", "open_cut,紫外光"),
        ("conduit,0.2,1.2,3,,gravity,m,440", "manhole,0.2,1.2,3,,gravity,m,440"),
        ("conduit,0.2,1.2,3,,gravity,m,440", "conduit,2.2,1.2,3,,gravity,m,440"),
        ("conduit,0.2,1.2,3,,gravity,m,440", "conduit,0.2,1.2,3,,moonlight,m,440"),
        ("0.40,36,4,40,laterals", "1.40,36,4,40,laterals"),
        ("0.40,36,4,40,laterals", "0.40,0,4,40,laterals"),
    ],
)
def test_nonsense_in_the_table_is_refused_with_its_row(good, bad):
    text = default_text()
    assert good in text
    with pytest.raises(BadInput) as caught:
        read_catalogue(text.replace(good, bad, 1))
    assert caught.value.reason.startswith("catalogue")
    assert caught.value.facts["method"]


@pytest.mark.parametrize(
    ("good", "bad", "reason", "field"),
    [
        (",440,3800,", ",abc,3800,", "catalogue-number", "price_a, price_b"),
        (",440,3800,", ",nan,3800,", "catalogue-number", "price_a, price_b"),
        ("cipp,紫外光", "open_cut,紫外光", "catalogue-twice", None),
        (",gravity,m,440", ",moonlight,m,440", "catalogue-word", "needs"),
        (",gravity,m,440", ",gravity,mile,440", "catalogue-word", "price_per"),
        (",440,3800,", ",44000000,3800,", "catalogue", "price_a, price_b"),
    ],
)
def test_it_is_said_whether_a_number_a_word_or_a_second_row_is_wrong(good, bad, reason, field):
    with pytest.raises(BadInput) as caught:
        read_catalogue(default_text().replace(good, bad, 1))
    assert (caught.value.reason, caught.value.facts.get("field")) == (reason, field)


def test_a_table_without_its_columns_is_refused():
    with pytest.raises(BadInput, match="catalogue-columns"):
        read_catalogue("method,price\ncipp,3\n")


def test_a_table_with_a_column_of_no_known_name_is_refused():
    with pytest.raises(BadInput, match="catalogue-strange"):
        read_catalogue(default_text().replace("note_zh", "remark", 1))


def test_a_citys_own_table_says_so():
    edition = read_catalogue(default_text().replace(",440,3800,", ",500,3900,")).edition
    assert edition.startswith("city ")
    assert edition.split()[1] != read_catalogue().edition.split()[1]
