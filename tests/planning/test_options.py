"""Which method fits where, with sums made by hand."""

import numpy as np
import pytest

from wenqu.errors import BadInput
from wenqu.planning.costs import read_catalogue
from wenqu.planning.options import REASONS, fits, options, unbeaten

CATALOGUE = read_catalogue()
PLACE = {method.key: n for n, method in enumerate(CATALOGUE.methods)}


def why(sites, method):
    return REASONS[fits(sites, CATALOGUE)[0, PLACE[method]]]


@pytest.mark.parametrize(
    ("columns", "method", "reason"),
    [
        ({}, "cipp", "fits"),
        ({}, "joint_grouting", "grade"),
        ({"grade": np.array([2])}, "joint_grouting", "fits"),
        ({"grade": np.array([0])}, "joint_grouting", "grade-unknown"),
        ({"grade": np.array([0])}, "cipp", "fits"),
        ({"grade": np.array([4])}, "cipp", "grade"),
        ({"grade": np.array([4])}, "open_cut", "fits"),
        ({}, "spiral_wound", "diameter-small"),
        ({"diameter": np.array([1.5])}, "cipp", "diameter-large"),
        ({"diameter": np.array([np.nan])}, "cipp", "diameter-unknown"),
        ({"spots": np.array([4.0])}, "spot_repair", "many-spots"),
        ({"spots": np.array([0.0])}, "spot_repair", "no-units"),
        ({"traits": {"gravity": np.zeros(1, bool)}}, "cipp", "no-gravity"),
        ({"diameter": np.array([1.0]), "traits": {"gravity": np.ones(1, bool)}}, "mortar_lining", "no-dry"),
        ({}, "flap_valve", "other-site"),
        ({"clean": np.zeros(1)}, "open_cut", "fits"),
        ({"clean": np.zeros(1), "problem": np.zeros(1, bool)}, "open_cut", "no-effect"),
    ],
)
def test_each_method_says_why_it_does_not_fit(columns, method, reason, some_sites):
    assert why(some_sites(1, **columns), method) == reason


def test_an_option_costs_its_metres_and_one_mobilisation(some_sites):
    made = options(some_sites(1), CATALOGUE)
    row = list(made.ids).index("c0:cipp")
    # (440 + 3800·0.4) yuan/m × 50 m + 20 000 = 118 000
    assert made.cost[row] == pytest.approx(118_000)
    # 1 L/s × 0.36 kept out; its 5 mg/L go with it
    assert made.flow[row] == pytest.approx(-0.00036)
    assert made.load[row] == pytest.approx(-0.00036 * 0.005)
    assert made.crew_days[row] == pytest.approx(50 * 0.02 + 1)


def test_a_bundle_pays_mobilisation_once_and_mends_all_its_conduits(some_sites):
    sites = some_sites(2, package=np.array(["road", "road"], object), diameter=np.array([0.4, 1.5]))
    made = options(sites, CATALOGUE)
    # lining fits only the first; the second takes what is cheapest there:
    # spiral (825 + 3725·1.5)·50 + 45000 = 365 625; mortar 1950·1.5·50 + 30000 = 176 250; spots
    # (500 + 7500·1.5)·2 + 6000 = 29 500
    row = list(made.ids).index("road:cipp")
    assert made.cost[row] == pytest.approx(118_000 + 29_500)
    both = list(made.ids).index("road:spot_repair")
    # (500 + 3000)·2 + (500 + 11250)·2 + 6000 once
    assert made.cost[both] == pytest.approx(7_000 + 23_500 + 6_000)
    assert made.problem_length.tolist() == [100.0]


def test_a_package_that_nothing_fits_has_no_option_and_keeps_its_length(some_sites):
    made = options(some_sites(2, diameter=np.array([np.nan, 0.4])), CATALOGUE)
    assert made.package.min() == 1
    assert made.problem_length.tolist() == [50.0, 50.0]


def test_a_site_that_nothing_fits_does_not_keep_its_street_from_being_mended(some_sites):
    street = np.array(["road", "road"], object)
    made = options(some_sites(2, package=street, diameter=np.array([np.nan, 0.4])), CATALOGUE)
    assert made.package_ids.tolist() == ["road", "road/c0"]
    assert set(made.package.tolist()) == {0}
    assert made.problem_length.tolist() == [50.0, 50.0]


def test_sewage_comes_back_with_its_own_load(some_sites):
    sites = some_sites(
        1,
        kind=np.array(["source"], object),
        units=np.array([3.0]),
        missing=np.array([0.002]),
        clean=np.zeros(1),
        problem=np.zeros(1, bool),
        traits={"connected": np.ones(1, bool)},
    )
    made = options(sites, CATALOGUE)
    assert list(made.ids) == ["c0:misconnection"]
    # three premises at 12 000 and 5 000 once; 0.8 of 2 L/s at 200 mg/L
    assert made.cost[0] == pytest.approx(41_000)
    assert made.flow[0] == pytest.approx(0.0016)
    assert made.load[0] == pytest.approx(0.00032)
    assert made.sewage_load[0] == pytest.approx(0.00032)


def test_options_that_another_beats_are_left_out(some_sites):
    made = options(some_sites(1), CATALOGUE)
    kept = set(made.ids[unbeaten(made, np.full(len(made), 0.1))])
    # lining with laterals costs 157 000 + 35 000 for 0.72: it beats open cut with 165 000 + 30 000 for 0.582
    # and pipe bursting with 137 500 + 60 000 for 0.517; spots and plain lining are cheaper and do less
    assert kept == {"c0:cipp", "c0:cipp_whole", "c0:spot_repair"}


def test_numbers_that_cannot_be_are_refused(some_sites):
    with pytest.raises(BadInput, match="sites"):
        options(some_sites(1, clean=np.array([np.nan])), CATALOGUE)
    with pytest.raises(BadInput, match="sites"):
        options(some_sites(1, length=np.array([-1.0])), CATALOGUE)


def test_a_city_without_sites_has_no_options(some_sites):
    assert len(options(some_sites(0), CATALOGUE)) == 0
