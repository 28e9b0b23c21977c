"""A city of one asset of every type, sound in every respect: for tests and for the manual."""

import numpy as np

from wenqu.network.geometry import Shapes
from wenqu.network.model import Assets, City, Network, assets

CORNER = np.array([499000.0, 3171000.0])  # [m] corner of the little city, CGCS2000 / 3-degree zone 120°E


def at(*places: tuple[float, float]) -> Shapes:
    """Return points, given in metres from the corner."""
    return Shapes.points(np.array(places, dtype=np.float64) + CORNER)


def along(*lines: tuple[tuple[float, float], ...]) -> Shapes:
    """Return one line an asset, given in metres from the corner."""
    coords = np.array([place for line in lines for place in line], dtype=np.float64) + CORNER
    return Shapes.lines(coords, np.cumsum([0, *(len(line) for line in lines)]))


def around(*boxes: tuple[float, float, float, float]) -> Shapes:
    """Return one rectangle an asset: west, south, east, north in metres from the corner."""
    rings = [((w, s), (e, s), (e, n), (w, n), (w, s)) for w, s, e, n in boxes]
    lines = along(*rings)
    return Shapes(lines.coords, lines.parts, lines.assets)


def little_city() -> Network:
    """Return the little city: sewage to a plant, rain through a tank to the river, a village beside it."""
    tables = (*_sewage(), *_rain(), *_river(), *_things())
    city = City("little", "小城", "Little city", "EPSG:4549", simulated=True)
    return Network(city, {table.type: table for table in tables})


def _sewage() -> tuple[Assets, ...]:
    """M1 → M2 → M3 → station S1 ⇒ M4 → plant P1 → outfall O1; R1 and R2 belong to the rain below."""
    return (
        assets(
            "manhole",
            ["M1", "M2", "M3", "M4", "R1", "R2", "R3"],
            {
                "system": ["sanitary"] * 4 + ["storm"] * 3,
                "ground_level": [5.0] * 7,
                "invert_level": [3.5, 3.3, 3.1, 3.5, 3.9, 3.8, 3.3],
                "depth": [1.5, 1.7, 1.9, 1.5, 1.1, 1.2, 1.7],
                "kind": ["inspection"] * 7,
            },
            at((0, 0), (50, 0), (100, 0), (200, 0), (50, 60), (100, 60), (200, 60)),
        ),
        assets(
            "conduit",
            ["C1", "C2", "C3", "C4", "C5", "D1", "D2"],
            {
                "from_id": ["M1", "M2", "M3", "M4", "P1", "G1", "R1"],
                "to_id": ["M2", "M3", "S1", "P1", "O1", "R1", "R2"],
                "system": ["sanitary"] * 5 + ["storm"] * 2,
                "length": [50.0] * 7,
                "height": [0.3, 0.3, 0.4, 0.4, 0.6, 0.3, 0.5],
                "shape": ["circular"] * 7,
                "material": ["hdpe"] * 5 + ["reinforced_concrete"] * 2,
                "year": [2012, 2012, 2012, 2013, 2013, 1998, 1998],
                "roughness": [0.011] * 5 + [0.013] * 2,
            },
            along(
                ((0, 0), (50, 0)),
                ((50, 0), (100, 0)),
                ((100, 0), (150, 0)),
                ((200, 0), (250, 0)),
                ((250, 0), (300, 0)),
                ((0, 60), (50, 60)),
                ((50, 60), (100, 60)),
            ),
        ),
        assets(
            "station",
            ["S1"],
            {
                "design_flow": [0.02],
                "pumps": [2],
                "invert_level": [1.5],
                "ground_level": [5.0],
                "system": ["sanitary"],
            },
            at((150, 0)),
        ),
        assets(
            "pump",
            ["PU1"],
            {
                "from_id": ["S1"],
                "to_id": ["M4"],
                "station": ["S1"],
                "design_flow": [0.02],
                "start_depth": [1.0],
            },
            along(((150, 0), (200, 0))),
        ),
        assets(
            "plant",
            ["P1"],
            {"capacity": [0.05], "kind": ["municipal"], "invert_level": [3.2], "ground_level": [5.0]},
            at((250, 0)),
        ),
        assets(
            "outfall",
            ["O1", "O2"],
            {
                "invert_level": [2.8, 2.9],
                "ground_level": [5.0, 5.0],
                "system": ["sanitary", "storm"],
                "receiving": ["H1", "H1"],
            },
            at((300, 0), (300, 60)),
        ),
    )


def _rain() -> tuple[Assets, ...]:
    """Gully G1 → R1 → R2 through gate GA1 into tank T1, over weir W1 to R3, by channel CH1 to O2."""
    return (
        assets(
            "gully",
            ["G1"],
            {"ground_level": [5.0], "invert_level": [4.1], "connects_to": ["R1"]},
            at((0, 60)),
        ),
        assets(
            "gate",
            ["GA1"],
            {"from_id": ["R2"], "to_id": ["T1"], "height": [0.5], "width": [0.5], "crest_height": [0.0]},
            along(((100, 60), (150, 60))),
        ),
        assets(
            "storage",
            ["T1"],
            {
                "ground_level": [5.0],
                "invert_level": [2.5],
                "depth": [2.5],
                "area": [100.0],
                "volume": [250.0],
            },
            at((150, 60)),
        ),
        assets(
            "weir",
            ["W1"],
            {"from_id": ["T1"], "to_id": ["R3"], "crest_height": [1.0], "width": [2.0]},
            along(((150, 60), (200, 60))),
        ),
        assets(
            "channel",
            ["CH1"],
            {
                "from_id": ["R3"],
                "to_id": ["O2"],
                "length": [100.0],
                "bottom_width": [1.0],
                "depth": [1.0],
                "system": ["storm"],
            },
            along(((200, 60), (300, 60))),
        ),
        assets(
            "catchment",
            ["K1"],
            {"outlet_id": ["G1"], "area": [2500.0], "imperviousness": [0.6], "slope": [0.01]},
            around((0, 35, 50, 85)),
        ),
    )


def _river() -> tuple[Assets, ...]:
    return (
        assets("reach", ["H1"], {"river": ["小河"], "class_target": ["IV"]}, along(((310, -50), (310, 110)))),
        assets("section", ["X1"], {"reach": ["H1"]}, at((310, 100))),
        assets("gauge", ["RG1"], {"measures": ["rain"]}, at((20, 20))),
        assets("meter", ["Q1"], {"on_id": ["C3"], "measures": ["flow"]}, at((125, 0))),
        assets("zone", ["Z1"], {"kind": ["district"], "population": [800]}, around((-20, -20, 320, 120))),
        assets("village", ["V1"], {"name": ["小村"]}, at((-200, 60))),
        assets("facility", ["F1"], {"name": ["小村终端"]}, at((-210, 70))),
    )


def _things() -> tuple[Assets, ...]:
    return (
        assets(
            "source",
            ["U1"],
            {"trade": ["market"], "connects_to": ["M1"], "permit_no": ["0001"]},
            at((5, 5)),
        ),
        assets("sludge_site", ["L1"], {"name": ["污泥堆场"]}, at((260, -20))),
        assets("vehicle", ["T1"], {"name": ["罐车一"]}),
    )
