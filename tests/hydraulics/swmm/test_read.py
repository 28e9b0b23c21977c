"""Small models, each with one thing that goes wrong in practice; the rest must still come in."""

import re
from pathlib import Path

import numpy as np
import pytest

from wenqu.errors import FileMissing, FileUnreadable, UnknownUnit
from wenqu.hydraulics.swmm.read import read_inp
from wenqu.issues import Weight
from wenqu.messages import sentences
from wenqu.network.model import City

CITY = City("test")
MODEL = """[TITLE]
试验

[OPTIONS]
FLOW_UNITS CMS
INFILTRATION HORTON
LINK_OFFSETS DEPTH
START_DATE 01/01/2020
END_DATE 01/01/2020
END_TIME 06:00:00

[JUNCTIONS]
;;Name Elev MaxDepth InitDepth SurDepth Aponded
;解放路口的井
WS1 10.0 3.0 0 0 0
WS2 9.5 3.2

[OUTFALLS]
PK1 9.0 FIXED 9.4 YES

[CONDUITS]
G1 WS1 WS2 50 0.013 0.1 0.2 0 0
G2 WS2 PK1 40 0.014 0 0

[XSECTIONS]
G1 CIRCULAR 0.4 0 0 0 1
G2 RECT_CLOSED 0.6 0.8 0 0 1

[DWF]
WS1 FLOW 0.002

[COORDINATES]
WS1 100 200
WS2 150 200
PK1 190 200

[VERTICES]
G2 170 210
"""


def read(text, **options):
    return read_inp(text.encode(), CITY, name="m.inp", **options)


def found(reading, code):
    return [issue for issue in reading.issues if issue.code == code]


def value(reading, type_, id_, field):
    table = reading.network.table(type_)
    return table.column(field)[list(table.ids).index(id_)]


def test_a_metric_model_comes_in_as_it_stands():
    reading = read(MODEL)
    assert reading.counts == {"manhole": 2, "outfall": 1, "conduit": 2}
    assert {issue.code[:13] for issue in reading.issues} == {"inp.encoding-"}
    assert value(reading, "manhole", "WS1", "ground_level") == 13.0
    assert value(reading, "manhole", "WS1", "note") == "解放路口的井"
    assert value(reading, "conduit", "G1", "from_invert") == pytest.approx(10.1)
    assert value(reading, "conduit", "G1", "to_invert") == pytest.approx(9.7)
    assert value(reading, "conduit", "G2", "shape") == "rect_closed"
    assert value(reading, "outfall", "PK1", "tide_level") == 9.4
    assert value(reading, "outfall", "PK1", "flap") == 1
    assert reading.network.table("manhole").extra["dwf_m3_per_s"][0] == 0.002
    line = reading.network.table("conduit").shapes.of(1)
    assert line.tolist() == [[150, 200], [170, 210], [190, 200]]


def test_an_american_model_becomes_metres_and_cubic_metres():
    text = MODEL.replace("FLOW_UNITS CMS", "FLOW_UNITS MGD").replace("G1 WS1 WS2 50", "G1 WS1 WS2 100")
    reading = read(text)
    assert value(reading, "conduit", "G1", "length") == pytest.approx(30.48)  # 100 ft
    assert value(reading, "conduit", "G1", "height") == pytest.approx(0.4 * 0.3048)
    # 1 MGD = 3785.41 m³/d = 0.0438126 m³/s
    assert reading.network.table("manhole").extra["dwf_m3_per_s"][0] == pytest.approx(
        0.002 * 0.0438126, rel=1e-5
    )


def test_levels_instead_of_offsets_are_read_as_levels():
    text = MODEL.replace("LINK_OFFSETS DEPTH", "LINK_OFFSETS ELEVATION").replace("0.1 0.2 0 0", "10.3 * 0 0")
    reading = read(text)
    assert value(reading, "conduit", "G1", "from_offset") == pytest.approx(0.3)
    assert value(reading, "conduit", "G1", "to_invert") == 9.5  # "*" is the bottom of the node
    assert value(reading, "conduit", "G1", "to_offset") == 0


