"""The map on paper."""

import re
import zlib
from types import SimpleNamespace

import numpy as np
import pytest
from pyproj import Transformer

from wenqu.errors import BadInput
from wenqu.network.geometry import Shapes
from wenqu.network.model import Network, assets
from wenqu.reports.map_sheet import MapSheet, Paper, _with_room
from wenqu.services.map_classes import QUESTIONS
from wenqu.services.print_map import _others, print_map
from wenqu.services.print_place import Order, box_of, show_print_frame


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_question_makes_a_sheet_of_the_size_asked_for(small, question):
    made = print_map(small.store, small.state, Order(question, "A4", landscape=False))
    width, height = map(float, re.search(rb"/MediaBox \[ ?0 0 ([\d.]+) ([\d.]+)", made).groups())
    assert (width, height) == pytest.approx((210 / 25.4 * 72, 297 / 25.4 * 72), abs=0.1)


def test_a_place_is_printed_in_english_too(small):
    west, south, east, north = small.state.bounds
    order = Order("system", "A3", scale=2000, box=(west, south, east, north), language="en", title="My map")
    assert print_map(small.store, small.state, order).startswith(b"%PDF")


def drawn(made):
    """Return every straight stroke of a PDF as ends on the sheet, in millimetres. (n, 4)"""
    strokes = []
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", made, re.DOTALL):
        try:
            words = zlib.decompress(packed).decode("latin-1")
        except zlib.error:
            continue
        strokes += re.findall(r"([-\d.]+) ([-\d.]+) m\s+([-\d.]+) ([-\d.]+) l\b", words)
    return np.array(strokes, dtype=float) / 72 * 25.4


@pytest.mark.parametrize("scale", [2500, 5000])
def test_a_pipe_measured_with_a_ruler_on_the_paper_has_its_length_in_the_ground(small, scale):
    pipes = small.state.network.table("conduit")
    places = small.state.placed(pipes.shapes, "EPSG:4326").coords
    box = (*places.min(axis=0)[:2].tolist(), *places.max(axis=0)[:2].tolist())
    strokes = drawn(print_map(small.store, small.state, Order("diameter", "A1", scale=scale, box=box)))
    ways = strokes[:, 2:] - strokes[:, :2]
    for row in range(len(pipes)):
        line = pipes.shapes.take(np.array([row])).coords
        ground = (line[-1] - line[0])[:2] * 1000 / scale  # [mm]
        apart = np.minimum(np.hypot(*(ways - ground).T), np.hypot(*(ways + ground).T))
        assert apart.min() < 0.05, f"{pipes.ids[row]}: {ground} mm"


def test_the_legend_of_amounts_tells_their_unit(small, monkeypatch):
    sheets = []
    monkeypatch.setattr("wenqu.services.print_map.map_pdf", lambda sheet, *_: sheets.append(sheet) or b"")
    for question, language in (("diameter", "zh"), ("age", "en"), ("system", "zh")):
        print_map(small.store, small.state, Order(question, language=language))
    assert [sheet.question for sheet in sheets] == ["管径（单位 mm）", "Age (in years)", "管道类别"]


def sheet_of(monkeypatch, there, order):
    sheets = []
    monkeypatch.setattr("wenqu.services.print_map.map_pdf", lambda sheet, *_: sheets.append(sheet) or b"")
    print_map(there.store, there.state, order)
    return sheets[0]


def test_manholes_are_drawn_where_the_scale_has_room_and_numbered_where_it_has_more(small, monkeypatch):
    manholes = small.state.network.table("manhole")
    places = small.state.placed(manholes.shapes, "EPSG:4326").coords
    box = (*places.min(axis=0)[:2].tolist(), *places.max(axis=0)[:2].tolist())
    for scale, numbered in ((20_000, False), (5_000, False), (1_000, True)):
        made = sheet_of(monkeypatch, small, Order(size="A1", scale=scale, box=box, language="en"))
        found = {one.label: len(one.places) for one in made.marks}.get("manhole", 0)
        if scale == 1_000:
            assert 0 < found < len(manholes)
        else:
            assert found == (len(manholes) if scale == 5_000 else 0)
        assert len({name for name, _ in made.named} & set(manholes.ids.tolist())) == numbered * found


