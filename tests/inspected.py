"""A small city and surveys of it as a crew writes them, for the tests of the take-in."""

import numpy as np

from wenqu.network.geometry import Shapes
from wenqu.network.model import City, assets

CITY = "demo"
NODES = {"A": (0, 0), "B": (50, 0), "C": (100, 0), "D": (150, 0), "E": (0, 500), "F": (60, 500)}
PIPES = {  # from, to, length [m], district
    "P1": ("A", "B", 50.0, "north"),
    "P2": ("B", "C", 50.0, "north"),
    "P3": ("C", "D", 50.0, "north"),
    "Q1": ("E", "F", 60.0, "south"),
}
CORNER = np.array([499000.0, 3171000.0])


def pipes(*ids):
    begin, end, length, district = zip(*(PIPES[id_] for id_ in ids), strict=True)
    coords = np.array([NODES[name] for id_ in ids for name in PIPES[id_][:2]], dtype=np.float64)
    return assets(
        "conduit",
        list(ids),
        {"from_id": begin, "to_id": end, "length": length, "district": district, "height": [0.4] * len(ids)},
        Shapes.lines(coords + CORNER, np.arange(0, 2 * len(ids) + 1, 2)),
    )


def put_city(store, *ids):
    """Write the city with some of its pipes."""
    places = np.array(list(NODES.values()), dtype=np.float64) + CORNER
    district = ["north" if y < 300 else "south" for _, y in NODES.values()]
    with store.change(CITY, who="tester", why="network") as change:
        change.put_city(City(CITY, "样城", "Demo", "EPSG:4549"))
        change.put(assets("zone", ["north", "south"], {"kind": ["district"] * 2, "name": ["北区", "南区"]}))
        change.put(assets("manhole", list(NODES), {"district": district}, Shapes.points(places)))
        change.put(pipes(*(ids or PIPES)))


def block(name, start, end, seen, *rows, date="2026-05-01", way="A", number=1):
    """Return one inspection as EN 13508-2 text; a row is (metres, code, picture, film reference)."""
    towards = end if way == "A" else start
    head = f"{start},{end},{start},{seen},{date},{9 + number % 10:02d}:00,{way},{name}"
    lines = ["#B01=AAD,AAF,AAB,ABQ,ABF,ABG,AAK,AAA", head, "#C=I,A,B,C,D,G,M,N"]
    lines += [f"{metres},{code},A,,3,12,{picture},{film}" for metres, code, picture, film in rows]
    assert towards
    return "\n".join([*lines, "#Z", ""])


HEAD = '#A1=UTF-8\n#A2=en\n#A3=,\n#A4=.\n#A5="\n#A6=2010\n'


def survey_text(*blocks):
    """Return a file of EN 13508-2."""
    return (HEAD + "".join(blocks)).encode()
