"""What changes in the network changes in the file, and nothing else does."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wenqu.hydraulics.swmm.read import read_inp
from wenqu.hydraulics.swmm.run import run_swmm
from wenqu.hydraulics.swmm.sections import parse_inp, row_of, with_tokens
from wenqu.hydraulics.swmm.write import write_inp
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, Network, assets

CITY = City("test")
MODEL = """[OPTIONS]
FLOW_UNITS LPS
INFILTRATION HORTON
LINK_OFFSETS DEPTH
START_DATE 01/01/2020
END_DATE 01/01/2020
END_TIME 02:00:00
ROUTING_STEP 5

[JUNCTIONS]
;;Name  Elev  MaxDepth
;the first
WS1     10.000  3.000   0   0   0
;the second
WS2     9.500   3.200             ; surveyed 1998
WS3     9.300   3.2

[OUTFALLS]
PK1     9.0   FREE   NO

[CONDUITS]
G1      WS1   WS2   50.00  0.013   0   0   0   0
G2      WS2   WS3   40.00  0.013   0   0   0   0
G3      WS3   PK1   40.00  0.013   0   0   0   0

[PUMPS]
B1      WS1   WS3   QX OFF 0  0

[XSECTIONS]
G1 CIRCULAR 0.4 0 0 0 1
G2 CIRCULAR 0.4 0 0 0 1
G3 CIRCULAR 0.4 0 0 0 1

[CURVES]
QX PUMP2 10 20

[CONTROLS]
RULE R1
IF NODE WS1 DEPTH > 1
THEN PUMP B1 STATUS = ON

RULE R2
IF NODE WS2 DEPTH > 1
THEN PUMP B1 STATUS = OFF

[INFLOWS]
WS1 FLOW "" FLOW 1.0 1.0 3.5
WS2 FLOW "" FLOW 1.0 1.0 1.5

[DWF]
WS2     FLOW  2.5

[REPORT]
NODES WS1 WS2
LINKS ALL

[TAGS]
Node WS2 old
Link G1 main

[COORDINATES]
WS1 100 200
WS2 150 200
WS3 190 200
PK1 230 200