def test_links_that_no_question_colours_are_on_the_sheet(small):
    state = small.state
    shapes = state.network.table("conduit").shapes
    pair = shapes.take(np.array([0, 1]))
    tables = {
        "weir": assets("weir", ["W1", "W2"], {}, pair),
        "channel": assets("channel", ["C1", "C2"], {}, pair),
    }
    there = SimpleNamespace(network=Network(state.network.city, tables))
    low, high = shapes.coords.min(axis=0), shapes.coords.max(axis=0)
    channel, weir = _others(there, lambda given: given, (*low[:2], *high[:2]), "en")
    assert (channel.label, len(channel.shapes), channel.length > 0) == ("channel", 2, True)
    assert (weir.label, len(weir.shapes), weir.length) == ("weir", 2, 0.0)


def test_a_name_that_finds_no_room_is_left_out_and_none_covers_another():
    crowd = tuple((f"WS-{number:04d}", (float(number), 0.0)) for number in range(40))
    nothing = Shapes.lines(np.empty((0, 2)), np.zeros(1, np.int64))
    made = MapSheet("", "", (), nothing, nothing, (), crowd, (0.0, 0.0), 1_000.0, (), "")
    found = list(_with_room(made))
    point = 0.0254 / 72 * 1_000
    spots = [(x / point + across, y / point + up) for _, (x, y), (across, up) in found]
    assert 1 < len(found) < 40
    for row, one in enumerate(spots):
        for other in spots[:row]:
            assert abs(one[1] - other[1]) >= 6.5 - 1e-9 or abs(one[0] - other[0]) >= 7 * 0.58 * 6.5 - 1e-9


def test_a_city_of_which_nothing_is_known_is_printed(bare):
    assert print_map(bare.store, bare.state, Order()).startswith(b"%PDF")


@pytest.mark.parametrize(
    "order", [Order("taste"), Order(size="A9"), Order(language="fr"), Order(box=(1.0, 0.0, 0.0, 1.0))]
)
def test_what_cannot_be_printed_is_refused(small, order):
    with pytest.raises(BadInput):
        print_map(small.store, small.state, order)


def test_a_box_is_four_numbers():
    assert box_of("1,2,3.5,4") == (1.0, 2.0, 3.5, 4.0)
    assert box_of("") is None
    with pytest.raises(BadInput):
        box_of("1,2,3")


@pytest.mark.parametrize(("size", "landscape"), [("A4", False), ("A1", True)])
def test_the_frame_on_the_map_is_what_will_be_on_the_paper(small, size, landscape):
    west, south, east, north = small.state.bounds
    made = show_print_frame(
        small.state, Order(size=size, landscape=landscape, scale=1000, box=(west, south, east, north))
    )
    ring = np.array(made["ring"])
    assert np.array_equal(ring[0], ring[-1])
    turn = Transformer.from_crs("EPSG:4326", small.state.network.city.crs, always_xy=True)
    ground = np.column_stack(turn.transform(*ring.T))
    sides = ground.max(axis=0) - ground.min(axis=0)
    assert sides == pytest.approx(Paper(size, landscape).field, abs=0.01), "1 : 1000: a metre a millimetre"


def test_a_moved_frame_keeps_its_scale_and_goes_where_it_was_dropped(small):
    first = show_print_frame(small.state, Order(scale=2000))
    ring = np.array(first["ring"]) + np.array([0.01, -0.005])
    box = (*ring.min(axis=0), *ring.max(axis=0))
    again = show_print_frame(small.state, Order(scale=first["scale"], box=box))
    assert again["scale"] == 2000
    assert np.array(again["ring"]) == pytest.approx(ring, abs=2e-5)


def test_the_frame_of_a_city_without_coordinates_is_shown_too(bare):
    assert len(show_print_frame(bare.state, Order())["ring"]) == 5