@pytest.mark.parametrize(
    ("encoding", "taken", "code"),
    [
        ("utf-8", "utf-8", "inp.encoding-only-fit"),
        ("utf-8-sig", "utf-8-sig", "inp.encoding-bom"),
        ("gb18030", "gb18030", "inp.encoding-only-fit"),
        ("gbk", "gb18030", "inp.encoding-only-fit"),
        ("utf-16", "utf-16", "inp.encoding-bom"),
    ],
)
def test_chinese_names_come_in_from_any_encoding_and_the_evidence_is_told(encoding, taken, code):
    content = MODEL.replace("WS1", "解放路井一").replace("G1", "污水管一").encode(encoding)
    reading = read_inp(content, CITY, name="m.inp")
    assert reading.encoding == taken
    assert list(reading.network.table("manhole").ids) == ["解放路井一", "WS2"]
    assert value(reading, "conduit", "污水管一", "from_id") == "解放路井一"
    (issue,) = found(reading, code)
    assert issue.facts["han"] > 20


def test_two_encodings_that_both_fit_are_a_doubt_and_the_chinese_one_is_taken():
    """The GBK bytes of 木 (C4 BE) and 路 (C2 B7) are UTF-8 for ľ and · as well."""
    text = MODEL.replace("试验", "x").replace(";解放路口的井", ";x").replace("WS1", "木路")
    reading = read_inp(text.encode("gbk"), CITY)
    assert list(reading.network.table("manhole").ids) == ["木路", "WS2"]
    (issue,) = found(reading, "inp.encoding-several-fit")
    assert issue.weight is Weight.DOUBT
    assert issue.facts["fits"] == "utf-8, gb18030"


def test_danish_letters_in_an_old_code_page_are_kept_and_doubted():
    text = MODEL.replace("试验", "Kløvermarksvej, Ørbækvej").replace(";解放路口的井", ";brønd")
    reading = read_inp(text.encode("latin-1"), CITY)
    (issue,) = found(reading, "inp.encoding-none-fits")
    assert issue.weight is Weight.DOUBT
    assert value(reading, "manhole", "WS1", "note") == "brønd"


def test_a_name_given_twice_keeps_the_first_and_tells_the_line():
    reading = read(MODEL.replace("WS2 9.5 3.2\n", "WS2 9.5 3.2\nws2 1.0 1.0\n"))
    (issue,) = found(reading, "inp.duplicate")
    assert (issue.weight, issue.asset, issue.place.sheet, issue.place.row) == (
        Weight.BLOCK,
        "ws2",
        "JUNCTIONS",
        17,
    )
    assert value(reading, "manhole", "WS2", "invert_level") == 9.5
    assert reading.counts["manhole"] == 2


def test_a_conduit_to_nowhere_comes_in_with_what_is_known():
    reading = read(MODEL.replace("G2 WS2 PK1 40", "G2 WS2 PK9 40"))
    (issue,) = found(reading, "inp.dangling")
    assert issue.facts == {"missing": "PK9", "field": "to_id"}
    assert (issue.type, issue.asset, issue.place.row) == ("conduit", "G2", 23)
    assert value(reading, "conduit", "G2", "length") == 40
    assert value(reading, "conduit", "G2", "from_invert") == 9.5
    assert np.isnan(value(reading, "conduit", "G2", "to_invert"))


def test_a_number_that_is_none_leaves_its_field_empty_and_nothing_else():
    reading = read(MODEL.replace("G1 WS1 WS2 50 0.013 0.1", "G1 WS1 WS2 五十 0.013 1_0"))
    assert [issue.facts["field"] for issue in found(reading, "inp.number")] == ["length", "from_offset"]
    assert np.isnan(value(reading, "conduit", "G1", "length"))
    assert np.isnan(value(reading, "conduit", "G1", "from_offset"))
    assert value(reading, "conduit", "G1", "roughness") == 0.013


def test_more_fields_than_the_engine_reads_are_told():
    reading = read(MODEL.replace("0.1 0.2 0 0\n", "0.1 0.2 0 0 concrete 1998\n"))
    (issue,) = found(reading, "inp.extra-fields")
    assert issue.facts["beyond"] == "concrete 1998"
    assert issue.facts["found"] == 11


def test_a_row_that_is_too_short_comes_in_with_what_it_has():
    reading = read(MODEL.replace("G2 WS2 PK1 40 0.014 0 0", "G2 WS2 PK1"))
    (issue,) = found(reading, "inp.short-row")
    assert (issue.facts["found"], issue.facts["needed"]) == (3, 7)
    assert value(reading, "conduit", "G2", "to_id") == "PK1"