[VERTICES]
G1 120 210
G1 130 210
"""


def reading_of(text=MODEL):
    return read_inp(text.encode(), CITY, name="m.inp")


def changed_lines(before, after):
    """Return the pairs of lines that differ between two texts of equal length."""
    pairs = zip(before.split("\n"), after.split("\n"), strict=True)
    return [(one.strip(), other.strip()) for one, other in pairs if one != other]


def with_value(network, type_, id_, **values):
    """Return the network with other values for one asset."""
    table = network.table(type_)
    row = list(table.ids).index(id_)
    columns = {}
    for name, value in values.items():
        column = table.column(name).copy()
        column[row] = value
        columns[name] = column
    return Network(network.city, {**network.tables, type_: table.replace(**columns)})


def without(network, type_, *ids):
    table = network.table(type_)
    keep = np.array([id_ not in ids for id_ in table.ids])
    return Network(network.city, {**network.tables, type_: table.take(keep)})


def test_nothing_changed_means_not_a_character_changes():
    reading = reading_of()
    assert write_inp(reading.network, reading.model) == MODEL
    windows = read_inp(MODEL.replace("\n", "\r\n").encode(), CITY)
    assert write_inp(windows.network, windows.model) == MODEL.replace("\n", "\r\n")


def test_a_changed_length_changes_one_token_and_keeps_its_column():
    reading = reading_of()
    network = with_value(reading.network, "conduit", "G2", length=41.5)
    assert changed_lines(MODEL, write_inp(network, reading.model)) == [
        (
            "G2      WS2   WS3   40.00  0.013   0   0   0   0",
            "G2      WS2   WS3   41.5   0.013   0   0   0   0",
        )
    ]


def test_a_value_beyond_the_end_of_a_row_lengthens_it_before_the_comment():
    reading = reading_of()
    network = with_value(reading.network, "manhole", "WS2", ponded_area=12.0)
    assert changed_lines(MODEL, write_inp(network, reading.model)) == [
        ("WS2     9.500   3.200             ; surveyed 1998", "WS2     9.500   3.200 0 0 12 ; surveyed 1998")
    ]


def test_a_lower_invert_leaves_the_ground_where_it_is():
    reading = reading_of()
    text = write_inp(with_value(reading.network, "manhole", "WS1", invert_level=9.8), reading.model)
    assert row_of(1, text.split("\n")[12]).tokens[:3] == ("WS1", "9.8", "3.2")


def test_a_surveyed_level_becomes_the_height_above_the_node():
    reading = reading_of()
    text = write_inp(with_value(reading.network, "conduit", "G1", from_invert=10.25), reading.model)
    assert [new for _, new in changed_lines(MODEL, text)] == [
        "G1      WS1   WS2   50.00  0.013   0.25 0   0   0"
    ]


def test_another_kind_of_outfall_is_another_row():
    reading = reading_of()
    text = write_inp(
        with_value(reading.network, "outfall", "PK1", kind="fixed", tide_level=9.6), reading.model
    )
    (pair,) = changed_lines(MODEL, text)
    assert pair[1].split() == ["PK1", "9", "FIXED", "9.6", "NO"]


def test_losses_appear_when_there_are_any():
    reading = reading_of()
    text = write_inp(with_value(reading.network, "conduit", "G1", entry_loss=0.5), reading.model)
    again = reading_of(text)
    assert "[LOSSES]" in text
    assert again.network.table("conduit").column("entry_loss")[0] == 0.5


def test_a_removed_manhole_goes_from_every_section_that_names_it():
    reading = reading_of()
    network = without(without(reading.network, "manhole", "WS2"), "conduit", "G1", "G2")
    issues = []
    text = write_inp(network, reading.model, issues=issues)
    left = [
        row.tokens for section in parse_inp(text.encode())[0].sections for row in section.rows if row.tokens
    ]
    assert not any({"WS2", "G1", "G2"} & set(tokens) for tokens in left)
    assert ";the second" not in text
    assert "RULE R1" in text
    assert "RULE R2" not in text
    assert [issue.code for issue in issues] == ["inp.rule-dropped"]
    assert ("NODES", "WS1") in left
    assert ("PUMP", "B1") not in left
    assert run_swmm(text).worst_continuity < 0.05


def test_a_new_manhole_and_conduit_join_their_sections_and_run():
    reading = reading_of()
    node = assets(
        "manhole",
        ["新井1"],
        {"invert_level": [10.4], "ground_level": [13.0]},
        Shapes.points(np.array([[60.0, 200.0]])),
        {"dwf_m3_per_s": np.array([0.004])},
    )
    pipe = assets(
        "conduit", ["新管1"], {"from_id": ["新井1"], "to_id": ["WS1"], "length": [30.0], "height": [0.3]}
    )
    tables = dict(reading.network.tables)
    for type_, new in (("manhole", node), ("conduit", pipe)):
        old = tables[type_]
        ids = np.concatenate([old.ids, new.ids])
        columns = {name: [*old.column(name), *new.column(name)] for name in {*old.fields, *new.fields}}
        shapes = (
            Shapes.points(np.vstack([old.shapes.coords, new.shapes.coords])) if type_ == "manhole" else None
        )
        extra = {"dwf_m3_per_s": np.array([*old.extra["dwf_m3_per_s"], 0.004])} if type_ == "manhole" else {}
        fields = {name: np.array(values, dtype=old.column(name).dtype) for name, values in columns.items()}
        tables[type_] = assets(type_, ids, fields, shapes, extra)
    text = write_inp(Network(CITY, tables), reading.model)
    again = reading_of(text)
    assert list(again.network.table("manhole").ids) == ["WS1", "WS2", "WS3", "新井1"]
    assert again.network.table("manhole").extra["dwf_m3_per_s"][3] == pytest.approx(0.004)
    assert again.network.table("manhole").column("depth")[3] == pytest.approx(2.6)
    run = run_swmm(text)
    assert run.results.links.tolist() == ["G1", "G2", "G3", "新管1", "B1"]
    assert run.results.link("flow")[-1, 3] == pytest.approx(0.004, rel=0.02)


def test_a_manhole_that_became_a_storage_keeps_its_inflows_and_its_place():
    reading = reading_of()
    tables = dict(without(reading.network, "manhole", "WS2").tables)
    point = Shapes.points(np.array([[150.0, 200.0]]))
    fields = {"invert_level": [9.5], "depth": [3.2], "area": [40.0]}
    tables["storage"] = assets("storage", ["WS2"], fields, point, {"dwf_m3_per_s": np.array([0.0025])})
    text = write_inp(Network(CITY, tables), reading.model)
    rows = [row.tokens for section in parse_inp(text.encode())[0].sections for row in section.rows]
    assert ("WS2", "9.5", "3.2", "0", "FUNCTIONAL", "0", "0", "40", "0", "0") in rows
    assert sum(row[:2] == ("WS2", "FLOW") for row in rows) == 2  # direct and dry-weather inflow
    assert sum(row[:1] == ("WS2",) for row in rows) == 4  # with storage and coordinates; no junction
    assert run_swmm(text).worst_continuity < 0.05


def test_a_new_catchment_says_its_own_infiltration_method():
    text = MODEL.replace("INFILTRATION HORTON", "INFILTRATION GREEN_AMPT")
    reading = reading_of(text)
    fields = {
        "outlet_id": ["WS1"],
        "area": [5000.0],
        "imperviousness": [0.5],
        "width": [50.0],
        "infiltration_first": [2e-5],
        "infiltration_last": [2e-6],
    }
    tables = {**reading.network.tables, "catchment": assets("catchment", ["S"], fields)}
    written = write_inp(Network(CITY, tables), reading.model)
    assert reading_of(written).network.table("catchment").column("infiltration_first")[0] == pytest.approx(
        2e-5
    )
    run_swmm(written)


def test_what_would_end_a_line_cannot_be_smuggled_in_by_a_value():
    reading = reading_of()
    network = with_value(reading.network, "pump", "B1", curve='Q;"\n[REPORT]')
    text = write_inp(network, reading.model)
    assert [new for _, new in changed_lines(MODEL, text)] == ["B1      WS1   WS3   Q___[REPORT] OFF 0  0"]


def test_a_note_goes_above_its_row():
    reading = reading_of()
    text = write_inp(with_value(reading.network, "manhole", "WS1", note="第一口\n井"), reading.model)
    assert reading_of(text).network.table("manhole").column("note")[0] == "第一口\n井"
    assert ";the first" not in text


def test_a_moved_node_takes_its_coordinates_and_not_its_neighbours():
    reading = reading_of()
    table = reading.network.table("manhole")
    moved = table.shapes.with_coords(table.shapes.coords + np.array([[0, 0], [0.5, 0], [0, 0]]))
    tables = {
        **reading.network.tables,
        "manhole": assets("manhole", table.ids, table.fields, moved, table.extra),
    }
    (pair,) = changed_lines(MODEL, write_inp(Network(CITY, tables), reading.model))
    assert pair[1].split() == ["WS2", "150.5", "200"]


def test_options_are_set_and_added_in_their_section():
    reading = reading_of()
    text = write_inp(reading.network, reading.model, options={"END_TIME": "01:00:00", "threads": "1"})
    model, _ = parse_inp(text.encode())
    assert model.option("END_TIME") == "01:00:00"
    assert model.option("THREADS") == "1"
    assert text.count("[OPTIONS]") == 1


def test_a_token_is_replaced_in_place_whatever_stands_around_it():
    row = row_of(1, '"a b"   12.5  7 ;c')
    assert with_tokens(row, {1: "3"}) == '"a b"   3     7 ;c'
    assert with_tokens(row, {1: "123456"}) == '"a b"   123456 7 ;c'
    assert with_tokens(row, {0: "x"}) == "x       12.5  7 ;c"
    assert with_tokens(row, {2: "c d"}) == '"a b"   12.5  "c d" ;c'


NAMES = st.lists(
    st.text("ABcd12井管-_.", min_size=1, max_size=6), min_size=2, max_size=6, unique_by=str.upper
)
SIZES = st.floats(0.01, 999, allow_nan=False)


@st.composite
def models(draw):
    """Draw a small model: a chain of nodes with conduits, in any unit, ending, offset mode and spacing."""
    names = draw(NAMES)
    unit = draw(st.sampled_from(["CFS", "GPM", "MGD", "CMS", "LPS", "MLD"]))
    mode = draw(st.sampled_from(["DEPTH", "ELEVATION"]))
    gap = draw(st.sampled_from([" ", "\t", "    "]))
    rows = ["[OPTIONS]", f"FLOW_UNITS {unit}", f"LINK_OFFSETS {mode}", "[JUNCTIONS]"]
    rows += [gap.join([name, repr(draw(SIZES)), f"{draw(SIZES):.3f}"]) for name in names[:-1]]
    rows += ["[OUTFALLS]", gap.join([names[-1], f"{draw(SIZES):.2f}", "FREE", "NO"]), "", "[CONDUITS]"]
    for number, (first, last) in enumerate(pairwise(names)):
        rows.append(
            gap.join([f"L{number}", first, last, repr(draw(SIZES)), "0.013", f"{draw(SIZES):.2f}", "*"])
        )
    rows.append("[XSECTIONS]")
    shape = st.sampled_from(["CIRCULAR", "EGG", "RECT_CLOSED", "TRAPEZOIDAL", "ARCH"])
    rows += [f"L{n} {draw(shape)} {draw(SIZES):.3f} {draw(SIZES):.3f} 1 1 1" for n in range(len(names) - 1)]
    return draw(st.sampled_from(["\n", "\r\n"])).join(rows) + draw(st.sampled_from(["", "\n"]))


@settings(max_examples=60, deadline=None)
@given(models())
def test_writing_what_was_read_changes_nothing_however_often(text):
    reading = reading_of(text)
    assert write_inp(reading.network, reading.model) == text
    anew = write_inp(reading.network, reading.model, verbatim=False)
    again = reading_of(anew)
    assert write_inp(again.network, again.model, verbatim=False) == anew
    for type_, table in reading.network.tables.items():
        other = again.network.table(type_)
        for name, column in table.fields.items():
            if column.dtype == np.float64:
                np.testing.assert_allclose(other.fields[name], column, rtol=1e-9, atol=1e-9, err_msg=name)
