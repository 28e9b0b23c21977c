"""A long profile by hand: three manholes, one pipe that rises, one defect."""

import xml.etree.ElementTree as ET

import ezdxf
import numpy as np
import pytest

from wenqu.network.checks.whole import levels
from wenqu.network.long_profile import LongProfile, Mark, Water, long_profile
from wenqu.network.model import City, Network, assets
from wenqu.network.topology import topology
from wenqu.network.traces import path
from wenqu.reports.profile_drawing import frame_of, profile_svg
from wenqu.reports.profile_dxf import profile_dxf

SVG = "{http://www.w3.org/2000/svg}"


def network():
    return Network(
        City("profile", simulated=True),
        {
            "manhole": assets(
                "manhole",
                ["A", "B", "C"],
                {
                    "name": ["<甲>", None, None],
                    "ground_level": [10.0, 9.5, 9.0],
                    "invert_level": [8.0, 7.6, 7.0],
                },
            ),
            "conduit": assets(
                "conduit",
                ["p", "q"],
                {
                    "from_id": ["A", "B"],
                    "to_id": ["B", "C"],
                    "length": [50.0, 30.0],
                    "height": [0.4, 0.5],
                    "from_invert": [8.0, 7.6],
                    "to_invert": [7.75, 7.66],
                },
            ),
        },
    )


@pytest.fixture
def profile():
    made = network()
    topo = topology(made)
    way = path(topo, topo.node("A"), topo.node("C"))
    bare = long_profile(made, topo, levels(made, topo), (way.nodes, way.links))
    return LongProfile(
        bare.stops,
        bare.stretches,
        (Mark("p", 20.0, 0.0, "PL", 3, "2025-01-01"),),
        (Water("A", 0.0, 8.2), Water("C", 80.0, 7.3)),
        bare.simulated,
    )


def test_stops_and_stretches_have_the_levels_slopes_and_distances_of_the_survey(profile):
    assert [stop.distance for stop in profile.stops] == [0.0, 50.0, 80.0]
    assert [stop.invert for stop in profile.stops] == [8.0, 7.6, 7.0]
    first, second = profile.stretches
    assert first.slope == pytest.approx(0.005)  # (8.00 - 7.75) / 50
    assert second.slope == pytest.approx(-0.002)  # (7.60 - 7.66) / 30
    assert (first.adverse, second.adverse) == (False, True)
    assert profile.length == 80.0


def test_the_drawing_shows_each_manhole_pipe_defect_and_level_at_its_place(profile):
    drawn = ET.fromstring(profile_svg(profile, "zh"))  # noqa: S314 - our own text
    frame = frame_of(profile)
    words = [entry.text for entry in drawn.iter(f"{SVG}text")]
    assert "<甲>" in words
    assert {"9.50", "7.60", "1.90", "DN400", "5.00 ‰", "-2.00 ‰"} <= set(words)
    assert [entry.get("data-link") for entry in drawn.iter(f"{SVG}g") if entry.get("data-link")] == ["p", "q"]
    circle = next(drawn.iter(f"{SVG}circle"))
    assert float(circle.get("cx")) == pytest.approx(frame.x(20.0), abs=0.1)
    assert float(circle.get("cy")) == pytest.approx(frame.y(8.0 - 20 * 0.005 + 0.4), abs=0.1)  # on the crown
    assert any("模拟" in (word or "") for word in words)


def test_the_page_gets_its_own_colours_and_a_file_gets_fixed_ones(profile):
    assert "var(--text" in profile_svg(profile, "en", themed=True)
    assert "var(" not in profile_svg(profile, "en")


def test_what_is_not_known_is_left_out_and_nothing_breaks():
    made = network()
    ends = {"from_id", "to_id"}
    tables = {
        name: assets(name, table.ids, {key: column for key, column in table.fields.items() if key in ends})
        for name, table in made.tables.items()
    }
    bare = Network(made.city, tables)
    topo = topology(bare)
    way = path(topo, topo.node("A"), topo.node("C"))
    found = long_profile(bare, topo, levels(bare, topo), (way.nodes, way.links))
    assert np.isnan(found.stops[0].ground)
    assert not found.stretches[0].adverse
    assert "–" in profile_svg(found, "en")
    assert profile_dxf(found, "en").startswith(b"  0")


def test_the_dxf_is_sound_and_has_layers_a_chinese_style_and_exaggerated_heights(profile, tmp_path):
    file = tmp_path / "profile.dxf"
    file.write_bytes(profile_dxf(profile, "zh", exaggeration=10.0))
    drawing = ezdxf.readfile(file)
    assert drawing.audit().errors == []
    assert {"GROUND", "PIPE", "ADVERSE", "MANHOLE", "WATER", "DEFECT", "TEXT"} <= {
        layer.dxf.name for layer in drawing.layers
    }
    assert drawing.styles.get("WENQU").dxf.font == "simsun.ttc"
    ground = next(iter(drawing.modelspace().query('LWPOLYLINE[layer=="GROUND"]')))
    heights = [point[1] for point in ground.get_points()]
    assert heights[0] - heights[-1] == pytest.approx((10.0 - 9.0) * 10)
    assert any(entry.dxf.text == "<甲>" for entry in drawing.modelspace().query("TEXT"))
    assert len(drawing.modelspace().query('LWPOLYLINE[layer=="ADVERSE"]')) == 2  # invert and crown of q