def test_an_unknown_flow_unit_stops_with_line_and_remedy():
    with pytest.raises(UnknownUnit) as stopped:
        read(MODEL.replace("FLOW_UNITS CMS", "FLOW_UNITS M3S"))
    assert stopped.value.facts["line"] == 5
    assert "CMS" in stopped.value.facts["known"]


def test_no_flow_unit_means_cubic_feet_and_is_doubted():
    reading = read(MODEL.replace("FLOW_UNITS CMS\n", ""))
    assert found(reading, "inp.unit-default")[0].facts == {"unit": "CFS"}
    assert value(reading, "manhole", "WS1", "invert_level") == pytest.approx(3.048)


def test_midnight_as_the_engine_writes_it_is_told():
    reading = read(MODEL.replace("06:00:00", "24:00:00"))
    assert found(reading, "inp.midnight")[0].place.row == 10


def test_a_header_cut_short_is_mended_and_an_unknown_one_is_kept():
    reading = read(MODEL + "\n[SUBCATCH)\n\n[NONSENSE]\na b c\n")
    assert found(reading, "inp.section-mended")[0].facts["name"] == "SUBCATCHMENTS"
    assert found(reading, "inp.section-unknown")[0].facts["header"] == "[NONSENSE]"


def test_rain_gardens_stay_for_the_engine_and_are_told():
    text = (
        MODEL
        + "[LID_CONTROLS]\nRG BC\nRG SURFACE 6 0 0 0 0\n[LID_USAGE]\nS1 RG 1 100 10 0 0 0 C:\\x\\lid.txt\n"
    )
    reading = read(text)
    assert [issue.facts["name"] for issue in found(reading, "inp.kept")] == ["LID_CONTROLS", "LID_USAGE"]
    assert found(reading, "inp.file-written")[0].facts["name"] == "lid.txt"


RAIN = '[RAINGAGES]\nYL1 VOLUME 0:05 1.0 FILE "E:\\数据\\rain.dat" YL1 MM\n'


def test_a_file_on_a_foreign_disk_is_looked_for_beside_the_model():
    assert found(read(MODEL + RAIN, beside=["RAIN.DAT"]), "inp.file-moved")[0].facts["taken"] == "RAIN.DAT"
    absent = found(read(MODEL + RAIN), "inp.file-absent")[0]
    assert (absent.facts["name"], absent.place.sheet) == ("rain.dat", "RAINGAGES")
    assert value(read(MODEL + RAIN), "gauge", "YL1", "interval") == 300


def test_a_full_width_space_is_part_of_the_name_and_doubted():
    reading = read(MODEL.replace("WS2 9.5 3.2", "WS2\u30009.5 3.2"))
    assert found(reading, "inp.wide-space")[0].place.row == 16
    assert "WS2\u30009.5" in reading.network.table("manhole").ids


def test_quotes_and_comments_are_cut_as_the_engine_cuts_them():
    text = MODEL.replace("WS2", '"WS 2"').replace('"WS 2" 9.5 3.2', '"WS 2" 9.5 3.2 ; was "WS2"')
    reading = read(text)
    assert list(reading.network.table("manhole").ids) == ["WS1", "WS 2"]
    assert value(reading, "conduit", "G1", "to_id") == "WS 2"


def test_names_differ_only_in_case_as_in_the_engine():
    reading = read(MODEL.replace("G1 WS1 WS2", "G1 ws1 Ws2").replace("G1 CIRCULAR", "g1 circular"))
    assert value(reading, "conduit", "G1", "from_id") == "WS1"
    assert value(reading, "conduit", "G1", "height") == 0.4


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\t ", "empty"),
        (b"PK\x03\x04\x00\x00[JUNCTIONS]\n", "binary"),
        (b"name,depth\nA,3\n", "no-sections"),
        (b"[JUNCTIONS]\nJ 1\n[PIPES]\nP J R 10 300\n[RESERVOIRS]\nR 30\n", "epanet"),
    ],
)
def test_what_is_no_model_is_refused_with_its_reason(content, reason):
    with pytest.raises(FileUnreadable) as refused:
        read_inp(content, CITY, name="m.inp")
    assert refused.value.reason == reason


def test_a_missing_file_is_missing(tmp_path):
    with pytest.raises(FileMissing):
        read_inp(tmp_path / "nothing.inp", CITY)


