"""Water kept out of one reach comes in at the next: sums by hand, and the plan never counts on more."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenqu.planning.costs import read_catalogue
from wenqu.planning.migration import coupled, stays
from wenqu.planning.options import options

CATALOGUE = read_catalogue()


def test_a_package_alone_keeps_what_its_block_lets_it():
    # 100 m of a block of 400 m is sealed: u = 0.75, 1 - 0.4·0.75 = 0.7; a site in no block keeps all
    share = stays(np.array(["a", "b"], object), np.array([0, -1]), np.full(2, 100.0), np.array([400.0]), 0.4)
    assert share.tolist() == pytest.approx([0.7, 1.0])


def test_a_package_that_is_the_whole_block_loses_nothing():
    share = stays(np.full(4, "a", object), np.zeros(4, int), np.full(4, 100.0), np.array([400.0]), 0.6)
    assert share.tolist() == [1.0] * 4


def test_options_count_on_what_stays_and_leave_sewage_and_outfalls_alone(some_sites):
    plain = options(some_sites(1), CATALOGUE)
    made = options(some_sites(1, stays=np.array([0.7])), CATALOGUE)
    assert made.part_clean == pytest.approx(0.7 * plain.part_clean)
    assert made.flow == pytest.approx(0.7 * plain.flow)
    assert made.cost == pytest.approx(plain.cost)
    source = {"kind": np.array(["source"], object), "missing": np.array([0.002]), "clean": np.zeros(1)}
    source |= {"problem": np.zeros(1, bool), "traits": {"connected": np.ones(1, bool)}}
    sewage = options(some_sites(1, **source, stays=np.array([0.7])), CATALOGUE)
    assert sewage.flow[0] == pytest.approx(0.8 * 0.002)


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(-1, 2), st.floats(1, 300)), min_size=1, max_size=12),
    st.floats(0, 0.9),
    st.randoms(use_true_random=False),
)
def test_no_choice_of_packages_does_less_than_the_plan_counts_on(rows, share, chance):
    from tests.planning.conftest import make_sites

    n = len(rows)
    package = np.array([f"p{row[0]}" for row in rows], object)
    block, length = np.array([row[1] for row in rows]), np.array([row[2] for row in rows])
    whole = np.bincount(block[block >= 0], length[block >= 0], 3) * 1.3  # some sewers are no sites
    plain = make_sites(n, package=package, length=length)
    sites = make_sites(n, package=package, length=length, stays=stays(package, block, length, whole, share))
    made = options(sites, CATALOGUE)
    chosen = np.array([row for row in range(len(made)) if chance.random() < 0.5], dtype=np.int64)
    _, once = np.unique(made.package[chosen], return_index=True)
    chosen = chosen[once]
    planned, real = coupled(sites, made, chosen, (block, whole), share)
    assert (planned <= real * (1 + 1e-9) + 1e-15).all()
    free = options(plain, CATALOGUE)  # what the price table alone promises is an upper bound
    rows_of = [np.arange(free.part_start[row], free.part_start[row + 1]) for row in chosen]
    most = np.concatenate([np.empty(0), *(free.part_clean[row] for row in rows_of)])
    assert (real <= most * (1 + 1e-9) + 1e-15).all()
