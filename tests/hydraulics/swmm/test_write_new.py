"""A file that is made from nothing runs, and is read back as it was."""

import numpy as np
import pytest

from wenqu.hydraulics.swmm.read import read_inp
from wenqu.hydraulics.swmm.run import run_swmm
from wenqu.hydraulics.swmm.sections import parse_inp
from wenqu.hydraulics.swmm.write import write_inp
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, Network, assets
from wenqu.series.model import series

CITY = City("test")


def city():
    """A little city with what the engine does not know: station, plant, channel, gully, and gaps."""
    manholes = {"invert_level": [10.0, np.nan, 8.0], "ground_level": [13.0, 12.5, 12.0]}
    conduits = {
        "from_id": ["井 一", "YL1", "泵站", "井3", "井 一", "Q1"],
        "to_id": ["井2", "井2", "井3", "厂", "nowhere", "PK1"],
        "length": [50.0, 10.0, 200.0, np.nan, 5.0, 20.0],
        "height": [0.4, np.nan, 0.3, 0.5, 0.3, 0.3],
        "from_invert": [10.0, 11.0, np.nan, np.nan, np.nan, np.nan],
        "to_invert": [9.6, 10.0, np.nan, np.nan, np.nan, np.nan],
    }
    point = Shapes.points(np.array([[0.0, 0.0], [50.0, 0.0], [300.0, 0.0]]))
    dwf = {"dwf_m3_per_s": np.array([0.005, 0.0, 0.0])}
    tables = [
        assets("manhole", ["井 一", "井2", "井3"], manholes, point, dwf),
        assets("gully", ["YL1"], {"invert_level": [11.0], "ground_level": [12.4]}),
        assets("station", ["泵站"], {"invert_level": [6.0], "ground_level": [12.0], "design_flow": [0.02]}),
        assets("plant", ["厂"], {"invert_level": [7.5], "kind": ["municipal"]}),
        assets("storage", ["Q1"], {"invert_level": [8.0], "depth": [3.0], "volume": [60.0]}),
        assets("outfall", ["PK1"], {"invert_level": [7.0], "kind": ["free"], "flap": [1]}),
        assets("conduit", [f"管{n}" for n in range(6)], conduits),
        assets(
            "channel",
            ["渠"],
            {
                "from_id": ["井2"],
                "to_id": ["泵站"],
                "length": [100.0],
                "bottom_width": [1.0],
                "depth": [1.0],
                "side_slope": [1.5],
                "to_invert": [7.0],
            },
        ),
        assets(
            "catchment",
            ["汇"],
            {
                "outlet_id": ["井 一"],
                "area": [10_000.0],
                "imperviousness": [0.6],
                "width": [100.0],
                "gauge": ["雨"],
                "infiltration_first": [2e-5],
                "infiltration_last": [2e-6],
            },
        ),
        assets("gauge", ["雨"], {"measures": ["rain"]}),
        assets(
            "weir",
            ["堰"],
            {
                "from_id": ["井3"],
                "to_id": ["Q1"],
                "crest_height": [1.0],
                "width": [1.0],
                "height": [0.5],
                "kind": ["transverse"],
            },
        ),
    ]
    return Network(CITY, {table.type: table for table in tables})


def test_a_file_made_from_nothing_runs_and_carries_the_sewage_to_the_plant():
    times = np.datetime64("2020-01-01T01:00:00") + np.arange(12) * np.timedelta64(300, "s")
    rain = {"雨": series("雨", "rain", times, np.full(12, 5e-6))}
    issues = []
    text = write_inp(
        city(),
        rain=rain,
        issues=issues,
        options={"ROUTING_STEP": "5", "END_DATE": "01/01/2020", "END_TIME": "12:00:00"},
    )
    told = {(issue.code, issue.asset) for issue in issues}
    assert {("inp.left-out", "管4"), ("inp.assumed", "管1"), ("inp.renamed", "井 一")} <= told
    run = run_swmm(text)
    links = dict(zip(run.results.links, run.results.link("flow").T, strict=True))
    assert run.worst_continuity < 0.05
    assert links["管3"][-1] == pytest.approx(0.005, rel=0.05)  # dry weather again at noon: the sewage alone
    assert links["管0"].max() > 0.02  # the shower: 0.6 ha × 5 µm/s = 0.03 m³/s
    assert links["泵站_pump"].max() <= 0.0201  # the pumps give no more than they are built for
    assert run.results.system("rain").max() == pytest.approx(5e-6, rel=1e-3)


def test_a_file_made_from_nothing_is_read_back_as_it_was():
    text = write_inp(city())
    again = read_inp(text.encode(), CITY, name="m.inp").network
    storage = again.table("storage")
    assert dict(zip(storage.ids, storage.column("area"), strict=True))["Q1"] == pytest.approx(20)
    catchment = again.table("catchment")
    assert catchment.column("area")[0] == pytest.approx(10_000)
    assert catchment.column("infiltration_first")[0] == pytest.approx(2e-5)
    channel = list(again.table("conduit").ids).index("渠")
    assert again.table("conduit").column("shape")[channel] == "trapezoidal"
    assert again.table("conduit").column("size3")[channel] == 1.5
    assert write_inp(again, parse_inp(text.encode())[0]) == text