def test_weirs_orifices_outlets_and_pumps_in_two_unit_systems_agree():
    foot = 0.3048
    links = """[WEIRS]
Y1 WS1 WS2 TRANSVERSE {crest} {weir} YES 2 0 NO
[ORIFICES]
K1 WS1 WS2 SIDE {crest} 0.65 NO 0.5
[OUTLETS]
L1 WS1 WS2 {crest} FUNCTIONAL/HEAD {rating} 0.5 NO
[PUMPS]
B1 WS1 WS2 QX OFF {crest} 0
[CURVES]
QX PUMP2 {deep} {flow}
"""
    si = {"crest": foot, "weir": 1.8384, "rating": 0.1, "deep": 10 * foot, "flow": foot**3}
    us = {"crest": 1, "weir": 1.8384 / foot**0.5, "rating": 0.1 / foot**2.5, "deep": 10, "flow": 1}
    metric = read(MODEL + links.format(**si))
    american = read(MODEL.replace("CMS", "CFS") + links.format(**us))
    fields = [
        ("weir", "Y1", "crest_height"),
        ("weir", "Y1", "discharge_coefficient"),
        ("gate", "K1", "closing_time"),
        ("gate", "L1", "rating_coefficient"),
        ("pump", "B1", "start_depth"),
        ("pump", "B1", "design_flow"),
    ]
    for field in fields:
        assert value(american, *field) == pytest.approx(value(metric, *field), rel=1e-6), field
    assert value(metric, "gate", "K1", "closing_time") == 1800
    assert value(metric, "gate", "L1", "rating_by") == "head"
    assert value(metric, "pump", "B1", "kind") == "by_depth"
    assert value(metric, "pump", "B1", "initial_status") == "off"


def test_a_storage_knows_its_volume_from_its_curve_and_from_its_area():
    text = (
        MODEL
        + """[STORAGE]
T1 5 4 0 TABULAR CUR 0 0
T2 5 4 0 FUNCTIONAL 0 0 25 0 0
[CURVES]
CUR STORAGE 0 0
CUR 2 10 6 10
"""
    )
    reading = read(text)
    assert value(reading, "storage", "T1", "volume") == pytest.approx(10 + 20)  # wedge to 2 m, box to 4 m
    assert value(reading, "storage", "T2", "area") == 25
    assert value(reading, "storage", "T2", "volume") == 100


def test_a_catchment_comes_in_with_ring_storage_and_infiltration():
    text = (
        MODEL
        + """[SUBCATCHMENTS]
HS1 * WS1 1.2 65 80 0.5 0
[SUBAREAS]
HS1 0.013 0.15 1.5 5 25 OUTLET
[INFILTRATION]
HS1 76 12 4 7 0
[Polygons]
HS1 0 0
HS1 0 100
HS1 100 100
HS1 100 0
"""
    )
    reading = read(text)
    assert value(reading, "catchment", "HS1", "area") == pytest.approx(12_000)
    assert value(reading, "catchment", "HS1", "imperviousness") == pytest.approx(0.65)
    assert value(reading, "catchment", "HS1", "pervious_storage") == pytest.approx(0.005)
    assert value(reading, "catchment", "HS1", "infiltration_first") == pytest.approx(76e-3 / 3600)
    assert value(reading, "catchment", "HS1", "infiltration_time") == pytest.approx(900)  # 4 per hour
    assert value(reading, "catchment", "HS1", "outlet_id") == "WS1"
    assert value(reading, "catchment", "HS1", "gauge") is None
    ring = reading.network.table("catchment").shapes.of(0)
    assert len(ring) == 5
    assert (ring[0] == ring[-1]).all()


def test_every_issue_and_error_of_these_files_has_its_sentences():
    folder = Path(__file__).parents[3] / "wenqu" / "hydraulics" / "swmm"
    codes = {
        code
        for file in folder.glob("*.py")
        for code in re.findall(r'"(inp\.[a-z-]+)"', file.read_text(encoding="utf-8"))
    }
    codes |= {f"inp.encoding-{why}" for why in ("bom", "only-fit", "several-fit", "none-fits")}
    assert len(codes) > 25
    for language in ("zh", "en"):
        keys = sentences(language)
        missing = [c for c in sorted(codes) if not {f"issue.{c}.says", f"issue.{c}.remedy"} <= keys.keys()]
        assert missing == []
