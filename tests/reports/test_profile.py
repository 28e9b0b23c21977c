"""A long profile by hand: three manholes, one pipe that rises, one defect."""

import xml.etree.ElementTree as ET
from dataclasses import replace

import ezdxf
import numpy as np
import pytest

from wenqu.network.checks.whole import levels
from wenqu.network.long_profile import LongProfile, Mark, Water, long_profile
from wenqu.network.model import City, Network, assets
from wenqu.network.topology import topology
from wenqu.network.traces import path
from wenqu.reports.profile_drawing import frame_of, profile_svg, runs, slopes_told
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


def test_every_figure_of_the_dxf_is_that_of_the_profile(profile, tmp_path):
    file = tmp_path / "profile.dxf"
    file.write_bytes(profile_dxf(profile, "zh", exaggeration=10.0))
    space = ezdxf.readfile(file).modelspace()
    datum = 7.0 - 2.0  # [m] two below the lowest invert

    def ends(layer):
        found = space.query(f'LWPOLYLINE[layer=="{layer}"]')
        return [[(x, y / 10 + datum) for x, y, *_ in line.get_points()] for line in found]

    def close(lines):
        return [[pytest.approx(place) for place in line] for line in lines]

    assert ends("GROUND") == close([[(0, 10.0), (50, 9.5), (80, 9.0)]])
    assert ends("PIPE") == close([[(0, 8.0), (50, 7.75)], [(0, 8.4), (50, 8.15)]])  # invert, crown of DN400
    assert ends("ADVERSE") == close([[(50, 7.6), (80, 7.66)], [(50, 8.1), (80, 8.16)]])
    assert ends("MANHOLE") == close([[(0, 8.0), (0, 10.0)], [(50, 7.6), (50, 9.5)], [(80, 7.0), (80, 9.0)]])
    rings = {layer: space.query(f'CIRCLE[layer=="{layer}"]') for layer in ("DEFECT", "WATER")}
    places = {
        layer: [(one.dxf.center.x, one.dxf.center.y / 10 + datum) for one in found]
        for layer, found in rings.items()
    }
    assert places["DEFECT"] == [pytest.approx((20, 8.0 - 20 * 0.005 + 0.4))], "on the crown where it is"
    assert places["WATER"] == [pytest.approx((0, 8.2)), pytest.approx((80, 7.3))]
    words = {entry.dxf.text for entry in space.query("TEXT")}
    assert {"DN400", "5.00‰", "-2.00‰", "PL-3", "8.20", "1.90", "50.0"} <= words


def test_a_level_stands_at_its_gauge_and_none_is_made_up_between_two(profile):
    drawn = ET.fromstring(profile_svg(profile, "zh"))  # noqa: S314 - our own text
    frame = frame_of(profile)
    waters = [group for group in drawn.iter(f"{SVG}g") if group.get("data-water")]
    assert [group.get("data-water") for group in waters] == ["A", "C"]
    assert [group.find(f"{SVG}text").text for group in waters] == ["8.20", "7.30"]
    assert float(waters[1].find(f"{SVG}text").get("x")) == pytest.approx(frame.x(80.0) + 7, abs=0.1)
    between = [(frame.x(at), frame.y(level)) for at, level in ((0.0, 8.2), (80.0, 7.3))]
    joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in between)
    assert joined not in [line.get("points") for line in drawn.iter(f"{SVG}polyline")]


def test_bores_and_slopes_of_short_pipes_are_told_by_the_run(profile):
    first, second = profile.stretches
    short = [replace(first, id=f"p{at}", start=at, end=at + 1, slope=0.004 + at / 1e4) for at in range(50)]
    made = replace(profile, stretches=(*short, second), marks=())
    told = runs(made, frame_of(made))
    assert [len(run) for run in told] == [50, 1]
    assert slopes_told(told[0]) == "4.00 … 8.90 ‰"
    words = [entry.text for entry in ET.fromstring(profile_svg(made, "zh")).iter(f"{SVG}text")]  # noqa: S314
    assert words.count("DN400") == 1
    assert "4.00 … 8.90 ‰" in words
