"""Conditions of the programme that bind the schedule: packages in order, streets and districts closed."""

from dataclasses import replace

from tests.planning.test_lot_dates import repair
from wenqu.planning.conditions import Moratorium, Order
from wenqu.planning.lots import make_lots
from wenqu.planning.rules import default_rules
from wenqu.planning.trades import trades
from wenqu.services.lot_conditions import closed_streets, closed_with, pairs_of

ROWS = [
    repair("a", 5.0), repair("b", 5.0, method="cipp"), repair("c", 5.0, method="cipp"), repair("d", 5.0),
    repair("e", 5.0, district="B"),
]  # fmt: skip
LOTS = make_lots(ROWS, trades())
LAW = default_rules(2027)
HOME = {one.asset: lot.id for lot in LOTS for one in lot.repairs}


def test_packages_in_order_put_their_lots_in_order():
    law = replace(LAW, orders=(Order("a", "b"), Order("a", "d")))
    assert pairs_of(law, LOTS) == ((HOME["a"], HOME["b"]),), "a and d are in one lot"


def test_lots_that_would_wait_for_one_another_are_left_to_the_crews():
    law = replace(LAW, orders=(Order("a", "b"), Order("c", "d")))
    assert pairs_of(law, LOTS) == ((HOME["a"], HOME["b"]),)


def test_streets_and_districts_are_closed_for_their_years():
    law = replace(
        LAW,
        moratoria=(
            Moratorium("street", "R", "2027", "2028", reason="new"),
            Moratorium("street", "S", methods=("cipp",)),
            Moratorium("street", "T", "2029", methods=("open_cut",)),
            Moratorium("district", "B", "2027", "2027"),
        ),
    )  # fmt: skip
    told = {(one.road, one.ground, one.since, one.until) for one in closed_streets(law, trades())}
    assert told == {("R", "any", "2027-01-01", "2028-12-31"), ("T", "trench", "2029-01-01", "2031-12-31")}
    closed = {lot.district: closed_with(lot, law).closed for lot in LOTS}
    assert closed["B"] == (("2027-01-01", "2027-12-31"),)
    assert closed["A"] == ()


def test_a_lot_waits_where_one_of_its_packages_or_assets_is_closed():
    law = replace(
        LAW,
        moratoria=(
            Moratorium("asset", "b", "2028", "2028"),
            Moratorium("package", "d", "2029", methods=("cipp",)),  # it is dug up
            Moratorium("package", "nowhere", "2027"),
        ),
    )
    closed = {lot.id: closed_with(lot, law).closed for lot in LOTS}
    assert closed[HOME["b"]] == (("2028-01-01", "2028-12-31"),)
    assert all(spans == () for lot, spans in closed.items() if lot != HOME["b"])
    built = [replace(lot, repairs=tuple(replace(one, days=0.0) for one in lot.repairs)) for lot in LOTS]
    assert all(closed_with(lot, law).closed == () for lot in built)
