"""Defaults stand until the city's own samples replace them."""

import pytest

from wenqu.diagnosis.end_member_table import WATERS, end_member_table
from wenqu.units import quantities


def test_every_water_has_a_default_for_every_tracer_and_is_marked_so():
    table, issues = end_member_table()
    assert not issues
    tracers = {tracer for _, tracer in table}
    assert {(kind, tracer) for kind in WATERS for tracer in tracers} == table.keys()
    assert tracers <= quantities().keys()
    assert {member.status for member in table.values()} == {"default"}


def test_defaults_are_in_si():
    table, _ = end_member_table()
    assert table["sewage", "nh3n"].mean == pytest.approx(0.040)  # 40 mg/L
    assert table["sewage", "conductivity"].mean == pytest.approx(0.1)  # 1000 µS/cm


def test_the_city_replaces_single_rows():
    own = "\ufeffkind,tracer,mean,sd,unit,status\ngroundwater,conductivity,520,40,µS/cm,sampled\n"
    table, issues = end_member_table(own)
    assert not issues
    assert table["groundwater", "conductivity"].mean == pytest.approx(0.052)
    assert table["groundwater", "conductivity"].status == "sampled"
    assert table["river", "conductivity"].status == "default"


@pytest.mark.parametrize(
    "row",
    ["tea,nh3n,1,1,mg/L,x", "river,colour,1,1,mg/L,x", "river,nh3n,1,1,µS/cm,x", "river,nh3n,,1,mg/L,x"],
)
def test_a_row_that_cannot_be_used_is_an_issue_and_leaves_the_default(row):
    table, issues = end_member_table(f"kind,tracer,mean,sd,unit,status\n{row}\n")
    assert [(issue.code, issue.place.row) for issue in issues] == [("diagnosis.end-member-unreadable", 2)]
    assert table == end_member_table()[0]
