"""Which lines a file of what was built holds, and where they lie."""

import ezdxf
import numpy as np
import orjson
import pytest

from wenqu.errors import BadInput
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, Network, assets
from wenqu.services.city_state import CityState, transformed
from wenqu.services.read_lines import read_lines
from wenqu.services.register_form import DEGREES

CRS = "EPSG:4549"
LINE = np.array([[500000.0, 3200000.0], [500060.0, 3200020.0], [500100.0, 3200000.0]])


@pytest.fixture(scope="module")
def city():
    pipe = assets("conduit", ["p1"], {"height": [0.4]}, Shapes.lines(LINE[[0, 2]], np.array([0, 2])))
    return CityState(Network(City("c", crs=CRS), {"conduit": pipe}))


def there(told):
    """Return the corners of the only line in the city's own system."""
    (line,) = told["lines"]
    return transformed(np.array(line["parts"][0]), DEGREES, CRS)


def test_geojson_in_degrees_draws_the_line_where_it_was_surveyed(city):
    corners = transformed(LINE, CRS, DEGREES).tolist()
    one = {
        "type": "Feature",
        "properties": {"name": "p1"},
        "geometry": {"type": "LineString", "coordinates": corners},
    }
    told = read_lines(city, "a.geojson", orjson.dumps({"type": "FeatureCollection", "features": [one]}))
    assert (told["count"], told["lines"][0]["name"]) == (1, "p1")
    assert there(told) == pytest.approx(LINE, abs=0.01)


def test_a_drawing_names_no_system_and_is_read_in_the_citys(city, tmp_path):
    drawing = ezdxf.new()
    drawing.modelspace().add_lwpolyline(LINE.tolist())
    drawing.saveas(tmp_path / "a.dxf")
    told = read_lines(city, "a.dxf", (tmp_path / "a.dxf").read_bytes())
    assert told["crs"] == CRS
    assert there(told) == pytest.approx(LINE, abs=0.01)


@pytest.mark.parametrize("heads", ["x,y", "东坐标,北坐标"])
def test_corners_in_rows_are_one_line_in_their_order(city, heads):
    rows = "\n".join(f"{x},{y}" for x, y in LINE)
    assert there(read_lines(city, "a.csv", f"{heads}\n{rows}\n".encode())) == pytest.approx(LINE, abs=0.01)


def test_a_survey_whose_x_runs_to_the_north_is_turned_and_says_so(city):
    rows = "\n".join(f"{north},{east}" for east, north in LINE)
    told = read_lines(city, "a.csv", f"x,y\n{rows}\n".encode())
    assert told["swapped"]
    assert there(told) == pytest.approx(LINE, abs=0.01)


def test_a_column_of_pipes_parts_the_corners(city):
    rows = "\n".join(f"{name},{x},{y}" for name in ("p1", "p2") for x, y in LINE)
    told = read_lines(city, "a.csv", f"管段编号,x,y\n{rows}\n".encode())
    assert [(line["name"], len(line["parts"][0])) for line in told["lines"]] == [("p1", 3), ("p2", 3)]


def test_numbered_corners_are_not_lines_of_one_point(city):
    rows = "\n".join(f"{number},{x},{y}" for number, (x, y) in enumerate(LINE))
    assert len(there(read_lines(city, "a.csv", f"id,x,y\n{rows}\n".encode()))) == 3


def test_what_holds_no_line_or_lies_elsewhere_is_refused_in_words(city):
    with pytest.raises(BadInput, match="lines-none"):
        read_lines(city, "a.csv", b"name,note\np1,nothing\n")
    with pytest.raises(BadInput, match="lines-far"):
        read_lines(city, "a.csv", b"lon,lat\n120.0,30.0\n120.1,30.0\n")
    with pytest.raises(BadInput, match="format"):
        read_lines(city, "a.png", b"no file of lines")
