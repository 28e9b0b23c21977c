"""Inspections by DWA-M 150."""

import pytest

from wenqu.errors import FileUnreadable
from wenqu.survey.formats import read

TEXT = """\
<?xml version="1.0" encoding="ISO-8859-1"?>
<DATA><FD><FD001>04-2010</FD001><FD002>B</FD002></FD>
<HG><HG001>H1</HG001><HG003>S1</HG003><HG004>S2</HG004><HG102>Mühlweg</HG102><HG304>B</HG304><HG310>31.0</HG310>
<HI><HI004>E</HI004><HI005>DWAM149-2:2006</HI005><HI101>G</HI101><HI103>KTV</HI103><HI104>26.01.2015</HI104>
<HI105>09:34:00</HI105><HI106>A</HI106><HI111>Firma</HI111><HI112>Herr D</HI112><HI116>h1.ipf</HI116>
<HI206>2</HI206>
<HZ><HZ001>0.0</HZ001><HZ002>BCD</HZ002><HZ014>XP</HZ014><HZ008>00:01:40</HZ008><HZ010>Anfangsknoten</HZ010></HZ>
<HZ><HZ001>4,5</HZ001><HZ002>BAJ</HZ002><HZ014>C</HZ014><HZ003>2.0</HZ003><HZ005>A01</HZ005><HZ006>12</HZ006>
<HZ008>77</HZ008><HZ009>h1_001.jpg</HZ009><HZ010>im Winkel</HZ010><HZ011>A</HZ011><HZ201>3</HZ201></HZ>
<HZ><HZ001>6.5</HZ001><HZ002>BAJ</HZ002><HZ005>B01</HZ005></HZ>
<HZ><HZ001>30.8</HZ001><HZ002>BCE</HZ002></HZ></HI></HG>
<HG><HG001>H2</HG001></HG>
<KG><KG001>S1</KG001><KI><KI104>2015-01-26</KI104><KI112>Herr D</KI112>
<KZ><KZ001>1.2</KZ001><KZ002>DAB</KZ002><KZ013>D</KZ013><KZ014>B</KZ014></KZ></KI></KG>
</DATA>
"""


@pytest.fixture
def path(tmp_path):
    made = tmp_path / "any.xml"
    made.write_bytes(TEXT.encode("latin-1"))
    return made


def test_conduits_and_manholes_are_read(path):
    delivery = read(path)
    assert (delivery.format, delivery.standard) == ("DWA-M 150 04-2010", "EN 13508-2 2003")
    assert [(one.inspection.asset_type, one.inspection.asset) for one in delivery.seen] == [
        ("conduit", "H1"),
        ("manhole", "S1"),
    ]
    assert [(issue.code, issue.facts["asset"]) for issue in delivery.issues] == [
        ("survey.nothing-seen", "H2")
    ]


def test_an_inspection_against_the_flow_starts_at_the_lower_manhole(path):
    asset = read(path).seen[0]
    seen = asset.inspection
    assert (seen.direction, seen.start, seen.end) == ("upstream", "S2", "S1")
    assert (seen.date, seen.time, seen.method, seen.reason, seen.weather) == (
        "2015-01-26",
        "09:34",
        "cctv",
        "E",
        "A",
    )
    assert (seen.inspector, seen.file, seen.length) == ("Herr D", "h1.ipf", 30.8)
    assert (asset.facts["HG102"], asset.facts["HI111"]) == ("Mühlweg", "Firma")
    assert asset.stated == {"HI206": 2.0, "2.HZ201": 3.0}


def test_an_observation_keeps_everything(path):
    start, row, *_ = read(path).seen[0].inspection.defects
    assert (start.film_at, start.remark, start.characters) == (100.0, "Anfangsknoten", ("XP",))
    assert (row.start, row.length, row.continuous, row.quantities) == (4.5, 2.0, "A01", (2.0,))
    assert (row.picture, row.joint, row.clock) == ("h1_001.jpg", True, "12")
    assert row.remark == "im Winkel; HZ008=77"  # a counter that is no time


def test_codes_of_an_older_system_are_not_held_against_the_new_table(path):
    path.write_bytes(TEXT.replace("DWAM149-2:2006", "ATV143").replace("BAJ", "RVLL").encode("latin-1"))
    delivery = read(path)
    assert delivery.standard == "ATV143"
    assert "survey.unknown-code" not in [issue.code for issue in delivery.issues]


def test_a_file_that_breaks_off_keeps_what_was_read(path):
    path.write_bytes(TEXT[: TEXT.index("<HZ001>30.8")].encode("latin-1"))
    delivery = read(path)
    assert len(delivery.seen[0].inspection.defects) == 4  # the last one is empty: only its tag was there
    assert "survey.cut-short" in [issue.code for issue in delivery.issues]


def test_a_file_with_other_data_is_refused(tmp_path):
    path = tmp_path / "x.xml"
    path.write_text("<DATA><HG><HG001>H1</HG001></HG></DATA>", encoding="utf-8")
    with pytest.raises(FileUnreadable, match="no-inspection"):
        read(path)
