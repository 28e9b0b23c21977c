"""Drawings (DXF) come in by layer, go out and come back field for field."""

import ezdxf
import pytest

from tests.network.formats.deliveries import codes, read, same, sample
from wenqu.errors import BadInput, FileUnreadable
from wenqu.messages import LANGUAGES, say
from wenqu.network.formats.registry import format_of

X, Y = 500000.0, 3170000.0


def survey(path):
    """Draw what a survey firm hands over: blocks with attributes, bare signs, texts, curves."""
    drawing = ezdxf.new("R2010")
    drawing.encoding = "gbk"
    space = drawing.modelspace()
    drawing.blocks.new("污水检查井").add_circle((0, 0), 0.4)
    drawing.blocks.new("雨水篦").add_circle((0, 0), 0.2)
    for number, at in enumerate([(X, Y, 5.5), (X + 30, Y, 5.25)], 1):
        sign = space.add_blockref("污水检查井", at, dxfattribs={"layer": "WS_点"})
        sign.add_attrib("物探点号", f"WS{number}")
        sign.add_attrib("甲方", "一标段")
    space.add_blockref("雨水篦", (X + 30, Y + 20), dxfattribs={"layer": "YS_点"})
    space.add_circle((X + 60, Y + 20), 0.4, dxfattribs={"layer": "YS_点"})
    space.add_text("YS9", height=1.0, dxfattribs={"layer": "注记", "insert": (X + 61, Y + 21)})
    space.add_line((X, Y), (X + 30.2, Y), dxfattribs={"layer": "WS_线"})
    space.add_lwpolyline(
        [(X + 30, Y + 20), (X + 45, Y + 21), (X + 60, Y + 20)], dxfattribs={"layer": "雨水管线"}
    )
    space.add_polyline2d([(X + 60, Y + 20), (X + 90, Y + 20)], dxfattribs={"layer": "雨水管线"})
    space.add_text("DN600", height=1.0, dxfattribs={"layer": "注记", "insert": (X + 75, Y + 20.5)})
    space.add_lwpolyline([(X, Y), (X + 9, Y, 0, 0, 0.5), (X + 9, Y + 9)], dxfattribs={"layer": "道路"})
    space.add_lwpolyline(
        [(X, Y), (X + 90, Y), (X + 90, Y + 90)], close=True, dxfattribs={"layer": "排水分区"}
    )
    space.add_hatch(dxfattribs={"layer": "道路"})
    drawing.saveas(path)
    return path


def test_layers_blocks_texts_and_ends_say_what_is_drawn(tmp_path):
    path = survey(tmp_path / "管网.dxf")
    with pytest.raises(BadInput, match="no-crs"):
        read(path)
    reading = read(path, "EPSG:4549")
    assert dict(reading.counts) == {"manhole": 3, "gully": 1, "conduit": 3, "zone": 1}
    assert not reading.bad
    manholes, gullies, conduits = (reading.tables[name] for name in ("manhole", "gully", "conduit"))
    ids = list(manholes.ids)
    assert ids[:2] == ["WS1", "WS2"]
    assert list(manholes.fields["system"]) == ["sanitary", "sanitary", "storm"]
    assert list(manholes.extra["甲方"])[:2] == ["一标段", "一标段"]
    assert list(manholes.extra["Z"])[:2] == [5.5, 5.25]
    assert manholes.fields["name"][2] == "YS9"
    assert gullies.shapes.coords.tolist() == [[X + 30, Y + 20]]
    assert list(conduits.fields["system"]) == ["sanitary", "storm", "storm"]
    assert list(conduits.fields["from_id"]) == ["WS1", gullies.ids[0], ids[2]]
    assert list(conduits.fields["to_id"]) == ["WS2", ids[2], None]  # 20 cm beside; nobody there
    assert list(conduits.extra["label"]) == [None, None, "DN600"]
    assert len(conduits.shapes.of(1)) == 3
    told = codes(reading)
    assert {"format.ends-by-place", "format.not-drawn", "format.unknown-layer"} <= set(told)


def test_an_export_comes_back_field_for_field_with_rows_that_have_no_shape(tmp_path):
    network, path = sample(), tmp_path / "out.dxf"
    assert format_of(path).write(path, network) == [path]
    reading = read(path)
    assert (reading.crs, reading.bad) == ("EPSG:4549", ())
    assert set(reading.tables) == set(network.tables)
    for name, table in network.tables.items():
        same(table, reading.tables[name])
    layers = {str(entity.dxf.layer) for entity in ezdxf.readfile(path).modelspace()}
    assert {"zone", "manhole", "conduit"} <= layers
    longest = max(
        len(str(tag.value))
        for entity in ezdxf.readfile(path).modelspace()
        for tag in entity.get_xdata("WENQU")
    )
    assert longest <= 250


def test_an_export_that_was_drawn_on_gives_back_ours_moved_and_the_new(tmp_path):
    path = tmp_path / "out.dxf"
    format_of(path).write(path, sample())
    drawing = ezdxf.readfile(path)
    space = drawing.modelspace()
    sign = next(entity for entity in space if entity.dxf.layer == "manhole")
    sign.dxf.insert = (500001, 3170001)
    space.add_line((0, 0), (5, 5), dxfattribs={"layer": "conduit-storm"})
    drawing.saveas(path)
    reading = read(path)
    assert reading.tables["manhole"].shapes.of(0).tolist() == [[500001, 3170001]]
    assert reading.tables["manhole"].fields["ground_level"][0] == 5.5
    assert len(reading.tables["conduit"]) == 3
    assert reading.tables["conduit"].column("system")[2] == "storm"


@pytest.mark.parametrize("harm", [0, 3, 0.3, 0.6, 0.95, "text", "dwg", "bare"])
def test_what_is_no_whole_drawing_is_told_in_a_sentence(tmp_path, harm):
    path = survey(tmp_path / "管网.dxf")
    data = path.read_bytes()
    if harm == "bare":
        ezdxf.new("R2010").saveas(path)
    elif isinstance(harm, str):
        path.write_bytes({"text": b"no such thing EOF", "dwg": b"AC1032" + bytes(200)}[harm])
    else:
        path.write_bytes(data[: int(harm * len(data)) if isinstance(harm, float) else harm])
    with pytest.raises(FileUnreadable) as caught:
        read(path)
    for language in LANGUAGES:
        said = say(caught.value.key, language, **caught.value.facts)
        assert path.name in said
        assert str(tmp_path) not in said or not harm
